/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding - something that the watch alerts on, and the alert that it becomes (gid 3, origin "pack").
 *
 * Each watcher has its own table of rows, which its ops name; a sid is never
 * given to something else later.
 */
#pragma once

#include <stdint.h>

#include "sensor/watch/seen.h"

enum {
	QW_FINDING_GID = 3,
	/* the first sid of each watcher; a block has 100 */
	QW_FINDING_ASSETS = 3000001,
	QW_FINDING_BASELINE = 3000101,
	QW_FINDING_SESSIONS = 3000201,
	QW_FINDING_SCANS = 3000301,
	QW_FINDING_BEACON = 3000401,
	QW_FINDING_EXFIL = 3000501,
	QW_FINDING_SILENCE = 3000601,
	QW_FINDING_GATEWAY = 3000701,
	QW_FINDING_ZONES = 3000801,
	QW_FINDING_POSITIONS = 3000901,
	QW_FINDING_AIS = 3001001,
	QW_FINDING_CYCLE = 3001101,
	QW_FINDING_BLOCK = 100,
};

struct qw_finding_row {
	uint32_t sid;
	const char *text;      /* alert.signature: what happened, for who reads it at night */
	const char *category;  /* alert.category */
	uint8_t severity;      /* 1: act now, 2: look today, 3: know it */
	const char *technique; /* MITRE ATT&CK for ICS: "T0843"; NULL: none */
	const char *detection; /* of the catalogue of detections: "M01"; NULL: none */
};

struct qw_finding {
	const struct qw_finding_row *row;
	const struct qw_seen *seen;  /* at what; NULL: at nothing that was just seen, and what follows counts */
	struct qw_seen_end src, dst; /* either may be unknown */
	struct qw_time time;
	const char *app;             /* "modbus"; NULL: none */
	/* ---- with or without `seen` */
	uint64_t what;      /* tells apart what is not the same though the ends are; 0: nothing does */
	const char *detail; /* quaywatch.text: one sentence with the facts, or NULL */
};

/* Writes the alert; `count`: how many findings it stands for. */
void qw_finding_write(struct qw_event_writer *writer, const struct qw_finding *finding, uint64_t count);

/* When it was found. */
struct qw_time qw_finding_time(const struct qw_finding *finding);

/* What makes two findings the same: what was found, of whom. */
struct qw_finding_key {
	uint64_t sid, what;
	uint8_t ends[2][16]; /* client and server, or source and destination; without address: MAC */
};
struct qw_finding_key qw_finding_key(const struct qw_finding *finding);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format - indicators as files that others read: one row of functions for each format.
 *
 * The same entries in the same order are the same bytes: no time of writing, no
 * random ids; UUIDs are of version 5 (RFC 9562) in a name space of our own.
 *
 *	csv        a header and a line each (RFC 4180)
 *	plain      a value a line
 *	stix       a STIX 2.1 bundle (OASIS), with TLP 2.0 markings and who says so
 *	misp       one MISP event
 *	suricata   a dataset's file (Suricata 6 and later); of one type
 *
 * One thread.
 */
#pragma once

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>

#include "quaywatch/indicator.h"
#include "quaywatch/text.h"

struct qw_format_entry {
	const struct qw_indicator *indicator;
	struct qw_time born, at; /* since when it is in the channel; its last change */
};

enum { QW_FORMAT_ROOM = 64 * 1024 };

struct qw_format_writer {
	const struct qw_format *format;
	FILE *file;
	uint64_t written, unfit; /* unfit: of a type that the format does not know */
	struct qw_time newest;
	crypto_generichash_state sum; /* of what was written */
	unsigned marked;	      /* TLP labels whose definition was written, bits */
	char (*source)[64];	      /* sources that were written */
	size_t sources, room;
	char memory[QW_FORMAT_ROOM];
};

struct qw_format {
	const char *name, *media; /* media: its MIME type */
	bool typed;               /* a file is of one type of observable */
	void (*begin)(struct qw_format_writer *writer); /* may be NULL, as end */
	/* Writes into text; false: it has no place for it. */
	bool (*put)(struct qw_format_writer *writer, const struct qw_format_entry *entry, struct qw_text *text);
	void (*end)(struct qw_format_writer *writer);
};

/* "csv", …; NULL: there is none. */
const struct qw_format *qw_format_find(const char *name);

/* The writer is QW_FORMAT_ROOM large: not for the stack.  The file stays the caller's. */
void qw_format_begin(struct qw_format_writer *writer, const struct qw_format *format, FILE *file);
void qw_format_put(struct qw_format_writer *writer, const struct qw_format_entry *entry);
void qw_format_end(struct qw_format_writer *writer); /* and frees what it holds */

/* ---- for the formats */

/* Bytes that count for the sum, too. */
void qw_format_write(struct qw_format_writer *writer, const void *data, size_t len);

enum { QW_UUID_MAX = 37, QW_FORMAT_TIME_MAX = 32 };
/* Of a kind of thing ("indicator") and its name. */
void qw_format_uuid(const char *kind, const void *name, size_t len, char out[QW_UUID_MAX]);
/* RFC 3339, UTC, with microseconds: "2026-11-22T14:18:47.000000Z". */
void qw_format_time(struct qw_time at, char out[QW_FORMAT_TIME_MAX]);

extern const struct qw_format qw_format_csv, qw_format_plain, qw_format_stix, qw_format_misp, qw_format_suricata;

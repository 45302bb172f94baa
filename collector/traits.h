/* SPDX-License-Identifier: Apache-2.0 */
/*
 * traits - what an alert has in common with others: its indicator, signature, certificate, JA4, payload.
 *
 * Taken from the line that goes into the alert log, by looking for the members'
 * names: a name with its quotes cannot stand within a JSON string.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/name.h"
#include "quaywatch/time.h"

enum qw_trait_kind {
	QW_TRAIT_INDICATOR,
	QW_TRAIT_SIGNATURE,
	QW_TRAIT_CERTIFICATE,
	QW_TRAIT_JA4,
	QW_TRAIT_PAYLOAD,
	QW_TRAIT_KINDS
};

const char *qw_trait_kind_name(enum qw_trait_kind kind); /* "indicator", … */

enum { QW_TRAIT_VALUE_MAX = 96, QW_TRAIT_TEXT_MAX = 120, QW_TRAIT_SAMPLE_MAX = 160 };

struct qw_trait {
	enum qw_trait_kind kind;
	char value[QW_TRAIT_VALUE_MAX]; /* "ip 192.0.2.7", "1:2100498", a digest; cut where it is longer */
	uint64_t key;                   /* of kind and the whole value */
};

struct qw_traits {
	struct qw_identity who;
	struct qw_time at; /* of the packet */
	uint64_t count;    /* that the record adds */
	unsigned severity; /* 1: the gravest; 0: none given */
	unsigned confidence;
	bool ot;           /* of an OT protocol, or of a shipped pack */
	uint64_t actor[2]; /* who did it to whom, within the tenant; 0: not told */
	char text[QW_TRAIT_TEXT_MAX];     /* the signature's */
	char sample[QW_TRAIT_SAMPLE_MAX]; /* "gate-1: 10.1.2.3 to 10.1.2.9 (smb)" */
	size_t traits;
	struct qw_trait trait[QW_TRAIT_KINDS];
};

/* False: no alert of a sensor, or nothing that others could have in common with it. */
bool qw_traits_of_line(struct qw_traits *out, const char *line, size_t len);

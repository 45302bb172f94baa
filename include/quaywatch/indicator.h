/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicator - an observable held to be bad (or, an allow entry, held to be good).
 *
 * Its id is 64 bits of the keyless BLAKE2b-64 digest of "type\0canonical text":
 * equal everywhere for the same observable, never assigned.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/diag.h"
#include "quaywatch/observable.h"
#include "quaywatch/time.h"

/* Traffic Light Protocol 2.0 (FIRST, 2022), from the most open. */
enum qw_tlp { QW_TLP_CLEAR, QW_TLP_GREEN, QW_TLP_AMBER, QW_TLP_AMBER_STRICT, QW_TLP_RED, QW_TLP_COUNT };

const char *qw_tlp_name(enum qw_tlp tlp); /* "CLEAR", …, "AMBER+STRICT" */
enum qw_tlp qw_tlp_parse(const char *text, size_t len); /* any case, "TLP:" optional, "WHITE" is CLEAR; QW_TLP_COUNT: none */

/* How many tenants met it: as much as others may learn. */
enum qw_prevalence { QW_PREVALENCE_UNTOLD, QW_PREVALENCE_FEW, QW_PREVALENCE_MANY, QW_PREVALENCE_COUNT };

enum { QW_PREVALENCE_MANY_FROM = 3 }; /* tenants */

const char *qw_prevalence_name(enum qw_prevalence seen); /* "", "1-2", "3+" */

struct qw_indicator {
	struct qw_observable observable;
	bool allow;                /* an exception: what it covers never alerts */
	uint8_t confidence;        /* 0..100 */
	enum qw_tlp tlp;
	struct qw_time valid_from;  /* 0: always was */
	struct qw_time valid_until; /* 0: has no end */
	enum qw_prevalence seen;
	struct qw_time seen_at;     /* start of the bucket of time by whose end that was so; 0: untold */
	char source[64];            /* "operator", a feed's name, "community"; never a tenant */
	char description[256];      /* may be cut */
};

/* Defaults: confidence 50, GREEN, no bounds of time. */
void qw_indicator_init(struct qw_indicator *indicator);

uint64_t qw_indicator_id(enum qw_observable_type type, const char *text, size_t len);

/* What a reader of a file hands on; the indicator is the reader's, copy what is kept.  An error stops the reader. */
typedef enum qw_err qw_indicator_sink(void *ctx, const struct qw_indicator *indicator);

enum qw_feed_format {
	QW_FEED_UNKNOWN,
	QW_FEED_SIGNATURES, /* Suricata rules */
	QW_FEED_PLAIN,      /* one observable a line; '#' or ';' starts a comment; also Maltrail's lists and hosts files */
	QW_FEED_CSV,        /* with a header line that names at least one column we know */
	QW_FEED_STIX,       /* a STIX 2.1 bundle (OASIS) */
	QW_FEED_MISP,       /* a MISP event, or {"response":[…]} of them */
	QW_FEED_WARNINGLIST, /* a MISP warning list: allow entries */
	QW_FEED_DOCUMENT,   /* a licence, a readme: passed over in folders */
};

const char *qw_feed_format_name(enum qw_feed_format format);

/* What a file is, by its content (its name only breaks ties). */
enum qw_feed_format qw_feed_format_of(const char *path, const uint8_t *data, size_t len);

struct qw_feed_counts {
	uint64_t accepted;
	uint64_t rejected; /* lines or objects that announce an indicator and hold none */
	uint64_t ignored;  /* well-formed parts that are no network or file indicator (texts, registry keys …) */
};

/*
 * Reads all indicators of one file's content.  defaults gives source,
 * confidence and the rest where the file does not.  Bad lines are complained
 * about (path:line:column) and counted, never fatal.  QW_EFORMAT: the file as
 * a whole is broken (its JSON does not parse; complaint added) and nothing
 * more was handed on.  Other errors are the sink's.
 */
enum qw_err qw_feed_read(enum qw_feed_format format, const char *path, const uint8_t *data, size_t len,
			 const struct qw_indicator *defaults, qw_indicator_sink *sink, void *ctx,
			 struct qw_diags *diags, struct qw_feed_counts *counts) QW_MUSTCHECK;

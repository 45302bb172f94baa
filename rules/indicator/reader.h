/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader - what the readers of all formats share: defaults, counts, complaints.
 *
 * A reader sets the fields of reader->indicator that its file gives, then hands
 * on each value.  One thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/indicator.h"

struct qw_reader {
	const char *path;
	const uint8_t *data;
	size_t len;
	const struct qw_indicator *defaults;
	qw_indicator_sink *sink;
	void *ctx;
	struct qw_diags *diags;
	struct qw_feed_counts *counts;
	struct qw_indicator indicator; /* what is handed on next */
	size_t located;                /* bytes searched for places to complain about */
};

typedef enum qw_err qw_feed_reader(struct qw_reader *reader);

qw_feed_reader qw_read_plain;
qw_feed_reader qw_read_csv;
qw_feed_reader qw_read_stix;
qw_feed_reader qw_read_misp;
qw_feed_reader qw_read_warninglist;

/* Sets all fields but the observable back to the defaults. */
void qw_reader_reset(struct qw_reader *reader);

void qw_reader_source(struct qw_reader *reader, const char *text, size_t len);
void qw_reader_description(struct qw_reader *reader, const char *text, size_t len);

/*
 * Hands on one value.  A bad one is complained about and counted (QW_OK); one
 * that no traffic shows (e-mail, SHA-512, …) is counted as ignored.  line 0:
 * the place is looked for in the file.  Errors are the sink's.
 */
enum qw_err qw_reader_value(struct qw_reader *reader, enum qw_observable_type type, const char *text, size_t len,
				uint32_t line, uint32_t column) QW_MUSTCHECK;

/* Counts one value that cannot be used and says why. */
void qw_reader_reject(struct qw_reader *reader, const char *text, size_t len, uint32_t line, uint32_t column,
		      const char *why);

/* "ja3" in the file's own name: its 32-digit digests are JA3. */
bool qw_reader_is_ja3(const struct qw_reader *reader);

/* The type to read a bare value as: QW_OBS_COUNT, but JA3 for 32 digits in a file of these. */
enum qw_observable_type qw_reader_guess(const struct qw_reader *reader, struct qw_slice value);

/* ---- small tools on text */

struct qw_slice qw_slice_trim(struct qw_slice in);
bool qw_slice_equals(struct qw_slice in, const char *text); /* without case */

/* Cuts the next line off, without its end.  False: no more. */
bool qw_next_line(struct qw_slice *rest, struct qw_slice *line);

/* Past a UTF-8 byte order mark. */
struct qw_slice qw_skip_mark(struct qw_slice in);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_range - files that come in pieces (206), one answer after the other.
 *
 * Pieces of one file that follow each other on one connection are one file:
 * each answer shows what came so far, the last one size and digests.  Pieces
 * that do not fit, or come on other connections, stay pieces.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "sensor/protocol/content.h"

/* What an answer says of itself. */
struct qw_http_range {
	uint64_t file;               /* names host and address */
	uint64_t first, last, total; /* bytes */
	uint32_t before;             /* bytes of the content that earlier answers brought */
};

/* All zero: none. */
struct qw_http_partial {
	uint64_t file, next, total;
	struct qw_content content;
};

/* "bytes 0-99/1000".  False: not that, or the total is not known. */
bool qw_http_range_parse(struct qw_slice header, struct qw_http_range *out);

uint64_t qw_http_range_file(struct qw_slice host, struct qw_slice uri);

/* The answer begins: what came before, if it goes on there, is moved into *body. */
void qw_http_range_begin(void *state, struct qw_http_partial *partial, struct qw_http_range *range,
			 struct qw_content *body);

/* Does this answer end the file? */
bool qw_http_range_ends(const struct qw_http_range *range);

/* The answer ended well, the file did not: keeps *body for the next one. */
void qw_http_range_keep(void *state, struct qw_http_partial *partial, const struct qw_http_range *range,
			struct qw_content *body);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail - the parts of a mail message (MIME), decoded, line by line.
 *
 * Each leaf part is a file: its content in `body`, its name, if it says one,
 * in `name`.  Headers and what stands between parts are no part.
 */
#pragma once

#include "sensor/protocol/content.h"
#include "sensor/protocol/lines.h"

enum {
	QW_MAIL_DEPTH_MAX = 4,     /* multiparts within each other; deeper ones stay one part */
	QW_MAIL_BOUNDARY_MAX = 70, /* RFC 2046, 5.1.1 */
};

enum qw_mail_encoding { QW_MAIL_PLAIN, QW_MAIL_BASE64, QW_MAIL_QUOTED };

/* All zero is not a message yet: begin it. */
struct qw_mail {
	struct {
		uint8_t len;
		uint8_t text[QW_MAIL_BOUNDARY_MAX];
	} boundary[QW_MAIL_DEPTH_MAX];
	uint8_t depth;
	uint8_t encoding; /* enum qw_mail_encoding */
	bool in_header, in_part, multipart;
	bool line_over;   /* a line ended; its end is part of the body only if another line follows */
	uint8_t bits_len; /* base64: bits of `bits` that make no byte yet */
	uint32_t bits;
	struct qw_store header; /* the one that is being read, unfolded */
	struct qw_store name;
	struct qw_content body;
};

enum qw_mail_step {
	QW_MAIL_NOTHING,
	QW_MAIL_GREW,  /* body holds more */
	QW_MAIL_ENDED, /* the part is whole: look at it, then call qw_mail_next_part */
};

void qw_mail_begin(void *state, struct qw_mail *mail);
enum qw_mail_step qw_mail_line(void *state, struct qw_mail *mail, const struct qw_line *line);
void qw_mail_next_part(void *state, struct qw_mail *mail);
void qw_mail_free(void *state, struct qw_mail *mail);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail_event - what is odd in the lines of a mail: lengths, encodings, boundaries.
 *
 * It follows headers and bodies by itself, as far as that needs no memory but
 * one boundary; the mail's parts are read in mail.c.
 */
#pragma once

#include "quaywatch/rule_event.h"
#include "sensor/protocol/lines.h"

enum { QW_MAIL_WATCH_BOUNDARY = 70 };

/* All zero: before a mail's first line. */
struct qw_mail_watch {
	uint32_t line_len; /* of the line so far */
	uint8_t boundary_len;
	uint8_t boundary[QW_MAIL_WATCH_BOUNDARY];
	bool body, base64, quoted, multipart;
	uint16_t told, found; /* bits by row of the table of events */
};

/* The next line, or a part of one. */
void qw_mail_watch_line(struct qw_mail_watch *watch, const struct qw_line *line);

/* The next event that was not told; QW_AE_NONE: there is none. */
enum qw_app_event qw_mail_watch_next(struct qw_mail_watch *watch);

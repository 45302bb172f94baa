/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail - the parts of a mail message or a form (MIME), decoded, line by line.
 *
 * Each leaf part has its content in `body` and its name, if it says one, in
 * `name`; what a mail forwards is read like the mail.  The headers of the mail
 * itself, and addresses that its texts name, are in `known`.  What stands
 * between parts is nobody's.
 */
#pragma once

#include "sensor/protocol/coding.h"
#include "sensor/protocol/content.h"
#include "sensor/protocol/known.h"
#include "sensor/protocol/lines.h"

enum {
	QW_MAIL_DEPTH_MAX = 8,     /* multiparts within each other; deeper ones stay one part */
	QW_MAIL_BOUNDARY_MAX = 70, /* RFC 2046, 5.1.1 */
	QW_MAIL_NAME_MAX = 1024,   /* of a file */
	QW_MAIL_URLS_MAX = 16,     /* that one mail names */
};

enum qw_mail_encoding { QW_MAIL_PLAIN, QW_MAIL_BASE64, QW_MAIL_QUOTED };

/* What a part's Content-Type says. */
enum qw_mail_type { QW_MAIL_TEXT, QW_MAIL_OTHER, QW_MAIL_MULTIPART, QW_MAIL_FORWARDED };

/* All zero is not a message yet: begin it. */
struct qw_mail {
	struct {
		uint8_t len;
		uint8_t text[QW_MAIL_BOUNDARY_MAX];
	} boundary[QW_MAIL_DEPTH_MAX];
	uint8_t depth;
	uint8_t encoding; /* enum qw_mail_encoding */
	uint8_t type;     /* enum qw_mail_type */
	uint8_t urls;
	bool form;        /* parts are fields: only those with a name are files */
	bool main_header; /* the mail's own is being read */
	bool in_header, in_part;
	bool attached;    /* the part says so */
	uint8_t line_end; /* bytes of it that are part of the body only if another line follows */
	struct qw_base64 base64;
	struct qw_store header; /* the one that is being read, unfolded */
	struct qw_store name;
	struct qw_content body;
	struct qw_known known;
};

enum qw_mail_step {
	QW_MAIL_NOTHING,
	QW_MAIL_HEADED, /* the mail's own headers are read */
	QW_MAIL_GREW,   /* body holds more */
	QW_MAIL_ENDED,  /* the part is whole: look at it, then call qw_mail_next_part */
};

void qw_mail_begin(void *state, struct qw_mail *mail);

/* A form's body, whose boundary its Content-Type tells.  False: it tells none. */
bool qw_mail_begin_form(void *state, struct qw_mail *mail, struct qw_slice content_type) __attribute__((warn_unused_result));

enum qw_mail_step qw_mail_line(void *state, struct qw_mail *mail, const struct qw_line *line);

/* Is the part a file: does it have a name, say that it is one, or hold what is no text? */
bool qw_mail_is_file(const struct qw_mail *mail);

/* The part's text names addresses: takes note of them.  At its end. */
void qw_mail_find_urls(void *state, struct qw_mail *mail);

void qw_mail_next_part(void *state, struct qw_mail *mail);
void qw_mail_free(void *state, struct qw_mail *mail);

/* Internal to mail_header.c and mail.c: one line of a header block; true: it ended the block. */
bool qw_mail_header_line(void *state, struct qw_mail *mail, const struct qw_line *line);

/* Internal: one multipart more, whose boundary the value names.  False: none, or too many. */
bool qw_mail_enter(void *state, struct qw_mail *mail, struct qw_slice content_type);

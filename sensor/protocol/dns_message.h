/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_message - one DNS message (RFC 1035), read as far as it makes sense.
 *
 * Names become dotted text with the bytes as sent; the root is the empty
 * text.  No allocation, no state; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/message.h"

enum {
	QW_DNS_HEADER_BYTES = 12,
	QW_DNS_NAME_MAX = 1024,    /* of text; RFC 1035 allows 255, some tunnels do not care */
	QW_DNS_TEXT_BYTES = 8192,  /* of all names of a message that are kept */
	QW_DNS_QUESTIONS_MAX = 16,
	QW_DNS_OTHERS_MAX = 32,    /* authorities and additionals that are kept */
};

enum qw_dns_type {
	QW_DNS_A = 1,
	QW_DNS_NS = 2,
	QW_DNS_CNAME = 5,
	QW_DNS_SOA = 6,
	QW_DNS_PTR = 12,
	QW_DNS_MX = 15,
	QW_DNS_AAAA = 28,
	QW_DNS_SRV = 33,
	QW_DNS_DNAME = 39,
	QW_DNS_OPT = 41,
};

/* What is wrong with a message, one bit each. */
enum qw_dns_flaw {
	QW_DNS_FLAW_BODY = 1 << 0, /* header, questions or answers do not read */
	QW_DNS_FLAW_AUTHORITIES = 1 << 1,
	QW_DNS_FLAW_ADDITIONALS = 1 << 2,
	QW_DNS_FLAW_LONG_NAME = 1 << 3,
	QW_DNS_FLAW_LOOP = 1 << 4, /* pointers of a name run in circles */
	QW_DNS_FLAW_LABELS = 1 << 5, /* too many in one name */
};

struct qw_dns_question {
	struct qw_slice name;
	uint16_t type;
};

/* A record of the sections behind the answers; data NULL: no such name. */
struct qw_dns_other {
	struct qw_slice name, target; /* whose it is, and the name in its rdata */
	bool additional;
};

/* A message taken apart; slices point into the message or into `text`. */
struct qw_dns_message {
	struct qw_dns_detail detail;
	uint16_t questions; /* in question[] */
	struct qw_dns_question question[QW_DNS_QUESTIONS_MAX];
	uint16_t others; /* in other[] */
	struct qw_dns_other other[QW_DNS_OTHERS_MAX];
	bool whole;         /* everything that the header announces was there, and nothing more */
	bool cut;           /* a bound left something out */
	uint8_t flaws;      /* enum qw_dns_flaw; written whatever is returned */
	size_t text_len;
	char text[QW_DNS_TEXT_BYTES];
};

/* Does rdata of this type hold a name? */
bool qw_dns_type_names(uint16_t type);

/*
 * QW_ETRUNC, QW_EFORMAT: the header or a question does not read.  Damage
 * further on leaves `whole` false and what was read before it.
 */
enum qw_err qw_dns_message_parse(struct qw_dns_message *out, const uint8_t *data, size_t len) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ber - elements of ASN.1's basic encoding (X.690), one at a time.
 *
 *	struct qw_ber element;
 *	while (qw_ber_next(&in, &element))
 *		…
 *
 * Nothing here recurses: whoever reads a structure is as deep as its
 * definition.  Lengths have at most four bytes and end within what they
 * stand in.  The indefinite form is refused, but where a function is named
 * for it: protocols of OSI are written so, most others may not be.  No state;
 * any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

enum qw_ber_tag {
	QW_BER_BOOLEAN = 0x01,
	QW_BER_INTEGER = 0x02,
	QW_BER_OCTETS = 0x04,
	QW_BER_OID = 0x06,
	QW_BER_ENUMERATED = 0x0a,
	QW_BER_BMP_STRING = 0x1e,
	QW_BER_SEQUENCE = 0x30,
	QW_BER_SET = 0x31,
};

enum { QW_BER_OPEN_MAX = 24 };

/* A constructed element of the given number, up to 30. */
#define QW_BER_CONTEXT(number)     (0xa0u | (number))
#define QW_BER_APPLICATION(number) (0x60u | (number))

/* tag: the first byte; numbers from 31 on are above it, from bit 8. */
struct qw_ber {
	uint32_t tag;
	struct qw_bytes body;
};

/* The next element; false: none that is whole, and *in stays. */
bool qw_ber_next(struct qw_bytes *in, struct qw_ber *out);

/* The next element, if it has this tag. */
bool qw_ber_take(struct qw_bytes *in, uint32_t tag, struct qw_bytes *body);

/* Passes over the next element if it has this tag. */
void qw_ber_pass(struct qw_bytes *in, uint32_t tag);

/*
 * The same for elements that may have no length, but an end: their bodies are
 * what stands before it.  Those inside of them may be written so, too, to a
 * depth of QW_BER_OPEN_MAX.
 */
bool qw_ber_open_next(struct qw_bytes *in, struct qw_ber *out);
bool qw_ber_open_take(struct qw_bytes *in, uint32_t tag, struct qw_bytes *body);
void qw_ber_open_pass(struct qw_bytes *in, uint32_t tag);

/* As qw_ber_take, an INTEGER or the like of up to 8 bytes, signed. */
bool qw_ber_integer(struct qw_bytes *in, uint32_t tag, int64_t *out);

/* "1.3.6.1", from the body of an OBJECT IDENTIFIER. */
void qw_ber_oid_text(struct qw_text *out, struct qw_bytes oid);

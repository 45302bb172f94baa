/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ot_text.h"

#include <math.h>

void qw_ot_put_padded(struct qw_text *text, uint64_t value, unsigned digits)
{
	uint64_t least = 1;
	for (unsigned i = 1; i < digits; i++)
		least *= 10;
	for (; least > 1 && value < least; least /= 10)
		qw_text_char(text, '0');
	qw_text_u64(text, value);
}

void qw_ot_put_real(struct qw_text *text, double value)
{
	enum { DECIMALS = 6, SCALE = 1000000 };
	if (isnan(value)) {
		qw_text_literal(text, "nan");
		return;
	}
	if (value < 0)
		qw_text_char(text, '-');
	value = fabs(value);
	if (value > 1e12) {
		const char *word = isinf(value) ? "inf" : "huge";
		qw_text_put(text, word, strlen(word));
		return;
	}
	uint64_t scaled = (uint64_t)(value * SCALE + 0.5), fraction = scaled % SCALE;
	qw_text_u64(text, scaled / SCALE);
	if (fraction == 0)
		return;
	unsigned digits = DECIMALS;
	for (; fraction % 10 == 0; fraction /= 10)
		digits--;
	qw_text_char(text, '.');
	qw_ot_put_padded(text, fraction, digits);
}

void qw_ot_put_comma(struct qw_text *text)
{
	if (text->len)
		qw_text_literal(text, ", ");
}

void qw_ot_put_slice(struct qw_text *text, struct qw_slice slice)
{
	if (slice.len)
		qw_text_put(text, slice.data, slice.len);
}

void qw_ot_put_word(struct qw_text *text, const char *word)
{
	qw_ot_put_comma(text);
	qw_text_put(text, word, strlen(word));
}

void qw_ot_put_id(struct qw_text *text, uint16_t id)
{
	const uint8_t bytes[] = {(uint8_t)(id >> 8), (uint8_t)id};
	qw_text_literal(text, "0x");
	qw_text_hex(text, bytes, sizeof(bytes));
}

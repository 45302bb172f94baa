/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/json.h"

#include <math.h>
#include <stdio.h>

#include "base/json_plain.h"
#include "base/utf8.h"

static void put_escape(struct qw_text *text, uint8_t c)
{
	static const char digits[] = "0123456789abcdef";
	static const char letters[128] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
	char out[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};

	if (c < 128 && letters[c]) {
		out[1] = letters[c];
		qw_text_put(text, out, 2);
		return;
	}
	qw_text_put(text, out, sizeof(out));
}

void qw_json_escape(struct qw_text *text, const void *data, size_t len)
{
	const uint8_t *at = data;
	while (len > 0) {
		size_t step = qw_json_plain_len(at, len);
		qw_text_put(text, at, step);
		if (step == len)
			return;
		at += step;
		len -= step;
		step = at[0] < 0x80 ? 0 : qw_utf8_len(at, len);
		if (step > 0)
			qw_text_put(text, at, step);
		else
			put_escape(text, at[0]);
		step += step == 0;
		at += step;
		len -= step;
	}
}

static void put_quoted(struct qw_text *text, const void *data, size_t len)
{
	qw_text_char(text, '"');
	qw_json_escape(text, data, len);
	qw_text_char(text, '"');
}

/* What stands before a value: a comma if one is due, and its key. */
static void begin_value(struct qw_json *json, const char *key)
{
	if (json->comma)
		qw_text_char(json->text, ',');
	json->comma = true;
	if (key) {
		put_quoted(json->text, key, strlen(key));
		qw_text_char(json->text, ':');
	}
}

void qw_json_open(struct qw_json *json, const char *key, char bracket)
{
	begin_value(json, key);
	qw_text_char(json->text, bracket);
	json->comma = false;
}

void qw_json_close(struct qw_json *json, char bracket)
{
	qw_text_char(json->text, bracket);
	json->comma = true;
}

void qw_json_string(struct qw_json *json, const char *key, const void *data, size_t len)
{
	begin_value(json, key);
	put_quoted(json->text, data, len);
}

void qw_json_raw(struct qw_json *json, const char *key, const char *data, size_t len)
{
	begin_value(json, key);
	qw_text_put(json->text, data, len);
}

void qw_json_text(struct qw_json *json, const char *key, const char *text)
{
	if (text)
		qw_json_string(json, key, text, strlen(text));
}

void qw_json_u64(struct qw_json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	qw_text_u64(json->text, value);
}

void qw_json_i64(struct qw_json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	qw_text_i64(json->text, value);
}

void qw_json_decimal(struct qw_json *json, const char *key, int64_t value, unsigned decimals)
{
	uint64_t number = value < 0 ? -(uint64_t)value : (uint64_t)value, unit = 1;

	begin_value(json, key);
	decimals = decimals > 18 ? 18 : decimals;
	for (; decimals && number % 10 == 0; decimals--)
		number /= 10;
	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	if (value < 0)
		qw_text_char(json->text, '-');
	qw_text_u64(json->text, number / unit);
	if (decimals)
		qw_text_char(json->text, '.');
	for (uint64_t rest = number % unit; decimals; decimals--) {
		unit /= 10;
		qw_text_char(json->text, (char)('0' + rest / unit));
		rest %= unit;
	}
}

void qw_json_bool(struct qw_json *json, const char *key, bool value)
{
	begin_value(json, key);
	if (value)
		qw_text_literal(json->text, "true");
	else
		qw_text_literal(json->text, "false");
}

/* A number of `decimals` digits whose value times 10^decimals is `scaled`. */
static void put_fixed(struct qw_text *text, int64_t scaled, uint64_t unit, int decimals)
{
	uint64_t size = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled;
	if (scaled < 0)
		qw_text_char(text, '-');
	qw_text_u64(text, size / unit);
	if (decimals == 0)
		return;
	qw_text_char(text, '.');
	for (uint64_t digit = unit / 10; digit > 0; digit /= 10)
		qw_text_char(text, (char)('0' + size / digit % 10));
}

void qw_json_fixed(struct qw_json *json, const char *key, double value, int decimals)
{
	uint64_t unit = 1;

	begin_value(json, key);
	decimals = decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
	for (int i = 0; i < decimals; i++)
		unit *= 10;
	double scaled = value * (double)unit;
	if (!isfinite(value))
		qw_text_literal(json->text, "null");
	else if (fabs(scaled) < 9e18)
		put_fixed(json->text, llround(scaled), unit, decimals);
	else
		qw_text_format(json->text, "%.0f", value);
}

void qw_json_address(struct qw_json *json, const char *key, const struct qw_address *address)
{
	begin_value(json, key);
	qw_text_char(json->text, '"');
	qw_text_address(json->text, address);
	qw_text_char(json->text, '"');
}

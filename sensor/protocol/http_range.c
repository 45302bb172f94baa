/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/http_range.h"

#include "quaywatch/hash.h"
#include "sensor/protocol/lines.h"

static bool take_number(struct qw_slice *text, uint64_t *out)
{
	size_t len = 0;
	*out = 0;
	for (; len < text->len && text->data[len] >= '0' && text->data[len] <= '9'; len++) {
		if (*out > (INT64_MAX - 9) / 10)
			return false;
		*out = *out * 10 + (uint64_t)(text->data[len] - '0');
	}
	*text = qw_slice(text->data + len, text->len - len);
	return len > 0;
}

static bool take_char(struct qw_slice *text, uint8_t c)
{
	if (text->len == 0 || text->data[0] != c)
		return false;
	*text = qw_slice(text->data + 1, text->len - 1);
	return true;
}

bool qw_http_range_parse(struct qw_slice header, struct qw_http_range *out)
{
	struct qw_http_range range = {0};
	if (!qw_slice_is(qw_line_word(&header), "bytes"))
		return false;
	if (!take_number(&header, &range.first) || !take_char(&header, '-') || !take_number(&header, &range.last) ||
	    !take_char(&header, '/') || !take_number(&header, &range.total))
		return false;
	if (range.first > range.last || range.last >= range.total)
		return false;
	*out = range;
	return true;
}

uint64_t qw_http_range_file(struct qw_slice host, struct qw_slice uri)
{
	static const struct qw_hash_key key = {1, 2};
	uint64_t hash = host.len ? qw_siphash(key, host.data, host.len) : 0;
	return qw_mix64(hash) ^ (uri.len ? qw_siphash(key, uri.data, uri.len) : 0);
}

static void forget(void *state, struct qw_http_partial *partial)
{
	qw_content_free(state, &partial->content);
	*partial = (struct qw_http_partial){0};
}

void qw_http_range_begin(void *state, struct qw_http_partial *partial, struct qw_http_range *range,
			 struct qw_content *body)
{
	bool goes_on = partial->total && partial->file == range->file && partial->total == range->total &&
		       partial->next == range->first;
	if (!goes_on) {
		if (range->first == 0)
			forget(state, partial); /* it is begun anew */
		body->broken |= range->first > 0;
		return;
	}
	*body = partial->content;
	*partial = (struct qw_http_partial){0};
	range->before = body->kept.len;
	/* Another answer: all of it is told again. */
	body->told = 0;
	body->told_bits = 0;
	body->named = false;
}

bool qw_http_range_ends(const struct qw_http_range *range)
{
	return range->last + 1 == range->total;
}

void qw_http_range_keep(void *state, struct qw_http_partial *partial, const struct qw_http_range *range,
			struct qw_content *body)
{
	if (body->broken || body->bytes != range->last + 1)
		return;
	forget(state, partial);
	*partial = (struct qw_http_partial){range->file, range->last + 1, range->total, *body};
	*body = (struct qw_content){0};
}

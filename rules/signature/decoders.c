/* SPDX-License-Identifier: Apache-2.0 */
/* decoders - transforms that undo how something was written: keys, base64, compression; and those that pick a part. */
#include <libpsl.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "rules/signature/transforms.h"

enum {
	NAME_MAX_LEN = 255,     /* of a domain name in text */
	GZIP_WINDOW = 15 + 16,  /* zlib's way to say: the largest window, in gzip's wrapping */
	ZLIB_WINDOW = 15,
};

/* As it came. */
static size_t keep(struct qw_slice in, uint8_t *out)
{
	memcpy(out, in.data, in.len);
	return in.len;
}

/* ---- xor: what stands before `from` stays */

static size_t xor_with(const uint8_t *key, uint32_t key_len, uint32_t from, struct qw_slice in, uint8_t *out)
{
	keep(in, out);
	for (size_t i = from; i < in.len; i++)
		out[i] ^= key[(i - from) % key_len];
	return in.len;
}

size_t qw_transform_xor(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	return xor_with(set->blob + row->data, row->len, (uint32_t)row->from, in, out);
}

size_t qw_transform_xor_taken(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	if (row->data >= in.len || row->len > in.len - row->data)
		return keep(in, out);
	return xor_with(in.data + row->data, row->len, (uint32_t)row->from, in, out);
}

/* ---- base64 */

size_t qw_base64_strict(struct qw_slice in, uint8_t *out)
{
	size_t len = in.len, put = 0;
	uint32_t bits = 0;
	if (len % 4 == 0)
		for (unsigned pads = 0; pads < 2 && len && in.data[len - 1] == '='; pads++)
			len--;
	if (len % 4 == 1)
		return 0;
	for (size_t i = 0; i < len; i++) {
		int digit = qw_base64_digit(in.data[i]);
		if (digit < 0)
			return 0;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 != 0)
			out[put++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	/* Bits that no byte takes are zero. */
	return len % 4 && bits & (len % 4 == 2 ? 0xf : 3) ? 0 : put;
}

/* RFC 4648: up to what is no digit; RFC 2045: what is no digit is passed over. */
static size_t base64_loose(struct qw_slice in, bool skip, uint8_t *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t put = 0;
	for (size_t i = 0; i < in.len && in.data[i] != '='; i++) {
		int digit = qw_base64_digit(in.data[i]);
		if (digit < 0 && skip)
			continue;
		if (digit < 0)
			break;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[put++] = (uint8_t)(bits >> have);
		}
	}
	return put;
}

/* What cannot be decoded stays as it is. */
size_t qw_transform_base64(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t from = (uint32_t)row->from;
	if (from > in.len || row->len > in.len - from)
		return keep(in, out);
	struct qw_slice coded = qw_slice(in.data + from, row->len ? row->len : in.len - from);
	size_t len = row->mode == QW_BASE64_STRICT ? qw_base64_strict(coded, out)
						   : base64_loose(coded, row->mode == QW_BASE64_RFC2045, out);
	set->transform_failed |= len == 0;
	return len ? len : keep(in, out);
}

/* ---- parts */

/* The first group of the expression; without a match all stays. */
size_t qw_transform_capture(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t begin, end;
	enum qw_expression_result result =
	    qw_expressions_capture(set->expressions, (uint32_t)row->from, in.data, in.len, &begin, &end);
	set->counters.pcre_limit += result == QW_EXPRESSION_LIMIT;
	return result == QW_EXPRESSION_YES ? keep(qw_slice(in.data + begin, end - begin), out) : keep(in, out);
}

/*
 * From an offset (negative: of the end) a number of bytes, or up to so many
 * from the end (negative).  What lies outside is nothing, or is cut.
 */
size_t qw_transform_subslice(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	bool truncate = row->mode & QW_SUBSLICE_TRUNCATE;
	int64_t size = (int64_t)in.len, begin = row->from < 0 ? size + row->from : row->from;
	int64_t number = row->mode & QW_SUBSLICE_SIZED ? (int32_t)row->len : 0;
	if (truncate && begin < 0)
		begin = 0;
	int64_t end = number > 0 ? begin + number : size + number;
	if (truncate && end > size)
		end = size;
	if (begin < 0 || end > size || begin >= end)
		return 0;
	return keep(qw_slice(in.data + begin, (size_t)(end - begin)), out);
}

/* ---- compression */

/* zlib asks for memory while a packet waits: it gets what was set aside when the rules were opened. */
static void *take(void *opaque, unsigned items, unsigned size)
{
	struct qw_inflate *room = opaque;
	size_t bytes = ((size_t)items * size + 15) & ~(size_t)15;
	if (bytes > sizeof(room->memory) - room->used)
		return NULL;
	void *out = room->memory + room->used;
	room->used += bytes;
	return out;
}

static void give(void *opaque, void *memory)
{
	(void)opaque; /* all of it is free again at the next start */
	(void)memory;
}

/* As far as it can be read, up to the rule's bound. */
size_t qw_transform_inflate(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t max = row->len < QW_TRANSFORM_BYTES ? row->len : QW_TRANSFORM_BYTES;
	z_stream stream = {.zalloc = take, .zfree = give, .opaque = set->inflate, .next_in = in.data,
			   .avail_in = (unsigned)in.len, .next_out = out, .avail_out = (unsigned)max};
	set->inflate->used = 0;
	if (inflateInit2(&stream, row->kind == QW_TRANSFORM_GUNZIP ? GZIP_WINDOW : ZLIB_WINDOW) != Z_OK)
		return 0;
	int result = inflate(&stream, Z_FINISH);
	size_t len = max - stream.avail_out;
	(void)inflateEnd(&stream);
	set->transform_failed |= result == Z_DATA_ERROR || len == 0;
	set->counters.transform_cut += row->len > QW_TRANSFORM_BYTES && result != Z_STREAM_END && stream.avail_out == 0;
	return len;
}

/* ---- names */

/* The registrable domain of a name, or the public suffix it lies under. */
size_t qw_transform_name(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	char name[NAME_MAX_LEN + 1];
	if (in.len == 0 || in.len > NAME_MAX_LEN)
		return 0;
	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.data[i];
		/* The list is asked in ASCII: other names come as punycode in every protocol. */
		if (c <= ' ' || c >= 0x7f)
			return 0;
		name[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	name[in.len] = '\0';
	const char *part = row->kind == QW_TRANSFORM_TLD ? psl_unregistrable_domain(psl_builtin(), name)
							 : psl_registrable_domain(psl_builtin(), name);
	size_t len = part ? strlen(part) : 0;
	return keep(qw_slice(in.data + in.len - len, len), out);
}

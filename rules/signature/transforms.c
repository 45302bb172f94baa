/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/transforms.h"

#include <string.h>

#include "quaywatch/digest.h"

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static size_t dot_prefix(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t len = in.len < QW_TRANSFORM_BYTES ? in.len : QW_TRANSFORM_BYTES - 1;
	out[0] = '.';
	memcpy(out + 1, in.data, len);
	return len + 1;
}

static size_t strip_space(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t len = 0;
	for (size_t i = 0; i < in.len; i++)
		if (!is_space(in.data[i]))
			out[len++] = in.data[i];
	return len;
}

static size_t compress_space(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t len = 0;
	for (size_t i = 0; i < in.len; i++)
		if (!is_space(in.data[i]) || i == 0 || !is_space(in.data[i - 1]))
			out[len++] = in.data[i];
	return len;
}

static size_t to_lower(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	for (size_t i = 0; i < in.len; i++)
		out[i] = lower(in.data[i]);
	return in.len;
}

static size_t to_upper(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	for (size_t i = 0; i < in.len; i++)
		out[i] = in.data[i] >= 'a' && in.data[i] <= 'z' ? in.data[i] & 0xdf : in.data[i];
	return in.len;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t url_decode(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t len = 0;
	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.data[i];
		int high = -1, low = -1;
		if (c == '%' && in.len - i > 2)
			high = hex_digit(in.data[i + 1]), low = hex_digit(in.data[i + 2]);
		if (high >= 0 && low >= 0) {
			out[len++] = (uint8_t)(high << 4 | low);
			i += 2;
		} else {
			out[len++] = c == '+' ? ' ' : c;
		}
	}
	return len;
}

static size_t to_md5(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	qw_md5(in.data, in.len, out);
	return QW_MD5_BYTES;
}

static size_t to_sha1(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	qw_sha1(in.data, in.len, out);
	return QW_SHA1_BYTES;
}

static size_t to_sha256(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	qw_sha256(in.data, in.len, out);
	return QW_SHA256_BYTES;
}

/* "Name: Value\r\n" lines: names in lower case. */
static size_t header_lower(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	bool name = true;
	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.data[i];
		if (c == ':')
			name = false;
		out[i] = name ? lower(c) : c;
		if (c == '\n')
			name = true;
	}
	return in.len;
}

/* Lines that begin with a colon (HTTP/2's pseudo headers) go. */
static size_t strip_pseudo(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t len = 0;
	bool begins = true, keep = true;
	for (size_t i = 0; i < in.len; i++) {
		if (begins)
			keep = in.data[i] != ':';
		begins = in.data[i] == '\n';
		if (keep)
			out[len++] = in.data[i];
	}
	return len;
}

static size_t slice(struct qw_signatures *set, const struct qw_transform *row, struct qw_slice in, uint8_t *out)
{
	size_t from = row->data < in.len ? row->data : in.len;
	size_t len = in.len - from < row->len ? in.len - from : row->len;
	memcpy(out, in.data + from, len);
	return len;
}

static qw_transform_fn *const functions[QW_TRANSFORM_KINDS] = {
	[QW_TRANSFORM_DOT_PREFIX] = dot_prefix,
	[QW_TRANSFORM_STRIP_SPACE] = strip_space,
	[QW_TRANSFORM_COMPRESS_SPACE] = compress_space,
	[QW_TRANSFORM_LOWER] = to_lower,
	[QW_TRANSFORM_UPPER] = to_upper,
	[QW_TRANSFORM_URL_DECODE] = url_decode,
	[QW_TRANSFORM_MD5] = to_md5,
	[QW_TRANSFORM_SHA1] = to_sha1,
	[QW_TRANSFORM_SHA256] = to_sha256,
	[QW_TRANSFORM_XOR] = qw_transform_xor,
	[QW_TRANSFORM_HEADER_LOWER] = header_lower,
	[QW_TRANSFORM_STRIP_PSEUDO] = strip_pseudo,
	[QW_TRANSFORM_SLICE] = slice,
	[QW_TRANSFORM_XOR_TAKEN] = qw_transform_xor_taken,
	[QW_TRANSFORM_BASE64] = qw_transform_base64,
	[QW_TRANSFORM_CAPTURE] = qw_transform_capture,
	[QW_TRANSFORM_SUBSLICE] = qw_transform_subslice,
	[QW_TRANSFORM_GUNZIP] = qw_transform_inflate,
	[QW_TRANSFORM_INFLATE] = qw_transform_inflate,
	[QW_TRANSFORM_DOMAIN] = qw_transform_name,
	[QW_TRANSFORM_TLD] = qw_transform_name,
};

static bool digests(uint32_t kind)
{
	return kind == QW_TRANSFORM_MD5 || kind == QW_TRANSFORM_SHA1 || kind == QW_TRANSFORM_SHA256;
}

struct qw_slice qw_transform(struct qw_signatures *set, const struct qw_list *list, struct qw_slice data)
{
	bool cut = false;
	set->transform_failed = false;
	for (unsigned i = 0; i < list->transform_count; i++) {
		const struct qw_transform *row = &list->transforms[i];
		/* A digest of a part would be the digest of something else: it sees all there is. */
		if (!digests(row->kind) && data.len > QW_TRANSFORM_BYTES) {
			data.len = QW_TRANSFORM_BYTES;
			cut = true;
		}
		if (functions[row->kind])
			data = qw_slice(set->work[i & 1], functions[row->kind](set, row, data, set->work[i & 1]));
	}
	set->counters.transform_cut += cut;
	return data;
}

int qw_base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t qw_base64_decode(struct qw_slice data, uint8_t *out, size_t room)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t len = 0;
	for (size_t i = 0; i < data.len && len < room; i++) {
		int digit = qw_base64_digit(data.data[i]);
		if (digit < 0 && is_space(data.data[i]))
			continue;
		if (digit < 0)
			break;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[len++] = (uint8_t)(bits >> have);
		}
	}
	return len;
}

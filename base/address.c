/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/address.h"

#include <arpa/inet.h>

#include "quaywatch/bytes.h"

enum { GROUPS = 8 };

static char *put_byte(char *at, unsigned value)
{
	if (value >= 100) {
		*at++ = (char)('0' + value / 100);
		value %= 100;
		*at++ = (char)('0' + value / 10);
	} else if (value >= 10) {
		*at++ = (char)('0' + value / 10);
	}
	*at++ = (char)('0' + value % 10);
	return at;
}

static size_t render_v4(const uint8_t *four, char *out)
{
	char *at = out;
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*at++ = '.';
		at = put_byte(at, four[i]);
	}
	return (size_t)(at - out);
}

static char *put_group(char *at, unsigned value)
{
	static const char digits[] = "0123456789abcdef";
	for (int shift = 12; shift >= 0; shift -= 4) {
		if (shift == 0 || value >> shift)
			*at++ = digits[value >> shift & 15];
	}
	return at;
}

/* The first of the longest runs of at least two zero groups; its length in *len, 0: none. */
static int longest_zeros(const uint16_t *groups, int *len)
{
	int best = 0;
	*len = 0;
	for (int i = 0; i < GROUPS;) {
		int end = i;
		while (end < GROUPS && groups[end] == 0)
			end++;
		if (end - i > *len && end - i >= 2) {
			best = i;
			*len = end - i;
		}
		i = end + 1;
	}
	return best;
}

/* RFC 5952: lower case, no leading zeros, the longest run of zeros as "::". */
static size_t render_v6(const uint8_t *bytes, char *out)
{
	uint16_t groups[GROUPS];
	for (int i = 0; i < GROUPS; i++)
		groups[i] = qw_be16(bytes + 2 * i);

	int zeros_len;
	int zeros = longest_zeros(groups, &zeros_len);
	char *at = out;
	for (int i = 0; i < GROUPS;) {
		if (zeros_len > 0 && i == zeros) {
			*at++ = ':';
			*at++ = ':';
			i += zeros_len;
			continue;
		}
		if (i > 0 && !(zeros_len > 0 && i == zeros + zeros_len))
			*at++ = ':';
		at = put_group(at, groups[i++]);
	}
	return (size_t)(at - out);
}

void qw_text_address(struct qw_text *text, const struct qw_address *address)
{
	char out[QW_ADDRESS_TEXT_MAX];
	size_t len = qw_address_is_v4(address) ? render_v4(address->bytes + 12, out) : render_v6(address->bytes, out);
	qw_text_put(text, out, len);
}

bool qw_address_parse(const char *text, size_t len, struct qw_address *out)
{
	char copy[QW_ADDRESS_TEXT_MAX];
	uint8_t bytes[16];

	if (len == 0 || len >= sizeof(copy) || memchr(text, 0, len))
		return false;
	memcpy(copy, text, len);
	copy[len] = 0;
	if (memchr(copy, ':', len)) {
		if (inet_pton(AF_INET6, copy, bytes) != 1)
			return false;
		*out = qw_address_v6(bytes);
		return true;
	}
	if (inet_pton(AF_INET, copy, bytes) != 1)
		return false;
	*out = qw_address_v4(bytes);
	return true;
}

/* One to three digits without a leading zero, at most max. */
static bool parse_bits(const char *text, size_t len, unsigned max, unsigned *out)
{
	unsigned value = 0;
	if (len < 1 || len > 3 || (len > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*out = value;
	return value <= max;
}

static void clear_host_bits(struct qw_address *address, unsigned bits)
{
	if (bits % 8 != 0)
		address->bytes[bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
	size_t whole = (bits + 7) / 8;
	memset(address->bytes + whole, 0, sizeof(address->bytes) - whole);
}

bool qw_prefix_parse(const char *text, size_t len, struct qw_prefix *out)
{
	const char *slash = len ? memchr(text, '/', len) : NULL;
	size_t address_len = slash ? (size_t)(slash - text) : len;
	struct qw_address address;
	unsigned bits = 128;

	if (!qw_address_parse(text, address_len, &address))
		return false;
	if (slash) {
		/* In the notation's own count: "::ffff:192.0.2.0/120" has 128 bits, "192.0.2.0/24" 32. */
		unsigned own = memchr(text, ':', address_len) ? 128 : 32;
		if (!parse_bits(slash + 1, len - address_len - 1, own, &bits))
			return false;
		bits += 128 - own;
	}
	clear_host_bits(&address, bits);
	*out = (struct qw_prefix){address, (uint8_t)bits};
	return true;
}

bool qw_prefix_holds(const struct qw_prefix *prefix, const struct qw_address *address)
{
	for (unsigned word = 0; word < 2; word++) {
		unsigned before = 64 * word;
		if (prefix->bits <= before)
			return true;
		unsigned bits = prefix->bits - before;
		uint64_t differ = qw_be64(prefix->address.bytes + 8 * word) ^ qw_be64(address->bytes + 8 * word);
		if ((bits < 64 ? differ >> (64 - bits) : differ) != 0)
			return false;
	}
	return true;
}

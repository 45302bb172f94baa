/* SPDX-License-Identifier: Apache-2.0 */
/* scrub_address - addresses and MACs in text, as people and programs write them. */
#include <string.h>
#include <strings.h>

#include "sensor/export/scrub_parts.h"

static const char arpa_v4[] = "in-addr.arpa", arpa_v6[] = "ip6.arpa";

enum { LABELS_V4 = 4, LABELS_V6 = 32 };

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static int hex_value(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_hex(uint8_t c)
{
	return hex_value(c) >= 0;
}

static uint8_t before(const struct qw_scrub_walk *walk)
{
	return walk->at > walk->begin ? walk->at[-1] : ' ';
}

static void put_internal(struct qw_scrub_walk *walk)
{
	qw_text_put(walk->out, qw_scrub_internal, strlen(qw_scrub_internal));
}

/* ---- MACs: 00:1b:1b:11:22:33, 00-1b-1b-11-22-33, 001b.1b11.2233 */

struct mac_form {
	char separator;
	unsigned groups, digits; /* digits of a group */
};

static const struct mac_form mac_forms[] = {{':', 6, 2}, {'-', 6, 2}, {'.', 3, 4}};

/* The length of the text, or 0.  A longer row of groups (a fingerprint) is no MAC. */
static size_t parse_mac(const struct qw_scrub_walk *walk, const struct mac_form *form, uint8_t mac[QW_PSEUDONYM_MAC_BYTES])
{
	size_t len = form->groups * (form->digits + 1) - 1, nibble = 0, left = (size_t)(walk->end - walk->at);

	if (left < len || is_hex(before(walk)))
		return 0;
	if (walk->at - walk->begin >= 2 && before(walk) == (uint8_t)form->separator && is_hex(walk->at[-2]))
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (i % (form->digits + 1) == form->digits) {
			if (walk->at[i] != (uint8_t)form->separator)
				return 0;
			continue;
		}
		int value = hex_value(walk->at[i]);
		if (value < 0)
			return 0;
		mac[nibble / 2] = (uint8_t)(nibble % 2 ? mac[nibble / 2] << 4 | value : value);
		nibble++;
	}
	if (left > len && is_hex(walk->at[len]))
		return 0;
	if (left > len + 1 && walk->at[len] == (uint8_t)form->separator && is_hex(walk->at[len + 1]))
		return 0;
	return len;
}

static void put_mac(struct qw_text *out, const struct mac_form *form, const uint8_t mac[QW_PSEUDONYM_MAC_BYTES])
{
	for (unsigned i = 0; i < QW_PSEUDONYM_MAC_BYTES; i++) {
		if (i && i * 2 % form->digits == 0)
			qw_text_char(out, form->separator);
		qw_text_hex(out, mac + i, 1);
	}
}

bool qw_scrub_walk_mac(struct qw_scrub_walk *walk)
{
	uint8_t mac[QW_PSEUDONYM_MAC_BYTES];

	for (size_t i = 0; i < sizeof(mac_forms) / sizeof(mac_forms[0]); i++) {
		size_t len = parse_mac(walk, &mac_forms[i], mac);
		if (len == 0 || !qw_scrub_is_our_mac(mac))
			continue;
		walk->at += len;
		walk->replaced++;
		if (qw_scrub_mac(walk->scrub, mac))
			put_mac(walk->out, &mac_forms[i], mac);
		else
			put_internal(walk);
		return true;
	}
	return false;
}

/* ---- IPv6 */

/* The length of the longest address that begins here, or 0. */
static size_t parse_ipv6(const struct qw_scrub_walk *walk, struct qw_address *address)
{
	size_t left = (size_t)(walk->end - walk->at), run = 0, colons = 0;

	while (run < left && run < QW_ADDRESS_TEXT_MAX - 1 && (is_hex(walk->at[run]) || walk->at[run] == ':' || walk->at[run] == '.'))
		colons += walk->at[run++] == ':';
	for (; colons >= 2 && run >= 2; run--) {
		if (qw_address_parse((const char *)walk->at, run, address))
			return run;
		colons -= walk->at[run - 1] == ':';
	}
	return 0;
}

static void put_address(struct qw_scrub_walk *walk, struct qw_address *address)
{
	walk->replaced++;
	if (qw_scrub_address(walk->scrub, address))
		qw_text_address(walk->out, address);
	else
		put_internal(walk);
}

bool qw_scrub_walk_ipv6(struct qw_scrub_walk *walk)
{
	struct qw_address address;

	if (!is_hex(*walk->at) && *walk->at != ':')
		return false;
	size_t len = parse_ipv6(walk, &address);
	if (len == 0)
		return false;
	if (qw_scrub_is_ours(walk->scrub, &address)) {
		walk->at += len;
		put_address(walk, &address);
		return true;
	}
	if (memchr(walk->at, '.', len))
		return false; /* the IPv4 address in it is looked at by itself */
	qw_text_put(walk->out, walk->at, len); /* its tail is not to pass for an address */
	walk->at += len;
	return true;
}

/* ---- IPv4: 10.1.4.20, 010.001.004.020, ip-10-1-4-20 */

/* A number of 0 to 255 in one to three digits; how many, or 0. */
static size_t parse_byte(const uint8_t *at, const uint8_t *end, uint8_t *out)
{
	unsigned value = 0;
	size_t len = 0;

	while (at + len < end && len < 3 && is_digit(at[len]))
		value = value * 10 + (unsigned)(at[len++] - '0');
	if (value > 255 || (at + len < end && is_digit(at[len])))
		return 0;
	*out = (uint8_t)value;
	return len;
}

/* Up to `most` numbers, one separator all along; how many.  *len is that of the text. */
static unsigned parse_bytes(const struct qw_scrub_walk *walk, uint8_t *out, unsigned most, size_t *len)
{
	const uint8_t *at = walk->at;
	uint8_t separator = 0;
	unsigned count = 0;

	while (count < most) {
		const uint8_t *number = at;
		if (count) {
			if (at == walk->end || !strchr(".-_", *at) || *at == 0 || (separator && *at != separator))
				break;
			separator = *at;
			number++;
		}
		size_t digits = parse_byte(number, walk->end, &out[count]);
		if (digits == 0)
			break;
		at = number + digits;
		count++;
	}
	*len = (size_t)(at - walk->at);
	return count;
}

static void put_bytes(struct qw_text *out, const uint8_t four[4], char separator)
{
	for (unsigned i = 0; i < 4; i++) {
		if (i)
			qw_text_char(out, separator);
		qw_text_u64(out, four[i]);
	}
}

/* What stands behind the first number. */
static char separator_of(const uint8_t *at)
{
	while (is_digit(*at))
		at++;
	return (char)*at;
}

bool qw_scrub_walk_ipv4(struct qw_scrub_walk *walk)
{
	uint8_t four[4];
	size_t len;

	if (!is_digit(*walk->at) || is_digit(before(walk)) || parse_bytes(walk, four, LABELS_V4, &len) != LABELS_V4)
		return false;
	struct qw_address address = qw_address_v4(four);
	if (!qw_scrub_is_ours(walk->scrub, &address))
		return false;
	char separator = separator_of(walk->at);
	walk->at += len;
	walk->replaced++;
	if (qw_scrub_address(walk->scrub, &address))
		put_bytes(walk->out, address.bytes + 12, separator);
	else
		put_internal(walk);
	return true;
}

/* ---- names that ask the DNS for an address: 20.4.1.10.in-addr.arpa, 0.2.…d.f.ip6.arpa */

static bool ends_in(const struct qw_scrub_walk *walk, size_t at, const char *zone)
{
	size_t left = (size_t)(walk->end - walk->at), len = strlen(zone);

	return left >= at && left - at >= len && strncasecmp((const char *)walk->at + at, zone, len) == 0;
}

/* What is not asked for is 0: a network. */
static size_t parse_reversed_v4(const struct qw_scrub_walk *walk, struct qw_address *address)
{
	uint8_t bytes[LABELS_V4] = {0}, four[4] = {0};
	size_t len;
	unsigned count = parse_bytes(walk, bytes, LABELS_V4, &len);

	if (count == 0 || len + walk->at >= walk->end || walk->at[len] != '.' || !ends_in(walk, len + 1, arpa_v4))
		return 0;
	for (unsigned i = 0; i < count; i++)
		four[i] = bytes[count - 1 - i];
	*address = qw_address_v4(four);
	return len + 1 + strlen(arpa_v4);
}

static size_t parse_reversed_v6(const struct qw_scrub_walk *walk, struct qw_address *address)
{
	size_t left = (size_t)(walk->end - walk->at), count = 0;
	struct qw_address out = {{0}};

	while (count < LABELS_V6 && left >= 2 * (count + 1) && is_hex(walk->at[2 * count]) && walk->at[2 * count + 1] == '.')
		count++;
	if (count == 0 || !ends_in(walk, 2 * count, arpa_v6))
		return 0;
	for (size_t i = 0; i < count; i++) {
		size_t nibble = count - 1 - i;
		out.bytes[nibble / 2] |= (uint8_t)(hex_value(walk->at[2 * i]) << (nibble % 2 ? 0 : 4));
	}
	*address = out;
	return 2 * count + strlen(arpa_v6);
}

static void put_reversed(struct qw_text *out, const struct qw_address *address)
{
	if (qw_address_is_v4(address)) {
		const uint8_t *four = address->bytes + 12;
		qw_text_format(out, "%u.%u.%u.%u.%s", four[3], four[2], four[1], four[0], arpa_v4);
		return;
	}
	for (int nibble = LABELS_V6 - 1; nibble >= 0; nibble--) {
		qw_text_char(out, "0123456789abcdef"[address->bytes[nibble / 2] >> (nibble % 2 ? 0 : 4) & 15]);
		qw_text_char(out, '.');
	}
	qw_text_put(out, arpa_v6, strlen(arpa_v6));
}

bool qw_scrub_walk_reversed(struct qw_scrub_walk *walk)
{
	struct qw_address address;

	if (!is_hex(*walk->at) || is_hex(before(walk)))
		return false;
	size_t len = parse_reversed_v4(walk, &address);
	if (len == 0)
		len = parse_reversed_v6(walk, &address);
	if (len == 0 || !qw_scrub_is_ours(walk->scrub, &address))
		return false;
	walk->at += len;
	walk->replaced++;
	if (qw_scrub_address(walk->scrub, &address))
		put_reversed(walk->out, &address);
	else
		put_internal(walk);
	return true;
}

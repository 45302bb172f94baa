/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/scrub.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/export/scrub_parts.h"

enum { KEPT_V4 = 12 + 3, KEPT_V6 = 6, KEPT_MAC = 3 };

const char qw_scrub_internal[] = "internal";

struct qw_scrub {
	struct qw_scrub_options options;
	struct qw_scrub_names *names;
	uint8_t plain[QW_SCRUB_TEXT_MAX]; /* a text without its percent signs */
	char nowhere[QW_SCRUB_TEXT_MAX];
};

enum qw_err qw_scrub_new(struct qw_scrub **out, const struct qw_scrub_options *options)
{
	struct qw_scrub *scrub = calloc(1, sizeof(*scrub));

	if (!scrub)
		return QW_ENOMEM;
	scrub->options = *options;
	enum qw_err err = qw_scrub_names_new(&scrub->names);
	if (err != QW_OK) {
		free(scrub);
		return err;
	}
	*out = scrub;
	return QW_OK;
}

void qw_scrub_free(struct qw_scrub *scrub)
{
	if (!scrub)
		return;
	qw_scrub_names_free(scrub->names);
	free(scrub);
}

enum qw_err qw_scrub_name(struct qw_scrub *scrub, struct qw_slice name)
{
	return qw_scrub_names_add(scrub->names, name);
}

const struct qw_scrub_options *qw_scrub_options_of(const struct qw_scrub *scrub)
{
	return &scrub->options;
}

const struct qw_scrub_names *qw_scrub_names_of(const struct qw_scrub *scrub)
{
	return scrub->names;
}

/* ---- what is ours */

/* Prefixes of IPv6 addresses that hold an IPv4 address, and where. */
static const struct {
	uint8_t prefix[12], len, at;
} carriers[] = {
	{{0x00, 0x64, 0xff, 0x9b}, 12, 12}, /* RFC 6052: NAT64 */
	{{0}, 12, 12},                      /* RFC 4291: compatible */
	{{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0}, 12, 12}, /* RFC 6145: translated */
	{{0x20, 0x02}, 2, 2},               /* RFC 3056: 6to4 */
};

bool qw_scrub_is_ours(const struct qw_scrub *scrub, const struct qw_address *address)
{
	const struct qw_scrub_options *options = &scrub->options;

	if (options->is_ours(options->ctx, address))
		return true;
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
		if (memcmp(address->bytes, carriers[i].prefix, carriers[i].len) != 0)
			continue;
		struct qw_address inner = qw_address_v4(address->bytes + carriers[i].at);
		if (options->is_ours(options->ctx, &inner))
			return true;
	}
	return false;
}

bool qw_scrub_is_our_mac(const uint8_t mac[QW_PSEUDONYM_MAC_BYTES])
{
	static const uint8_t none[QW_PSEUDONYM_MAC_BYTES];

	return !(mac[0] & 1) && memcmp(mac, none, sizeof(none)) != 0;
}

/* ---- what takes its place */

bool qw_scrub_address(const struct qw_scrub *scrub, struct qw_address *address)
{
	unsigned kept = qw_address_is_v4(address) ? KEPT_V4 : KEPT_V6;

	switch (scrub->options.addresses) {
	case QW_SCRUB_KEEP: return true;
	case QW_SCRUB_DROP: return false;
	case QW_SCRUB_TRUNCATE: memset(address->bytes + kept, 0, sizeof(address->bytes) - kept); return true;
	case QW_SCRUB_PSEUDONYM: *address = qw_pseudonym_address(scrub->options.pseudonym, address); return true;
	}
	return false;
}

bool qw_scrub_mac(const struct qw_scrub *scrub, uint8_t mac[QW_PSEUDONYM_MAC_BYTES])
{
	uint8_t real[QW_PSEUDONYM_MAC_BYTES];

	switch (scrub->options.addresses) {
	case QW_SCRUB_KEEP: return true;
	case QW_SCRUB_DROP: return false;
	case QW_SCRUB_TRUNCATE: memset(mac + KEPT_MAC, 0, QW_PSEUDONYM_MAC_BYTES - KEPT_MAC); return true;
	case QW_SCRUB_PSEUDONYM:
		memcpy(real, mac, sizeof(real));
		qw_pseudonym_mac(scrub->options.pseudonym, real, mac);
		return true;
	}
	return false;
}

void qw_scrub_put_name(const struct qw_scrub *scrub, struct qw_slice name, struct qw_text *out)
{
	char digits[QW_PSEUDONYM_NAME_DIGITS + 1];

	switch (scrub->options.names) {
	case QW_SCRUB_KEEP: qw_text_put(out, name.data, name.len); return;
	case QW_SCRUB_PSEUDONYM:
		qw_pseudonym_name(scrub->options.pseudonym, name, digits);
		qw_text_put(out, digits, QW_PSEUDONYM_NAME_DIGITS);
		return;
	case QW_SCRUB_TRUNCATE:
	case QW_SCRUB_DROP: qw_text_put(out, qw_scrub_internal, strlen(qw_scrub_internal)); return;
	}
}

/* ---- texts */

static bool (*const of_names[])(struct qw_scrub_walk *walk) = {qw_scrub_walk_domain, qw_scrub_walk_known};
static bool (*const of_addresses[])(struct qw_scrub_walk *walk) = {qw_scrub_walk_mac, qw_scrub_walk_ipv6,
								    qw_scrub_walk_reversed, qw_scrub_walk_ipv4};

static bool find_one(struct qw_scrub_walk *walk, bool (*const *finders)(struct qw_scrub_walk *), size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (finders[i](walk))
			return true;
	return false;
}

static size_t walk_text(const struct qw_scrub *scrub, struct qw_slice in, struct qw_text *out)
{
	const uint8_t *data = in.data;
	struct qw_scrub_walk walk = {.scrub = scrub, .begin = data, .at = data, .end = data + in.len, .out = out};
	bool names = scrub->options.names != QW_SCRUB_KEEP, addresses = scrub->options.addresses != QW_SCRUB_KEEP;

	while (walk.at < walk.end) {
		if (names && find_one(&walk, of_names, sizeof(of_names) / sizeof(of_names[0])))
			continue;
		if (addresses && find_one(&walk, of_addresses, sizeof(of_addresses) / sizeof(of_addresses[0])))
			continue;
		qw_text_char(out, (char)*walk.at++);
	}
	return walk.replaced;
}

static size_t decode_percent(struct qw_slice in, uint8_t *out, size_t size)
{
	const uint8_t *data = in.data;
	size_t len = 0;

	for (size_t i = 0; i < in.len && len < size; i++) {
		if (data[i] == '%' && in.len - i > 2 && qw_hex_decode((const char *)data + i + 1, 2, out + len))
			i += 2;
		else
			out[len] = data[i];
		len++;
	}
	return len;
}

/* How much is found once the percent signs are undone, up to twice. */
static size_t count_hidden(struct qw_scrub *scrub, struct qw_slice in)
{
	struct qw_text nowhere;
	size_t most = 0;

	for (int round = 0; round < 2 && in.len && memchr(in.data, '%', in.len); round++) {
		in = qw_slice(scrub->plain, decode_percent(in, scrub->plain, sizeof(scrub->plain)));
		qw_text_init(&nowhere, scrub->nowhere, sizeof(scrub->nowhere));
		size_t count = walk_text(scrub, in, &nowhere);
		most = count > most ? count : most;
	}
	return most;
}

size_t qw_scrub_text(struct qw_scrub *scrub, struct qw_slice in, struct qw_text *out)
{
	size_t start = out->len, count;

	if (in.len == 0)
		return 0;
	count = walk_text(scrub, in, out);
	if (count_hidden(scrub, in) <= count)
		return count;
	out->len = start;
	qw_text_put(out, qw_scrub_internal, strlen(qw_scrub_internal));
	return count + 1;
}

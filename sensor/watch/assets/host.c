/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/assets.h"

#include <string.h>

enum { MAC_BYTES = 6, MAC_TEXT_LEN = 17, MULTICAST_V4_FIRST = 224 };

struct qw_host qw_host_of(const struct qw_address *address)
{
	struct qw_host host = {{0}, false};

	memcpy(host.bytes, address->bytes, sizeof(host.bytes));
	return host;
}

struct qw_host qw_host_of_mac(const uint8_t mac[6])
{
	struct qw_host host = {{0}, true};

	memcpy(host.bytes, mac, MAC_BYTES);
	return host;
}

struct qw_host qw_host_of_end(const struct qw_seen_end *end)
{
	return end->known ? qw_host_of(&end->address) : qw_host_of_mac(end->mac);
}

bool qw_host_is_one(const struct qw_address *address)
{
	static const struct qw_address any;
	const uint8_t *bytes = address->bytes;

	if (qw_address_is_v4(address))
		return bytes[12] != 0 && bytes[12] < MULTICAST_V4_FIRST;
	return bytes[0] != 0xff && !qw_address_equal(address, &any);
}

void qw_text_mac(struct qw_text *text, const uint8_t mac[6])
{
	for (int i = 0; i < MAC_BYTES; i++) {
		if (i > 0)
			qw_text_char(text, ':');
		qw_text_hex(text, &mac[i], 1);
	}
}

void qw_text_host(struct qw_text *text, const struct qw_host *host)
{
	struct qw_address address;

	if (host->is_mac) {
		qw_text_mac(text, host->bytes);
		return;
	}
	memcpy(address.bytes, host->bytes, sizeof(address.bytes));
	qw_text_address(text, &address);
}

bool qw_mac_parse(const char *text, size_t len, uint8_t out[6])
{
	uint8_t mac[MAC_BYTES];

	if (len != MAC_TEXT_LEN || (text[2] != ':' && text[2] != '-'))
		return false;
	for (int i = 0; i < MAC_BYTES; i++) {
		if (i > 0 && text[3 * i - 1] != text[2])
			return false;
		if (!qw_hex_decode(text + 3 * i, 2, &mac[i]))
			return false;
	}
	memcpy(out, mac, MAC_BYTES);
	return true;
}

bool qw_host_parse(const char *text, size_t len, struct qw_host *out)
{
	struct qw_address address;
	uint8_t mac[MAC_BYTES];

	if (qw_mac_parse(text, len, mac)) {
		*out = qw_host_of_mac(mac);
		return true;
	}
	if (!qw_address_parse(text, len, &address))
		return false;
	*out = qw_host_of(&address);
	return true;
}

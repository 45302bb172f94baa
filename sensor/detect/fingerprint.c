/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/fingerprint.h"

#include "quaywatch/ot.h"

struct qw_print_secret qw_print_secret_random(void)
{
	struct qw_print_secret secret = {.key = qw_hash_key_random()};

	for (size_t i = 0; i < QW_PRINT_SECRETS; i += 2) {
		struct qw_hash_key key = qw_hash_key_random();
		secret.word[i] = key.k0;
		secret.word[i + 1] = key.k1;
	}
	return secret;
}

struct qw_print_ends qw_print_link(const struct qw_print_secret *secret, const struct qw_packet *packet)
{
	uint64_t ends[2] = {0};
	uint64_t vlan = packet->vlan_count ? packet->vlan[0] : 0;

	if (packet->mac)
		memcpy(ends, packet->mac, 12);
	return (struct qw_print_ends){ends[0] ^ secret->word[0], qw_hash_step(ends[1] ^ secret->word[1], vlan ^ secret->word[2])};
}

/* ---- what says something; what stands only here and there is not: sequence numbers, values, times */

static const bool says_something[QW_KEY_COUNT] = {
	[QW_KEY_OT_EXTENDED_STATUS] = true, [QW_KEY_OT_UNIT] = true,        [QW_KEY_OT_SOURCE] = true,
	[QW_KEY_OT_SOURCE_NET] = true,      [QW_KEY_OT_DESTINATION] = true, [QW_KEY_OT_DESTINATION_NET] = true,
	[QW_KEY_OT_FORWARDED_FOR] = true,   [QW_KEY_OT_COMMAND] = true,     [QW_KEY_OT_SUBFUNCTION] = true,
	[QW_KEY_OT_SERVICE] = true,         [QW_KEY_OT_CAUSE] = true,       [QW_KEY_OT_CLASS] = true,
	[QW_KEY_OT_INSTANCE] = true,        [QW_KEY_OT_ATTRIBUTE] = true,   [QW_KEY_OT_INDEX] = true,
	[QW_KEY_OT_RACK] = true,            [QW_KEY_OT_SLOT] = true,        [QW_KEY_OT_SUBSLOT] = true,
	[QW_KEY_OT_ADDRESS] = true,         [QW_KEY_OT_QUANTITY] = true,    [QW_KEY_OT_OBJECTS] = true,
	[QW_KEY_OT_CONTROL_BLOCK] = true,   [QW_KEY_OT_DATA_SET] = true,    [QW_KEY_OT_STREAM] = true,
	[QW_KEY_OT_CONFIGURATION] = true,   [QW_KEY_OT_IP] = true,          [QW_KEY_OT_NETMASK] = true,
	[QW_KEY_OT_GATEWAY] = true,         [QW_KEY_OT_MAC] = true,         [QW_KEY_OT_TARGET_IP] = true,
	[QW_KEY_OT_TARGET_MAC] = true,      [QW_KEY_OT_BEFORE_MAC] = true,  [QW_KEY_OT_CHASSIS] = true,
	[QW_KEY_OT_PORT] = true,            [QW_KEY_OT_PORT_DESCRIPTION] = true, [QW_KEY_OT_INDICATIONS] = true,
	[QW_KEY_OT_MESSAGE_TYPE] = true,    [QW_KEY_OT_STATION] = true,     [QW_KEY_OT_MOUNT_POINT] = true,
	[QW_KEY_OT_TALKER] = true,          [QW_KEY_OT_FORMATTER] = true,   [QW_KEY_OT_SENDER] = true,
	[QW_KEY_OT_RECEIVER] = true,        [QW_KEY_OT_MMSI] = true,        [QW_KEY_OT_IMO] = true,
	[QW_KEY_OT_CALL_SIGN] = true,       [QW_KEY_OT_POLICY] = true,      [QW_KEY_OT_MODE] = true,
	[QW_KEY_OT_USER] = true,            [QW_KEY_OT_URL] = true,         [QW_KEY_OT_VENDOR] = true,
	[QW_KEY_OT_PRODUCT] = true,         [QW_KEY_OT_PRODUCT_CODE] = true, [QW_KEY_OT_REVISION] = true,
	[QW_KEY_OT_DEVICE_TYPE] = true,     [QW_KEY_OT_SERIAL] = true,      [QW_KEY_OT_SERIAL_NUMBER] = true,
	[QW_KEY_OT_DEVICE] = true,          [QW_KEY_OT_DEVICE_NAME] = true, [QW_KEY_OT_DESCRIPTION] = true,
	[QW_KEY_OT_SERIAL_TEXT] = true,
};

static uint64_t text(const struct qw_print_secret *secret, struct qw_slice text)
{
	return qw_siphash(secret->key, text.data, text.len);
}

static uint64_t add_ot(const struct qw_print_secret *secret, uint64_t print, const struct qw_ot_detail *ot)
{
	uint64_t head = (uint64_t)ot->function << 16 ^ (uint64_t)ot->error << 2 ^ (uint64_t)ot->response << 1 ^ ot->failed;

	print = qw_hash_step(print ^ head, secret->word[5]);
	if (ot->kind)
		print = qw_hash_step(print ^ text(secret, qw_slice_text(ot->kind)), secret->word[4]);
	for (unsigned i = 0; i < ot->count; i++) {
		const struct qw_ot_value *value = &ot->value[i];
		if (!says_something[value->key])
			continue;
		uint64_t word = value->text.data ? text(secret, value->text) : value->number;
		print = qw_hash_step(print ^ word, secret->word[5] ^ (uint64_t)value->key);
	}
	return print;
}

static uint64_t add_dns(const struct qw_print_secret *secret, uint64_t print, const struct qw_dns_detail *dns)
{
	return qw_hash_step(print ^ text(secret, dns->name), secret->word[5] ^ dns->type);
}

static uint64_t add_tls(const struct qw_print_secret *secret, uint64_t print, const struct qw_tls_detail *tls)
{
	print = qw_hash_step(print ^ text(secret, tls->sni), secret->word[5]);
	return qw_hash_step(print ^ text(secret, tls->ja4), secret->word[4]);
}

uint64_t qw_print_detail(const struct qw_print_secret *secret, struct qw_print_ends ends, const struct qw_message *message)
{
	uint64_t print = qw_hash_step(ends.one ^ (uint64_t)message->app, ends.other ^ secret->word[4]);

	switch (message->app) {
	case QW_APP_DNS: return add_dns(secret, print, qw_message_detail(message));
	case QW_APP_TLS:
	case QW_APP_QUIC: return add_tls(secret, print, qw_message_detail(message));
	default: return add_ot(secret, print, qw_message_detail(message));
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/sight.h"

#include <string.h>

static bool is_zero(const uint8_t *mac)
{
	static const uint8_t zero[6];

	return memcmp(mac, zero, sizeof(zero)) == 0;
}

static void sight_macs(const struct qw_indicators *set, struct qw_moment at, struct qw_reporter *reporter,
		       const struct qw_scene *scene)
{
	struct qw_hit hit;

	for (int i = 0; i < 2; i++) {
		const uint8_t *mac = scene->packet->mac + 6 * i;
		if (!is_zero(mac) && qw_indicators_mac(set, at, mac, &hit))
			qw_report_indicator(reporter, scene, &hit);
	}
}

void qw_sight_packet(const struct qw_indicators *set, struct qw_moment at, struct qw_reporter *reporter,
		     const struct qw_scene *scene)
{
	const struct qw_packet *packet = scene->packet;
	struct qw_hit hit;

	if (packet->flags & QW_PACKET_IP) {
		if (qw_indicators_address(set, at, &packet->src, packet->sport, &hit))
			qw_report_indicator(reporter, scene, &hit);
		if (qw_indicators_address(set, at, &packet->dst, packet->dport, &hit))
			qw_report_indicator(reporter, scene, &hit);
	}
	if (packet->mac && qw_indicators_want(set, QW_OBS_MAC))
		sight_macs(set, at, reporter, scene);
}

/* The host that a message's URL belongs to. */
static struct qw_slice host_of(const struct qw_message *message)
{
	for (unsigned i = 0; i < message->count; i++)
		if (message->field[i].sight == QW_SIGHT_NAME)
			return message->field[i].value;
	return qw_slice(NULL, 0);
}

static bool ask(const struct qw_indicators *set, struct qw_moment at, const struct qw_message *message,
		const struct qw_field *field, struct qw_hit *hit)
{
	const struct qw_slice *value = &field->value;
	struct qw_address address;

	switch ((enum qw_sight)field->sight) {
	case QW_SIGHT_NONE: return false;
	case QW_SIGHT_NAME:
		/* A host that is an address is asked for as one. */
		if (qw_address_parse((const char *)value->data, value->len, &address))
			return qw_indicators_address(set, at, &address, 0, hit);
		return qw_indicators_name(set, at, (const char *)value->data, value->len, hit);
	case QW_SIGHT_ADDRESS:
		if (value->len != sizeof(address))
			return false;
		memcpy(&address, value->data, sizeof(address));
		return qw_indicators_address(set, at, &address, 0, hit);
	case QW_SIGHT_USER_AGENT: return qw_indicators_text(set, at, QW_OBS_USER_AGENT, value->data, value->len, hit);
	case QW_SIGHT_JA3: return value->len == 16 && qw_indicators_digest(set, at, QW_OBS_JA3, value->data, hit);
	case QW_SIGHT_JA4: return qw_indicators_text(set, at, QW_OBS_JA4, value->data, value->len, hit);
	case QW_SIGHT_CERT_SHA1: return value->len == 20 && qw_indicators_digest(set, at, QW_OBS_CERT_SHA1, value->data, hit);
	case QW_SIGHT_MD5: return value->len == 16 && qw_indicators_digest(set, at, QW_OBS_MD5, value->data, hit);
	case QW_SIGHT_SHA1: return value->len == 20 && qw_indicators_digest(set, at, QW_OBS_SHA1, value->data, hit);
	case QW_SIGHT_SHA256: return value->len == 32 && qw_indicators_digest(set, at, QW_OBS_SHA256, value->data, hit);
	case QW_SIGHT_URL: return qw_indicators_url(set, at, host_of(message), *value, hit);
	}
	return false;
}

void qw_sight_message(const struct qw_indicators *set, struct qw_moment at, struct qw_reporter *reporter,
		      const struct qw_scene *scene)
{
	struct qw_hit hit;

	for (unsigned i = 0; i < scene->message->count; i++) {
		const struct qw_field *field = &scene->message->field[i];
		if (field->fresh && ask(set, at, scene->message, field, &hit))
			qw_report_indicator(reporter, scene, &hit);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/key.h"

#include <stdlib.h>

#include "quaywatch/address.h"
#include "rules/indicator/mix.h"
#include "rules/indicator/name.h"
#include "rules/indicator/value.h"

static enum qw_err make_address(struct qw_key *out, struct qw_slice text)
{
	struct qw_address address;
	if (!qw_address_parse((const char *)text.data, text.len, &address))
		return QW_EFORMAT;
	bool v4 = qw_address_is_v4(&address);
	out->group = v4 ? QW_GROUP_V4 : QW_GROUP_V6;
	size_t len = v4 ? 4 : 16;
	memcpy(out->memory, address.bytes + 16 - len, len);
	out->bytes = qw_slice(out->memory, len);
	return QW_OK;
}

static enum qw_err make_port(struct qw_key *out, struct qw_slice text)
{
	struct qw_address address;
	uint16_t port;
	if (!qw_value_split_port(&text, &port))
		return QW_EFORMAT;
	if (text.len > 2 && text.data[0] == '[')
		text = qw_slice(text.data + 1, text.len - 2);
	if (!qw_address_parse((const char *)text.data, text.len, &address))
		return QW_EFORMAT;
	memcpy(out->memory, address.bytes, 16);
	out->memory[16] = (uint8_t)(port >> 8);
	out->memory[17] = (uint8_t)port;
	out->bytes = qw_slice(out->memory, 18);
	return QW_OK;
}

static enum qw_err make_prefix(struct qw_key *out, struct qw_slice text)
{
	struct qw_prefix prefix;
	if (!qw_prefix_parse((const char *)text.data, text.len, &prefix))
		return QW_EFORMAT;
	memcpy(out->memory, prefix.address.bytes, 16);
	out->memory[16] = prefix.bits;
	out->bytes = qw_slice(out->memory, 17);
	return QW_OK;
}

static enum qw_err make_digest(struct qw_key *out, struct qw_slice text)
{
	if (text.len > 2 * sizeof(out->memory) || !qw_hex_decode((const char *)text.data, text.len, out->memory))
		return QW_EFORMAT;
	out->bytes = qw_slice(out->memory, text.len / 2);
	return out->bytes.len == qw_group_key_len(out->group) ? QW_OK : QW_EFORMAT;
}

static enum qw_err make_mac(struct qw_key *out, struct qw_slice text)
{
	if (text.len != 17 && text.len != 8)
		return QW_EFORMAT;
	for (size_t i = 0; i < text.len; i += 3)
		if (!qw_hex_decode((const char *)text.data + i, 2, out->memory + i / 3))
			return QW_EFORMAT;
	out->bytes = qw_slice(out->memory, (text.len + 1) / 3);
	return QW_OK;
}

enum qw_err qw_key_make(struct qw_key *out, const struct qw_observable *observable)
{
	struct qw_slice text = qw_slice(observable->text, observable->len);

	if (observable->type >= QW_OBS_COUNT || text.len == 0 || text.len > QW_OBSERVABLE_TEXT_MAX)
		return QW_EFORMAT;
	out->group = qw_group_of(observable->type);
	if (observable->type == QW_OBS_IP)
		return make_address(out, text);
	if (observable->type == QW_OBS_IP_PORT)
		return make_port(out, text);
	if (observable->type == QW_OBS_CIDR)
		return make_prefix(out, text);
	if (observable->type == QW_OBS_MAC)
		return make_mac(out, text);
	if (qw_group_key_len(out->group))
		return make_digest(out, text);
	if (out->group == QW_GROUP_NAME && text.len > QW_NAME_MAX)
		return QW_EFORMAT;
	out->bytes = text;
	return QW_OK;
}

void qw_key_split_url(struct qw_slice url, struct qw_slice *host, struct qw_slice *path)
{
	const uint8_t *slash = url.len ? memchr(url.data, '/', url.len) : NULL;
	size_t end = slash ? (size_t)(slash - url.data) : url.len;
	uint16_t port;

	*host = qw_slice(url.data, end);
	*path = qw_slice(url.data + end, url.len - end);
	qw_value_split_port(host, &port);
}

uint64_t qw_key_hash_url(const struct qw_seed *seed, struct qw_slice host, struct qw_slice path)
{
	uint64_t hash = host.len ? qw_mix_bytes(seed, seed->word[0], host.data, host.len) : seed->word[0];
	return qw_mix_bytes(seed, hash, path.data, path.len);
}

static uint64_t hash_name(const struct qw_seed *seed, const uint8_t *name, size_t len)
{
	uint8_t memory[QW_NAME_MAX + 8];
	uint64_t hash = seed->word[0];
	size_t end = len;

	memcpy(memory, name, len);
	memset(memory + len, 0, 8);
	for (size_t at = len; at-- > 0;) {
		if (at && memory[at - 1] != '.')
			continue;
		hash = qw_mix_label(seed, hash, memory + at, end - at);
		end = at ? at - 1 : 0;
	}
	return hash;
}

uint64_t qw_key_hash(const struct qw_seed *seed, enum qw_group group, const uint8_t *key, size_t len)
{
	struct qw_slice host, path;

	switch (group) {
	case QW_GROUP_V4: return qw_mix_v4(seed, key);
	case QW_GROUP_V6: return qw_mix_v6(seed, key);
	case QW_GROUP_NAME: return hash_name(seed, key, len);
	case QW_GROUP_URL: qw_key_split_url(qw_slice(key, len), &host, &path); return qw_key_hash_url(seed, host, path);
	default: return qw_mix_bytes(seed, seed->word[0], key, len);
	}
}

unsigned qw_key_part(const struct qw_seed *seed, enum qw_group group, const uint8_t *key, size_t len)
{
	struct qw_address address;

	switch (group) {
	case QW_GROUP_PREFIX: return 0;
	case QW_GROUP_PORT: address = qw_address_v6(key); return qw_part(qw_mix_address(seed, &address));
	default: return qw_part(qw_key_hash(seed, group, key, len));
	}
}

static void put_prefix(struct qw_text *out, const uint8_t *key)
{
	struct qw_address address;
	memcpy(address.bytes, key, 16);
	unsigned bits = key[16];
	if (qw_address_is_v4(&address) && bits >= 96)
		bits -= 96;
	qw_text_address(out, &address);
	qw_text_char(out, '/');
	qw_text_u64(out, bits);
}

static void put_address(struct qw_text *out, const uint8_t *key, size_t len)
{
	struct qw_address address = len == 4 ? qw_address_v4(key) : qw_address_v6(key);
	bool port = len == 18, brackets = port && !qw_address_is_v4(&address);
	if (brackets)
		qw_text_char(out, '[');
	qw_text_address(out, &address);
	if (brackets)
		qw_text_char(out, ']');
	if (port) {
		qw_text_char(out, ':');
		qw_text_u64(out, qw_be16(key + 16));
	}
}

static void put_mac(struct qw_text *out, const uint8_t *key, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (i)
			qw_text_char(out, ':');
		qw_text_hex(out, key + i, 1);
	}
}

void qw_key_text(struct qw_text *out, enum qw_observable_type type, const uint8_t *key, size_t len)
{
	if (type == QW_OBS_CIDR)
		put_prefix(out, key);
	else if (type == QW_OBS_IP || type == QW_OBS_IP_PORT)
		put_address(out, key, len);
	else if (type == QW_OBS_MAC)
		put_mac(out, key, len);
	else
		qw_text_hex(out, key, len);
}

unsigned qw_key_labels(const uint8_t *name, size_t len)
{
	unsigned labels = 1;
	for (size_t i = 0; i < len; i++)
		labels += name[i] == '.';
	return labels;
}

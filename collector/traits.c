/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/traits.h"

#include <stdio.h>
#include <string.h>

#include "quaywatch/hash.h"

static const char *const kinds[QW_TRAIT_KINDS] = {"indicator", "signature", "certificate", "ja4", "payload"};

/* Keys are kept on disk, so that they are the same after a start; what comes in is what sensors' rules named. */
static const struct qw_hash_key hash_key = {UINT64_C(0x7175617977617463), UINT64_C(0x680074726169740a)};

const char *qw_trait_kind_name(enum qw_trait_kind kind)
{
	return kinds[kind];
}

/* ---- members */

/* A string member's escaped characters, as they stand; empty: there is none. */
static struct qw_slice text_of(struct qw_slice in, const char *name)
{
	const char *at = in.len ? memmem(in.data, in.len, name, strlen(name)) : NULL;
	const char *end = (const char *)in.data + in.len;

	if (!at)
		return qw_slice(NULL, 0);
	at += strlen(name);
	for (const char *quote = at; quote < end; quote++) {
		if (*quote == '\\')
			quote++;
		else if (*quote == '"')
			return qw_slice(at, (size_t)(quote - at));
	}
	return qw_slice(NULL, 0);
}

static uint64_t number_of(struct qw_slice in, const char *name)
{
	const uint8_t *at = in.len ? memmem(in.data, in.len, name, strlen(name)) : NULL, *end = in.data + in.len;
	uint64_t value = 0;

	for (at = at ? at + strlen(name) : end; at < end && *at >= '0' && *at <= '9' && value < UINT64_MAX / 16; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	return value;
}

static void copy(char *out, size_t size, struct qw_slice from)
{
	size_t len = from.len < size ? from.len : size - 1;

	if (len > 0)
		memcpy(out, from.data, len);
	out[len] = '\0';
}

/* Ours is the last of that name: a sensor's own may not be there, and stands before it. */
static struct qw_slice ours_of(const char *line, size_t len)
{
	static const char name[] = "\"quaywatch\":{\"origin\":\"";
	const char *found = NULL, *at = line;

	while ((at = memmem(at, len - (size_t)(at - line), name, sizeof(name) - 1)) != NULL)
		found = at++;
	return found ? qw_slice(found, len - (size_t)(found - line)) : qw_slice(NULL, 0);
}

/* ---- traits */

static void add(struct qw_traits *out, enum qw_trait_kind kind, const char *value, size_t len)
{
	struct qw_trait *trait = &out->trait[out->traits];
	struct qw_hash_key key = hash_key;

	if (len == 0 || out->traits == QW_TRAIT_KINDS)
		return;
	key.k1 ^= (uint64_t)kind + 1;
	trait->kind = kind;
	trait->key = qw_siphash(key, value, len);
	copy(trait->value, sizeof(trait->value), qw_slice(value, len));
	out->traits++;
}

static void add_text(struct qw_traits *out, enum qw_trait_kind kind, struct qw_slice in, const char *name)
{
	struct qw_slice value = text_of(in, name);

	add(out, kind, (const char *)value.data, value.len);
}

/* gid 2 is the indicator's own, 4 the engine's. */
static void add_signature(struct qw_traits *out, struct qw_slice alert)
{
	uint64_t gid = number_of(alert, "\"gid\":"), sid = number_of(alert, "\"signature_id\":");
	char value[48];

	if (sid == 0 || gid == 2 || gid == 4)
		return;
	int len = snprintf(value, sizeof(value), "%llu:%llu", (unsigned long long)gid, (unsigned long long)sid);
	add(out, QW_TRAIT_SIGNATURE, value, (size_t)len);
	out->ot |= gid == 3;
}

static void add_indicator(struct qw_traits *out, struct qw_slice ours)
{
	static const char name[] = "\"indicator\":{";
	const uint8_t *at = memmem(ours.data, ours.len, name, sizeof(name) - 1);
	char value[512];

	if (!at)
		return;
	struct qw_slice in = qw_slice(at, ours.len - (size_t)(at - ours.data));
	struct qw_slice type = text_of(in, "\"type\":\""), text = text_of(in, "\"value\":\"");
	int len = snprintf(value, sizeof(value), "%.*s %.*s", (int)(type.len < 32 ? type.len : 32), (const char *)type.data,
			   (int)(text.len < 400 ? text.len : 400), (const char *)text.data);
	if (text.len > 0)
		add(out, QW_TRAIT_INDICATOR, value, (size_t)len);
	out->confidence = (unsigned)number_of(in, "\"confidence\":");
}

/* ---- who */

static uint64_t actor_of(const struct qw_identity *who, struct qw_slice address)
{
	struct qw_hash_key key = hash_key;

	if (address.len == 0)
		return 0;
	key.k0 ^= qw_siphash(hash_key, who->tenant, strlen(who->tenant));
	return qw_siphash(key, address.data, address.len) | 1;
}

static bool is_ot(struct qw_slice protocol)
{
	static const char *const names[] = {"modbus", "dnp3", "enip", "s7comm", "s7comm-plus", "iec104", "opcua", "bacnet", "mms",
					    "profinet", "fins", "slmp", "ads", "hart_ip", "c37118", "fox", "llrp"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == protocol.len && memcmp(names[i], protocol.data, protocol.len) == 0)
			return true;
	return false;
}

static void set_sides(struct qw_traits *out, struct qw_slice line)
{
	struct qw_slice source = text_of(line, "\"src_ip\":\""), target = text_of(line, "\"dest_ip\":\""),
			protocol = text_of(line, "\"app_proto\":\"");
	char from[46], to[46], name[20];

	copy(from, sizeof(from), source);
	copy(to, sizeof(to), target);
	copy(name, sizeof(name), protocol);
	out->actor[0] = actor_of(&out->who, source);
	out->actor[1] = actor_of(&out->who, target);
	out->ot |= is_ot(protocol);
	snprintf(out->sample, sizeof(out->sample), "%.16s: %s to %s%s%s%s", out->who.sensor, *from ? from : "(not told)",
		 *to ? to : "(not told)", *name ? " (" : "", name, *name ? ")" : "");
}

bool qw_traits_of_line(struct qw_traits *out, const char *line, size_t len)
{
	struct qw_slice all = qw_slice(line, len), ours = ours_of(line, len);
	const char *alert = memmem(line, len, "\"alert\":{", 9);
	struct qw_slice time = text_of(all, "\"timestamp\":\"");

	memset(out, 0, offsetof(struct qw_traits, trait));
	if (!alert || ours.len == 0 || !qw_time_parse((const char *)time.data, time.len, &out->at))
		return false;
	copy(out->who.tenant, sizeof(out->who.tenant), text_of(ours, ",\"tenant\":\""));
	copy(out->who.sensor, sizeof(out->who.sensor), text_of(ours, ",\"sensor\":\""));
	/* What the collector itself says has no number. */
	if (!out->who.tenant[0] || !memmem(ours.data, ours.len, ",\"seq\":", 7))
		return false;
	struct qw_slice in = qw_slice(alert, len - (size_t)(alert - line));
	out->count = number_of(ours, "\"count\":");
	out->severity = (unsigned)number_of(in, "\"severity\":");
	copy(out->text, sizeof(out->text), text_of(in, "\"signature\":\""));
	set_sides(out, all);
	add_indicator(out, ours);
	add_signature(out, in);
	add_text(out, QW_TRAIT_CERTIFICATE, all, "\"fingerprint\":\"");
	add_text(out, QW_TRAIT_JA4, all, "\"ja4\":\"");
	add_text(out, QW_TRAIT_PAYLOAD, all, "\"payload_digest\":\"");
	return out->traits > 0;
}

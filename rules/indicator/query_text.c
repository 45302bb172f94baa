/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked up whole: URLs, digests, header values, hardware addresses. */
#include "rules/indicator/decide.h"
#include "rules/indicator/key.h"
#include "rules/indicator/name.h"
#include "rules/indicator/value.h"

/* ---- one key of any bytes */

static enum qw_verdict decide_bytes(const struct qw_indicators *set, struct qw_moment at, enum qw_observable_type type,
					struct qw_slice key, struct qw_decision *out)
{
	struct qw_probe probe = {.group = qw_group_of(type), .type = type, .head = key};
	for (unsigned side = 0; side <= set->layered; side++)
		probe.hash[side] = qw_mix_bytes(&set->seed[side], set->seed[side].word[0], key.data, key.len);
	qw_probe_place(&probe, set);
	return qw_probe_maybe(set, &probe) ? qw_decide(set, at, &probe, out) : QW_VERDICT_NONE;
}

static bool ask_bytes(const struct qw_indicators *set, struct qw_moment at, enum qw_observable_type type,
		      struct qw_slice key, struct qw_hit *out)
{
	struct qw_decision decision;
	if (decide_bytes(set, at, type, key, &decision) != QW_VERDICT_BLOCKED)
		return false;
	qw_hit_fill(out, &decision);
	return true;
}

bool qw_indicators_digest(const struct qw_indicators *set, struct qw_moment at, enum qw_observable_type type,
			  const uint8_t *digest, struct qw_hit *out)
{
	size_t len = qw_digest_bytes(type);
	return len && ask_bytes(set, at, type, qw_slice(digest, len), out);
}

bool qw_indicators_text(const struct qw_indicators *set, struct qw_moment at, enum qw_observable_type type,
			const void *text, size_t len, struct qw_hit *out)
{
	bool asked = type == QW_OBS_JA4 || type == QW_OBS_USER_AGENT;
	return asked && len && len <= QW_OBSERVABLE_TEXT_MAX && ask_bytes(set, at, type, qw_slice(text, len), out);
}

bool qw_indicators_mac(const struct qw_indicators *set, struct qw_moment at, const uint8_t mac[6], struct qw_hit *out)
{
	struct qw_decision decision;
	enum qw_verdict verdict = decide_bytes(set, at, QW_OBS_MAC, qw_slice(mac, 6), &decision);
	if (verdict == QW_VERDICT_NONE)
		verdict = decide_bytes(set, at, QW_OBS_MAC, qw_slice(mac, 3), &decision);
	if (verdict != QW_VERDICT_BLOCKED)
		return false;
	qw_hit_fill(out, &decision);
	return true;
}

/* ---- URLs */

static enum qw_verdict decide_url(const struct qw_indicators *set, struct qw_moment at, struct qw_slice host,
				  struct qw_slice path, struct qw_decision *out)
{
	struct qw_probe probe = {.group = QW_GROUP_URL, .type = QW_OBS_URL, .head = host, .tail = path};
	for (unsigned side = 0; side <= set->layered; side++)
		probe.hash[side] = qw_key_hash_url(&set->seed[side], host, path);
	qw_probe_place(&probe, set);
	return qw_probe_maybe(set, &probe) ? qw_decide(set, at, &probe, out) : QW_VERDICT_NONE;
}

/* Lower case, without the final dot. */
static struct qw_slice lower_host(uint8_t memory[QW_NAME_MAX], struct qw_slice host)
{
	if (host.len && host.data[host.len - 1] == '.')
		host.len--;
	if (host.len > QW_NAME_MAX)
		host.len = 0;
	for (size_t i = 0; i < host.len; i++)
		memory[i] = (uint8_t)(host.data[i] + ((uint8_t)(host.data[i] - 'A') < 26 ? 32 : 0));
	return qw_slice(memory, host.len);
}

/* A path that is bad anywhere is no reason to suspect a host that is held to be good. */
static bool is_allowed_host(const struct qw_indicators *set, struct qw_moment at, struct qw_slice host)
{
	struct qw_decision ignored;
	struct qw_address address;
	if (qw_address_parse((const char *)host.data, host.len, &address))
		return qw_decide_address(set, at, &address, 0, &ignored) == QW_VERDICT_ALLOWED;
	return qw_decide_name(set, at, (const char *)host.data, host.len, &ignored) == QW_VERDICT_ALLOWED;
}

bool qw_indicators_url(const struct qw_indicators *set, struct qw_moment at, struct qw_slice host, struct qw_slice uri,
		       struct qw_hit *out)
{
	uint8_t memory[QW_NAME_MAX];
	struct qw_decision decision;
	enum qw_verdict verdict = QW_VERDICT_NONE;

	if (uri.len == 0)
		return false;
	host = lower_host(memory, host);
	const uint8_t *query = memchr(uri.data, '?', uri.len);
	struct qw_slice path = qw_slice(uri.data, query ? (size_t)(query - uri.data) : uri.len);
	struct qw_slice texts[] = {uri, path};
	bool hostless = false;
	for (unsigned i = host.len ? 0 : 2; i < 4 && verdict == QW_VERDICT_NONE; i++) {
		hostless = i >= 2;
		if (i % 2 == 1 && path.len == uri.len)
			continue;
		verdict = decide_url(set, at, hostless ? qw_slice(NULL, 0) : host, texts[i % 2], &decision);
	}
	if (verdict != QW_VERDICT_BLOCKED || (hostless && host.len && is_allowed_host(set, at, host)))
		return false;
	qw_hit_fill(out, &decision);
	return true;
}

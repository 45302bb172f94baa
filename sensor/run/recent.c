/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/recent.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/address.h"
#include "quaywatch/hash.h"
#include "quaywatch/indicator.h"
#include "sensor/watch/seen.h"

enum { PROBES = 8, CELLS = 64, LABELS_MAX = 16, NAME_MAX_BYTES = 253 };

/* Which of 64 cells its hosts fell into: how many are full tells how many hosts there were. */
struct slot {
	uint64_t id, cells; /* cells 0: free */
};

struct half {
	uint64_t lost; /* values that found no place in it */
	struct slot slot[QW_RECENT_SLOTS];
};

struct qw_recent {
	struct half *now, *before;
	struct qw_time began;
	bool http;
	uint64_t lost;
	struct qw_hash_key key; /* nobody outside can choose what collides */
};

enum qw_err qw_recent_new(struct qw_recent **out, bool http)
{
	struct qw_recent *recent = calloc(1, sizeof(*recent));

	if (!recent)
		return QW_ENOMEM;
	recent->now = calloc(1, sizeof(*recent->now));
	recent->before = calloc(1, sizeof(*recent->before));
	recent->key = qw_hash_key_random();
	recent->http = http;
	if (!recent->now || !recent->before) {
		qw_recent_free(recent);
		return QW_ENOMEM;
	}
	*out = recent;
	return QW_OK;
}

void qw_recent_free(struct qw_recent *recent)
{
	if (!recent)
		return;
	free(recent->now);
	free(recent->before);
	free(recent);
}

uint64_t qw_recent_lost(const struct qw_recent *recent)
{
	return recent->lost;
}

static size_t place_of(const struct qw_recent *recent, uint64_t id, unsigned probe)
{
	return (size_t)(qw_mix64(id ^ recent->key.k0) + probe) & (QW_RECENT_SLOTS - 1);
}

static void meet(struct qw_recent *recent, enum qw_observable_type type, const char *text, size_t len,
		 const struct qw_address *host)
{
	uint64_t id = qw_indicator_id(type, text, len), low, high;

	memcpy(&low, host->bytes, 8);
	memcpy(&high, host->bytes + 8, 8);
	uint64_t cell = qw_mix64(qw_mix64(low ^ recent->key.k1) ^ high) % CELLS;
	for (unsigned probe = 0; probe < PROBES; probe++) {
		struct slot *slot = &recent->now->slot[place_of(recent, id, probe)];
		if (slot->cells != 0 && slot->id != id)
			continue;
		slot->id = id;
		slot->cells |= 1ull << cell;
		return;
	}
	recent->now->lost++;
	recent->lost++;
}

static void meet_address(struct qw_recent *recent, const struct qw_address *address, const struct qw_address *host)
{
	char memory[QW_ADDRESS_TEXT_MAX];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_address(&text, address);
	meet(recent, QW_OBS_IP, text.at, text.len, host);
}

/* The name as a host, and with each parent as a domain. */
static void meet_name(struct qw_recent *recent, struct qw_slice name, const struct qw_address *host)
{
	char lower[NAME_MAX_BYTES];
	size_t len = name.len;

	while (len > 0 && name.data[len - 1] == '.')
		len--;
	if (len == 0 || len > sizeof(lower))
		return;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] + 32 : name.data[i]);
	meet(recent, QW_OBS_HOST, lower, len, host);
	const char *at = lower, *end = lower + len;
	for (unsigned labels = 0; at && labels < LABELS_MAX; labels++) {
		meet(recent, QW_OBS_DOMAIN, at, (size_t)(end - at), host);
		at = memchr(at, '.', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
}

/* In its canonical form; what has none is no value. */
static void meet_text(struct qw_recent *recent, enum qw_observable_type type, const char *text, size_t len,
		      const struct qw_address *host)
{
	struct qw_observable observable;

	if (len && qw_observable_parse(&observable, type, text, len, NULL) == QW_OK && observable.type == type)
		meet(recent, type, observable.text, observable.len, host);
}

static void meet_slice(struct qw_recent *recent, enum qw_observable_type type, struct qw_slice value, const struct qw_address *host)
{
	meet_text(recent, type, (const char *)value.data, value.len, host);
}

/* "20:a7:…" as events write it. */
static void meet_fingerprint(struct qw_recent *recent, struct qw_slice value, const struct qw_address *host)
{
	char hex[2 * 20 + 1];
	size_t len = 0;

	for (size_t i = 0; i < value.len && len < sizeof(hex); i++)
		if (value.data[i] != ':')
			hex[len++] = (char)value.data[i];
	meet_text(recent, QW_OBS_CERT_SHA1, hex, len, host);
}

static void meet_url(struct qw_recent *recent, const struct qw_seen *seen, const struct qw_address *host)
{
	char url[QW_OBSERVABLE_TEXT_MAX];
	struct qw_text text;

	if (!seen->http_host.len || !seen->http_url.len || seen->http_url.data[0] != '/')
		return;
	qw_text_init(&text, url, sizeof(url));
	qw_text_put(&text, (const char *)seen->http_host.data, seen->http_host.len);
	qw_text_put(&text, (const char *)seen->http_url.data, seen->http_url.len);
	if (!text.cut)
		meet_text(recent, QW_OBS_URL, text.at, text.len, host);
}

static void meet_what_was_said(struct qw_recent *recent, const struct qw_seen *seen, const struct qw_address *client)
{
	meet_slice(recent, QW_OBS_JA3, seen->tls_ja3, client);
	meet_slice(recent, QW_OBS_JA4, seen->tls_ja4, client);
	meet_fingerprint(recent, seen->tls_fingerprint, client);
	meet_slice(recent, QW_OBS_USER_AGENT, seen->http_user_agent, client);
	meet_url(recent, seen, client);
	if (seen->http_host.len)
		meet_name(recent, seen->http_host, client);
}

static void turn_halves(struct qw_recent *recent, struct qw_time now)
{
	if (now.ns - recent->began.ns < QW_RECENT_HALF_S * (int64_t)QW_NS_PER_S)
		return;
	struct half *oldest = recent->before;
	recent->before = recent->now;
	recent->now = oldest;
	memset(oldest, 0, sizeof(*oldest));
	recent->began = now;
}

void qw_recent_seen(struct qw_recent *recent, const struct qw_seen *seen, struct qw_time now)
{
	turn_halves(recent, now);
	if (!seen->src.known || !seen->dst.known)
		return;
	const struct qw_address *client = &qw_seen_client(seen)->address, *server = &qw_seen_server(seen)->address;
	/* A conversation is told when it is known what it carries; one that alerts is met already. */
	if (seen->flow.begins || seen->type == QW_EVENT_ALERT) {
		meet_address(recent, server, client);
		meet_address(recent, client, server);
	}
	if (seen->dns_name.len)
		meet_name(recent, seen->dns_name, client);
	if (seen->tls_sni.len)
		meet_name(recent, seen->tls_sni, client);
	meet_what_was_said(recent, seen, client);
}

/* ---- asking */

static uint64_t cells_of(const struct qw_recent *recent, const struct half *half, uint64_t id)
{
	for (unsigned probe = 0; probe < PROBES; probe++) {
		const struct slot *slot = &half->slot[place_of(recent, id, probe)];
		if (slot->cells != 0 && slot->id == id)
			return slot->cells;
	}
	return 0;
}

/* How many hosts it takes, on average, to fill so many cells. */
static uint64_t hosts_of(uint64_t cells)
{
	unsigned full = (unsigned)__builtin_popcountll(cells);
	uint64_t hundredths = 0;

	for (unsigned i = 0; i < full; i++)
		hundredths += 100 * CELLS / (CELLS - i);
	return (hundredths + 50) / 100;
}

/* What is not there is known not to be there only where nothing was turned away. */
static bool ask(const struct qw_recent *recent, enum qw_observable_type type, const char *text, size_t len, uint64_t *hosts)
{
	uint64_t id = qw_indicator_id(type, text, len);
	uint64_t cells = cells_of(recent, recent->now, id) | cells_of(recent, recent->before, id);

	*hosts = hosts_of(cells);
	return cells != 0 || recent->now->lost + recent->before->lost == 0;
}

static bool ask_itself(const struct qw_recent *recent, const struct qw_observable *observable, uint64_t *hosts)
{
	return ask(recent, observable->type, observable->text, observable->len, hosts);
}

/* "host:port", "host/path"; of a name the host alone. */
static bool ask_host(const struct qw_recent *recent, const struct qw_observable *observable, uint64_t *hosts)
{
	const char *text = observable->text;
	struct qw_observable host;
	size_t len = text[0] == '[' ? strcspn(text + 1, "]") : strcspn(text, "/:?");

	text += text[0] == '[';
	return len && qw_observable_parse(&host, QW_OBS_HOST, text, len, NULL) == QW_OK && ask_itself(recent, &host, hosts);
}

/* A host that many meet says nothing about one path on it. */
static bool ask_url(const struct qw_recent *recent, const struct qw_observable *observable, uint64_t *hosts)
{
	if (recent->http)
		return ask_itself(recent, observable, hosts);
	return ask_host(recent, observable, hosts) && *hosts == 0;
}

static bool ask_http(const struct qw_recent *recent, const struct qw_observable *observable, uint64_t *hosts)
{
	return recent->http && ask_itself(recent, observable, hosts);
}

static bool ask_block(const struct qw_recent *recent, const struct qw_observable *observable, uint64_t *hosts)
{
	struct qw_prefix prefix;
	char memory[QW_ADDRESS_TEXT_MAX];
	uint64_t sum = 0, one;
	bool known = true;

	if (!qw_prefix_parse(observable->text, observable->len, &prefix) || prefix.bits < 120)
		return false; /* wider ones are not promoted without a person */
	for (unsigned i = 0; i < 1u << (128 - prefix.bits); i++) {
		struct qw_address address = prefix.address;
		struct qw_text text;
		address.bytes[15] = (uint8_t)(address.bytes[15] + i);
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_address(&text, &address);
		known &= ask(recent, QW_OBS_IP, text.at, text.len, &one);
		sum += one;
	}
	*hosts = sum;
	return known || sum > 0;
}

bool qw_recent_hosts(const struct qw_recent *recent, const struct qw_observable *observable, uint64_t *hosts)
{
	static bool (*const ways[QW_OBS_COUNT])(const struct qw_recent *recent, const struct qw_observable *observable, uint64_t *hosts) = {
		[QW_OBS_IP] = ask_itself,	 [QW_OBS_DOMAIN] = ask_itself, [QW_OBS_HOST] = ask_itself,
		[QW_OBS_IP_PORT] = ask_host,	 [QW_OBS_CIDR] = ask_block,    [QW_OBS_URL] = ask_url,
		[QW_OBS_JA3] = ask_itself,	 [QW_OBS_JA4] = ask_itself,    [QW_OBS_CERT_SHA1] = ask_itself,
		[QW_OBS_USER_AGENT] = ask_http,
	};

	*hosts = 0;
	return observable->type < QW_OBS_COUNT && ways[observable->type] && ways[observable->type](recent, observable, hosts);
}

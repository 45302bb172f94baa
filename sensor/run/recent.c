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
	struct slot slot[QW_RECENT_SLOTS];
};

struct qw_recent {
	struct half *now, *before;
	struct qw_time began;
	uint64_t lost;
	struct qw_hash_key key; /* nobody outside can choose what collides */
};

enum qw_err qw_recent_new(struct qw_recent **out)
{
	struct qw_recent *recent = calloc(1, sizeof(*recent));

	if (!recent)
		return QW_ENOMEM;
	recent->now = calloc(1, sizeof(*recent->now));
	recent->before = calloc(1, sizeof(*recent->before));
	recent->key = qw_hash_key_random();
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
	if (seen->flow.begins) {
		meet_address(recent, server, client);
		meet_address(recent, client, server);
	}
	if (seen->dns_name.len)
		meet_name(recent, seen->dns_name, client);
	if (seen->tls_sni.len)
		meet_name(recent, seen->tls_sni, client);
}

void qw_recent_event(struct qw_recent *recent, const void *event, size_t size, struct qw_time now)
{
	struct qw_seen seen;

	qw_seen_init(&seen);
	if (qw_seen_read(&seen, event, size) == QW_OK)
		qw_recent_seen(recent, &seen, now);
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

static uint64_t ask(const struct qw_recent *recent, enum qw_observable_type type, const char *text, size_t len)
{
	uint64_t id = qw_indicator_id(type, text, len);

	return hosts_of(cells_of(recent, recent->now, id) | cells_of(recent, recent->before, id));
}

/* "host:port", "host/path"; of a name the host alone. */
static uint64_t ask_host(const struct qw_recent *recent, const char *text)
{
	struct qw_observable host;
	size_t len = text[0] == '[' ? strcspn(text + 1, "]") : strcspn(text, "/:?");

	text += text[0] == '[';
	if (len == 0 || qw_observable_parse(&host, QW_OBS_HOST, text, len, NULL) != QW_OK)
		return 0;
	return ask(recent, host.type, host.text, host.len);
}

static uint64_t ask_block(const struct qw_recent *recent, const struct qw_observable *observable)
{
	struct qw_prefix prefix;
	char memory[QW_ADDRESS_TEXT_MAX];
	uint64_t sum = 0;

	if (!qw_prefix_parse(observable->text, observable->len, &prefix) || prefix.bits < 120)
		return 0; /* wider ones are not promoted without a person */
	for (unsigned i = 0; i < 1u << (128 - prefix.bits); i++) {
		struct qw_address address = prefix.address;
		struct qw_text text;
		address.bytes[15] = (uint8_t)(address.bytes[15] + i);
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_address(&text, &address);
		sum += ask(recent, QW_OBS_IP, text.at, text.len);
	}
	return sum;
}

uint64_t qw_recent_hosts(const struct qw_recent *recent, const struct qw_observable *observable)
{
	switch (observable->type) {
	case QW_OBS_IP:
	case QW_OBS_DOMAIN:
	case QW_OBS_HOST: return ask(recent, observable->type, observable->text, observable->len);
	case QW_OBS_IP_PORT:
	case QW_OBS_URL: return ask_host(recent, observable->text);
	case QW_OBS_CIDR: return ask_block(recent, observable);
	default: return 0;
	}
}

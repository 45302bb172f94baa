/* SPDX-License-Identifier: Apache-2.0 */
/* scans - hosts that ask many: many ports of one, many hosts for one port, slowly, for SMB like a worm, or what they are. */
#include "sensor/watch/paths/distinct.h"
#include "sensor/watch/paths/nets.h"
#include "sensor/watch/paths/paths.h"
#include "sensor/watch/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

enum {
	TALLIES_MAX = 16384,
	FRIENDS_MAX = 65536,
	ANSWERED_PER_ONE = 10, /* so many that answer weigh as much as one that does not */
	SLOW_S = 3600,
	WORM_S = 300,
};

enum kind { PORTS, HOSTS, SLOW, WORM, IDENTITY, KINDS };

static const struct qw_finding_row findings[KINDS] = {
	[PORTS] = {QW_FINDING_SCANS, "A host tries many ports of another", "Network scan", 2, "T0846", "W05"},
	[HOSTS] = {QW_FINDING_SCANS + 1, "A host tries one port of many others", "Network scan", 2, "T0846", "W05"},
	[SLOW] = {QW_FINDING_SCANS + 2, "A host tries others slowly, one after the other", "Network scan", 2, "T0846", "W05"},
	[WORM] = {QW_FINDING_SCANS + 3, "A host reaches for the file shares of many others, as a worm does", "Worm", 1, "T0866", "W01"},
	[IDENTITY] = {QW_FINDING_SCANS + 4, "A host asks many machines what they are", "Network scan", 2, "T0888", "M09"},
};

struct tally_key {
	uint8_t kind, proto;
	uint16_t port;              /* of HOSTS */
	uint32_t unused;
	uint8_t source[16], target[16]; /* target: of PORTS */
};

struct tally {
	struct tally_key key;
	struct qw_time since;
	bool told; /* in this span of time */
	struct qw_distinct silent, answered;
};

/* Two hosts that spoke SMB before. */
struct friends {
	uint8_t ends[2][16];
	struct qw_time since;
};

struct scans {
	struct qw_world *world;
	struct qw_hash_key hash_key;
	struct qw_shelf *tallies, *friends;
	int64_t seconds[KINDS];
	uint32_t limit[KINDS];
	struct qw_nets allow;
};

static void scans_free(void *ctx)
{
	struct scans *state = ctx;

	qw_shelf_free(state->tallies);
	qw_shelf_free(state->friends);
	free(state);
}

static void read_limits(struct scans *state)
{
	static const enum qw_watch_key keys[KINDS] = {
		[PORTS] = QW_WATCH_SCANS_PORTS, [HOSTS] = QW_WATCH_SCANS_HOSTS, [SLOW] = QW_WATCH_SCANS_SLOW,
		[WORM] = QW_WATCH_SCANS_SMB,	[IDENTITY] = QW_WATCH_SCANS_IDENTITY,
	};
	static const int64_t seconds[KINDS] = {[SLOW] = SLOW_S, [WORM] = WORM_S, [IDENTITY] = WORM_S};

	for (unsigned kind = 0; kind < KINDS; kind++) {
		state->limit[kind] = (uint32_t)qw_world_int(state->world, keys[kind]);
		state->seconds[kind] = seconds[kind] ? seconds[kind] : qw_world_int(state->world, QW_WATCH_SCANS_SECONDS);
	}
}

static enum qw_err scans_make(void **out, struct qw_world *world)
{
	static const struct qw_shelf_options tallies = {sizeof(struct tally_key), sizeof(struct tally), TALLIES_MAX, NULL};
	static const struct qw_shelf_options friends = {sizeof(uint8_t[2][16]), sizeof(struct friends), FRIENDS_MAX, NULL};
	struct scans *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	state->hash_key = qw_hash_key_random();
	read_limits(state);
	enum qw_err err = qw_nets_read(&state->allow, world, QW_WATCH_SCANS_ALLOW);
	if (err == QW_OK)
		err = qw_shelf_new(&state->tallies, &tallies);
	if (err == QW_OK)
		err = qw_shelf_new(&state->friends, &friends);
	if (err != QW_OK) {
		scans_free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

/* ---- telling */

static void text_counts(struct qw_text *text, const struct tally *tally, const char *things)
{
	uint32_t silent = qw_distinct_count(&tally->silent), answered = qw_distinct_count(&tally->answered);

	qw_text_format(text, "%u %s", silent + answered, things);
	if (tally->key.kind != WORM && tally->key.kind != IDENTITY)
		qw_text_format(text, ", %u of them silent,", silent);
}

static void tell(struct scans *state, const struct tally *tally, const struct qw_seen *seen)
{
	static const char *const things[KINDS] = {[PORTS] = "ports", [HOSTS] = "hosts", [SLOW] = "hosts and ports",
						  [WORM] = "hosts for the first time", [IDENTITY] = "machines"};
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);
	/* The other end of a finding about many is nobody. */
	struct qw_finding finding = {.row = &findings[tally->key.kind], .src = *client, .time = seen->time};
	char memory[256];
	struct qw_text text;

	finding.src.port = 0;
	if (tally->key.kind == PORTS) {
		finding.dst = *server;
		finding.dst.port = 0;
	}
	if (tally->key.kind == HOSTS)
		finding.what = (uint64_t)tally->key.proto << 16 | tally->key.port;
	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, client);
	qw_text_literal(&text, tally->key.kind == IDENTITY ? " asked " : " tried ");
	text_counts(&text, tally, things[tally->key.kind]);
	if (tally->key.kind == PORTS) {
		qw_text_literal(&text, " of ");
		qw_text_host_of(&text, server);
	}
	if (tally->key.kind == HOSTS && tally->key.port)
		qw_text_format(&text, " on port %u", tally->key.port);
	qw_text_literal(&text, " within ");
	qw_text_span(&text, qw_time_seconds(state->seconds[tally->key.kind]));
	qw_text_literal(&text, "; the latest was ");
	qw_text_end(&text, server);
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

/* ---- counting */

static struct tally *tally_of(struct scans *state, const struct tally_key *key, struct qw_time now)
{
	bool pushed;
	struct tally *tally = qw_shelf_get(state->tallies, key, &pushed);

	if (!tally || pushed)
		qw_world_no_room(state->world);
	if (!tally)
		return NULL;
	/* What is silent is told late, when its flow ends: it counts with what came meanwhile. */
	int64_t age = now.ns - tally->since.ns;
	if (age >= state->seconds[key->kind] * QW_NS_PER_S || age < -QW_NS_PER_S * SLOW_S) {
		memset(tally, 0, sizeof(*tally));
		tally->key = *key;
		tally->since = now;
	}
	return tally;
}

static bool is_many(const struct scans *state, const struct tally *tally)
{
	uint32_t silent = qw_distinct_count(&tally->silent), answered = qw_distinct_count(&tally->answered);
	uint32_t each = tally->key.kind == WORM || tally->key.kind == IDENTITY ? 1 : ANSWERED_PER_ONE;

	return silent + answered / each >= state->limit[tally->key.kind];
}

/* True: it is told in this span of time. */
static bool count(struct scans *state, const struct tally_key *key, const struct qw_seen *seen, uint32_t thing)
{
	struct tally *tally = tally_of(state, key, seen->flow.start.ns ? seen->flow.start : seen->time);

	if (!tally)
		return false;
	if (tally->told)
		return true;
	qw_distinct_add(seen->flow.verdict == QW_SEEN_SILENT ? &tally->silent : &tally->answered, thing);
	if (!is_many(state, tally))
		return false;
	tally->told = true;
	tell(state, tally, seen);
	return true;
}

/* What a fast scan tried is not told as a slow one, too. */
static void forget_slow(struct scans *state, const struct tally_key *key)
{
	struct tally *tally = qw_shelf_find(state->tallies, key);

	if (!tally)
		return;
	memset(&tally->silent, 0, sizeof(tally->silent));
	memset(&tally->answered, 0, sizeof(tally->answered));
}

static uint32_t hash_end(const struct scans *state, const struct qw_seen_end *end, bool address, bool port)
{
	uint8_t bytes[18] = {0};

	if (address)
		memcpy(bytes, end->address.bytes, 16);
	if (port)
		memcpy(bytes + 16, &end->port, 2);
	return (uint32_t)qw_siphash(state->hash_key, bytes, sizeof(bytes));
}

static struct tally_key key_of(enum kind kind, const struct qw_seen *seen)
{
	struct tally_key key = {.kind = kind};

	memcpy(key.source, qw_seen_client(seen)->address.bytes, sizeof(key.source));
	return key;
}

/* ---- flows */

static bool is_share(const struct qw_seen *seen)
{
	uint16_t port = qw_seen_server(seen)->port;

	return seen->proto == QW_PROTO_IS_TCP && (port == 445 || port == 139 || port == 135);
}

/* Did these two speak before?  From now on they did. */
static bool were_friends(struct scans *state, const struct qw_seen *seen)
{
	uint8_t ends[2][16];
	bool pushed;

	memcpy(ends[0], qw_seen_client(seen)->address.bytes, 16);
	memcpy(ends[1], qw_seen_server(seen)->address.bytes, 16);
	struct friends *friends = qw_shelf_get(state->friends, ends, &pushed);
	if (!friends || pushed)
		qw_world_no_room(state->world);
	if (!friends)
		return false;
	if (friends->since.ns == 0)
		friends->since = seen->time;
	return seen->time.ns - friends->since.ns > WORM_S * QW_NS_PER_S;
}

static void count_flow(struct scans *state, const struct qw_seen *seen)
{
	const struct qw_seen_end *server = qw_seen_server(seen);
	struct tally_key ports = key_of(PORTS, seen), hosts = key_of(HOSTS, seen), slow = key_of(SLOW, seen), worm = key_of(WORM, seen);

	memcpy(ports.target, server->address.bytes, sizeof(ports.target));
	ports.proto = hosts.proto = seen->proto;
	hosts.port = server->port;
	bool fast = server->port && count(state, &ports, seen, hash_end(state, server, false, true));
	fast |= count(state, &hosts, seen, hash_end(state, server, true, false));
	if (fast)
		forget_slow(state, &slow);
	else if (seen->flow.verdict == QW_SEEN_SILENT)
		(void)count(state, &slow, seen, hash_end(state, server, true, true));
	if (is_share(seen) && !were_friends(state, seen))
		(void)count(state, &worm, seen, hash_end(state, server, true, false));
}

/* UDP and what is below it often speak to who does not answer: telemetry, logs, announcements. */
static bool is_scan_like(const struct qw_seen *seen)
{
	return seen->proto == QW_PROTO_IS_TCP || seen->proto == QW_PROTO_IS_ICMP || seen->flow.verdict == QW_SEEN_ANSWERED;
}

/* ---- what machines are asked */

static bool is_word(struct qw_slice slice, const char *word)
{
	return slice.len == strlen(word) && memcmp(slice.data, word, slice.len) == 0;
}

static bool asks_identity(const struct qw_seen *seen)
{
	static const struct {
		const char *protocol, *name;
	} questions[] = {
		{"enip", "list_identity"},	     {"s7comm", "read_szl"},	     {"modbus", "report_slave_id"},
		{"modbus", "encapsulated_interface_transport"}, {"mms", "identify"}, {"ads", "read_device_info"},
		{"hart-ip", "read_unique_identifier"},
	};
	if (seen->type != QW_EVENT_OT || seen->ot.response)
		return false;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (is_word(seen->ot.protocol, questions[i].protocol) &&
		    (is_word(seen->ot.name, questions[i].name) || is_word(seen->ot.kind, questions[i].name) ||
		     is_word(seen->ot.service_name, questions[i].name)))
			return true;
	return false;
}

static void scans_seen(void *ctx, const struct qw_seen *seen)
{
	struct scans *state = ctx;
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);

	if (!client->known || !server->known || qw_path_is_group(&server->address) || qw_path_is_group(&client->address))
		return;
	bool asks = asks_identity(seen);
	if (!asks && (seen->flow.verdict == QW_SEEN_UNDECIDED || !is_scan_like(seen)))
		return;
	if (qw_nets_hold(&state->allow, &client->address))
		return;
	struct tally_key identity = key_of(IDENTITY, seen);
	if (asks)
		(void)count(state, &identity, seen, hash_end(state, server, true, false));
	else
		count_flow(state, seen);
}

const struct qw_watcher_ops qw_scans = {
	.name = "scans",
	.findings = findings,
	.finding_count = KINDS,
	.make = scans_make,
	.free = scans_free,
	.seen = scans_seen,
};

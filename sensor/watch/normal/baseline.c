/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/normal/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/text.h"
#include "sensor/watch/shelf.h"

enum kind { KIND_ASSET = 1, KIND_TALKER, KIND_FUNCTION };

enum row { ROW_ASSET, ROW_TALKER, ROW_EXTERNAL, ROW_FUNCTION, ROW_COUNT, ROW_NONE = ROW_COUNT };

static const struct qw_finding_row rows[ROW_COUNT] = {
	[ROW_ASSET] = {QW_BASELINE_ASSET, "A host that was never seen before", "Baseline", 2, NULL, "M05"},
	[ROW_TALKER] = {QW_BASELINE_TALKER, "Two hosts talk that never did before", "Baseline", 2, NULL, "M06"},
	[ROW_EXTERNAL] = {QW_BASELINE_EXTERNAL, "A host talks to an outside address that it never did", "Baseline", 2, NULL,
			  "M06"},
	[ROW_FUNCTION] = {QW_BASELINE_FUNCTION, "A host asks a controller for something that it never did", "Baseline", 2,
			  NULL, "M09"},
};

struct known_key {
	uint64_t kind, what, more;
	uint8_t client[16], server[16];
};

struct known {
	struct known_key key;
	bool accepted;
};

struct baseline {
	struct qw_world *world;
	struct qw_shelf *shelf;
	size_t max;
	bool begun;
	struct qw_time first;
};

static uint64_t hash(uint64_t seed, struct qw_slice text)
{
	uint64_t value = seed ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < text.len; i++)
		value = (value ^ text.data[i]) * 0x100000001b3u;
	return value;
}

static bool is_learning(struct baseline *baseline, struct qw_time now)
{
	if (!baseline->begun) {
		baseline->begun = true;
		baseline->first = now;
	}
	struct qw_time span = qw_time_seconds(qw_world_int(baseline->world, QW_WATCH_LEARN));
	return qw_time_before(now, qw_time_add(baseline->first, span));
}

/* True: it is new, or was and nobody accepted it. */
static bool is_new(struct baseline *baseline, const struct known_key *key, bool learning)
{
	struct known *known = qw_shelf_find(baseline->shelf, key);
	bool pushed;

	if (known)
		return !known->accepted;
	if (qw_shelf_count(baseline->shelf) < baseline->max)
		known = qw_shelf_get(baseline->shelf, key, &pushed);
	if (!known) {
		qw_world_no_room(baseline->world);
		return false;
	}
	known->accepted = learning;
	return !learning;
}

static bool is_new_asset(struct baseline *baseline, const struct qw_seen_end *end, bool learning)
{
	struct known_key key = {.kind = KIND_ASSET};

	if (!qw_world_is_home(baseline->world, &end->address))
		return false;
	memcpy(key.client, end->address.bytes, sizeof(key.client));
	return is_new(baseline, &key, learning);
}

static struct known_key talk_key(const struct qw_seen *seen)
{
	struct known_key key = {.kind = KIND_TALKER, .what = hash(seen->proto, seen->app), .more = qw_seen_server(seen)->port};

	memcpy(key.client, qw_seen_client(seen)->address.bytes, sizeof(key.client));
	memcpy(key.server, qw_seen_server(seen)->address.bytes, sizeof(key.server));
	return key;
}

static bool is_new_function(struct baseline *baseline, const struct qw_seen *seen, bool learning)
{
	struct known_key key = talk_key(seen);

	if (!seen->ot.protocol.len || seen->ot.response)
		return false;
	key.kind = KIND_FUNCTION;
	key.what = hash(hash((uint64_t)seen->ot.service, seen->ot.protocol), seen->ot.kind);
	key.more = (uint64_t)seen->ot.function;
	return is_new(baseline, &key, learning);
}

static enum row judge(struct baseline *baseline, const struct qw_seen *seen, bool learning)
{
	struct known_key talk = talk_key(seen);
	bool client = is_new_asset(baseline, qw_seen_client(seen), learning);
	bool server = is_new_asset(baseline, qw_seen_server(seen), learning);
	bool talker = is_new(baseline, &talk, learning);
	bool function = is_new_function(baseline, seen, learning);

	if (client || server)
		return ROW_ASSET;
	if (talker)
		return qw_world_is_home(baseline->world, &qw_seen_server(seen)->address) ? ROW_TALKER : ROW_EXTERNAL;
	return function ? ROW_FUNCTION : ROW_NONE;
}

static void tell(struct baseline *baseline, const struct qw_seen *seen, enum row row)
{
	struct qw_finding finding = {.row = &rows[row], .seen = seen};
	char memory[320];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory) - 1);
	qw_text_address(&text, &qw_seen_client(seen)->address);
	qw_text_format(&text, " asks ");
	qw_text_address(&text, &qw_seen_server(seen)->address);
	qw_text_format(&text, " port %u (%.*s)", (unsigned)qw_seen_server(seen)->port, (int)seen->app.len,
		       seen->app.len ? (const char *)seen->app.data : "");
	if (row == ROW_FUNCTION) {
		qw_text_format(&text, " for function %lld %.*s, which it did not in learning", (long long)seen->ot.function,
			       (int)seen->ot.kind.len, seen->ot.kind.len ? (const char *)seen->ot.kind.data : "");
		finding.what = hash((uint64_t)seen->ot.function, seen->ot.kind);
	} else {
		qw_text_format(&text, ", which was not so in learning");
	}
	memory[text.len] = '\0';
	finding.detail = memory;
	qw_world_tell(baseline->world, &finding);
}

static void baseline_seen(void *state, const struct qw_seen *seen)
{
	struct baseline *baseline = state;

	if ((!seen->flow.begins && !seen->ot.protocol.len) || !seen->src.known || !seen->dst.known)
		return;
	bool learning = is_learning(baseline, seen->time);
	enum row row = judge(baseline, seen, learning);
	if (row != ROW_NONE && !qw_world_is_maintenance(baseline->world, seen))
		tell(baseline, seen, row);
}

static void baseline_free(void *state)
{
	struct baseline *baseline = state;

	qw_shelf_free(baseline->shelf);
	free(baseline);
}

static enum qw_err baseline_make(void **state, struct qw_world *world)
{
	struct baseline *baseline = calloc(1, sizeof(*baseline));

	if (!baseline)
		return QW_ENOMEM;
	baseline->world = world;
	baseline->max = (size_t)qw_world_int(world, QW_WATCH_BASELINE_ENTRIES);
	struct qw_shelf_options options = {
		.key_size = sizeof(struct known_key), .row_size = sizeof(struct known), .max = baseline->max};
	enum qw_err err = qw_shelf_new(&baseline->shelf, &options);
	if (err != QW_OK) {
		free(baseline);
		return err;
	}
	*state = baseline;
	return QW_OK;
}

const struct qw_watcher_ops qw_baseline = {
	.name = "baseline",
	.findings = rows,
	.finding_count = ROW_COUNT,
	.make = baseline_make,
	.free = baseline_free,
	.seen = baseline_seen,
};

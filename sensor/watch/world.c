/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/world.h"

#include <stdalign.h>
#include <stdlib.h>

#include "sensor/watch/again.h"
#include "sensor/watch/home.h"
#include "sensor/watch/machines.h"
#include "sensor/watch/verdict.h"

enum { BACK_S = 60 };

struct qw_world {
	struct qw_world_options options;
	struct qw_watch_options watch;
	struct qw_watch_counters counters;
	struct qw_time now, lost_at;
	uint64_t lost;
	struct qw_home home;
	struct qw_again *again;
	struct qw_machines *machines;
	struct qw_verdicts *verdicts;
	struct qw_assets *assets;
	const struct qw_oui *makers;
	bool (*is_maintenance)(void *ctx, const struct qw_seen *seen);
	void *maintenance_ctx;
	bool (*is_called_machine)(void *ctx, const struct qw_address *address);
	void *called_ctx;
	alignas(8) uint8_t memory[QW_EVENT_MAX];
};

enum qw_err qw_world_new(struct qw_world **out, const struct qw_world_options *options)
{
	struct qw_world *world = calloc(1, sizeof(*world));

	if (!world)
		return QW_ENOMEM;
	world->options = *options;
	world->watch = *options->watch;
	enum qw_err err = qw_home_init(&world->home, world->watch.variable, world->watch.variable_ctx);
	if (err == QW_OK)
		err = qw_again_new(&world->again, qw_time_seconds(qw_world_int(world, QW_WATCH_AGAIN)));
	if (err == QW_OK)
		err = qw_machines_new(&world->machines);
	if (err == QW_OK)
		err = qw_verdicts_new(&world->verdicts);
	if (err != QW_OK) {
		qw_world_free(world);
		return err;
	}
	*out = world;
	return QW_OK;
}

void qw_world_free(struct qw_world *world)
{
	if (!world)
		return;
	qw_verdicts_free(world->verdicts);
	qw_machines_free(world->machines);
	qw_again_free(world->again);
	qw_home_fini(&world->home);
	free(world);
}

/* Packets that overtook each other do not move time back. */
void qw_world_advance(struct qw_world *world, struct qw_time now)
{
	int64_t back = world->now.ns - now.ns;

	if (back < 0 || back > BACK_S * QW_NS_PER_S)
		world->now = now;
}

void qw_world_lost(struct qw_world *world, uint64_t total)
{
	if (total != world->lost)
		world->lost_at = world->now;
	world->lost = total;
}

bool qw_world_is_blind(const struct qw_world *world, struct qw_time since)
{
	return world->lost && !qw_time_before(world->lost_at, since);
}

void qw_world_tell(struct qw_world *world, const struct qw_finding *finding)
{
	struct qw_finding_key key = qw_finding_key(finding);
	struct qw_event_writer writer;
	bool pushed;

	if (world->watch.silent)
		return;
	uint64_t count = qw_again_count(world->again, &key, world->now, &pushed);
	world->counters.no_room += pushed;
	world->counters.kept_back += count == 0;
	if (count == 0)
		return;
	world->counters.findings++;
	qw_event_begin(&writer, world->memory, sizeof(world->memory), QW_EVENT_ALERT, qw_finding_time(finding));
	qw_finding_write(&writer, finding, count);
	world->options.emit(world->options.ctx, writer.event, qw_event_size(writer.event), sizeof(world->memory));
}

/* ---- what they have in common */

bool qw_world_bool(const struct qw_world *world, enum qw_watch_key key)
{
	return qw_config_bool(world->watch.config, world->watch.first_key + key);
}

int64_t qw_world_int(const struct qw_world *world, enum qw_watch_key key)
{
	return qw_config_int(world->watch.config, world->watch.first_key + key);
}

const char *qw_world_text(const struct qw_world *world, enum qw_watch_key key)
{
	return qw_config_text(world->watch.config, world->watch.first_key + key);
}

size_t qw_world_list(const struct qw_world *world, enum qw_watch_key key, const char *const **items)
{
	return qw_config_list(world->watch.config, world->watch.first_key + key, items);
}

const char *qw_world_state_folder(const struct qw_world *world)
{
	return world->watch.state_folder ? world->watch.state_folder : "";
}

bool qw_world_is_live(const struct qw_world *world)
{
	return world->watch.live;
}

struct qw_time qw_world_now(const struct qw_world *world)
{
	return world->now;
}

bool qw_world_is_home(const struct qw_world *world, const struct qw_address *address)
{
	return qw_home_holds(&world->home, address);
}

void qw_world_see(struct qw_world *world, struct qw_seen *seen)
{
	bool pushed;

	seen->flow.verdict = qw_verdicts_say(world->verdicts, seen, &pushed);
	if (pushed)
		qw_world_no_room(world);
	if (!qw_machines_see(world->machines, seen))
		qw_world_no_room(world);
}

bool qw_world_is_ot(const struct qw_world *world, const struct qw_address *address)
{
	return qw_machines_holds(world->machines, address) ||
	       (world->is_called_machine && world->is_called_machine(world->called_ctx, address));
}

void qw_world_set_called_machine(struct qw_world *world, bool (*is)(void *ctx, const struct qw_address *address), void *ctx)
{
	world->is_called_machine = is;
	world->called_ctx = ctx;
}

void qw_world_no_room(struct qw_world *world)
{
	world->counters.no_room++;
}

bool qw_world_wants(const struct qw_world *world, enum qw_event_type type)
{
	return world->watch.types & 1u << type;
}

void qw_world_emit(struct qw_world *world, const struct qw_event *event, size_t size)
{
	world->watch.emit(world->watch.ctx, event, size);
}

struct qw_watch_counters *qw_world_counters(struct qw_world *world)
{
	return &world->counters;
}

struct qw_assets *qw_world_assets(const struct qw_world *world)
{
	return world->assets;
}

void qw_world_set_assets(struct qw_world *world, struct qw_assets *assets)
{
	world->assets = assets;
}

const struct qw_oui *qw_world_makers(const struct qw_world *world)
{
	return world->makers;
}

void qw_world_set_makers(struct qw_world *world, const struct qw_oui *makers)
{
	world->makers = makers;
}

bool qw_world_is_maintenance(const struct qw_world *world, const struct qw_seen *seen)
{
	return world->is_maintenance && world->is_maintenance(world->maintenance_ctx, seen);
}

void qw_world_set_maintenance(struct qw_world *world, bool (*is)(void *ctx, const struct qw_seen *seen), void *ctx)
{
	world->is_maintenance = is;
	world->maintenance_ctx = ctx;
}

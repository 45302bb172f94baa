/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world - what all watchers have in common: the configuration, the time, who is there, and the way out for what they find.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/watch/finding.h"
#include "sensor/watch/settings.h"
#include "sensor/watch/watch.h"

struct qw_world;
struct qw_assets; /* who is there (assets.h) */
struct qw_oui;    /* who made network cards (oui.h) */

/* ---- for watchers */

/* Says what was found; the same of the same hosts (struct qw_finding_key) within watch.again seconds is counted only. */
void qw_world_tell(struct qw_world *world, const struct qw_finding *finding);

/* Keys watch.*, by number. */
bool qw_world_bool(const struct qw_world *world, enum qw_watch_key key);
int64_t qw_world_int(const struct qw_world *world, enum qw_watch_key key);
const char *qw_world_text(const struct qw_world *world, enum qw_watch_key key); /* never NULL */
size_t qw_world_list(const struct qw_world *world, enum qw_watch_key key, const char *const **items);

const char *qw_world_state_folder(const struct qw_world *world); /* "": nothing is remembered */
bool qw_world_is_live(const struct qw_world *world);

/*
 * The latest packet time (files), or the clock (live).  It goes back only where
 * the clock was set back, or another capture begins: by more than a minute.
 */
struct qw_time qw_world_now(const struct qw_world *world);

/* Were packets or events lost since then, live?  What did not come may have come all the same. */
bool qw_world_is_blind(const struct qw_world *world, struct qw_time since);

/* A host of ours: of vars.HOME_NET. */
bool qw_world_is_home(const struct qw_world *world, const struct qw_address *address);

/* A host that serves machines: that was seen answering by an industrial protocol, or that the tenant's inventory calls a machine. */
bool qw_world_is_ot(const struct qw_world *world, const struct qw_address *address);
void qw_world_set_called_machine(struct qw_world *world, bool (*is)(void *ctx, const struct qw_address *address), void *ctx);

/* Something was not kept. */
void qw_world_no_room(struct qw_world *world);

/* Events of other types than alerts: whether somebody wants them, and the way out. */
bool qw_world_wants(const struct qw_world *world, enum qw_event_type type);
void qw_world_emit(struct qw_world *world, const struct qw_event *event, size_t size);

/* assets and talks are written by who knows them. */
struct qw_watch_counters *qw_world_counters(struct qw_world *world);

/* Who is there; NULL: nobody keeps the inventory.  Set by the first watcher when it is made. */
struct qw_assets *qw_world_assets(const struct qw_world *world);
void qw_world_set_assets(struct qw_world *world, struct qw_assets *assets);

/* Who made network cards; NULL: nobody knows.  Set by who has the list. */
const struct qw_oui *qw_world_makers(const struct qw_world *world);
void qw_world_set_makers(struct qw_world *world, const struct qw_oui *makers);

/* Is there a maintenance window for these hosts now?  Then what is new is not told, but counted by who found it. */
bool qw_world_is_maintenance(const struct qw_world *world, const struct qw_seen *seen);
void qw_world_set_maintenance(struct qw_world *world, bool (*is)(void *ctx, const struct qw_seen *seen), void *ctx);

/* ---- for who runs them: watch.c, tests */

struct qw_world_options {
	const struct qw_watch_options *watch;
	/* As in qw_watch_options, in memory of `room` bytes that more can be appended to. */
	void (*emit)(void *ctx, void *event, size_t size, size_t room);
	void *ctx;
};

enum qw_err qw_world_new(struct qw_world **out, const struct qw_world_options *options) QW_MUSTCHECK;
void qw_world_free(struct qw_world *world);

/* Time goes on; one that is a little earlier is passed over. */
void qw_world_advance(struct qw_world *world, struct qw_time now);

/* Learns from an event what all watchers may ask for, and says its verdict; before they see it. */
void qw_world_see(struct qw_world *world, struct qw_seen *seen);

/* So many packets and events were lost so far. */
void qw_world_lost(struct qw_world *world, uint64_t total);

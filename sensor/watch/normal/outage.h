/* SPDX-License-Identifier: Apache-2.0 */
/* outage - what fell silent together: counted by pairs of hosts, and by hosts. */
#pragma once

#include "sensor/watch/normal/beats.h"
#include "sensor/watch/world.h"

struct qw_silent_host {
	struct qw_host name;
	struct qw_seen_end end;
	uint32_t pairs, dead; /* with cyclic messages; with nothing but silent ones */
	uint32_t fresh;       /* pairs of which nothing was told yet */
	uint32_t messages;    /* that fell silent now */
	struct qw_time since;
	const struct qw_beat *fastest;
};

/*
 * Counts what is silent into the pairs; what goes on elsewhere, or may have come while the sensor was blind, is not.
 * When to count again for those who get time to reconnect; 0: nobody waits.
 */
struct qw_time qw_outage_count(struct qw_beats *beats, const struct qw_world *world, struct qw_time now);

/* The hosts of all pairs that have cyclic messages; after qw_outage_count.  NULL: no memory. */
struct qw_shelf *qw_outage_hosts(const struct qw_beats *beats);

/* It is silent to all that it talked with by the clock, to some of them since now. */
bool qw_outage_is_host(const struct qw_silent_host *host);

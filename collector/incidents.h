/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incidents - one attack at many tenants, as one thing with a beginning, an order and a state.
 *
 * Every trait of an alert (traits.h) is a *strand*: how often, since when, at
 * which tenants, and who did it there.  A strand that reaches a second tenant
 * is an incident, or joins the one that it is about: the one of another trait
 * of the same alert, or one whose strands were spun by the same hosts at two
 * tenants.  So the ten signatures that a worm trips are one incident.
 *
 * Order is by the packets' own time: an alert that was under embargo, or came
 * late over a broken line, takes its place.
 *
 * Priority (0 to 100) is for sorting, and says nothing else:
 *	severity     40, 27, 13 for 1, 2, 3 of the gravest alert
 *	spread       30 of one tenant more than one by itself: 15 for two, 20 for three, 24 for five
 *	speed        15 if the second came within an hour of the first, 8 within a day
 *	confidence   a tenth of the surest indicator's
 *	OT           5 where control protocols or shipped packs are met
 *
 * Bounds: QW_STRANDS_MAX strands, of which the oldest with one tenant goes, and
 * is counted; QW_STRAND_TENANTS of a strand.  Strands are written behind, a
 * second or so; counts of what a crash cut off may come twice, times and order
 * do not.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/store.h"
#include "collector/traits.h"
#include "quaywatch/err.h"

enum { QW_STRANDS_MAX = 65536, QW_STRAND_TENANTS = 64, QW_STRAND_ACTORS = 8, QW_INCIDENTS_MAX = 4096 };

enum qw_incident_state { QW_INCIDENT_NEW, QW_INCIDENT_ACKNOWLEDGED, QW_INCIDENT_CLOSED, QW_INCIDENT_STATES };

const char *qw_incident_state_name(enum qw_incident_state state); /* "new", "acknowledged", "closed" */

/* What a tenant saw of a strand. */
struct qw_strand_part {
	char tenant[QW_NAME_MAX + 1], sample[QW_TRAIT_SAMPLE_MAX];
	struct qw_time first, last;
	uint64_t count;
	uint64_t actor[QW_STRAND_ACTORS]; /* 0: free */
};

struct qw_strand {
	enum qw_trait_kind kind;
	uint64_t key, incident; /* incident 0: none */
	char value[QW_TRAIT_VALUE_MAX], text[QW_TRAIT_TEXT_MAX];
	unsigned severity, confidence;
	bool ot, dirty, written;
	struct qw_time last;
	size_t parts;
	struct qw_strand_part *part;
	struct qw_strand *next; /* of the same slot */
};

struct qw_incident {
	uint64_t number; /* from 1 */
	enum qw_incident_state state;
	char reason[128]; /* why it was closed */
	int64_t uid;      /* who said so; -1: nobody yet */
	struct qw_time opened, changed;
};

/* One tenant's part in an incident, over all its strands. */
struct qw_incident_tenant {
	char tenant[QW_NAME_MAX + 1];
	struct qw_time first, last;
	uint64_t count;
};

/* What an incident amounts to. */
struct qw_incident_sum {
	struct qw_time first, last;
	uint64_t count;
	unsigned severity, priority;
	size_t strands, tenants;
	struct qw_incident_tenant tenant[QW_STRAND_TENANTS]; /* in the order in which they met it */
	char title[QW_TRAIT_TEXT_MAX];
};

struct qw_incidents_parts {
	struct qw_store *store;
	struct qw_time window;  /* strands that were silent for so long are forgotten; so far incidents reach */
	unsigned severity;      /* the mildest that makes an incident of a signature, a JA4, a certificate or a payload */
	/* One opened, or reached another tenant; may be NULL. */
	void (*tell)(void *ctx, const struct qw_incident *incident, const struct qw_incident_sum *sum);
	void *ctx;
};

struct qw_incidents;

/* With what the store has of them. */
enum qw_err qw_incidents_open(struct qw_incidents **out, const struct qw_incidents_parts *parts, struct qw_time now) QW_MUSTCHECK;
void qw_incidents_free(struct qw_incidents *incidents); /* NULL is fine; what was not written is lost */

/* A line of the alert log, as it goes in; wall: the collector's clock. */
void qw_incidents_see(struct qw_incidents *incidents, const char *line, size_t len, struct qw_time wall);

/* Tells what opened, or reached another tenant, since the last time. */
void qw_incidents_tell(struct qw_incidents *incidents, struct qw_time wall);

/* Writes some of what changed; commits nothing. */
enum qw_err qw_incidents_write(struct qw_incidents *incidents) QW_MUSTCHECK;

/* Strands that were silent for too long go. */
enum qw_err qw_incidents_forget(struct qw_incidents *incidents, struct qw_time now) QW_MUSTCHECK;

size_t qw_incidents_count(const struct qw_incidents *incidents);
const struct qw_incident *qw_incidents_at(const struct qw_incidents *incidents, size_t index);
const struct qw_incident *qw_incidents_find(const struct qw_incidents *incidents, uint64_t number);
void qw_incidents_sum(const struct qw_incidents *incidents, uint64_t number, struct qw_incident_sum *out);
/* Its strands, in no order. */
void qw_incidents_each_strand(const struct qw_incidents *incidents, uint64_t number,
			      void (*visit)(void *ctx, const struct qw_strand *strand), void *ctx);

/* Durable with the store's next commit.  QW_ENOENT. */
enum qw_err qw_incidents_set(struct qw_incidents *incidents, uint64_t number, enum qw_incident_state state,
			     const char *reason, int64_t uid, struct qw_time now) QW_MUSTCHECK;

struct qw_incidents_stats {
	uint64_t seen, evicted, crowded; /* alerts with traits; strands that had to go; tenants or incidents beyond a bound */
};
struct qw_incidents_stats qw_incidents_stats(const struct qw_incidents *incidents);

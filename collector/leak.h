/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leak - somebody brought a canary (canary.h) that was given to another: told once, wherever it came back.
 *
 * One thread.
 */
#pragma once

#include <stdint.h>

#include "collector/name.h"
#include "collector/notice.h"
#include "collector/store.h"

enum { QW_LEAKS_KEPT = 64 };

/* A person should know; raise NULL: nobody listens. */
struct qw_alarm {
	void (*raise)(void *ctx, enum qw_notice notice, const struct qw_identity *who, const char *sentence);
	void *ctx;
};

/* Who was told of last, so that the same place with the same value is told once. */
struct qw_leaks {
	uint64_t count; /* told, ever */
	struct {
		uint64_t id, place;
	} row[QW_LEAKS_KEPT];
};

/* Where it came back. */
struct qw_leak_place {
	const struct qw_identity *who; /* a sensor; NULL: a feed, or an operator's hand */
	const char *name;              /* "b/gate", "the feed partner.csv": for people */
	const char *channel;           /* where it was to go: its own tenant's is no leak; NULL: nowhere yet */
};

/* owner gets the tenant that alone was given it, if it came back elsewhere; "": that is no leak. */
enum qw_err qw_leaks_look(struct qw_leaks *leaks, struct qw_store *store, const struct qw_alarm *alarm,
			  const struct qw_observable *observable, const struct qw_leak_place *place,
			  char owner[QW_NAME_MAX + 1]) QW_MUSTCHECK;

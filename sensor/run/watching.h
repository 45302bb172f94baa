/* SPDX-License-Identifier: Apache-2.0 */
/* watching - the watch (sensor/watch) as the configuration and the command line ask for it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/config.h"
#include "sensor/run/options.h"
#include "sensor/watch/watch.h"

struct qw_watching {
	bool findings;  /* it alerts: watch.enabled, or --packs */
	bool learns;    /* it learns what is normal from captures, and alerts on nothing: --learn */
	bool inventory; /* somebody wants to know who is there: --events asset, or watch.inventory */
	uint32_t types; /* of events that people want */
};

struct qw_watching qw_watching_of(const struct qw_options *options, const struct qw_config *config);

static inline bool qw_watching_is_on(const struct qw_watching *watching)
{
	return watching->findings || watching->learns || watching->inventory;
}

struct qw_watching_options {
	const struct qw_config *config; /* of settings.h */
	struct qw_watching what;
	const char *state_folder; /* "": nothing is remembered */
	bool live;
	void (*seen)(void *ctx, const struct qw_seen *seen); /* as the watch has it; NULL: nobody else wants it */
	void (*emit)(void *ctx, const struct qw_event *event, size_t size);
	void *ctx;
};

/* *out NULL: it is not on.  Errors as qw_watch_new has them. */
enum qw_err qw_watching_new(struct qw_watch **out, const struct qw_watching_options *options) QW_MUSTCHECK;

/* Whether the configuration suits the watchers: makes them, and lets them go without a trace. */
enum qw_err qw_watching_check(const struct qw_watching_options *options) QW_MUSTCHECK;

/*
 * Shows the watch an event that lies in memory of `room` bytes, and gives an
 * alert its words.  The size to write down; 0: it is not for people.  watch NULL: it stays as it is.
 */
size_t qw_watching_take(struct qw_watch *watch, void *event, size_t size, size_t room);

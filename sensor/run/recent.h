/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recent - which values this network met lately, and by about how many hosts.
 *
 * Answers dry runs: counts, and never alerts.  Fed by the events of
 * conversations and names that the watch is shown anyway, so that it goes on
 * live; two halves of QW_RECENT_HALF_S make the past.  Bounded: what finds no
 * place is counted.  One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/observable.h"
#include "quaywatch/time.h"

enum { QW_RECENT_SLOTS = 1 << 16, QW_RECENT_HALF_S = 12 * 3600 };

struct qw_recent;

enum qw_err qw_recent_new(struct qw_recent **out) QW_MUSTCHECK;
void qw_recent_free(struct qw_recent *recent); /* NULL is fine */

struct qw_seen; /* sensor/watch/seen.h */
void qw_recent_seen(struct qw_recent *recent, const struct qw_seen *seen, struct qw_time now);

/* The same from the event itself; a damaged one is passed over. */
void qw_recent_event(struct qw_recent *recent, const void *event, size_t size, struct qw_time now);

/*
 * Hosts that met it: addresses by conversations, names (with what is below a
 * domain) by DNS and TLS; a URL or address with port by its host.  0 for what
 * no conversation shows.  An estimate from 40 on; it ends near 300.
 */
uint64_t qw_recent_hosts(const struct qw_recent *recent, const struct qw_observable *observable);

uint64_t qw_recent_lost(const struct qw_recent *recent);

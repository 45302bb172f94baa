/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recent - which values this network met lately, and by about how many hosts.
 *
 * Answers dry runs: counts, and never alerts.  Fed by what the watch reads
 * anyway, so that it goes on live; two halves of QW_RECENT_HALF_S make the past.
 * Bounded: what finds no place is counted, and what is not there is not known
 * then.  One thread.
 *
 *	ip, ip:port, cidr   conversations          ja3, ja4, cert-sha1   TLS
 *	domain, host        DNS, TLS               user-agent, url       HTTP, where people want such events
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/observable.h"
#include "quaywatch/time.h"

enum { QW_RECENT_SLOTS = 1 << 16, QW_RECENT_HALF_S = 12 * 3600 };

struct qw_recent;

/* http: events of HTTP come, too. */
enum qw_err qw_recent_new(struct qw_recent **out, bool http) QW_MUSTCHECK;
void qw_recent_free(struct qw_recent *recent); /* NULL is fine */

struct qw_seen; /* sensor/watch/seen.h */
void qw_recent_seen(struct qw_recent *recent, const struct qw_seen *seen, struct qw_time now);

/*
 * Hosts that met it: of a domain with all below it; an address with port by its
 * address, and a URL by its host where that is met by none.  An estimate from 40
 * on; it ends near 300.  False: it cannot be known here, for values of its type
 * are not seen, or some found no place.
 */
bool qw_recent_hosts(const struct qw_recent *recent, const struct qw_observable *observable, uint64_t *hosts);

/* Values that found no place, ever. */
uint64_t qw_recent_lost(const struct qw_recent *recent);

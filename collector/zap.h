/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zap - who may connect: the handler of the ZeroMQ Authentication Protocol 1.0 (RFC 27).
 *
 * Maps a CURVE key to "tenant/sensor", which becomes the connection's User-Id;
 * the key itself becomes its property QW_ZAP_KEY, so that each later message
 * can be traced to the key it came under.  Everybody else gets 400.
 *
 * Start it before the ROUTER binds.  One thread: call qw_zap_answer when the
 * socket is readable.
 */
#pragma once

#include <stdint.h>

#include "collector/registry.h"
#include "quaywatch/err.h"

#define QW_ZAP_KEY    "X-Key"
#define QW_ZAP_DOMAIN "quaywatch"

struct qw_zap_stats {
	uint64_t admitted, refused, malformed;
};

struct qw_zap;

/* context is ZeroMQ's, and outlives the handler. */
enum qw_err qw_zap_start(struct qw_zap **out, void *context, const struct qw_registry *registry) QW_MUSTCHECK;
void qw_zap_stop(struct qw_zap *zap);

void *qw_zap_socket(struct qw_zap *zap);
void qw_zap_answer(struct qw_zap *zap); /* every request that waits */
struct qw_zap_stats qw_zap_stats(const struct qw_zap *zap);

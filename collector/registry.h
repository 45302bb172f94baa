/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry - the sensors that may talk to us, by key; the store's table in memory.
 *
 * Asked at every message, so that a key that was revoked or replaced is worth
 * nothing from that moment on, also on a connection that is open already.
 *
 * One thread.  Entries stay where they are until qw_registry_free.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "collector/name.h"
#include "collector/store.h"
#include "quaywatch/err.h"
#include "quaywatch/keys.h"

struct qw_entrant {
	struct qw_identity who;
	char key[QW_CURVE_Z85 + 1]; /* public */
	bool admitted;              /* neither it nor its tenant is revoked, and this is its present key */
};

struct qw_registry;

enum qw_err qw_registry_new(struct qw_registry **out) QW_MUSTCHECK;
void qw_registry_free(struct qw_registry *registry);

/* Takes over what the store says now. */
enum qw_err qw_registry_load(struct qw_registry *registry, struct qw_store *store) QW_MUSTCHECK;

/* NULL: such a key was never enrolled.  Look at `admitted`. */
const struct qw_entrant *qw_registry_find(const struct qw_registry *registry, const char *key);

bool qw_registry_has_tenant(const struct qw_registry *registry, const char *tenant);
size_t qw_registry_sensors(const struct qw_registry *registry, const char *tenant); /* of the tenant, admitted */
size_t qw_registry_count(const struct qw_registry *registry); /* admitted */

/* SPDX-License-Identifier: Apache-2.0 */
/* machines - hosts that were seen answering by an industrial protocol: bounded, the longest silent goes. */
#pragma once

#include <stdbool.h>

#include "quaywatch/err.h"
#include "sensor/watch/seen.h"

struct qw_machines;

enum qw_err qw_machines_new(struct qw_machines **out) QW_MUSTCHECK;
void qw_machines_free(struct qw_machines *machines);

/* Learns from an event.  False: another host had to go for the one it names. */
bool qw_machines_see(struct qw_machines *machines, const struct qw_seen *seen);

bool qw_machines_holds(const struct qw_machines *machines, const struct qw_address *address);

/* Is it a protocol of machines, by its name? */
bool qw_machines_is_app(struct qw_slice name);

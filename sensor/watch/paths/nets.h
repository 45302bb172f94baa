/* SPDX-License-Identifier: Apache-2.0 */
/* nets - addresses and networks that a key of the configuration lists. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "quaywatch/address.h"
#include "quaywatch/err.h"
#include "sensor/watch/world.h"

enum { QW_NETS_MAX = 256 };

struct qw_nets {
	size_t count;
	struct qw_prefix prefix[QW_NETS_MAX];
};

/* One more.  QW_EFORMAT: neither address nor network.  QW_ELIMIT: no room. */
enum qw_err qw_nets_add(struct qw_nets *nets, const char *text, size_t len) QW_MUSTCHECK;

/* Reads a key.  Errors as above; they were told. */
enum qw_err qw_nets_read(struct qw_nets *nets, const struct qw_world *world, enum qw_watch_key key) QW_MUSTCHECK;

bool qw_nets_hold(const struct qw_nets *nets, const struct qw_address *address);

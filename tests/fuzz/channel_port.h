/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel_port - a port whose keys never change, so that a corpus stays valid.
 *
 * The delegation holds at any time of the 64-bit clock that is not negative.
 */
#pragma once

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/channel.h"

struct fuzz_port {
	struct qw_sign_pair root, online;
	uint8_t *delegation;
	size_t delegation_len;
	struct qw_time now;
};

/* Not what is fuzzed: if it fails, the run is worth nothing. */
static inline void must(bool fine)
{
	if (!fine)
		abort();
}

static inline void fuzz_port_init(struct fuzz_port *port)
{
	static const uint8_t root_seed[crypto_sign_SEEDBYTES] = "quaywatch fuzzing root";
	static const uint8_t online_seed[crypto_sign_SEEDBYTES] = "quaywatch fuzzing online";
	struct qw_delegation delegation = {.rights = 15, .not_after = qw_time_ns(INT64_MAX)};
	must(qw_keys_start() == QW_OK);
	crypto_sign_seed_keypair(port->root.public_key, port->root.secret_key, root_seed);
	crypto_sign_seed_keypair(port->online.public_key, port->online.secret_key, online_seed);
	memcpy(delegation.online_key, port->online.public_key, sizeof(delegation.online_key));
	must(qw_delegation_sign(&delegation, &port->root, &port->delegation, &port->delegation_len) == QW_OK);
	port->now = qw_time_seconds(1500);
}

static inline void fuzz_port_fini(struct fuzz_port *port)
{
	free(port->delegation);
}

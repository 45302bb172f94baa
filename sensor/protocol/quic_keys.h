/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic_keys - opens the Initial packets of QUIC, which anyone may (RFC 9001, 5).
 *
 * Their keys follow from the connection id that the client chose.  Keys live
 * in the caller's memory.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

enum { QW_QUIC_ID_MAX = 20 };

struct qw_quic_keys {
	uint8_t key[16], header[16], iv[12];
};

/* Versions whose Initial packets can be opened. */
bool qw_quic_version_known(uint32_t version);

/* "1", "v2", "draft-29", "Q050": what events and quic.version show; out holds 16 bytes. */
void qw_quic_version_name(uint32_t version, char out[16]);

/* False: the version is not known. */
bool qw_quic_keys(struct qw_quic_keys *out, uint32_t version, struct qw_slice id, bool of_server);

/*
 * Opens one packet: `packet` spans first byte to tag, the packet number stands
 * at number_at.  Writes the frames to out, *len in: its size, out: their
 * bytes.  False: not these keys, or damaged, or too long.
 */
bool qw_quic_open(const struct qw_quic_keys *keys, struct qw_slice packet, size_t number_at, uint8_t *out, size_t *len);

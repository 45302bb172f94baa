/* SPDX-License-Identifier: Apache-2.0 */
/* quic_seal - makes Initial packets of QUIC around frames, as a client or server would. */
#pragma once

#include <assert.h>
#include <string.h>

#include <nettle/aes.h>
#include <nettle/gcm.h>

#include "quaywatch/cipher.h"
#include "sensor/protocol/quic_keys.h"

enum { QUIC_SEAL_FRAMES_MAX = 3000, QUIC_SEAL_MAX = QUIC_SEAL_FRAMES_MAX + 64 };

/* The connection id of RFC 9001's examples. */
static const uint8_t QUIC_SEAL_ID[8] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

/* Seals version 1 with the packet number 2 in four bytes, as RFC 9001 A.2 does.  Returns the packet's length. */
static inline size_t quic_seal(uint8_t out[QUIC_SEAL_MAX], const uint8_t *frames, size_t len, bool of_server)
{
	struct qw_quic_keys keys;
	struct gcm_aes128_ctx gcm;
	struct aes128_ctx aes;
	uint8_t nonce[12], mask[16], number[4] = {0, 0, 0, 2};
	size_t announced = 4 + len + QW_GCM_TAG_BYTES, at = 0;

	assert(len <= QUIC_SEAL_FRAMES_MAX);
	bool known = qw_quic_keys(&keys, 1, qw_slice(QUIC_SEAL_ID, sizeof(QUIC_SEAL_ID)), of_server);
	assert(known);
	memcpy(out, "\xc3\x00\x00\x00\x01\x08", 6);
	memcpy(out + 6, QUIC_SEAL_ID, sizeof(QUIC_SEAL_ID));
	at = 6 + sizeof(QUIC_SEAL_ID);
	memcpy(out + at, "\0\0", 2); /* no source id, no token */
	at += 2;
	out[at++] = (uint8_t)(0x40 | announced >> 8);
	out[at++] = (uint8_t)announced;
	memcpy(out + at, number, sizeof(number));
	size_t number_at = at;
	at += sizeof(number);

	memcpy(nonce, keys.iv, sizeof(nonce));
	nonce[11] ^= 2;
	gcm_aes128_set_key(&gcm, keys.key);
	gcm_aes128_set_iv(&gcm, sizeof(nonce), nonce);
	gcm_aes128_update(&gcm, at, out);
	gcm_aes128_encrypt(&gcm, len, out + at, frames);
	gcm_aes128_digest(&gcm, QW_GCM_TAG_BYTES, out + at + len);

	aes128_set_encrypt_key(&aes, keys.header);
	aes128_encrypt(&aes, sizeof(mask), mask, out + number_at + 4);
	out[0] ^= mask[0] & 0x0f;
	for (size_t i = 0; i < sizeof(number); i++)
		out[number_at + i] ^= mask[1 + i];
	return at + len + QW_GCM_TAG_BYTES;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint - one number for all that says the same: who tells whom what, without what changes each time.
 *
 * Keyed with secrets, so that nobody can make two things alike that are not.
 * A message of an industrial protocol is five or six steps (qw_hash_step).
 */
#pragma once

#include <stdint.h>
#include <string.h>

#include "quaywatch/flow.h"
#include "quaywatch/hash.h"
#include "quaywatch/message.h"
#include "quaywatch/packet.h"

enum { QW_PRINT_SECRETS = 6 };

struct qw_print_secret {
	uint64_t word[QW_PRINT_SECRETS];
	struct qw_hash_key key; /* for texts */
};

struct qw_print_secret qw_print_secret_random(void);

/* Who talks to whom, not joined yet. */
struct qw_print_ends {
	uint64_t one, other;
};

static inline uint64_t qw_print_word(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t qw_print_address(const struct qw_address *address, uint64_t one, uint64_t other)
{
	return qw_hash_step(qw_print_word(address->bytes) ^ one, qw_print_word(address->bytes + 8) ^ other);
}

/* Client, server, the server's port, VLAN: whatever port the client has. */
static inline struct qw_print_ends qw_print_flow(const struct qw_print_secret *secret, const struct qw_flow *flow)
{
	const uint64_t *word = secret->word;
	uint64_t rest = (uint64_t)flow->key.vlan << 32 | (uint64_t)flow->key.proto << 16 | qw_flow_server_port(flow);

	return (struct qw_print_ends){qw_print_address(qw_flow_client(flow), word[0], word[1]) ^ rest * word[5],
				      qw_print_address(qw_flow_server(flow), word[2], word[3])};
}

/* Sender and receiver right above Ethernet. */
struct qw_print_ends qw_print_link(const struct qw_print_secret *secret, const struct qw_packet *packet);

/* What a message says: of its details, without what changes each time. */
uint64_t qw_print_detail(const struct qw_print_secret *secret, struct qw_print_ends ends, const struct qw_message *message);

/*
 * Who tells whom what: of an industrial protocol function, unit, address,
 * quantity, objects, what a device says of itself, request or answer, failure;
 * of DNS the name and type; of TLS name and JA4.  Never sequence numbers,
 * values, times.  The message has a gist or details.
 */
static inline uint64_t qw_print_message(const struct qw_print_secret *secret, struct qw_print_ends ends,
					const struct qw_message *message)
{
	if (!(message->gist[0] | message->gist[1]))
		return qw_print_detail(secret, ends, message);
	uint64_t other = qw_hash_step(message->gist[1] ^ secret->word[4], (uint64_t)message->app ^ secret->word[5]);
	return qw_hash_step(ends.one ^ message->gist[0], ends.other ^ other);
}

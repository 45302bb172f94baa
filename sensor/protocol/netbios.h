/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netbios - messages of the NetBIOS session service (RFC 1002), which SMB also has on port 445.
 *
 * Finds where the next SMB message begins and how long it is.  Session
 * requests, their answers and keep-alives are passed over.  Behind lost bytes,
 * or strange ones, the next message is searched for.
 */
#pragma once

#include "sensor/protocol/gather.h"
#include "sensor/protocol/speaker.h"

enum { QW_NETBIOS_HEAD = 4, QW_NETBIOS_MAGIC = 4 };

/* One direction.  All zero: nothing came yet. */
struct qw_netbios {
	struct qw_gather gather;
	uint32_t left;   /* of the message: what its reader has not dropped yet */
	uint32_t pass;   /* bytes to pass over, which are no message */
	uint32_t astray; /* bytes that were none in a row of searching */
	bool lost;
};

/*
 * At the end of a message: goes to the next.  True: it begins here with `left`
 * bytes, the first four are "\xffSMB", "\xfeSMB", "\xfdSMB" or "\xfcSMB".
 * False: the input is used up.
 */
bool qw_netbios_next(void *state, struct qw_netbios *netbios, struct qw_bytes *in);

/* Peeks at, and drops, bytes of the message; as gather does, but never beyond its end. */
const uint8_t *qw_netbios_peek(void *state, struct qw_netbios *netbios, struct qw_bytes *in, size_t want);
void qw_netbios_drop(void *state, struct qw_netbios *netbios, struct qw_bytes *in, size_t len);

/* Takes up to max bytes of the message off the input, as they are; everything peeked at must have been dropped. */
struct qw_slice qw_netbios_take(struct qw_netbios *netbios, struct qw_bytes *in, size_t max);

/* Drops up to max bytes of the message, as far as they are here, and says how many. */
uint32_t qw_netbios_pass(void *state, struct qw_netbios *netbios, struct qw_bytes *in, size_t max);

/* `missing` bytes were lost. */
void qw_netbios_gap(void *state, struct qw_netbios *netbios);

/* Do these bytes begin a conversation?  1 yes, 0 no, -1 not enough to tell. */
int qw_netbios_probe(const uint8_t *data, size_t len);

void qw_netbios_free(void *state, struct qw_netbios *netbios);

/* Who says this, if a message or a control packet of the service begins here? */
enum qw_speaker qw_netbios_speaker(const uint8_t *data, size_t len);

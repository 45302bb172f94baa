/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/duplicate.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "quaywatch/hash.h"

enum { HSR = 0x892f, PRP = 0x88fb, TRAILER = 6, ETHERNET = 14 };
enum { V4_TTL = 8, V4_SUM = 10, V4_MIN = 20, V6_HOPS = 7, V6_MIN = 40 };

enum { LINK_ETHERNET = 1, LINK_RAW = 101, LINK_IPV4 = 228, LINK_IPV6 = 229 };

struct qw_duplicates {
	struct qw_hash_key key;
	uint64_t hash[QW_DUPLICATE_WINDOW]; /* a ring; 0: free */
	struct qw_time time[QW_DUPLICATE_WINDOW];
	unsigned next;
};

enum qw_err qw_duplicates_new(struct qw_duplicates **out)
{
	struct qw_duplicates *duplicates = calloc(1, sizeof(*duplicates));

	if (!duplicates)
		return QW_ENOMEM;
	duplicates->key = qw_hash_key_random();
	*out = duplicates;
	return QW_OK;
}

void qw_duplicates_free(struct qw_duplicates *duplicates)
{
	free(duplicates);
}

/* Passes over the Ethernet header and its tags; *ring: where HSR's begins, or NULL.  False: no IP follows. */
static bool skip_ethernet(struct qw_bytes *in, const uint8_t **ring)
{
	uint16_t type;

	*ring = NULL;
	if (!qw_bytes_skip(in, 12) || !qw_bytes_be16(in, &type))
		return false;
	while (type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == HSR) {
		*ring = type == HSR ? in->at : *ring;
		if (!qw_bytes_skip(in, type == HSR ? 4 : 2) || !qw_bytes_be16(in, &type))
			return false;
	}
	return type == 0x0800 || type == 0x86dd;
}

/* PRP's trailer: a sequence number, which of the two networks and the size, and a mark.  NULL: there is none. */
static const uint8_t *trailer_of(const struct qw_frame *frame)
{
	if (frame->len < ETHERNET + TRAILER)
		return NULL;
	const uint8_t *at = frame->data + frame->len - TRAILER;
	uint8_t network = at[2] >> 4;
	return qw_be16(at + 4) == PRP && (network == 0xa || network == 0xb) ? at : NULL;
}

/* Cuts the IP packet out of the frame, without the padding behind it.  False: there is none, or not all of it. */
static bool find_packet(const struct qw_frame *frame, struct qw_bytes *packet)
{
	struct qw_bytes in = qw_bytes(frame->data, frame->len);
	const uint8_t *ring;

	if (frame->link == LINK_ETHERNET
		? !skip_ethernet(&in, &ring)
		: frame->link != LINK_RAW && frame->link != LINK_IPV4 && frame->link != LINK_IPV6)
		return false;
	if (in.left >= V4_MIN && in.at[0] >> 4 == 4 && qw_be16(in.at + 2) >= V4_MIN)
		return qw_bytes_take(&in, qw_be16(in.at + 2), packet);
	if (in.left >= V6_MIN && in.at[0] >> 4 == 6)
		return qw_bytes_take(&in, V6_MIN + (size_t)qw_be16(in.at + 4), packet);
	return false;
}

/* The fixed header with what routers change blanked, and behind it the hash of the rest; never 0. */
static uint64_t hash_of(const struct qw_duplicates *duplicates, struct qw_bytes packet)
{
	uint8_t header[V6_MIN + sizeof(uint64_t)];
	bool v4 = packet.at[0] >> 4 == 4;
	size_t len = v4 ? V4_MIN : V6_MIN;
	uint64_t rest = qw_siphash(duplicates->key, packet.at + len, packet.left - len);

	memcpy(header, packet.at, len);
	header[v4 ? V4_TTL : V6_HOPS] = 0;
	if (v4)
		memset(header + V4_SUM, 0, 2);
	memcpy(header + len, &rest, sizeof(rest));
	return qw_siphash(duplicates->key, header, len + sizeof(rest)) | 1;
}

/* Of a frame that a redundant network marked, but for the four bits that say which way it came; 0: it is none. */
static uint64_t hash_of_marked(const struct qw_duplicates *duplicates, const struct qw_frame *frame)
{
	struct qw_bytes in = qw_bytes(frame->data, frame->len);
	const uint8_t *ring = NULL;
	uint64_t parts[3];

	if (frame->link != LINK_ETHERNET)
		return 0;
	(void)skip_ethernet(&in, &ring);
	const uint8_t *trailer = trailer_of(frame), *way = ring ? ring : trailer ? trailer + 2 : NULL;
	if (!way || way == frame->data + frame->len)
		return 0;
	parts[0] = qw_siphash(duplicates->key, frame->data, (size_t)(way - frame->data));
	parts[1] = *way & 0x0f;
	parts[2] = qw_siphash(duplicates->key, way + 1, (size_t)(frame->data + frame->len - way - 1));
	return qw_siphash(duplicates->key, parts, sizeof(parts)) | 1;
}

bool qw_duplicates_is(struct qw_duplicates *duplicates, const struct qw_frame *frame)
{
	struct qw_bytes packet;

	if (frame->len < frame->wire_len)
		return false;
	uint64_t hash = find_packet(frame, &packet) ? hash_of(duplicates, packet) : hash_of_marked(duplicates, frame);
	if (!hash)
		return false;
	for (unsigned i = 0; i < QW_DUPLICATE_WINDOW; i++) {
		int64_t apart = qw_time_sub(frame->time, duplicates->time[i]).ns;
		if (duplicates->hash[i] == hash && apart >= 0 && apart <= QW_DUPLICATE_NS)
			return true;
	}
	duplicates->hash[duplicates->next] = hash;
	duplicates->time[duplicates->next] = frame->time;
	duplicates->next = (duplicates->next + 1) % QW_DUPLICATE_WINDOW;
	return false;
}

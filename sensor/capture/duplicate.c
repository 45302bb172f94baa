/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/duplicate.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "quaywatch/hash.h"

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

/* Passes over the Ethernet header and its tags.  False: no IP follows. */
static bool skip_ethernet(struct qw_bytes *in)
{
	uint16_t type;

	if (!qw_bytes_skip(in, 12) || !qw_bytes_be16(in, &type))
		return false;
	while (type == 0x8100 || type == 0x88a8 || type == 0x9100)
		if (!qw_bytes_skip(in, 2) || !qw_bytes_be16(in, &type))
			return false;
	return type == 0x0800 || type == 0x86dd;
}

/* Cuts the IP packet out of the frame, without the padding behind it.  False: there is none, or not all of it. */
static bool find_packet(const struct qw_frame *frame, struct qw_bytes *packet)
{
	struct qw_bytes in = qw_bytes(frame->data, frame->len);

	if (frame->len < frame->wire_len)
		return false;
	if (frame->link == LINK_ETHERNET
		? !skip_ethernet(&in)
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

bool qw_duplicates_is(struct qw_duplicates *duplicates, const struct qw_frame *frame)
{
	struct qw_bytes packet;

	if (!find_packet(frame, &packet))
		return false;

	uint64_t hash = hash_of(duplicates, packet);
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

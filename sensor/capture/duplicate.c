/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/duplicate.h"

#include <string.h>

enum { V4_TTL = 8, V4_SUM = 10, V4_MIN = 20, V6_HOPS = 7, V6_MIN = 40 };

void qw_duplicates_init(struct qw_duplicates *duplicates)
{
	*duplicates = (struct qw_duplicates){.key = qw_hash_key_random()};
}

/* The fixed header with what routers change blanked, and behind it the hash of the rest; never 0. */
static uint64_t hash_of(const struct qw_duplicates *duplicates, const struct qw_packet *packet)
{
	uint8_t header[V6_MIN + sizeof(uint64_t)];
	size_t len = packet->version == 4 ? V4_MIN : V6_MIN;
	uint64_t rest = qw_siphash(duplicates->key, packet->net + len, packet->net_len - len);

	memcpy(header, packet->net, len);
	if (packet->version == 4) {
		header[V4_TTL] = 0;
		memset(header + V4_SUM, 0, 2);
	} else {
		header[V6_HOPS] = 0;
	}
	memcpy(header + len, &rest, sizeof(rest));
	return qw_siphash(duplicates->key, header, len + sizeof(rest)) | 1;
}

bool qw_duplicates_seen(struct qw_duplicates *duplicates, const struct qw_packet *packet)
{
	if (!(packet->flags & QW_PACKET_IP) || (packet->flags & QW_PACKET_CUT))
		return false;

	uint64_t hash = hash_of(duplicates, packet);
	for (unsigned i = 0; i < QW_DUPLICATE_WINDOW; i++) {
		int64_t apart = qw_time_sub(packet->time, duplicates->time[i]).ns;
		if (duplicates->hash[i] == hash && apart >= 0 && apart <= QW_DUPLICATE_NS)
			return true;
	}
	duplicates->hash[duplicates->next] = hash;
	duplicates->time[duplicates->next] = packet->time;
	duplicates->next = (duplicates->next + 1) % QW_DUPLICATE_WINDOW;
	return false;
}

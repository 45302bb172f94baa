/* SPDX-License-Identifier: Apache-2.0 */
/* fragment - what one fragment of an IP packet says, and the header that the whole gets; for defrag.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/packet.h"

enum {
	QW_FRAGMENT_HEADER_MOST = 256, /* IPv4 with options; IPv6 with what stands before its Fragment header */
	QW_DATAGRAM_MOST = 65535,
	QW_IPV6_LEN = 40,
};

struct qw_fragment {
	const uint8_t *data;
	uint32_t at, len;
	uint32_t header_len; /* without the Fragment header */
	uint32_t next_at;    /* IPv6: where in the header the Fragment header was announced */
	uint8_t next;        /* IPv6: what the Fragment header announces */
	bool more;
};

/* False: it is no fragment of anything that can be. */
bool qw_fragment_read(const struct qw_packet *packet, struct qw_fragment *fragment);

/* Lengths, flags and checksum of the whole; len: of all. */
void qw_fragment_whole_v4(uint8_t *header, uint32_t header_len, uint32_t len);
void qw_fragment_whole_v6(uint8_t *header, uint32_t len);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duplicate - packets that a mirror port sent twice.
 *
 * A mirror of several ports copies a packet once where it comes in and once
 * where it goes out: the same bytes from the IP header on, but for what a
 * router changes (time to live, header checksum), microseconds apart, perhaps
 * with other tags and addresses of the link.  A packet is a duplicate when one
 * of the last QW_DUPLICATE_WINDOW packets, at most QW_DUPLICATE_NS before it,
 * is such a twin.  A retransmission is none: it has another IP identification,
 * or comes later.
 *
 * What is compared is a keyed hash of the whole packet: without the key, which
 * is fresh for each window, nobody can make a packet vanish by sending another.
 * One worker.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/hash.h"
#include "quaywatch/packet.h"
#include "quaywatch/time.h"

enum { QW_DUPLICATE_WINDOW = 16, QW_DUPLICATE_NS = 10000000 };

struct qw_duplicates {
	struct qw_hash_key key;
	uint64_t hash[QW_DUPLICATE_WINDOW]; /* a ring; 0: free */
	struct qw_time time[QW_DUPLICATE_WINDOW];
	unsigned next;
};

void qw_duplicates_init(struct qw_duplicates *duplicates);

/*
 * Is this packet (the outermost view of a frame) the twin of a recent one?  If
 * not it is remembered.  What is not IP, and what the capture cut, has no twins.
 */
bool qw_duplicates_seen(struct qw_duplicates *duplicates, const struct qw_packet *packet);

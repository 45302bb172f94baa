/* SPDX-License-Identifier: Apache-2.0 */
/*
 * duplicate - packets that a mirror port sent twice.
 *
 * A mirror of several ports copies a packet once where it comes in and once
 * where it goes out: the same bytes from the IP header on, but for what a
 * router changes (time to live, header checksum), microseconds apart, perhaps
 * with other tags and addresses of the link.  A frame is a duplicate when one
 * of the last QW_DUPLICATE_WINDOW packets, at most QW_DUPLICATE_NS before it,
 * is such a twin.  A retransmission is none: it has another IP identification,
 * or comes later.
 *
 * A redundant network (IEC 62439-3) sends each frame twice itself: through both
 * directions of a ring (HSR, a tag), or through two networks (PRP, a trailer).
 * Copies differ in which way they name.
 *
 * What is compared is a keyed hash of the whole packet: without the key, which
 * is fresh for each window, nobody can make a packet vanish by sending another.
 * One worker.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/err.h"
#include "quaywatch/frame.h"

enum { QW_DUPLICATE_WINDOW = 16, QW_DUPLICATE_NS = 10000000 };

struct qw_duplicates;

enum qw_err qw_duplicates_new(struct qw_duplicates **out) QW_MUSTCHECK;
void qw_duplicates_free(struct qw_duplicates *duplicates); /* NULL is fine */

/*
 * Is this frame the twin of a recent one?  If not it is remembered.  Only IP
 * over Ethernet, with or without VLAN tags, bare IP, and what a redundant
 * network marked have twins, and only where the capture did not cut them.
 */
bool qw_duplicates_is(struct qw_duplicates *duplicates, const struct qw_frame *frame);

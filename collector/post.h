/* SPDX-License-Identifier: Apache-2.0 */
/*
 * post - frames from us to a peer.
 *
 * A function and its context, so that intake and fan-out can be driven without
 * a network.  Sending never blocks.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "collector/peers.h"
#include "quaywatch/err.h"
#include "quaywatch/wire.h"

struct qw_post {
	/* QW_EAGAIN: its queue is full.  QW_ENOENT: it is gone. */
	enum qw_err (*send)(void *ctx, const struct qw_routing *routing, const uint8_t *data, size_t len);
	void *ctx;
};

/* Packs and sends; sets the version.  Also QW_ENOMEM, QW_ELIMIT. */
enum qw_err qw_post_frame(const struct qw_post *post, const struct qw_routing *routing,
			  Quaywatch__Wire__Frame *frame) QW_MUSTCHECK;

/* A refusal is told if it can be, and is not worth more. */
void qw_post_refusal(const struct qw_post *post, const struct qw_routing *routing, const char *what, const char *why);

/* SPDX-License-Identifier: Apache-2.0 */
/* restoration_parts - what restoration.c and restoration_peers.c share. */
#pragma once

#include "collector/restoration.h"

enum qw_restoring_state { QW_RESTORING_NOT, QW_RESTORING, QW_RESTORING_FAILED };

/* One channel. */
struct qw_restoring {
	char channel[QW_CHANNEL_NAME_MAX + 1];
	enum qw_restoring_state state;
	struct qw_time began, until; /* until: then it is given up */
	bool held;                   /* publication waits for it, or has waited */
	uint64_t recovered;
	bool waiting; /* for the answer of: */
	struct qw_routing asked;
	struct qw_order after;
	struct qw_time asked_at;
	struct qw_time told; /* of a failure */
};

struct qw_restoration {
	struct qw_restoration_parts parts;
	struct qw_restoring *channel;
	size_t count;
	struct qw_restoration_stats stats;
	bool settled;
};

/* Its claim on the channel, if that is above `ours`; NULL: none. */
struct qw_claim *qw_restoring_claim(struct qw_peer *peer, const char *channel, struct qw_order ours);

/* Whom to ask next; NULL: nobody that could help is there. */
struct qw_peer *qw_restoring_choose(const struct qw_restoration *restoration, const char *channel,
				    struct qw_order ours);

/* The peer that holds most by its own word, whether it could show it or not; NULL: nobody holds more than we do. */
struct qw_peer *qw_restoring_highest(const struct qw_restoration *restoration, const char *channel,
				     struct qw_order ours);

/* Errors are those of qw_post_frame. */
enum qw_err qw_restoring_ask(struct qw_restoration *restoration, struct qw_restoring *restoring, struct qw_peer *peer,
			     struct qw_order ours, struct qw_time now) QW_MUSTCHECK;

/* Whether as many sensors said hello as may connect. */
bool qw_restoring_all_there(const struct qw_restoration *restoration);

/* SPDX-License-Identifier: Apache-2.0 */
/* assets_parts - what the files of the inventory (assets.c, asset_learn.c, talk.c) share. */
#pragma once

#include "sensor/watch/assets/assets.h"

enum { QW_ASSETS_FUNCTIONS_EACH = 4 }; /* functions kept in all: so many times the bound of talks */

/* A card whose host is known by address. */
struct qw_asset_card {
	uint8_t mac[6];
	uint8_t unused[2];
	struct qw_host host;
};

struct qw_assets {
	struct qw_assets_options options;
	struct qw_shelf *assets, *talks, *cards;
	size_t functions; /* of all talks */
	size_t news; /* assets that have some */
};

/* The host's row, seen at this time, made where there was none; NULL: no memory. */
struct qw_asset *qw_asset_get(struct qw_assets *assets, const struct qw_host *host, struct qw_time time);
void qw_asset_note(struct qw_assets *assets, struct qw_asset *asset); /* it has news */

/* The host that has this card: its address where that is known. */
struct qw_host qw_asset_host_of_card(const struct qw_assets *assets, const uint8_t mac[6]);

/* ---- talk.c */

void qw_talk_forget(void *ctx, void *row); /* ctx: the assets */
/* What this message says of the talk that it is part of; its deed is counted for the client. */
void qw_talk_learn(struct qw_assets *assets, const struct qw_seen *seen, enum qw_app app);
/* The function of that order, made where there is none; NULL: no room. */
struct qw_talk_function *qw_talk_function_get(struct qw_assets *assets, struct qw_talk *talk, const struct qw_talk_function *like);

/* SPDX-License-Identifier: Apache-2.0 */
/* asset_command - quaywatchctl assets [ADDRESS]: the inventory, for people or as JSON. */
#pragma once

#include "quaywatch/exit.h"
#include "quaywatch/reply.h"
#include "quaywatch/request.h"
#include "sensor/watch/assets/assets.h"
#include "sensor/watch/assets/inventory.h"
#include "sensor/watch/assets/oui.h"

struct qw_asset_list {
	const struct qw_assets *assets;
	const struct qw_inventory *inventory; /* may be NULL */
	const struct qw_oui *oui;             /* may be NULL */
};

enum qw_exit qw_asset_command(const struct qw_asset_list *list, struct qw_request *request, size_t first, struct qw_reply *reply);

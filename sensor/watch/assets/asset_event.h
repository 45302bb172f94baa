/* SPDX-License-Identifier: Apache-2.0 */
/* asset_event - an event of type asset: all that is known of one host. */
#pragma once

#include "quaywatch/event.h"
#include "sensor/watch/assets/assets.h"
#include "sensor/watch/assets/oui.h"
#include "sensor/watch/assets/words.h"

/* maker: who made its network card; NULL: not known. */
void qw_asset_event(struct qw_event_writer *writer, void *memory, size_t size, const struct qw_asset *asset,
		    const struct qw_called *called, const char *maker);

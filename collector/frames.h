/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - what a sensor sends, to whom it belongs.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "collector/collector.h"
#include "collector/peers.h"
#include "quaywatch/err.h"

/*
 * One message from the connection `routing`, which came under the key `key`
 * (NULL: under none).  QW_EAGAIN: not taken, the log has no room; bring it
 * again after a commit.  Other errors are ours and were logged.
 */
enum qw_err qw_frames_take(struct qw_collector *collector, const struct qw_routing *routing, const char *key,
			   const uint8_t *data, size_t len) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/* asset_json - a host and a talk as JSON objects: in the file that remembers them, and for quaywatchctl. */
#pragma once

#include "quaywatch/json.h"
#include "sensor/watch/assets/assets.h"

enum { QW_ASSET_JSON_MAX = 64 * 1024 }; /* one of them, at most */

/* Members of an object that is open. */
void qw_asset_json(struct qw_json *json, const struct qw_asset *asset);
void qw_talk_json(struct qw_json *json, const struct qw_talk *talk);
void qw_host_json(struct qw_json *json, const char *key, const struct qw_host *host);

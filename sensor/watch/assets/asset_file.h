/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asset_file - what is remembered of the inventory over a restart: state_folder/assets.json.
 *
 * One JSON object a line, the first of which has the version; then one
 * "asset", "talk" or "done" (who did what to whom before) a line, the longest
 * unseen first.  It is read whole, or refused.
 */
#pragma once

#include "quaywatch/diag.h"
#include "sensor/watch/assets/assets.h"
#include "sensor/watch/assets/words.h"

enum { QW_ASSET_FILE_VERSION = 1, QW_ASSET_FILE_MAX = 512 << 20 };

/* Replaces the file: after a crash it is the old or the new one. */
enum qw_err qw_asset_file_save(const char *path, const struct qw_assets *assets, const struct qw_words *words) QW_MUSTCHECK;

/*
 * QW_EFORMAT, QW_EVERSION: a complaint names the line; assets and words hold a
 * part of it, and are to be made anew.  QW_ENOENT: there is none.
 */
enum qw_err qw_asset_file_load(const char *path, struct qw_assets *assets, struct qw_words *words, struct qw_diags *diags) QW_MUSTCHECK;
enum qw_err qw_asset_file_read(const char *name, const char *data, size_t len, struct qw_assets *assets, struct qw_words *words,
			       struct qw_diags *diags) QW_MUSTCHECK;

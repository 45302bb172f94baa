/* SPDX-License-Identifier: Apache-2.0 */
/* channel_files - where a sensor keeps its channels. */
#pragma once

#include <stddef.h>

#include "quaywatch/config.h"
#include "quaywatch/err.h"

enum { QW_CHANNEL_FILES = 2 }; /* the community's, and the tenant's own */

/* Name of the i-th channel; "" where the sensor has no tenant. */
const char *qw_channel_file_name(const struct qw_config *config, unsigned number);

/* Writes the path of its file; QW_ELIMIT: it is too long. */
enum qw_err qw_channel_file_path(const struct qw_config *config, unsigned number, char *out, size_t size) QW_MUSTCHECK;

enum qw_err qw_channel_files_each(const struct qw_config *config, enum qw_err (*visit)(void *ctx, const char *name, const char *path),
				  void *ctx) QW_MUSTCHECK;

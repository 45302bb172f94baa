/* SPDX-License-Identifier: Apache-2.0 */
/* vault_parts - a vault's inside, for its own files. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "quaywatch/time.h"
#include "sensor/export/vault.h"

struct qw_vault_file {
	uint8_t digest[QW_SHA256_BYTES];
	struct qw_time at;
	size_t bytes; /* of the payload */
};

struct qw_vault {
	char folder[PATH_MAX - QW_VAULT_NAME - 2];
	bool told;
	size_t max, first, count;
	struct qw_vault_file file[]; /* a circle: the oldest at `first` */
};

/* The i-th, oldest first. */
const struct qw_vault_file *qw_vault_at(const struct qw_vault *vault, size_t i);
void qw_vault_name(const struct qw_vault_file *file, char name[QW_VAULT_NAME + 1]);
void qw_vault_path(const struct qw_vault *vault, const struct qw_vault_file *file, char path[PATH_MAX]);

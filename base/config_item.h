/* SPDX-License-Identifier: Apache-2.0 */
/* config_item - one setting of libconfig's tree on its way into a row of the table; for base/config*.c only. */
#pragma once

#include <libconfig.h>

#include "base/config_value.h"

/* One reading of a file or an assignment. */
struct qw_config_reading {
	struct qw_config *config;
	const char *name; /* of the file; "--set" for an assignment */
	struct qw_diags *diags;
	enum qw_err err; /* QW_EFORMAT after a complaint; QW_ENOMEM */
};

/* A setting of the tree with its whole key. */
struct qw_config_item {
	const config_setting_t *setting;
	const char *key;
	uint32_t line; /* 0 for --set */
};

#define QW_CONFIG_COMPLAIN(reading, item, ...)                                                                       \
	do {                                                                                                   \
		(reading)->err = QW_EFORMAT;                                                                   \
		qw_complain((reading)->diags, QW_DIAG_ERROR, (reading)->name, (item)->line, 0, __VA_ARGS__);    \
	} while (0)

/* Checks the item by its row and keeps its value, or complains. */
void qw_config_take(struct qw_config_reading *reading, const struct qw_config_item *item, size_t row);

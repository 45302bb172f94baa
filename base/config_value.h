/* SPDX-License-Identifier: Apache-2.0 */
/* config_value - what a config holds for each row of its table; for base/config*.c only. */
#pragma once

#include "quaywatch/config.h"

/* One key that an ANY row took, without the row's prefix. */
struct qw_config_pair {
	char *key;
	char *value;
};

/* Only the member of the row's type is used. */
struct qw_config_value {
	bool flag;
	int64_t number;
	char *text;
	char **items;
	size_t items_count;
	struct qw_config_pair *pairs;
	size_t pairs_count;
};

struct qw_config {
	const struct qw_setting *table;
	size_t count;
	struct qw_config_value values[];
};

/* Whether the row's bounds or choices allow it. */
bool qw_config_allows_int(const struct qw_setting *setting, int64_t number);
bool qw_config_allows_text(const struct qw_setting *setting, const char *text);

/* Replace the row's value by copies; on QW_ENOMEM the old one stays. */
enum qw_err qw_config_keep_text(struct qw_config_value *value, const char *text) QW_MUSTCHECK;
enum qw_err qw_config_keep_list(struct qw_config_value *value, const char *const *items, size_t count) QW_MUSTCHECK;
enum qw_err qw_config_keep_pair(struct qw_config_value *value, const char *key, const char *text) QW_MUSTCHECK;

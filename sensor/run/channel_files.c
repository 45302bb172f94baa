/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/channel_files.h"

#include <limits.h>
#include <stdio.h>

#include "sensor/run/settings.h"

const char *qw_channel_file_name(const struct qw_config *config, unsigned number)
{
	return number == 0 ? "community" : qw_config_text(config, QW_CFG_TENANT);
}

enum qw_err qw_channel_file_path(const struct qw_config *config, unsigned number, char *out, size_t size)
{
	/* Two fixed names: a tenant's name is never part of a path. */
	static const char *const files[QW_CHANNEL_FILES] = {"community.channel", "tenant.channel"};
	int len = snprintf(out, size, "%s/%s", qw_config_text(config, QW_CFG_STATE), files[number]);

	return len < 0 || (size_t)len >= size ? QW_ELIMIT : QW_OK;
}

enum qw_err qw_channel_files_each(const struct qw_config *config, enum qw_err (*visit)(void *ctx, const char *name, const char *path),
				  void *ctx)
{
	char path[PATH_MAX];
	enum qw_err err = QW_OK;

	for (unsigned i = 0; i < QW_CHANNEL_FILES && err == QW_OK; i++) {
		const char *name = qw_channel_file_name(config, i);
		if (*name == 0)
			continue;
		err = qw_channel_file_path(config, i, path, sizeof(path));
		if (err == QW_OK)
			err = visit(ctx, name, path);
	}
	return err;
}

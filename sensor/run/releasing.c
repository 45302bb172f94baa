/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/releasing.h"

#include <limits.h>
#include <stdio.h>

#include "quaywatch/log.h"
#include "sensor/export/release_policy.h"
#include "sensor/run/settings.h"
#include "sensor/watch/assets/inventory.h"

static bool is_ours(void *ctx, const struct qw_address *address)
{
	struct qw_releasing *releasing = ctx;

	return qw_home_holds(&releasing->home, address);
}

static bool keep_payload(void *ctx, struct qw_slice payload, char name[QW_VAULT_NAME + 1])
{
	struct qw_releasing *releasing = ctx;

	return releasing->vault && qw_vault_put(releasing->vault, payload, name) == QW_OK;
}

static const char *variable(void *ctx, const char *name)
{
	return qw_sensor_variable(ctx, name);
}

static void tell_all(const struct qw_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		qw_log(QW_LOG_ERROR, "RELEASE-POLICY", "%s", diags->rows[i].text);
}

static enum qw_err add_names(struct qw_release *release, const struct qw_inventory *inventory)
{
	static const enum qw_inventory_text names[] = {QW_INVENTORY_NAME, QW_INVENTORY_AREA};
	enum qw_err err = QW_OK;

	for (size_t i = 0; err == QW_OK && i < 2 * qw_inventory_count(inventory); i++)
		err = qw_release_name(release, qw_slice_text(qw_inventory_at(inventory, i / 2)->text[names[i % 2]]));
	return err;
}

static enum qw_err take_inventory(struct qw_release *release, const struct qw_config *config, struct qw_diags *diags)
{
	const char *path = qw_config_text(config, QW_CFG_WATCH + QW_WATCH_INVENTORY);
	struct qw_inventory *inventory;

	if (*path == 0 || qw_release_is_open(release))
		return QW_OK;
	enum qw_err err = qw_inventory_open(&inventory, path, diags);
	if (err != QW_OK)
		return err;
	err = add_names(release, inventory);
	qw_inventory_free(inventory);
	return err;
}

static enum qw_err open_vault(struct qw_releasing *releasing, const struct qw_config *config)
{
	char folder[PATH_MAX];

	if (!qw_release_keeps_payload(releasing->release))
		return QW_OK;
	snprintf(folder, sizeof(folder), "%s/payload", qw_config_text(config, QW_CFG_STATE));
	return qw_vault_open(&releasing->vault, folder, (size_t)qw_config_int(config, QW_CFG_RELEASE + QW_RELEASE_PAYLOADS));
}

enum qw_err qw_releasing_init(struct qw_releasing *releasing, const struct qw_config *config)
{
	char path[PATH_MAX];
	struct qw_release_options options = {
		.config = config,
		.first_key = QW_CFG_RELEASE,
		.key_path = path,
		.is_ours = is_ours,
		.keep_payload = keep_payload,
		.ctx = releasing,
	};
	struct qw_diags diags;

	*releasing = (struct qw_releasing){.release = NULL};
	qw_diags_init(&diags);
	snprintf(path, sizeof(path), "%s/pseudonym.key", qw_config_text(config, QW_CFG_STATE));
	enum qw_err err = qw_home_init(&releasing->home, variable, (void *)(uintptr_t)config);
	if (err == QW_OK)
		err = qw_release_new(&releasing->release, &options, &diags);
	if (err == QW_OK)
		err = take_inventory(releasing->release, config, &diags);
	if (err == QW_OK)
		err = open_vault(releasing, config);
	tell_all(&diags);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RELEASE-CLOSED", "what may leave this network is not clear (%s), so nothing does; check release.*, vars.HOME_NET and %s",
		       qw_strerror(err), path);
	qw_diags_fini(&diags);
	return err;
}

enum qw_err qw_releasing_check(const struct qw_config *config, struct qw_diags *diags)
{
	struct qw_release_policy policy;
	enum qw_err err = qw_release_policy_init(&policy, config, QW_CFG_RELEASE, diags);

	qw_release_policy_fini(&policy);
	return err;
}

void qw_releasing_fini(struct qw_releasing *releasing)
{
	qw_release_free(releasing->release);
	releasing->release = NULL;
	qw_vault_close(releasing->vault);
	releasing->vault = NULL;
	if (releasing->home.ranges.row_size)
		qw_home_fini(&releasing->home);
}

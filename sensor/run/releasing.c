/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/releasing.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "quaywatch/log.h"
#include "sensor/export/release_policy.h"
#include "sensor/run/settings.h"
#include "sensor/watch/assets/inventory.h"

static bool is_ours(void *ctx, const struct qw_address *address)
{
	return qw_home_holds(ctx, address);
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

enum qw_err qw_releasing_init(struct qw_releasing *releasing, const struct qw_config *config)
{
	char path[PATH_MAX];
	struct qw_release_options options = {
		.config = config,
		.first_key = QW_CFG_RELEASE,
		.key_path = path,
		.is_ours = is_ours,
		.ctx = &releasing->home,
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
	if (releasing->home.ranges.row_size)
		qw_home_fini(&releasing->home);
}

void qw_releasing_tell(struct qw_releasing *releasing)
{
	if (!releasing->release)
		return;
	struct qw_release_counters counters = qw_release_counters(releasing->release);
	if (counters.stayed == releasing->told_stayed && counters.damaged == releasing->told_damaged)
		return;
	releasing->told_stayed = counters.stayed;
	releasing->told_damaged = counters.damaged;
	qw_log(QW_LOG_INFO, "RELEASE-STAYED",
	       "%" PRIu64 " alerts left, %" PRIu64 " of them changed; %" PRIu64 " stayed by release.stay and release.leave, %" PRIu64 " because they could not be changed",
	       counters.released, counters.changed, counters.stayed, counters.damaged);
}

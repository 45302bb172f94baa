/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/settings.h"

#include <assert.h>

static const char *const levels[] = {"error", "warning", "info", "debug", NULL};

static const struct qw_setting settings[] = {
    [QW_CFG_LISTEN] = {.key = "collector.listen",
		       .type = QW_SETTING_TEXT,
		       .initial = "tcp://0.0.0.0:9443",
		       .help = "where sensors connect to (ZeroMQ's notation)"},
    [QW_CFG_ADDRESS] = {.key = "collector.address",
			.type = QW_SETTING_TEXT,
			.help =
			    "what enrolled sensors are told to connect to; empty: this host's name and the port above"},
    [QW_CFG_STATE] = {.key = "collector.state",
		      .type = QW_SETTING_TEXT,
		      .initial = QW_STATE_DEFAULT,
		      .help = "folder of keys, alert log and database"},
    [QW_CFG_CONTROL] = {.key = "collector.control",
			.type = QW_SETTING_TEXT,
			.initial = QW_CONTROL_DEFAULT,
			.help = "socket that quaywatchctl talks to"},
    [QW_CFG_USER] = {.key = "collector.user",
		     .type = QW_SETTING_TEXT,
		     .help = "becomes this user when started as root; empty: stays who it is"},
    [QW_CFG_LOG_LEVEL] = {.key = "collector.log",
			  .type = QW_SETTING_TEXT,
			  .initial = "info",
			  .choices = levels,
			  .help = "least level of the collector's own log lines"},
    [QW_CFG_ROTATE_BYTES] = {.key = "alerts.rotate_bytes",
			     .type = QW_SETTING_INT,
			     .initial = "268435456",
			     .min = 1048576,
			     .help = "bytes of alerts.json before it is closed as alerts-TIME.json"},
    [QW_CFG_POLICY_TENANTS] = {.key = "policy.tenants",
			       .type = QW_SETTING_INT,
			       .initial = "2",
			       .min = 1,
			       .max = 1000,
			       .help = "distinct tenants that must propose an indicator before all get it"},
    [QW_CFG_POLICY_WINDOW] = {.key = "policy.window_hours",
			      .type = QW_SETTING_INT,
			      .initial = "168",
			      .min = 1,
			      .max = 87600,
			      .help = "hours within which they must do so"},
    [QW_CFG_POLICY_CONFIDENCE] = {.key = "policy.confidence",
				  .type = QW_SETTING_INT,
				  .initial = "50",
				  .max = 100,
				  .help = "least confidence (0 to 100) of a proposal that counts"},
    [QW_CFG_POLICY_LIFETIME] = {.key = "policy.lifetime_days",
				.type = QW_SETTING_INT,
				.initial = "30",
				.min = 1,
				.max = 3650,
				.help = "days that a promoted indicator stays in force"},
    [QW_CFG_POLICY_RATE] = {.key = "policy.proposals_per_hour",
			    .type = QW_SETTING_INT,
			    .initial = "1000",
			    .min = 1,
			    .max = 1000000,
			    .help = "proposals of one tenant in an hour; more are refused"},
    [QW_CFG_POLICY_PROTECTED] = {.key = "policy.protected",
				 .type = QW_SETTING_LIST,
				 .help = "addresses, blocks and names that nothing and nobody may list"},
};
static_assert(sizeof(settings) / sizeof(settings[0]) == QW_CFG_COUNT, "a setting without a row");

enum qw_err qw_settings_new(struct qw_config **out)
{
	return qw_config_new(out, settings, QW_CFG_COUNT);
}

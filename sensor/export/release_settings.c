/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/release_settings.h"

static const char *const address_ways[] = {"keep", "drop", "truncate", "pseudonym", NULL};
static const char *const payload_ways[] = {"never", "on_request", NULL};
static const char *const name_ways[] = {"keep", "drop", "hash", NULL};

const struct qw_setting qw_release_settings[QW_RELEASE_KEYS] = {
	[QW_RELEASE_ADDRESSES] = {"release.addresses", QW_SETTING_TEXT, "keep", .choices = address_ways,
		.help = "addresses of HOME_NET, and MACs, in what goes to the collector: \"truncate\" leaves the network (/24, /48)"},
	[QW_RELEASE_NAMES] = {"release.names", QW_SETTING_TEXT, "keep", .choices = name_ways,
		.help = "names under release.domains and of the inventory, in what goes to the collector"},
	[QW_RELEASE_DOMAINS] = {"release.domains", QW_SETTING_LIST, .help = "domains of ours, with all below them: \"berth.example\""},
	[QW_RELEASE_PAYLOAD] = {"release.payload", QW_SETTING_TEXT, "never", .choices = payload_ways,
		.help = "alerts.payload does not go to the collector; \"on_request\": the alert names a digest by which you can show it"},
	[QW_RELEASE_PAYLOADS] = {"release.payloads", QW_SETTING_INT, "1000", 1, 1000000,
		.help = "payloads kept in the folder payload of state.folder; the oldest goes"},
	[QW_RELEASE_OT_VALUES] = {"release.ot_values", QW_SETTING_BOOL, "true",
		.help = "values that are written to machines go to the collector (where ot.values tells them at all)"},
	[QW_RELEASE_FIELDS] = {"release.fields", QW_SETTING_LIST,
		.help = "fields of EVE that never leave: \"http.url\", \"tls.sni\", \"dns.rrname\", \"quaywatch.text\""},
	[QW_RELEASE_STAY] = {"release.stay", QW_SETTING_LIST,
		.help = "alerts that never leave: \"gid:3\", \"sid:2019401\", \"origin:pack\", \"class:Misc activity\""},
	[QW_RELEASE_LEAVE] = {"release.leave", QW_SETTING_LIST, .help = "the only alerts that leave, told alike; empty: all"},
	[QW_RELEASE_EMBARGO] = {"release.embargo", QW_SETTING_INT, "0", 0, 30 * 86400,
		.help = "seconds that an alert waits, on this sensor's disk, before it leaves"},
	[QW_RELEASE_LEDGER_MB] = {"release.ledger_mb", QW_SETTING_INT, "64", 2, 1 << 20,
		.help = "megabytes of what left, kept in the folder ledger of state.folder as evidence; the oldest goes"},
	[QW_RELEASE_PROPOSALS] = {"release.proposals", QW_SETTING_BOOL, "true",
		.help = "what people and rules offer as indicators goes to the collector"},
	[QW_RELEASE_DRY_RUNS] = {"release.dry_runs", QW_SETTING_BOOL, "true",
		.help = "the collector is told how many hosts here met a value that it asks for: a number, no more"},
	[QW_RELEASE_SIGHTINGS] = {"release.sightings", QW_SETTING_BOOL, "true",
		.help = "an alert names the indicator that was met, by which the collector counts it; false: the alert leaves without"},
};

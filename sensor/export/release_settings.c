/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/release_settings.h"

static const char *const address_ways[] = {"keep", "drop", "truncate", "pseudonym", NULL};
static const char *const name_ways[] = {"keep", "drop", "hash", NULL};

const struct qw_setting qw_release_settings[QW_RELEASE_KEYS] = {
	[QW_RELEASE_ADDRESSES] = {"release.addresses", QW_SETTING_TEXT, "keep", .choices = address_ways,
		.help = "addresses of HOME_NET, and MACs, in what goes to the collector: \"truncate\" leaves the network (/24, /48)"},
	[QW_RELEASE_NAMES] = {"release.names", QW_SETTING_TEXT, "keep", .choices = name_ways,
		.help = "names under release.domains and of the inventory, in what goes to the collector"},
	[QW_RELEASE_DOMAINS] = {"release.domains", QW_SETTING_LIST, .help = "domains of ours, with all below them: \"berth.example\""},
	[QW_RELEASE_PAYLOAD] = {"release.payload", QW_SETTING_BOOL, "true",
		.help = "alerts.payload goes to the collector; it never does where addresses or names are not kept"},
	[QW_RELEASE_OT_VALUES] = {"release.ot_values", QW_SETTING_BOOL, "true",
		.help = "values that are written to machines go to the collector (where ot.values tells them at all)"},
	[QW_RELEASE_FIELDS] = {"release.fields", QW_SETTING_LIST,
		.help = "fields of EVE that never leave: \"http.url\", \"tls.sni\", \"dns.rrname\", \"quaywatch.text\""},
	[QW_RELEASE_STAY] = {"release.stay", QW_SETTING_LIST,
		.help = "alerts that never leave: \"gid:3\", \"sid:2019401\", \"origin:pack\", \"class:Misc activity\""},
	[QW_RELEASE_LEAVE] = {"release.leave", QW_SETTING_LIST, .help = "the only alerts that leave, told alike; empty: all"},
	[QW_RELEASE_LEDGER_MB] = {"release.ledger_mb", QW_SETTING_INT, "64", 2, 1 << 20,
		.help = "megabytes of what left, kept in the folder ledger of state.folder as evidence; the oldest goes"},
};

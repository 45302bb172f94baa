/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/asset_event.h"

#include <string.h>

#include "sensor/watch/assets/roles.h"

enum { LINES_MAX = 1024, MAC_BYTES = 6 };

/* Protocols by name, one a line. */
static void put_apps(struct qw_event_writer *writer, enum qw_event_key key, uint64_t bits)
{
	char memory[LINES_MAX];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	for (int app = 0; app < QW_APP_COUNT; app++) {
		const char *name = qw_app_name((enum qw_app)app);
		if (!(bits >> app & 1))
			continue;
		if (text.len)
			qw_text_char(&text, '\n');
		qw_text_put(&text, name, strlen(name));
	}
	if (text.len)
		qw_event_put(writer, key, text.at, text.len);
}

static void put_host(struct qw_event_writer *writer, const struct qw_asset *asset)
{
	const uint8_t *mac = asset->host.is_mac ? asset->host.bytes : asset->mac;

	if (!asset->host.is_mac)
		qw_event_put(writer, QW_KEY_ASSET_ADDRESS, asset->host.bytes, sizeof(asset->host.bytes));
	if (asset->host.is_mac || asset->has_mac)
		qw_event_put(writer, QW_KEY_ASSET_MAC, mac, MAC_BYTES);
}

void qw_asset_event(struct qw_event_writer *writer, void *memory, size_t size, const struct qw_asset *asset,
		    const struct qw_called *called, const char *maker)
{
	qw_event_begin(writer, memory, size, QW_EVENT_ASSET, asset->last);
	put_host(writer, asset);
	qw_event_put_text(writer, QW_KEY_ASSET_NAME, called->name);
	qw_event_put_text(writer, QW_KEY_ASSET_ROLE, called->role);
	qw_event_put_text(writer, QW_KEY_ASSET_AREA, called->area);
	qw_event_put_text(writer, QW_KEY_ASSET_CRITICALITY, called->criticality);
	qw_event_put_text(writer, QW_KEY_ASSET_VENDOR, asset->vendor);
	qw_event_put_text(writer, QW_KEY_ASSET_OUI_VENDOR, maker);
	qw_event_put_text(writer, QW_KEY_ASSET_MODEL, asset->model);
	qw_event_put_text(writer, QW_KEY_ASSET_FIRMWARE, asset->firmware);
	qw_event_put_text(writer, QW_KEY_ASSET_SERIAL, asset->serial);
	put_apps(writer, QW_KEY_ASSET_SERVED, asset->serves);
	put_apps(writer, QW_KEY_ASSET_USED, asset->uses);
	qw_event_put_u64(writer, QW_KEY_ASSET_FIRST_SEEN, (uint64_t)asset->first.ns);
	qw_event_put_u64(writer, QW_KEY_ASSET_LAST_SEEN, (uint64_t)asset->last.ns);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/paths/paths.h"

#include <string.h>

#include "sensor/watch/assets/assets.h"

bool qw_path_is_group(const struct qw_address *address)
{
	static const uint8_t all[4] = {255, 255, 255, 255}, none[16] = {0};

	if (!qw_address_is_v4(address))
		return address->bytes[0] == 0xff || memcmp(address->bytes, none, sizeof(none)) == 0;
	const uint8_t *v4 = address->bytes + 12;
	return v4[0] >> 4 == 14 || memcmp(v4, all, 4) == 0 || memcmp(v4, none, 4) == 0 || v4[3] == 255;
}

bool qw_path_is_app(const struct qw_seen *seen, const char *name)
{
	return seen->app.len == strlen(name) && memcmp(seen->app.data, name, seen->app.len) == 0;
}

void qw_text_host_of(struct qw_text *text, const struct qw_seen_end *end)
{
	if (end->known)
		qw_text_address(text, &end->address);
	else if (end->has_mac)
		qw_text_mac(text, end->mac);
	else
		qw_text_literal(text, "somebody");
}

void qw_text_end(struct qw_text *text, const struct qw_seen_end *end)
{
	bool brackets = end->port && end->known && !qw_address_is_v4(&end->address);

	if (brackets)
		qw_text_char(text, '[');
	qw_text_host_of(text, end);
	if (brackets)
		qw_text_char(text, ']');
	if (end->port) {
		qw_text_char(text, ':');
		qw_text_u64(text, end->port);
	}
}

void qw_text_span(struct qw_text *text, struct qw_time span)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};
	int64_t seconds = span.ns > 0 ? span.ns / QW_NS_PER_S : 0;

	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (seconds < 2 * units[i].seconds && units[i].seconds > 1)
			continue;
		qw_text_format(text, "%lld %s", (long long)(seconds / units[i].seconds), units[i].name);
		return;
	}
}

void qw_text_bytes(struct qw_text *text, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
	unsigned unit = 0;

	for (; unit < 4 && bytes >= 10000; unit++)
		bytes /= 1000;
	qw_text_format(text, "%llu %s", (unsigned long long)bytes, units[unit]);
}

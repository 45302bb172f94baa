/* SPDX-License-Identifier: Apache-2.0 */
/* An event from a hostile worker under a strict policy: what may leave is an event again, and names nothing of ours. */
#include "sensor/export/release.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/export/scrub.h"

static const char *const settings[] = {"release.addresses=\"drop\"", "release.names=\"drop\"",
				       "release.domains=[\"berth.example\"]"};

static bool is_ours(void *ctx, const struct qw_address *address)
{
	(void)ctx;
	return qw_address_is_v4(address) ? address->bytes[12] == 10 : address->bytes[0] == 0xfd;
}

/* The name, and not the beginning of a longer one. */
static bool names_us(const uint8_t *text, size_t len)
{
	static const char name[] = "hmi.berth.example";
	const uint8_t *at = memmem(text, len, name, sizeof(name) - 1), *end = text + len;

	if (!at)
		return false;
	at += sizeof(name) - 1;
	return at == end || (*at < 0x80 && !isalnum(*at) && *at != '-' && *at != '_');
}

static struct qw_release *made(void)
{
	struct qw_release_options options = {.key_path = "", .is_ours = is_ours};
	struct qw_release *release;
	static struct qw_config *config; /* lives as long as the release */
	struct qw_diags diags;

	qw_diags_init(&diags);
	if (qw_config_new(&config, qw_release_settings, QW_RELEASE_KEYS) != QW_OK)
		abort();
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (qw_config_set(config, settings[i], &diags) != QW_OK)
			abort();
	options.config = config;
	if (qw_release_new(&release, &options, &diags) != QW_OK)
		abort();
	return release;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(8) uint8_t memory[QW_EVENT_MAX];
	static struct qw_release *release;
	const struct qw_event *out, *event = (const struct qw_event *)memory;
	struct qw_event_reader reader;
	enum qw_event_key key;
	const uint8_t *field;
	size_t left, len;

	if (!release)
		release = made();
	if (size > sizeof(memory))
		return 0;
	memcpy(memory, data, size);
	if (!qw_release_event(release, event, size, &out, &left))
		return 0;
	if (qw_event_open(&reader, out, left, &out) != QW_OK)
		abort();
	while (qw_event_next(&reader, &key, &field, &len)) {
		struct qw_address address;
		if ((key == QW_KEY_SRC_IP || key == QW_KEY_DEST_IP) && len == sizeof(address)) {
			memcpy(&address, field, len);
			if (is_ours(NULL, &address))
				abort();
		}
		if (key == QW_KEY_HTTP_URL && names_us(field, len))
			abort();
	}
	return 0;
}

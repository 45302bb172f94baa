/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/event_types.h"

#include <stdio.h>
#include <string.h>

#include "sensor/export/eve.h"
#include "sensor/run/settings.h"

static const char *words_of(const struct qw_options *options, const struct qw_config *config)
{
	return options->events ? options->events : qw_config_text(config, QW_CFG_EVENTS);
}

/* The bits of one word; 0: it is none. */
static uint32_t bits_of(const char *word, size_t len)
{
	if (len == 3 && memcmp(word, "all", 3) == 0)
		return UINT32_MAX;
	for (int type = 0; type < QW_EVENT_PROPOSAL; type++) {
		const char *name = qw_event_type_name((enum qw_event_type)type);
		if (strlen(name) == len && memcmp(name, word, len) == 0)
			return 1u << type;
	}
	return 0;
}

uint32_t qw_event_types_of(const struct qw_options *options, const struct qw_config *config)
{
	uint32_t types = 0;

	for (const char *at = words_of(options, config); *at; at += strspn(at, ", ")) {
		size_t len = strcspn(at, ", ");
		types |= bits_of(at, len);
		at += len;
	}
	return types;
}

bool qw_event_types_check(const struct qw_options *options, const struct qw_config *config)
{
	for (const char *at = words_of(options, config); *at; at += strspn(at, ", ")) {
		size_t len = strcspn(at, ", ");
		if (len && bits_of(at, len) == 0) {
			fprintf(stderr, "quaywatch-sensor: --events: '%.*s' is no event type; there are alert, flow, dns, http, "
					"tls, ot, asset, stats, all\n", (int)len, at);
			return false;
		}
		at += len;
	}
	return true;
}

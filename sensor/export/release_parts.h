/* SPDX-License-Identifier: Apache-2.0 */
/* release_parts - what release.c, which rewrites events, and release_offers.c share. */
#pragma once

#include <stdalign.h>

#include "sensor/export/release.h"
#include "sensor/export/release_policy.h"
#include "sensor/export/scrub.h"

struct qw_release {
	struct qw_release_policy policy;
	struct qw_pseudonym *pseudonym; /* NULL: no policy needs it */
	struct qw_scrub *scrub;
	bool (*keep_payload)(void *ctx, struct qw_slice payload, char name[QW_VAULT_NAME + 1]);
	void *ctx;
	struct qw_release_counters counters;
	struct qw_event_writer writer;
	uint8_t *indicator_id;          /* where it was written, to be taken back; NULL: not yet */
	struct qw_ledger_fields fields; /* of this event */
	alignas(8) uint8_t event[QW_EVENT_MAX];
	char text[QW_SCRUB_TEXT_MAX];
};

struct qw_release_field {
	enum qw_event_key key;
	const uint8_t *data;
	size_t len;
};

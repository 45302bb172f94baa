/* SPDX-License-Identifier: Apache-2.0 */
/*
 * release - the tenant's word on what may leave: each alert passes here before it is given a sequence.
 *
 *	event ─► local log, whole
 *	      └► release ─► event without what is the tenant's alone ─► EVE, wire ─► spool
 *
 * It works on an event's fields by what they may tell (release_keys.c),
 * before any of it is JSON: addresses and MACs as such, texts by a scrub.  What
 * is made of addresses (flow_id, community_id, an indicator's id) goes where
 * they are not kept.  The collector has no say in it.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/address.h"
#include "quaywatch/config.h"
#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "quaywatch/event.h"
#include "quaywatch/observable.h"
#include "quaywatch/text.h"
#include "sensor/export/eve.h"
#include "sensor/export/ledger.h"
#include "sensor/export/release_settings.h"
#include "sensor/export/vault.h"

enum { QW_RELEASE_FIELDS_MAX = QW_KEY_COUNT };

/* What leaves beside the alerts themselves, each under a key of its own. */
enum qw_release_kind { QW_RELEASE_KIND_PROPOSAL, QW_RELEASE_KIND_DRY_RUN, QW_RELEASE_KIND_SIGHTING, QW_RELEASE_KINDS };

struct qw_release_options {
	const struct qw_config *config; /* has the keys release.* from … */
	size_t first_key;               /* … this number on; outlives the release */
	const char *key_path;           /* of the pseudonyms' key; made if there is none and a policy needs it */
	bool (*is_ours)(void *ctx, const struct qw_address *address);
	/* release.payload = "on_request": keeps it here, under that name.  False: it is not kept.  NULL: never. */
	bool (*keep_payload)(void *ctx, struct qw_slice payload, char name[QW_VAULT_NAME + 1]);
	void *ctx;
};

struct qw_release;

/*
 * QW_EFORMAT: a field or a rule of the policy is not known (complaints are
 * added), or the key's file holds no key.  Errors of the key's file.
 */
enum qw_err qw_release_new(struct qw_release **out, const struct qw_release_options *options, struct qw_diags *diags) QW_MUSTCHECK;
void qw_release_free(struct qw_release *release);

/* One more name of ours: of the inventory.  As qw_scrub_name. */
enum qw_err qw_release_name(struct qw_release *release, struct qw_slice name) QW_MUSTCHECK;

/* release.payload is "on_request". */
bool qw_release_keeps_payload(const struct qw_release *release);

/* True: nothing about addresses and names is held back, so that texts of the sensor itself may go as they are. */
bool qw_release_is_open(const struct qw_release *release);

/* release.proposals, release.dry_runs, release.sightings. */
bool qw_release_lets_kind(const struct qw_release *release, enum qw_release_kind kind);

/* True: the policy holds back what this value names, or a part of it. */
bool qw_release_holds_back(struct qw_release *release, const struct qw_observable *observable);

/* Writes a text as it may leave: what a person wrote beside a proposal. */
void qw_release_put_text(struct qw_release *release, struct qw_slice in, struct qw_text *out);

/*
 * What may leave of an event, in *out: valid until the next call, or the event
 * itself where nothing changes.  False: it stays (counted), or it is damaged.
 */
bool qw_release_event(struct qw_release *release, const struct qw_event *event, size_t size, const struct qw_event **out,
		      size_t *out_size);

/* What was done with the fields of the event that left last. */
struct qw_ledger_fields qw_release_fields(const struct qw_release *release);

/* Whether it may leave at all, by release.stay and release.leave; counts nothing. */
bool qw_release_lets(const struct qw_release *release, const struct qw_event *event, size_t size);

/* Takes out of the parts of an event that left what may not be proposed as an indicator: stand-ins, and what is ours. */
void qw_release_parts(const struct qw_release *release, const struct qw_event *event, size_t size, struct qw_eve_parts *parts);

struct qw_release_counters {
	uint64_t released, changed; /* of these */
	uint64_t stayed;            /* by release.stay and release.leave */
	uint64_t damaged;           /* not understood, or larger than an event may be once changed: they stay */
	uint64_t replaced, dropped; /* parts and fields */
	uint64_t payload;           /* of these fields: payload */
};
struct qw_release_counters qw_release_counters(const struct qw_release *release);

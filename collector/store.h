/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store - what the collector looks up, in one SQLite file (collector.db).
 *
 * Tenants, sensors, indicators, sightings, receipts, segments,
 * marks, deltas and the audit log; never a row per alert.  WAL with full
 * synchronisation: what qw_store_commit returned for survives the power.
 *
 * Writes open a transaction by themselves, and it stays open until
 * qw_store_commit: many small writes (receipts, sightings) share one fsync.
 *
 * One thread.  Texts handed to a visitor are valid during the call only; an
 * error of the visitor ends the walk and is returned.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/feed_outcome.h"
#include "collector/journal.h"
#include "collector/name.h"
#include "quaywatch/channel.h"
#include "quaywatch/err.h"
#include "quaywatch/indicator.h"
#include "quaywatch/keys.h"
#include "quaywatch/time.h"

struct qw_store;

/* QW_EVERSION: written by a newer collector.  QW_EFORMAT: not our file, or damaged. */
enum qw_err qw_store_open(struct qw_store **out, const char *path) QW_MUSTCHECK;
void qw_store_close(struct qw_store *store); /* commits */

/* What SQLite said last; for messages. */
const char *qw_store_message(const struct qw_store *store);

enum qw_err qw_store_commit(struct qw_store *store) QW_MUSTCHECK;
void qw_store_rollback(struct qw_store *store);
bool qw_store_is_dirty(const struct qw_store *store);

/* ---- who takes part */

struct qw_tenant_row {
	const char *name;
	struct qw_time created, revoked; /* 0: not revoked */
	int64_t sensors;
};
typedef enum qw_err qw_tenant_visit(void *ctx, const struct qw_tenant_row *row);

enum qw_err qw_store_add_tenant(struct qw_store *store, const char *name,
				struct qw_time now) QW_MUSTCHECK; /* QW_EEXIST */
enum qw_err qw_store_revoke_tenant(struct qw_store *store, const char *name,
				   struct qw_time now) QW_MUSTCHECK; /* QW_ENOENT */
enum qw_err qw_store_each_tenant(struct qw_store *store, qw_tenant_visit *visit, void *ctx) QW_MUSTCHECK;

struct qw_sensor_row {
	const char *tenant, *name, *key; /* public key, Z85 */
	struct qw_time created, revoked; /* its own, or its tenant's */
};
typedef enum qw_err qw_sensor_visit(void *ctx, const struct qw_sensor_row *row);

/* A sensor that exists gets the new key; the old one is worth nothing then. */
enum qw_err qw_store_put_sensor(struct qw_store *store, const struct qw_identity *who, const char *key,
				struct qw_time now) QW_MUSTCHECK;
enum qw_err qw_store_revoke_sensor(struct qw_store *store, const struct qw_identity *who,
				   struct qw_time now) QW_MUSTCHECK;
enum qw_err qw_store_each_sensor(struct qw_store *store, qw_sensor_visit *visit, void *ctx) QW_MUSTCHECK;

/* ---- indicators */

/* The reason of one that its feed lists no more. */
#define QW_STORE_LEFT "its feed lists it no more"

struct qw_indicator_row {
	const char *channel;
	struct qw_indicator indicator;
	const char *who, *why; /* who promoted it, and for what reason */
	struct qw_time at, revoked;
	struct qw_time renew; /* what sightings prolong it by; 0: they do not */
	struct qw_time born;  /* since when it is in the channel; only read */
};
typedef enum qw_err qw_indicator_visit(void *ctx, const struct qw_indicator_row *row);

enum qw_err qw_store_put_indicator(struct qw_store *store, const struct qw_indicator_row *row) QW_MUSTCHECK;
enum qw_err qw_store_revoke_indicator(struct qw_store *store, const char *channel,
				      const struct qw_observable *observable, bool allow,
				      struct qw_time now) QW_MUSTCHECK; /* QW_ENOENT */
/* The same, for a reason that the row keeps (QW_STORE_LEFT) in the place of why it came.  QW_ENOENT. */
enum qw_err qw_store_leave_indicator(struct qw_store *store, const char *channel, const struct qw_observable *observable,
				     bool allow, const char *why, struct qw_time now) QW_MUSTCHECK;
/* As the channel has it: the row is made, or mended where it says something else; *mended: it was not so. */
enum qw_err qw_store_match_indicator(struct qw_store *store, const struct qw_indicator_row *row,
				     bool *mended) QW_MUSTCHECK;
/* channel NULL: all; observable NULL: all.  Newest first, at most `limit`. */
enum qw_err qw_store_each_indicator(struct qw_store *store, const char *channel, const struct qw_observable *observable,
				    size_t limit, qw_indicator_visit *visit, void *ctx) QW_MUSTCHECK;
/* What others may learn of a row in force, and how long it lasts now; who added it, and why, stays.  QW_ENOENT. */
enum qw_err qw_store_say_indicator(struct qw_store *store, const char *channel, const struct qw_indicator *indicator,
				   struct qw_time now) QW_MUSTCHECK;
/* Block entries in force of this id, in this channel. */
enum qw_err qw_store_find_indicator(struct qw_store *store, uint64_t id, const char *channel, qw_indicator_visit *visit,
				    void *ctx) QW_MUSTCHECK;
/* A channel's block entries in force, by type's name and value, from behind this one; its type QW_OBS_COUNT: from the first. */
enum qw_err qw_store_each_in_order(struct qw_store *store, const char *channel, const struct qw_observable *after,
				   struct qw_time now, size_t limit, qw_indicator_visit *visit, void *ctx) QW_MUSTCHECK;
/* In force, but their time is over. */
enum qw_err qw_store_each_expired(struct qw_store *store, struct qw_time now, size_t limit, qw_indicator_visit *visit,
				  void *ctx) QW_MUSTCHECK;

/* ---- what tenants say */

struct qw_sighting_row {
	const char *tenant;
	uint64_t id, count;
	struct qw_time first, last;
};
typedef enum qw_err qw_sighting_visit(void *ctx, const struct qw_sighting_row *row);
/* QW_ENOENT: no channel ever held that indicator. */
enum qw_err qw_store_add_sighting(struct qw_store *store, const struct qw_sighting_row *row) QW_MUSTCHECK;
enum qw_err qw_store_each_sighting(struct qw_store *store, uint64_t id, qw_sighting_visit *visit,
				   void *ctx) QW_MUSTCHECK;

/* Indicators of which something is to be told when a bucket of time has ended: once each bucket, by id. */
enum qw_err qw_store_mark_sighted(struct qw_store *store, int64_t bucket, uint64_t id) QW_MUSTCHECK;
/* The same, if some tenant met it. */
enum qw_err qw_store_mark_again(struct qw_store *store, int64_t bucket, uint64_t id) QW_MUSTCHECK;
typedef enum qw_err qw_sighted_visit(void *ctx, int64_t bucket, uint64_t id);
enum qw_err qw_store_each_sighted(struct qw_store *store, int64_t before, size_t limit, qw_sighted_visit *visit,
				  void *ctx) QW_MUSTCHECK;
enum qw_err qw_store_unmark_sighted(struct qw_store *store, int64_t bucket, uint64_t id) QW_MUSTCHECK;

/* ---- channels */

enum qw_err qw_store_put_delta(struct qw_store *store, const char *channel, struct qw_order order, const uint8_t *data,
			       size_t len, struct qw_time now) QW_MUSTCHECK;
/* The same of one that was lost: in place of a row that is there all the same. */
enum qw_err qw_store_restore_delta(struct qw_store *store, const char *channel, struct qw_order order,
				   const uint8_t *data, size_t len, struct qw_time created) QW_MUSTCHECK;
/* QW_ENOENT; *data is the caller's to free. */
enum qw_err qw_store_get_delta(struct qw_store *store, const char *channel, struct qw_order order, uint8_t **data,
			       size_t *len) QW_MUSTCHECK;
/* The first one behind this order, whatever its own; QW_ENOENT; *data is the caller's to free. */
enum qw_err qw_store_next_delta(struct qw_store *store, const char *channel, struct qw_order after, uint8_t **data,
				size_t *len) QW_MUSTCHECK;
/* The change that was made at that very moment; QW_ENOENT: none, or it was forgotten. */
enum qw_err qw_store_find_order(struct qw_store *store, const char *channel, struct qw_time created,
				struct qw_order *out) QW_MUSTCHECK;
/* When the first change after this one was made, of those that are kept; QW_ENOENT: none is. */
enum qw_err qw_store_made_after(struct qw_store *store, const char *channel, struct qw_order order,
				struct qw_time *made) QW_MUSTCHECK;
/* Forgets deltas up to and with this order. */
enum qw_err qw_store_prune_deltas(struct qw_store *store, const char *channel, struct qw_order through) QW_MUSTCHECK;

struct qw_receipt_row {
	const char *tenant, *sensor, *channel;
	struct qw_order order;
	struct qw_time applied, received;
	uint64_t entries, apply_us;
	bool proven; /* its answer fits the set we hold */
};
typedef enum qw_err qw_receipt_visit(void *ctx, const struct qw_receipt_row *row);
enum qw_err qw_store_put_receipt(struct qw_store *store, const struct qw_receipt_row *row) QW_MUSTCHECK;
/* What each sensor said last of each channel. */
enum qw_err qw_store_each_receipt(struct qw_store *store, qw_receipt_visit *visit, void *ctx) QW_MUSTCHECK;
/* All that came since then and are kept; the last first. */
enum qw_err qw_store_receipts_since(struct qw_store *store, struct qw_time since, size_t limit, qw_receipt_visit *visit,
				    void *ctx) QW_MUSTCHECK;
/* Forgets at most so many that came before; what was said last stays. */
enum qw_err qw_store_prune_receipts(struct qw_store *store, struct qw_time before, size_t limit) QW_MUSTCHECK;

/* ---- the log */

enum qw_err qw_store_put_segment(struct qw_store *store, const char *name, struct qw_journal_place place,
				 struct qw_time now) QW_MUSTCHECK;

typedef enum qw_err qw_segment_visit(void *ctx, const char *name, struct qw_time closed);
enum qw_err qw_store_each_segment(struct qw_store *store, qw_segment_visit *visit,
				  void *ctx) QW_MUSTCHECK; /* oldest first */

/* All marks and the place up to which they were read, as one. */
enum qw_err qw_store_put_mark(struct qw_store *store, const struct qw_identity *who, uint64_t epoch, uint64_t sequence,
			      struct qw_time used) QW_MUSTCHECK;
enum qw_err qw_store_put_place(struct qw_store *store, struct qw_journal_place place) QW_MUSTCHECK;
enum qw_err qw_store_get_place(struct qw_store *store, struct qw_journal_place *out) QW_MUSTCHECK; /* zeros: none */
typedef enum qw_err qw_mark_visit(void *ctx, const struct qw_identity *who, uint64_t epoch, uint64_t sequence,
				  struct qw_time used);
enum qw_err qw_store_each_mark(struct qw_store *store, qw_mark_visit *visit, void *ctx) QW_MUSTCHECK;

struct qw_audit_row {
	struct qw_time at;
	int64_t uid; /* of the operator; -1: the collector itself */
	const char *what, *detail;
};
typedef enum qw_err qw_audit_visit(void *ctx, const struct qw_audit_row *row);
enum qw_err qw_store_audit(struct qw_store *store, const struct qw_audit_row *row) QW_MUSTCHECK;
enum qw_err qw_store_each_audit(struct qw_store *store, size_t limit, qw_audit_visit *visit, void *ctx) QW_MUSTCHECK;

/* ---- feeds */

/* words: as qw_feed_spec_list reads them ("[place=…,every=…]"). */
enum qw_err qw_store_put_feed(struct qw_store *store, const char *name, const char *words, struct qw_time now) QW_MUSTCHECK;
/* With its health. */
enum qw_err qw_store_drop_feed(struct qw_store *store, const char *name) QW_MUSTCHECK;
typedef enum qw_err qw_feed_visit(void *ctx, const char *name, const char *words);
enum qw_err qw_store_each_feed(struct qw_store *store, qw_feed_visit *visit, void *ctx) QW_MUSTCHECK;

/* How a feed is; kept over a start. */
struct qw_feed_health {
	struct qw_time tried, good;            /* its last run; the last that was well; 0: none yet */
	uint64_t failures;                     /* runs since then */
	uint64_t published, withdrawn;         /* by the last run that changed something */
	uint64_t refused, held;                /* then: by the guards; others brought them, and they stay as they are */
	struct qw_feed_outcome outcome;        /* of its last run */
};
enum qw_err qw_store_put_health(struct qw_store *store, const char *name, const struct qw_feed_health *health) QW_MUSTCHECK;
/* Zeros where nothing is known. */
enum qw_err qw_store_get_health(struct qw_store *store, const char *name, struct qw_feed_health *out) QW_MUSTCHECK;

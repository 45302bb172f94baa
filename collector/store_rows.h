/* SPDX-License-Identifier: Apache-2.0 */
/* store_rows - what the store's own files share: the statements by number, and the database. */
#pragma once

#include "collector/database.h"
#include "collector/store.h"

enum qw_sql {
	QW_SQL_TENANT_ADD,
	QW_SQL_TENANT_REVOKE,
	QW_SQL_TENANT_EACH,
	QW_SQL_SENSOR_PUT,
	QW_SQL_SENSOR_REVOKE,
	QW_SQL_SENSOR_EACH,
	QW_SQL_INDICATOR_PUT,
	QW_SQL_INDICATOR_REVOKE,
	QW_SQL_INDICATOR_LEAVE,
	QW_SQL_INDICATOR_MATCH,
	QW_SQL_INDICATOR_SAY,
	QW_SQL_INDICATOR_ID,
	QW_SQL_INDICATOR_NAMELESS,
	QW_SQL_INDICATOR_IDENTIFY,
	QW_SQL_INDICATOR_EACH,
	QW_SQL_INDICATOR_CHANNEL,
	QW_SQL_INDICATOR_VALUE,
	QW_SQL_INDICATOR_EXPIRED,
	QW_SQL_INDICATOR_ORDERED,
	QW_SQL_SIGHTING_ADD,
	QW_SQL_SIGHTED_MARK,
	QW_SQL_SIGHTED_AGAIN,
	QW_SQL_SIGHTED_DUE,
	QW_SQL_SIGHTED_DONE,
	QW_SQL_SIGHTING_EACH,
	QW_SQL_DELTA_PUT,
	QW_SQL_DELTA_RESTORE,
	QW_SQL_DELTA_GET,
	QW_SQL_DELTA_NEXT,
	QW_SQL_DELTA_AFTER,
	QW_SQL_DELTA_ORDER,
	QW_SQL_DELTA_PRUNE,
	QW_SQL_RECEIPT_PUT,
	QW_SQL_RECEIPT_SINCE,
	QW_SQL_RECEIPT_PRUNE,
	QW_SQL_HELD_PUT,
	QW_SQL_HELD_EACH,
	QW_SQL_SEGMENT_PUT,
	QW_SQL_SEGMENT_EACH,
	QW_SQL_MARK_PUT,
	QW_SQL_MARK_EACH,
	QW_SQL_PLACE_PUT,
	QW_SQL_PLACE_GET,
	QW_SQL_FEED_PUT,
	QW_SQL_FEED_DROP,
	QW_SQL_FEED_EACH,
	QW_SQL_HEALTH_PUT,
	QW_SQL_HEALTH_DROP,
	QW_SQL_HEALTH_GET,
	QW_SQL_INCIDENT_PUT,
	QW_SQL_INCIDENT_DROP,
	QW_SQL_INCIDENT_EACH,
	QW_SQL_STRAND_PUT,
	QW_SQL_STRAND_DROP,
	QW_SQL_STRAND_EACH,
	QW_SQL_PART_PUT,
	QW_SQL_PART_DROP,
	QW_SQL_PART_EACH,
	QW_SQL_AUDIT_PUT,
	QW_SQL_AUDIT_EACH,
	QW_SQL_COUNT
};

/* store_layout.c */
extern const struct qw_database_layout qw_store_layout;

struct qw_store {
	struct qw_database *database;
};

/* For an UPDATE that must have met a row. */
static inline enum qw_err qw_store_met(const struct qw_store *store, enum qw_err err)
{
	return err == QW_OK && qw_database_met(store->database) == 0 ? QW_ENOENT : err;
}

/* Rows of a layout that knew no ids get theirs; nothing to do in most runs. */
enum qw_err qw_store_identify(struct qw_store *store) QW_MUSTCHECK;

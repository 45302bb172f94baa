/* SPDX-License-Identifier: Apache-2.0 */
/* store_layout - the tables of collector.db, how older files are brought to them, and every statement. */
#include "collector/store_rows.h"

#define EXCHANGE_TABLES                                                                                                \
	"CREATE TABLE feeds(name TEXT PRIMARY KEY, words TEXT, created INTEGER) WITHOUT ROWID;"                        \
	"CREATE TABLE feed_health(name TEXT PRIMARY KEY, tried INTEGER, good INTEGER, failures INTEGER,"               \
	" published INTEGER, withdrawn INTEGER, refused INTEGER, held INTEGER, outcome TEXT) WITHOUT ROWID;"           \
	"CREATE TABLE incidents(number INTEGER PRIMARY KEY, opened INTEGER, state INTEGER, reason TEXT, uid INTEGER,"  \
	" changed INTEGER);"                                                                                           \
	"CREATE TABLE strands(kind INTEGER, key INTEGER, incident INTEGER, value TEXT, text TEXT, severity INTEGER,"   \
	" confidence INTEGER, ot INTEGER, last INTEGER, PRIMARY KEY(kind, key)) WITHOUT ROWID;"                        \
	"CREATE TABLE strand_parts(kind INTEGER, key INTEGER, tenant TEXT, sample TEXT, first INTEGER, last INTEGER,"  \
	" count INTEGER, actors BLOB, PRIMARY KEY(kind, key, tenant)) WITHOUT ROWID;"

static const char schema[] =
    "CREATE TABLE tenants(name TEXT PRIMARY KEY, created INTEGER, revoked INTEGER DEFAULT 0) WITHOUT ROWID;"
    "CREATE TABLE sensors(tenant TEXT, name TEXT, key TEXT UNIQUE, created INTEGER, revoked INTEGER DEFAULT 0,"
    " PRIMARY KEY(tenant, name)) WITHOUT ROWID;"
    "CREATE TABLE indicators(channel TEXT, type TEXT, value TEXT, allow INTEGER, confidence INTEGER, tlp INTEGER,"
    " valid_from INTEGER, valid_until INTEGER, source TEXT, description TEXT, who TEXT, why TEXT, at INTEGER,"
    " revoked INTEGER DEFAULT 0, id INTEGER DEFAULT 0, seen INTEGER DEFAULT 0, seen_at INTEGER DEFAULT 0,"
    " renew INTEGER DEFAULT 0, born INTEGER DEFAULT 0, PRIMARY KEY(channel, type, value, allow)) WITHOUT ROWID;"
    "CREATE INDEX indicators_value ON indicators(value, type);"
    "CREATE INDEX indicators_end ON indicators(valid_until) WHERE valid_until > 0 AND revoked = 0;"
    "CREATE INDEX indicators_id ON indicators(id);"
    "CREATE TABLE sighted(bucket INTEGER, id INTEGER, PRIMARY KEY(bucket, id)) WITHOUT ROWID;"
    "CREATE TABLE sightings(id INTEGER, tenant TEXT, count INTEGER, first INTEGER, last INTEGER,"
    " PRIMARY KEY(id, tenant)) WITHOUT ROWID;"
    "CREATE TABLE deltas(channel TEXT, term INTEGER, sequence INTEGER, created INTEGER, data BLOB,"
    " PRIMARY KEY(channel, term, sequence));"
    "CREATE TABLE receipts(tenant TEXT, sensor TEXT, channel TEXT, term INTEGER, sequence INTEGER, applied INTEGER,"
    " received INTEGER, entries INTEGER, apply_us INTEGER, proven INTEGER,"
    " PRIMARY KEY(tenant, sensor, channel, term, sequence)) WITHOUT ROWID;"
    "CREATE INDEX receipts_received ON receipts(received);"
    "CREATE TABLE held(tenant TEXT, sensor TEXT, channel TEXT, term INTEGER, sequence INTEGER, applied INTEGER,"
    " received INTEGER, entries INTEGER, apply_us INTEGER, proven INTEGER,"
    " PRIMARY KEY(tenant, sensor, channel)) WITHOUT ROWID;"
    "CREATE TABLE segments(number INTEGER PRIMARY KEY, name TEXT, bytes INTEGER, closed INTEGER);"
    "CREATE TABLE marks(tenant TEXT, sensor TEXT, epoch INTEGER, sequence INTEGER, used INTEGER,"
    " PRIMARY KEY(tenant, sensor, epoch)) WITHOUT ROWID;"
    "CREATE TABLE place(one INTEGER PRIMARY KEY CHECK(one = 1), segment INTEGER, offset INTEGER);"
    "CREATE TABLE audit(at INTEGER, uid INTEGER, what TEXT, detail TEXT);" EXCHANGE_TABLES;

/* Ids are filled in by qw_store_identify. */
static const char *const upgrades[] = {
    "ALTER TABLE indicators ADD COLUMN id INTEGER DEFAULT 0;"
    "ALTER TABLE indicators ADD COLUMN seen INTEGER DEFAULT 0;"
    "ALTER TABLE indicators ADD COLUMN seen_at INTEGER DEFAULT 0;"
    "ALTER TABLE indicators ADD COLUMN renew INTEGER DEFAULT 0;"
    "ALTER TABLE indicators ADD COLUMN born INTEGER DEFAULT 0;"
    "UPDATE indicators SET born = at;"
    "CREATE INDEX indicators_id ON indicators(id);"
    "CREATE TABLE sighted(bucket INTEGER, id INTEGER, PRIMARY KEY(bucket, id)) WITHOUT ROWID;"
    "CREATE INDEX receipts_received ON receipts(received);"
    "CREATE TABLE held(tenant TEXT, sensor TEXT, channel TEXT, term INTEGER, sequence INTEGER, applied INTEGER,"
    " received INTEGER, entries INTEGER, apply_us INTEGER, proven INTEGER,"
    " PRIMARY KEY(tenant, sensor, channel)) WITHOUT ROWID;"
    "INSERT INTO held SELECT tenant, sensor, channel, term, sequence, applied, max(received), entries, apply_us, proven"
    " FROM receipts GROUP BY tenant, sensor, channel;",
    EXCHANGE_TABLES,
};

#define INDICATOR_COLUMNS                                                                                              \
	"SELECT channel, type, value, allow, confidence, tlp, valid_from, valid_until, source, description, who, why," \
	" at, revoked, seen, seen_at, renew, born FROM indicators "

/* One that was revoked is born anew; else its first day stays. */
#define INDICATOR_INSERT                                                                                               \
	"INSERT INTO indicators(channel, type, value, allow, confidence, tlp, valid_from, valid_until, source,"        \
	" description, who, why, at, id, seen, seen_at, renew, born)"                                                  \
	" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?13)"                      \
	" ON CONFLICT DO UPDATE SET confidence = excluded.confidence, tlp = excluded.tlp,"                             \
	" valid_from = excluded.valid_from, valid_until = excluded.valid_until, source = excluded.source,"             \
	" description = excluded.description, who = excluded.who, why = excluded.why, at = excluded.at,"               \
	" seen = excluded.seen, seen_at = excluded.seen_at, revoked = 0,"                                              \
	" born = CASE WHEN revoked = 0 THEN born ELSE excluded.born END"

#define SAME_ORDER "term = excluded.term AND sequence = excluded.sequence"

static const char *const sql[QW_SQL_COUNT] = {
    [QW_SQL_TENANT_ADD] = "INSERT INTO tenants(name, created) VALUES(?, ?)",
    [QW_SQL_TENANT_REVOKE] = "UPDATE tenants SET revoked = ?2 WHERE name = ?1 AND revoked = 0",
    [QW_SQL_TENANT_EACH] = "SELECT name, created, revoked, (SELECT count(*) FROM sensors WHERE tenant = tenants.name)"
			   " FROM tenants ORDER BY name",
    [QW_SQL_SENSOR_PUT] = "INSERT INTO sensors(tenant, name, key, created) VALUES(?, ?, ?, ?) ON CONFLICT(tenant, name)"
			  " DO UPDATE SET key = excluded.key, created = excluded.created, revoked = 0",
    [QW_SQL_SENSOR_REVOKE] = "UPDATE sensors SET revoked = ?3 WHERE tenant = ?1 AND name = ?2 AND revoked = 0",
    [QW_SQL_SENSOR_EACH] = "SELECT s.tenant, s.name, s.key, s.created, max(s.revoked, t.revoked) FROM sensors s"
			   " JOIN tenants t ON t.name = s.tenant ORDER BY s.tenant, s.name",
    [QW_SQL_INDICATOR_PUT] = INDICATOR_INSERT ", renew = excluded.renew",
    [QW_SQL_INDICATOR_REVOKE] = "UPDATE indicators SET revoked = ?5 WHERE channel = ?1 AND type = ?2 AND value = ?3"
				" AND allow = ?4 AND revoked = 0",
    [QW_SQL_INDICATOR_LEAVE] = "UPDATE indicators SET revoked = ?5, why = ?6 WHERE channel = ?1 AND type = ?2 AND value = ?3"
			       " AND allow = ?4 AND revoked = 0",
    [QW_SQL_INDICATOR_MATCH] =
	INDICATOR_INSERT " WHERE revoked != 0 OR confidence != excluded.confidence OR tlp != excluded.tlp OR"
			 " valid_from != excluded.valid_from OR valid_until != excluded.valid_until OR"
			 " source != excluded.source OR description != excluded.description OR"
			 " seen != excluded.seen OR seen_at != excluded.seen_at",
    [QW_SQL_INDICATOR_SAY] = "UPDATE indicators SET seen = ?5, seen_at = ?6, valid_until = ?7, at = ?8 WHERE channel = ?1"
			     " AND type = ?2 AND value = ?3 AND allow = ?4 AND revoked = 0",
    [QW_SQL_INDICATOR_ID] = INDICATOR_COLUMNS "WHERE id = ?1 AND channel = ?2 AND allow = 0 AND revoked = 0",
    [QW_SQL_INDICATOR_NAMELESS] = "SELECT DISTINCT type, value FROM indicators WHERE id = 0 LIMIT ?1",
    [QW_SQL_INDICATOR_IDENTIFY] = "UPDATE indicators SET id = ?3 WHERE type = ?1 AND value = ?2",
    /* Three, so that each has its index; all take channel, type, value, limit. */
    [QW_SQL_INDICATOR_EACH] = INDICATOR_COLUMNS "WHERE ?1 = '' AND ?2 = '' AND ?3 = '' ORDER BY at DESC LIMIT ?4",
    [QW_SQL_INDICATOR_CHANNEL] =
	INDICATOR_COLUMNS "WHERE channel = ?1 AND ?2 = '' AND ?3 = '' ORDER BY at DESC LIMIT ?4",
    [QW_SQL_INDICATOR_VALUE] = INDICATOR_COLUMNS "WHERE value = ?3 AND type = ?2 AND (?1 = '' OR channel = ?1)"
						 " ORDER BY at DESC LIMIT ?4",
    [QW_SQL_INDICATOR_EXPIRED] =
	INDICATOR_COLUMNS "WHERE valid_until > 0 AND valid_until < ?1 AND revoked = 0 LIMIT ?2",
    [QW_SQL_INDICATOR_ORDERED] =
	INDICATOR_COLUMNS "WHERE channel = ?1 AND (type, value) > (?2, ?3) AND allow = 0 AND revoked = 0 AND"
			  " (valid_until = 0 OR valid_until > ?4) ORDER BY type, value LIMIT ?5",
    /* Of what no channel ever held nothing is kept: ids can be made up. */
    [QW_SQL_SIGHTING_ADD] = "INSERT INTO sightings SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS(SELECT 1 FROM indicators"
			    " WHERE id = ?1) ON CONFLICT(id, tenant)"
			    " DO UPDATE SET count = count + ?3, first = min(first, ?4), last = max(last, ?5)",
    [QW_SQL_SIGHTED_MARK] = "INSERT OR IGNORE INTO sighted VALUES(?1, ?2)",
    [QW_SQL_SIGHTED_AGAIN] = "INSERT OR IGNORE INTO sighted SELECT ?1, ?2 WHERE EXISTS(SELECT 1 FROM sightings"
			     " WHERE id = ?2)",
    [QW_SQL_SIGHTED_DUE] = "SELECT bucket, id FROM sighted WHERE bucket < ?1 ORDER BY bucket, id LIMIT ?2",
    [QW_SQL_SIGHTED_DONE] = "DELETE FROM sighted WHERE bucket = ?1 AND id = ?2",
    [QW_SQL_SIGHTING_EACH] = "SELECT tenant, id, count, first, last FROM sightings WHERE id = ? ORDER BY last DESC",
    [QW_SQL_DELTA_PUT] = "INSERT INTO deltas VALUES(?, ?, ?, ?, ?)",
    [QW_SQL_DELTA_GET] = "SELECT data FROM deltas WHERE channel = ? AND term = ? AND sequence = ?",
    [QW_SQL_DELTA_RESTORE] = "INSERT OR REPLACE INTO deltas VALUES(?, ?, ?, ?, ?)",
    [QW_SQL_DELTA_NEXT] = "SELECT data FROM deltas WHERE channel = ?1 AND (term, sequence) > (?2, ?3)"
			  " ORDER BY term, sequence LIMIT 1",
    [QW_SQL_DELTA_AFTER] = "SELECT created FROM deltas WHERE channel = ?1 AND (term > ?2 OR (term = ?2 AND sequence > ?3))"
			   " ORDER BY term, sequence LIMIT 1",
    [QW_SQL_DELTA_ORDER] = "SELECT term, sequence FROM deltas WHERE channel = ? AND created = ? ORDER BY term, sequence"
			   " LIMIT 1",
    [QW_SQL_DELTA_PRUNE] = "DELETE FROM deltas WHERE channel = ?1 AND (term < ?2 OR (term = ?2 AND sequence <= ?3))",
    [QW_SQL_RECEIPT_PUT] =
	"INSERT INTO receipts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET"
	" proven = max(proven, ?10)",
    [QW_SQL_RECEIPT_SINCE] = "SELECT tenant, sensor, channel, term, sequence, applied, received, entries, apply_us,"
			     " proven FROM receipts WHERE received >= ?1 ORDER BY received DESC LIMIT ?2",
    [QW_SQL_RECEIPT_PRUNE] = "DELETE FROM receipts WHERE (tenant, sensor, channel, term, sequence) IN (SELECT tenant,"
			     " sensor, channel, term, sequence FROM receipts WHERE received < ?1 LIMIT ?2)",
    /* What a sensor says last counts, also where that is older: its disk may have been restored. */
    [QW_SQL_HELD_PUT] =
	"INSERT INTO held VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET"
	" applied = CASE WHEN " SAME_ORDER " THEN applied ELSE excluded.applied END,"
	" apply_us = CASE WHEN " SAME_ORDER " THEN apply_us ELSE excluded.apply_us END,"
	" proven = CASE WHEN " SAME_ORDER " THEN max(proven, excluded.proven) ELSE excluded.proven END,"
	" term = excluded.term, sequence = excluded.sequence, received = excluded.received, entries = excluded.entries",
    [QW_SQL_HELD_EACH] = "SELECT tenant, sensor, channel, term, sequence, applied, received, entries, apply_us, proven"
			 " FROM held",
    [QW_SQL_SEGMENT_PUT] = "INSERT OR REPLACE INTO segments VALUES(?, ?, ?, ?)",
    [QW_SQL_SEGMENT_EACH] = "SELECT name, closed FROM segments ORDER BY number",
    [QW_SQL_MARK_PUT] = "INSERT OR REPLACE INTO marks VALUES(?, ?, ?, ?, ?)",
    [QW_SQL_MARK_EACH] = "SELECT tenant, sensor, epoch, sequence, used FROM marks ORDER BY used",
    [QW_SQL_PLACE_PUT] = "INSERT OR REPLACE INTO place VALUES(1, ?, ?)",
    [QW_SQL_PLACE_GET] = "SELECT segment, offset FROM place",
    [QW_SQL_FEED_PUT] = "INSERT OR REPLACE INTO feeds VALUES(?, ?, ?)",
    [QW_SQL_FEED_DROP] = "DELETE FROM feeds WHERE name = ?",
    [QW_SQL_FEED_EACH] = "SELECT name, words FROM feeds ORDER BY name",
    [QW_SQL_HEALTH_PUT] = "INSERT OR REPLACE INTO feed_health VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [QW_SQL_HEALTH_DROP] = "DELETE FROM feed_health WHERE name = ?",
    [QW_SQL_HEALTH_GET] = "SELECT tried, good, failures, published, withdrawn, refused, held, outcome FROM feed_health"
			  " WHERE name = ?",
    [QW_SQL_INCIDENT_PUT] = "INSERT OR REPLACE INTO incidents VALUES(?, ?, ?, ?, ?, ?)",
    [QW_SQL_INCIDENT_DROP] = "DELETE FROM incidents WHERE number = ?",
    [QW_SQL_INCIDENT_EACH] = "SELECT number, opened, state, reason, uid, changed FROM incidents ORDER BY number",
    [QW_SQL_STRAND_PUT] = "INSERT OR REPLACE INTO strands VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [QW_SQL_STRAND_DROP] = "DELETE FROM strands WHERE kind = ? AND key = ?",
    [QW_SQL_STRAND_EACH] = "SELECT kind, key, incident, value, text, severity, confidence, ot, last FROM strands",
    [QW_SQL_PART_PUT] = "INSERT OR REPLACE INTO strand_parts VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
    [QW_SQL_PART_DROP] = "DELETE FROM strand_parts WHERE kind = ? AND key = ?",
    [QW_SQL_PART_EACH] = "SELECT kind, key, tenant, sample, first, last, count, actors FROM strand_parts",
    [QW_SQL_AUDIT_PUT] = "INSERT INTO audit VALUES(?, ?, ?, ?)",
    [QW_SQL_AUDIT_EACH] = "SELECT at, uid, what, detail FROM audit ORDER BY rowid DESC LIMIT ?",
};

const struct qw_database_layout qw_store_layout = {
    .schema = schema,
    .application = 0x51617957, /* "QayW" */
    .version = 3,
    .upgrades = upgrades,
    .sql = sql,
    .count = QW_SQL_COUNT,
};

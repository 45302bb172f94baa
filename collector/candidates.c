/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/database.h"

static const char schema[] =
    "CREATE TABLE evidence(type TEXT, value TEXT, tenant TEXT, sensor TEXT, kind INTEGER, confidence INTEGER,"
    " tlp INTEGER, gid INTEGER, sid INTEGER, reason TEXT, first INTEGER, last INTEGER,"
    " PRIMARY KEY(type, value, tenant, sensor)) WITHOUT ROWID;"
    "CREATE INDEX evidence_last ON evidence(last);"
    "CREATE TABLE candidates(type TEXT, value TEXT, verdict TEXT DEFAULT '', why TEXT DEFAULT '', judged INTEGER,"
    " PRIMARY KEY(type, value)) WITHOUT ROWID;"
    "CREATE INDEX candidates_judged ON candidates(judged);"
    "CREATE TABLE held(tenant TEXT PRIMARY KEY, rows INTEGER) WITHOUT ROWID;"
    "CREATE TRIGGER evidence_in AFTER INSERT ON evidence BEGIN INSERT INTO held VALUES(new.tenant, 1)"
    " ON CONFLICT(tenant) DO UPDATE SET rows = rows + 1; END;"
    "CREATE TRIGGER evidence_out AFTER DELETE ON evidence BEGIN UPDATE held SET rows = rows - 1"
    " WHERE tenant = old.tenant; END;"
    "CREATE TABLE credits(tenant TEXT, sensor TEXT, points INTEGER, at INTEGER, hour INTEGER, offered INTEGER,"
    " isolated INTEGER, charges INTEGER, PRIMARY KEY(tenant, sensor)) WITHOUT ROWID;";

enum sql {
	EVIDENCE_RENEW,
	EVIDENCE_PUT,
	EVIDENCE_BIND,
	EVIDENCE_EACH,
	EVIDENCE_EXPIRE,
	HELD,
	HELD_BY_SENSOR,
	HELD_INDEX,
	CANDIDATE_PUT,
	CANDIDATE_JUDGE,
	CANDIDATE_EACH,
	CANDIDATE_ONE,
	CANDIDATE_TRYING,
	TRYING_INDEX,
	CANDIDATE_EXPIRE,
	CREDIT_PUT,
	CREDIT_EACH,
	SQL_COUNT
};

#define CANDIDATE_COLUMNS                                                                                     \
	"SELECT c.type, c.value, c.verdict, c.why, count(DISTINCT e.tenant), min(e.first), max(e.last) FROM " \
	"candidates c JOIN evidence e ON e.type = c.type AND e.value = c.value "

static const char *const sql[SQL_COUNT] = {
    [EVIDENCE_RENEW] =
	"UPDATE evidence SET kind = ?5, confidence = ?6, tlp = max(tlp, ?7), gid = ?8, sid = ?9, reason = ?10,"
	" last = ?11 WHERE type = ?1 AND value = ?2 AND tenant = ?3 AND sensor = ?4",
    [EVIDENCE_PUT] = "INSERT INTO evidence VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
    [EVIDENCE_BIND] = "UPDATE evidence SET tlp = max(tlp, ?4) WHERE type = ?1 AND value = ?2 AND tenant = ?3",
    [EVIDENCE_EACH] = "SELECT tenant, sensor, kind, confidence, tlp, gid, sid, reason, first, last FROM evidence"
		      " WHERE type = ? AND value = ? ORDER BY tenant, first",
    [EVIDENCE_EXPIRE] = "DELETE FROM evidence WHERE last < ?",
    [HELD] = "SELECT ifnull(sum(rows), 0), ifnull(sum(CASE WHEN tenant = ? THEN rows ELSE 0 END), 0) FROM held",
    [HELD_BY_SENSOR] = "SELECT count(*) FROM evidence WHERE tenant = ? AND sensor = ?",
    /* Made at every start: files of before have none. */
    [HELD_INDEX] = "CREATE INDEX IF NOT EXISTS evidence_by ON evidence(tenant, sensor)",
    [CANDIDATE_PUT] = "INSERT INTO candidates(type, value, judged) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
    [CANDIDATE_JUDGE] = "UPDATE candidates SET verdict = ?3, why = ?4, judged = ?5 WHERE type = ?1 AND value = ?2",
    [CANDIDATE_EACH] =
	CANDIDATE_COLUMNS "WHERE (c.type, c.value) IN (SELECT type, value FROM candidates ORDER BY judged"
			  " DESC LIMIT ?) GROUP BY c.type, c.value ORDER BY max(e.last) DESC",
    [CANDIDATE_ONE] = CANDIDATE_COLUMNS "WHERE c.type = ? AND c.value = ? GROUP BY c.type, c.value",
    [CANDIDATE_TRYING] =
	"SELECT type, value FROM candidates WHERE verdict = '" QW_CANDIDATE_TRYING "' AND judged < ? ORDER BY judged"
	" LIMIT ?",
    [TRYING_INDEX] =
	"CREATE INDEX IF NOT EXISTS candidates_trying ON candidates(judged) WHERE verdict = '" QW_CANDIDATE_TRYING "'",
    [CANDIDATE_EXPIRE] = "DELETE FROM candidates WHERE judged < ? AND NOT EXISTS (SELECT 1 FROM evidence e WHERE"
			 " e.type = candidates.type AND e.value = candidates.value)",
    [CREDIT_PUT] = "INSERT OR REPLACE INTO credits VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
    [CREDIT_EACH] = "SELECT tenant, sensor, points, at, hour, offered, isolated, charges FROM credits",
};

static const struct qw_database_layout layout = {
    .schema = schema,
    .application = 0x51615743, /* "QaWC" */
    .version = 1,
    .sql = sql,
    .count = SQL_COUNT,
};

struct qw_candidates {
	struct qw_database *database;
	struct qw_candidates_stats stats;
};

const char *qw_evidence_kind_name(enum qw_evidence_kind kind)
{
	static const char *const names[QW_EVIDENCE_KINDS] = {"operator", "feed", "proposal", "alert"};

	return names[kind];
}

/* ---- bounds */

struct held {
	int64_t all, tenant;
};

static enum qw_err see_held(void *ctx, struct qw_row *row)
{
	*(struct held *)ctx = (struct held){qw_row_i64(row, 0), qw_row_i64(row, 1)};
	return QW_OK;
}

static enum qw_err count_held(struct qw_candidates *candidates, const char *tenant, struct held *out)
{
	*out = (struct held){0, 0};
	enum qw_err err = qw_database_each(candidates->database, HELD, see_held, out, "t", tenant);
	if (err == QW_OK)
		candidates->stats.held = (uint64_t)out->all;
	return err;
}

static enum qw_err see_count(void *ctx, struct qw_row *row)
{
	*(int64_t *)ctx = qw_row_i64(row, 0);
	return QW_OK;
}

/* Not asked before the tenant holds as many: then no sensor of it does. */
static enum qw_err count_by_sensor(struct qw_candidates *candidates, const struct qw_evidence *evidence,
				   int64_t of_tenant, int64_t *out)
{
	*out = 0;
	if (of_tenant < QW_CANDIDATES_PER_SENSOR)
		return QW_OK;
	return qw_database_each(candidates->database, HELD_BY_SENSOR, see_count, out, "tt", evidence->tenant,
				evidence->sensor);
}

static enum qw_err check_room(struct qw_candidates *candidates, const struct qw_evidence *evidence)
{
	struct held held;
	int64_t by_sensor;
	enum qw_err err = count_held(candidates, evidence->tenant, &held);

	if (err == QW_OK)
		err = count_by_sensor(candidates, evidence, held.tenant, &by_sensor);
	if (err != QW_OK)
		return err;
	candidates->stats.over_sensor += by_sensor >= QW_CANDIDATES_PER_SENSOR;
	candidates->stats.over_tenant += held.tenant >= QW_CANDIDATES_PER_TENANT;
	candidates->stats.over_all += held.all >= QW_CANDIDATES_MAX;
	return by_sensor >= QW_CANDIDATES_PER_SENSOR || held.tenant >= QW_CANDIDATES_PER_TENANT ||
		       held.all >= QW_CANDIDATES_MAX
		   ? QW_ELIMIT
		   : QW_OK;
}

/* ---- life */

enum qw_err qw_candidates_open(struct qw_candidates **out, const char *path)
{
	struct qw_candidates *candidates = calloc(1, sizeof(*candidates));
	struct held held;

	if (!candidates)
		return QW_ENOMEM;
	enum qw_err err = qw_database_open(&candidates->database, path, &layout);
	if (err == QW_OK)
		err = qw_database_change(candidates->database, HELD_INDEX, "");
	if (err == QW_OK)
		err = qw_database_change(candidates->database, TRYING_INDEX, "");
	if (err == QW_OK)
		err = qw_database_commit(candidates->database);
	if (err == QW_OK)
		err = count_held(candidates, "", &held);
	if (err != QW_OK) {
		qw_candidates_close(candidates);
		return err;
	}
	*out = candidates;
	return QW_OK;
}

void qw_candidates_close(struct qw_candidates *candidates)
{
	if (!candidates)
		return;
	qw_database_close(candidates->database);
	free(candidates);
}

enum qw_err qw_candidates_commit(struct qw_candidates *candidates)
{
	return qw_database_commit(candidates->database);
}

const char *qw_candidates_message(const struct qw_candidates *candidates)
{
	return qw_database_message(candidates->database);
}

struct qw_candidates_stats qw_candidates_stats(const struct qw_candidates *candidates)
{
	return candidates->stats;
}

/* ---- evidence */

static enum qw_err write_evidence(struct qw_candidates *candidates, enum sql statement,
				  const struct qw_observable *observable, const struct qw_evidence *evidence,
				  struct qw_time now)
{
	return qw_database_change(candidates->database, statement, "ttttiiiiiti",
				  qw_observable_type_name(observable->type), observable->text, evidence->tenant,
				  evidence->sensor, (int64_t)evidence->kind, (int64_t)evidence->confidence,
				  (int64_t)evidence->tlp, (int64_t)evidence->gid, (int64_t)evidence->sid,
				  evidence->reason ? evidence->reason : "", now.ns);
}

enum qw_err qw_candidates_put(struct qw_candidates *candidates, const struct qw_observable *observable,
			      const struct qw_evidence *evidence, struct qw_time now)
{
	enum qw_err err = write_evidence(candidates, EVIDENCE_RENEW, observable, evidence, now);

	if (err != QW_OK || qw_database_met(candidates->database) > 0)
		return err;
	err = check_room(candidates, evidence);
	if (err == QW_OK)
		err = write_evidence(candidates, EVIDENCE_PUT, observable, evidence, now);
	if (err == QW_OK)
		err = qw_database_change(candidates->database, CANDIDATE_PUT, "tti",
					 qw_observable_type_name(observable->type), observable->text, now.ns);
	candidates->stats.held += err == QW_OK;
	return err;
}

enum qw_err qw_candidates_bind(struct qw_candidates *candidates, const struct qw_observable *observable,
			       const char *tenant, enum qw_tlp tlp)
{
	return qw_database_change(candidates->database, EVIDENCE_BIND, "ttti",
				  qw_observable_type_name(observable->type), observable->text, tenant, (int64_t)tlp);
}

struct evidence_walk {
	qw_evidence_visit *visit;
	void *ctx;
};

static enum qw_err see_evidence(void *ctx, struct qw_row *row)
{
	const struct evidence_walk *walk = ctx;
	int64_t kind = qw_row_i64(row, 2);
	struct qw_evidence evidence = {
	    .tenant = qw_row_text(row, 0),
	    .sensor = qw_row_text(row, 1),
	    .kind = kind >= 0 && kind < QW_EVIDENCE_KINDS ? (enum qw_evidence_kind)kind : QW_EVIDENCE_PROPOSAL,
	    .confidence = (uint8_t)qw_row_i64(row, 3),
	    .tlp = (enum qw_tlp)qw_row_i64(row, 4),
	    .gid = (uint32_t)qw_row_i64(row, 5),
	    .sid = (uint32_t)qw_row_i64(row, 6),
	    .reason = qw_row_text(row, 7),
	    .first = qw_row_time(row, 8),
	    .last = qw_row_time(row, 9),
	};

	return walk->visit(walk->ctx, &evidence);
}

enum qw_err qw_candidates_each_evidence(struct qw_candidates *candidates, const struct qw_observable *observable,
					qw_evidence_visit *visit, void *ctx)
{
	struct evidence_walk walk = {visit, ctx};

	return qw_database_each(candidates->database, EVIDENCE_EACH, see_evidence, &walk, "tt",
				qw_observable_type_name(observable->type), observable->text);
}

enum qw_err qw_candidates_judge(struct qw_candidates *candidates, const struct qw_observable *observable,
				const char *verdict, const char *why, struct qw_time now)
{
	return qw_database_change(candidates->database, CANDIDATE_JUDGE, "tttti",
				  qw_observable_type_name(observable->type), observable->text, verdict, why, now.ns);
}

/* Of the row's first two columns.  False: of a type that we do not know. */
static bool read_observable(struct qw_observable *out, struct qw_row *row)
{
	const char *type = qw_row_text(row, 0), *value = qw_row_text(row, 1);

	out->type = qw_observable_type_parse(type, strlen(type));
	out->len = (uint16_t)strnlen(value, QW_OBSERVABLE_TEXT_MAX);
	memcpy(out->text, value, out->len);
	out->text[out->len] = '\0';
	return out->type != QW_OBS_COUNT;
}

struct trying_walk {
	qw_trying_visit *visit;
	void *ctx;
};

static enum qw_err see_trying(void *ctx, struct qw_row *row)
{
	const struct trying_walk *walk = ctx;
	struct qw_observable observable;

	return read_observable(&observable, row) ? walk->visit(walk->ctx, &observable) : QW_OK;
}

enum qw_err qw_candidates_each_trying(struct qw_candidates *candidates, struct qw_time before, size_t limit,
				      qw_trying_visit *visit, void *ctx)
{
	struct trying_walk walk = {visit, ctx};

	return qw_database_each(candidates->database, CANDIDATE_TRYING, see_trying, &walk, "ii", before.ns,
				(int64_t)limit);
}

struct candidate_walk {
	qw_candidate_visit *visit;
	void *ctx;
};

static enum qw_err see_candidate(void *ctx, struct qw_row *row)
{
	const struct candidate_walk *walk = ctx;
	struct qw_candidate candidate = {
	    .verdict = qw_row_text(row, 2),
	    .why = qw_row_text(row, 3),
	    .tenants = (uint64_t)qw_row_i64(row, 4),
	    .first = qw_row_time(row, 5),
	    .last = qw_row_time(row, 6),
	};

	return read_observable(&candidate.observable, row) ? walk->visit(walk->ctx, &candidate) : QW_OK;
}

enum qw_err qw_candidates_each(struct qw_candidates *candidates, const struct qw_observable *observable, size_t limit,
			       qw_candidate_visit *visit, void *ctx)
{
	struct candidate_walk walk = {visit, ctx};

	if (!observable)
		return qw_database_each(candidates->database, CANDIDATE_EACH, see_candidate, &walk, "i", (int64_t)limit);
	return qw_database_each(candidates->database, CANDIDATE_ONE, see_candidate, &walk, "tt",
				qw_observable_type_name(observable->type), observable->text);
}

enum qw_err qw_candidates_expire(struct qw_candidates *candidates, struct qw_time before)
{
	struct held held;
	enum qw_err err = qw_database_change(candidates->database, EVIDENCE_EXPIRE, "i", before.ns);

	if (err == QW_OK)
		candidates->stats.expired += (uint64_t)qw_database_met(candidates->database);
	if (err == QW_OK)
		err = qw_database_change(candidates->database, CANDIDATE_EXPIRE, "i", before.ns);
	return err == QW_OK ? count_held(candidates, "", &held) : err;
}

/* ---- credit */

enum qw_err qw_candidates_put_credit(struct qw_candidates *candidates, const struct qw_identity *who,
				     const struct qw_credit *credit)
{
	return qw_database_change(candidates->database, CREDIT_PUT, "ttiiiiii", who->tenant, who->sensor,
				  (int64_t)credit->points, credit->at.ns, credit->hour.ns, (int64_t)credit->offered,
				  credit->isolated.ns, (int64_t)credit->charges);
}

struct credit_walk {
	qw_credit_visit *visit;
	void *ctx;
};

static enum qw_err see_credit(void *ctx, struct qw_row *row)
{
	const struct credit_walk *walk = ctx;
	struct qw_identity who;
	struct qw_credit credit = {
	    .points = (int32_t)qw_row_i64(row, 2),
	    .at = qw_row_time(row, 3),
	    .hour = qw_row_time(row, 4),
	    .offered = (uint64_t)qw_row_i64(row, 5),
	    .isolated = qw_row_time(row, 6),
	    .charges = (uint64_t)qw_row_i64(row, 7),
	};

	snprintf(who.tenant, sizeof(who.tenant), "%s", qw_row_text(row, 0));
	snprintf(who.sensor, sizeof(who.sensor), "%s", qw_row_text(row, 1));
	return walk->visit(walk->ctx, &who, &credit);
}

enum qw_err qw_candidates_each_credit(struct qw_candidates *candidates, qw_credit_visit *visit, void *ctx)
{
	struct credit_walk walk = {visit, ctx};

	return qw_database_each(candidates->database, CREDIT_EACH, see_credit, &walk, "");
}

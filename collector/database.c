/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/database.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>

#include "quaywatch/log.h"

enum { BUSY_MS = 2000 };

struct qw_database {
	sqlite3 *db;
	const struct qw_database_layout *layout;
	sqlite3_stmt *begin, *commit, *rollback;
	sqlite3_stmt **statement;
	bool dirty; /* a transaction is open */
};

/* A row is the statement that stands on it. */
static sqlite3_stmt *statement_of(struct qw_row *row)
{
	return (sqlite3_stmt *)row;
}

static enum qw_err err_of(struct qw_database *database, int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW: return QW_OK;
	case SQLITE_CONSTRAINT: return QW_EEXIST;
	case SQLITE_NOMEM: return QW_ENOMEM;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN: return QW_EACCES;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT: return QW_EFORMAT;
	case SQLITE_FULL: return QW_ENOSPC;
	default: return QW_EIO;
	}
}

static enum qw_err prepare(struct qw_database *database, const char *sql, sqlite3_stmt **statement)
{
	if (*statement)
		return QW_OK;
	return err_of(database, sqlite3_prepare_v3(database->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL));
}

static void bind(sqlite3_stmt *statement, const char *format, va_list args)
{
	for (int i = 1; *format; format++, i++) {
		if (*format == 't') {
			sqlite3_bind_text(statement, i, va_arg(args, const char *), -1, SQLITE_STATIC);
		} else if (*format == 'i') {
			sqlite3_bind_int64(statement, i, va_arg(args, int64_t));
		} else {
			const void *data = va_arg(args, const void *);
			size_t len = va_arg(args, size_t);
			sqlite3_bind_blob64(statement, i, data, len, SQLITE_STATIC);
		}
	}
}

static enum qw_err step_all(struct qw_database *database, sqlite3_stmt *statement, qw_row_visit *visit, void *ctx)
{
	enum qw_err err = QW_OK;
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW && err == QW_OK)
		err = visit ? visit(ctx, (struct qw_row *)statement) : QW_OK;
	if (err == QW_OK)
		err = err_of(database, code);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return err;
}

static enum qw_err run_one(struct qw_database *database, const char *sql, sqlite3_stmt **statement)
{
	enum qw_err err = prepare(database, sql, statement);

	return err == QW_OK ? step_all(database, *statement, NULL, NULL) : err;
}

enum qw_err qw_database_each(struct qw_database *database, size_t statement, qw_row_visit *visit, void *ctx,
			     const char *format, ...)
{
	sqlite3_stmt **prepared = &database->statement[statement];
	enum qw_err err = prepare(database, database->layout->sql[statement], prepared);
	va_list args;

	if (err != QW_OK)
		return err;
	va_start(args, format);
	bind(*prepared, format, args);
	va_end(args);
	return step_all(database, *prepared, visit, ctx);
}

static enum qw_err begin(struct qw_database *database)
{
	if (database->dirty)
		return QW_OK;
	enum qw_err err = run_one(database, "BEGIN IMMEDIATE", &database->begin);
	database->dirty = err == QW_OK;
	return err;
}

enum qw_err qw_database_change(struct qw_database *database, size_t statement, const char *format, ...)
{
	sqlite3_stmt **prepared = &database->statement[statement];
	enum qw_err err = begin(database);
	va_list args;

	if (err == QW_OK)
		err = prepare(database, database->layout->sql[statement], prepared);
	if (err != QW_OK)
		return err;
	va_start(args, format);
	bind(*prepared, format, args);
	va_end(args);
	return step_all(database, *prepared, NULL, NULL);
}

int64_t qw_database_met(const struct qw_database *database)
{
	return sqlite3_changes64(database->db);
}

/* ---- opening */

static enum qw_err visit_number(void *ctx, struct qw_row *row)
{
	*(int64_t *)ctx = qw_row_i64(row, 0);
	return QW_OK;
}

static enum qw_err run(struct qw_database *database, const char *text)
{
	return err_of(database, sqlite3_exec(database->db, text, NULL, NULL, NULL));
}

static enum qw_err pragma(struct qw_database *database, const char *text, int64_t *out)
{
	sqlite3_stmt *statement = NULL;
	enum qw_err err = prepare(database, text, &statement);

	if (err == QW_OK)
		err = step_all(database, statement, visit_number, out);
	sqlite3_finalize(statement);
	return err;
}

/* All or nothing; the file is of this version then. */
static enum qw_err run_schema(struct qw_database *database, const char *schema, int64_t version)
{
	char *text = sqlite3_mprintf("BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = %lld; COMMIT;", schema,
				     database->layout->application, (long long)version);

	if (!text)
		return QW_ENOMEM;
	enum qw_err err = run(database, text);
	if (err != QW_OK && !sqlite3_get_autocommit(database->db) && run(database, "ROLLBACK") != QW_OK)
		qw_log(QW_LOG_ERROR, "STORE-FAILED", "a change of the database's layout could not be taken back");
	sqlite3_free(text);
	return err;
}

static enum qw_err upgrade(struct qw_database *database, int64_t version)
{
	enum qw_err err = QW_OK;

	for (; version < database->layout->version && err == QW_OK; version++)
		err = run_schema(database, database->layout->upgrades[version - 1], version + 1);
	return err;
}

static enum qw_err check_schema(struct qw_database *database)
{
	int64_t version = 0, application = 0;
	enum qw_err err = pragma(database, "PRAGMA user_version", &version);

	if (err == QW_OK)
		err = pragma(database, "PRAGMA application_id", &application);
	if (err != QW_OK)
		return err;
	if (version == 0 && application == 0)
		return run_schema(database, database->layout->schema, database->layout->version);
	if (application != database->layout->application)
		return QW_EFORMAT;
	if (version < 1 || version > database->layout->version)
		return QW_EVERSION;
	return upgrade(database, version);
}

enum qw_err qw_database_open(struct qw_database **out, const char *path, const struct qw_database_layout *layout)
{
	enum { FLAGS = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX };
	struct qw_database *database = calloc(1, sizeof(*database));

	if (!database)
		return QW_ENOMEM;
	database->layout = layout;
	database->statement = calloc(layout->count, sizeof(sqlite3_stmt *));
	enum qw_err err = database->statement ? QW_OK : QW_ENOMEM;
	if (err == QW_OK)
		err = err_of(database, sqlite3_open_v2(path, &database->db, FLAGS, NULL));
	if (err == QW_OK)
		err = run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
	if (err == QW_OK)
		err = check_schema(database);
	if (err != QW_OK) {
		qw_database_close(database);
		return err;
	}
	sqlite3_busy_timeout(database->db, BUSY_MS);
	*out = database;
	return QW_OK;
}

void qw_database_close(struct qw_database *database)
{
	if (!database)
		return;
	if (database->dirty && qw_database_commit(database) != QW_OK)
		qw_log(QW_LOG_ERROR, "STORE-FAILED", "the database's last changes are lost: %s",
		       qw_database_message(database));
	for (size_t i = 0; database->statement && i < database->layout->count; i++)
		sqlite3_finalize(database->statement[i]);
	sqlite3_finalize(database->begin);
	sqlite3_finalize(database->commit);
	sqlite3_finalize(database->rollback);
	sqlite3_close(database->db);
	free(database->statement);
	free(database);
}

const char *qw_database_message(const struct qw_database *database)
{
	return sqlite3_errmsg(database->db);
}

enum qw_err qw_database_commit(struct qw_database *database)
{
	if (!database->dirty)
		return QW_OK;
	enum qw_err err = run_one(database, "COMMIT", &database->commit);
	database->dirty = !sqlite3_get_autocommit(database->db);
	return err;
}

void qw_database_rollback(struct qw_database *database)
{
	if (database->dirty && run_one(database, "ROLLBACK", &database->rollback) == QW_OK)
		database->dirty = false;
}

bool qw_database_is_dirty(const struct qw_database *database)
{
	return database->dirty;
}

/* ---- rows */

const char *qw_row_text(struct qw_row *row, int column)
{
	const unsigned char *text = sqlite3_column_text(statement_of(row), column);

	return text ? (const char *)text : "";
}

int64_t qw_row_i64(struct qw_row *row, int column)
{
	return sqlite3_column_int64(statement_of(row), column);
}

struct qw_time qw_row_time(struct qw_row *row, int column)
{
	return qw_time_ns(qw_row_i64(row, column));
}

const void *qw_row_blob(struct qw_row *row, int column, size_t *len)
{
	const void *data = sqlite3_column_blob(statement_of(row), column);

	*len = (size_t)sqlite3_column_bytes(statement_of(row), column);
	return data;
}

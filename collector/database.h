/* SPDX-License-Identifier: Apache-2.0 */
/*
 * database - one SQLite file and a table of statements; SQLite's only home.
 *
 * Statements are rows of the caller's table, prepared at first use.  Changes
 * open a transaction that stays open until qw_database_commit.
 *
 * Parameters follow a format, one letter each in the statement's order:
 *	t const char *    i int64_t    b const void * and size_t
 *
 * One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/time.h"

struct qw_database;
struct qw_row; /* a row of a result, valid while it is visited */

struct qw_database_layout {
	const char *schema;
	int32_t application; /* marks our files */
	int32_t version;     /* of the schema, from 1 */
	const char *const *upgrades; /* version - 1 of them: the first brings 1 to 2 */
	const char *const *sql;
	size_t count;
};

/* An error of the visitor ends the walk and is returned. */
typedef enum qw_err qw_row_visit(void *ctx, struct qw_row *row);

/* Made new where there is none, and brought up to date where it is older.  QW_EVERSION: a newer version's.  QW_EFORMAT: not ours, or damaged. */
enum qw_err qw_database_open(struct qw_database **out, const char *path,
			     const struct qw_database_layout *layout) QW_MUSTCHECK;
void qw_database_close(struct qw_database *database); /* commits; NULL is fine */

const char *qw_database_message(const struct qw_database *database);

enum qw_err qw_database_commit(struct qw_database *database) QW_MUSTCHECK;
void qw_database_rollback(struct qw_database *database);
bool qw_database_is_dirty(const struct qw_database *database);

enum qw_err qw_database_each(struct qw_database *database, size_t statement, qw_row_visit *visit, void *ctx,
			     const char *format, ...) QW_MUSTCHECK;

/* QW_EEXIST: a constraint refuses it. */
enum qw_err qw_database_change(struct qw_database *database, size_t statement, const char *format, ...) QW_MUSTCHECK;

/* Rows that the last change met. */
int64_t qw_database_met(const struct qw_database *database);

const char *qw_row_text(struct qw_row *row, int column); /* never NULL */
int64_t qw_row_i64(struct qw_row *row, int column);
struct qw_time qw_row_time(struct qw_row *row, int column);
const void *qw_row_blob(struct qw_row *row, int column, size_t *len);

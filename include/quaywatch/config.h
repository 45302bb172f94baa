/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config - a program's settings as one table: key, type, default, bounds, help.
 *
 * Files are libconfig's language, but for @include, and with numbers of 64 bits
 * wherever they are allowed.  A key that the table does not know is an
 * error that names the nearest known one; all complaints of a file are
 * collected in one run.  Values are read from the table's order by number, so
 * that no code holds a key's spelling twice.
 *
 *	enum { CFG_WORKERS, CFG_TENANT, CFG_COUNT };
 *	static const struct qw_setting settings[CFG_COUNT] = {
 *		[CFG_WORKERS] = {.key = "capture.workers", .type = QW_SETTING_INT, .initial = "0", .max = 64,
 *				 .help = "packet workers; 0: one per processor"},
 *
 * A prefix row (key "vars.*") takes any key below it as text; they are walked
 * with qw_config_each.  After loading it never changes; any thread may read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "quaywatch/diag.h"
#include "quaywatch/err.h"

enum qw_setting_type {
	QW_SETTING_BOOL,
	QW_SETTING_INT,  /* min..max; max 0: no upper bound */
	QW_SETTING_TEXT, /* choices: the values allowed, NULL-terminated, or NULL */
	QW_SETTING_LIST, /* of texts; a single text is a list of one */
	QW_SETTING_ANY,  /* key ends in ".*": texts, numbers or lists of them, kept as text ("[a,b]" for a list) */
};

struct qw_setting {
	const char *key;
	enum qw_setting_type type;
	const char *initial; /* in libconfig's syntax without quotes; NULL: false, 0, "" or empty */
	int64_t min, max;
	const char *const *choices;
	const char *help; /* one line, with the unit */
};

struct qw_config;

/*
 * All defaults.  The table must outlive the config.  End with qw_config_free.
 * QW_EINVAL: a default breaks its own row.
 */
enum qw_err qw_config_new(struct qw_config **out, const struct qw_setting *table, size_t count) QW_MUSTCHECK;
void qw_config_free(struct qw_config *config);

/* QW_ENOENT, QW_EACCES: no such file, or not readable.  QW_EFORMAT: complaints were added; nothing is to be trusted. */
enum qw_err qw_config_load(struct qw_config *config, const char *path, struct qw_diags *diags) QW_MUSTCHECK;

/* The same from memory; `name` stands in complaints for the file's. */
enum qw_err qw_config_read(struct qw_config *config, const char *name, const char *text,
			   struct qw_diags *diags) QW_MUSTCHECK;

/* One "key=value" in libconfig's syntax ('capture.checksums="ignore"').  QW_EFORMAT: complaint added. */
enum qw_err qw_config_set(struct qw_config *config, const char *assignment, struct qw_diags *diags) QW_MUSTCHECK;

bool qw_config_bool(const struct qw_config *config, size_t row);
int64_t qw_config_int(const struct qw_config *config, size_t row);
const char *qw_config_text(const struct qw_config *config, size_t row); /* never NULL */
size_t qw_config_list(const struct qw_config *config, size_t row, const char *const **items);

/* Overwrites a text, which is "" from then on: a secret that this process must not hold. */
void qw_config_forget(struct qw_config *config, size_t row);

/* Walks what an ANY row took: `key` without the prefix. */
void qw_config_each(const struct qw_config *config, size_t row,
		    void (*visit)(void *ctx, const char *key, const char *value), void *ctx);

/* The values as a commented file that reads back as the same; a fresh config's are the defaults. */
void qw_config_print(const struct qw_config *config, FILE *out);

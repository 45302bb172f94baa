/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/rulebook.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "sensor/run/settings.h"

struct qw_rulebook {
	const struct qw_config *config;
	struct qw_diags *diags;
	struct qw_signature_options options;
	struct qw_signature_builder *signatures;
	struct qw_indicator_builder *indicators;
	struct qw_rulebook_counts counts;
	unsigned halves; /* that are wanted */
	char folder[PATH_MAX]; /* where files of distributed rules lie */
	bool by_name; /* the file being read was given by itself, not found in a folder */
};

static const char *variable(void *ctx, const char *name)
{
	return qw_sensor_variable(ctx, name);
}

/* A set of the configuration; what is wrong with it is said, and the rules that ask it say so too. */
static void declare(void *ctx, const char *name, const char *options)
{
	struct qw_rulebook *book = ctx;
	char origin[96];

	(void)snprintf(origin, sizeof(origin), "datasets.%s", name);
	if (qw_signature_builder_declare(book->signatures, origin, name, options, book->diags) == QW_ENOMEM)
		qw_complain(book->diags, QW_DIAG_ERROR, origin, 0, 0, "not enough memory for this set");
}

enum qw_err qw_rulebook_new(struct qw_rulebook **out, const struct qw_config *config, struct qw_diags *diags)
{
	struct qw_rulebook *book = calloc(1, sizeof(*book));

	if (!book)
		return QW_ENOMEM;
	book->config = config;
	book->diags = diags;
	book->halves = QW_RULEBOOK_ALL;
	(void)snprintf(book->folder, sizeof(book->folder), "%s/files", qw_config_text(config, QW_CFG_STATE));
	book->options = (struct qw_signature_options){
		.variable = variable,
		.ctx = (void *)(uintptr_t)config,
		.cache = qw_config_text(config, QW_CFG_RULES_CACHE),
		.folder = book->folder,
		.categories = qw_config_text(config, QW_CFG_REPUTATION_CATEGORIES),
		.reputation = qw_config_text(config, QW_CFG_REPUTATION_FILES),
	};
	enum qw_err err = qw_signature_builder_new(&book->signatures, &book->options);
	if (err == QW_OK)
		err = qw_indicator_builder_new(&book->indicators);
	if (err == QW_OK)
		qw_config_each(config, QW_CFG_DATASETS, declare, book);
	if (err != QW_OK) {
		qw_rulebook_free(book);
		return err;
	}
	*out = book;
	return QW_OK;
}

void qw_rulebook_free(struct qw_rulebook *book)
{
	if (!book)
		return;
	qw_signature_builder_free(book->signatures);
	qw_indicator_builder_free(book->indicators);
	free(book);
}

void qw_rulebook_limit(struct qw_rulebook *book, unsigned halves)
{
	book->halves = halves;
}

enum qw_err qw_rulebook_parts(struct qw_rulebook *book, const struct qw_indicator_kin *kin, unsigned first, unsigned end)
{
	qw_indicator_builder_free(book->indicators);
	book->indicators = NULL;
	return qw_indicator_builder_for(&book->indicators, kin, first, end);
}

static bool wants(const struct qw_rulebook *book, enum qw_rulebook_half half)
{
	return book->halves & half;
}

static enum qw_err take_indicator(void *ctx, const struct qw_indicator *indicator)
{
	struct qw_rulebook *book = ctx;

	return qw_indicator_builder_add(book->indicators, indicator);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static enum qw_err read_feed(struct qw_rulebook *book, enum qw_feed_format format, const char *path,
			     const struct qw_mapping *file)
{
	struct qw_indicator defaults;
	struct qw_feed_counts counts = {0};

	qw_indicator_init(&defaults);
	strncpy(defaults.source, base_name(path), sizeof(defaults.source) - 1);
	enum qw_err err =
	    qw_feed_read(format, path, file->data, file->size, &defaults, take_indicator, book, book->diags, &counts);
	book->counts.indicators += counts.accepted;
	book->counts.indicators_rejected += counts.rejected;
	book->counts.indicators_ignored += counts.ignored;
	if (err == QW_EFORMAT) { /* refused as a whole, and said so */
		book->counts.indicators_rejected++;
		return QW_OK;
	}
	return err;
}

static enum qw_err read_file(struct qw_rulebook *book, const char *path, const struct qw_mapping *file)
{
	enum qw_feed_format format = qw_feed_format_of(path, file->data, file->size);

	switch (format) {
	case QW_FEED_SIGNATURES:
		book->counts.files++;
		if (!wants(book, QW_RULEBOOK_SIGNATURES))
			return QW_OK;
		return qw_signature_builder_read(book->signatures, path, (const char *)file->data, file->size, book->diags);
	case QW_FEED_DOCUMENT: return QW_OK;
	case QW_FEED_UNKNOWN:
		if (!book->by_name)
			return QW_OK;
		qw_complain(book->diags, QW_DIAG_ERROR, path, 0, 0,
			    "neither signatures nor an indicator list: nothing was read from it");
		return QW_EUNKNOWN;
	case QW_FEED_PLAIN:
	case QW_FEED_CSV:
	case QW_FEED_STIX:
	case QW_FEED_MISP:
	case QW_FEED_WARNINGLIST: break;
	}
	book->counts.files++;
	if (!wants(book, QW_RULEBOOK_INDICATORS))
		return QW_OK;
	return read_feed(book, format, path, file);
}

static enum qw_err visit(void *ctx, const char *path)
{
	struct qw_rulebook *book = ctx;
	struct qw_mapping file;
	enum qw_err err = qw_mapping_open(&file, path);

	if (err != QW_OK) {
		qw_complain(book->diags, QW_DIAG_ERROR, path, 0, 0, "cannot be read: %s", strerror(errno));
		return err;
	}
	err = read_file(book, path, &file);
	qw_mapping_close(&file);
	return err;
}

enum qw_err qw_rulebook_add_path(struct qw_rulebook *book, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0) {
		qw_complain(book->diags, QW_DIAG_ERROR, path, 0, 0, "%s: give the path of a rule file or folder", strerror(errno));
		return qw_err_from_errno(errno);
	}
	book->by_name = !S_ISDIR(status.st_mode);
	return qw_walk_files(path, visit, book);
}

enum qw_err qw_rulebook_add_packs(struct qw_rulebook *book)
{
	const char *folder = qw_config_text(book->config, QW_CFG_RULES_PACKS_FOLDER);

	if (!qw_config_bool(book->config, QW_CFG_RULES_PACKS))
		return QW_OK;
	if (access(folder, R_OK | X_OK) != 0) {
		qw_complain(book->diags, QW_DIAG_ERROR, folder, 0, 0,
			    "the shipped rules cannot be read there: %s; say in rules.packs_folder where they lie, or set rules.packs = false",
			    strerror(errno));
		return qw_err_from_errno(errno);
	}
	return qw_rulebook_add_path(book, folder);
}

enum qw_err qw_rulebook_add_signature(struct qw_rulebook *book, const char *origin, const char *text, size_t len)
{
	if (!wants(book, QW_RULEBOOK_SIGNATURES))
		return QW_OK;
	return qw_signature_builder_receive(book->signatures, origin, text, len, book->diags);
}

enum qw_err qw_rulebook_add_indicator(struct qw_rulebook *book, const struct qw_indicator *indicator)
{
	if (!wants(book, QW_RULEBOOK_INDICATORS))
		return QW_OK;
	enum qw_err err = qw_indicator_builder_add(book->indicators, indicator);
	book->counts.indicators += err == QW_OK;
	return err;
}

/* ---- what the tenant decided for itself; it outlives whatever the centre pushes */

/* "sid" or "gid:sid" a line. */
static void disable_line(struct qw_rulebook *book, const char *path, uint32_t number, char *line)
{
	char *end;
	unsigned long gid = 1, sid = strtoul(line, &end, 10);

	if (*end == ':') {
		gid = sid;
		sid = strtoul(end + 1, &end, 10);
	}
	end += strspn(end, " \t");
	if (end == line || (*end && *end != '#') || sid == 0 || sid > UINT32_MAX || gid > UINT32_MAX) {
		qw_complain(book->diags, QW_DIAG_ERROR, path, number, 1, "'%.40s': a sid or gid:sid is wanted here", line);
		return;
	}
	if (!qw_signature_builder_disable(book->signatures, (uint32_t)gid, (uint32_t)sid))
		qw_complain(book->diags, QW_DIAG_WARNING, path, number, 1, "%lu:%lu is not among the loaded signatures", gid, sid);
}

static enum qw_err apply_disable(struct qw_rulebook *book)
{
	const char *path = qw_config_text(book->config, QW_CFG_RULES_DISABLE);
	char *text, *rest, *line;
	size_t len;
	uint32_t number = 0;

	if (*path == 0)
		return QW_OK;
	enum qw_err err = qw_file_read(path, 16 << 20, &text, &len);
	if (err != QW_OK) {
		qw_complain(book->diags, QW_DIAG_ERROR, path, 0, 0, "rules.disable cannot be read: %s", strerror(errno));
		return err;
	}
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		number++;
		line += strspn(line, " \t\r");
		line[strcspn(line, "\r")] = 0;
		if (*line && *line != '#')
			disable_line(book, path, number, line);
	}
	free(text);
	return QW_OK;
}

static enum qw_err allow(void *ctx, const struct qw_indicator *indicator)
{
	struct qw_rulebook *book = ctx;
	struct qw_indicator entry = *indicator;

	entry.allow = true;
	return qw_indicator_builder_add(book->indicators, &entry);
}

static enum qw_err apply_suppress(struct qw_rulebook *book)
{
	const char *path = qw_config_text(book->config, QW_CFG_RULES_SUPPRESS);
	struct qw_feed_counts counts = {0};
	struct qw_indicator defaults;
	struct qw_mapping file;

	if (*path == 0)
		return QW_OK;
	enum qw_err err = qw_mapping_open(&file, path);
	if (err != QW_OK) {
		qw_complain(book->diags, QW_DIAG_ERROR, path, 0, 0, "rules.suppress cannot be read: %s", strerror(errno));
		return err;
	}
	qw_indicator_init(&defaults);
	strncpy(defaults.source, "suppressed here", sizeof(defaults.source) - 1);
	err = qw_feed_read(QW_FEED_PLAIN, path, file.data, file.size, &defaults, allow, book, book->diags, &counts);
	qw_mapping_close(&file);
	return err;
}

static enum qw_err apply_thresholds(struct qw_rulebook *book)
{
	const char *path = qw_config_text(book->config, QW_CFG_RULES_THRESHOLDS);
	struct qw_mapping file;

	if (*path == 0)
		return QW_OK;
	enum qw_err err = qw_mapping_open(&file, path);
	if (err != QW_OK) {
		qw_complain(book->diags, QW_DIAG_ERROR, path, 0, 0, "rules.thresholds cannot be read: %s", strerror(errno));
		return err;
	}
	err = qw_signature_builder_thresholds(book->signatures, path, (const char *)file.data, file.size, book->diags);
	qw_mapping_close(&file);
	return err;
}

static enum qw_err finish_indicators(struct qw_rulebook *book, struct qw_ruleset_images *out)
{
	enum qw_err err = apply_suppress(book);

	return err == QW_OK ? qw_indicator_builder_finish_parts(book->indicators, &out->indicators) : err;
}

static enum qw_err finish_signatures(struct qw_rulebook *book, struct qw_ruleset_images *out)
{
	enum qw_err err = apply_disable(book);

	if (err == QW_OK)
		err = apply_thresholds(book);
	return err == QW_OK ? qw_signature_builder_finish(book->signatures, &out->signatures, book->diags) : err;
}

enum qw_err qw_rulebook_finish(struct qw_rulebook *book, struct qw_ruleset_images *out)
{
	enum qw_err err = QW_OK;

	*out = qw_ruleset_images_none();
	if (wants(book, QW_RULEBOOK_INDICATORS))
		err = finish_indicators(book, out);
	if (err == QW_OK && wants(book, QW_RULEBOOK_SIGNATURES))
		err = finish_signatures(book, out);
	if (err != QW_OK)
		qw_ruleset_images_close(out);
	return err;
}

void qw_rulebook_costs(const struct qw_rulebook *book, void (*show)(void *ctx, const struct qw_signature_cost *cost), void *ctx)
{
	qw_signature_builder_costs(book->signatures, show, ctx);
}

struct qw_rulebook_counts qw_rulebook_counts(const struct qw_rulebook *book)
{
	struct qw_rulebook_counts counts = book->counts;
	const struct qw_signature_counts *signatures = qw_signature_builder_counts(book->signatures);

	counts.signatures = signatures->accepted;
	counts.signatures_rejected = signatures->rejected;
	return counts;
}

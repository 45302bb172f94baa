/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/compile.h"

#include <malloc.h>

#include "quaywatch/channel.h"
#include "quaywatch/diag.h"
#include "quaywatch/log.h"
#include "sensor/run/channel_files.h"
#include "sensor/run/settings.h"

enum { DIAGS_SHOWN = 20 };

struct channel_reader {
	struct qw_rulebook *book;
	const char *name;
};

static enum qw_err take_entry(void *ctx, const struct qw_entry *entry)
{
	struct channel_reader *reader = ctx;
	struct qw_indicator indicator;
	const char *text;
	size_t len;
	enum qw_err err;

	if (entry->kind == QW_ENTRY_SIGNATURE) {
		err = qw_entry_signature(entry, &text, &len);
		return err == QW_OK ? qw_rulebook_add_signature(reader->book, reader->name, text, len) : err;
	}
	err = qw_entry_indicator(entry, &indicator);
	return err == QW_OK ? qw_rulebook_add_indicator(reader->book, &indicator) : err;
}

static enum qw_err add_channel(void *ctx, const char *name, const char *path)
{
	struct channel_reader reader = {ctx, name};
	enum qw_err err = qw_channel_file_each(path, take_entry, &reader);

	if (err == QW_OK || err == QW_ENOENT || err == QW_ENOMEM)
		return err == QW_ENOENT ? QW_OK : err;
	qw_log(QW_LOG_ERROR, "CHANNEL-FILE", "%s cannot be used: %s; it will be fetched anew from the collector", path, qw_strerror(err));
	return QW_OK;
}

static void add_path(struct qw_rulebook *book, const char *path)
{
	enum qw_err err = qw_rulebook_add_path(book, path);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RULES-PATH", "%s: %s; going on without it", path, qw_strerror(err));
}

static enum qw_err fill(const struct qw_builder_options *options, struct qw_rulebook *book)
{
	const char *const *paths;
	size_t count = qw_config_list(options->config, QW_CFG_RULES, &paths);

	enum qw_err err = qw_rulebook_add_packs(book);
	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RULES-PACKS", "the shipped rules: %s; going on without them", qw_strerror(err));
	for (size_t i = 0; i < count; i++)
		add_path(book, paths[i]);
	for (size_t i = 0; i < options->options->rules.count; i++)
		add_path(book, options->options->rules.item[i]);
	return qw_channel_files_each(options->config, add_channel, book);
}

static void tell_diags(const struct qw_diags *diags)
{
	for (size_t i = 0; i < diags->count && i < DIAGS_SHOWN; i++)
		qw_log(QW_LOG_WARNING, "RULES-REFUSED", "%s:%u:%u: %s", diags->rows[i].file, diags->rows[i].line,
		       diags->rows[i].column, diags->rows[i].text);
	if (diags->errors + diags->warnings > DIAGS_SHOWN)
		qw_log(QW_LOG_WARNING, "RULES-REFUSED", "and %zu more; quaywatch-sensor --check prints all",
		       diags->errors + diags->warnings - DIAGS_SHOWN);
}

enum qw_err qw_build_ruleset(const struct qw_builder_options *options, struct qw_ruleset_images *out)
{
	struct qw_rulebook *book;
	struct qw_diags diags;

	*out = (struct qw_ruleset_images){.signatures = -1, .indicators = -1};
	qw_diags_init(&diags);
	enum qw_err err = qw_rulebook_new(&book, options->config, &diags);
	if (err == QW_OK) {
		err = fill(options, book);
		if (err == QW_OK)
			err = qw_rulebook_finish(book, &out->signatures, &out->indicators);
		out->counts = qw_rulebook_counts(book);
		qw_rulebook_free(book);
		tell_diags(&diags);
	}
	if (err == QW_OK)
		qw_log(QW_LOG_INFO, "RULESET-BUILT", "%llu signatures (%llu refused), %llu indicators (%llu refused)",
		       (unsigned long long)out->counts.signatures, (unsigned long long)out->counts.signatures_rejected,
		       (unsigned long long)out->counts.indicators, (unsigned long long)out->counts.indicators_rejected);
	else
		qw_log(QW_LOG_ERROR, "RULESET-BUILD", "the ruleset cannot be built: %s; the one before stays in force", qw_strerror(err));
	qw_diags_fini(&diags);
	(void)malloc_trim(0); /* a big ruleset leaves a hundred megabytes, and the next build may be days away */
	return err;
}

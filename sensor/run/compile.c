/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/compile.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>

#include "quaywatch/channel.h"
#include "quaywatch/diag.h"
#include "quaywatch/file.h"
#include "quaywatch/log.h"
#include "quaywatch/text.h"
#include "sensor/run/changes.h"
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

/* ---- entries in memory */

static enum qw_err take_bytes(struct channel_reader *reader, struct qw_bytes in)
{
	struct qw_entry entry;
	struct qw_bytes body;
	enum qw_err err = QW_OK;

	while (err == QW_OK && in.left) {
		err = qw_changes_next(&in, &body) ? qw_entry_read(&entry, body.at, body.left) : QW_EFORMAT;
		if (err == QW_OK)
			err = take_entry(reader, &entry);
	}
	return err;
}

static enum qw_err add_entries(struct qw_rulebook *book, int fd)
{
	struct channel_reader reader = {book, "channel"};
	char *bytes;
	size_t len;
	enum qw_err err = qw_file_read_open(fd, QW_CHANGES_MAX, &bytes, &len);

	if (err != QW_OK)
		return err;
	err = take_bytes(&reader, qw_bytes((const uint8_t *)bytes, len));
	free(bytes);
	return err;
}

/* ---- everything */

static void add_path(struct qw_rulebook *book, const char *path)
{
	enum qw_err err = qw_rulebook_add_path(book, path);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "RULES-PATH", "%s: %s; going on without it", path, qw_strerror(err));
}

static enum qw_err fill(const struct qw_builder_options *options, const struct qw_compile_order *order, struct qw_rulebook *book)
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
	return order->entries >= 0 ? add_entries(book, order->entries) : qw_channel_files_each(options->config, add_channel, book);
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

static void put_half(struct qw_text *text, const char *what, uint64_t accepted, uint64_t refused)
{
	qw_text_format(text, "%s%" PRIu64 " %s (%" PRIu64 " refused)", text->len ? ", " : "", accepted, what, refused);
}

void qw_ruleset_tell(const struct qw_rulebook_counts *counts, unsigned halves, enum qw_err err)
{
	char memory[128];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	if (halves & QW_RULEBOOK_SIGNATURES)
		put_half(&text, "signatures", counts->signatures, counts->signatures_rejected);
	if (halves & QW_RULEBOOK_INDICATORS)
		put_half(&text, "indicators", counts->indicators, counts->indicators_rejected);
	if (err == QW_OK)
		qw_log(QW_LOG_INFO, "RULESET-BUILT", "%s", qw_text_string(&text));
	else
		qw_log(QW_LOG_ERROR, "RULESET-BUILD", "the ruleset cannot be built: %s; the one before stays in force", qw_strerror(err));
}

enum qw_err qw_ruleset_compile(const struct qw_builder_options *options, const struct qw_compile_order *order, struct qw_compiled *out)
{
	struct qw_rulebook *book;
	struct qw_diags diags;

	*out = (struct qw_compiled){.images = qw_ruleset_images_none()};
	qw_diags_init(&diags);
	enum qw_err err = qw_rulebook_new(&book, options->config, &diags);
	if (err == QW_OK) {
		qw_rulebook_limit(book, order->halves);
		if (order->kin)
			err = qw_rulebook_parts(book, order->kin, order->first, order->end);
		if (err == QW_OK)
			err = fill(options, order, book);
		if (err == QW_OK)
			err = qw_rulebook_finish(book, &out->images);
		out->counts = qw_rulebook_counts(book);
		qw_rulebook_free(book);
		if (!order->again)
			tell_diags(&diags);
	}
	qw_diags_fini(&diags);
	(void)malloc_trim(0); /* a big ruleset leaves a hundred megabytes, and the next build may be days away */
	return err;
}

void qw_ruleset_counts(struct qw_rulebook_counts *counts, const struct qw_rulebook_counts *fresh, unsigned halves)
{
	counts->files = fresh->files;
	if (halves & QW_RULEBOOK_SIGNATURES) {
		counts->signatures = fresh->signatures;
		counts->signatures_rejected = fresh->signatures_rejected;
	}
	if (halves & QW_RULEBOOK_INDICATORS) {
		counts->indicators = fresh->indicators;
		counts->indicators_rejected = fresh->indicators_rejected;
		counts->indicators_ignored = fresh->indicators_ignored;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quaywatch-fetch: one run of one feed.  The collector starts it; by hand it
 * shows what a feed brings, without changing anything but FOLDER/set.new.
 */
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collector/fetch/fetch.h"
#include "quaywatch/exit.h"
#include "quaywatch/file.h"
#include "quaywatch/version.h"

static const char help[] =
    "quaywatch-fetch FOLDER NAME place=… [WORD=VALUE…]\n"
    "Reads a feed once, and says in one line of JSON what came.  The collector does this by itself (quaywatchctl feeds).\n\n"
    "  FOLDER   where the last good set (set) lies, and the new one is put (set.new)\n"
    "  NAME     of the feed\n"
    "  WORD     as of quaywatchctl feeds add: place, kind, every, confidence, tlp, days, keep, …\n\n"
    "Example: quaywatch-fetch /tmp/try abuse place=https://feeds.example/ip.txt\n";

bool qw_fetch_fail(struct qw_fetch *fetch, enum qw_feed_result result, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fetch->outcome.why, sizeof(fetch->outcome.why), format, args);
	va_end(args);
	fetch->outcome.result = result;
	return false;
}

static void take_complaints(struct qw_fetch *fetch)
{
	const struct qw_diags *diags = &fetch->diags;

	for (size_t i = 0; i < diags->count && i < QW_FEED_COMPLAINTS; i++)
		snprintf(fetch->outcome.complaint[i], sizeof(fetch->outcome.complaint[0]), "%s:%u:%u: %s", diags->rows[i].file,
			 diags->rows[i].line, diags->rows[i].column, diags->rows[i].text);
}

/* A set whose place in the order is its own secret: nobody makes keys that fall together. */
static enum qw_err open_before(struct qw_fetch *fetch, struct qw_hash_key *key)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/set", fetch->folder);
	enum qw_err err = qw_feed_set_open(&fetch->before, path, true);
	*key = err == QW_OK ? fetch->before.key : qw_hash_key_random();
	/* A damaged one is as good as none: the collector compares with its channel all the same. */
	return err == QW_EFORMAT || err == QW_ESIGN || err == QW_ENOENT ? QW_OK : err;
}

static bool save(struct qw_fetch *fetch)
{
	struct qw_feed_set after;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/set.new", fetch->folder);
	qw_feed_pile_finish(fetch->pile);
	fetch->outcome.entries = qw_feed_pile_count(fetch->pile);
	enum qw_err err = qw_feed_pile_save(fetch->pile, path);
	if (err == QW_OK)
		err = qw_feed_set_open(&after, path, false);
	if (err != QW_OK)
		return qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: %s", path, qw_strerror(err));
	bool good = qw_fetch_judge(fetch, &after);
	const struct qw_feed_outcome *outcome = &fetch->outcome;
	bool changed = outcome->added + outcome->changed + outcome->removed > 0 || !fetch->before.file.data;
	if (good)
		fetch->outcome.result = changed ? QW_FEED_FRESH : QW_FEED_STILL;
	qw_feed_set_close(&after);
	if (!good || !changed)
		unlink(path);
	return good;
}

static void run(struct qw_fetch *fetch)
{
	struct qw_hash_key key;
	enum qw_err err = qw_make_folder(fetch->folder, 0750);

	if (err == QW_OK)
		err = open_before(fetch, &key);
	if (err == QW_OK)
		err = qw_feed_pile_new(&fetch->pile, key, (size_t)fetch->spec->most);
	if (err != QW_OK)
		qw_fetch_fail(fetch, QW_FEED_FAILED, "%s: %s", fetch->folder, qw_strerror(err));
	else if (qw_fetch_place(fetch))
		save(fetch);
	take_complaints(fetch);
}

static void tell(const struct qw_feed_outcome *outcome)
{
	static char memory[QW_FEED_OUTCOME_MAX * 2];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_feed_outcome_write(outcome, &text);
	fwrite(text.at, 1, text.len, stdout);
}

static bool read_words(struct qw_feed_spec *spec, char **argv, int argc, char why[QW_FEED_WHY_MAX])
{
	snprintf(why, QW_FEED_WHY_MAX, "%s: not a name: letters, digits, '.', '_' and '-'", argv[2]);
	if (!qw_feed_spec_init(spec, argv[2]))
		return false;
	for (int i = 3; i < argc; i++)
		if (!qw_feed_spec_word(spec, argv[i], why))
			return false;
	return qw_feed_spec_check(spec, why);
}

int main(int argc, char **argv)
{
	static struct qw_fetch fetch;
	static struct qw_feed_spec spec;
	char why[QW_FEED_WHY_MAX];

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("quaywatch-fetch " QW_VERSION);
		return QW_EXIT_OK;
	}
	if (argc < 4) {
		bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
		fputs(help, asked ? stdout : stderr);
		return asked ? QW_EXIT_OK : QW_EXIT_USAGE;
	}
	if (sodium_init() < 0)
		return QW_EXIT_INTERNAL;
	if (!read_words(&spec, argv, argc, why)) {
		fprintf(stderr, "quaywatch-fetch: %s\n", why);
		return QW_EXIT_USAGE;
	}
	fetch.spec = &spec;
	fetch.folder = argv[1];
	fetch.now = qw_time_wall();
	qw_diags_init(&fetch.diags);
	qw_indicator_init(&fetch.defaults);
	fetch.defaults.confidence = (uint8_t)spec.confidence;
	fetch.defaults.tlp = spec.tlp;
	snprintf(fetch.defaults.source, sizeof(fetch.defaults.source), "%s", spec.source[0] ? spec.source : spec.name);
	run(&fetch);
	tell(&fetch.outcome);
	qw_feed_set_close(&fetch.before);
	qw_feed_pile_free(fetch.pile);
	qw_diags_fini(&fetch.diags);
	return QW_EXIT_OK;
}

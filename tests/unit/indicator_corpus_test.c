/* SPDX-License-Identifier: Apache-2.0 */
/* Public lists, where they are at hand: what each folder holds is known beforehand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "quaywatch/file.h"
#include "quaywatch/indicator.h"

struct folder {
	const char *name;
	unsigned accepted, rejected, ignored, passed_over; /* files */
	unsigned by_type[QW_OBS_COUNT];
};

/* By the lists' own descriptions; refused are patterns, mistyped addresses and a name with a blank in it. */
static const struct folder FOLDERS[] = {
	{"amnesty",
     3018,
     0,
     0,
     0,
     {[QW_OBS_DOMAIN] = 604 + 71 + 4 + 1438 + 29, [QW_OBS_IP] = 604 + 22 + 6, [QW_OBS_SHA256] = 12 + 228}},
	{"hashes-eset", 3 * 1474, 0, 0, 0, {[QW_OBS_MD5] = 1474, [QW_OBS_SHA1] = 1474, [QW_OBS_SHA256] = 1474}},
	{"ja3", 157, 0, 0, 2, {[QW_OBS_JA3] = 157}},
	{"maltrail",
     117259,
     6,
     0,
     1,
     {[QW_OBS_DOMAIN] = 19855,
      [QW_OBS_IP] = 19236,
      [QW_OBS_IP_PORT] = 20727,
      [QW_OBS_CIDR] = 1093,
      [QW_OBS_URL] = 56348}},
	{"misp-eset",
     1074,
     0,
     460,
     1,
     {[QW_OBS_IP] = 120,
      [QW_OBS_IP_PORT] = 2,
      [QW_OBS_DOMAIN] = 451,
      [QW_OBS_HOST] = 3,
      [QW_OBS_URL] = 106,
      [QW_OBS_MD5] = 64,
      [QW_OBS_SHA1] = 264,
      [QW_OBS_SHA256] = 64}},
	{"neo23x0", 1709 + 135, 0, 0, 2, {[QW_OBS_DOMAIN] = 1709, [QW_OBS_IP] = 135}},
	{"stalkerware",
     925 + 1034 + 969 + 3228,
     0,
     0,
     0,
     {[QW_OBS_DOMAIN] = 925 + 966 + 966, [QW_OBS_IP] = 67, [QW_OBS_URL] = 4, [QW_OBS_SHA256] = 3228}},
	{"stix",
     1527,
     1,
     125,
     1,
     {[QW_OBS_IP] = 7 + 40 + 1,
      [QW_OBS_CIDR] = 4,
      [QW_OBS_DOMAIN] = 1438 + 24 + 3,
      [QW_OBS_URL] = 2,
      [QW_OBS_MD5] = 3,
      [QW_OBS_SHA256] = 5}},
	{"warninglists", 27268, 0, 42, 0, {0}},
};

struct tally {
	struct folder is;
	char complaint[256];
};

static enum qw_err count(void *ctx, const struct qw_indicator *indicator)
{
	struct tally *tally = ctx;
	tally->is.by_type[indicator->observable.type]++;
	return QW_OK;
}

static enum qw_err read_file(void *ctx, const char *path)
{
	struct tally *tally = ctx;
	struct qw_mapping file;
	struct qw_indicator defaults;
	struct qw_feed_counts counts;
	qw_indicator_init(&defaults);
	assert_int_equal(qw_mapping_open(&file, path), QW_OK);
	enum qw_feed_format format = qw_feed_format_of(path, file.data, file.size);
	if (format == QW_FEED_DOCUMENT) {
		tally->is.passed_over++;
	} else {
		assert_int_equal(
			qw_feed_read(format, path, file.data, file.size, &defaults, count, tally, NULL, &counts), QW_OK);
		tally->is.accepted += (unsigned)counts.accepted;
		tally->is.rejected += (unsigned)counts.rejected;
		tally->is.ignored += (unsigned)counts.ignored;
	}
	qw_mapping_close(&file);
	return QW_OK;
}

static void every_folder_of_public_lists_loads_with_the_counts_it_states(void **state)
{
	char root[4096], path[4200];
	struct stat status;
	snprintf(root, sizeof(root), "%s/corpus/indicators", getenv("QW_CORPUS") ? getenv("QW_CORPUS") : "");
	if (stat(root, &status) != 0)
		skip();
	for (size_t i = 0; i < sizeof(FOLDERS) / sizeof(*FOLDERS); i++) {
		struct tally tally = {0};
		const struct folder *should = &FOLDERS[i];
		snprintf(path, sizeof(path), "%s/%s", root, should->name);
		assert_int_equal(qw_walk_files(path, read_file, &tally), QW_OK);
		print_message("%s: %u accepted, %u rejected, %u ignored\n", should->name, tally.is.accepted,
			      tally.is.rejected, tally.is.ignored);
		assert_int_equal(tally.is.accepted, should->accepted);
		assert_int_equal(tally.is.rejected, should->rejected);
		assert_int_equal(tally.is.ignored, should->ignored);
		assert_int_equal(tally.is.passed_over, should->passed_over);
		for (unsigned type = 0;
		     should->by_type[QW_OBS_DOMAIN] + should->by_type[QW_OBS_MD5] && type < QW_OBS_COUNT; type++)
			assert_int_equal(tally.is.by_type[type], should->by_type[type]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_folder_of_public_lists_loads_with_the_counts_it_states),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether each finding of the watchers of flows is explained, has a number of its own block, and is said in few words. */
#include <stdio.h>

#include "watch_kit.h"

#include "sensor/watch/paths/paths.h"

static const struct {
	const struct qw_watcher_ops *ops;
	uint32_t first;
} watchers[] = {
	{&qw_sessions, QW_FINDING_SESSIONS}, {&qw_scans, QW_FINDING_SCANS},	{&qw_beacon, QW_FINDING_BEACON},
	{&qw_exfil, QW_FINDING_EXFIL},	     {&qw_silence, QW_FINDING_SILENCE}, {&qw_gateway, QW_FINDING_GATEWAY},
	{&qw_zones_watch, QW_FINDING_ZONES},
};

static char *read_page(void)
{
	enum { PAGE_MAX = 64 * 1024 };
	char path[512], *page = calloc(1, PAGE_MAX);
	const char *source = getenv("QW_SOURCE");
	assert_non_null(source);
	snprintf(path, sizeof(path), "%s/rules/packs/watch-paths.md", source);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(page, 1, PAGE_MAX - 1, file) > 0);
	fclose(file);
	return page;
}

static void each_finding_has_its_section_and_each_section_its_finding(void **state)
{
	char *page = read_page();
	size_t findings = 0, sections = 0;
	for (size_t i = 0; i < sizeof(watchers) / sizeof(watchers[0]); i++) {
		for (size_t row = 0; row < watchers[i].ops->finding_count; row++, findings++) {
			const struct qw_finding_row *finding = &watchers[i].ops->findings[row];
			char head[256];
			snprintf(head, sizeof(head), "\n### 3:%u %s\n", finding->sid, finding->text);
			if (!strstr(page, head))
				fail_msg("no section:%s", head);
		}
	}
	for (const char *at = page; (at = strstr(at, "\n### 3:")); at++)
		sections++;
	assert_int_equal(sections, findings);
	free(page);
}

static void sids_ascend_within_their_block(void **state)
{
	for (size_t i = 0; i < sizeof(watchers) / sizeof(watchers[0]); i++)
		for (size_t row = 0; row < watchers[i].ops->finding_count; row++)
			assert_int_equal(watchers[i].ops->findings[row].sid, watchers[i].first + row);
}

static void spans_and_bytes_are_said_as_people_say_them(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} spans[] = {{0, "0 seconds"}, {119, "119 seconds"}, {120, "2 minutes"}, {7200, "2 hours"}, {172800, "2 days"}, {-5, "0 seconds"}};
	static const struct {
		uint64_t bytes;
		const char *text;
	} amounts[] = {{0, "0 bytes"}, {9999, "9999 bytes"}, {10000, "10 kB"}, {UINT64_MAX, "18446744 TB"}};
	char memory[64];
	struct qw_text text;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_span(&text, qw_time_seconds(spans[i].seconds));
		assert_string_equal(qw_text_string(&text), spans[i].text);
	}
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		qw_text_init(&text, memory, sizeof(memory));
		qw_text_bytes(&text, amounts[i].bytes);
		assert_string_equal(qw_text_string(&text), amounts[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_finding_has_its_section_and_each_section_its_finding),
		cmocka_unit_test(sids_ascend_within_their_block),
		cmocka_unit_test(spans_and_bytes_are_said_as_people_say_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

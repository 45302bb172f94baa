/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/popular.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOISE = 20, VOICES = 6 };

/* "tenant/sensor" that says so; -1: it cannot know; -2: it does not answer. */
struct said {
	const char *tenant;
	long hosts;
};

struct row {
	const char *what;
	struct said said[VOICES];
	bool trusted, refused;
	size_t far;
};

static bool trusts(void *ctx, const struct qw_identity *who)
{
	(void)who;
	return *(bool *)ctx;
}

static struct qw_popularity weigh(const struct row *row, struct qw_dryrun_result *result)
{
	bool trusted = row->trusted;
	const struct qw_popular_trust trust = {trusts, &trusted};
	struct qw_popularity out;

	memset(result, 0, sizeof(*result));
	for (size_t i = 0; i < VOICES && row->said[i].tenant; i++) {
		struct qw_dryrun_voice *voice = &result->voice[result->asked++];
		snprintf(voice->who.tenant, sizeof(voice->who.tenant), "%s", row->said[i].tenant);
		snprintf(voice->who.sensor, sizeof(voice->who.sensor), "s%zu", i);
		voice->answered = row->said[i].hosts != -2;
		voice->known = row->said[i].hosts >= 0;
		voice->hosts = voice->known ? (uint64_t)row->said[i].hosts : 300;
	}
	qw_popularity_weigh(&out, result, NOISE, &trust);
	return out;
}

static void each_set_of_answers_has_its_meaning(void **state)
{
	static const struct row rows[] = {
	    {"nobody says anything", {{0}}, true, false, 0},
	    {"nobody met it", {{"a", 0}, {"b", 0}, {"c", 0}}, true, false, 0},
	    {"as many as are allowed", {{"a", 20}, {"b", 20}}, true, false, 0},
	    {"two tenants are loud", {{"a", 21}, {"b", 21}, {"c", 0}, {"d", 0}}, false, true, 0},
	    {"zeros take nothing from two", {{"a", 21}, {"b", 30}, {"c", 0}, {"d", 0}, {"e", 0}}, true, true, 0},
	    {"one, and another met it too", {{"a", 60}, {"b", 6}, {"c", 0}}, false, true, 0},
	    {"another that hardly met it", {{"a", 60}, {"b", 5}, {"c", 0}}, true, false, 1},
	    {"one alone against two", {{"a", 300}, {"b", 0}, {"c", 1}}, true, false, 1},
	    {"one alone against one, believed", {{"a", 300}, {"b", 0}}, true, true, 1},
	    {"one alone against one, not believed", {{"a", 300}, {"b", 0}}, false, false, 1},
	    {"one alone, the others cannot know", {{"a", 300}, {"b", -1}, {"c", -1}, {"d", -2}}, true, true, 1},
	    {"who cannot know is not loud", {{"a", -1}, {"b", -1}}, true, false, 0},
	    {"five honest sensors and a bad one",
	     {{"a", 1}, {"a", 0}, {"a", 2}, {"a", 300}, {"b", 0}, {"c", 0}},
	     true,
	     false,
	     1},
	    {"sensors of one tenant are one voice", {{"a", 15}, {"a", 15}, {"b", 0}, {"c", 0}}, true, false, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_dryrun_result result;
		struct qw_popularity got = weigh(&rows[i], &result);
		if (got.refused != rows[i].refused || got.far_count != rows[i].far)
			fail_msg("%s: refused %d, far %zu", rows[i].what, got.refused, got.far_count);
	}
}

static void numbers_that_would_wrap_do_not(void **state)
{
	struct qw_dryrun_result result = {.asked = 2};
	bool trusted = true;
	const struct qw_popular_trust trust = {trusts, &trusted};
	struct qw_popularity out;

	(void)state;
	for (int i = 0; i < 2; i++)
		result.voice[i] = (struct qw_dryrun_voice){
		    .who = {"a", ""}, .answered = true, .known = true, .hosts = UINT64_MAX - 3};
	qw_popularity_weigh(&out, &result, NOISE, &trust);
	assert_true(out.loudest == UINT64_MAX);
	assert_int_equal(out.tenants, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_set_of_answers_has_its_meaning),
	    cmocka_unit_test(numbers_that_would_wrap_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

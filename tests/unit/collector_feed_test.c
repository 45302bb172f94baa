/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of feeds on disk, the words that make a feed, and what a run says. */
#include <stdlib.h>
#include <unistd.h>

#include "collector/feed_outcome.h"
#include "collector/feed_set.h"
#include "collector/feed_spec.h"
#include "quaywatch/indicator.h"
#include "tests/unit/collector_kit.h"

static const struct qw_hash_key key = {1, 2};

static void add(struct qw_feed_pile *pile, const char *name, unsigned confidence)
{
	struct qw_indicator indicator;
	struct qw_entry entry;
	const char *why;
	uint8_t *body;

	qw_indicator_init(&indicator);
	indicator.confidence = (uint8_t)confidence;
	assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_DOMAIN, name, strlen(name), &why), QW_OK);
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &indicator), QW_OK);
	assert_int_equal(qw_feed_pile_add(pile, &entry, confidence == 7), QW_OK);
	free(body);
}

/* Names d0.example … of these numbers, each with a confidence. */
static struct qw_feed_set set_of(const char *folder, const char *file, unsigned first, unsigned count, unsigned confidence)
{
	struct qw_feed_pile *pile;
	struct qw_feed_set set;
	char path[256], name[32];

	kit_path(path, folder, file);
	assert_int_equal(qw_feed_pile_new(&pile, key, 100000), QW_OK);
	for (unsigned i = first; i < first + count; i++) {
		snprintf(name, sizeof(name), "d%u.example", i);
		add(pile, name, i % 10 == 3 ? confidence : 50);
	}
	qw_feed_pile_finish(pile);
	assert_int_equal(qw_feed_pile_count(pile), count);
	assert_int_equal(qw_feed_pile_save(pile, path), QW_OK);
	qw_feed_pile_free(pile);
	assert_int_equal(qw_feed_set_open(&set, path, true), QW_OK);
	return set;
}

static void a_set_holds_what_was_put_in(void **state)
{
	struct qw_feed_set set = set_of(*state, "set", 0, 5000, 7);
	struct qw_feed_row row, found;
	struct qw_indicator indicator;
	unsigned lent = 0;

	assert_int_equal(set.count, 5000);
	for (size_t i = 0; i < set.count; i++) {
		assert_true(qw_feed_set_at(&set, i, &row));
		assert_true(qw_feed_set_find(&set, &row.entry, &found));
		assert_ptr_equal(row.entry.body, found.entry.body);
		assert_int_equal(qw_entry_indicator(&row.entry, &indicator), QW_OK);
		assert_int_equal(row.lent, indicator.confidence == 7);
		lent += row.lent;
	}
	assert_int_equal(lent, 500);
	assert_false(qw_feed_set_at(&set, set.count, &row));
	qw_feed_set_close(&set);
}

static void of_one_key_the_last_stays(void **state)
{
	struct qw_feed_pile *pile;
	struct qw_feed_set set;
	struct qw_feed_row row;
	struct qw_indicator indicator;
	char path[256];

	kit_path(path, *state, "set");
	assert_int_equal(qw_feed_pile_new(&pile, key, 3), QW_OK);
	add(pile, "twice.example", 10);
	add(pile, "once.example", 20);
	add(pile, "twice.example", 30);
	qw_feed_pile_finish(pile);
	assert_int_equal(qw_feed_pile_save(pile, path), QW_OK);
	qw_feed_pile_free(pile);
	assert_int_equal(qw_feed_set_open(&set, path, true), QW_OK);
	assert_int_equal(set.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(qw_feed_set_at(&set, i, &row));
		assert_int_equal(qw_entry_indicator(&row.entry, &indicator), QW_OK);
		assert_int_equal(indicator.confidence, strcmp(indicator.observable.text, "twice.example") == 0 ? 30 : 20);
	}
	qw_feed_set_close(&set);
}

static void two_sets_are_told_apart_row_by_row(void **state)
{
	struct qw_feed_set before = set_of(*state, "before", 0, 3000, 60), after = set_of(*state, "after", 100, 3050, 61);
	struct qw_feed_diff diff = {&before, &after, 0, 0};
	unsigned count[QW_FEED_END + 1] = {0};
	struct qw_feed_row row;
	enum qw_feed_step step;

	while ((step = qw_feed_diff_next(&diff, &row)) != QW_FEED_END)
		count[step]++;
	assert_int_equal(count[QW_FEED_REMOVED], 100);
	assert_int_equal(count[QW_FEED_ADDED], 150);
	assert_int_equal(count[QW_FEED_CHANGED], 290);
	assert_int_equal(count[QW_FEED_SAME], 2610);
	diff = (struct qw_feed_diff){NULL, &after, 0, 0};
	for (count[QW_FEED_ADDED] = 0; qw_feed_diff_next(&diff, &row) == QW_FEED_ADDED;)
		count[QW_FEED_ADDED]++;
	assert_int_equal(count[QW_FEED_ADDED], 3050);
	qw_feed_set_close(&before);
	qw_feed_set_close(&after);
}

/* Every byte of a small set, changed: found by its sum, and read without it whatever it says. */
static void a_damaged_set_is_found(void **state)
{
	struct qw_feed_set set = set_of(*state, "set", 0, 5, 60), damaged;
	size_t size = set.file.size;
	struct qw_feed_row row, found;
	char path[256];
	FILE *file;

	qw_feed_set_close(&set);
	kit_path(path, *state, "set");
	for (size_t at = 0; at < size; at++) {
		file = fopen(path, "r+");
		fseek(file, (long)at, SEEK_SET);
		int byte = fgetc(file);
		fseek(file, (long)at, SEEK_SET);
		fputc(byte ^ 0x41, file);
		fclose(file);
		enum qw_err err = qw_feed_set_open(&damaged, path, true);
		assert_true(err == QW_EFORMAT || err == QW_ESIGN);
		if (qw_feed_set_open(&damaged, path, false) == QW_OK) {
			for (size_t i = 0; i < damaged.count; i++)
				if (qw_feed_set_at(&damaged, i, &row))
					(void)qw_feed_set_find(&damaged, &row.entry, &found);
			qw_feed_set_close(&damaged);
		}
		file = fopen(path, "r+");
		fseek(file, (long)at, SEEK_SET);
		fputc(byte, file);
		fclose(file);
	}
	assert_int_equal(truncate(path, (off_t)size - 1), 0);
	assert_int_equal(qw_feed_set_open(&damaged, path, true), QW_ESIGN);
}

static void a_full_pile_takes_no_more(void **state)
{
	struct qw_feed_pile *pile;
	struct qw_entry entry;
	uint8_t *body;

	(void)state;
	assert_int_equal(qw_feed_pile_new(&pile, key, 1), QW_OK);
	add(pile, "one.example", 1);
	assert_int_equal(qw_entry_of_signature(&entry, &body, "alert ip any any -> any any (sid:1;)", 1, 1), QW_OK);
	assert_int_equal(qw_feed_pile_add(pile, &entry, false), QW_ELIMIT);
	free(body);
	qw_feed_pile_free(pile);
}

static void words_make_a_feed_and_come_back(void **state)
{
	static const char list[] = "[place=https://feeds.example/ip.txt,every=900,confidence=70,tlp=AMBER,days=14,kind=taxii]";
	char why[QW_FEED_WHY_MAX], words[QW_FEED_WORDS][QW_FEED_WORD_MAX];
	struct qw_feed_spec spec, again;

	(void)state;
	assert_true(qw_feed_spec_init(&spec, "partner"));
	assert_true(qw_feed_spec_list(&spec, list, why));
	assert_true(qw_feed_spec_check(&spec, why));
	assert_int_equal(spec.every, 900);
	assert_int_equal(spec.tlp, QW_TLP_AMBER);
	assert_true(qw_feed_spec_init(&again, "partner"));
	size_t count = qw_feed_spec_words(&spec, words);
	assert_int_equal(count, 6);
	for (size_t i = 0; i < count; i++)
		assert_true(qw_feed_spec_word(&again, words[i], why));
	assert_memory_equal(&spec, &again, sizeof(spec));
}

static void bad_words_are_refused_with_a_reason(void **state)
{
	static const char *const bad[] = {
	    "every=soon", "confidence=101", "tlp=red", "tlp=purple", "kind=rss", "colour=blue", "place", "keep=-1", "days=99999",
	    "source=a\nb",
	};
	static const char *const together[] = {
	    "place=ip.txt", "place=ftp://feeds.example/ip.txt", "place=/etc/feed,every=3", "place=/etc/feed,kind=taxii",
	    "place=/etc/feed,tenant=community", "place=http://feeds.example/x,headers=/etc/key",
	};
	char why[QW_FEED_WHY_MAX];
	struct qw_feed_spec spec;

	(void)state;
	assert_false(qw_feed_spec_init(&spec, "../etc"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(qw_feed_spec_init(&spec, "partner"));
		why[0] = '\0';
		assert_false(qw_feed_spec_word(&spec, bad[i], why));
		assert_true(strlen(why) > 10);
	}
	for (size_t i = 0; i < sizeof(together) / sizeof(together[0]); i++) {
		assert_true(qw_feed_spec_init(&spec, "partner"));
		assert_true(qw_feed_spec_list(&spec, together[i], why));
		assert_false(qw_feed_spec_check(&spec, why));
	}
}

static void what_a_run_says_comes_back(void **state)
{
	struct qw_feed_outcome outcome = {.result = QW_FEED_REFUSED, .why = "it says \"no\"\n", .format = "CSV", .bytes = 1ull << 40,
					  .entries = 3, .rejected = 4, .etag = "\"abc\"", .complaint = {"a:1:1: x", "b"}},
			       again;
	char memory[QW_FEED_OUTCOME_MAX];
	struct qw_text text;

	(void)state;
	qw_text_init(&text, memory, sizeof(memory));
	qw_feed_outcome_write(&outcome, &text);
	assert_int_equal(qw_feed_outcome_read(&again, text.at, text.len), QW_OK);
	assert_memory_equal(&outcome, &again, sizeof(outcome));
	assert_int_equal(qw_feed_outcome_read(&again, text.at, text.len - 3), QW_EFORMAT);
	assert_int_equal(qw_feed_outcome_read(&again, "{}", 2), QW_EFORMAT);
	assert_int_equal(qw_feed_outcome_read(&again, "{\"result\":9}", 12), QW_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_set_holds_what_was_put_in, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(of_one_key_the_last_stays, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(two_sets_are_told_apart_row_by_row, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_damaged_set_is_found, kit_folder, kit_clear),
	    cmocka_unit_test(a_full_pile_takes_no_more),
	    cmocka_unit_test(words_make_a_feed_and_come_back),
	    cmocka_unit_test(bad_words_are_refused_with_a_reason),
	    cmocka_unit_test(what_a_run_says_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what is normal, and the file that people read and edit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/watch/normal/habit_file.h"

static const char file[] =
	"{\"quaywatch_baseline\":1,\"begun_ns\":1700000000000000000,\"learnt\":true}\n"
	"{\"kind\":\"asset\",\"host\":\"10.0.0.1\",\"machine\":true,\"state\":\"learnt\",\"count\":3,\"first_ns\":5,\"last_ns\":6}\n"
	"\n"
	"{\"kind\":\"talker\",\"client\":\"10.0.0.1\",\"server\":\"10.0.0.2\",\"port\":502,\"proto\":6,\"app\":\"modbus\",\"state\":\"accepted\"}\n"
	"{\"kind\":\"function\",\"client\":\"10.0.0.1\",\"server\":\"10.0.0.2\",\"app\":\"modbus\",\"function\":3,\"name\":\"read\",\"unit\":1,"
	"\"area\":\"DB1\",\"state\":\"learnt\",\"ranges\":[[30,40],[0,9]],\"proposed_ranges\":[[400,409]]}\n";

struct desk {
	struct qw_habit_list *list;
	struct qw_habit_about about;
	struct qw_diags diags;
};

static enum qw_err read_text(struct desk *desk, const char *text, size_t len, size_t max)
{
	memset(desk, 0, sizeof(*desk));
	qw_diags_init(&desk->diags);
	assert_int_equal(qw_habit_new(&desk->list, max), QW_OK);
	return qw_habit_read("baseline.json", text, len, desk->list, &desk->about, &desk->diags);
}

static void end(struct desk *desk)
{
	qw_habit_free(desk->list);
	qw_diags_fini(&desk->diags);
}

static void what_a_person_wrote_is_read(void **state)
{
	struct desk desk;

	assert_int_equal(read_text(&desk, file, sizeof(file) - 1, 100), QW_OK);
	assert_int_equal(qw_habit_count(desk.list), 3);
	assert_true(desk.about.learnt);
	assert_int_equal(desk.about.begun.ns, 1700000000000000000);
	struct qw_habit **rows = qw_habit_sorted(desk.list);
	const struct qw_habit *function = rows[1]->ranges ? rows[1] : rows[2];
	assert_true(rows[0]->machine);
	assert_int_equal(function->key.function, 3);
	assert_int_equal(function->ranges->count, 2);
	assert_int_equal(function->ranges->range[0].first, 0);
	assert_true(qw_habit_is_new(function));
	assert_true(qw_habit_has_range(function, (struct qw_range){30, 48}));
	assert_false(qw_habit_has_range(function, (struct qw_range){30, 49}));
	assert_false(qw_habit_has_range(function, (struct qw_range){400, 409}));
	free(rows);
	end(&desk);
}

static void it_is_written_as_it_was_read(void **state)
{
	struct desk desk, again;
	char path[] = "/tmp/quaywatch-habit-XXXXXX", one[4096], other[4096];
	size_t len[2];

	assert_true(mkstemp(path) >= 0);
	assert_int_equal(read_text(&desk, file, sizeof(file) - 1, 100), QW_OK);
	assert_int_equal(qw_habit_save(path, desk.list, &desk.about), QW_OK);
	FILE *stream = fopen(path, "r");
	len[0] = fread(one, 1, sizeof(one), stream);
	fclose(stream);
	assert_int_equal(read_text(&again, one, len[0], 100), QW_OK);
	assert_int_equal(qw_habit_save(path, again.list, &again.about), QW_OK);
	stream = fopen(path, "r");
	len[1] = fread(other, 1, sizeof(other), stream);
	fclose(stream);
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(one, other, len[0]);
	remove(path);
	end(&desk);
	end(&again);
}

static void what_is_cut_anywhere_is_refused_or_whole_lines(void **state)
{
	for (size_t len = 0; len < sizeof(file) - 1; len++) {
		struct desk desk;
		char *text = malloc(len + 1);
		memcpy(text, file, len);
		enum qw_err err = read_text(&desk, text, len, 100);
		assert_int_equal(err == QW_OK, len && text[len - 1] == '\n');
		assert_int_equal(desk.diags.errors, err != QW_OK);
		end(&desk);
		free(text);
	}
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
	static const struct {
		const char *line;
		enum qw_err err;
	} rows[] = {
		{"{\"kind\":\"talker\"", QW_EFORMAT},
		{"[]", QW_EFORMAT},
		{"{\"kind\":\"friend\",\"host\":\"10.0.0.1\",\"state\":\"learnt\"}", QW_EFORMAT},
		{"{\"kind\":\"asset\",\"host\":\"ten\",\"state\":\"learnt\"}", QW_EFORMAT},
		{"{\"kind\":\"asset\",\"host\":\"10.0.0.1\",\"state\":\"normal\"}", QW_EFORMAT},
		{"{\"kind\":\"talker\",\"client\":\"10.0.0.1\",\"state\":\"learnt\"}", QW_EFORMAT},
		{"{\"kind\":\"talker\",\"client\":\"10.0.0.1\",\"server\":\"10.0.0.2\",\"port\":65536,\"state\":\"learnt\"}", QW_EFORMAT},
		{"{\"kind\":\"function\",\"client\":\"10.0.0.1\",\"server\":\"10.0.0.2\",\"function\":\"3\",\"state\":\"learnt\"}", QW_EFORMAT},
		{"{\"kind\":\"function\",\"client\":\"10.0.0.1\",\"server\":\"10.0.0.2\",\"state\":\"learnt\",\"ranges\":[[9,0]]}", QW_EFORMAT},
		{"{\"kind\":\"function\",\"client\":\"10.0.0.1\",\"server\":\"10.0.0.2\",\"state\":\"learnt\",\"ranges\":[[9]]}", QW_EFORMAT},
		{"{\"kind\":\"function\",\"client\":\"10.0.0.1\",\"server\":\"10.0.0.2\",\"state\":\"learnt\",\"ranges\":9}", QW_EFORMAT},
		{"{\"kind\":\"asset\",\"kind\":\"asset\",\"host\":\"10.0.0.1\",\"state\":\"learnt\"}", QW_EFORMAT},
	};
	char text[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct desk desk;
		int len = snprintf(text, sizeof(text), "{\"quaywatch_baseline\":1}\n%s\n", rows[i].line);
		assert_int_equal(read_text(&desk, text, (size_t)len, 100), rows[i].err);
		assert_int_equal(desk.diags.errors, 1);
		assert_int_equal(desk.diags.rows[0].line, 2);
		end(&desk);
	}
}

static void other_versions_and_too_many_lines_are_refused(void **state)
{
	static const char newer[] = "{\"quaywatch_baseline\":2}\n", twice[] =
		"{\"quaywatch_baseline\":1}\n{\"kind\":\"asset\",\"host\":\"10.0.0.1\",\"state\":\"learnt\"}\n"
		"{\"kind\":\"asset\",\"host\":\"10.0.0.1\",\"state\":\"accepted\"}\n";
	struct desk desk;

	assert_int_equal(read_text(&desk, newer, sizeof(newer) - 1, 100), QW_EVERSION);
	end(&desk);
	assert_int_equal(read_text(&desk, file, sizeof(file) - 1, 2), QW_EFORMAT);
	end(&desk);
	assert_int_equal(read_text(&desk, twice, sizeof(twice) - 1, 100), QW_EFORMAT);
	end(&desk);
}

static void the_list_keeps_what_it_has_and_forgets_what_it_shall(void **state)
{
	enum { COUNT = 500 };
	struct qw_habit_list *list;
	struct qw_habit_key key = {.kind = QW_HABIT_ASSET};

	assert_int_equal(qw_habit_new(&list, COUNT), QW_OK);
	for (unsigned i = 0; i < COUNT; i++) {
		memcpy(key.client.bytes, &i, sizeof(i));
		assert_non_null(qw_habit_get(list, &key));
	}
	memset(key.client.bytes, 0xff, sizeof(key.client.bytes));
	assert_null(qw_habit_get(list, &key));
	memset(&key.client, 0, sizeof(key.client));
	for (unsigned i = 0; i < COUNT; i += 3) {
		memcpy(key.client.bytes, &i, sizeof(i));
		qw_habit_forget(list, qw_habit_find(list, &key));
	}
	for (unsigned i = 0; i < COUNT; i++) {
		memcpy(key.client.bytes, &i, sizeof(i));
		assert_int_equal(qw_habit_find(list, &key) != NULL, i % 3 != 0);
	}
	assert_int_equal(qw_habit_count(list), COUNT - (COUNT + 2) / 3);
	while (qw_habit_count(list)) {
		struct qw_habit **rows = qw_habit_sorted(list);
		qw_habit_forget(list, rows[qw_habit_count(list) / 2]);
		free(rows);
	}
	assert_non_null(qw_habit_get(list, &key));
	qw_habit_free(list);
}

static void ranges_that_lie_near_are_one_and_none_is_lost(void **state)
{
	struct qw_habit habit = {0};

	for (uint64_t first = 0; first < 1000; first += 10)
		assert_true(qw_habit_add_range(&habit, (struct qw_range){first, first + 3}, true));
	assert_int_equal(habit.ranges->count, 1);
	for (uint64_t first = 0; first < 100; first++) /* far apart: the nearest become one */
		assert_true(qw_habit_add_range(&habit, (struct qw_range){100000 + first * 1000, 100000 + first * 1000}, true));
	assert_true(habit.ranges->count <= QW_HABIT_RANGES_MAX);
	for (uint64_t first = 0; first < 100; first++)
		assert_true(qw_habit_has_range(&habit, (struct qw_range){100000 + first * 1000, 100000 + first * 1000}));
	assert_true(qw_habit_add_range(&habit, (struct qw_range){UINT64_MAX - 1, UINT64_MAX}, false));
	assert_false(qw_habit_has_range(&habit, (struct qw_range){UINT64_MAX, UINT64_MAX}));
	qw_habit_accept(&habit);
	assert_true(qw_habit_has_range(&habit, (struct qw_range){UINT64_MAX, UINT64_MAX}));
	free(habit.ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_person_wrote_is_read),
		cmocka_unit_test(it_is_written_as_it_was_read),
		cmocka_unit_test(what_is_cut_anywhere_is_refused_or_whole_lines),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(other_versions_and_too_many_lines_are_refused),
		cmocka_unit_test(the_list_keeps_what_it_has_and_forgets_what_it_shall),
		cmocka_unit_test(ranges_that_lie_near_are_one_and_none_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

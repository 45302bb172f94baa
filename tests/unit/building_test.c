/* SPDX-License-Identifier: Apache-2.0 */
/* What the exporter asks of the builder, with the test in the builder's place. */
#include "sensor/run/building.h"

#include "tests/unit/channel_kit.h"

#include <unistd.h>

#include "quaywatch/file.h"
#include "sensor/run/rulebook.h"
#include "tests/unit/folder_kit.h"

struct bench {
	struct pair pair; /* first: channel_kit's */
	char folder[32], path[64];
	struct qw_rulestore *store;
	struct qw_changes changes;
	struct qw_building building;
	int builder; /* its end of the post */
	struct qw_post post;
};

static void gather(void *ctx, const struct qw_entry *entry)
{
	qw_changes_add(&((struct bench *)ctx)->changes, entry);
}

static void receipt(void *ctx, unsigned channel, struct qw_receipt *out)
{
	struct bench *bench = ctx;

	assert_int_equal(channel, 0);
	*out = (struct qw_receipt){.state = {"community", qw_channel_order(qw_rulestore_channel(bench->store, 0))}};
}

static int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct pair *pair;
	int ends[2];

	assert_int_equal(setup((void **)&pair), 0);
	bench->pair = *pair;
	free(pair);
	snprintf(bench->folder, sizeof(bench->folder), "building-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	snprintf(bench->path, sizeof(bench->path), "%s/community.channel", bench->folder);
	struct qw_rulestore_options store = {.name = {"community", ""}, .path = {bench->path, NULL}, .changed = gather, .ctx = bench};
	memcpy(store.root_public, bench->pair.port.root.public_key, sizeof(store.root_public));
	assert_int_equal(qw_rulestore_open(&bench->store, &store), QW_OK);
	assert_int_equal(qw_post_pair(ends), QW_OK);
	bench->builder = ends[1];
	const struct qw_building_options building = {ends[0], bench->store, receipt, bench};
	qw_building_start(&bench->building, &building);
	*state = bench;
	return 0;
}

static int bench_teardown(void **state)
{
	struct bench *bench = *state;
	char path[80];

	qw_building_fini(&bench->building);
	qw_changes_fini(&bench->changes);
	qw_rulestore_close(bench->store);
	close(bench->building.options.builder);
	close(bench->builder);
	unlink(bench->path);
	snprintf(path, sizeof(path), "%s.deltas", bench->path);
	unlink(path);
	rmdir(bench->folder);
	struct pair *pair = calloc(1, sizeof(*pair));
	*pair = bench->pair;
	free(bench);
	void *inner = pair;
	return teardown(&inner);
}

/* A delta comes: as updates does it. */
static void change(struct bench *bench, enum qw_entry_kind kind, unsigned first, unsigned count)
{
	unsigned number;

	commit(&bench->pair, kind, first, count, false);
	qw_changes_begin(&bench->changes);
	assert_int_equal(qw_rulestore_delta(bench->store, bench->pair.delta, bench->pair.len, bench->pair.port.now, &number), QW_OK);
	qw_building_pass(&bench->building, 0, &bench->changes);
}

static uint32_t expect(struct bench *bench, enum qw_post_kind kind, uint32_t halves)
{
	assert_int_equal(qw_post_receive(bench->builder, &bench->post), QW_OK);
	assert_int_equal(bench->post.kind, kind);
	assert_int_equal(bench->post.second, halves);
	return bench->post.number;
}

static void expect_nothing(struct bench *bench)
{
	assert_int_equal(qw_post_receive(bench->builder, &bench->post), QW_EAGAIN);
}

static void answer(struct bench *bench, uint32_t number, uint32_t generation, enum qw_err err)
{
	qw_post_close(&bench->post);
	qw_post_begin(&bench->post, QW_POST_BUILT, number);
	bench->post.second = generation;
	bench->post.third = err;
	qw_building_answer(&bench->building, &bench->post);
}

/* The sequences whose receipts are due, and goes on. */
static uint64_t due(struct bench *bench, uint32_t generation)
{
	uint64_t last = 0;

	for (struct qw_ticket *ticket; (ticket = qw_tickets_due(&bench->building.tickets, generation)); qw_tickets_done(&bench->building.tickets))
		last = ticket->receipt.state.order.sequence;
	return last;
}

static void begin(struct bench *bench)
{
	answer(bench, expect(bench, QW_POST_REBUILD, QW_RULEBOOK_ALL), 1, QW_OK);
	(void)due(bench, 1);
	expect_nothing(bench);
}

static void indicators_go_as_they_are(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	change(bench, QW_ENTRY_INDICATOR, 0, 3);
	uint32_t first = expect(bench, QW_POST_ENTRIES, 0);
	change(bench, QW_ENTRY_INDICATOR, 3, 3);
	uint32_t second = expect(bench, QW_POST_ENTRIES, 0);
	assert_true(second > first);
	assert_int_equal(due(bench, 9), 0);
	answer(bench, first, 2, QW_OK);
	assert_int_equal(due(bench, 1), 0); /* a worker has the older one still */
	assert_int_equal(due(bench, 2), 1);
	answer(bench, second, 3, QW_OK);
	assert_int_equal(due(bench, 3), 2);
	expect_nothing(bench);
}

/* The indicators stay as they are: a million of them is not read again for one signature. */
static void signatures_are_compiled_from_memory_and_alone(void **state)
{
	struct bench *bench = *state;
	struct qw_bytes in, body;
	struct qw_entry entry;
	char *bytes;
	size_t len, count = 0;

	begin(bench);
	change(bench, QW_ENTRY_INDICATOR, 0, 3);
	answer(bench, expect(bench, QW_POST_ENTRIES, 0), 2, QW_OK);
	change(bench, QW_ENTRY_SIGNATURE, 0, 2);
	uint32_t number = expect(bench, QW_POST_REBUILD, QW_RULEBOOK_SIGNATURES);
	assert_int_equal(lseek(bench->post.fds[0], 0, SEEK_CUR), 0);
	assert_int_equal(qw_file_read_open(bench->post.fds[0], QW_CHANGES_MAX, &bytes, &len), QW_OK);
	for (in = qw_bytes((uint8_t *)bytes, len); qw_changes_next(&in, &body); count++) {
		assert_int_equal(qw_entry_read(&entry, body.at, body.left), QW_OK);
		assert_int_equal(entry.kind, QW_ENTRY_SIGNATURE);
	}
	assert_int_equal(count, 2);
	free(bytes);
	assert_true(qw_rulestore_unsaved(bench->store) > 0);
	(void)due(bench, 2);
	assert_int_equal(due(bench, 99), 0);
	answer(bench, number, 3, QW_OK);
	assert_int_equal(due(bench, 3), 2);
}

/* While it compiles, what comes behind waits with its receipt, for it is not all in force before. */
static void what_comes_behind_an_order_waits_for_it(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	change(bench, QW_ENTRY_SIGNATURE, 0, 1);
	uint32_t order = expect(bench, QW_POST_REBUILD, QW_RULEBOOK_SIGNATURES);
	change(bench, QW_ENTRY_INDICATOR, 0, 1);
	uint32_t entries = expect(bench, QW_POST_ENTRIES, 0);
	answer(bench, entries, 2, QW_OK);
	assert_int_equal(due(bench, 99), 0);
	change(bench, QW_ENTRY_SIGNATURE, 1, 1); /* one more, which this order does not have */
	expect_nothing(bench);
	change(bench, QW_ENTRY_INDICATOR, 1, 1);
	uint32_t silent = expect(bench, QW_POST_ENTRIES, 0);
	answer(bench, silent, 3, QW_OK);
	assert_int_equal(due(bench, 99), 0);
	answer(bench, order, 4, QW_OK);
	assert_int_equal(due(bench, 4), 2); /* not 3, nor 4 */
	order = expect(bench, QW_POST_REBUILD, QW_RULEBOOK_SIGNATURES);
	assert_int_equal(due(bench, 99), 0);
	answer(bench, order, 5, QW_OK);
	assert_int_equal(due(bench, 5), 4);
}

static void entries_that_the_builder_cannot_take_are_built_from_the_files(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	change(bench, QW_ENTRY_INDICATOR, 0, 3);
	assert_true(qw_rulestore_unsaved(bench->store) > 0);
	answer(bench, expect(bench, QW_POST_ENTRIES, 0), 1, QW_ELIMIT);
	uint32_t order = expect(bench, QW_POST_REBUILD, QW_RULEBOOK_INDICATORS);
	assert_int_equal(bench->post.fds[0], -1);
	assert_int_equal(qw_rulestore_unsaved(bench->store), 0);
	assert_int_equal(due(bench, 99), 0);
	answer(bench, order, 2, QW_OK);
	assert_int_equal(due(bench, 2), 1);
}

/* It said so in its log; what was asked for stays asked for, and nothing is receipted meanwhile. */
static void an_order_that_fails_is_given_again_later(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	change(bench, QW_ENTRY_SIGNATURE, 0, 1);
	answer(bench, expect(bench, QW_POST_REBUILD, QW_RULEBOOK_SIGNATURES), 1, QW_ENOMEM);
	qw_building_turn(&bench->building);
	expect_nothing(bench);
	change(bench, QW_ENTRY_INDICATOR, 0, 1);
	answer(bench, expect(bench, QW_POST_ENTRIES, 0), 2, QW_OK);
	assert_int_equal(due(bench, 99), 0);
	bench->building.not_before = (struct qw_time){0};
	qw_building_turn(&bench->building);
	answer(bench, expect(bench, QW_POST_REBUILD, QW_RULEBOOK_SIGNATURES), 3, QW_OK);
	assert_int_equal(due(bench, 3), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(indicators_go_as_they_are, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(signatures_are_compiled_from_memory_and_alone, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(what_comes_behind_an_order_waits_for_it, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(entries_that_the_builder_cannot_take_are_built_from_the_files, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(an_order_that_fails_is_given_again_later, bench_setup, bench_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

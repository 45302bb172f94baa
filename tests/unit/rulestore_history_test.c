/* SPDX-License-Identifier: Apache-2.0 */
/* What the rulestore keeps beside its channels leads a restored collector to the same set. */
#include "sensor/export/rulestore.h"

#include "tests/unit/channel_kit.h"
#include "tests/unit/folder_kit.h"

#include <unistd.h>

enum { HISTORY = 1 << 20 };

struct place {
	char folder[32], path[64];
	struct pair *pair;
	struct qw_rulestore *store;
	struct qw_channel *backup; /* what the collector had, some time ago */
};

static void open_it(struct place *place)
{
	struct qw_rulestore_options options = {
	    .name = {"community", ""}, .path = {place->path, NULL}, .history_bytes = HISTORY};

	memcpy(options.root_public, place->pair->port.root.public_key, sizeof(options.root_public));
	assert_int_equal(qw_rulestore_open(&place->store, &options), QW_OK);
}

static int enter(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	setup((void **)&place->pair);
	if (folder_enter(place->folder, sizeof(place->folder), "recall-XXXXXX"))
		return -1;
	snprintf(place->path, sizeof(place->path), "%s/community.channel", place->folder);
	assert_int_equal(qw_channel_new(&place->backup, "community"), QW_OK);
	open_it(place);
	*state = place;
	return 0;
}

static int leave(void **state)
{
	struct place *place = *state;

	qw_rulestore_close(place->store);
	qw_channel_free(place->backup);
	teardown((void **)&place->pair);
	int failed = folder_leave(place->folder);
	free(place);
	return failed;
}

static void reopen(struct place *place)
{
	qw_rulestore_close(place->store);
	open_it(place);
}

/* The collector makes a change, and the sensor takes it. */
static void change(struct place *place, unsigned number)
{
	unsigned channel;

	commit(place->pair, QW_ENTRY_INDICATOR, number, 1, false);
	assert_int_equal(
	    qw_rulestore_delta(place->store, place->pair->delta, place->pair->len, place->pair->port.now, &channel),
	    QW_OK);
}

/* The backup takes what the sensor has for it; how many changes that was. */
static size_t recall(struct place *place)
{
	struct qw_history_run run;
	size_t taken = 0;

	while (qw_rulestore_recall(place->store, "community", qw_channel_order(place->backup), 1000, &run) == QW_OK) {
		for (size_t i = 0; i < run.count; i++, taken++)
			assert_int_equal(
			    port_apply(&place->pair->port, place->backup, run.delta[i].data, run.delta[i].len), QW_OK);
		qw_history_run_fini(&run);
	}
	return taken;
}

static void a_collector_gets_back_all_that_it_lost(void **state)
{
	struct place *place = *state;

	for (unsigned i = 0; i < 20; i++)
		change(place, i);
	assert_int_equal(recall(place), 20);
	assert_true(same_digest(place->backup, place->pair->collector));
	/* Also after a restart, and after the channel was written whole. */
	for (unsigned i = 20; i < 30; i++)
		change(place, i);
	assert_int_equal(qw_rulestore_save(place->store), QW_OK);
	reopen(place);
	change(place, 30);
	assert_int_equal(recall(place), 11);
	assert_true(same_digest(place->backup, place->pair->collector));
}

static void channels_of_others_are_not_recalled(void **state)
{
	struct place *place = *state;
	struct qw_history_run run;

	change(place, 1);
	assert_int_equal(qw_rulestore_recall(place->store, "berth", (struct qw_order){1, 0}, 1000, &run), QW_EUNKNOWN);
	assert_int_equal(qw_rulestore_recall(place->store, "community", (struct qw_order){1, 1}, 1000, &run),
			 QW_ENOENT);
}

/* After a power failure: what the delta file still has is in the history again. */
static void what_the_history_lost_comes_back_from_the_deltas(void **state)
{
	struct place *place = *state;
	char command[128];

	for (unsigned i = 0; i < 5; i++)
		change(place, i);
	qw_rulestore_close(place->store);
	snprintf(command, sizeof(command), "rm -rf ./%s.history", place->path);
	assert_int_equal(system(command), 0);
	open_it(place);
	assert_int_equal(recall(place), 5);
}

static void snapshot_to(struct place *place)
{
	struct pair *pair = place->pair;
	struct qw_snapshot *snapshot;
	const uint8_t *part;
	size_t len;
	bool done = false;

	assert_int_equal(qw_snapshot_new(&snapshot, pair->collector, NULL, &pair->port.online, pair->port.delegation,
					 pair->port.delegation_len, pair->port.now),
			 QW_OK);
	for (size_t i = 0; i < qw_snapshot_parts(snapshot); i++) {
		assert_int_equal(qw_snapshot_part(snapshot, i, &part, &len), QW_OK);
		assert_int_equal(qw_rulestore_part(place->store, "community", part, len, pair->port.now, &done), QW_OK);
	}
	assert_true(done);
	qw_snapshot_free(snapshot);
}

/* Else a collector could be led onto a branch that was given up. */
static void a_set_that_came_whole_ends_the_history(void **state)
{
	struct place *place = *state;

	for (unsigned i = 0; i < 5; i++)
		change(place, i);
	commit(place->pair, QW_ENTRY_INDICATOR, 5, 1, false);
	snapshot_to(place);
	assert_int_equal(recall(place), 0);
	change(place, 6);
	assert_int_equal(recall(place), 0);
	reopen(place);
	assert_int_equal(recall(place), 0);
}

/* The two do not fit: the state folder was put together from two backups. */
static void a_history_that_leads_elsewhere_is_forgotten(void **state)
{
	struct place *place = *state;
	char command[256];

	for (unsigned i = 0; i < 3; i++)
		change(place, i);
	assert_int_equal(qw_rulestore_save(place->store), QW_OK);
	qw_rulestore_close(place->store);
	snprintf(command, sizeof(command), "cp %s ./%s/other", place->path, place->folder);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "rm -rf ./%s ./%s.deltas ./%s.history", place->path, place->path,
		 place->path);
	assert_int_equal(system(command), 0);
	qw_channel_free(place->pair->collector);
	assert_int_equal(qw_channel_new(&place->pair->collector, "community"), QW_OK);
	open_it(place);
	for (unsigned i = 10; i < 13; i++)
		change(place, i);
	qw_rulestore_close(place->store);
	snprintf(command, sizeof(command), "mv ./%s/other %s && rm ./%s.deltas", place->folder, place->path,
		 place->path);
	assert_int_equal(system(command), 0);
	open_it(place);
	assert_int_equal(recall(place), 0);
}

/* What another port signed is not told to this one's collector. */
static void a_history_of_another_port_is_forgotten(void **state)
{
	struct place *place = *state;

	for (unsigned i = 0; i < 5; i++)
		change(place, i);
	assert_int_equal(qw_rulestore_save(place->store), QW_OK);
	place->pair->port.root.public_key[0] ^= 1;
	reopen(place);
	place->pair->port.root.public_key[0] ^= 1;
	assert_int_equal(recall(place), 0);
}

static void a_history_of_another_tenant_is_forgotten(void **state)
{
	struct place *place = *state;
	struct qw_rulestore_options options = {
	    .name = {"berth", ""}, .path = {place->path, NULL}, .history_bytes = HISTORY};
	struct qw_history_run run;

	for (unsigned i = 0; i < 5; i++)
		change(place, i);
	qw_rulestore_close(place->store);
	memcpy(options.root_public, place->pair->port.root.public_key, sizeof(options.root_public));
	assert_int_equal(qw_rulestore_open(&place->store, &options), QW_OK);
	assert_int_equal(qw_rulestore_recall(place->store, "berth", (struct qw_order){1, 0}, 1000, &run), QW_ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_collector_gets_back_all_that_it_lost),           TEST(channels_of_others_are_not_recalled),
	    TEST(what_the_history_lost_comes_back_from_the_deltas), TEST(a_set_that_came_whole_ends_the_history),
	    TEST(a_history_that_leads_elsewhere_is_forgotten),      TEST(a_history_of_another_port_is_forgotten),
	    TEST(a_history_of_another_tenant_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

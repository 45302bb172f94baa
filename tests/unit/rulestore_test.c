/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/rulestore.h"

#include "tests/unit/channel_kit.h"

#include <unistd.h>

enum { ENTRIES = 5 };

/* What the store told of, and where its files are. */
struct place {
	char folder[32], path[64], deltas[80];
	unsigned changed;
};

static void note(void *ctx, const struct qw_entry *entry)
{
	((struct place *)ctx)->changed++;
}

static void place_init(struct place *place)
{
	*place = (struct place){.folder = "rulestore-XXXXXX"};
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/community.channel", place->folder);
	snprintf(place->deltas, sizeof(place->deltas), "%s.deltas", place->path);
}

static void place_fini(struct place *place)
{
	char path[96];

	unlink(place->path);
	unlink(place->deltas);
	snprintf(path, sizeof(path), "%s.refused", place->path);
	unlink(path);
	rmdir(place->folder);
}

static struct qw_rulestore *open_store(struct place *place, const struct port *port)
{
	struct qw_rulestore_options options = {.name = {"community", ""}, .path = {place->path, NULL}, .changed = note, .ctx = place};
	struct qw_rulestore *store;

	memcpy(options.root_public, port->root.public_key, sizeof(options.root_public));
	assert_int_equal(qw_rulestore_open(&store, &options), QW_OK);
	return store;
}

static enum qw_err take(struct qw_rulestore *store, struct pair *pair)
{
	unsigned number = 99;
	enum qw_err err = qw_rulestore_delta(store, pair->delta, pair->len, pair->port.now, &number);

	assert_true(err != QW_OK || number == 0);
	return err;
}

static void a_delta_is_in_force_told_of_and_there_after_a_restart(void **state)
{
	struct pair *pair = *state;
	struct place place;

	place_init(&place);
	struct qw_rulestore *store = open_store(&place, &pair->port);
	assert_false(qw_rulestore_unsaved(store));
	commit(pair, QW_ENTRY_INDICATOR, 0, ENTRIES, false);
	assert_int_equal(take(store, pair), QW_OK);
	assert_int_equal(place.changed, ENTRIES);
	assert_true(same_digest(qw_rulestore_channel(store, 0), pair->collector));
	qw_rulestore_close(store);

	store = open_store(&place, &pair->port);
	assert_true(same_digest(qw_rulestore_channel(store, 0), pair->collector));
	assert_true(qw_rulestore_unsaved(store));
	assert_int_equal(take(store, pair), QW_EEXIST);
	assert_int_equal(qw_rulestore_save(store), QW_OK);
	assert_false(qw_rulestore_unsaved(store));
	qw_rulestore_close(store);
	store = open_store(&place, &pair->port);
	assert_true(same_digest(qw_rulestore_channel(store, 0), pair->collector));
	assert_false(qw_rulestore_unsaved(store));
	qw_rulestore_close(store);
	place_fini(&place);
}

static void a_forged_delta_changes_nothing(void **state)
{
	struct pair *pair = *state;
	struct place place;

	place_init(&place);
	struct qw_rulestore *store = open_store(&place, &pair->port);
	commit(pair, QW_ENTRY_INDICATOR, 0, ENTRIES, false);
	struct fingerprint before = fingerprint(qw_rulestore_channel(store, 0));
	for (size_t at = 0; at < pair->len; at += 7) {
		pair->delta[at] ^= 1;
		assert_int_not_equal(take(store, pair), QW_OK);
		pair->delta[at] ^= 1;
	}
	assert_unchanged(qw_rulestore_channel(store, 0), &before);
	assert_int_equal(place.changed, 0);
	assert_int_equal(take(store, pair), QW_OK);
	qw_rulestore_close(store);
	place_fini(&place);
}

static void a_gap_is_told_and_not_bridged(void **state)
{
	struct pair *pair = *state;
	struct place place;

	place_init(&place);
	struct qw_rulestore *store = open_store(&place, &pair->port);
	commit(pair, QW_ENTRY_INDICATOR, 0, 1, false);
	commit(pair, QW_ENTRY_INDICATOR, 1, 1, false);
	assert_int_equal(take(store, pair), QW_EORDER);
	assert_int_equal(qw_channel_count(qw_rulestore_channel(store, 0)), 0);
	qw_rulestore_close(store);
	place_fini(&place);
}

static void a_broken_file_is_put_aside_and_the_set_fetched_anew(void **state)
{
	struct pair *pair = *state;
	struct place place;

	place_init(&place);
	FILE *file = fopen(place.path, "w");
	assert_non_null(file);
	fputs("this is no channel", file);
	fclose(file);
	struct qw_rulestore *store = open_store(&place, &pair->port);
	assert_int_equal(qw_channel_count(qw_rulestore_channel(store, 0)), 0);
	char aside[96];
	snprintf(aside, sizeof(aside), "%s.refused", place.path);
	assert_int_equal(access(aside, F_OK), 0);
	commit(pair, QW_ENTRY_INDICATOR, 0, ENTRIES, false);
	assert_int_equal(take(store, pair), QW_OK);
	qw_rulestore_close(store);
	place_fini(&place);
}

static void channels_are_found_by_name(void **state)
{
	struct pair *pair = *state;
	struct place place;

	place_init(&place);
	struct qw_rulestore *store = open_store(&place, &pair->port);
	assert_int_equal(qw_rulestore_find(store, "community"), 0);
	assert_int_equal(qw_rulestore_find(store, "berth"), QW_STORE_CHANNELS);
	assert_null(qw_rulestore_channel(store, 1));
	qw_rulestore_close(store);
	place_fini(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_delta_is_in_force_told_of_and_there_after_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(a_forged_delta_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_gap_is_told_and_not_bridged, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_file_is_put_aside_and_the_set_fetched_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(channels_are_found_by_name, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/collector_kit.h"

#include <sqlite3.h>

#include "collector/registry.h"
#include "quaywatch/request.h"
#include "collector/rulefile.h"
#include "collector/store.h"

static struct qw_store *open_store(const char *folder)
{
	struct qw_store *store = NULL;
	char path[256];

	kit_path(path, folder, "collector.db");
	assert_int_equal(qw_store_open(&store, path), QW_OK);
	return store;
}

/* As the first layout had it. */
static const char first_layout[] =
    "DROP TABLE feeds; DROP TABLE feed_health; DROP TABLE incidents; DROP TABLE strands; DROP TABLE strand_parts; DROP TABLE sighted; DROP TABLE held; DROP INDEX receipts_received; DROP INDEX indicators_id; ALTER TABLE indicators DROP COLUMN id;"
    "ALTER TABLE indicators DROP COLUMN seen; ALTER TABLE indicators DROP COLUMN seen_at;"
    "ALTER TABLE indicators DROP COLUMN renew; ALTER TABLE indicators DROP COLUMN born; PRAGMA user_version = 1;";

static enum qw_err count_row(void *ctx, const struct qw_indicator_row *row)
{
	assert_int_equal(row->born.ns, 5);
	++*(unsigned *)ctx;
	return QW_OK;
}

static void an_older_layout_is_brought_up_to_date_and_a_newer_one_refused(void **state)
{
	struct qw_store *store = open_store(*state);
	struct qw_indicator_row row = {.channel = "community", .who = "test", .why = "test", .at = {5}};
	enum { ROWS = 1500 };
	unsigned found = 0;
	char path[256], name[32];
	sqlite3 *db;

	qw_indicator_init(&row.indicator);
	row.indicator.observable.type = QW_OBS_DOMAIN;
	for (unsigned i = 0; i < ROWS; i++) {
		row.indicator.observable.len = (uint16_t)snprintf(name, sizeof(name), "evil-%u.example", i);
		memcpy(row.indicator.observable.text, name, sizeof(name));
		assert_int_equal(qw_store_put_indicator(store, &row), QW_OK);
	}
	qw_store_close(store);
	kit_path(path, *state, "collector.db");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, first_layout, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	store = open_store(*state);
	for (unsigned i = 0; i < ROWS; i++) {
		int len = snprintf(name, sizeof(name), "evil-%u.example", i);
		assert_int_equal(qw_store_find_indicator(store, qw_indicator_id(QW_OBS_DOMAIN, name, (size_t)len),
							 "community", count_row, &found),
				 QW_OK);
	}
	assert_int_equal(found, ROWS);
	qw_store_close(store);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(qw_store_open(&store, path), QW_EVERSION);
}

struct receipts {
	unsigned count;
	struct qw_receipt_row last;
};

static enum qw_err see_receipt(void *ctx, const struct qw_receipt_row *row)
{
	struct receipts *receipts = ctx;

	receipts->count++;
	receipts->last = *row;
	return QW_OK;
}

static void put_receipt(struct qw_store *store, uint64_t sequence, int64_t at, bool proven)
{
	const struct qw_receipt_row row = {"berth-100", "gate-1", "community", {1, sequence}, qw_time_ns(at), qw_time_ns(at),
					   7,		1,	  proven};

	assert_int_equal(qw_store_put_receipt(store, &row), QW_OK);
}

static void what_a_sensor_says_last_counts_and_old_receipts_go(void **state)
{
	struct qw_store *store = open_store(*state);
	struct receipts held = {0}, kept = {0};

	put_receipt(store, 4, 10, true);
	put_receipt(store, 5, 20, false);
	put_receipt(store, 5, 30, true); /* again after a connection: since when stays */
	assert_int_equal(qw_store_each_receipt(store, see_receipt, &held), QW_OK);
	assert_int_equal(held.count, 1);
	assert_int_equal(held.last.order.sequence, 5);
	assert_int_equal(held.last.applied.ns, 20);
	assert_true(held.last.proven);
	put_receipt(store, 4, 40, false); /* its disk was restored */
	assert_int_equal(qw_store_each_receipt(store, see_receipt, &held), QW_OK);
	assert_int_equal(held.last.order.sequence, 4);
	assert_int_equal(held.last.applied.ns, 40);
	assert_false(held.last.proven);
	assert_int_equal(qw_store_receipts_since(store, qw_time_ns(15), 10, see_receipt, &kept), QW_OK);
	assert_int_equal(kept.count, 1);
	assert_int_equal(qw_store_prune_receipts(store, qw_time_ns(100), 1), QW_OK);
	kept.count = 0;
	assert_int_equal(qw_store_receipts_since(store, qw_time_ns(0), 10, see_receipt, &kept), QW_OK);
	assert_int_equal(kept.count, 1);
	assert_int_equal(qw_store_prune_receipts(store, qw_time_ns(100), 10), QW_OK);
	kept.count = held.count = 0;
	assert_int_equal(qw_store_receipts_since(store, qw_time_ns(0), 10, see_receipt, &kept), QW_OK);
	assert_int_equal(qw_store_each_receipt(store, see_receipt, &held), QW_OK);
	assert_int_equal(kept.count, 0);
	assert_int_equal(held.count, 1);
	qw_store_close(store);
}

static const struct qw_identity who = {"berth-100", "gate-1"};

static void a_tenant_is_added_once(void **state)
{
	struct qw_store *store = open_store(*state);

	assert_int_equal(qw_store_add_tenant(store, "berth-100", qw_time_ns(1)), QW_OK);
	assert_int_equal(qw_store_add_tenant(store, "berth-100", qw_time_ns(2)), QW_EEXIST);
	assert_int_equal(qw_store_revoke_tenant(store, "berth-300", qw_time_ns(2)), QW_ENOENT);
	qw_store_close(store);
}

static void what_was_rolled_back_is_gone(void **state)
{
	struct qw_store *store = open_store(*state);

	assert_int_equal(qw_store_add_tenant(store, "berth-100", qw_time_ns(1)), QW_OK);
	qw_store_rollback(store);
	assert_false(qw_store_is_dirty(store));
	assert_int_equal(qw_store_add_tenant(store, "berth-100", qw_time_ns(1)), QW_OK);
	qw_store_close(store);
}

static void a_new_key_takes_the_place_of_the_old(void **state)
{
	struct qw_store *store = open_store(*state);
	struct qw_registry *registry;

	assert_int_equal(qw_registry_new(&registry), QW_OK);
	assert_int_equal(qw_store_add_tenant(store, who.tenant, qw_time_ns(1)), QW_OK);
	assert_int_equal(qw_store_put_sensor(store, &who, "old", qw_time_ns(1)), QW_OK);
	assert_int_equal(qw_registry_load(registry, store), QW_OK);
	assert_true(qw_registry_find(registry, "old")->admitted);
	assert_int_equal(qw_store_put_sensor(store, &who, "new", qw_time_ns(2)), QW_OK);
	assert_int_equal(qw_registry_load(registry, store), QW_OK);
	assert_false(qw_registry_find(registry, "old")->admitted);
	assert_true(qw_registry_find(registry, "new")->admitted);
	assert_null(qw_registry_find(registry, "other"));
	assert_int_equal(qw_store_revoke_tenant(store, who.tenant, qw_time_ns(3)), QW_OK);
	assert_int_equal(qw_registry_load(registry, store), QW_OK);
	assert_false(qw_registry_find(registry, "new")->admitted);
	assert_int_equal(qw_registry_count(registry), 0);
	qw_registry_free(registry);
	qw_store_close(store);
}

static enum qw_err see_mark(void *ctx, const struct qw_identity *identity, uint64_t epoch, uint64_t sequence,
			    struct qw_time used)
{
	assert_string_equal(identity->sensor, who.sensor);
	assert_true(epoch == UINT64_MAX);
	*(uint64_t *)ctx = sequence;
	return QW_OK;
}

static void marks_and_place_come_back(void **state)
{
	struct qw_store *store = open_store(*state);
	struct qw_journal_place place;
	uint64_t sequence = 0;

	assert_int_equal(qw_store_get_place(store, &place), QW_OK);
	assert_int_equal(place.segment, 0);
	assert_int_equal(qw_store_put_mark(store, &who, UINT64_MAX, 41, qw_time_ns(1)), QW_OK);
	assert_int_equal(qw_store_put_mark(store, &who, UINT64_MAX, 42, qw_time_ns(2)), QW_OK);
	assert_int_equal(qw_store_put_place(store, (struct qw_journal_place){3, 4}), QW_OK);
	qw_store_close(store);
	store = open_store(*state);
	assert_int_equal(qw_store_each_mark(store, see_mark, &sequence), QW_OK);
	assert_int_equal(sequence, 42);
	assert_int_equal(qw_store_get_place(store, &place), QW_OK);
	assert_int_equal(place.segment, 3);
	assert_int_equal(place.offset, 4);
	qw_store_close(store);
}

static void deltas_are_kept_until_they_are_pruned(void **state)
{
	struct qw_store *store = open_store(*state);
	uint8_t *data;
	size_t len;

	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(
		    qw_store_put_delta(store, "c", (struct qw_order){1, i}, (const uint8_t *)"abc", i, qw_time_ns(1)),
		    QW_OK);
	assert_int_equal(qw_store_prune_deltas(store, "c", (struct qw_order){1, 2}), QW_OK);
	assert_int_equal(qw_store_get_delta(store, "c", (struct qw_order){1, 2}, &data, &len), QW_ENOENT);
	assert_int_equal(qw_store_get_delta(store, "c", (struct qw_order){1, 3}, &data, &len), QW_OK);
	assert_memory_equal(data, "abc", 3);
	free(data);
	qw_store_close(store);
}

static void another_file_is_not_taken_for_ours(void **state)
{
	struct qw_store *store = NULL;
	char path[256];

	kit_write(*state, "collector.db", 0, "this is no database, but it is long enough to be looked at ............",
		  70);
	kit_path(path, *state, "collector.db");
	assert_int_equal(qw_store_open(&store, path), QW_EFORMAT);
}

/* ---- small parsers beside it */

static enum qw_err parse(struct qw_request *request, const char *line)
{
	return qw_request_parse(request, line, strlen(line));
}

static void requests_are_words(void **state)
{
	struct qw_request request;
	const char *limit = NULL, *bad = NULL;
	bool allow = false;
	const struct qw_option options[] = {{"--limit", &limit, NULL}, {"--allow", NULL, &allow}};
	size_t rest;

	assert_int_equal(
	    parse(&request, "{\"command\":[\"x\",\"a\",\"--limit\",\"5\",\"--allow\",\"b\"],\"json\":true}"), QW_OK);
	assert_true(request.json);
	assert_int_equal(qw_request_options(&request, 1, options, 2, &rest, &bad), QW_OK);
	assert_int_equal(rest, 2);
	assert_string_equal(request.word[2], "b");
	assert_string_equal(limit, "5");
	assert_true(allow);
	qw_request_fini(&request);
	assert_int_equal(parse(&request, "{\"command\":[\"x\",\"--limit\"]}"), QW_OK);
	assert_int_equal(qw_request_options(&request, 1, options, 2, &rest, &bad), QW_EINVAL);
	assert_string_equal(bad, "--limit");
	qw_request_fini(&request);
}

static void what_is_no_request_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "{",
					  "[]",
					  "{}",
					  "{\"command\":[]}",
					  "{\"command\":\"x\"}",
					  "{\"command\":[1]}",
					  "{\"command\":[\"x\"],\"command\":[\"y\"]}"};
	struct qw_request request;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(&request, bad[i]), QW_EFORMAT);
}

static void rules_are_cut_out_of_a_file(void **state)
{
	static const char text[] =
	    "# comment\n\nalert tcp any any -> any any (msg:\"sid:9; not this\"; sid: 7 ;)\n"
	    "alert udp any any -> any any (gid:3; \\\n  msg:\"two lines\"; sid:8;)\nno rule at all\n";
	struct qw_bytes in = qw_bytes(text, sizeof(text) - 1);
	struct qw_rule_text rule;
	uint32_t line = 1;

	assert_int_equal(qw_rulefile_next(&in, &line, &rule), QW_OK);
	assert_int_equal(rule.sid, 7);
	assert_int_equal(rule.gid, 1);
	assert_int_equal(rule.line, 3);
	free(rule.text);
	assert_int_equal(qw_rulefile_next(&in, &line, &rule), QW_OK);
	assert_int_equal(rule.sid, 8);
	assert_int_equal(rule.gid, 3);
	assert_null(strchr(rule.text, '\n'));
	free(rule.text);
	assert_int_equal(qw_rulefile_next(&in, &line, &rule), QW_EFORMAT);
	assert_int_equal(rule.line, 6);
	assert_int_equal(qw_rulefile_next(&in, &line, &rule), QW_ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_older_layout_is_brought_up_to_date_and_a_newer_one_refused, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(what_a_sensor_says_last_counts_and_old_receipts_go, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_tenant_is_added_once, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_was_rolled_back_is_gone, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_new_key_takes_the_place_of_the_old, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(marks_and_place_come_back, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(deltas_are_kept_until_they_are_pruned, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(another_file_is_not_taken_for_ours, kit_folder, kit_clear),
	    cmocka_unit_test(requests_are_words),
	    cmocka_unit_test(what_is_no_request_is_refused),
	    cmocka_unit_test(rules_are_cut_out_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

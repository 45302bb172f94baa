/* SPDX-License-Identifier: Apache-2.0 */
#include "channel_kit.h"

static void deltas_make_both_sides_equal(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 100, false);
	assert_int_equal(apply(pair), QW_OK);
	commit(pair, QW_ENTRY_SIGNATURE, 0, 10, false);
	assert_int_equal(apply(pair), QW_OK);
	commit(pair, QW_ENTRY_INDICATOR, 20, 30, true);
	assert_int_equal(apply(pair), QW_OK);
	assert_int_equal(qw_channel_count(pair->sensor), 80);
	assert_true(same_digest(pair->collector, pair->sensor));
	assert_int_equal(qw_channel_order(pair->sensor).sequence, 3);

	struct qw_entry found;
	const char live[] = "domain\0host7.example.org", gone[] = "domain\0host25.example.org";
	assert_true(qw_channel_find(pair->sensor, QW_ENTRY_INDICATOR, live, sizeof(live) - 1, &found));
	assert_false(found.removed);
	assert_false(qw_channel_find(pair->sensor, QW_ENTRY_ALLOW, live, sizeof(live) - 1, &found));
	assert_false(qw_channel_find(pair->sensor, QW_ENTRY_INDICATOR, gone, sizeof(gone) - 1, &found));
	assert_true(qw_channel_find(pair->sensor, QW_ENTRY_SIGNATURE, "1:10", 4, &found));
	assert_false(qw_channel_find(pair->sensor, QW_ENTRY_SIGNATURE, "1:11", 4, &found));
}

static void what_was_found_can_be_removed(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 3, false);
	assert_int_equal(apply(pair), QW_OK);
	struct qw_digest full = qw_channel_digest(pair->collector);
	struct qw_entry found;
	const char key[] = "domain\0host1.example.org";
	assert_true(qw_channel_find(pair->collector, QW_ENTRY_INDICATOR, key, sizeof(key) - 1, &found));
	found.removed = true;
	free(pair->delta);
	assert_int_equal(qw_channel_commit(pair->collector, &found, 1, &pair->port.online, pair->port.delegation,
					   pair->port.delegation_len, pair->port.now, &pair->delta, &pair->len),
			 QW_OK);
	assert_int_equal(apply(pair), QW_OK);
	assert_int_equal(qw_channel_count(pair->sensor), 2);
	commit(pair, QW_ENTRY_INDICATOR, 1, 1, false);
	assert_int_equal(apply(pair), QW_OK);
	struct qw_digest again = qw_channel_digest(pair->sensor);
	assert_memory_equal(&again, &full, sizeof(full));
}

static void digest_speaks_of_the_set_and_not_of_its_history(void **state)
{
	struct pair *pair = *state;
	struct qw_channel *other = pair->sensor;
	commit(pair, QW_ENTRY_INDICATOR, 0, 50, false);
	commit(pair, QW_ENTRY_ALLOW, 0, 5, false);
	commit(pair, QW_ENTRY_INDICATOR, 50, 1, false);
	commit(pair, QW_ENTRY_INDICATOR, 50, 1, true);
	commit_ok(&pair->port, other, QW_ENTRY_ALLOW, 0, 5);
	for (unsigned n = 50; n-- > 0;)
		commit_ok(&pair->port, other, QW_ENTRY_INDICATOR, n, 1);
	assert_true(same_digest(pair->collector, other));
	commit_ok(&pair->port, other, QW_ENTRY_INDICATOR, 99, 1);
	assert_false(same_digest(pair->collector, other));
}

static void answer_depends_on_nonce_and_set(void **state)
{
	struct pair *pair = *state;
	uint8_t one[16] = {1}, two[16] = {2};
	struct qw_digest empty = qw_channel_answer(pair->collector, one);
	commit(pair, QW_ENTRY_INDICATOR, 0, 1, false);
	struct qw_digest first = qw_channel_answer(pair->collector, one);
	struct qw_digest second = qw_channel_answer(pair->collector, two);
	assert_memory_not_equal(&first, &second, sizeof(first));
	assert_memory_not_equal(&first, &empty, sizeof(first));
	assert_int_equal(apply(pair), QW_OK);
	struct qw_digest theirs = qw_channel_answer(pair->sensor, one);
	assert_memory_equal(&first, &theirs, sizeof(first));
}

static void a_replayed_delta_is_known(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 3, false);
	assert_int_equal(apply(pair), QW_OK);
	refuse(pair, QW_EEXIST);
}

static void a_gap_is_refused(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 3, false);
	commit(pair, QW_ENTRY_INDICATOR, 3, 3, false);
	refuse(pair, QW_EORDER);
}

static void another_history_is_refused(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 3, false);
	commit_ok(&pair->port, pair->sensor, QW_ENTRY_INDICATOR, 7, 1);
	commit(pair, QW_ENTRY_INDICATOR, 3, 3, false);
	refuse(pair, QW_EORDER);
}

static void an_older_term_is_refused(void **state)
{
	struct pair *pair = *state;
	const struct port *port = &pair->port;
	uint8_t *term;
	size_t term_len;
	assert_int_equal(qw_channel_commit_term(pair->sensor, 2, &port->online, port->delegation, port->delegation_len,
						port->now, &term, &term_len),
			 QW_OK);
	free(term);
	commit(pair, QW_ENTRY_INDICATOR, 0, 1, false);
	refuse(pair, QW_EORDER);
}

static void a_new_term_takes_its_right(void **state)
{
	struct pair *pair = *state;
	struct port *port = &pair->port;
	commit(pair, QW_ENTRY_INDICATOR, 0, 1, false);
	assert_int_equal(apply(pair), QW_OK);
	free(pair->delta);
	pair->delta = NULL;
	assert_int_equal(qw_channel_commit_term(pair->collector, 1, &port->online, port->delegation,
						port->delegation_len, port->now, &pair->delta, &pair->len),
			 QW_EORDER);
	assert_int_equal(qw_channel_commit_term(pair->collector, 5, &port->online, port->delegation,
						port->delegation_len, port->now, &pair->delta, &pair->len),
			 QW_OK);
	assert_int_equal(apply(pair), QW_OK);
	assert_int_equal(qw_channel_order(pair->sensor).term, 5);
	assert_int_equal(qw_channel_order(pair->sensor).sequence, 1);
	commit(pair, QW_ENTRY_INDICATOR, 1, 1, false);
	assert_int_equal(apply(pair), QW_OK);
	port_delegate(port, QW_RIGHT_INDICATORS, 1000, 2000);
	uint8_t *none;
	size_t len;
	assert_int_equal(qw_channel_commit_term(pair->collector, 6, &port->online, port->delegation,
						port->delegation_len, port->now, &none, &len),
			 QW_ESIGN);
}

static void every_flipped_byte_is_refused(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 3, false);
	struct fingerprint before = fingerprint(pair->sensor);
	for (size_t at = 0; at < pair->len; at++) {
		for (unsigned bit = 0; bit < 8; bit += 3) {
			pair->delta[at] ^= (uint8_t)(1 << bit);
			enum qw_err err = apply(pair);
			assert_true(err == QW_ESIGN || err == QW_EFORMAT);
			pair->delta[at] ^= (uint8_t)(1 << bit);
		}
	}
	assert_unchanged(pair->sensor, &before);
	assert_int_equal(apply(pair), QW_OK);
}

static void every_truncation_is_refused(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 3, false);
	struct fingerprint before = fingerprint(pair->sensor);
	for (size_t len = 0; len < pair->len; len++) {
		enum qw_err err = port_apply(&pair->port, pair->sensor, pair->delta, len);
		assert_true(err == QW_ESIGN || err == QW_EFORMAT);
	}
	assert_unchanged(pair->sensor, &before);
}

static void a_delta_of_another_channel_is_refused(void **state)
{
	struct pair *pair = *state;
	struct qw_channel *berth;
	assert_int_equal(qw_channel_new(&berth, "berth-100"), QW_OK);
	assert_int_equal(port_commit(&pair->port, berth, QW_ENTRY_INDICATOR, 0, 1, false, &pair->delta, &pair->len),
			 QW_OK);
	qw_channel_free(berth);
	refuse(pair, QW_ESIGN);
}

static void a_delegation_holds_for_its_time_only(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 1, false);
	pair->port.now = qw_time_seconds(2001);
	refuse(pair, QW_ESIGN);
	uint8_t *none;
	size_t len;
	assert_int_equal(port_commit(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 1, false, &none, &len),
			 QW_ESIGN);
	pair->port.now = qw_time_seconds(999);
	refuse(pair, QW_ESIGN);
	pair->port.now = qw_time_seconds(2000);
	assert_int_equal(apply(pair), QW_OK);
}

static void a_key_changes_only_what_it_may(void **state)
{
	struct pair *pair = *state;
	static const enum qw_right rights[] = {QW_RIGHT_INDICATORS, QW_RIGHT_ALLOW, QW_RIGHT_SIGNATURES};
	static const enum qw_entry_kind kinds[] = {QW_ENTRY_INDICATOR, QW_ENTRY_ALLOW, QW_ENTRY_SIGNATURE};
	for (unsigned at = 0; at < 9; at++) {
		port_delegate(&pair->port, rights[at / 3], 1000, 2000);
		struct fingerprint before = fingerprint(pair->collector);
		free(pair->delta);
		pair->delta = NULL;
		enum qw_err err =
		    port_commit(&pair->port, pair->collector, kinds[at % 3], at, 1, false, &pair->delta, &pair->len);
		assert_int_equal(err, at / 3 == at % 3 ? QW_OK : QW_ESIGN);
		if (err)
			assert_unchanged(pair->collector, &before);
	}
}

static void another_root_is_refused(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 1, false);
	qw_sign_generate(&pair->port.root);
	refuse(pair, QW_ESIGN);
}

static void a_key_that_was_not_delegated_cannot_commit(void **state)
{
	struct pair *pair = *state;
	qw_sign_generate(&pair->port.online);
	uint8_t *none;
	size_t len;
	assert_int_equal(port_commit(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 1, false, &none, &len),
			 QW_ESIGN);
}

static void a_delta_that_is_too_large_is_taken_back(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 5, false);
	struct fingerprint before = fingerprint(pair->collector);
	uint8_t *none;
	size_t len;
	assert_int_equal(port_commit(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 3, 40000, false, &none, &len),
			 QW_ELIMIT);
	assert_unchanged(pair->collector, &before);
	commit(pair, QW_ENTRY_INDICATOR, 0, 5, true);
	assert_int_equal(qw_channel_count(pair->collector), 0);
}

static void one_bad_entry_refuses_the_whole_commit(void **state)
{
	struct pair *pair = *state;
	struct qw_entry entries[2] = {entry_make(QW_ENTRY_INDICATOR, 1, 0), entry_make(QW_ENTRY_ALLOW, 2, 0)};
	struct fingerprint before = fingerprint(pair->collector);
	entries[1].kind = QW_ENTRY_INDICATOR;
	assert_int_equal(qw_channel_commit(pair->collector, entries, 2, &pair->port.online, pair->port.delegation,
					   pair->port.delegation_len, pair->port.now, &pair->delta, &pair->len),
			 QW_EFORMAT);
	assert_unchanged(pair->collector, &before);
	entry_free(&entries[0]);
	entry_free(&entries[1]);
}

static void one_key_twice_in_a_delta_ends_as_the_last(void **state)
{
	struct pair *pair = *state;
	struct qw_entry entries[3] = {entry_make(QW_ENTRY_INDICATOR, 1, 0), entry_make(QW_ENTRY_INDICATOR, 1, 1),
				      entry_make(QW_ENTRY_INDICATOR, 1, 2)};
	entries[1].removed = true;
	assert_int_equal(qw_channel_commit(pair->collector, entries, 3, &pair->port.online, pair->port.delegation,
					   pair->port.delegation_len, pair->port.now, &pair->delta, &pair->len),
			 QW_OK);
	assert_int_equal(apply(pair), QW_OK);
	assert_int_equal(qw_channel_count(pair->sensor), 1);
	struct qw_entry found;
	const char key[] = "domain\0host1.example.org";
	assert_true(qw_channel_find(pair->sensor, QW_ENTRY_INDICATOR, key, sizeof(key) - 1, &found));
	assert_int_equal(found.body_len, entries[2].body_len);
	assert_memory_equal(found.body, entries[2].body, found.body_len);
	for (unsigned at = 0; at < 3; at++)
		entry_free(&entries[at]);
}

static void count_changed(void *ctx, const struct qw_entry *entry)
{
	unsigned *seen = ctx;
	seen[entry->removed]++;
	assert_int_equal(entry->kind, QW_ENTRY_INDICATOR);
}

static void changed_hears_each_entry_of_an_applied_delta(void **state)
{
	struct pair *pair = *state;
	const struct port *port = &pair->port;
	unsigned seen[2] = {0};
	commit(pair, QW_ENTRY_INDICATOR, 0, 7, false);
	assert_int_equal(qw_channel_apply(pair->sensor, pair->delta, pair->len, port->root.public_key, port->now,
					  count_changed, seen),
			 QW_OK);
	commit(pair, QW_ENTRY_INDICATOR, 2, 3, true);
	assert_int_equal(qw_channel_apply(pair->sensor, pair->delta, pair->len, port->root.public_key, port->now,
					  count_changed, seen),
			 QW_OK);
	assert_int_equal(qw_channel_apply(pair->sensor, pair->delta, pair->len, port->root.public_key, port->now,
					  count_changed, seen),
			 QW_EEXIST);
	assert_int_equal(seen[0], 7);
	assert_int_equal(seen[1], 3);
}

static void the_head_of_a_delta_tells_what_it_is(void **state)
{
	struct pair *pair = *state;
	commit(pair, QW_ENTRY_INDICATOR, 0, 7, false);
	struct qw_delta_head head;
	assert_int_equal(qw_delta_head(&head, pair->delta, pair->len), QW_OK);
	assert_string_equal(head.channel, "community");
	assert_int_equal(head.order.term, 1);
	assert_int_equal(head.order.sequence, 1);
	assert_int_equal(head.entries, 7);
	assert_int_equal(head.created.ns, pair->port.now.ns);
	struct qw_digest before = qw_channel_digest(pair->sensor), after = qw_channel_digest(pair->collector);
	assert_memory_equal(&head.before, &before, sizeof(before));
	assert_memory_equal(&head.after, &after, sizeof(after));
	assert_int_equal(qw_delta_head(&head, pair->delta, pair->len / 2), QW_EFORMAT);
}

static void names_that_would_spoil_a_log_are_refused(void **state)
{
	struct qw_channel *none;
	char longest[QW_CHANNEL_NAME_MAX + 2];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	assert_int_equal(qw_channel_new(&none, ""), QW_EINVAL);
	assert_int_equal(qw_channel_new(&none, "a\nb"), QW_EINVAL);
	assert_int_equal(qw_channel_new(&none, longest), QW_EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(deltas_make_both_sides_equal),
	    TEST(what_was_found_can_be_removed),
	    TEST(digest_speaks_of_the_set_and_not_of_its_history),
	    TEST(answer_depends_on_nonce_and_set),
	    TEST(a_replayed_delta_is_known),
	    TEST(a_gap_is_refused),
	    TEST(another_history_is_refused),
	    TEST(an_older_term_is_refused),
	    TEST(a_new_term_takes_its_right),
	    TEST(every_flipped_byte_is_refused),
	    TEST(every_truncation_is_refused),
	    TEST(a_delta_of_another_channel_is_refused),
	    TEST(a_delegation_holds_for_its_time_only),
	    TEST(a_key_changes_only_what_it_may),
	    TEST(another_root_is_refused),
	    TEST(a_key_that_was_not_delegated_cannot_commit),
	    TEST(a_delta_that_is_too_large_is_taken_back),
	    TEST(one_bad_entry_refuses_the_whole_commit),
	    TEST(one_key_twice_in_a_delta_ends_as_the_last),
	    TEST(changed_hears_each_entry_of_an_applied_delta),
	    TEST(the_head_of_a_delta_tells_what_it_is),
	    TEST(names_that_would_spoil_a_log_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a collector gets back from sensors that answer, do not, or lie. */
#include "tests/unit/collector_restoration_kit.h"

static enum qw_err count_row(void *ctx, const struct qw_indicator_row *row)
{
	*(size_t *)ctx += row->revoked.ns == 0;
	return QW_OK;
}

static size_t rows_in_force(struct rig *rig)
{
	size_t count = 0;

	assert_int_equal(qw_store_each_indicator(rig->store, QW_COMMUNITY, NULL, 1000, count_row, &count), QW_OK);
	return count;
}

/* All is here, and is here again after a restart. */
static void assert_whole(struct rig *rig)
{
	struct qw_channel *channel;
	uint8_t *delta;
	size_t len;

	for (unsigned turn = 0; turn < 2; turn++) {
		assert_int_equal(ours(rig).sequence, MADE);
		assert_int_equal(qw_channels_get(&channel, rig->channels, QW_COMMUNITY), QW_OK);
		assert_int_equal(rows_in_force(rig), qw_channel_count(channel));
		for (unsigned i = KEPT + 1; i <= MADE; i++) {
			assert_int_equal(
			    qw_store_get_delta(rig->store, QW_COMMUNITY, (struct qw_order){1, i}, &delta, &len), QW_OK);
			assert_int_equal(len, rig->len[i]);
			assert_memory_equal(delta, rig->delta[i], len);
			free(delta);
		}
		close_collector(rig);
		open_collector(rig);
	}
}

/* ---- tests */

static void all_that_was_lost_comes_back(void **state)
{
	struct rig *rig = *state;

	connect(rig, 0, HONEST, MADE);
	assert_true(holds(rig));
	play(rig);
	assert_false(holds(rig));
	assert_int_equal(stats(rig).recovered, MADE - KEPT);
	assert_int_equal(stats(rig).bad, 0);
	assert_true(rig->allow_changes > 0);
	assert_whole(rig);
}

static enum qw_err see_row(void *ctx, const struct qw_indicator_row *row)
{
	struct qw_indicator_row *out = ctx;

	*out = *row;
	assert_string_equal(row->who, "recovered");
	out->who = out->why = out->channel = NULL;
	return QW_OK;
}

static void rows_tell_what_the_entries_carry(void **state)
{
	struct rig *rig = *state;
	struct qw_observable observable;
	struct qw_indicator_row row = {0};
	struct qw_order order;

	connect(rig, 0, HONEST, MADE);
	play(rig);
	assert_int_equal(qw_observable_parse(&observable, QW_OBS_DOMAIN, "n32.example", 11, NULL), QW_OK);
	assert_int_equal(qw_store_each_indicator(rig->store, QW_COMMUNITY, &observable, 1, see_row, &row), QW_OK);
	assert_int_equal(row.indicator.confidence, 66);
	assert_string_equal(row.indicator.source, "partner");
	assert_int_equal(row.at.ns, made_at(rig, 32).ns);
	assert_int_equal(qw_store_find_order(rig->store, QW_COMMUNITY, row.at, &order), QW_OK);
	assert_int_equal(order.sequence, 32);
	assert_int_equal(qw_observable_parse(&observable, QW_OBS_DOMAIN, "n39.example", 11, NULL), QW_OK);
	assert_int_equal(qw_store_each_indicator(rig->store, QW_COMMUNITY, &observable, 1, see_row, &row), QW_OK);
	assert_int_equal(row.revoked.ns, made_at(rig, 40).ns);
}

static void who_holds_most_is_asked_first(void **state)
{
	struct rig *rig = *state;

	connect(rig, 0, SILENT, 30); /* occupies the place until the others are there */
	connect(rig, 1, HONEST, 35);
	connect(rig, 2, HONEST, MADE);
	wait(rig, 3100);
	assert_int_equal(rig->whom, 2);
	play(rig);
	assert_whole(rig);
}

static void one_that_is_silent_is_passed_over(void **state)
{
	struct rig *rig = *state;

	connect(rig, 0, SILENT, MADE + 10);
	connect(rig, 1, HONEST, MADE);
	assert_int_equal(rig->whom, 0);
	wait(rig, 2900);
	assert_int_equal(rig->whom, 0);
	wait(rig, 200);
	assert_int_equal(rig->whom, 1);
	play(rig);
	assert_int_equal(ours(rig).sequence, MADE);
	/* It may owe one answer; then it is let go. */
	wait(rig, 3100);
	wait(rig, 3100);
	assert_int_equal(rig->recalls[0], 2);
	assert_int_equal(peer_of(rig, 0)->unbacked, 1);
	assert_true(holds(rig)); /* another may come and have it */
	wait(rig, 30000);
	assert_false(holds(rig));
	assert_int_equal(stats(rig).failed, 1);
	assert_whole(rig);
}

static void one_that_does_not_read_does_not_stand_before_the_others(void **state)
{
	struct rig *rig = *state;

	connect(rig, 0, DEAF, MADE + 10);
	connect(rig, 1, HONEST, MADE);
	for (unsigned i = 0; i < 10; i++) {
		wait(rig, 100);
		play(rig);
	}
	assert_int_equal(ours(rig).sequence, MADE);
	assert_true(holds(rig));
	wait(rig, HOLD_S * 1000);
	assert_false(holds(rig));
	assert_int_equal(stats(rig).failed, 1);
	assert_whole(rig);
}

static void forged_changes_are_not_taken_and_others_are_asked(void **state)
{
	struct rig *rig = *state;

	connect(rig, 0, FORGES, MADE);
	connect(rig, 1, HONEST, MADE);
	play(rig);
	assert_int_equal(stats(rig).bad, 1);
	assert_int_equal(stats(rig).recovered, MADE - KEPT);
	assert_int_equal(rig->recalls[0], 1);
	assert_false(holds(rig));
	assert_whole(rig);
}

static void what_we_hold_already_is_no_answer(void **state)
{
	struct rig *rig = *state;

	connect(rig, 0, REPEATS, MADE);
	play(rig);
	assert_int_equal(rig->recalls[0], 1);
	assert_int_equal(ours(rig).sequence, KEPT);
	connect(rig, 1, HONEST, MADE);
	play(rig);
	assert_whole(rig);
}

static void one_that_gives_little_does_not_stand_before_the_others(void **state)
{
	struct rig *rig = *state;

	connect(rig, 0, DRIBBLES, MADE + 1000);
	connect(rig, 1, HONEST, MADE);
	for (unsigned i = 0; i < 8; i++)
		assert_true(answer(rig));
	assert_int_equal(ours(rig).sequence, MADE);
	assert_true(rig->recalls[1] >= 4);
}

static void what_nobody_has_is_given_up_in_time(void **state)
{
	struct rig *rig = *state;
	char sentence[QW_RESTORATION_SENTENCE_MAX];

	connect(rig, 0, WITHOUT, MADE);
	play(rig);
	assert_int_equal(stats(rig).lacking, 1);
	assert_true(qw_restoration_holds(rig->restoration, QW_COMMUNITY, rig->now, sentence));
	assert_non_null(strstr(sentence, "30 changes of community"));
	assert_non_null(strstr(sentence, "try again in a moment"));
	assert_false(qw_restoration_holds(rig->restoration, "t0", rig->now, NULL));
	wait(rig, (HOLD_S - 1) * 1000);
	assert_int_equal(stats(rig).failed, 0);
	wait(rig, 2000);
	assert_int_equal(stats(rig).failed, 1);
	assert_false(holds(rig));
	assert_int_equal(peer_of(rig, 0)->unbacked, 0); /* it said so honestly */
	/* One that comes later and has it is asked all the same. */
	connect(rig, 1, HONEST, MADE);
	assert_false(holds(rig));
	play(rig);
	assert_whole(rig);
}

static void a_claim_without_end_does_not_hold_up_twice(void **state)
{
	struct rig *rig = *state;

	connect(rig, 0, SILENT, UINT64_MAX);
	assert_true(holds(rig));
	for (unsigned i = 0; i < HOLD_S; i++)
		wait(rig, 1000);
	assert_false(holds(rig));
	for (unsigned i = 0; i < 5; i++) {
		connect(rig, 0, SILENT, UINT64_MAX);
		assert_false(holds(rig));
		wait(rig, 1000);
	}
	/* Nor if it goes before it is given up: a new connection is a new claim. */
	connect(rig, 1, HONEST, MADE);
	play(rig);
	wait(rig, 4000); /* the other owes an answer */
	play(rig);
	assert_int_equal(ours(rig).sequence, MADE);
	wait(rig, HOLD_S * 1000 / 3 + 1); /* changes came in: perhaps there are more */
	assert_false(holds(rig));
}

static void one_that_comes_and_goes_has_one_hold_in_all(void **state)
{
	struct rig *rig = *state;
	struct qw_time began = rig->now;
	unsigned held = 0;

	for (unsigned i = 0; i < 60; i++) {
		connect(rig, 0, SILENT, MADE);
		held += holds(rig);
		wait(rig, 500);
		qw_peers_drop(rig->peers, peer_of(rig, 0));
		wait(rig, 3500); /* nobody claims anything any more: it ends */
	}
	assert_true(rig->now.ns - began.ns > 4 * HOLD_S * QW_NS_PER_S);
	assert_true(held > 0 && held <= HOLD_S / 4 + 1);
}

static void a_fork_is_told_and_not_joined(void **state)
{
	struct rig *rig = *state;
	uint8_t *delta;
	size_t len;
	struct qw_channel *channel;

	/* The collector went on by itself before the sensors came. */
	assert_int_equal(qw_channels_get(&channel, rig->channels, QW_COMMUNITY), QW_OK);
	uint8_t *body;
	struct qw_entry entry = entry_of(777, false, &body);
	assert_int_equal(qw_channels_commit(rig->channels, QW_COMMUNITY, &entry, 1, rig->wall, &delta, &len), QW_OK);
	free(body);
	free(delta);
	connect(rig, 0, ELSEWHERE, MADE);
	play(rig);
	assert_int_equal(ours(rig).sequence, KEPT + 1);
	assert_int_equal(stats(rig).recovered, 0);
	assert_int_equal(stats(rig).bad, 1);
	wait(rig, 31000);
	assert_false(holds(rig));
}

static void an_answer_that_nobody_waits_for_is_passed_over(void **state)
{
	struct rig *rig = *state;
	ProtobufCBinaryData row = {rig->len[KEPT + 1], rig->delta[KEPT + 1]};

	connect(rig, 0, HONEST, MADE);
	connect(rig, 1, HONEST, MADE);
	assert_int_equal(rig->whom, 0);
	send_deltas(rig, 1, rig->after, &row, 1);                     /* was not asked */
	send_deltas(rig, 0, (struct qw_order){1, KEPT - 1}, &row, 1); /* not this */
	assert_int_equal(stats(rig).unasked, 2);
	assert_int_equal(ours(rig).sequence, KEPT);
	play(rig);
	send_deltas(rig, 0, ours(rig), &row, 1); /* it is over */
	assert_int_equal(stats(rig).unasked, 3);
	assert_whole(rig);
}

/* The delegation that was good when the change was made has ended since. */
static void an_ended_delegation_is_good_for_what_it_signed(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; i <= MADE; i++)
		free(rig->delta[i]);
	delegate(rig, -86400, -1800); /* ended half an hour ago; the last change is an hour old */
	memset(rig->delta, 0, sizeof(rig->delta));
	make_history(rig, rig->delta, rig->len, 1, 0);
	close_collector(rig);
	char path[256];
	kit_path(path, rig->folder, "collector.db");
	unlink(path);
	kit_path(path, rig->folder, "channels/community");
	unlink(path);
	open_collector(rig);
	connect(rig, 0, HONEST, MADE);
	play(rig);
	assert_whole(rig);
}

/* Somebody has a key whose time was over before our newest change: what he signs today for then is nothing. */
static void an_old_key_has_no_word_in_what_came_later(void **state)
{
	struct rig *rig = *state;
	struct qw_channel *channel;

	assert_int_equal(qw_channel_new(&channel, QW_COMMUNITY), QW_OK);
	for (unsigned i = 1; i <= KEPT; i++)
		assert_int_equal(qw_channel_apply(channel, rig->delta[i], rig->len[i], rig->root.public_key,
						  made_at(rig, i), NULL, NULL),
				 QW_OK);
	qw_sign_generate(&rig->signer.online);
	delegate(rig, -100 * 86400, -10 * 86400);
	free(rig->delta[KEPT + 1]);
	make_change(rig, channel, KEPT + 1, 0, qw_time_sub(rig->wall, qw_time_seconds(11 * 86400)),
		    &rig->delta[KEPT + 1], &rig->len[KEPT + 1]);
	qw_channel_free(channel);
	connect(rig, 0, HONEST, MADE);
	play(rig);
	assert_int_equal(stats(rig).bad, 1);
	assert_int_equal(ours(rig).sequence, KEPT);
}

static void nothing_is_published_meanwhile(void **state)
{
	struct rig *rig = *state;
	struct qw_fanout_parts parts = {rig->channels, rig->store, rig->peers, &rig->signer, {hear, rig}};
	struct qw_fanout *fanout;
	struct qw_reason reason = {"test", "test"};
	struct qw_indicator indicator;

	rig->now = qw_time_monotonic();
	assert_int_equal(qw_fanout_new(&fanout, &parts), QW_OK);
	struct qw_publication publication = {rig->store, rig->channels, fanout, &rig->allow_changes, rig->restoration};
	size_t rows = rows_in_force(rig);
	connect(rig, 0, HONEST, MADE);
	qw_indicator_init(&indicator);
	assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_DOMAIN, "bad.example", 11, NULL), QW_OK);
	assert_int_equal(qw_publish_indicators(&publication, QW_COMMUNITY, &indicator, 1, &reason, rig->wall),
			 QW_EAGAIN);
	assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_DOMAIN, "n1.example", 10, NULL), QW_OK);
	assert_int_equal(qw_publish_removal(&publication, QW_COMMUNITY, &indicator.observable, false, rig->wall),
			 QW_EAGAIN);
	assert_int_equal(rows_in_force(rig), rows);
	assert_int_equal(ours(rig).sequence, KEPT);
	/* Other channels go on. */
	assert_int_equal(qw_publish_indicators(&publication, "t0", &indicator, 1, &reason, rig->wall), QW_OK);
	play(rig);
	assert_int_equal(qw_publish_removal(&publication, QW_COMMUNITY, &indicator.observable, false, rig->wall),
			 QW_OK);
	assert_int_equal(ours(rig).sequence, MADE + 1);
	qw_fanout_free(fanout);
}

static void it_is_settled_when_all_have_come_or_time_went_by(void **state)
{
	struct rig *rig = *state;

	rig->expected = 2;
	assert_false(qw_restoration_is_settled(rig->restoration, rig->now));
	connect(rig, 0, HONEST, MADE);
	assert_false(qw_restoration_is_settled(rig->restoration, rig->now));
	connect(rig, 1, HONEST, KEPT);
	assert_false(qw_restoration_is_settled(rig->restoration, rig->now)); /* it is being recovered */
	play(rig);
	assert_true(qw_restoration_is_settled(rig->restoration, rig->now));
	close_collector(rig);
	rig->expected = 3;
	open_collector(rig);
	assert_false(qw_restoration_is_settled(rig->restoration, qw_time_add(rig->now, qw_time_seconds(HOLD_S - 1))));
	assert_true(qw_restoration_is_settled(rig->restoration, qw_time_add(rig->now, qw_time_seconds(HOLD_S))));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_that_was_lost_comes_back),
	    TEST(rows_tell_what_the_entries_carry),
	    TEST(who_holds_most_is_asked_first),
	    TEST(one_that_is_silent_is_passed_over),
	    TEST(one_that_does_not_read_does_not_stand_before_the_others),
	    TEST(forged_changes_are_not_taken_and_others_are_asked),
	    TEST(what_we_hold_already_is_no_answer),
	    TEST(one_that_gives_little_does_not_stand_before_the_others),
	    TEST(what_nobody_has_is_given_up_in_time),
	    TEST(a_claim_without_end_does_not_hold_up_twice),
	    TEST(one_that_comes_and_goes_has_one_hold_in_all),
	    TEST(a_fork_is_told_and_not_joined),
	    TEST(an_answer_that_nobody_waits_for_is_passed_over),
	    TEST(an_ended_delegation_is_good_for_what_it_signed),
	    TEST(an_old_key_has_no_word_in_what_came_later),
	    TEST(nothing_is_published_meanwhile),
	    TEST(it_is_settled_when_all_have_come_or_time_went_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether every watcher is shown every event, in order, and time goes on. */
#include "watch_kit.h"

#include "event_kit.h"

struct fixture {
	struct qw_config *config;
	struct qw_watch *watch;
	struct watch_kit kit;
};

/* Two watchers that write down here what happens to them. */
static unsigned made, freed, saved, shown, ticked, order;
static struct qw_world *seen_world;

static enum qw_err make(void **state, struct qw_world *world)
{
	static int something;
	*state = &something;
	seen_world = world;
	made++;
	return QW_OK;
}

static enum qw_err make_wrong(void **state, struct qw_world *world)
{
	return QW_EFORMAT;
}

static void free_it(void *state)
{
	freed++;
}

static void save(void *state)
{
	saved++;
}

static void seen_first(void *state, const struct qw_seen *seen)
{
	shown++;
	order = order * 10 + 1;
}

static void seen_second(void *state, const struct qw_seen *seen)
{
	shown++;
	order = order * 10 + 2;
}

static void tick(void *state, struct qw_time now)
{
	assert_int_equal(now.ns, qw_world_now(seen_world).ns);
	ticked++;
}

static size_t dress(void *state, void *event, size_t size, size_t room)
{
	struct qw_event_writer writer = {.event = event, .room = room - sizeof(struct qw_event)};
	qw_event_put_text(&writer, QW_KEY_OT_DEVICE_NAME, "dressed");
	return qw_event_size(writer.event);
}

static const struct qw_watcher_ops first = {.name = "first", .make = make, .free = free_it, .seen = seen_first, .save = save};
static const struct qw_watcher_ops second = {.name = "second", .make = make, .free = free_it, .seen = seen_second, .tick = tick, .dress = dress};
static const struct qw_watcher_ops wrong = {.name = "wrong", .make = make_wrong, .free = free_it, .seen = seen_first};

static enum qw_err start(struct fixture *f, const struct qw_watcher_ops *const *watchers, bool live)
{
	made = freed = saved = shown = ticked = order = 0;
	memset(f, 0, sizeof(*f));
	assert_int_equal(qw_config_new(&f->config, qw_watch_settings, QW_WATCH_KEYS), QW_OK);
	struct qw_watch_options options = {.config = f->config, .live = live, .emit = watch_kit_emit, .ctx = &f->kit, .watchers = watchers};
	return qw_watch_new(&f->watch, &options);
}

static void stop(struct fixture *f)
{
	qw_watch_free(f->watch);
	qw_config_free(f->config);
}

static bool show(struct fixture *f, int64_t at, bool watch_only)
{
	static struct kit_event event;
	qw_event_begin(&event.writer, event.memory, sizeof(event.memory), QW_EVENT_FLOW, qw_time_seconds(at));
	if (watch_only)
		qw_event_put_u64(&event.writer, QW_KEY_WATCH_ONLY, 1);
	return qw_watch_event(f->watch, event.memory, kit_size(&event));
}

static const struct qw_watcher_ops *const both[] = {&first, &second, NULL};

static void every_watcher_is_shown_every_event_in_order(void **state)
{
	struct fixture f;
	assert_int_equal(start(&f, both, false), QW_OK);
	assert_true(show(&f, 100, false));
	assert_true(show(&f, 100, false));
	assert_int_equal(order, 1212);
	assert_int_equal(qw_watch_counters(f.watch).events, 2);
	stop(&f);
	assert_int_equal(freed, 2);
}

static void what_nobody_asked_for_is_for_the_watch_alone(void **state)
{
	struct fixture f;
	assert_int_equal(start(&f, both, false), QW_OK);
	assert_false(show(&f, 100, true));
	assert_int_equal(shown, 2);
	stop(&f);
}

static void a_damaged_event_is_counted_and_shown_to_nobody(void **state)
{
	struct fixture f;
	struct kit_event event;
	assert_int_equal(start(&f, both, false), QW_OK);
	kit_begin(&event, QW_EVENT_FLOW);
	qw_event_put(&event.writer, QW_KEY_SRC_IP, "short", 5);
	assert_true(qw_watch_event(f.watch, event.memory, kit_size(&event)));
	assert_int_equal(shown, 0);
	assert_int_equal(qw_watch_counters(f.watch).damaged, 1);
	stop(&f);
}

static void packet_time_moves_the_watch_of_files(void **state)
{
	struct fixture f;
	assert_int_equal(start(&f, both, false), QW_OK);
	show(&f, 100, false);
	show(&f, 100, false);
	show(&f, 99, false);
	assert_int_equal(ticked, 1);
	show(&f, 101, false);
	assert_int_equal(ticked, 2);
	stop(&f);
}

static void only_the_clock_moves_the_live_watch(void **state)
{
	struct fixture f;
	assert_int_equal(start(&f, both, true), QW_OK);
	show(&f, 5000, false); /* a packet with a false time */
	assert_int_equal(ticked, 0);
	qw_watch_tick(f.watch, qw_time_seconds(100), 0);
	assert_int_equal(ticked, 1);
	stop(&f);
}

static void a_clock_that_is_set_back_does_not_stop_the_watch(void **state)
{
	struct fixture f;
	assert_int_equal(start(&f, both, true), QW_OK);
	qw_watch_tick(f.watch, qw_time_seconds(90000), 0);
	qw_watch_tick(f.watch, qw_time_seconds(89990), 0); /* a little: stands still */
	assert_int_equal(ticked, 1);
	assert_int_equal(qw_world_now(seen_world).ns, 90000 * QW_NS_PER_S);
	qw_watch_tick(f.watch, qw_time_seconds(1000), 0);
	assert_int_equal(qw_world_now(seen_world).ns, 1000 * QW_NS_PER_S);
	qw_watch_tick(f.watch, qw_time_seconds(1001), 0);
	assert_int_equal(ticked, 3);
	stop(&f);
}

static void the_late_end_of_a_flow_does_not_move_time_back(void **state)
{
	static struct kit_event event;
	struct fixture f;
	assert_int_equal(start(&f, both, false), QW_OK);
	show(&f, 5000, false);
	qw_event_begin(&event.writer, event.memory, sizeof(event.memory), QW_EVENT_FLOW, qw_time_seconds(4000));
	qw_event_put_text(&event.writer, QW_KEY_FLOW_REASON, "timeout");
	assert_true(qw_watch_event(f.watch, event.memory, kit_size(&event)));
	assert_int_equal(qw_world_now(seen_world).ns, 5000 * QW_NS_PER_S);
	show(&f, 4000, false); /* another capture */
	assert_int_equal(qw_world_now(seen_world).ns, 4000 * QW_NS_PER_S);
	stop(&f);
}

static void what_was_lost_makes_blind_for_the_time_before(void **state)
{
	struct fixture f;
	assert_int_equal(start(&f, both, true), QW_OK);
	qw_watch_tick(f.watch, qw_time_seconds(100), 0);
	assert_false(qw_world_is_blind(seen_world, qw_time_seconds(0)));
	qw_watch_tick(f.watch, qw_time_seconds(101), 7);
	qw_watch_tick(f.watch, qw_time_seconds(110), 7);
	assert_true(qw_world_is_blind(seen_world, qw_time_seconds(99)));
	assert_false(qw_world_is_blind(seen_world, qw_time_seconds(105)));
	stop(&f);
}

static void what_is_remembered_is_written_down_now_and_then_and_at_the_end(void **state)
{
	struct fixture f;
	assert_int_equal(start(&f, both, false), QW_OK);
	show(&f, 1000, false);
	show(&f, 1299, false);
	assert_int_equal(saved, 0);
	show(&f, 1300, false);
	assert_int_equal(saved, 1);
	stop(&f);
	assert_int_equal(saved, 2);
}

static void a_watcher_that_cannot_be_made_takes_the_others_along(void **state)
{
	static const struct qw_watcher_ops *const watchers[] = {&first, &wrong, &second, NULL};
	struct fixture f;
	assert_int_equal(start(&f, watchers, false), QW_EFORMAT);
	assert_int_equal(made, 1);
	assert_int_equal(freed, 1);
	assert_int_equal(saved, 0);
	qw_config_free(f.config);
}

static void alerts_of_the_watch_get_their_words_too(void **state)
{
	static const struct qw_finding_row row = {3009901, "something", "Test", 3, NULL, NULL};
	struct qw_finding finding = {.row = &row, .time = qw_time_seconds(100)};
	struct qw_seen seen;
	struct fixture f;
	assert_int_equal(start(&f, both, false), QW_OK);
	qw_world_tell(seen_world, &finding);
	assert_int_equal(f.kit.told_count, 1);
	assert_int_equal(qw_seen_read(&seen, f.kit.last, f.kit.last_size), QW_OK);
	assert_int_equal(seen.ot.device_name.len, strlen("dressed"));
	assert_int_equal(qw_watch_counters(f.watch).findings, 1);
	stop(&f);
}

static void sids_are_ascending_and_of_the_watchers_own_block(void **state)
{
	uint32_t block_of[64];
	size_t blocks = 0;
	for (size_t i = 0; qw_watchers[i]; i++) {
		const struct qw_watcher_ops *ops = qw_watchers[i];
		for (size_t row = 0; row < ops->finding_count; row++) {
			const struct qw_finding_row *rows = ops->findings;
			assert_true(rows[row].sid >= QW_FINDING_ASSETS);
			assert_true(row == 0 || rows[row].sid > rows[row - 1].sid);
			assert_int_equal((rows[row].sid - QW_FINDING_ASSETS) / QW_FINDING_BLOCK, (rows[0].sid - QW_FINDING_ASSETS) / QW_FINDING_BLOCK);
			assert_true(rows[row].text && rows[row].category && rows[row].severity >= 1 && rows[row].severity <= 4);
		}
		if (ops->finding_count == 0)
			continue;
		uint32_t block = (ops->findings[0].sid - QW_FINDING_ASSETS) / QW_FINDING_BLOCK;
		for (size_t other = 0; other < blocks; other++)
			assert_int_not_equal(block, block_of[other]);
		assert_true(blocks < 64);
		block_of[blocks++] = block;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_watcher_is_shown_every_event_in_order),
		cmocka_unit_test(what_nobody_asked_for_is_for_the_watch_alone),
		cmocka_unit_test(a_damaged_event_is_counted_and_shown_to_nobody),
		cmocka_unit_test(packet_time_moves_the_watch_of_files),
		cmocka_unit_test(only_the_clock_moves_the_live_watch),
		cmocka_unit_test(a_clock_that_is_set_back_does_not_stop_the_watch),
		cmocka_unit_test(the_late_end_of_a_flow_does_not_move_time_back),
		cmocka_unit_test(what_was_lost_makes_blind_for_the_time_before),
		cmocka_unit_test(what_is_remembered_is_written_down_now_and_then_and_at_the_end),
		cmocka_unit_test(a_watcher_that_cannot_be_made_takes_the_others_along),
		cmocka_unit_test(alerts_of_the_watch_get_their_words_too),
		cmocka_unit_test(sids_are_ascending_and_of_the_watchers_own_block),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

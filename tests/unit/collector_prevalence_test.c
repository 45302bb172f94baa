/* SPDX-License-Identifier: Apache-2.0 */
/* What others learn of sightings, and when; what sightings prolong. */
#include "collector/prevalence.h"

#include <sys/stat.h>

#include "collector/sightings.h"
#include "tests/unit/promotion_kit.h"

enum { DAY_S = 86400 };

struct scene {
	struct rig rig;
	struct qw_registry *registry;
	struct qw_sightings *sightings;
	struct qw_prevalences prevalences;
};

/* The first moment of a day, whose number the scene's own days are counted from. */
static struct qw_time day(int64_t number)
{
	return qw_time_seconds((20000 + number) * DAY_S);
}

static struct qw_time noon(int64_t number)
{
	return qw_time_add(day(number), qw_time_seconds(DAY_S / 2));
}

static void open_scene(struct scene *scene, const char *folder)
{
	memset(scene, 0, sizeof(*scene));
	start(&scene->rig, folder, 2, 1000);
	assert_int_equal(qw_registry_new(&scene->registry), QW_OK);
	assert_int_equal(qw_registry_load(scene->registry, scene->rig.store), QW_OK);
	assert_int_equal(qw_sightings_new(&scene->sightings, scene->rig.store, scene->rig.publication.bucket), QW_OK);
	scene->prevalences = (struct qw_prevalences){.publication = &scene->rig.publication,
						     .registry = scene->registry,
						     .candidates = scene->rig.candidates,
						     .policy = scene->rig.policy};
}

static void close_scene(struct scene *scene)
{
	qw_sightings_free(scene->sightings);
	qw_registry_free(scene->registry);
	stop(&scene->rig);
}

static void publish(struct scene *scene, const struct qw_indicator *indicator, struct qw_time renew, struct qw_time at)
{
	const struct qw_reason reason = {"test", "test", renew};

	assert_int_equal(
	    qw_publish_indicators(&scene->rig.publication, QW_COMMUNITY, indicator, 1, &reason, at), QW_OK);
}

static void sight(struct scene *scene, const char *tenant, const struct qw_indicator *indicator, struct qw_time at)
{
	const struct qw_observable *observable = &indicator->observable;
	const struct qw_sighting_row row = {tenant, qw_indicator_id(observable->type, observable->text, observable->len),
					    1, at, at};

	assert_int_equal(qw_sightings_add(scene->sightings, &row, at), QW_OK);
	assert_int_equal(qw_sightings_write(scene->sightings), QW_OK);
}

static void turn(struct scene *scene, struct qw_time now)
{
	assert_int_equal(qw_prevalence_turn(&scene->prevalences, now), QW_OK);
}

/* As sensors have it. */
static struct qw_indicator in_channel(struct scene *scene, const struct qw_indicator *indicator)
{
	char key[QW_ENTRY_KEY_MAX];
	struct qw_channel *community;
	struct qw_entry entry, found;
	struct qw_indicator out;
	size_t key_len;
	uint8_t *body;

	assert_int_equal(qw_channels_get(&community, scene->rig.channels, QW_COMMUNITY), QW_OK);
	assert_int_equal(qw_entry_of_indicator(&entry, &body, indicator), QW_OK);
	assert_int_equal(qw_entry_key(&entry, key, &key_len), QW_OK);
	free(body);
	assert_true(qw_channel_find(community, QW_ENTRY_INDICATOR, key, key_len, &found));
	assert_int_equal(qw_entry_indicator(&found, &out), QW_OK);
	return out;
}

static uint64_t sequence(struct scene *scene)
{
	struct qw_channel *community;

	assert_int_equal(qw_channels_get(&community, scene->rig.channels, QW_COMMUNITY), QW_OK);
	return qw_channel_order(community).sequence;
}

static void classes_change_when_a_day_has_ended_and_only_then(void **state)
{
	struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct scene scene;

	open_scene(&scene, *state);
	publish(&scene, &evil, qw_time_ns(0), day(0));
	uint64_t first = sequence(&scene);
	sight(&scene, "a", &evil, noon(0));
	turn(&scene, noon(0));
	turn(&scene, qw_time_sub(day(1), qw_time_ns(1)));
	assert_int_equal(sequence(&scene), first);
	turn(&scene, day(1));
	assert_int_equal(sequence(&scene), first + 1);
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_FEW);
	assert_int_equal(in_channel(&scene, &evil).seen_at.ns, day(0).ns);

	sight(&scene, "b", &evil, noon(1)); /* a second one is not told apart from the first */
	turn(&scene, day(2));
	assert_int_equal(sequence(&scene), first + 1);
	sight(&scene, "c", &evil, noon(2));
	sight(&scene, "a", &evil, noon(2));
	turn(&scene, noon(2));
	assert_int_equal(sequence(&scene), first + 1);
	turn(&scene, day(3));
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_MANY);
	assert_int_equal(in_channel(&scene, &evil).seen_at.ns, day(2).ns);
	assert_int_equal(sequence(&scene), first + 2);
	turn(&scene, day(9));
	assert_int_equal(sequence(&scene), first + 2);
	close_scene(&scene);
}

static void what_came_after_the_days_end_waits_for_the_next(void **state)
{
	struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct scene scene;

	open_scene(&scene, *state);
	publish(&scene, &evil, qw_time_ns(0), day(0));
	sight(&scene, "a", &evil, noon(0));
	sight(&scene, "b", &evil, noon(1));
	sight(&scene, "c", &evil, noon(1));
	turn(&scene, noon(1)); /* the collector was down at the day's end */
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_FEW);
	turn(&scene, day(2));
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_MANY);
	close_scene(&scene);
}

static void a_revoked_tenant_and_a_former_life_count_nothing(void **state)
{
	struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct scene scene;

	open_scene(&scene, *state);
	publish(&scene, &evil, qw_time_ns(0), day(0));
	sight(&scene, "a", &evil, noon(0));
	assert_int_equal(qw_publish_removal(&scene.rig.publication, QW_COMMUNITY, &evil.observable, false, day(1)), QW_OK);
	publish(&scene, &evil, qw_time_ns(0), day(2));
	sight(&scene, "b", &evil, noon(2));
	assert_int_equal(qw_store_revoke_tenant(scene.rig.store, "b", noon(2)), QW_OK);
	assert_int_equal(qw_registry_load(scene.registry, scene.rig.store), QW_OK);
	turn(&scene, day(3));
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_UNTOLD);
	assert_int_equal(scene.prevalences.stats.told, 0);
	close_scene(&scene);
}

static void who_added_it_stays_and_an_operators_change_is_told_again(void **state)
{
	struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct scene scene;

	open_scene(&scene, *state);
	publish(&scene, &evil, qw_time_ns(0), day(0));
	sight(&scene, "a", &evil, noon(0));
	turn(&scene, day(1));
	evil.confidence = 95;
	publish(&scene, &evil, qw_time_ns(0), noon(1));
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_UNTOLD);
	turn(&scene, day(2));
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_FEW);
	assert_int_equal(in_channel(&scene, &evil).confidence, 95);
	close_scene(&scene);
}

static void who_brought_a_candidate_met_it(void **state)
{
	struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct scene scene;

	open_scene(&scene, *state);
	scene.rig.now = noon(0);
	assert_int_equal(propose(&scene.rig, "a", "evil.example"), QW_VERDICT_WAITING);
	assert_int_equal(propose(&scene.rig, "b", "evil.example"), QW_VERDICT_PROMOTED);
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_UNTOLD);
	turn(&scene, day(1));
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_FEW);
	sight(&scene, "c", &evil, noon(1));
	turn(&scene, day(2));
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_MANY);
	close_scene(&scene);
}

static void a_sighting_prolongs_from_the_days_end_once_a_quarter_and_not_for_ever(void **state)
{
	struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct scene scene;

	open_scene(&scene, *state);
	evil.valid_until = day(8);
	publish(&scene, &evil, qw_time_seconds(8 * DAY_S), day(0));
	sight(&scene, "a", &evil, noon(0));
	turn(&scene, day(1)); /* to day 9: less than a quarter more */
	assert_int_equal(in_channel(&scene, &evil).valid_until.ns, day(8).ns);
	sight(&scene, "a", &evil, noon(1));
	turn(&scene, day(2));
	assert_int_equal(in_channel(&scene, &evil).valid_until.ns, day(10).ns);
	assert_int_equal(scene.prevalences.stats.prolonged, 1);
	turn(&scene, day(6)); /* without a sighting, nothing */
	assert_int_equal(in_channel(&scene, &evil).valid_until.ns, day(10).ns);
	sight(&scene, "a", &evil, noon(9));
	turn(&scene, day(10));
	assert_int_equal(in_channel(&scene, &evil).valid_until.ns, day(18).ns);
	sight(&scene, "a", &evil, noon(16));
	turn(&scene, day(17)); /* 20 days are the most */
	assert_int_equal(in_channel(&scene, &evil).valid_until.ns, day(20).ns);
	sight(&scene, "a", &evil, noon(19));
	turn(&scene, day(20));
	assert_int_equal(in_channel(&scene, &evil).valid_until.ns, day(20).ns);
	close_scene(&scene);
}

static void what_does_not_ask_for_it_and_a_block_is_not_prolonged(void **state)
{
	struct qw_indicator plain = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct qw_indicator block = make_indicator(QW_OBS_CIDR, "203.0.113.0/24");
	struct scene scene;

	open_scene(&scene, *state);
	plain.valid_until = block.valid_until = day(4);
	publish(&scene, &plain, qw_time_ns(0), day(0));
	publish(&scene, &block, qw_time_seconds(4 * DAY_S), day(0));
	sight(&scene, "a", &plain, noon(2));
	sight(&scene, "a", &block, noon(2));
	turn(&scene, day(3));
	assert_int_equal(in_channel(&scene, &plain).valid_until.ns, day(4).ns);
	assert_int_equal(in_channel(&scene, &block).valid_until.ns, day(4).ns);
	assert_int_equal(in_channel(&scene, &block).seen, QW_PREVALENCE_FEW);
	close_scene(&scene);
}

static void ids_that_no_channel_held_are_counted_and_not_kept(void **state)
{
	struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct scene scene;

	open_scene(&scene, *state);
	sight(&scene, "a", &evil, noon(0));
	assert_int_equal(qw_sightings_strange(scene.sightings), 1);
	publish(&scene, &evil, qw_time_ns(0), noon(0));
	turn(&scene, day(1));
	assert_int_equal(in_channel(&scene, &evil).seen, QW_PREVALENCE_UNTOLD);
	close_scene(&scene);
}

/* All that others get of two ports that differ in who met it first. */
static struct qw_indicator told_of(const char *folder, const char *first, const char *second)
{
	struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, "evil.example");
	struct scene scene;

	open_scene(&scene, folder);
	evil.valid_until = day(4);
	publish(&scene, &evil, qw_time_seconds(4 * DAY_S), day(0));
	sight(&scene, first, &evil, qw_time_add(day(1), qw_time_seconds(7)));
	sight(&scene, first, &evil, qw_time_add(day(1), qw_time_seconds(70)));
	sight(&scene, second, &evil, noon(1));
	turn(&scene, noon(1));
	turn(&scene, day(2));
	evil = in_channel(&scene, &evil);
	close_scene(&scene);
	return evil;
}

static void who_met_it_first_cannot_be_told(void **state)
{
	char other[256];
	struct qw_indicator one = told_of(*state, "a", "b");

	kit_path(other, *state, "other");
	assert_int_equal(mkdir(other, 0700), 0);
	struct qw_indicator two = told_of(other, "c", "a");
	uint8_t *body, *others;
	struct qw_entry entry, entry_of_other;
	assert_int_equal(one.seen, QW_PREVALENCE_FEW);
	assert_int_equal(one.valid_until.ns, day(6).ns);
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &one), QW_OK);
	assert_int_equal(qw_entry_of_indicator(&entry_of_other, &others, &two), QW_OK);
	assert_int_equal(entry.body_len, entry_of_other.body_len);
	assert_memory_equal(entry.body, entry_of_other.body, entry.body_len);
	free(body);
	free(others);
}

static void a_turn_is_bounded_and_the_rest_comes_with_the_next(void **state)
{
	enum { MANY = QW_PREVALENCE_PER_TURN + 100 };
	struct scene scene;
	char name[32];

	open_scene(&scene, *state);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "evil-%u.example", i);
		struct qw_indicator evil = make_indicator(QW_OBS_DOMAIN, name);
		publish(&scene, &evil, qw_time_ns(0), day(0));
		sight(&scene, "a", &evil, noon(0));
	}
	uint64_t first = sequence(&scene);
	turn(&scene, day(1));
	assert_int_equal(scene.prevalences.stats.told, QW_PREVALENCE_PER_TURN);
	assert_int_equal(scene.prevalences.stats.put_off, 1);
	turn(&scene, day(1));
	assert_int_equal(scene.prevalences.stats.told, MANY);
	turn(&scene, day(1));
	assert_int_equal(sequence(&scene), first + 2);
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(classes_change_when_a_day_has_ended_and_only_then, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_came_after_the_days_end_waits_for_the_next, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_revoked_tenant_and_a_former_life_count_nothing, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(who_added_it_stays_and_an_operators_change_is_told_again, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(who_brought_a_candidate_met_it, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_sighting_prolongs_from_the_days_end_once_a_quarter_and_not_for_ever,
					    kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_does_not_ask_for_it_and_a_block_is_not_prolonged, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(ids_that_no_channel_held_are_counted_and_not_kept, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(who_met_it_first_cannot_be_told, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_turn_is_bounded_and_the_rest_comes_with_the_next, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

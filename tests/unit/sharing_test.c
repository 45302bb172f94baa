/* SPDX-License-Identifier: Apache-2.0 */
/* What is told beside alerts, as far as it is decided before there is a connection. */
#include "sensor/run/sharing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quaywatch/keys.h"

struct bench {
	struct qw_config *config;
	struct qw_session *session;
	struct qw_release *release;
	struct qw_recent *recent;
	struct qw_sharing *sharing;
};

static bool is_ours(void *ctx, const struct qw_address *address)
{
	(void)ctx;
	return qw_address_is_v4(address) && address->bytes[12] == 10;
}

static void make_release(struct bench *bench, const char *const *settings)
{
	struct qw_release_options options = {.key_path = "", .is_ours = is_ours};
	struct qw_diags diags;

	qw_diags_init(&diags);
	assert_int_equal(qw_config_new(&bench->config, qw_release_settings, QW_RELEASE_KEYS), QW_OK);
	for (; *settings; settings++)
		assert_int_equal(qw_config_set(bench->config, *settings, &diags), QW_OK);
	options.config = bench->config;
	assert_int_equal(qw_release_new(&bench->release, &options, &diags), QW_OK);
	qw_diags_fini(&diags);
}

static struct bench *opened(const char *const *settings)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct qw_curve_pair server, client;

	assert_int_equal(qw_keys_start(), QW_OK);
	qw_curve_generate(&server);
	qw_curve_generate(&client);
	/* Nobody is there, and nobody has to be. */
	struct qw_session_options session = {"tcp://127.0.0.1:9", server.public_z85, client.public_z85,
					     client.secret_z85, NULL};
	assert_int_equal(qw_session_new(&bench->session, &session), QW_OK);
	make_release(bench, settings);
	assert_int_equal(qw_recent_new(&bench->recent, false), QW_OK);
	struct qw_sharing_options sharing = {.departures = {bench->session, NULL, bench->release, 7},
					     .release = bench->release,
					     .recent = bench->recent};
	assert_int_equal(qw_sharing_new(&bench->sharing, &sharing), QW_OK);
	return bench;
}

static void closed(struct bench *bench)
{
	qw_sharing_free(bench->sharing);
	qw_recent_free(bench->recent);
	qw_release_free(bench->release);
	qw_config_free(bench->config);
	qw_session_free(bench->session);
	free(bench);
}

static void ask(struct bench *bench, const char *type, const char *value)
{
	Quaywatch__Wire__DryRun run = QUAYWATCH__WIRE__DRY_RUN__INIT;

	run.ticket = 1;
	run.type = (char *)(uintptr_t)type;
	run.value = (char *)(uintptr_t)value;
	qw_sharing_on_dry_run(bench->sharing, &run);
}

static enum qw_err propose(struct bench *bench, const char *address)
{
	struct qw_indicator indicator;
	uint64_t ticket;

	qw_indicator_init(&indicator);
	assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_IP, address, strlen(address), NULL), QW_OK);
	return qw_sharing_propose(bench->sharing, &indicator, "test", &ticket);
}

static void so_many_questions_are_answered_in_a_minute(void **state)
{
	static const char *const none[] = {NULL};
	struct bench *bench = opened(none);

	(void)state;
	assert_true(qw_sharing_answers(bench->sharing));
	for (int i = 0; i < QW_SHARING_ANSWERS_MAX + 5; i++)
		ask(bench, "ip", "203.0.113.9");
	assert_int_equal(qw_sharing_counters(bench->sharing).unanswered, 5);
	closed(bench);
}

static void what_is_ours_is_held_back_both_ways(void **state)
{
	static const char *const drop[] = {"release.addresses=\"drop\"", NULL};
	struct bench *bench = opened(drop);

	(void)state;
	assert_int_equal(propose(bench, "10.1.2.3"), QW_EAGAIN); /* nobody is there */
	qw_sharing_open(bench->sharing, true);
	assert_int_equal(propose(bench, "10.1.2.3"), QW_EACCES);
	assert_int_equal(propose(bench, "203.0.113.9"), QW_EAGAIN); /* the connection itself is not */
	assert_int_equal(qw_sharing_counters(bench->sharing).stayed, 1);
	ask(bench, "ip", "10.1.2.3");
	assert_int_equal(qw_sharing_counters(bench->sharing).stayed, 2);
	ask(bench, "ip", "203.0.113.9");
	ask(bench, "no such type", "203.0.113.9");
	ask(bench, "ip", "no address");
	assert_int_equal(qw_sharing_counters(bench->sharing).stayed, 2);
	closed(bench);
}

static void kinds_that_stay_are_not_promised(void **state)
{
	static const char *const stay[] = {"release.dry_runs=false", "release.proposals=false", NULL};
	struct bench *bench = opened(stay);

	(void)state;
	assert_false(qw_sharing_answers(bench->sharing));
	ask(bench, "ip", "203.0.113.9");
	assert_int_equal(qw_sharing_counters(bench->sharing).dry_runs, 0);
	qw_sharing_open(bench->sharing, true);
	assert_int_equal(propose(bench, "203.0.113.9"), QW_EACCES);
	assert_int_equal(qw_sharing_counters(bench->sharing).stayed, 1);
	closed(bench);
}

static void the_last_answers_are_kept(void **state)
{
	static const char *const none[] = {NULL};
	Quaywatch__Wire__ProposalAnswer answer = QUAYWATCH__WIRE__PROPOSAL_ANSWER__INIT;
	struct bench *bench = opened(none);
	struct qw_sharing_answer kept;

	(void)state;
	answer.verdict = (char *)(uintptr_t) "candidate";
	answer.why = (char *)(uintptr_t) "because";
	for (answer.ticket = 100; answer.ticket < 200; answer.ticket++)
		qw_sharing_on_answer(bench->sharing, &answer);
	assert_true(qw_sharing_answer(bench->sharing, 199, &kept));
	assert_string_equal(kept.verdict, "candidate");
	assert_false(qw_sharing_answer(bench->sharing, 100, &kept));
	assert_false(qw_sharing_answer(bench->sharing, 200, &kept));
	closed(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(so_many_questions_are_answered_in_a_minute),
	    cmocka_unit_test(what_is_ours_is_held_back_both_ways),
	    cmocka_unit_test(kinds_that_stay_are_not_promised),
	    cmocka_unit_test(the_last_answers_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

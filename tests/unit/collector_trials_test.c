/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asked in a dry run: the parts of a collector that trials use, and a post that notes who was sent a question.
 */
#include "tests/unit/promotion_kit.h"

#include "collector/trials.h"

enum { TENANTS = 30, SENSORS = 2 };

struct port {
	struct rig rig;
	struct qw_collector collector;
	struct qw_entrant entrant[TENANTS][SENSORS];
	unsigned asked[TENANTS]; /* questions to its sensors */
	uint64_t ticket;         /* of the last question */
};

static enum qw_err note(void *ctx, const struct qw_routing *routing, const uint8_t *data, size_t len)
{
	struct port *port = ctx;
	Quaywatch__Wire__Frame *frame;

	assert_int_equal(qw_frame_unpack(&frame, data, len), QW_OK);
	assert_int_equal(frame->body_case, QUAYWATCH__WIRE__FRAME__BODY_DRY_RUN);
	port->ticket = frame->dry_run->ticket;
	port->asked[routing->bytes[0]]++;
	qw_frame_free(frame);
	return QW_OK;
}

/* Every tenant has two sensors; the second of the last does not answer dry runs. */
static void open_port(struct port *port, const char *folder)
{
	struct qw_collector *collector = &port->collector;
	struct qw_peer *peer;

	memset(port, 0, sizeof(*port));
	start(&port->rig, folder, 1, 1000);
	collector->candidates = port->rig.candidates;
	collector->accounts = port->rig.accounts;
	collector->peers = port->rig.peers;
	collector->promotion = port->rig.promotion;
	assert_int_equal(qw_dryrun_new(&collector->dryrun), QW_OK);
	struct qw_intake_parts intake = {.post = {note, port}};
	assert_int_equal(qw_intake_new(&collector->intake, &intake), QW_OK);
	for (unsigned t = 0; t < TENANTS; t++) {
		for (unsigned s = 0; s < SENSORS; s++) {
			struct qw_routing routing = {2, {(uint8_t)t, (uint8_t)s}};
			struct qw_entrant *entrant = &port->entrant[t][s];
			snprintf(entrant->who.tenant, sizeof(entrant->who.tenant), "t%u", t);
			snprintf(entrant->who.sensor, sizeof(entrant->who.sensor), "s%u", s);
			entrant->admitted = true;
			assert_int_equal(qw_peers_add(&peer, collector->peers, &routing, entrant, qw_time_monotonic()),
					 QW_OK);
			peer->hello = 1 + t * SENSORS + s;
			peer->dry_runs = t != TENANTS - 1 || s == 0;
		}
	}
}

static void close_port(struct port *port)
{
	qw_intake_free(port->collector.intake);
	qw_dryrun_free(port->collector.dryrun);
	stop(&port->rig);
}

static struct qw_observable bring(struct port *port, unsigned tenant, const char *domain)
{
	struct qw_indicator indicator = make_indicator(QW_OBS_DOMAIN, domain);
	struct qw_evidence evidence = {.tenant = port->entrant[tenant][0].who.tenant, .sensor = "s0", .reason = ""};

	assert_int_equal(qw_candidates_put(port->rig.candidates, &indicator.observable, &evidence, port->rig.now),
			 QW_OK);
	return indicator.observable;
}

static unsigned count_asked(const struct port *port)
{
	unsigned count = 0;

	for (unsigned t = 0; t < TENANTS; t++)
		count += port->asked[t] > 0;
	return count;
}

static void who_brought_it_and_a_few_others_are_asked(void **state)
{
	struct port port;
	unsigned ever[TENANTS] = {0}, different = 0;

	open_port(&port, *state);
	for (unsigned i = 0; i < 20; i++) {
		char name[32];
		snprintf(name, sizeof(name), "evil-%u.example", i);
		struct qw_observable observable = bring(&port, 3, name);
		memset(port.asked, 0, sizeof(port.asked));
		assert_true(qw_trials_begin(&port.collector, &observable, QW_TLP_GREEN));
		assert_int_equal(port.asked[3], SENSORS);
		assert_int_equal(count_asked(&port), 1 + QW_TRIALS_OTHERS);
		for (unsigned t = 0; t < TENANTS; t++)
			ever[t] += port.asked[t] > 0;
	}
	/* Each trial draws anew: nobody sees all, and hardly anybody none. */
	for (unsigned t = 0; t < TENANTS; t++)
		different += ever[t] > 0 && (t == 3 || ever[t] < 20);
	assert_true(different > 1 + 2 * QW_TRIALS_OTHERS);
	close_port(&port);
}

static void what_is_for_one_organisation_is_shown_to_nobody_else(void **state)
{
	struct port port;

	open_port(&port, *state);
	struct qw_observable observable = bring(&port, 5, "strict.example");
	assert_true(qw_trials_begin(&port.collector, &observable, QW_TLP_AMBER_STRICT));
	assert_int_equal(count_asked(&port), 1);
	assert_int_equal(port.asked[5], SENSORS);
	close_port(&port);
}

static void who_is_not_believed_is_not_asked(void **state)
{
	struct port port;

	open_port(&port, *state);
	struct qw_observable observable = bring(&port, TENANTS - 1, "evil.example");
	for (unsigned t = 0; t < TENANTS - 1; t++)
		for (int i = 0; i < 10; i++)
			for (unsigned s = 0; s < SENSORS; s++)
				assert_int_equal(qw_accounts_charge(port.rig.accounts, &port.entrant[t][s].who,
								    QW_CHARGE_FALSE, qw_time_wall()),
						 QW_OK);
	assert_true(qw_trials_begin(&port.collector, &observable, QW_TLP_GREEN));
	assert_int_equal(count_asked(&port), 1);
	assert_int_equal(port.asked[TENANTS - 1], 1); /* the other sensor does not answer dry runs */
	close_port(&port);
}

/* Is a sensor's answer known, by what it says of that and the type that was asked for? */
static bool is_known(struct port *port, enum qw_observable_type type, const char *value, uint32_t knows)
{
	Quaywatch__Wire__DryRunResult answer = QUAYWATCH__WIRE__DRY_RUN_RESULT__INIT;
	struct qw_indicator indicator = make_indicator(type, value);
	struct qw_evidence evidence = {.tenant = "t0", .sensor = "s0", .reason = ""};
	struct qw_dryrun_result result;

	assert_int_equal(qw_candidates_put(port->rig.candidates, &indicator.observable, &evidence, port->rig.now),
			 QW_OK);
	assert_true(qw_trials_begin(&port->collector, &indicator.observable, QW_TLP_AMBER_STRICT));
	answer.ticket = port->ticket;
	answer.knows = knows;
	for (unsigned s = 0; s < SENSORS; s++) {
		const struct qw_routing routing = {2, {0, (uint8_t)s}};
		qw_trials_answer(&port->collector, qw_peers_find(port->collector.peers, &routing), &answer);
	}
	assert_true(qw_dryrun_next(port->collector.dryrun, qw_time_monotonic(), &result));
	assert_int_equal(result.answered, SENSORS);
	return result.voice[0].known;
}

static void an_older_sensor_knows_addresses_and_names(void **state)
{
	static const char ja3[] = "b386946a5a44d1ddcc843bc75336dfce";
	struct port port;

	open_port(&port, *state);
	assert_true(is_known(&port, QW_OBS_IP, "203.0.113.9", 0));
	assert_true(is_known(&port, QW_OBS_IP, "203.0.113.9", 1));
	assert_false(is_known(&port, QW_OBS_IP, "203.0.113.9", 2));
	assert_false(is_known(&port, QW_OBS_JA3, ja3, 0));
	assert_true(is_known(&port, QW_OBS_JA3, ja3, 1));
	assert_false(is_known(&port, QW_OBS_JA3, ja3, 2));
	assert_false(is_known(&port, QW_OBS_JA3, ja3, 7)); /* of a sensor of tomorrow */
	close_port(&port);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(who_brought_it_and_a_few_others_are_asked, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_is_for_one_organisation_is_shown_to_nobody_else, kit_folder,
					    kit_clear),
	    cmocka_unit_test_setup_teardown(who_is_not_believed_is_not_asked, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(an_older_sensor_knows_addresses_and_names, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Traits of alerts, strands of tenants, and the incidents that they make. */
#include <stdio.h>
#include <stdlib.h>

#include "collector/incidents.h"
#include "tests/unit/collector_kit.h"

struct alert {
	const char *tenant, *source, *target;
	unsigned minute, severity;
	uint64_t sid;
	const char *more, *indicator; /* members of the record; of the indicator hit; NULL: none */
};

struct rig {
	struct qw_store *store;
	struct qw_incidents *incidents;
	char *folder;
	unsigned told;
	uint64_t sequence;
};

static struct qw_time minute(unsigned number)
{
	struct qw_time at;

	assert_true(qw_time_parse("2026-11-01T00:00:00Z", 20, &at));
	return qw_time_add(at, qw_time_seconds(60 * (int64_t)number));
}

static size_t line_of(struct rig *rig, const struct alert *alert, char out[2048])
{
	char at[QW_TIME_EVE_LEN + 1];

	qw_time_eve(minute(alert->minute), at);
	return (size_t)snprintf(
	    out, 2048,
	    "{\"timestamp\":\"%s\",\"event_type\":\"alert\",\"src_ip\":\"%s\",\"dest_ip\":\"%s\",\"proto\":\"TCP\","
	    "\"app_proto\":\"smb\",\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":%llu,\"rev\":1,"
	    "\"signature\":\"sid %llu\",\"category\":\"\",\"severity\":%u}%s,"
	    "\"quaywatch\":{\"origin\":\"signature\",\"tenant\":\"%s\",\"sensor\":\"gate\",\"epoch\":\"0011223344556677\",\"seq\":%llu,"
	    "\"count\":2%s}}\n",
	    at, alert->source, alert->target, (unsigned long long)alert->sid, (unsigned long long)alert->sid, alert->severity,
	    alert->more ? alert->more : "", alert->tenant, (unsigned long long)++rig->sequence,
	    alert->indicator ? alert->indicator : "");
}

static void see(struct rig *rig, struct alert alert)
{
	char line[2048];
	size_t len = line_of(rig, &alert, line);

	assert_true(len < sizeof(line));
	qw_incidents_see(rig->incidents, line, len, minute(100000));
	qw_incidents_tell(rig->incidents, minute(100000));
}

static void count_told(void *ctx, const struct qw_incident *incident, const struct qw_incident_sum *sum)
{
	(void)incident;
	(void)sum;
	((struct rig *)ctx)->told++;
}

static void open_rig(struct rig *rig)
{
	struct qw_incidents_parts parts = {.window = qw_time_seconds(7 * 86400), .severity = 2, .tell = count_told, .ctx = rig};
	char path[256];

	kit_path(path, rig->folder, "collector.db");
	assert_int_equal(qw_store_open(&rig->store, path), QW_OK);
	parts.store = rig->store;
	assert_int_equal(qw_incidents_open(&rig->incidents, &parts, minute(0)), QW_OK);
}

static void close_rig(struct rig *rig)
{
	qw_incidents_free(rig->incidents);
	qw_store_close(rig->store);
}

static void what_an_alert_has_in_common_is_found_in_its_line(void **state)
{
	static const char hit[] = ",\"indicator\":{\"id\":\"00\",\"type\":\"ip\",\"value\":\"192.0.2.7\",\"confidence\":90}";
	static const char tls[] = ",\"tls\":{\"sni\":\"a\\\",\\\"ja4\\\":\\\"fake\",\"ja4\":\"t13d_x\",\"fingerprint\":\"aa:bb\"},\"payload_digest\":\"dd\"";
	struct rig rig = {.folder = *state};
	struct alert alert = {"berth", "10.0.0.1", "10.0.0.2", 5, 1, 77, tls, hit};
	struct qw_traits traits;
	char line[2048];
	size_t len = line_of(&rig, &alert, line);

	assert_true(qw_traits_of_line(&traits, line, len));
	assert_int_equal(traits.traits, QW_TRAIT_KINDS);
	assert_string_equal(traits.trait[0].value, "ip 192.0.2.7");
	assert_string_equal(traits.trait[1].value, "1:77");
	assert_string_equal(traits.trait[2].value, "aa:bb");
	assert_string_equal(traits.trait[3].value, "t13d_x");
	assert_string_equal(traits.trait[4].value, "dd");
	assert_string_equal(traits.who.tenant, "berth");
	assert_int_equal(traits.count, 2);
	assert_int_equal(traits.severity, 1);
	assert_int_equal(traits.confidence, 90);
	assert_int_equal(traits.at.ns, minute(5).ns);
	assert_true(traits.actor[0] != 0 && traits.actor[0] != traits.actor[1]);
	/* The same address at another tenant is another host. */
	uint64_t actor = traits.actor[0];
	alert.tenant = "rail";
	len = line_of(&rig, &alert, line);
	assert_true(qw_traits_of_line(&traits, line, len));
	assert_true(traits.actor[0] != actor);
	for (size_t cut = 0; cut < len; cut++) {
		char *copy = malloc(cut + 1); /* so that reading behind it is found */
		memcpy(copy, line, cut);
		(void)qw_traits_of_line(&traits, copy, cut);
		free(copy);
	}
}

static void one_attack_is_one_incident_in_the_order_of_its_packets(void **state)
{
	struct rig rig = {.folder = *state};
	struct qw_incident_sum sum;

	open_rig(&rig);
	for (unsigned sid = 1; sid <= 3; sid++)
		see(&rig, (struct alert){"yard", "10.3.0.1", "10.3.0.2", 60 + sid, 1, sid, NULL, NULL});
	assert_int_equal(qw_incidents_count(rig.incidents), 0);
	for (unsigned sid = 1; sid <= 3; sid++)
		see(&rig, (struct alert){"rail", "10.2.0.1", "10.2.0.2", 30 + sid, 1, sid, NULL, NULL});
	assert_int_equal(qw_incidents_count(rig.incidents), 1);
	/* Under embargo: it comes last, and was first. */
	see(&rig, (struct alert){"berth", "10.1.0.1", "10.1.0.2", 10, 1, 2, NULL, NULL});
	assert_int_equal(qw_incidents_count(rig.incidents), 1);
	qw_incidents_sum(rig.incidents, 1, &sum);
	assert_int_equal(sum.tenants, 3);
	assert_int_equal(sum.strands, 3);
	assert_string_equal(sum.tenant[0].tenant, "berth");
	assert_string_equal(sum.tenant[1].tenant, "rail");
	assert_string_equal(sum.tenant[2].tenant, "yard");
	assert_int_equal(sum.first.ns, minute(10).ns);
	assert_int_equal(sum.count, 14);
	assert_int_equal(sum.priority, 40 + 20 + 15);
	assert_int_equal(rig.told, 2);
	close_rig(&rig);
}

static void what_has_nothing_to_do_with_it_stays_apart(void **state)
{
	static const char ja4[] = ",\"tls\":{\"ja4\":\"t13d_everybody\"}";
	struct rig rig = {.folder = *state};
	struct qw_incident_sum sum;

	open_rig(&rig);
	see(&rig, (struct alert){"berth", "10.1.0.1", "10.1.0.2", 1, 1, 1, NULL, NULL});
	see(&rig, (struct alert){"rail", "10.2.0.1", "10.2.0.2", 2, 1, 1, NULL, NULL});
	/* Other hosts, another signature; one tenant alone has the same hosts. */
	see(&rig, (struct alert){"berth", "10.1.0.1", "10.1.0.2", 3, 1, 2, NULL, NULL});
	see(&rig, (struct alert){"rail", "10.2.0.8", "10.2.0.9", 4, 1, 2, NULL, NULL});
	assert_int_equal(qw_incidents_count(rig.incidents), 2);
	/* What is mild makes none. */
	see(&rig, (struct alert){"berth", "10.1.0.7", "10.1.0.2", 5, 3, 3, NULL, NULL});
	see(&rig, (struct alert){"rail", "10.2.0.7", "10.2.0.2", 6, 3, 3, NULL, NULL});
	assert_int_equal(qw_incidents_count(rig.incidents), 2);
	/* A browser that everybody has brings no two attacks together. */
	see(&rig, (struct alert){"berth", "10.1.1.1", "10.1.1.2", 7, 2, 4, ja4, NULL});
	see(&rig, (struct alert){"rail", "10.2.1.1", "10.2.1.2", 8, 2, 4, ja4, NULL});
	see(&rig, (struct alert){"berth", "10.1.2.1", "10.1.2.2", 9, 2, 5, ja4, NULL});
	see(&rig, (struct alert){"rail", "10.2.2.1", "10.2.2.2", 10, 2, 5, ja4, NULL});
	assert_int_equal(qw_incidents_count(rig.incidents), 4);
	qw_incidents_sum(rig.incidents, 4, &sum);
	assert_string_equal(sum.title, "sid 5");
	close_rig(&rig);
}

static void it_is_the_same_after_a_start(void **state)
{
	struct rig rig = {.folder = *state};
	struct qw_incident_sum before, after;

	open_rig(&rig);
	see(&rig, (struct alert){"berth", "10.1.0.1", "10.1.0.2", 1, 1, 1, NULL, NULL});
	see(&rig, (struct alert){"rail", "10.2.0.1", "10.2.0.2", 2, 1, 1, NULL, NULL});
	see(&rig, (struct alert){"berth", "10.1.0.1", "10.1.0.2", 3, 1, 9, NULL, NULL});
	assert_int_equal(qw_incidents_set(rig.incidents, 1, QW_INCIDENT_CLOSED, "cleaned", 7, minute(9)), QW_OK);
	assert_int_equal(qw_incidents_set(rig.incidents, 2, QW_INCIDENT_CLOSED, "", 7, minute(9)), QW_ENOENT);
	qw_incidents_sum(rig.incidents, 1, &before);
	assert_int_equal(qw_incidents_write(rig.incidents), QW_OK);
	close_rig(&rig);
	open_rig(&rig);
	assert_int_equal(qw_incidents_count(rig.incidents), 1);
	qw_incidents_sum(rig.incidents, 1, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	const struct qw_incident *incident = qw_incidents_find(rig.incidents, 1);
	assert_int_equal(incident->state, QW_INCIDENT_CLOSED);
	assert_string_equal(incident->reason, "cleaned");
	/* A strand of one tenant was kept, too: the same hosts at the second make it part of it. */
	see(&rig, (struct alert){"rail", "10.2.0.1", "10.2.0.2", 4, 1, 9, NULL, NULL});
	assert_int_equal(qw_incidents_count(rig.incidents), 1);
	qw_incidents_sum(rig.incidents, 1, &after);
	assert_int_equal(after.strands, 2);
	assert_int_equal(qw_incidents_find(rig.incidents, 1)->state, QW_INCIDENT_CLOSED);
	/* A third tenant is news. */
	see(&rig, (struct alert){"yard", "10.3.0.1", "10.3.0.2", 5, 1, 9, NULL, NULL});
	assert_int_equal(qw_incidents_find(rig.incidents, 1)->state, QW_INCIDENT_NEW);
	assert_int_equal(qw_incidents_set(rig.incidents, 1, QW_INCIDENT_CLOSED, "false alarm", 7, minute(9)), QW_OK);
	see(&rig, (struct alert){"gate", "10.4.0.1", "10.4.0.2", 6, 1, 9, NULL, NULL});
	assert_int_equal(qw_incidents_find(rig.incidents, 1)->state, QW_INCIDENT_CLOSED);
	/* Long after nobody asks. */
	assert_int_equal(qw_incidents_forget(rig.incidents, minute(60 * 24 * 6)), QW_OK);
	assert_int_equal(qw_incidents_count(rig.incidents), 1);
	assert_int_equal(qw_incidents_forget(rig.incidents, minute(60 * 24 * 40)), QW_OK);
	assert_int_equal(qw_incidents_count(rig.incidents), 0);
	close_rig(&rig);
	open_rig(&rig);
	assert_int_equal(qw_incidents_count(rig.incidents), 0);
	close_rig(&rig);
}

/* A tenant that makes things up by the hundred thousand takes the places of its own. */
static void a_flood_does_not_push_out_what_two_tenants_have(void **state)
{
	enum { FLOOD = QW_STRANDS_MAX + 20000 };
	struct rig rig = {.folder = *state};

	open_rig(&rig);
	see(&rig, (struct alert){"berth", "10.1.0.1", "10.1.0.2", 1, 1, 1, NULL, NULL});
	see(&rig, (struct alert){"rail", "10.2.0.1", "10.2.0.2", 2, 1, 1, NULL, NULL});
	for (unsigned i = 0; i < FLOOD; i++)
		see(&rig, (struct alert){"yard", "10.3.0.1", "10.3.0.2", 10 + i / 1000, 1, 1000 + i, NULL, NULL});
	struct qw_incidents_stats stats = qw_incidents_stats(rig.incidents);
	assert_int_equal(stats.seen, FLOOD + 2);
	assert_int_equal(stats.evicted, FLOOD + 1 - QW_STRANDS_MAX);
	assert_int_equal(qw_incidents_count(rig.incidents), 1);
	see(&rig, (struct alert){"yard", "10.3.0.1", "10.3.0.2", 200, 1, 1, NULL, NULL});
	assert_int_equal(rig.told, 2);
	close_rig(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_an_alert_has_in_common_is_found_in_its_line, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(one_attack_is_one_incident_in_the_order_of_its_packets, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(what_has_nothing_to_do_with_it_stays_apart, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(it_is_the_same_after_a_start, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_flood_does_not_push_out_what_two_tenants_have, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is learnt, what is new afterwards, and how much of it a person is told. */
#include "watch_kit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sensor/watch/normal/baseline.h"
#include "sensor/watch/normal/teller.h"

static const char config[] = "watch = { learn = 60; };";

enum { LEARN_S = 60 };

static struct qw_seen request(struct watch_kit *kit, const char *client, int64_t function, uint64_t address, uint64_t quantity)
{
	struct qw_seen seen = watch_kit_ot(kit, client, "10.0.0.2", 502, "modbus", function);

	seen.ot.name = watch_kit_slice(function == 16 ? "write_multiple_registers" : function == 3 ? "read_holding_registers" : "get");
	seen.ot.has_unit = seen.ot.has_address = true;
	seen.ot.unit = 1;
	seen.ot.address = address;
	seen.ot.quantity = quantity;
	return seen;
}

static void ask(struct watch_kit *kit, const char *client, int64_t function, uint64_t address)
{
	struct qw_seen seen = request(kit, client, function, address, 10);

	watch_kit_show(kit, &seen);
}

static void settle(struct watch_kit *kit)
{
	watch_kit_pass(kit, QW_TELLER_HOLD_S + 1);
}

/* 10.0.0.1 reads the PLC 10.0.0.2, 10.0.0.3 opens its pages, 10.0.0.4 writes to it. */
static void learn(struct watch_kit *kit, const char *text)
{
	watch_kit_start(kit, &qw_baseline, text);
	ask(kit, "10.0.0.1", 3, 0);
	ask(kit, "10.0.0.4", 16, 0);
	watch_kit_flow(kit, "10.0.0.3", "10.0.0.2", 80, "http");
	watch_kit_pass(kit, LEARN_S + 1);
}

static void what_was_learnt_is_not_told(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	ask(&kit, "10.0.0.1", 3, 0);
	ask(&kit, "10.0.0.1", 3, 5); /* 5 to 14 is near enough to 0 to 9 */
	ask(&kit, "10.0.0.4", 16, 0);
	watch_kit_flow(&kit, "10.0.0.3", "10.0.0.2", 80, "http");
	settle(&kit);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void a_new_host_is_one_alert_whomever_it_talks_to(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	ask(&kit, "10.0.0.9", 16, 0);
	watch_kit_flow(&kit, "10.0.0.9", "10.0.0.3", 445, "smb");
	watch_kit_flow(&kit, "10.0.0.9", "10.0.0.1", 445, "smb");
	settle(&kit);
	assert_int_equal(kit.told_count, 1);
	const struct watch_kit_told *told = watch_kit_last(&kit, QW_BASELINE_ASSET);
	assert_string_equal(told->text, "10.0.0.9 was not there in learning; first seen with 10.0.0.2 (modbus)");
	assert_false(told->dst.known);
	watch_kit_pass(&kit, QW_TELLER_FOLD_S);
	assert_int_equal(kit.told_count, 1); /* what it does is listed, not told */
	watch_kit_stop(&kit);
}

static void known_hosts_that_never_talked_are_told(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	watch_kit_flow(&kit, "10.0.0.1", "10.0.0.3", 22, "ssh");
	settle(&kit);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_TALKER), 1);
	assert_string_equal(kit.told[0].text, "10.0.0.1 talks to 10.0.0.3 port 22 (ssh), which was not so in learning");
	watch_kit_stop(&kit);
}

static void office_hosts_talk_to_whom_they_like(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	watch_kit_flow(&kit, "10.0.0.3", "93.184.216.34", 443, "tls"); /* it speaks to no machine by a machine's protocol */
	settle(&kit);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void a_machine_that_goes_outside_is_told(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	watch_kit_flow(&kit, "10.0.0.1", "93.184.216.34", 443, "tls");
	settle(&kit);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_EXTERNAL), 1);
	watch_kit_stop(&kit);
}

static void who_writes_for_the_first_time_is_told_at_once(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	ask(&kit, "10.0.0.1", 16, 0);
	assert_int_equal(kit.told_count, 1);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_WRITER), 1);
	assert_string_equal(kit.told[0].text, "10.0.0.1 writes to 10.0.0.2, which was not so in learning");
	watch_kit_stop(&kit);
}

static void a_new_function_is_told_once(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	ask(&kit, "10.0.0.1", 43, 0);
	ask(&kit, "10.0.0.1", 43, 0);
	settle(&kit);
	assert_int_equal(kit.told_count, 1);
	assert_string_equal(watch_kit_last(&kit, QW_BASELINE_FUNCTION)->text,
			    "10.0.0.1 asks 10.0.0.2 for modbus function 43 get of unit 1, which was not so in learning");
	watch_kit_stop(&kit);
}

static void new_registers_are_told_with_those_that_are_normal(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	ask(&kit, "10.0.0.1", 3, 400);
	settle(&kit);
	assert_int_equal(kit.told_count, 1);
	assert_string_equal(watch_kit_last(&kit, QW_BASELINE_RANGE)->text,
			    "10.0.0.1 asks 10.0.0.2 by modbus function 3 read_holding_registers of unit 1 for 400 to 409; until now it "
			    "asked for 0 to 9");
	watch_kit_stop(&kit);
}

/* A device that asks for them each minute, all night. */
static void new_registers_that_keep_coming_are_new_once(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	for (int minute = 0; minute < 30; minute++) {
		ask(&kit, "10.0.0.1", 3, 400);
		watch_kit_pass(&kit, 60);
	}
	assert_int_equal(kit.told_count, 1);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_RANGE), 1);
	watch_kit_stop(&kit);
}

static void open(struct watch_kit *kit, const char *client)
{
	struct qw_seen seen = watch_kit_ot(kit, client, "10.0.0.2", 44818, "cip", 0x54);

	watch_kit_show(kit, &seen);
}

static void who_opens_connections_for_the_first_time_is_told(void **state)
{
	struct watch_kit kit;

	watch_kit_start(&kit, &qw_baseline, config);
	open(&kit, "10.0.0.1");
	ask(&kit, "10.0.0.5", 3, 0);
	struct qw_seen other = watch_kit_ot(&kit, "10.0.0.5", "10.0.0.2", 44818, "cip", 0x0e);
	watch_kit_show(&kit, &other);
	watch_kit_pass(&kit, LEARN_S + 1);
	open(&kit, "10.0.0.1");
	settle(&kit);
	assert_int_equal(kit.told_count, 0);
	open(&kit, "10.0.0.5");
	settle(&kit);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_OPENER), 1);
	watch_kit_stop(&kit);
}

/* ---- who is no host */

static void groups_and_hosts_without_an_address_are_nobody(void **state)
{
	static const char *const nobody[] = {"239.192.0.4", "255.255.255.255", "10.0.0.255", "0.0.0.0", "169.254.3.4", "fe80::1", "ff02::1"};
	struct watch_kit kit;

	learn(&kit, config);
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		watch_kit_flow(&kit, "10.0.0.1", nobody[i], 60001, "nmea");
		watch_kit_flow(&kit, nobody[i], "10.0.0.2", 60001, "nmea");
	}
	settle(&kit);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void who_does_not_answer_is_not_there(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	struct qw_seen seen = watch_kit_flow_begins(&kit, "10.0.0.3", "10.0.0.77", 80, "http");
	seen.flow.packets[1] = 0;
	watch_kit_show(&kit, &seen);
	settle(&kit);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

/* ---- how much is told */

static void a_burst_is_one_alert_and_later_a_number(void **state)
{
	struct watch_kit kit;
	char address[16];

	learn(&kit, config);
	for (int i = 0; i < 5; i++)
		ask(&kit, "10.0.0.1", 50 + i, 0);
	settle(&kit);
	assert_int_equal(kit.told_count, 1);
	assert_non_null(strstr(kit.told[0].text, "; 4 more things are new with it: quaywatchctl baseline show --new"));
	for (int i = 0; i < 3; i++)
		ask(&kit, "10.0.0.1", 70 + i, 0);
	watch_kit_pass(&kit, QW_TELLER_FOLD_S);
	assert_int_equal(kit.told_count, 2);
	assert_string_equal(watch_kit_last(&kit, QW_BASELINE_MORE)->text,
			    "3 more things were new in the last 10 minutes: quaywatchctl baseline show --new");
	for (int i = 0; i < 200; i++) { /* a flood of hosts does not flood who reads alerts */
		snprintf(address, sizeof(address), "10.0.9.%d", i + 1);
		watch_kit_flow(&kit, address, "10.0.0.2", 80, "http");
	}
	watch_kit_pass(&kit, 2 * QW_TELLER_FOLD_S);
	assert_int_equal(kit.told_count, 3);
	watch_kit_stop(&kit);
}

static void what_is_more_severe_is_told_all_the_same(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	ask(&kit, "10.0.0.1", 50, 0);
	settle(&kit);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_FUNCTION), 1);
	ask(&kit, "10.0.0.1", 16, 0);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_WRITER), 1);
	watch_kit_stop(&kit);
}

static void what_a_rule_told_just_now_is_only_listed(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	struct qw_seen alert = watch_kit_seen(&kit, QW_EVENT_ALERT, "10.0.0.1", "10.0.0.2", 502, "modbus");
	alert.gid = QW_FINDING_GID;
	alert.sid = 110301;
	watch_kit_show(&kit, &alert);
	ask(&kit, "10.0.0.1", 16, 0);
	settle(&kit);
	assert_int_equal(kit.told_count, 0);
	ask(&kit, "10.0.0.3", 16, 0); /* of others it said nothing */
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_WRITER), 0);
	settle(&kit);
	assert_int_equal(kit.told_count, 1);
	watch_kit_stop(&kit);
}

static bool always(void *ctx, const struct qw_seen *seen)
{
	return seen != ctx;
}

static void maintenance_is_listed_and_not_told(void **state)
{
	struct watch_kit kit;

	learn(&kit, config);
	qw_world_set_maintenance(kit.world, always, NULL);
	ask(&kit, "10.0.0.1", 16, 0);
	settle(&kit);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void what_has_no_room_is_counted(void **state)
{
	struct watch_kit kit;

	learn(&kit, "watch = { learn = 60; baseline_entries = 1; };");
	assert_true(qw_world_counters(kit.world)->no_room > 0);
	watch_kit_stop(&kit);
}

/* ---- over a restart */

struct kept {
	char folder[64], path[96];
};

static void keep(struct kept *kept)
{
	snprintf(kept->folder, sizeof(kept->folder), "/tmp/quaywatch-baseline-XXXXXX");
	assert_non_null(mkdtemp(kept->folder));
	snprintf(kept->path, sizeof(kept->path), "%s/baseline.json", kept->folder);
}

static void let_go(const struct kept *kept)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -rf %s", kept->folder);
	assert_int_equal(system(command), 0);
}

static void start_in(struct watch_kit *kit, const struct kept *kept, const char *text)
{
	memset(kit, 0, sizeof(*kit));
	kit->watch.state_folder = kept->folder;
	assert_int_equal(watch_kit_make(kit, &qw_baseline, text), QW_OK);
}

static void it_survives_a_restart(void **state)
{
	struct watch_kit kit;
	struct kept kept;

	keep(&kept);
	start_in(&kit, &kept, config);
	ask(&kit, "10.0.0.1", 3, 0);
	watch_kit_stop(&kit);
	start_in(&kit, &kept, config); /* learning goes on … */
	ask(&kit, "10.0.0.1", 4, 0);
	watch_kit_pass(&kit, LEARN_S + 1);
	ask(&kit, "10.0.0.1", 4, 0);
	watch_kit_stop(&kit);
	start_in(&kit, &kept, config); /* … and is over, though the clock stands at the beginning again */
	ask(&kit, "10.0.0.1", 3, 0);
	ask(&kit, "10.0.0.1", 4, 0);
	ask(&kit, "10.0.0.1", 5, 0);
	settle(&kit);
	assert_int_equal(kit.told_count, 1);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_FUNCTION), 1);
	watch_kit_stop(&kit);
	let_go(&kept);
}

static void a_damaged_file_is_put_aside(void **state)
{
	struct watch_kit kit;
	struct kept kept;
	char aside[112];

	keep(&kept);
	FILE *file = fopen(kept.path, "w");
	assert_non_null(file);
	fputs("{\"quaywatch_baseline\":1}\n{\"kind\":\"talker\"}\n", file);
	fclose(file);
	start_in(&kit, &kept, config);
	snprintf(aside, sizeof(aside), "%s.refused", kept.path);
	assert_int_equal(access(aside, R_OK), 0);
	ask(&kit, "10.0.0.1", 3, 0);
	watch_kit_stop(&kit);
	assert_int_equal(access(kept.path, R_OK), 0);
	let_go(&kept);
}

static void a_file_that_people_keep_is_refused_where_it_is_wrong(void **state)
{
	struct watch_kit kit;
	struct kept kept;
	char text[160];

	keep(&kept);
	FILE *file = fopen(kept.path, "w");
	assert_non_null(file);
	fputs("{}\n", file);
	fclose(file);
	memset(&kit, 0, sizeof(kit));
	snprintf(text, sizeof(text), "watch = { baseline = \"%s\"; };", kept.path);
	assert_int_equal(watch_kit_make(&kit, &qw_baseline, text), QW_EFORMAT);
	watch_kit_stop(&kit);
	let_go(&kept);
}

static void learning_from_captures_ends_with_them(void **state)
{
	struct watch_kit kit;
	struct kept kept;

	keep(&kept);
	start_in(&kit, &kept, "watch = { learn = 0; learn_all = true; };");
	ask(&kit, "10.0.0.1", 3, 0);
	watch_kit_pass(&kit, LEARN_S);
	ask(&kit, "10.0.0.1", 4, 0);
	settle(&kit);
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
	start_in(&kit, &kept, "watch = { learn = 604800; };");
	ask(&kit, "10.0.0.1", 4, 0);
	ask(&kit, "10.0.0.1", 5, 0);
	settle(&kit);
	assert_int_equal(kit.told_count, 1);
	watch_kit_stop(&kit);
	let_go(&kept);
}

/* ---- what people ask */

static enum qw_exit command(struct watch_kit *kit, struct qw_reply *reply, const char *first, const char *second)
{
	struct qw_request request = {.count = second ? 3 : 2, .word = {"baseline", first, second}};
	char words[32];

	snprintf(words, sizeof(words), "baseline %s", first);
	qw_reply_init(reply);
	for (size_t i = 0; i < qw_baseline.command_count; i++)
		if (strcmp(qw_baseline.commands[i].words, words) == 0)
			return qw_baseline.commands[i].run(kit->state, &request, 2, reply);
	fail();
	return QW_EXIT_INTERNAL;
}

static void expect(struct watch_kit *kit, const char *first, const char *second, enum qw_exit status, const char *part)
{
	static struct qw_reply reply;

	assert_int_equal(command(kit, &reply, first, second), status);
	assert_non_null(memmem(reply.data, reply.len, part, strlen(part)));
	qw_reply_fini(&reply);
}

static void people_see_accept_and_forget(void **state)
{
	struct watch_kit kit;

	learn(&kit, "watch = { learn = 60; again = 0; };");
	ask(&kit, "10.0.0.1", 3, 400);
	ask(&kit, "10.0.0.1", 43, 0);
	settle(&kit);
	expect(&kit, "show", NULL, QW_EXIT_OK, "10.0.0.4 writes to 10.0.0.2");
	expect(&kit, "show", "--new", QW_EXIT_OK, "10.0.0.1 asks 10.0.0.2 by modbus function 3 read_holding_registers unit 1 for 0-9; new: 400-409");
	expect(&kit, "show", "10.0.0.3", QW_EXIT_OK, "learnt   10.0.0.3 talks to 10.0.0.2 by http port 80");
	expect(&kit, "show", "nonsense", QW_EXIT_USAGE, "no address");
	expect(&kit, "accept", "deadbeef", QW_EXIT_NOINPUT, "no such entry");
	expect(&kit, "accept", NULL, QW_EXIT_USAGE, "usage");
	expect(&kit, "accept", "10.0.0.1", QW_EXIT_OK, "2 entries are normal from now on");
	expect(&kit, "show", "--new", QW_EXIT_OK, "0 with something that nobody accepted");
	size_t before = kit.told_count;
	watch_kit_pass(&kit, 2 * QW_TELLER_FOLD_S);
	ask(&kit, "10.0.0.1", 3, 400);
	ask(&kit, "10.0.0.1", 43, 0);
	settle(&kit);
	assert_int_equal(kit.told_count, before);
	expect(&kit, "forget", "10.0.0.4", QW_EXIT_OK, "entries were forgotten");
	ask(&kit, "10.0.0.4", 16, 0);
	settle(&kit);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_ASSET), 1);
	expect(&kit, "forget", "--all", QW_EXIT_OK, "learning begins anew");
	ask(&kit, "10.0.0.66", 16, 0);
	watch_kit_pass(&kit, 2 * QW_TELLER_FOLD_S);
	assert_int_equal(watch_kit_told(&kit, QW_BASELINE_ASSET), 1);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_learnt_is_not_told),
		cmocka_unit_test(a_new_host_is_one_alert_whomever_it_talks_to),
		cmocka_unit_test(known_hosts_that_never_talked_are_told),
		cmocka_unit_test(office_hosts_talk_to_whom_they_like),
		cmocka_unit_test(a_machine_that_goes_outside_is_told),
		cmocka_unit_test(who_writes_for_the_first_time_is_told_at_once),
		cmocka_unit_test(a_new_function_is_told_once),
		cmocka_unit_test(new_registers_are_told_with_those_that_are_normal),
		cmocka_unit_test(new_registers_that_keep_coming_are_new_once),
		cmocka_unit_test(who_opens_connections_for_the_first_time_is_told),
		cmocka_unit_test(groups_and_hosts_without_an_address_are_nobody),
		cmocka_unit_test(who_does_not_answer_is_not_there),
		cmocka_unit_test(a_burst_is_one_alert_and_later_a_number),
		cmocka_unit_test(what_is_more_severe_is_told_all_the_same),
		cmocka_unit_test(what_a_rule_told_just_now_is_only_listed),
		cmocka_unit_test(maintenance_is_listed_and_not_told),
		cmocka_unit_test(what_has_no_room_is_counted),
		cmocka_unit_test(it_survives_a_restart),
		cmocka_unit_test(a_damaged_file_is_put_aside),
		cmocka_unit_test(a_file_that_people_keep_is_refused_where_it_is_wrong),
		cmocka_unit_test(learning_from_captures_ends_with_them),
		cmocka_unit_test(people_see_accept_and_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

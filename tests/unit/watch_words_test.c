/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "tests/unit/watch_kit.h"

#include "quaywatch/eve.h"
#include "quaywatch/file.h"
#include "sensor/export/eve.h"
#include "sensor/watch/assets/asset_watch.h"

enum { EVENT_ROOM = 4096 };

static const char cranes[] = "address,name,role,area,criticality\n"
			     "10.1.4.20,STS-14 hoist PLC,PLC,STS-14,high\n"
			     "10.1.9.7,engineering laptop,,office,\n";

struct words_kit {
	struct watch_kit watch;
	alignas(8) uint8_t event[EVENT_ROOM];
	char line[8192];
};

static void start(struct words_kit *kit)
{
	char config[256], path[] = "words_test.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(qw_write_all(fd, cranes, sizeof(cranes) - 1), QW_OK);
	snprintf(config, sizeof(config), "watch = { inventory = \"%s\"; };", path);
	watch_kit_start(&kit->watch, &qw_asset_watch, config);
	close(fd);
	unlink(path);
}

/* The alert's line with its words. */
static const char *alert(struct words_kit *kit, const char *from, const char *to, const char *direction, const char *detail, size_t room)
{
	struct qw_event_writer writer;
	struct qw_eve_parts parts;
	struct qw_text text;
	struct qw_seen_end src = watch_kit_end(from, 0), dst = watch_kit_end(to, 0);

	qw_event_begin(&writer, kit->event, sizeof(kit->event), QW_EVENT_ALERT, kit->watch.now);
	qw_event_put(&writer, QW_KEY_SRC_IP, src.address.bytes, 16);
	qw_event_put(&writer, QW_KEY_DEST_IP, dst.address.bytes, 16);
	qw_event_put_u64(&writer, QW_KEY_ALERT_GID, 1);
	qw_event_put_u64(&writer, QW_KEY_ALERT_SIGNATURE_ID, 77);
	qw_event_put_text(&writer, QW_KEY_ALERT_SIGNATURE, "Program download");
	qw_event_put_text(&writer, QW_KEY_DIRECTION, direction);
	qw_event_put_text(&writer, QW_KEY_TEXT, detail);
	size_t size = qw_event_size(writer.event);
	size = qw_asset_watch.dress(kit->watch.state, kit->event, size, room ? size : sizeof(kit->event));
	qw_text_init(&text, kit->line, sizeof(kit->line) - 1);
	assert_int_equal(qw_eve_render(&text, kit->event, size, false, &parts), QW_OK);
	qw_eve_close(&text, &parts.own);
	return qw_text_string(&text);
}

static void has(const char *line, const char *text)
{
	bool found = strstr(line, text) != NULL;
	if (!found)
		print_error("not in %s\n", line);
	assert_true(found);
}

static void an_alert_says_who_did_what_to_whom(void **state)
{
	struct words_kit kit = {0};

	(void)state;
	start(&kit);
	const char *line = alert(&kit, "10.1.9.7", "10.1.4.20", "to_server", NULL, 0);
	has(line, "\"text\":\"STS-14 hoist PLC (10.1.4.20): program download from engineering laptop (10.1.9.7), first time\"");
	has(line, "\"asset\":{\"src\":{\"name\":\"engineering laptop\",\"area\":\"office\"},"
		  "\"dest\":{\"name\":\"STS-14 hoist PLC\",\"role\":\"PLC\",\"area\":\"STS-14\",\"criticality\":\"high\"}}");
	watch_kit_stop(&kit.watch);
}

static void what_a_pair_did_before_is_no_first_time(void **state)
{
	struct words_kit kit = {0};

	(void)state;
	start(&kit);
	has(alert(&kit, "10.1.9.7", "10.1.4.20", "to_server", NULL, 0), "first time");
	assert_null(strstr(alert(&kit, "10.1.9.7", "10.1.4.20", "to_server", NULL, 0), "first time"));
	/* an answer of the same conversation is of the same pair */
	const char *line = alert(&kit, "10.1.4.20", "10.1.9.7", "to_client", NULL, 0);
	has(line, "\"text\":\"STS-14 hoist PLC (10.1.4.20): program download from engineering laptop (10.1.9.7)\"");
	has(alert(&kit, "10.1.9.8", "10.1.4.20", "to_server", NULL, 0), "from 10.1.9.8, first time");
	watch_kit_stop(&kit.watch);
}

static void what_a_watcher_says_stands_behind_the_names(void **state)
{
	struct words_kit kit = {0};

	(void)state;
	start(&kit);
	has(alert(&kit, "10.1.9.7", "10.1.4.20", "to_server", "Nobody did that in 7 days.", 0), ", first time. Nobody did that in 7 days.\"");
	watch_kit_stop(&kit.watch);
}

static void where_nobody_is_known_the_alert_stays_as_it_was(void **state)
{
	struct words_kit kit = {0};

	(void)state;
	start(&kit);
	const char *line = alert(&kit, "10.7.0.1", "10.7.0.2", "to_server", "Facts.", 0);
	has(line, "\"text\":\"Facts.\"");
	assert_null(strstr(line, "\"asset\""));
	watch_kit_stop(&kit.watch);
}

static void where_there_is_no_room_the_alert_stays_whole(void **state)
{
	struct words_kit kit = {0};

	(void)state;
	start(&kit);
	has(alert(&kit, "10.1.9.7", "10.1.4.20", "to_server", "Facts.", 1), "\"text\":\"Facts.\"");
	watch_kit_stop(&kit.watch);
}

/* What goes to the collector where alerts.names is off. */
static void names_are_taken_out_and_facts_stay(void **state)
{
	struct words_kit kit = {0};
	struct qw_eve_parts parts;
	struct qw_text text;

	(void)state;
	start(&kit);
	alert(&kit, "10.1.9.7", "10.1.4.20", "to_server", "Facts.", 0);
	qw_text_init(&text, kit.line, sizeof(kit.line) - 1);
	assert_int_equal(qw_eve_render(&text, kit.event, qw_event_size((struct qw_event *)kit.event), false, &parts), QW_OK);
	assert_true(parts.own.words.len > 0 && parts.own.dest.name.len > 0);
	qw_eve_redact_names(&parts);
	qw_eve_close(&text, &parts.own);
	has(qw_text_string(&text), "\"text\":\"Facts.\"");
	assert_null(strstr(kit.line, "hoist"));
	assert_null(strstr(kit.line, "\"asset\""));
	watch_kit_stop(&kit.watch);
}

static void a_host_is_called_by_its_role_where_it_has_no_name(void **state)
{
	struct words_kit kit = {0};

	(void)state;
	start(&kit);
	watch_kit_flow(&kit.watch, "10.7.0.1", "10.7.0.2", 502, "modbus");
	has(alert(&kit, "10.7.0.1", "10.7.0.2", "to_server", NULL, 0), "\"text\":\"PLC 10.7.0.2: program download from HMI 10.7.0.1, first time\"");
	watch_kit_stop(&kit.watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_says_who_did_what_to_whom),
		cmocka_unit_test(what_a_pair_did_before_is_no_first_time),
		cmocka_unit_test(what_a_watcher_says_stands_behind_the_names),
		cmocka_unit_test(where_nobody_is_known_the_alert_stays_as_it_was),
		cmocka_unit_test(where_there_is_no_room_the_alert_stays_whole),
		cmocka_unit_test(names_are_taken_out_and_facts_stay),
		cmocka_unit_test(a_host_is_called_by_its_role_where_it_has_no_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

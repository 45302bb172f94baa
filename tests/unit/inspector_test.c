/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and indicators held against whole conversations, through the engine: inspector, sight and report together. */
#include "sensor/detect/inspector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sensor/capture/source.h"
#include "sensor/export/eve.h"
#include "sensor/run/engine.h"
#include "sensor/run/rulebook.h"
#include "sensor/run/settings.h"
#include "tests/forge/forge.h"

#define CLIENT "203.0.113.66"
#define SERVER "10.77.1.10"

enum { LOG_BYTES = 256 * 1024, BATCH = QW_ENGINE_BATCH };

/* An engine, what it is to find, and what it said. */
struct bench {
	struct qw_setting rows[QW_CFG_COUNT];
	struct qw_config *config;
	struct qw_diags diags;
	struct qw_rulebook *book;
	struct qw_ruleset ruleset;
	struct forge_capture capture;
	struct forge_talk talk;
	char log[LOG_BYTES]; /* EVE lines */
	size_t len;
	struct qw_engine_stats stats;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	qw_diags_init(&bench->diags);
	qw_sensor_settings(bench->rows, false);
	assert_int_equal(qw_config_new(&bench->config, bench->rows, QW_CFG_COUNT), QW_OK);
	assert_int_equal(qw_rulebook_new(&bench->book, bench->config, &bench->diags), QW_OK);
	forge_capture_init(&bench->capture, (struct forge_format){.link = 1});
	forge_talk_init(&bench->talk, &bench->capture, CLIENT, 40000, SERVER, 80);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	qw_signatures_close(bench->ruleset.signatures);
	qw_indicators_close(bench->ruleset.indicators);
	qw_rulebook_free(bench->book);
	qw_config_free(bench->config);
	qw_diags_fini(&bench->diags);
	forge_capture_fini(&bench->capture);
	free(bench);
	return 0;
}

static void configure(struct bench *bench, const char *assignment)
{
	assert_int_equal(qw_config_set(bench->config, assignment, &bench->diags), QW_OK);
}

static void add_rule(struct bench *bench, const char *rule)
{
	size_t before = bench->diags.errors;

	assert_int_equal(qw_rulebook_add_signature(bench->book, "test", rule, strlen(rule)), QW_OK);
	if (bench->diags.errors != before)
		qw_diags_print(&bench->diags, stderr);
	assert_int_equal(bench->diags.errors, before);
}

static void add_indicator(struct bench *bench, enum qw_observable_type type, const char *value, bool allow)
{
	struct qw_indicator indicator;

	qw_indicator_init(&indicator);
	indicator.allow = allow;
	indicator.observable.type = type;
	indicator.observable.len = (uint16_t)snprintf(indicator.observable.text, sizeof(indicator.observable.text), "%s", value);
	assert_int_equal(qw_rulebook_add_indicator(bench->book, &indicator), QW_OK);
}

static void request(struct bench *bench, const char *uri, const char *host)
{
	char text[512];

	forge_talk_open(&bench->talk);
	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: test\r\n\r\n", uri, host);
	forge_talk_text(&bench->talk, FORGE_CLIENT, text);
	forge_talk_text(&bench->talk, FORGE_SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	forge_talk_close(&bench->talk);
}

static void take(void *ctx, const struct qw_event *event, size_t size)
{
	struct bench *bench = ctx;
	struct qw_eve_parts parts;
	struct qw_text text;

	qw_text_init(&text, bench->log + bench->len, LOG_BYTES - 1 - bench->len);
	assert_int_equal(qw_eve_render(&text, event, size, false, &parts), QW_OK);
	qw_eve_close(&text, &parts.own);
	qw_text_char(&text, '\n');
	assert_false(text.cut);
	bench->len += text.len;
}

static const char *interface_name(void *ctx, uint16_t number)
{
	return "m1";
}

static void feed(struct qw_engine *engine, const char *path)
{
	struct qw_source_spec spec = {.paths = &path, .path_count = 1};
	struct qw_frame frames[BATCH];
	struct qw_source *source;
	size_t count;

	assert_int_equal(qw_source_file.open(&source, &spec), QW_OK);
	while (qw_source_file.receive(source, frames, BATCH, (struct qw_wait){0, -1}, &count) == QW_OK) {
		qw_engine_frames(engine, frames, count);
		qw_source_file.release(source);
	}
	qw_source_file.close(source);
}

static void open_rules(struct bench *bench)
{
	struct qw_ruleset_images images;

	assert_int_equal(qw_rulebook_finish(bench->book, &images), QW_OK);
	assert_int_equal(qw_signatures_open(&bench->ruleset.signatures, images.signatures), QW_OK);
	assert_int_equal(qw_indicators_open(&bench->ruleset.indicators, &images.indicators), QW_OK);
	bench->ruleset.generation = 1;
	qw_ruleset_images_close(&images);
}

/* What the engine says of the whole capture. */
static void play(struct bench *bench, uint32_t types)
{
	struct qw_engine_options options = {.config = bench->config, .types = types, .interface = interface_name, .emit = take,
					    .emit_ctx = bench};
	char path[] = "qw-inspector-XXXXXX";
	struct qw_engine *engine;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	forge_capture_save(&bench->capture, path);
	open_rules(bench);
	assert_int_equal(qw_engine_new(&engine, &options), QW_OK);
	qw_engine_adopt(engine, &bench->ruleset);
	feed(engine, path);
	qw_engine_finish(engine);
	qw_engine_stats(engine, &bench->stats);
	qw_engine_free(engine);
	unlink(path);
	assert_int_equal(bench->stats.packets, bench->capture.packets);
	assert_int_equal(bench->stats.inspected, bench->capture.packets);
}

static unsigned count(const struct bench *bench, const char *text)
{
	unsigned found = 0;

	for (const char *at = bench->log; (at = strstr(at, text)); at++)
		found++;
	return found;
}

static void a_rule_alerts_with_the_whole_story(void **state)
{
	struct bench *bench = *state;

	add_rule(bench, "alert http any any -> any any (msg:\"traversal\"; flow:established,to_server; http.uri.raw; "
			"content:\"/.%2e/\"; classtype:web-application-attack; metadata:tag demo; sid:5; rev:2;)");
	request(bench, "/cgi-bin/.%2e/.%2e/bin/sh", "a.example");
	play(bench, 0);
	assert_int_equal(count(bench, "\"event_type\""), 1);
	assert_int_equal(count(bench, "\"src_ip\":\"" CLIENT "\",\"src_port\":40000,\"dest_ip\":\"" SERVER "\",\"dest_port\":80"), 1);
	assert_int_equal(count(bench, "\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":5,\"rev\":2,\"signature\":\"traversal\""), 1);
	assert_int_equal(count(bench, "\"hostname\":\"a.example\""), 1);
	assert_int_equal(count(bench, "\"app_proto\":\"http\""), 1);
	assert_int_equal(count(bench, "\"quaywatch\":{\"origin\":\"signature\""), 1);
	assert_int_equal(bench->stats.alerts, 1);
}

static void a_rule_that_does_not_fit_is_silent(void **state)
{
	struct bench *bench = *state;

	add_rule(bench, "alert http any any -> any any (msg:\"x\"; http.uri; content:\"/absent/\"; sid:5;)");
	add_rule(bench, "alert http any any -> any 8080 (msg:\"x\"; http.uri; content:\"/present/\"; sid:6;)");
	add_rule(bench, "alert tcp any any -> any any (msg:\"x\"; flow:to_client; content:\"GET /present/\"; sid:7;)");
	request(bench, "/present/", "a.example");
	play(bench, 0);
	assert_int_equal(bench->len, 0);
}

static void a_pattern_across_segments_is_found_in_every_cut(void **state)
{
	struct bench *bench = *state;
	const char text[] = "....across the segments....";

	add_rule(bench, "alert tcp any any -> any any (msg:\"x\"; content:\"across the segments\"; sid:5;)");
	configure(bench, "alerts.fold=0");
	for (unsigned cut = 1; cut < sizeof(text); cut++) {
		forge_talk_init(&bench->talk, &bench->capture, CLIENT, (uint16_t)(40000 + cut), SERVER, 7000);
		forge_talk_open(&bench->talk);
		forge_talk_say(&bench->talk, FORGE_CLIENT, text, sizeof(text) - 1, cut);
		forge_talk_close(&bench->talk);
	}
	play(bench, 0);
	assert_int_equal(count(bench, "\"signature_id\":5"), sizeof(text) - 1);
}

static void a_flood_is_folded_and_its_counts_add_up(void **state)
{
	struct bench *bench = *state;

	add_rule(bench, "alert udp any any -> any any (msg:\"x\"; content:\"flood\"; sid:5;)");
	for (uint16_t i = 0; i < 100; i++)
		forge_datagram(&bench->capture, CLIENT, (uint16_t)(1000 + i), SERVER, 9, "flood", 5);
	play(bench, 0);
	assert_int_equal(bench->stats.alerts, 100);
	assert_int_equal(count(bench, "\"signature_id\":5"), 2);
	assert_int_equal(count(bench, "\"count\":99"), 1);
}

static void indicators_are_seen_in_addresses_and_names(void **state)
{
	struct bench *bench = *state;

	add_indicator(bench, QW_OBS_IP, CLIENT, false);
	add_indicator(bench, QW_OBS_DOMAIN, "evil.example", false);
	request(bench, "/", "www.evil.example");
	play(bench, 0);
	assert_int_equal(count(bench, "\"gid\":2"), 2);
	assert_int_equal(count(bench, "\"value\":\"" CLIENT "\""), 1); /* once for a flow, not for each packet */
	assert_int_equal(count(bench, "\"value\":\"evil.example\""), 1);
	assert_int_equal(count(bench, "\"origin\":\"indicator\""), 2);
}

static void what_is_allowed_is_not_reported(void **state)
{
	struct bench *bench = *state;

	add_indicator(bench, QW_OBS_DOMAIN, "evil.example", false);
	add_indicator(bench, QW_OBS_DOMAIN, "www.evil.example", true);
	request(bench, "/", "www.evil.example");
	play(bench, 0);
	assert_int_equal(bench->len, 0);
}

static void events_are_written_only_if_asked_for(void **state)
{
	struct bench *bench = *state;

	request(bench, "/page", "a.example");
	play(bench, 1u << QW_EVENT_FLOW | 1u << QW_EVENT_HTTP);
	assert_int_equal(count(bench, "\"event_type\":\"http\""), 1);
	assert_int_equal(count(bench, "\"event_type\":\"flow\""), 1);
	assert_int_equal(count(bench, "\"event_type\""), 2);
	assert_int_equal(count(bench, "\"state\":\"closed\""), 1);
	assert_int_equal(count(bench, "\"url\":\"/page\""), 1);
}

static void without_a_ruleset_nothing_is_said(void **state)
{
	struct bench *bench = *state;

	request(bench, "/cgi-bin/.%2e/", "evil.example");
	play(bench, 0);
	assert_int_equal(bench->len, 0);
	assert_int_equal(bench->stats.flows, 1);
}

static void a_pass_rule_silences_the_others(void **state)
{
	struct bench *bench = *state;

	add_rule(bench, "alert udp any any -> any any (msg:\"x\"; content:\"data\"; sid:5;)");
	add_rule(bench, "pass udp any any -> any 9 (msg:\"x\"; content:\"data\"; sid:6;)");
	forge_datagram(&bench->capture, CLIENT, 1000, SERVER, 9, "data", 4);
	forge_datagram(&bench->capture, CLIENT, 1001, SERVER, 10, "data", 4);
	play(bench, 0);
	assert_int_equal(count(bench, "\"signature_id\":5"), 1);
	assert_int_equal(count(bench, "\"dest_port\":10"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_rule_alerts_with_the_whole_story, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rule_that_does_not_fit_is_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pattern_across_segments_is_found_in_every_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(a_flood_is_folded_and_its_counts_add_up, setup, teardown),
		cmocka_unit_test_setup_teardown(indicators_are_seen_in_addresses_and_names, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_allowed_is_not_reported, setup, teardown),
		cmocka_unit_test_setup_teardown(events_are_written_only_if_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_ruleset_nothing_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pass_rule_silences_the_others, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sensor/watch/seen.h"

static struct qw_time hours(int64_t count)
{
	return qw_time_seconds((100 + count) * 3600);
}

static struct qw_seen talk(unsigned client, const char *server)
{
	struct qw_seen seen;
	char text[32];

	qw_seen_init(&seen);
	seen.type = QW_EVENT_FLOW;
	snprintf(text, sizeof(text), "10.1.%u.%u", client / 256, client % 256);
	assert_true(qw_address_parse(text, strlen(text), &seen.src.address));
	assert_true(qw_address_parse(server, strlen(server), &seen.dst.address));
	seen.src.known = seen.dst.known = seen.to_server = true;
	return seen;
}

static void show_flow(struct qw_recent *recent, unsigned client, const char *server, struct qw_time now)
{
	struct qw_seen seen = talk(client, server);

	seen.flow.begins = true;
	qw_recent_seen(recent, &seen, now);
}

/* As many as that; UNKNOWN: it cannot be known. */
enum { UNKNOWN = 1000000 };

static uint64_t hosts(const struct qw_recent *recent, enum qw_observable_type type, const char *value)
{
	struct qw_observable observable;
	uint64_t count;

	assert_int_equal(qw_observable_parse(&observable, type, value, strlen(value), NULL), QW_OK);
	return qw_recent_hosts(recent, &observable, &count) ? count : UNKNOWN;
}

static int setup(void **state)
{
	struct qw_recent *recent;

	assert_int_equal(qw_recent_new(&recent, false), QW_OK);
	*state = recent;
	return 0;
}

static int setup_http(void **state)
{
	struct qw_recent *recent;

	assert_int_equal(qw_recent_new(&recent, true), QW_OK);
	*state = recent;
	return 0;
}

static int teardown(void **state)
{
	qw_recent_free(*state);
	return 0;
}

static void one_host_that_comes_often_is_one_host(void **state)
{
	struct qw_recent *recent = *state;

	for (int i = 0; i < 1000; i++)
		show_flow(recent, 7, "203.0.113.9", hours(0));
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.9"), 1);
	assert_int_equal(hosts(recent, QW_OBS_IP, "10.1.0.7"), 1);
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.8"), 0);
	assert_int_equal(hosts(recent, QW_OBS_IP_PORT, "203.0.113.9:443"), 1);
	assert_int_equal(hosts(recent, QW_OBS_CIDR, "203.0.113.0/24"), 1);
	assert_int_equal(hosts(recent, QW_OBS_CIDR, "203.0.112.0/24"), 0);
	assert_int_equal(hosts(recent, QW_OBS_CIDR, "203.0.112.0/20"), UNKNOWN);
}

static void many_hosts_are_about_as_many(void **state)
{
	struct qw_recent *recent = *state;

	for (unsigned i = 0; i < 40; i++)
		show_flow(recent, i, "203.0.113.9", hours(0));
	assert_in_range(hosts(recent, QW_OBS_IP, "203.0.113.9"), 21, 90);
}

static void what_alerts_is_met_before_its_conversation_is_told(void **state)
{
	struct qw_recent *recent = *state;
	struct qw_seen seen = talk(1, "203.0.113.9");

	seen.type = QW_EVENT_ALERT;
	qw_recent_seen(recent, &seen, hours(0));
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.9"), 1);
}

static void a_name_counts_for_all_above_it(void **state)
{
	struct qw_recent *recent = *state;
	struct qw_seen seen = talk(1, "203.0.113.53");

	seen.dns_name = qw_slice_text("WWW.Shop.example");
	qw_recent_seen(recent, &seen, hours(0));
	assert_int_equal(hosts(recent, QW_OBS_DOMAIN, "shop.example"), 1);
	assert_int_equal(hosts(recent, QW_OBS_DOMAIN, "www.shop.example"), 1);
	assert_int_equal(hosts(recent, QW_OBS_HOST, "www.shop.example"), 1);
	assert_int_equal(hosts(recent, QW_OBS_HOST, "shop.example"), 0);
	assert_int_equal(hosts(recent, QW_OBS_DOMAIN, "hop.example"), 0);
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.53"), 0);
}

static void what_is_a_day_old_is_forgotten(void **state)
{
	struct qw_recent *recent = *state;

	show_flow(recent, 1, "203.0.113.9", hours(0));
	show_flow(recent, 1, "203.0.113.1", hours(12));
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.9"), 1);
	show_flow(recent, 1, "203.0.113.1", hours(24));
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.9"), 0);
}

#define JA3  "b386946a5a44d1ddcc843bc75336dfce"
#define JA4  "t13d1516h2_8daaf6152771_e5627efa2ab1"
#define SHA1 "20a70000000000000000000000000000000000ff"

static void what_clients_and_certificates_are_is_counted(void **state)
{
	struct qw_recent *recent = *state;

	for (unsigned i = 0; i < 3; i++) {
		struct qw_seen seen = talk(i, "203.0.113.9");
		seen.tls_ja3 = qw_slice_text(JA3);
		seen.tls_ja4 = qw_slice_text(JA4);
		seen.tls_fingerprint = qw_slice_text("20:a7:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:ff");
		qw_recent_seen(recent, &seen, hours(0));
	}
	assert_in_range(hosts(recent, QW_OBS_JA3, JA3), 2, 3); /* two of three may share a cell */
	assert_in_range(hosts(recent, QW_OBS_JA4, JA4), 2, 3); /* two of three may share a cell */
	assert_in_range(hosts(recent, QW_OBS_CERT_SHA1, SHA1), 2, 3); /* two of three may share a cell */
	assert_int_equal(hosts(recent, QW_OBS_JA3, "00000000000000000000000000000000"), 0);
}

static struct qw_seen request(unsigned client)
{
	struct qw_seen seen = talk(client, "203.0.113.80");

	seen.http_host = qw_slice_text("files.example.org");
	seen.http_url = qw_slice_text("/drop/a.exe?x=1");
	seen.http_user_agent = qw_slice_text("evil/1.0");
	return seen;
}

static void what_is_not_seen_is_not_known(void **state)
{
	struct qw_recent *recent = *state;
	struct qw_seen seen = request(1);

	assert_int_equal(hosts(recent, QW_OBS_URL, "files.example.org/drop/a.exe?x=1"), 0); /* nobody met the host */
	qw_recent_seen(recent, &seen, hours(0));
	assert_int_equal(hosts(recent, QW_OBS_URL, "files.example.org/drop/b.exe"), UNKNOWN);
	assert_int_equal(hosts(recent, QW_OBS_USER_AGENT, "evil/1.0"), UNKNOWN);
	assert_int_equal(
	    hosts(recent, QW_OBS_SHA256, "0000000000000000000000000000000000000000000000000000000000000000"), UNKNOWN);
	assert_int_equal(hosts(recent, QW_OBS_MD5, "00000000000000000000000000000000"), UNKNOWN);
}

static void requests_are_counted_where_they_are_told(void **state)
{
	struct qw_recent *recent = *state;

	for (unsigned i = 0; i < 3; i++) {
		struct qw_seen seen = request(i);
		qw_recent_seen(recent, &seen, hours(0));
	}
	assert_in_range(hosts(recent, QW_OBS_URL, "files.example.org/drop/a.exe?x=1"), 2, 3);
	assert_int_equal(hosts(recent, QW_OBS_URL, "files.example.org/drop/b.exe"), 0);
	assert_in_range(hosts(recent, QW_OBS_USER_AGENT, "evil/1.0"), 2, 3);
	assert_in_range(hosts(recent, QW_OBS_HOST, "files.example.org"), 2, 3);
}

static void where_some_found_no_place_nothing_is_known_of_the_rest(void **state)
{
	struct qw_recent *recent = *state;
	char name[32];

	show_flow(recent, 1, "203.0.113.9", hours(0));
	for (unsigned i = 0; qw_recent_lost(recent) == 0 && i < QW_RECENT_SLOTS; i++) {
		struct qw_seen seen = talk(1, "203.0.113.53");
		snprintf(name, sizeof(name), "n%u.example", i);
		seen.dns_name = qw_slice_text(name);
		qw_recent_seen(recent, &seen, hours(0));
	}
	assert_true(qw_recent_lost(recent) > 0);
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.9"), 1);
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.8"), UNKNOWN);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(one_host_that_comes_often_is_one_host),
	    CASE(many_hosts_are_about_as_many),
	    CASE(what_alerts_is_met_before_its_conversation_is_told),
	    CASE(a_name_counts_for_all_above_it),
	    CASE(what_is_a_day_old_is_forgotten),
	    CASE(what_clients_and_certificates_are_is_counted),
	    CASE(what_is_not_seen_is_not_known),
	    cmocka_unit_test_setup_teardown(requests_are_counted_where_they_are_told, setup_http, teardown),
	    CASE(where_some_found_no_place_nothing_is_known_of_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static uint64_t hosts(const struct qw_recent *recent, enum qw_observable_type type, const char *value)
{
	struct qw_observable observable;

	assert_int_equal(qw_observable_parse(&observable, type, value, strlen(value), NULL), QW_OK);
	return qw_recent_hosts(recent, &observable);
}

static void one_host_that_comes_often_is_one_host(void **state)
{
	struct qw_recent *recent;

	(void)state;
	assert_int_equal(qw_recent_new(&recent), QW_OK);
	for (int i = 0; i < 1000; i++)
		show_flow(recent, 7, "203.0.113.9", hours(0));
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.9"), 1);
	assert_int_equal(hosts(recent, QW_OBS_IP, "10.1.0.7"), 1);
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.8"), 0);
	assert_int_equal(hosts(recent, QW_OBS_IP_PORT, "203.0.113.9:443"), 1);
	assert_int_equal(hosts(recent, QW_OBS_URL, "203.0.113.9/x"), 1);
	assert_int_equal(hosts(recent, QW_OBS_CIDR, "203.0.113.0/24"), 1);
	assert_int_equal(hosts(recent, QW_OBS_CIDR, "203.0.112.0/24"), 0);
	qw_recent_free(recent);
}

static void many_hosts_are_about_as_many(void **state)
{
	struct qw_recent *recent;

	(void)state;
	assert_int_equal(qw_recent_new(&recent), QW_OK);
	for (unsigned i = 0; i < 40; i++)
		show_flow(recent, i, "203.0.113.9", hours(0));
	assert_in_range(hosts(recent, QW_OBS_IP, "203.0.113.9"), 21, 90);
	qw_recent_free(recent);
}

static void a_name_counts_for_all_above_it(void **state)
{
	struct qw_recent *recent;
	struct qw_seen seen = talk(1, "203.0.113.53");

	(void)state;
	assert_int_equal(qw_recent_new(&recent), QW_OK);
	seen.dns_name = qw_slice_text("WWW.Shop.example");
	qw_recent_seen(recent, &seen, hours(0));
	assert_int_equal(hosts(recent, QW_OBS_DOMAIN, "shop.example"), 1);
	assert_int_equal(hosts(recent, QW_OBS_DOMAIN, "www.shop.example"), 1);
	assert_int_equal(hosts(recent, QW_OBS_HOST, "www.shop.example"), 1);
	assert_int_equal(hosts(recent, QW_OBS_HOST, "shop.example"), 0);
	assert_int_equal(hosts(recent, QW_OBS_DOMAIN, "hop.example"), 0);
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.53"), 0);
	qw_recent_free(recent);
}

static void what_is_a_day_old_is_forgotten(void **state)
{
	struct qw_recent *recent;

	(void)state;
	assert_int_equal(qw_recent_new(&recent), QW_OK);
	show_flow(recent, 1, "203.0.113.9", hours(0));
	show_flow(recent, 1, "203.0.113.1", hours(12));
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.9"), 1);
	show_flow(recent, 1, "203.0.113.1", hours(24));
	assert_int_equal(hosts(recent, QW_OBS_IP, "203.0.113.9"), 0);
	qw_recent_free(recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_host_that_comes_often_is_one_host),
		cmocka_unit_test(many_hosts_are_about_as_many),
		cmocka_unit_test(a_name_counts_for_all_above_it),
		cmocka_unit_test(what_is_a_day_old_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

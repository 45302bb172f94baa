/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/collector_kit.h"

#include "collector/guard.h"

static struct qw_guard *make_guard(void)
{
	static const struct qw_guard_list jewels = {QW_GUARD_JEWEL, "jewels", NULL}, allow = {QW_GUARD_ALLOW, "allow", NULL},
					  of_berth = {QW_GUARD_ALLOW, "policy.allow", "berth-100"};
	struct qw_observable host;
	struct qw_guard *guard;

	assert_int_equal(qw_guard_new(&guard), QW_OK);
	assert_int_equal(qw_guard_add_special(guard), QW_OK);
	assert_int_equal(qw_guard_add_text(guard, &jewels, "10.9.0.0/16"), QW_OK);
	assert_int_equal(qw_guard_add_text(guard, &jewels, "203.0.113.9"), QW_OK);
	assert_int_equal(qw_guard_add_text(guard, &jewels, "port.example"), QW_OK);
	assert_int_equal(qw_guard_add_text(guard, &jewels, "2001:db8:5::/48"), QW_OK);
	assert_int_equal(qw_guard_add_text(guard, &allow, "198.51.100.128/25"), QW_OK);
	assert_int_equal(qw_observable_parse(&host, QW_OBS_HOST, "www.shop.example", 16, NULL), QW_OK);
	assert_int_equal(qw_guard_add(guard, &allow, &host), QW_OK);
	assert_int_equal(qw_guard_add_text(guard, &of_berth, "crane.example"), QW_OK);
	qw_guard_finish(guard);
	return guard;
}

/* The kind that stands against it; QW_GUARD_KINDS: none. */
static enum qw_guard_kind asked(const struct qw_guard *guard, enum qw_observable_type type, const char *value,
				const char *tenant, struct qw_guard_hit *hit)
{
	struct qw_observable observable;

	if (qw_observable_parse(&observable, type, value, strlen(value), NULL) != QW_OK)
		fail_msg("%s is no such value", value);
	return qw_guard_find(guard, &observable, tenant, hit) ? hit->list.kind : QW_GUARD_KINDS;
}

static void what_lies_in_an_entry_or_covers_one_is_found(void **state)
{
	static const struct {
		enum qw_observable_type type;
		const char *value;
		enum qw_guard_kind kind;
		bool above;
		const char *entry;
	} rows[] = {
	    {QW_OBS_IP, "10.9.1.2", QW_GUARD_JEWEL, false, "10.9.0.0/16"},
	    {QW_OBS_IP, "10.8.1.2", QW_GUARD_SPECIAL, false, "10.0.0.0/8"},
	    {QW_OBS_CIDR, "203.0.113.0/24", QW_GUARD_JEWEL, true, "203.0.113.9"},
	    {QW_OBS_CIDR, "203.0.112.0/24", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_IP, "203.0.113.8", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_IP_PORT, "203.0.113.9:443", QW_GUARD_JEWEL, false, "203.0.113.9"},
	    {QW_OBS_URL, "203.0.113.9/x", QW_GUARD_JEWEL, false, "203.0.113.9"},
	    {QW_OBS_CIDR, "8.0.0.0/6", QW_GUARD_JEWEL, true, "10.9.0.0/16"},
	    {QW_OBS_IP, "198.51.100.200", QW_GUARD_ALLOW, false, "198.51.100.128/25"},
	    {QW_OBS_IP, "198.51.100.100", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_CIDR, "198.51.100.0/24", QW_GUARD_ALLOW, true, "198.51.100.128/25"},
	    {QW_OBS_IP, "2001:db8:5::9", QW_GUARD_JEWEL, false, "2001:db8:5::/48"},
	    {QW_OBS_IP, "2001:db8:6::9", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_IP, "100::1", QW_GUARD_SPECIAL, false, "100::/64"},
	    {QW_OBS_IP, "100:0:0:1::1", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_IP, "2001:1ff::1", QW_GUARD_SPECIAL, false, "2001::/23"},
	    {QW_OBS_IP, "2002:c000:204::1", QW_GUARD_SPECIAL, false, "2002::/16"},
	    {QW_OBS_IP, "64:ff9b::c000:204", QW_GUARD_SPECIAL, false, "64:ff9b::/96"},
	    {QW_OBS_DOMAIN, "port.example", QW_GUARD_JEWEL, false, "port.example"},
	    {QW_OBS_HOST, "a.b.port.example", QW_GUARD_JEWEL, false, "port.example"},
	    {QW_OBS_DOMAIN, "airport.example", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_DOMAIN, "port.example.evil.example", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_DOMAIN, "example", QW_GUARD_JEWEL, true, "port.example"},
	    {QW_OBS_HOST, "example.org", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_URL, "www.port.example/login", QW_GUARD_JEWEL, false, "port.example"},
	    {QW_OBS_HOST, "www.shop.example", QW_GUARD_ALLOW, false, "www.shop.example"},
	    {QW_OBS_HOST, "x.www.shop.example", QW_GUARD_KINDS, false, ""},
	    {QW_OBS_DOMAIN, "shop.example", QW_GUARD_ALLOW, true, "www.shop.example"},
	    {QW_OBS_HOST, "shop.example", QW_GUARD_KINDS, false, ""},
	};
	struct qw_guard *guard = make_guard();
	struct qw_guard_hit hit = {.above = false};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum qw_guard_kind kind = asked(guard, rows[i].type, rows[i].value, NULL, &hit);
		if (kind != rows[i].kind || (kind != QW_GUARD_KINDS && (hit.above != rows[i].above || strcmp(hit.entry, rows[i].entry))))
			fail_msg("%s: kind %d, entry %s, above %d", rows[i].value, kind, hit.entry, hit.above);
	}
	qw_guard_free(guard);
}

static void a_tenants_list_is_for_what_that_tenant_brings(void **state)
{
	struct qw_guard *guard = make_guard();
	struct qw_guard_hit hit;

	(void)state;
	assert_int_equal(asked(guard, QW_OBS_DOMAIN, "x.crane.example", "berth-100", &hit), QW_GUARD_ALLOW);
	assert_int_equal(asked(guard, QW_OBS_DOMAIN, "x.crane.example", "berth-200", &hit), QW_GUARD_KINDS);
	assert_int_equal(asked(guard, QW_OBS_DOMAIN, "x.crane.example", NULL, &hit), QW_GUARD_KINDS);
	qw_guard_free(guard);
}

static void the_sentence_names_list_and_entry(void **state)
{
	struct qw_guard *guard = make_guard();
	struct qw_observable observable;
	char sentence[QW_GUARD_SENTENCE_MAX];
	struct qw_guard_hit hit;

	(void)state;
	assert_int_equal(qw_observable_parse(&observable, QW_OBS_IP, "10.9.1.2", 8, NULL), QW_OK);
	assert_true(qw_guard_find(guard, &observable, NULL, &hit));
	qw_guard_sentence(&hit, &observable, sentence);
	assert_string_equal(sentence, "10.9.1.2 lies in 10.9.0.0/16 of jewels (a crown jewel: nothing may list it)");
	assert_int_equal(qw_observable_parse(&observable, QW_OBS_DOMAIN, "port.example", 12, NULL), QW_OK);
	assert_true(qw_guard_find(guard, &observable, NULL, &hit));
	qw_guard_sentence(&hit, &observable, sentence);
	assert_string_equal(sentence, "port.example is an entry of jewels (a crown jewel: nothing may list it)");
	qw_guard_free(guard);
}

static void a_warning_list_is_read_under_its_own_title(void **state)
{
	static const char list[] = "{\"name\":\"Known resolvers\",\"type\":\"cidr\",\"version\":1,\"description\":\"d\","
				   "\"matching_attributes\":[\"ip-src\",\"ip-dst\"],\"list\":[\"9.9.9.0/24\"]}\n";
	const struct qw_guard_list warning = {QW_GUARD_WARNING, NULL, NULL};
	struct qw_guard *guard;
	struct qw_guard_hit hit;
	char path[256];

	kit_write(*state, "resolvers.json", -1, list, sizeof(list) - 1);
	kit_path(path, *state, "resolvers.json");
	assert_int_equal(qw_guard_new(&guard), QW_OK);
	assert_int_equal(qw_guard_read(guard, &warning, path, NULL), QW_OK);
	qw_guard_finish(guard);
	assert_int_equal(qw_guard_count(guard, QW_GUARD_WARNING), 1);
	assert_int_equal(asked(guard, QW_OBS_IP, "9.9.9.9", NULL, &hit), QW_GUARD_WARNING);
	assert_string_equal(hit.list.name, "Known resolvers");
	qw_guard_free(guard);
}

static void a_misspelt_jewel_is_an_error(void **state)
{
	static const char good[] = "# ours\n203.0.113.9\nport.example\n", bad[] = "203.0.113.9\n203.0.113.999/40\n";
	const struct qw_guard_list jewels = {QW_GUARD_JEWEL, NULL, NULL};
	struct qw_guard *guard;
	char path[256];

	assert_int_equal(qw_guard_new(&guard), QW_OK);
	kit_write(*state, "good", -1, good, sizeof(good) - 1);
	kit_path(path, *state, "good");
	assert_int_equal(qw_guard_read(guard, &jewels, path, NULL), QW_OK);
	assert_int_equal(qw_guard_count(guard, QW_GUARD_JEWEL), 2);
	kit_write(*state, "bad", -1, bad, sizeof(bad) - 1);
	kit_path(path, *state, "bad");
	assert_int_equal(qw_guard_read(guard, &jewels, path, NULL), QW_EFORMAT);
	kit_path(path, *state, "missing");
	assert_int_not_equal(qw_guard_read(guard, &jewels, path, NULL), QW_OK);
	qw_guard_free(guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_lies_in_an_entry_or_covers_one_is_found),
	    cmocka_unit_test(a_tenants_list_is_for_what_that_tenant_brings),
	    cmocka_unit_test(the_sentence_names_list_and_entry),
	    cmocka_unit_test_setup_teardown(a_warning_list_is_read_under_its_own_title, kit_folder, kit_clear),
	    cmocka_unit_test_setup_teardown(a_misspelt_jewel_is_an_error, kit_folder, kit_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

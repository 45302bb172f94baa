/* SPDX-License-Identifier: Apache-2.0 */
/* Whether hidden ways out of the network are told, and the ways that are known are not. */
#include "watch_kit.h"

#include "sensor/watch/assets/oui.h"
#include "sensor/watch/paths/paths.h"

enum { DHCP = QW_FINDING_GATEWAY, ROUTER, REDIRECT, MODEM, NAMES, TIMES, HIDDEN_NAMES, OUT, REACHED };

#define LEARNT "watch = { gateway = { learn = 0; }; };"
#define PLC "10.2.4.1"
#define OUTSIDE "198.51.100.9"

static void answer_dhcp(struct watch_kit *kit, const char *server, uint16_t vlan, uint16_t to_port)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, server, "255.255.255.255", to_port, "dhcp");
	seen.src.port = 67;
	seen.proto = 17;
	seen.vlan = vlan;
	watch_kit_show(kit, &seen);
}

static void a_second_dhcp_server_is_told_on_its_network_only(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_gateway, "");
	answer_dhcp(&kit, "10.2.0.1", 4, 68);
	answer_dhcp(&kit, "10.2.0.1", 4, 68);
	answer_dhcp(&kit, "10.3.0.1", 5, 68);
	answer_dhcp(&kit, "10.2.0.77", 4, 67); /* a relay's */
	assert_int_equal(kit.told_count, 0);
	answer_dhcp(&kit, "192.168.0.1", 4, 68);
	assert_int_equal(watch_kit_told(&kit, DHCP), 1);
	assert_string_equal(kit.told[0].text, "192.168.0.1 answers for DHCP; the server known here is another (watch.dhcp_servers)");
	watch_kit_stop(&kit);
}

static void who_only_asks_for_an_address_is_no_dhcp_server(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_gateway, "watch = { dhcp_servers = (\"10.2.0.1\"); };");
	struct qw_seen seen = watch_kit_flow_begins(&kit, "0.0.0.0", "255.255.255.255", 67, "dhcp");
	seen.src.port = 68;
	seen.proto = 17;
	seen.flow.packets[1] = 0;
	watch_kit_show(&kit, &seen);
	answer_dhcp(&kit, "10.2.0.1", 0, 68);
	assert_int_equal(kit.told_count, 0);
	seen = watch_kit_flow_begins(&kit, "10.2.0.5", "10.2.0.2", 67, "dhcp");
	seen.src.port = 68;
	seen.proto = 17;
	watch_kit_show(&kit, &seen);
	assert_int_equal(watch_kit_told(&kit, DHCP), 1);
	watch_kit_stop(&kit);
}

static void icmp(struct watch_kit *kit, const char *from, const char *to, uint8_t proto, uint8_t type)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, from, to, 0, "");
	seen.src.port = 0;
	seen.proto = proto;
	seen.has_icmp = true;
	seen.icmp_type = type;
	watch_kit_show(kit, &seen);
}

static void a_second_router_and_any_redirect_are_told(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_gateway, "");
	icmp(&kit, "fe80::1", "ff02::1", 58, 134);
	icmp(&kit, "fe80::1", "ff02::1", 58, 134);
	icmp(&kit, "10.2.0.1", "224.0.0.1", 1, 9);
	icmp(&kit, "fe80::9", "ff02::1", 58, 135);
	icmp(&kit, "10.2.0.1", "10.2.0.9", 1, 3);
	assert_int_equal(kit.told_count, 0);
	icmp(&kit, "fe80::2", "ff02::1", 58, 134);
	assert_int_equal(watch_kit_told(&kit, ROUTER), 1);
	icmp(&kit, "10.2.0.1", "10.2.0.9", 1, 5);
	icmp(&kit, "fe80::9", "fe80::8", 58, 137);
	assert_int_equal(watch_kit_told(&kit, REDIRECT), 2);
	watch_kit_stop(&kit);
}

static void routers_that_the_configuration_names_are_not_told(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_gateway, "watch = { routers = (\"fe80::1\", \"fe80::2\", \"10.2.0.1\"); };");
	icmp(&kit, "fe80::1", "ff02::1", 58, 134);
	icmp(&kit, "fe80::2", "ff02::1", 58, 134);
	icmp(&kit, "10.2.0.1", "10.2.0.9", 1, 5);
	assert_int_equal(kit.told_count, 0);
	icmp(&kit, "fe80::3", "ff02::1", 58, 134);
	assert_int_equal(watch_kit_told(&kit, ROUTER), 1);
	watch_kit_stop(&kit);
}

static void from_mac(struct watch_kit *kit, uint8_t a, uint8_t b, uint8_t c)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, "10.2.0.5", "10.2.0.6", 80, "http");
	seen.src.has_mac = true;
	memcpy(seen.src.mac, (uint8_t[6]){a, b, c, 1, 2, 3}, 6);
	watch_kit_show(kit, &seen);
}

static void a_modem_is_told_once_by_its_card(void **state)
{
	static const char list[] = "00-1E-42   (hex)\t\tTeltonika\n00-90-E8   (hex)\t\tMOXA TECHNOLOGIES CORP., LTD.\n";
	struct watch_kit kit;
	struct qw_oui *makers;
	watch_kit_start(&kit, &qw_gateway, "watch = { again = 0; };");
	from_mac(&kit, 0x00, 0x1e, 0x42);
	assert_int_equal(kit.told_count, 0); /* nobody knows makers */
	assert_int_equal(qw_oui_read(&makers, list, sizeof(list) - 1), QW_OK);
	qw_world_set_makers(kit.world, makers);
	from_mac(&kit, 0x00, 0x90, 0xe8);
	assert_int_equal(kit.told_count, 0);
	from_mac(&kit, 0x00, 0x1e, 0x42);
	from_mac(&kit, 0x00, 0x1e, 0x42);
	assert_int_equal(watch_kit_told(&kit, MODEM), 1);
	assert_string_equal(kit.told[0].text, "00:1e:42:01:02:03 was seen on the network; its maker is Teltonika");
	watch_kit_stop(&kit);
	qw_oui_free(makers);
}

static void ask(struct watch_kit *kit, const char *server, uint16_t port, const char *app)
{
	struct qw_seen seen = watch_kit_flow_begins(kit, "10.1.0.5", server, port, app);
	seen.proto = 17;
	watch_kit_show(kit, &seen);
}

static void servers_that_are_not_the_terminals_are_told(void **state)
{
	static const struct {
		const char *config;
		uint32_t names, times; /* told */
	} rows[] = {
		{LEARNT, 2, 2},
		{"", 0, 0},
		{"watch = { dns_servers = (\"10.0.0.53\"); ntp_servers = (\"10.0.0.0/24\"); };", 1, 1},
	};
	for (unsigned i = 0; i < 3; i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_gateway, rows[i].config);
		ask(&kit, "10.0.0.53", 53, "dns");
		ask(&kit, "8.8.8.8", 53, "dns");
		ask(&kit, "10.0.0.12", 123, "ntp");
		ask(&kit, "192.0.2.123", 123, "ntp");
		ask(&kit, "224.0.1.1", 123, "ntp");
		ask(&kit, "10.1.0.6", 5355, "dns");
		assert_int_equal(watch_kit_told(&kit, NAMES), rows[i].names);
		assert_int_equal(watch_kit_told(&kit, TIMES), rows[i].times);
		watch_kit_stop(&kit);
	}
}

static void what_was_learnt_in_time_stays_known(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_gateway, "watch = { gateway = { learn = 60; }; };");
	ask(&kit, "10.0.0.53", 53, "dns");
	watch_kit_pass(&kit, 61);
	ask(&kit, "10.0.0.53", 53, "dns");
	assert_int_equal(kit.told_count, 0);
	ask(&kit, "8.8.8.8", 53, "dns");
	assert_int_equal(watch_kit_told(&kit, NAMES), 1);
	watch_kit_stop(&kit);
}

static void names_hidden_in_https_are_told(void **state)
{
	static const struct {
		const char *sni;
		bool told;
	} rows[] = {{"dns.google", true}, {"Cloudflare-DNS.com", true}, {"www.google.com", false}, {"dns.google.example", false}, {"", false}};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_gateway, "");
		struct qw_seen seen = watch_kit_seen(&kit, QW_EVENT_TLS, "10.1.0.5", "8.8.4.4", 443, "tls");
		seen.tls_sni = watch_kit_slice(rows[i].sni);
		watch_kit_show(&kit, &seen);
		assert_int_equal(watch_kit_told(&kit, HIDDEN_NAMES), rows[i].told);
		watch_kit_stop(&kit);
	}
}

static void a_machine_and_the_internet_are_told_both_ways(void **state)
{
	static const struct {
		const char *client, *server;
		uint64_t back; /* packets */
		uint32_t sid;
	} rows[] = {
		{PLC, OUTSIDE, 1, OUT},	 {PLC, OUTSIDE, 0, OUT},    {OUTSIDE, PLC, 1, REACHED},     {OUTSIDE, PLC, 0, 0},
		{PLC, "10.1.0.5", 1, 0}, {PLC, "239.192.0.4", 1, 0}, {"10.1.0.5", OUTSIDE, 1, 0}, {OUTSIDE, "10.1.0.5", 1, 0},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_kit kit;
		watch_kit_start(&kit, &qw_gateway, "");
		watch_kit_flow(&kit, "10.2.0.9", PLC, 502, "modbus");
		struct qw_seen seen = watch_kit_flow_begins(&kit, rows[i].client, rows[i].server, 443, "");
		seen.flow.packets[1] = rows[i].back;
		watch_kit_show(&kit, &seen);
		assert_int_equal(kit.told_count, rows[i].sid != 0);
		if (rows[i].sid)
			assert_int_equal(kit.told[0].sid, rows[i].sid);
		watch_kit_stop(&kit);
	}
}

static void more_servers_than_fit_are_counted(void **state)
{
	struct watch_kit kit;
	watch_kit_start(&kit, &qw_gateway, "");
	for (int i = 0; i < 16384 + 10; i++) {
		char server[32];
		snprintf(server, sizeof(server), "192.0.%d.%d", i >> 7, i & 127);
		ask(&kit, server, 53, "dns");
	}
	assert_int_equal(qw_world_counters(kit.world)->no_room, 10);
	watch_kit_stop(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_dhcp_server_is_told_on_its_network_only),
		cmocka_unit_test(who_only_asks_for_an_address_is_no_dhcp_server),
		cmocka_unit_test(a_second_router_and_any_redirect_are_told),
		cmocka_unit_test(routers_that_the_configuration_names_are_not_told),
		cmocka_unit_test(a_modem_is_told_once_by_its_card),
		cmocka_unit_test(servers_that_are_not_the_terminals_are_told),
		cmocka_unit_test(what_was_learnt_in_time_stays_known),
		cmocka_unit_test(names_hidden_in_https_are_told),
		cmocka_unit_test(a_machine_and_the_internet_are_told_both_ways),
		cmocka_unit_test(more_servers_than_fit_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

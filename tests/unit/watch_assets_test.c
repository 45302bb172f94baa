/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/watch_kit.h"

#include <unistd.h>

#include "sensor/watch/assets/asset_watch.h"
#include "sensor/watch/assets/assets.h"
#include "sensor/watch/assets/inventory.h"
#include "sensor/watch/assets/roles.h"

static void start(struct watch_kit *kit, const char *config)
{
	memset(kit, 0, sizeof(*kit));
	kit->watch.types = 1u << QW_EVENT_ASSET;
	assert_int_equal(watch_kit_make(kit, &qw_asset_watch, config), QW_OK);
}

static const struct qw_asset *find(const struct watch_kit *kit, const char *text)
{
	struct qw_host host;

	assert_true(qw_host_parse(text, strlen(text), &host));
	return qw_assets_find(qw_world_assets(kit->world), &host);
}

static const char *role(const struct watch_kit *kit, const char *text)
{
	const struct qw_asset *asset = find(kit, text);

	assert_non_null(asset);
	return qw_role_name((enum qw_role)asset->role);
}

static void ask(struct watch_kit *kit, const char *client, const char *server, const char *name, uint64_t address, uint64_t quantity)
{
	struct qw_seen seen = watch_kit_ot(kit, client, server, 502, "modbus", 3);

	seen.ot.name = watch_kit_slice(name);
	seen.ot.has_unit = seen.ot.has_address = true;
	seen.ot.unit = 1;
	seen.ot.address = address;
	seen.ot.quantity = quantity;
	watch_kit_show(kit, &seen);
}

static void who_only_was_asked_is_no_asset(void **state)
{
	struct watch_kit kit;
	struct qw_seen seen;

	(void)state;
	start(&kit, "");
	seen = watch_kit_flow_begins(&kit, "10.0.0.1", "10.0.0.2", 502, "unknown");
	seen.flow.packets[1] = 0;
	watch_kit_show(&kit, &seen);
	assert_non_null(find(&kit, "10.0.0.1"));
	assert_null(find(&kit, "10.0.0.2"));
	watch_kit_flow(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus");
	assert_string_equal(role(&kit, "10.0.0.2"), "PLC");
	assert_int_equal(kit.told_count, 0);
	watch_kit_stop(&kit);
}

static void strangers_count_only_where_they_speak_of_machines(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, "");
	watch_kit_flow(&kit, "10.0.0.1", "198.51.100.7", 443, "tls");
	watch_kit_flow(&kit, "203.0.113.9", "10.0.0.2", 502, "modbus");
	assert_null(find(&kit, "198.51.100.7"));
	assert_non_null(find(&kit, "203.0.113.9"));
	watch_kit_stop(&kit);
}

static void a_client_is_what_it_does(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, "");
	ask(&kit, "10.0.0.1", "10.0.0.11", "read_holding_registers", 0, 1);
	assert_string_equal(role(&kit, "10.0.0.1"), "HMI");
	ask(&kit, "10.0.0.1", "10.0.0.12", "read_holding_registers", 0, 1);
	ask(&kit, "10.0.0.1", "10.0.0.13", "read_holding_registers", 0, 1);
	assert_string_equal(role(&kit, "10.0.0.1"), "historian");
	ask(&kit, "10.0.0.1", "10.0.0.13", "write_single_register", 0, 1);
	assert_string_equal(role(&kit, "10.0.0.1"), "HMI");
	ask(&kit, "10.0.0.1", "10.0.0.13", "download_block", 0, 1);
	assert_string_equal(role(&kit, "10.0.0.1"), "engineering station");
	watch_kit_stop(&kit);
}

static void a_device_is_what_it_says_that_it_is(void **state)
{
	struct watch_kit kit;
	struct qw_seen seen;

	(void)state;
	start(&kit, "");
	seen = watch_kit_ot(&kit, "10.0.0.1", "10.0.0.2", 44818, "enip", 0x63);
	struct qw_seen_end client = seen.src;
	seen.src = seen.dst;
	seen.dst = client;
	seen.to_server = false;
	seen.ot.response = true;
	seen.ot.vendor = watch_kit_slice("Rockwell");
	seen.ot.product = watch_kit_slice("PowerFlex 525\x01  ");
	seen.ot.serial_value = 4711;
	watch_kit_show(&kit, &seen);
	const struct qw_asset *asset = find(&kit, "10.0.0.2");
	assert_string_equal(asset->vendor, "Rockwell");
	assert_string_equal(asset->model, "PowerFlex 525.");
	assert_string_equal(asset->serial, "4711");
	assert_string_equal(role(&kit, "10.0.0.2"), "drive");
	watch_kit_stop(&kit);
}

static void what_is_new_is_told_once(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, "");
	watch_kit_flow(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus");
	watch_kit_pass(&kit, 1);
	assert_int_equal(kit.events[QW_EVENT_ASSET], 2);
	watch_kit_flow(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus");
	watch_kit_pass(&kit, 5);
	assert_int_equal(kit.events[QW_EVENT_ASSET], 2);
	watch_kit_flow(&kit, "10.0.0.1", "10.0.0.2", 80, "http");
	watch_kit_pass(&kit, 1);
	assert_int_equal(kit.events[QW_EVENT_ASSET], 4);
	watch_kit_stop(&kit);
}

static void ranges_that_touch_become_one(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, "");
	ask(&kit, "10.0.0.1", "10.0.0.2", "read_holding_registers", 10, 10);
	ask(&kit, "10.0.0.1", "10.0.0.2", "read_holding_registers", 40, 1);
	ask(&kit, "10.0.0.1", "10.0.0.2", "read_holding_registers", 20, 5);
	ask(&kit, "10.0.0.1", "10.0.0.2", NULL, 5, 1); /* no name, and so another function */
	const struct qw_talk **talks = qw_assets_talks_sorted(qw_world_assets(kit.world));
	assert_int_equal(qw_assets_talks(qw_world_assets(kit.world)), 1);
	assert_int_equal(talks[0]->functions, 2);
	const struct qw_talk_function *function = &talks[0]->function[1];
	assert_string_equal(function->name, "read_holding_registers");
	assert_int_equal(function->ranges, 2);
	assert_int_equal(function->range[0].first, 10);
	assert_int_equal(function->range[0].last, 24);
	assert_int_equal(function->range[1].first, 40);
	free(talks);
	watch_kit_stop(&kit);
}

static void where_there_is_no_room_the_nearest_ranges_become_one(void **state)
{
	struct qw_range ranges[3] = {{0, 9}, {20, 29}, {100, 109}};
	bool lost;

	(void)state;
	assert_int_equal(qw_ranges_add(ranges, 3, 3, (struct qw_range){1000, 1000}, &lost), 3);
	assert_true(lost);
	assert_int_equal(ranges[0].last, 29);
	assert_int_equal(ranges[1].first, 100);
	assert_int_equal(ranges[2].first, 1000);
	assert_int_equal(qw_ranges_add(ranges, 3, 3, (struct qw_range){0, UINT64_MAX}, &lost), 1);
	assert_false(lost);
	assert_int_equal(qw_ranges_add(ranges, 1, 3, (struct qw_range){UINT64_MAX, UINT64_MAX}, &lost), 1);
}

static void what_has_no_room_is_counted(void **state)
{
	struct watch_kit kit;

	(void)state;
	start(&kit, "watch = { assets = 2; talks = 1; };");
	watch_kit_flow(&kit, "10.0.0.1", "10.0.0.2", 502, "modbus");
	assert_int_equal(qw_world_counters(kit.world)->no_room, 0);
	watch_kit_flow(&kit, "10.0.0.3", "10.0.0.2", 502, "modbus");
	assert_null(find(&kit, "10.0.0.1"));
	assert_int_equal(qw_world_counters(kit.world)->no_room, 2);
	assert_int_equal(qw_world_counters(kit.world)->assets, 2);
	watch_kit_stop(&kit);
}

static void a_host_below_ip_has_its_address_once_that_is_known(void **state)
{
	static const uint8_t mac[6] = {0x28, 0x63, 0x36, 1, 2, 3};
	struct watch_kit kit;
	struct qw_seen seen;

	(void)state;
	start(&kit, "");
	seen = watch_kit_ot(&kit, NULL, NULL, 0, "arp", QW_SEEN_NO_NUMBER);
	seen.src.has_mac = seen.ot.has_mac = seen.ot.has_ip = true;
	memcpy(seen.src.mac, mac, 6);
	memcpy(seen.ot.mac, mac, 6);
	seen.ot.ip = watch_kit_end("10.0.0.9", 0).address;
	watch_kit_show(&kit, &seen);
	assert_true(find(&kit, "10.0.0.9")->has_mac);
	seen = watch_kit_ot(&kit, NULL, NULL, 0, "profinet", 5);
	seen.src.has_mac = seen.ot.response = true;
	memcpy(seen.src.mac, mac, 6);
	seen.ot.device_name = watch_kit_slice("hoist-io");
	watch_kit_show(&kit, &seen);
	assert_string_equal(find(&kit, "10.0.0.9")->name, "hoist-io");
	assert_null(find(&kit, "28:63:36:01:02:03"));
	watch_kit_stop(&kit);
}

/* The second save may find the first still at work: then it is made up for at the end. */
static void what_is_saved_apart_is_whole_at_the_end(void **state)
{
	char folder[] = "/tmp/quaywatch-assets-XXXXXX", path[128];
	struct watch_kit kit;

	(void)state;
	assert_non_null(mkdtemp(folder));
	memset(&kit, 0, sizeof(kit));
	kit.watch.state_folder = folder;
	kit.watch.live = true;
	assert_int_equal(watch_kit_make(&kit, &qw_asset_watch, "watch = { makers = \"\"; };"), QW_OK);
	ask(&kit, "10.1.1.5", "10.1.4.20", "read_coils", 0, 1);
	kit.ops->save(kit.state);
	ask(&kit, "10.1.1.6", "10.1.4.20", "read_coils", 0, 1);
	watch_kit_stop(&kit);

	memset(&kit, 0, sizeof(kit));
	kit.watch.state_folder = folder;
	assert_int_equal(watch_kit_make(&kit, &qw_asset_watch, "watch = { makers = \"\"; };"), QW_OK);
	assert_non_null(find(&kit, "10.1.1.5"));
	assert_non_null(find(&kit, "10.1.1.6"));
	watch_kit_stop(&kit);
	snprintf(path, sizeof(path), "%s/assets.json", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void who_the_inventory_calls_a_machine_is_one(void **state)
{
	static const struct {
		const char *role;
		bool is;
	} rows[] = {{"PLC", true}, {"hoist drive 2", true}, {"RFID Reader", true}, {"GNSS receiver", true}, {"PLC programmer", false},
		    {"card readers' server", false}, {"overdrive", false}, {"42", false}, {"", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qw_inventory_row row = {0};
		snprintf(row.text[QW_INVENTORY_ROLE], sizeof(row.text[0]), "%s", rows[i].role);
		assert_int_equal(qw_inventory_is_machine(&row), rows[i].is);
	}
}

static void the_world_asks_the_inventory_who_is_a_machine(void **state)
{
	static const char csv[] = "address,role\n10.1.4.20,hoist PLC\n10.1.9.0/24,office\n";
	char path[] = "/tmp/quaywatch-inventory-XXXXXX", config[128];
	struct watch_kit kit;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, csv, strlen(csv)), (ssize_t)strlen(csv));
	close(fd);
	snprintf(config, sizeof(config), "watch = { makers = \"\"; inventory = \"%s\"; };", path);
	start(&kit, config);
	struct qw_address plc = watch_kit_end("10.1.4.20", 0).address, office = watch_kit_end("10.1.9.7", 0).address;
	assert_true(qw_world_is_ot(kit.world, &plc));
	assert_false(qw_world_is_ot(kit.world, &office));
	watch_kit_stop(&kit);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_only_was_asked_is_no_asset),
		cmocka_unit_test(strangers_count_only_where_they_speak_of_machines),
		cmocka_unit_test(a_client_is_what_it_does),
		cmocka_unit_test(a_device_is_what_it_says_that_it_is),
		cmocka_unit_test(what_is_new_is_told_once),
		cmocka_unit_test(ranges_that_touch_become_one),
		cmocka_unit_test(where_there_is_no_room_the_nearest_ranges_become_one),
		cmocka_unit_test(what_has_no_room_is_counted),
		cmocka_unit_test(a_host_below_ip_has_its_address_once_that_is_known),
		cmocka_unit_test(what_is_saved_apart_is_whole_at_the_end),
		cmocka_unit_test(who_the_inventory_calls_a_machine_is_one),
		cmocka_unit_test(the_world_asks_the_inventory_who_is_a_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

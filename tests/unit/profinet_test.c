/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/link_kit.h"

enum { TYPE = 0x8892 };

#define IDENTIFY "\xfe\xfe\5\0\0\0\0\1\0\1\0\x0a\2\2\0\6crane1\0\0\0\0\0\0\0\0\0\0\0\0"
#define IDENTIFIED                                                                                                       \
	"\xfe\xff\5\1\0\0\0\1\0\0\0\x3c\2\2\0\x08\0\0crane1\2\1\0\7\0\0ET200\0\2\3\0\6\0\0\0\x2a\1\x0d\2\4\0\4\0\0\1\0"       \
	"\1\2\0\x0e\0\1\x0a\0\0\5\xff\xff\xff\0\x0a\0\0\1"
#define SET_NAME "\xfe\xfd\4\0\0\0\0\2\0\0\0\x0c\2\2\0\x08\0\1crane2"

static void a_request_names_whom_it_looks_for(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, IDENTIFY);
	assert_string_equal(link_log(kit),
			    " profinet.dcp_service=5 profinet.dcp_option=514 profinet.station=6372616e6531 \"ot\":{\"protocol\":\"profinet-dcp\",\"function\":5,\"name\":\"identify\",\"direction\":\"request\",\"sequence\":1,"
			    "\"unit\":65278,\"objects\":\"name_of_station\",\"device_name\":\"crane1\"}\n");
	link_close(kit);
}

static void a_device_says_who_it_is_and_where(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, IDENTIFIED);
	assert_string_equal(link_log(kit),
			    " profinet.dcp_service=5 profinet.dcp_option=514 profinet.dcp_option=513 profinet.dcp_option=515 "
			    "profinet.dcp_option=516 profinet.dcp_option=258 profinet.station=6372616e6531 \"ot\":{\"protocol\":\"profinet-dcp\",\"function\":5,\"name\":\"identify\",\"direction\":\"response\",\"status\":\"ok\","
			    "\"sequence\":1,\"unit\":65279,\"objects\":\"name_of_station, type_of_station, device_id, device_role, ip_parameter\","
			    "\"ip\":\"10.0.0.5\",\"netmask\":\"255.255.255.0\",\"gateway\":\"10.0.0.1\",\"indications\":\"io_device\","
			    "\"vendor\":\"0x002a\",\"product\":\"ET200\",\"product_code\":\"0x010d\",\"device_type\":1,\"device_name\":\"crane1\"}\n");
	link_close(kit);
}

static void who_gives_a_device_another_name_is_told(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, SET_NAME);
	assert_link_says(kit, "\"name\":\"set\",\"direction\":\"request\",\"sequence\":2,\"unit\":65277,\"objects\":\"name_of_station\","
			      "\"indications\":\"permanent\",\"device_name\":\"crane2\"");
	link_clear(kit);
	LINK_SEND(kit, "\xfe\xfd\4\1\0\0\0\2\0\0\0\x08\5\4\0\3\2\2\5\0");
	assert_link_says(kit, "\"status\":\"error\",\"error\":5,\"error_name\":\"set_not_possible\",\"sequence\":2");
	link_clear(kit);
	LINK_SEND(kit, "\xfe\xfd\4\1\0\0\0\2\0\0\0\x08\5\4\0\3\2\2\0\0");
	assert_link_says(kit, "\"status\":\"ok\"");
	link_close(kit);
}

static void other_services_are_told_by_what_they_are_about(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *told;
	} rows[] = {
#define ROW(bytes, told) {bytes, sizeof(bytes) - 1, told}
		ROW("\xfe\xfd\3\0\0\0\0\3\0\0\0\4\2\2\1\2", "\"name\":\"get\",\"direction\":\"request\",\"sequence\":3,\"unit\":65277,"
							    "\"objects\":\"name_of_station, ip_parameter\""),
		ROW("\xfe\xfd\4\0\0\0\0\4\0\0\0\x08\5\6\0\4\0\2\0\0", "\"objects\":\"reset_to_factory\""),
		ROW("\xfe\xfd\4\0\0\0\0\4\0\0\0\x08\5\3\0\4\0\0\1\0", "\"objects\":\"signal\""),
		ROW("\xfe\xfd\4\5\0\0\0\4\0\0\0\0", "\"status\":\"error\",\"sequence\":4,\"unit\":65277,\"indications\":\"not_supported\""),
		ROW("\xfe\xfc\6\0\0\0\0\0\0\0\0\x10\2\2\0\x03\0\0x\0\6\1\0\4\0\0\0\1", "\"name\":\"hello\""),
		ROW("\xfe\xfc\6\0\0\0\0\0\0\0\0\x10\2\2\0\x03\0\0x\0\6\1\0\4\0\0\0\1", "\"indications\":\"says_hello\""),
		ROW("\xfe\xfe\5\0\0\0\0\1\0\1\0\4\xff\xff\0\0", "\"objects\":\"all\""),
		ROW("\xfe\xfe\5\0\0\0\0\1\0\1\0\4\x80\x11\0\0", "\"objects\":\"128.17\""),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct link_kit *kit = link_open(TYPE);
		link_send(kit, rows[i].bytes, rows[i].len);
		assert_link_says(kit, rows[i].told);
		assert_link_silent(kit, "malformed");
		link_close(kit);
	}
}

static void blocks_that_do_not_fit_are_odd(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, "\xfe\xfe\5\0\0\0\0\1\0\1\0\x0a\2\2\0\x09" "crane1");
	LINK_SEND(kit, "\xfe\xfe\5\0\0\0\0\1\0\1\0\x0b\2\2\0\6crane1");
	LINK_SEND(kit, "\xfe\xff\5\1\0\0\0\1\0\0\0\x08\1\2\0\4\0\1\x0a\0");
	LINK_SEND(kit, "\xfe\xfe\5\0\0\0");
	assert_int_equal(link_raised(kit, QW_AE_PROFINET_MALFORMED), 4);
	link_close(kit);
	link_truncate(TYPE, IDENTIFIED, sizeof(IDENTIFIED) - 1);
}

static void cyclic_data_is_told_when_it_begins_and_stops(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	for (int i = 0; i < 50; i++) {
		LINK_SEND(kit, "\x80\1\1\2\3\4\5\6\7\x08\0\1\x35\0");
		link_pass(kit, 100);
	}
	assert_string_equal(link_log(kit), " \"ot\":{\"protocol\":\"profinet-rt\",\"kind\":\"cyclic_begins\",\"direction\":\"request\","
					   "\"unit\":32769,\"quantity\":8}\n");
	for (int i = 0; i < 10; i++)
		link_pass(kit, 1000);
	assert_int_equal(kit->messages, 2);
	assert_link_says(kit, "\"kind\":\"cyclic_stopped\"");
	LINK_SEND(kit, "\x80\1\1\2\3\4\5\6\7\x08\0\1\x35\0");
	assert_int_equal(kit->messages, 3);
	link_close(kit);
}

static void alarms_are_told_by_kind_and_place(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, "\xfc\1\0\1\0\2\x11\1\0\5\0\4\0\x16\0\1\0\x12\1\0\0\3\0\0\0\0\0\2\0\1\0\0\0\0\0\0");
	assert_string_equal(link_log(kit),
			    " profinet.alarm=3 \"ot\":{\"protocol\":\"profinet-rt\",\"kind\":\"alarm\",\"direction\":\"request\",\"sequence\":5,\"acknowledged\":4,"
			    "\"unit\":64513,\"source\":2,\"destination\":1,\"cause\":3,\"cause_name\":\"pull\",\"slot\":2,\"subslot\":1,\"priority\":1}\n");
	link_clear(kit);
	LINK_SEND(kit, "\xfe\1\0\1\0\2\x13\1\0\5\0\4\0\0");
	assert_link_says(kit, "\"kind\":\"alarm_ack\",\"direction\":\"response\",\"status\":\"ok\"");
	LINK_SEND(kit, "\xfe\1\0\1\0\2\x14\1\0\5\0\4\0\4\xcf\x81\xfd\5");
	assert_link_says(kit, "\"kind\":\"alarm_error\",\"direction\":\"response\",\"status\":\"error\",\"error\":3481402629");
	LINK_SEND(kit, "\xfc\1\0\1\0\2\x11\1\0\5\0\4\0\4\0\1\0\x12");
	assert_int_equal(link_raised(kit, QW_AE_PROFINET_MALFORMED), 1);
	link_close(kit);
}

static void other_frame_ids_tell_nothing(void **state)
{
	struct link_kit *kit = link_open(TYPE);
	LINK_SEND(kit, "\xff\x41\0\0\0\0\0\0");
	LINK_SEND(kit, "\0\x80\0\0\0\0\0\0");
	LINK_SEND(kit, "\xfe");
	assert_int_equal(kit->messages, 0);
	assert_int_equal(qw_links_counters(kit->links).unread, 1);
	link_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_names_whom_it_looks_for),
		cmocka_unit_test(a_device_says_who_it_is_and_where),
		cmocka_unit_test(who_gives_a_device_another_name_is_told),
		cmocka_unit_test(other_services_are_told_by_what_they_are_about),
		cmocka_unit_test(blocks_that_do_not_fit_are_odd),
		cmocka_unit_test(cyclic_data_is_told_when_it_begins_and_stops),
		cmocka_unit_test(alarms_are_told_by_kind_and_place),
		cmocka_unit_test(other_frame_ids_tell_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/detect/record.h"

#include "quaywatch/ot.h"
#include "tests/unit/event_kit.h"

enum { LINE_BYTES = 16 * 1024 };

/* The fields of a message's details, as EVE has them. */
static const char *written(const struct qw_message *message)
{
	static struct kit_event event;
	static char line[LINE_BYTES];
	struct qw_eve_parts parts;
	struct qw_text text;

	kit_begin(&event, qw_record_type(message));
	qw_record_message(&event.writer, message);
	qw_text_init(&text, line, sizeof(line));
	assert_int_equal(qw_eve_render(&text, event.memory, kit_size(&event), false, &parts), QW_OK);
	return qw_text_string(&text);
}

static void a_dns_answer_is_written_with_all_its_answers(void **state)
{
	struct qw_dns_detail dns = {
		.response = true, .id = 7, .flags = 0x8180, .rcode = 3, .type = 28, .name = qw_slice_text("crane.example"), .answers = 2,
		.answer = {{.name = qw_slice_text("crane.example"), .type = 5, .ttl_seconds = 60, .data = qw_slice_text("c.example")},
			   {.name = qw_slice_text("c.example"), .type = 1, .ttl_seconds = 5, .is_address = true,
			    .address = kit_address("10.0.0.9")}},
	};
	struct qw_message message = {.app = QW_APP_DNS, .direction = QW_TO_CLIENT, .detail = &dns};

	assert_int_equal(qw_record_type(&message), QW_EVENT_DNS);
	assert_non_null(strstr(written(&message),
			       "\"dns\":{\"type\":\"answer\",\"id\":7,\"flags\":\"8180\",\"rrname\":\"crane.example\","
			       "\"rrtype\":\"AAAA\",\"rcode\":\"NXDOMAIN\",\"opcode\":0,\"answers\":["
			       "{\"rrname\":\"crane.example\",\"rrtype\":\"CNAME\",\"ttl\":60,\"rdata\":\"c.example\"},"
			       "{\"rrname\":\"c.example\",\"rrtype\":\"A\",\"ttl\":5,\"rdata\":\"10.0.0.9\"}]}"));
}

static void types_and_codes_without_a_name_have_a_number(void **state)
{
	struct qw_dns_detail dns = {.response = true, .rcode = 15, .type = 999, .name = qw_slice_text("x")};
	struct qw_message message = {.app = QW_APP_DNS, .detail = &dns};
	const char *line = written(&message);

	assert_non_null(strstr(line, "\"rrtype\":\"TYPE999\""));
	assert_non_null(strstr(line, "\"rcode\":\"RESERVED\""));
	dns.response = false;
	line = written(&message);
	assert_non_null(strstr(line, "\"type\":\"query\""));
	assert_null(strstr(line, "rcode"));
}

static void http_is_written_once_its_answer_is_whole(void **state)
{
	struct qw_http_detail http = {.host = qw_slice_text("a.example"), .uri = qw_slice_text("/x?y"), .method = qw_slice_text("GET"),
				      .protocol = qw_slice_text("HTTP/1.1"), .status = 404, .response_bytes = 12};
	struct qw_message message = {.app = QW_APP_HTTP, .direction = QW_TO_SERVER, .last = true, .detail = &http};

	assert_int_equal(qw_record_type(&message), QW_EVENT_COUNT);
	message.direction = QW_TO_CLIENT;
	message.last = false;
	assert_int_equal(qw_record_type(&message), QW_EVENT_COUNT);
	message.last = true;
	assert_int_equal(qw_record_type(&message), QW_EVENT_HTTP);
	assert_non_null(strstr(written(&message), "\"http\":{\"hostname\":\"a.example\",\"url\":\"/x?y\",\"http_method\":\"GET\","
						  "\"protocol\":\"HTTP/1.1\",\"status\":404,\"length\":12}"));
}

static void tls_is_written_for_quic_too(void **state)
{
	struct qw_tls_detail tls = {.sni = qw_slice_text("s.example"), .version = qw_slice_text("TLS 1.3")};
	struct qw_message message = {.app = QW_APP_QUIC, .last = true, .detail = &tls};

	assert_int_equal(qw_record_type(&message), QW_EVENT_TLS);
	assert_non_null(strstr(written(&message), "\"tls\":{\"sni\":\"s.example\",\"version\":\"TLS 1.3\"}"));
	message.last = false;
	assert_int_equal(qw_record_type(&message), QW_EVENT_COUNT);
}

static void values_of_industrial_protocols_have_signs_and_decimals(void **state)
{
	struct qw_ot_detail ot;
	struct qw_message message = {.app = QW_APP_NMEA, .detail = &ot};

	qw_ot_begin(&ot, "nmea", QW_OT_NO_NUMBER, NULL, false);
	qw_ot_decimal(&ot, QW_KEY_OT_LATITUDE, -519485001, 7);
	qw_ot_number(&ot, QW_KEY_OT_QUALITY, UINT64_MAX);
	qw_ot_text(&ot, QW_KEY_OT_TEXT, qw_slice_text("t"));
	assert_non_null(strstr(written(&message), "\"latitude\":-51.9485001,\"quality\":18446744073709551615,\"text\":\"t\"}"));
}

static void what_has_no_details_gives_no_event(void **state)
{
	struct qw_message message = {.app = QW_APP_DNS};

	assert_int_equal(qw_record_type(&message), QW_EVENT_COUNT);
	message = (struct qw_message){.app = QW_APP_SSH, .last = true, .detail = &message};
	assert_int_equal(qw_record_type(&message), QW_EVENT_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dns_answer_is_written_with_all_its_answers),
		cmocka_unit_test(types_and_codes_without_a_name_have_a_number),
		cmocka_unit_test(http_is_written_once_its_answer_is_whole),
		cmocka_unit_test(tls_is_written_for_quic_too),
		cmocka_unit_test(values_of_industrial_protocols_have_signs_and_decimals),
		cmocka_unit_test(what_has_no_details_gives_no_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

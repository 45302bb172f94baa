/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ot_kit.h"

enum { PORT = 102, ALL = QW_OT_WANT_FIELDS | QW_OT_WANT_EVENTS };

#define CONNECT "\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\0\x01\xc2\x02\0\x01"
#define CONFIRM "\x03\0\0\x0e\x09\xd0\0\x01\0\x02\0\xc0\x01\x0a"
#define DT(len) "\x03\0\0" len "\x02\xf0\x80"
/* Session, presentation: the lengths of all that stands around a PDU. */
#define DATA(tpkt, user, part, value) DT(tpkt) "\x01\0\x01\0\x61" user "\x30" part "\x02\x01\x03\xa0" value

#define INITIATE                                                                                                       \
	DT("\xc6")                                                                                                     \
	"\x0d\xbd\x05\x06\x13\x01\0\x16\x01\x02\x14\x02\0\x02\x33\x02\0\x01\x34\x02\0\x01\xc1\xa7\x31\x82\0\xa3"         \
	"\xa0\x03\x80\x01\x01\xa2\x82\0\x9a\x81\x04\0\0\0\x01\x82\x04\0\0\0\x01\xa4#0\x0f\x02\x01\x01\x06\x04R\x01\0"    \
	"\x01\x30\x04\x06\x02Q\x01\x30\x10\x02\x01\x03\x06\x05(\xca\x22\x02\x01\x30\x04\x06\x02Q\x01\x61g0e\x02\x01"     \
	"\x01\xa0``^\xa1\x07\x06\x05(\xca\x22\x02\x03\xa2\x07\x06\x05)\x01\x87g\x01\xa6\x06\x06\x04)\x01\x87g\x8b\x03R"  \
	"\x03\x01\xac\x08\x80\x06secret\xbe\x33(1\x06\x02Q\x01\x02\x01\x03\xa0(\xa8&\x80\x03\0\xfd\xe8\x81\x01\x05"      \
	"\x82\x01\x05\x83\x01\x0a\xa4\x16\x80\x01\x01\x81\x03\x05\xf1\0\x82\x0c\x03\xee\x1c\0\0\x04\x08\0\0y\xef\x18"
#define READ                                                                                                           \
	DATA("\x46", "\x39", "\x37", "\x32")                                                                           \
	"\xa0\x30\x02\x01\x07\xa4+\xa1)\xa0'0\x1b\xa0\x19\xa1\x17\x1a\x06"                                               \
	"CRANE1\x1a\x0dGGIO1$ST$Ind10\x08\xa0\x06\x80\x04Mode"
#define READ_ANSWER DATA("\x23", "\x16", "\x14", "\x0f") "\xa1\x0d\x02\x01\x07\xa4\x08\xa1\x06\x83\x01\x01\x80\x01\x0a"
#define WRITE                                                                                                          \
	DATA("\x4f", "\x42", "\x40", "\x3b")                                                                           \
	"\xa0\x39\x02\x01\x08\xa5\x34\xa0!0\x1f\xa0\x1d\xa1\x1b\x1a\x06"                                                 \
	"CRANE1\x1a\x11"                                                                                               \
	"CSWI1$CO$Pos$Oper\xa0\x0f\xa2\x0d\x83\x01\x01\x86\x01\x05\x87\x05\x08@\xb0\0\0"
#define REPORT DATA("\x2a", "\x1d", "\x1b", "\x16") "\xa3\x14\xa0\x12\xa1\x05\x80\x03RPT\xa0\x09\x8a\x03rcb\x84\x02\x06@"
#define STOP   DT("\x16") "\xa0\x0d\x02\x01\x09\xbf\x29\x07\x80\x05Hoist"

static void a_conversation_is_told_however_it_is_cut(void **state)
{
	static const char up[] = CONNECT INITIATE READ WRITE;
	static const char down[] = READ_ANSWER REPORT;
	const struct kit_piece pieces[] = {KIT_SEND(up), KIT_REPLY(down), {0, NULL, 0}};
	struct ot_kit *kit = ot_play_all_ways(QW_PROTO_TCP, PORT, pieces);
	assert_int_equal(kit->flow.app, QW_APP_MMS);
	assert_ot_says(kit, "\"kind\":\"initiate_request\",\"direction\":\"request\",\"quantity\":5,\"value\":65000,"
			    "\"objects\":\"1.1.1.999 > 1.1.1.999.1\",\"user\":\"password\"}");
	assert_ot_says(kit, "> mms_func=4 mms_data=a030");
	assert_ot_says(kit, "\"function\":4,\"name\":\"read\",\"direction\":\"request\",\"sequence\":7,\"quantity\":2,"
			    "\"objects\":\"CRANE1/GGIO1$ST$Ind1, Mode\"}");
	assert_ot_says(kit, "\"kind\":\"confirmed_response\",\"direction\":\"response\",\"status\":\"error\",\"error\":10,"
			    "\"error_name\":\"object_non_existent\",\"sequence\":7,\"service\":4,\"service_name\":\"read\","
			    "\"quantity\":2}");
	assert_ot_says(kit, "\"function\":5,\"name\":\"write\",\"direction\":\"request\",\"sequence\":8,\"quantity\":1,"
			    "\"objects\":\"CRANE1/CSWI1$CO$Pos$Oper\"}");
	assert_ot_says(kit, "< mms_data=a314");
	assert_ot_says(kit, "\"kind\":\"information_report\",\"direction\":\"request\",\"quantity\":2,\"objects\":\"RPT\"}");
	assert_ot_silent(kit, "app-layer-event");
	assert_int_equal(ot_end(kit), 1);
	ot_close(kit);
}

static void it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more(void **state)
{
	static const char up[] = CONNECT INITIATE READ WRITE STOP;
	ot_close(ot_play_everywhere(PORT, QW_TO_SERVER, up, sizeof(up) - 1));
}

/* Elements with an end instead of a length, all of them; values within structures within structures. */
#define OPEN                                                                                                           \
	DT("\x5f") "\x01\0\x01\0\x61\x80\x30\x80\x02\x01\x03\xa0\x80\xa0\x80\x02\x01\x08\xa5\x80\xa0\x80\x30\x80\xa0\x80"  \
	"\xa1\x80\x1a\x06" "CRANE1\x1a\x04Oper\0\0\0\0\0\0\0\0\xa0\x80\xa2\x80\x83\x01\x01\xa2\x80\x86\x01\x05\0\0"       \
	"\x87\x05\x08@\xb0\0\0\0\0\x85\x01\x07\0\0\0\0\0\0\0\0\0\0\0\0"

static void elements_may_have_an_end_instead_of_a_length(void **state)
{
	static const char open[] = OPEN;
	struct ot_kit *kit = ot_play_everywhere(PORT, QW_TO_SERVER, open, sizeof(open) - 1);
	assert_int_equal(kit->flow.app, QW_APP_MMS);
	assert_ot_says(kit, "\"function\":5,\"name\":\"write\",\"direction\":\"request\",\"sequence\":8,\"quantity\":1,"
			    "\"values\":\"true, 5, 5.5, 7\",\"objects\":\"CRANE1/Oper\"}");
	assert_int_equal(ot_raised(kit, QW_AE_MMS_MALFORMED), 0);
	ot_close(kit);
	/* Without its last end it is no element. */
	for (size_t len = 7; len < sizeof(open) - 1; len++) {
		char cut[sizeof(open)];
		memcpy(cut, open, len);
		cut[3] = (char)len;
		kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		ot_feed(kit, QW_TO_SERVER, cut, len);
		assert_ot_silent(kit, "CRANE1");
		ot_close(kit);
	}
}

static void ends_are_looked_for_to_a_depth(void **state)
{
	for (unsigned depth = 23; depth <= 24; depth++) {
		char pdu[128] = "\xa0\x80\x02\x01\x01\xa4\x80";
		size_t len = 7;
		for (unsigned i = 2; i < depth + 1; i++, len += 2)
			memcpy(pdu + len, "\xa1\x80", 2);
		len += 2 * (depth + 1);
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		uint8_t frame[160] = {3, 0, 0, (uint8_t)(7 + len), 2, 0xf0, 0x80};
		memcpy(frame + 7, pdu, len);
		ot_feed(kit, QW_TO_SERVER, frame, 7 + len);
		assert_int_equal(strstr(qw_text_string(&kit->log), "\"function\":4") != NULL, depth < 24);
		ot_close(kit);
	}
}

struct row {
	const char *pdu;
	size_t len;
	const char *told;
};
#define ROW(pdu, told) {pdu, sizeof(pdu) - 1, told}

/* Some stacks have no session: a PDU on COTP.  Long enough for all rows. */
static void feed_pdu(struct ot_kit *kit, enum qw_direction direction, const char *pdu, size_t len)
{
	uint8_t frame[256] = {3, 0, 0, (uint8_t)(7 + len), 2, 0xf0, 0x80};
	assert_true(7 + len < sizeof(frame));
	memcpy(frame + 7, pdu, len);
	ot_feed(kit, direction, frame, 7 + len);
}

static const struct row requests[] = {
    ROW("\xa0\x04\x02\x01\x01\x82", "\"kind\":\"confirmed_request\",\"direction\":\"request\",\"sequence\":1}"),
    ROW("\xa0\x05\x02\x01\x01\x82\0", "\"function\":2,\"name\":\"identify\",\"direction\":\"request\",\"sequence\":1}"),
    ROW("\xa0\x06\x02\x01\x01\x80\x01\0", "\"function\":0,\"name\":\"status\""),
    ROW("\xa0\x12\x02\x01\x01\xa1\x0d\xa0\x03\x80\x01\0\xa1\x06\x81\x04HEAD", "\"class\":0,\"objects\":\"HEAD\"}"),
    ROW("\xa0\x11\x02\x01\x01\xa6\x0c\xa0\x0a\xa1\x08\x1a\x02LD\x1a\x02VA", "\"name\":\"get_variable_access_attributes\","
									   "\"direction\":\"request\",\"sequence\":1,"
									   "\"objects\":\"LD/VA\"}"),
    ROW("\xa0\x1c\x02\x01\x01\xab\x17\xa1\x08\x1a\x02LD\x1a\x02L1\xa0\x0b\x30\x09\xa0\x07\x82\x05there",
	"\"name\":\"define_named_variable_list\",\"direction\":\"request\",\"sequence\":1,\"quantity\":1,\"objects\":\"LD/L1, there\"}"),
    ROW("\xa0\x09\x02\x01\x01\xac\x04\x80\x02L1", "\"name\":\"get_named_variable_list_attributes\",\"direction\":\"request\","
						  "\"sequence\":1,\"objects\":\"L1\"}"),
    ROW("\xa0\x0e\x02\x01\x01\xad\x09\x80\x01\0\xa1\x04\x80\x02L1", "\"function\":13,\"name\":\"delete_named_variable_list\","
								    "\"direction\":\"request\",\"sequence\":1,\"objects\":\"L1\"}"),
    ROW("\xa0\x0c\x02\x01\x01\x30\x02\x02\0\xa4\x03\xa1\x01\0", "\"function\":4,\"name\":\"read\",\"direction\":\"request\","
								"\"sequence\":1}"),
    ROW("\xa0\x0e\x02\x01\x01\xba\x09\x80\x02P1\xa1\0\x82\x01\0", "\"function\":26,\"name\":\"initiate_download_sequence\","
								  "\"direction\":\"request\",\"sequence\":1,\"objects\":\"P1\"}"),
    ROW("\xa0\x07\x02\x01\x01\x9b\x02P1", "\"function\":27,\"name\":\"download_segment\",\"direction\":\"request\","
					  "\"sequence\":1,\"objects\":\"P1\"}"),
    ROW("\xa0\x06\x02\x01\x01\x9e\x01\x05", "\"function\":30,\"name\":\"upload_segment\",\"direction\":\"request\","
					    "\"sequence\":1,\"instance\":5}"),
    ROW("\xa0\x07\x02\x01\x01\x9f\x1f\x01\x05", "\"function\":31,\"name\":\"terminate_upload_sequence\",\"direction\":\"request\","
						"\"sequence\":1,\"instance\":5}"),
    ROW("\xa0\x13\x02\x01\x01\xbf\x22\x0d\x80\x02P1\xa1\0\xa4\x05\x19\x03p.x", "\"function\":34,\"name\":\"load_domain_content\","
									    "\"direction\":\"request\",\"sequence\":1,"
									    "\"objects\":\"P1, p.x\"}"),
    ROW("\xa0\x11\x02\x01\x01\xbf\x23\x0b\x80\x02P1\xa1\x05\x19\x03p.x", "\"name\":\"store_domain_content\",\"direction\":\"request\","
									"\"sequence\":1,\"objects\":\"P1, p.x\"}"),
    ROW("\xa0\x08\x02\x01\x01\x9f\x24\x02P1", "\"function\":36,\"name\":\"delete_domain\",\"direction\":\"request\","
					      "\"sequence\":1,\"objects\":\"P1\"}"),
    ROW("\xa0\x0a\x02\x01\x01\xbf\x28\x04\x80\x02P1", "\"function\":40,\"name\":\"start\",\"direction\":\"request\","
						      "\"sequence\":1,\"objects\":\"P1\"}"),
    ROW("\xa0\x0a\x02\x01\x01\xbf\x2c\x04\x80\x02P1", "\"function\":44,\"name\":\"kill\",\"direction\":\"request\","
						      "\"sequence\":1,\"objects\":\"P1\"}"),
    ROW("\xa0\x12\x02\x01\x01\xbf\x2e\x0c\xa1\x04\x19\x02s1\xa2\x04\x19\x02""d1", "\"function\":46,\"name\":\"obtain_file\","
									       "\"direction\":\"request\",\"sequence\":1,"
									       "\"objects\":\"s1, d1\"}"),
    ROW("\xa0\x0f\x02\x01\x01\xbf\x48\x09\xa0\x04\x19\x02s1\x81\x01\0", "\"function\":72,\"name\":\"file_open\","
								       "\"direction\":\"request\",\"sequence\":1,\"objects\":\"s1\"}"),
    ROW("\xa0\x07\x02\x01\x01\x9f\x49\x01\x02", "\"function\":73,\"name\":\"file_read\",\"direction\":\"request\","
						"\"sequence\":1,\"instance\":2}"),
    ROW("\xa0\x0a\x02\x01\x01\xbf\x4c\x04\x19\x02s1", "\"function\":76,\"name\":\"file_delete\",\"direction\":\"request\","
						      "\"sequence\":1,\"objects\":\"s1\"}"),
    ROW("\xa0\x07\x02\x01\x01\xbf\x57\x01\0", "\"function\":87,\"name\":\"reconfigure_program_invocation\""),
    ROW("\x85\x01\x07", "\"kind\":\"cancel_request\",\"direction\":\"request\",\"sequence\":7}"),
    ROW("\x8b\0", "\"kind\":\"conclude_request\",\"direction\":\"request\"}"),
    ROW("\xa8\x0d\x80\x02\x01\xf4\x81\x01\x02\x82\x01\x03\x83\x01\x04", "\"kind\":\"initiate_request\",\"direction\":\"request\","
									"\"quantity\":3,\"value\":500}"),
};

static void a_request_says_what_it_is_about(void **state)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		feed_pdu(kit, QW_TO_SERVER, requests[i].pdu, requests[i].len);
		if (!strstr(qw_text_string(&kit->log), requests[i].told))
			fail_msg("%zu: no %s in %s", i, requests[i].told, qw_text_string(&kit->log));
		ot_close(kit);
	}
}

static const struct row answers[] = {
    ROW("\xa1\x14\x02\x01\x01\xa2\x0f\x80\x04" "ACME\x81\x02" "CX\x82\x03" "1.2",
	"\"service\":2,\"service_name\":\"identify\",\"vendor\":\"ACME\",\"product\":\"CX\",\"revision\":\"1.2\"}"),
    ROW("\xa1\x11\x02\x01\x01\xa1\x0c\xa0\x07\x1a\x01" "a\x1a\x02" "bc\x81\x01\0", "\"quantity\":2,\"objects\":\"a, bc\"}"),
    ROW("\xa1\x0b\x02\x01\x01\xa0\x06\x80\x01\x02\x81\x01\0", "\"service_name\":\"status\",\"value\":2}"),
    ROW("\xa1\x0a\x02\x01\x01\xa5\x05\x81\0\x80\x01\x03", "\"status\":\"error\",\"error\":3,\"error_name\":\"object_access_denied\","
							  "\"sequence\":1,\"service\":5,\"service_name\":\"write\",\"quantity\":2}"),
    ROW("\xa1\x09\x02\x01\x01\xbf\x48\x03\x80\x01\x06", "\"service_name\":\"file_open\",\"instance\":6}"),
    ROW("\xa2\x0a\x80\x01\x01\xa2\x05\xa0\x03\x8b\x01\x07", "\"kind\":\"confirmed_error\",\"direction\":\"response\","
							    "\"status\":\"error\",\"error\":2823,\"error_name\":\"file_non_existent\""),
    ROW("\xa4\x06\x80\x01\x01\x81\x01\x01", "\"kind\":\"reject\",\"direction\":\"response\",\"status\":\"error\",\"error\":257,"
					    "\"error_name\":\"unrecognized_service\",\"sequence\":1}"),
    ROW("\x86\x01\x07", "\"kind\":\"cancel_response\",\"direction\":\"response\",\"status\":\"ok\",\"sequence\":7}"),
    ROW("\xa7\x0a\x80\x01\x07\xa1\x05\xa0\x03\x8a\x01\x01", "\"error\":2561,\"error_name\":\"invoke_id_unknown\",\"sequence\":7}"),
    ROW("\xaa\x05\xa0\x03\x88\x01\x05", "\"kind\":\"initiate_error\",\"direction\":\"response\",\"status\":\"error\",\"error\":2053"),
    ROW("\xa3\x04\xa1\x02\x80\0", "\"kind\":\"unsolicited_status\",\"direction\":\"request\"}"),
    ROW("\xa3\x02\xa5\0", "\"kind\":\"unconfirmed\",\"direction\":\"request\"}"),
};

static void an_answer_says_how_it_ended(void **state)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		feed_pdu(kit, QW_TO_CLIENT, answers[i].pdu, answers[i].len);
		if (!strstr(qw_text_string(&kit->log), answers[i].told))
			fail_msg("%zu: no %s in %s", i, answers[i].told, qw_text_string(&kit->log));
		assert_ot_silent(kit, "function");
		ot_close(kit);
	}
}

static void an_error_says_what_was_asked_and_each_side_counts_for_itself(void **state)
{
	static const char asks[] = "\xa0\x07\x02\x01\x05\x9b\x02P1", error[] = "\xa2\x0a\x80\x01\x05\xa2\x05\xa0\x03\x87\x01\x03";
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	feed_pdu(kit, QW_TO_CLIENT, asks, sizeof(asks) - 1);
	feed_pdu(kit, QW_TO_CLIENT, error, sizeof(error) - 1);
	assert_ot_silent(kit, "\"service\":27");
	feed_pdu(kit, QW_TO_SERVER, error, sizeof(error) - 1);
	assert_ot_says(kit, "\"error_name\":\"object_access_denied\",\"sequence\":5,\"service\":27,\"service_name\":\"download_segment\"}");
	assert_int_equal(ot_end(kit), 0);
	ot_close(kit);
}

static void what_is_written_is_told_only_where_it_may_be(void **state)
{
	struct ot_kit *open = ot_open(QW_PROTO_TCP, PORT, ALL | QW_OT_WANT_VALUES), *shut = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(open, WRITE);
	OT_SEND(shut, WRITE);
	assert_ot_says(open, "\"values\":\"true, 5, 5.5\",\"objects\":\"CRANE1/CSWI1$CO$Pos$Oper\"}");
	assert_ot_silent(shut, "values");
	ot_close(open);
	ot_close(shut);
}

static void sessions_that_carry_nothing_are_told_too(void **state)
{
	static const struct row rows[] = {
	    ROW("\x09\x10\xc1\x0e\x61\x0c\x30\x0a\x02\x01\x01\xa0\x05\x62\x03\x80\x01\0", "\"kind\":\"release_request\",\"direction\":\"request\"}"),
	    ROW("\x19\x0e\xc1\x0c\x61\x0a\x30\x08\x02\x01\x01\xa0\x03\x64\x01\0", "\"kind\":\"abort\""),
	    ROW("\x19\x10\xc1\x0e\xa0\x0c\x61\x0a\x30\x08\x02\x01\x01\xa0\x03\x64\x01\0", "\"kind\":\"abort\""),
	    ROW("\x0c\x03\x32\x01\x02", "\"kind\":\"session_refuse\",\"direction\":\"request\",\"error\":2}"),
	    ROW("\x0e\0", "\"kind\":\"session_accept\""),
	    ROW("\x0a\0", "\"kind\":\"session_disconnect\""),
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		feed_pdu(kit, QW_TO_SERVER, rows[i].pdu, rows[i].len);
		if (!strstr(qw_text_string(&kit->log), rows[i].told))
			fail_msg("%zu: no %s in %s", i, rows[i].told, qw_text_string(&kit->log));
		ot_close(kit);
	}
}

/* Within a TPDU that is whole: of what is cut nothing is invented. */
static void every_truncation_is_survived(void **state)
{
	static const char initiate[] = INITIATE;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		for (size_t len = 0; len < requests[i].len; len++) {
			struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
			feed_pdu(kit, QW_TO_SERVER, requests[i].pdu, len);
			assert_int_equal(kit->log.len, 0);
			ot_close(kit);
		}
	}
	for (size_t len = 0; len < sizeof(initiate) - 1 - 7; len++) {
		struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
		feed_pdu(kit, QW_TO_SERVER, initiate + 7, len);
		assert_ot_silent(kit, "1.1.1.999");
		ot_close(kit);
	}
}

static void what_stands_in_it_cut_is_malformed(void **state)
{
	static const char cut[] = "\xa0\x0c\x02\x01\x01\xbf\x29\x06\x80\x05Hois", no_service[] = "\xa0\x03\x02\x01\x01";
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	feed_pdu(kit, QW_TO_SERVER, cut, sizeof(cut) - 1);
	assert_int_equal(ot_raised(kit, QW_AE_MMS_MALFORMED), 1);
	assert_ot_says(kit, "\"function\":41,\"name\":\"stop\"");
	feed_pdu(kit, QW_TO_SERVER, no_service, sizeof(no_service) - 1);
	assert_int_equal(ot_raised(kit, QW_AE_MMS_MALFORMED), 2);
	ot_close(kit);
}

static void more_names_than_are_kept_are_counted(void **state)
{
	char pdu[128] = "\xa1\x61\x02\x01\x01\xa1\x5c\xa0\x5a";
	struct qw_parser_counters counters;
	for (size_t i = 0; i < 30; i++)
		memcpy(pdu + 9 + 3 * i, "\x1a\x01x", 3);
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	feed_pdu(kit, QW_TO_CLIENT, pdu, 99);
	assert_ot_says(kit, "\"quantity\":30,\"objects\":\"x, x, ");
	qw_parser_counters(kit->pool, &counters);
	assert_int_equal(counters.cut, 1);
	ot_close(kit);
}

static void the_flow_has_its_name_as_soon_as_it_may(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum qw_app app;
		uint16_t port;
	} rows[] = {
#define ROW_OF(bytes, app, port) {bytes, sizeof(bytes) - 1, app, port}
	    ROW_OF(CONNECT, QW_APP_MMS, PORT),
	    ROW_OF("\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x02", QW_APP_S7COMM, PORT),
	    ROW_OF(CONFIRM, QW_APP_S7COMM, PORT),
	    ROW_OF(READ, QW_APP_MMS, PORT),
	    ROW_OF(READ, QW_APP_MMS, 10102),
	    ROW_OF(STOP, QW_APP_MMS, PORT),
	    ROW_OF(INITIATE, QW_APP_MMS, PORT),
	    ROW_OF(DT("\x0c") "\x32\x01\0\0\0", QW_APP_S7COMM, 10102),
#undef ROW_OF
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ot_kit *asked = ot_open(QW_PROTO_TCP, rows[i].port, ALL), *idle = ot_open(QW_PROTO_TCP, rows[i].port, 0);
		ot_feed(asked, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		ot_feed(idle, QW_TO_SERVER, rows[i].bytes, rows[i].len);
		assert_int_equal(asked->flow.app, rows[i].app);
		assert_int_equal(idle->flow.app, rows[i].app);
		assert_null(idle->flow.parser);
		ot_close(asked);
		ot_close(idle);
	}
}

static void data_settle_what_a_connection_did_not_say(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, "\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\0\x02\xc2\x02\x02\0");
	assert_int_equal(kit->flow.app, QW_APP_S7COMM);
	OT_SEND(kit, STOP);
	assert_int_equal(kit->flow.app, QW_APP_MMS);
	ot_close(kit);
	kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, CONNECT);
	OT_SEND(kit, DT("\x21") "\x32\x01\0\0\0\x09\0\x10\0\0\x29\0\0\0\0\0\x09P_PROGRAM");
	assert_int_equal(kit->flow.app, QW_APP_S7COMM);
	assert_ot_says(kit, "\"name\":\"plc_stop\"");
	ot_close(kit);
}

static void elsewhere_only_sessions_that_carry_something_are_taken(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 10102, ALL);
	OT_SEND(kit, STOP);
	assert_int_not_equal(kit->flow.app, QW_APP_MMS);
	ot_close(kit);
	kit = ot_open(QW_PROTO_TCP, 3389, ALL);
	OT_SEND(kit, "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0"); /* a remote desktop */
	assert_int_not_equal(kit->flow.app, QW_APP_MMS);
	assert_int_not_equal(kit->flow.app, QW_APP_S7COMM);
	ot_close(kit);
}

static void elsewhere_connections_that_name_both_ends_are_taken(void **state)
{
	static const char calling_only[] = "\x03\0\0\x12\x0d\xe0\0\0\0\x01\0\xc0\1\x0a\xc1\2\1\0";
	static const char s7[] = "\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2";
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, 10102, ALL);
	OT_SEND(kit, CONNECT);
	assert_int_equal(kit->flow.app, QW_APP_MMS);
	ot_close(kit);
	kit = ot_open(QW_PROTO_TCP, 10102, ALL);
	OT_SEND(kit, calling_only);
	assert_int_not_equal(kit->flow.app, QW_APP_S7COMM);
	ot_close(kit);
	kit = ot_open(QW_PROTO_TCP, 10102, ALL);
	for (size_t i = 0; i + 1 < sizeof(s7); i++) {
		assert_int_not_equal(kit->flow.app, QW_APP_S7COMM);
		ot_feed(kit, QW_TO_SERVER, s7 + i, 1);
	}
	assert_int_equal(kit->flow.app, QW_APP_S7COMM);
	assert_ot_says(kit, "\"objects\":\"0100 > 0102\"");
	ot_close(kit);
}

/* Whom it calls stands behind what is there already. */
static void a_connection_that_comes_in_pieces_is_waited_for(void **state)
{
	static const char connect[] = CONNECT;
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	for (size_t i = 0; i + 1 < sizeof(connect); i++)
		ot_feed(kit, QW_TO_SERVER, connect + i, 1);
	assert_int_equal(kit->flow.app, QW_APP_MMS);
	ot_close(kit);
}

static void requests_and_answers_say_who_speaks(void **state)
{
	const struct qw_flow flow = {.key.proto = QW_PROTO_TCP};
#define SPEAKER(bytes) qw_parser_speaker(&flow, (const uint8_t *)(bytes), sizeof(bytes) - 1)
	assert_int_equal(SPEAKER(READ), QW_SPEAKER_CLIENT);
	assert_int_equal(SPEAKER(INITIATE), QW_SPEAKER_CLIENT);
	assert_int_equal(SPEAKER(READ_ANSWER), QW_SPEAKER_SERVER);
	assert_int_equal(SPEAKER(REPORT), QW_SPEAKER_UNKNOWN);
#undef SPEAKER
}

static void whoever_asks_is_read_though_the_answers_are_none(void **state)
{
	static const char odd[] = "\x03\0\0\x07\0\x0f\x80\xa9\0";
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	for (unsigned i = 0; i < 300; i++) {
		OT_SEND(kit, STOP);
		OT_REPLY(kit, odd);
	}
	assert_non_null(kit->flow.parser);
	ot_close(kit);
	kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, CONNECT);
	for (unsigned i = 0; i < 16; i++) {
		OT_SEND(kit, "something else");
		OT_REPLY(kit, odd);
	}
	assert_null(kit->flow.parser);
	ot_close(kit);
}

static void secured_engineering_in_cotp_is_told(void **state)
{
	struct ot_kit *kit = ot_open(QW_PROTO_TCP, PORT, ALL);
	OT_SEND(kit, DT("\x11") "\x16\x03\x01\0\x05\x01\0\0\x01\0");
	assert_ot_says(kit, "\"protocol\":\"s7comm-plus\",\"kind\":\"engineering-session\",\"direction\":\"request\"}");
	ot_close(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_is_told_however_it_is_cut),
		cmocka_unit_test(it_is_the_same_cut_at_any_byte_and_a_beginning_says_no_more),
		cmocka_unit_test(elements_may_have_an_end_instead_of_a_length),
		cmocka_unit_test(ends_are_looked_for_to_a_depth),
		cmocka_unit_test(a_request_says_what_it_is_about),
		cmocka_unit_test(an_answer_says_how_it_ended),
		cmocka_unit_test(an_error_says_what_was_asked_and_each_side_counts_for_itself),
		cmocka_unit_test(what_is_written_is_told_only_where_it_may_be),
		cmocka_unit_test(sessions_that_carry_nothing_are_told_too),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(what_stands_in_it_cut_is_malformed),
		cmocka_unit_test(more_names_than_are_kept_are_counted),
		cmocka_unit_test(the_flow_has_its_name_as_soon_as_it_may),
		cmocka_unit_test(data_settle_what_a_connection_did_not_say),
		cmocka_unit_test(elsewhere_only_sessions_that_carry_something_are_taken),
		cmocka_unit_test(elsewhere_connections_that_name_both_ends_are_taken),
		cmocka_unit_test(a_connection_that_comes_in_pieces_is_waited_for),
		cmocka_unit_test(requests_and_answers_say_who_speaks),
		cmocka_unit_test(whoever_asks_is_read_though_the_answers_are_none),
		cmocka_unit_test(secured_engineering_in_cotp_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

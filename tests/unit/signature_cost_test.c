/* SPDX-License-Identifier: Apache-2.0 */
/* What who writes rules is told: where a rule is asked, and why nothing in it stands for it in the prefilter. */
#include "tests/unit/signature_kit.h"

struct seen {
	unsigned count;
	struct qw_signature_cost last;
};

static void see(void *ctx, const struct qw_signature_cost *cost)
{
	struct seen *seen = ctx;

	seen->count++;
	seen->last = *cost;
}

#define PACKETS QW_BUFFER_COUNT

static void each_rule_is_told_where_it_is_asked_and_why(void **state)
{
	static const struct {
		const char *rule;
		enum qw_no_literal why;
		enum qw_found_by by;
		enum qw_buffer buffer;
	} rows[] = {
	    {"alert tcp any any -> any any (content:\"abc\"; sid:1;)", QW_LITERAL, QW_BY_NOTHING, QW_BUFFER_PAYLOAD},
	    {"alert tcp any any -> any any (content:\"ab\"; sid:1;)", QW_NO_LITERAL_SHORT, QW_BY_PROTO, QW_BUFFER_PAYLOAD},
	    {"alert http any any -> any any (http.uri; content:\"ab\"; sid:1;)", QW_LITERAL, QW_BY_NOTHING, QW_BUFFER_HTTP_URI},
	    {"alert http any any -> any any (http.uri; content:\"a\"; sid:1;)", QW_NO_LITERAL_SHORT, QW_BY_APP, QW_BUFFER_HTTP_URI},
	    {"alert tcp any any -> any any (content:\"ab\"; startswith; sid:1;)", QW_NO_LITERAL_SHORT, QW_BY_HEAD, QW_BUFFER_PAYLOAD},
	    {"alert http any any -> any any (http.host; content:\"a\"; startswith; sid:1;)", QW_NO_LITERAL_SHORT, QW_BY_HEAD,
	     QW_BUFFER_HTTP_HOST},
	    {"alert tcp any any -> any 80 (content:\"ab\"; sid:1;)", QW_NO_LITERAL_SHORT, QW_BY_PORT, QW_BUFFER_PAYLOAD},
	    {"alert tcp any 80 -> any any (content:\"ab\"; sid:1;)", QW_NO_LITERAL_SHORT, QW_BY_SOURCE_PORT, QW_BUFFER_PAYLOAD},
	    {"alert tcp any any -> any any (content:\"|00 00 00 01|\"; sid:1;)", QW_NO_LITERAL_ZEROES, QW_BY_PROTO,
	     QW_BUFFER_PAYLOAD},
	    {"alert tcp any any -> any any (content:!\"abc\"; sid:1;)", QW_NO_LITERAL_NEGATED, QW_BY_PROTO, QW_BUFFER_PAYLOAD},
	    {"alert tcp any any -> any any (content:!\"abc\"; content:\"a\"; sid:1;)", QW_NO_LITERAL_SHORT, QW_BY_PROTO,
	     QW_BUFFER_PAYLOAD},
	    {"alert udp any any -> any any (pcre:\"/abc/\"; sid:1;)", QW_NO_LITERAL_PCRE, QW_BY_PROTO, QW_BUFFER_PAYLOAD},
	    {"alert udp any any -> any any (byte_test:1,>,2,0; sid:1;)", QW_NO_LITERAL_TESTS, QW_BY_PROTO, QW_BUFFER_PAYLOAD},
	    {"alert dns any any -> any any (dns.opcode:4; sid:1;)", QW_NO_LITERAL_TESTS, QW_BY_NUMBER, QW_BUFFER_DNS_OPCODE},
	    {"alert dns any any -> any any (dns.opcode:2<>5; sid:1;)", QW_NO_LITERAL_TESTS, QW_BY_NUMBER, QW_BUFFER_DNS_OPCODE},
	    {"alert dns any any -> any any (dns.opcode:2<>90; sid:1;)", QW_NO_LITERAL_TESTS, QW_BY_APP, QW_BUFFER_DNS_OPCODE},
	    {"alert dns any any -> any any (dns.opcode:!4; sid:1;)", QW_NO_LITERAL_TESTS, QW_BY_APP, QW_BUFFER_DNS_OPCODE},
	    {"alert tcp any any -> any any (tcp.hdr; content:\"abc\"; sid:1;)", QW_NO_LITERAL_PACKET, QW_BY_PROTO, PACKETS},
	    {"alert http any any -> any any (http.uri; to_md5; content:\"0123456789abcdef\"; sid:1;)", QW_NO_LITERAL_CODED,
	     QW_BY_APP, QW_BUFFER_HTTP_URI},
	    {"alert tcp any any -> any any (base64_decode:offset 0; base64_data; content:\"abc\"; sid:1;)",
	     QW_NO_LITERAL_CODED, QW_BY_PROTO, QW_BUFFER_PAYLOAD},
	    {"alert dns any any -> any any (content:\"abc\"; dns.query; bsize:3; sid:1;)", QW_NO_LITERAL_OTHER, QW_BY_APP,
	     QW_BUFFER_DNS_QUERY},
	    {"alert ip any any -> any any (ttl:1; sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_NOTHING, PACKETS},
	    {"alert ip any any -> any any (ip_proto:41; sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_PROTO, PACKETS},
	    {"alert ip any any -> any any (ip_proto:!41; sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_NOTHING, PACKETS},
	    {"alert ip [198.51.100.0/24] any -> any any (sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_ADDRESS, PACKETS},
	    {"alert ip [198.51.100.0/24] any -> any any (flowbits:set,x; sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_ADDRESS, PACKETS},
	    {"alert icmp any any -> any any (itype:8; sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_ICMP, PACKETS},
	    {"alert tcp any any -> any 80 (flags:S; sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_FLAGS, PACKETS},
	    {"alert ssh any any -> any any (flow:to_server; sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_APP, PACKETS},
	    {"alert pkthdr any any -> any any (decode-event:ipv4.trunc_pkt; sid:1;)", QW_NO_LITERAL_HEADER, QW_BY_EVENT, PACKETS},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct seen seen = {0};
		struct kit kit;
		kit_one(&kit, rows[i].rule);
		qw_signature_builder_costs(kit.builder, see, &seen);
		if (seen.last.why != rows[i].why || (seen.last.why && seen.last.by != rows[i].by) || seen.last.buffer != rows[i].buffer)
			fail_msg("%s: why %d, by %d, buffer %d", rows[i].rule, (int)seen.last.why, (int)seen.last.by, (int)seen.last.buffer);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.last.sid, 1);
		/* What is said is what is done. */
		bool packets = rows[i].buffer == PACKETS && rows[i].by != QW_BY_EVENT;
		assert_int_equal(qw_signatures_want_packets(kit.set), packets);
		assert_true(rows[i].buffer == PACKETS || qw_signatures_want(kit.set, rows[i].buffer));
		kit_end(&kit);
	}
}

static void rules_left_out_are_not_told_and_the_rest_say_where_they_stand(void **state)
{
	struct seen seen = {0};
	struct kit kit;
	kit_begin(&kit);
	kit_read(&kit, "alert tcp any any -> any any (content:\"abc\"; sid:1; rev:1;)\n"
		       "\n"
		       "alert tcp any any -> any any (content:\"a\"; sid:1; rev:2;)\n"
		       "alert tcp any any -> any any (content:\"abc\"; sid:2;)\n");
	assert_true(qw_signature_builder_disable(kit.builder, 1, 2));
	kit_open(&kit);
	qw_signature_builder_costs(kit.builder, see, &seen);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.last.sid, 1);
	assert_int_equal(seen.last.line, 3);
	assert_int_equal(seen.last.least, 3);
	assert_string_equal(seen.last.path, "t.rules");
	kit_end(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_told_where_it_is_asked_and_why),
		cmocka_unit_test(rules_left_out_are_not_told_and_the_rest_say_where_they_stand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

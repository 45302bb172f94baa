/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "quaywatch/indicator.h"

enum { KEPT_MAX = 32 };

/* What a reader handed on, as "type text" in order. */
struct kept {
	size_t count;
	char line[KEPT_MAX][QW_OBSERVABLE_TEXT_MAX + 32];
	struct qw_indicator last;
	struct qw_feed_counts counts;
	struct qw_diags diags;
};

static enum qw_err keep(void *ctx, const struct qw_indicator *indicator)
{
	struct kept *kept = ctx;
	assert_true(kept->count < KEPT_MAX);
	snprintf(kept->line[kept->count++], sizeof(kept->line[0]), "%s%s %s", indicator->allow ? "allow " : "",
		 qw_observable_type_name(indicator->observable.type), indicator->observable.text);
	kept->last = *indicator;
	return QW_OK;
}

static enum qw_err read_as(struct kept *kept, enum qw_feed_format format, const char *path, const char *text)
{
	struct qw_indicator defaults;
	memset(kept, 0, sizeof(*kept));
	qw_diags_init(&kept->diags);
	qw_indicator_init(&defaults);
	snprintf(defaults.source, sizeof(defaults.source), "a feed");
	assert_int_equal(qw_feed_format_of(path, (const uint8_t *)text, strlen(text)), format);
	return qw_feed_read(format, path, (const uint8_t *)text, strlen(text), &defaults, keep, kept, &kept->diags,
				&kept->counts);
}

static void expect(struct kept *kept, const char *const *lines)
{
	size_t count = 0;
	for (; lines[count]; count++) {
		assert_true(count < kept->count);
		assert_string_equal(kept->line[count], lines[count]);
	}
	assert_int_equal(kept->count, count);
	assert_int_equal(kept->counts.accepted, count);
	assert_int_equal(kept->counts.rejected, kept->diags.errors);
	qw_diags_fini(&kept->diags);
}

#define EXPECT(kept, ...) expect(kept, (const char *const[]){__VA_ARGS__, NULL})

static void a_plain_list_has_comments_fields_and_hosts_lines(void **state)
{
	struct kept kept;
	assert_int_equal(read_as(&kept, QW_FEED_PLAIN, "list.txt",
				 "\xef\xbb\xbf# title\r\n"
				 "evil.example   # seen in May\r\n"
				 "; another comment\n"
				 "bad.example;campaign 7\n"
				 "192.0.2.0/24;65\n"
				 "\n"
				 "/a;b\n"
				 "0.0.0.0 one.example two.example\n"
				 "127.0.0.1\tlocalhost\n"
				 "192.0.2.9:4444\n"
				 "no value\n"
				 "d41d8cd98f00b204e9800998ecf8427e"),
			 QW_OK);
	assert_int_equal(kept.counts.rejected, 1);
	assert_int_equal(kept.counts.ignored, 1);
	assert_int_equal(kept.diags.rows[0].line, 11);
	assert_int_equal(kept.diags.rows[0].column, 1);
	assert_string_equal(kept.last.source, "a feed");
	EXPECT(&kept, "domain evil.example", "domain bad.example", "cidr 192.0.2.0/24", "url /a;b",
	       "domain one.example", "domain two.example", "ip:port 192.0.2.9:4444",
	       "md5 d41d8cd98f00b204e9800998ecf8427e");
}

static void thirty_two_digits_are_ja3_where_the_file_says_so(void **state)
{
	struct kept kept;
	assert_int_equal(read_as(&kept, QW_FEED_PLAIN, "lists/ja3-bad.txt", "d41d8cd98f00b204e9800998ecf8427e\n"),
			 QW_OK);
	EXPECT(&kept, "ja3 d41d8cd98f00b204e9800998ecf8427e");
}

static void csv_columns_are_found_by_name_in_any_order(void **state)
{
	struct kept kept;
	assert_int_equal(
		read_as(&kept, QW_FEED_CSV, "x.csv",
			"confidence,tlp,value,type,valid_until,source,valid_from,description\r\n"
			"90,AMBER,evil.example,domain,2026-12-01T00:00:00Z,\"a, \"\"b\"\"\",2026-01-01,\"two\nlines\"\r\n"
			",,me@evil.example,email,,,,\r\n"
			",,192.0.2.1,,,,,\r\n"
			",,,ip,,,,\r\n"
			",,nonsense,ip,,,,\r\n"),
		QW_OK);
	assert_int_equal(kept.counts.ignored, 1);
	assert_int_equal(kept.counts.rejected, 2);
	assert_int_equal(kept.diags.rows[1].line, 7);
	assert_int_equal(kept.diags.rows[1].column, 3);
	assert_int_equal(kept.last.confidence, 50);
	EXPECT(&kept, "domain evil.example", "ip 192.0.2.1");
}

static void csv_fields_reach_the_indicator(void **state)
{
	struct kept kept;
	assert_int_equal(
		read_as(&kept, QW_FEED_CSV, "x.csv",
			"type,value,confidence,tlp,valid_until,source,description\n"
			"host,a.evil.example,90,TLP:RED,2026-12-01T00:00:00Z,\"a, \"\"b\"\"\",\"two\nlines\"\n"),
		QW_OK);
	assert_int_equal(kept.last.confidence, 90);
	assert_int_equal(kept.last.tlp, QW_TLP_RED);
	assert_true(kept.last.valid_until.ns == INT64_C(1796083200) * QW_NS_PER_S);
	assert_string_equal(kept.last.source, "a, \"b\"");
	assert_string_equal(kept.last.description, "two lines");
	EXPECT(&kept, "host a.evil.example");
}

static void csv_of_others_names_its_columns_by_type(void **state)
{
	struct kept kept;
	assert_int_equal(read_as(&kept, QW_FEED_CSV, "x.csv", "domain_name,ip_address\n\"a.example\",\"192.0.2.1\"\n"),
			 QW_OK);
	EXPECT(&kept, "domain a.example", "ip 192.0.2.1");
	assert_int_equal(
		read_as(&kept, QW_FEED_CSV, "x.csv", "# id,url,threat\n\"1\",\"http://a.example/x\",\"drop\"\n"), QW_OK);
	EXPECT(&kept, "url a.example/x");
	assert_int_equal(read_as(&kept, QW_FEED_CSV, "ja3.csv",
				 "\"Copyright\nAll rights\",\nd41d8cd98f00b204e9800998ecf8427e,\"Tool\"\n"),
			 QW_OK);
	assert_string_equal(kept.last.description, "Tool");
	EXPECT(&kept, "ja3 d41d8cd98f00b204e9800998ecf8427e");
}

#define BUNDLE(objects)          "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[" objects "]}"
#define INDICATOR(pattern, more) "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern\":\"" pattern "\"" more "}"

static void a_stix_pattern_gives_each_value_it_compares_with(void **state)
{
	struct kept kept;
	assert_int_equal(
		read_as(
		&kept, QW_FEED_STIX, "x.json",
		BUNDLE(INDICATOR(
			"[ipv4-addr:value = '192.0.2.1' OR ipv6-addr:value IN ('2001:db8::1', '2001:db8::2')] "
			"FOLLOWEDBY ([domain-name:value='Evil.Example' AND file:name = 'x'] OR "
			"[url:value = 'http://a.example/it\\\\'s']) WITHIN 5 SECONDS",
			"") "," INDICATOR("[file:hashes.'SHA-256' = "
				      "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' "
				      "OR file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']",
				      "") "," INDICATOR("[network-traffic:dst_ref.type = 'ipv4-addr' AND "
							"network-traffic:dst_ref.value = "
							"'192.0.2.7' AND network-traffic:dst_port = 443]",
							"") "," INDICATOR("[x509-certificate:hashes.'SHA-1' = "
									  "'da39a3ee5e6b4b0d3255bfef95601890afd80709']",
									  "") "," INDICATOR("[network-traffic:"
												"extensions.'http-request-"
												"ext'.request_header.'User-"
												"Agent' = 'Bad/1']",
												"") "," INDICATOR("[mac-"
													      "addr:"
													      "value = "
													      "'00:1b:"
													      "1b:00:"
													      "00:01' "
													      "AND "
													      "domain-"
													      "name:"
													      "value "
													      "!= "
													      "'good."
													      "example'"
													      "]",
													      ""))),
		QW_OK);
	assert_int_equal(kept.counts.ignored, 3);
	EXPECT(&kept, "ip 192.0.2.1", "ip 2001:db8::1", "ip 2001:db8::2", "domain evil.example", "url a.example/it's",
	       "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	       "md5 d41d8cd98f00b204e9800998ecf8427e", "ip:port 192.0.2.7:443",
	       "cert-sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709", "user-agent Bad/1", "mac 00:1b:1b:00:00:01");
}

static void a_stix_indicator_keeps_its_times_label_and_author(void **state)
{
	struct kept kept;
	assert_int_equal(
		read_as(&kept, QW_FEED_STIX, "x.json",
			BUNDLE("{\"type\":\"identity\",\"id\":\"identity--1\",\"name\":\"CERT\"},"
			   "{\"type\":\"marking-definition\",\"id\":\"marking-definition--x\",\"definition\":{\"tlp\":"
			   "\"amber\"}}," INDICATOR(
			       "[domain-name:value = 'a.example']",
			       ",\"confidence\":77,\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":"
			       "\"2026-12-01T00:00:00.5Z\",\"created_by_ref\":\"identity--1\",\"object_marking_refs\":"
			       "[\"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9\",\"marking-definition--"
			       "x\"]") "," INDICATOR("[domain-name:value = 'b.example']",
						     ",\"revoked\":true") "," INDICATOR("alert tcp any",
											",\"pattern_type\":"
											"\"suricata\"") "," INDICATOR("[domain-name:value = 'c.example'",
														      ""))),
		QW_OK);
	assert_string_equal(kept.line[0], "domain a.example");
	assert_int_equal(kept.counts.ignored, 2);
	assert_int_equal(kept.counts.rejected, 1);
	assert_int_equal(kept.diags.rows[0].line, 1);
	qw_diags_fini(&kept.diags);
	assert_int_equal(
		read_as(&kept, QW_FEED_STIX, "x.json",
			BUNDLE("{\"type\":\"identity\",\"id\":\"identity--1\",\"name\":\"CERT\"}," INDICATOR(
			"[domain-name:value = 'a.example']",
			",\"confidence\":77,\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":"
			"\"2026-12-01T00:00:00Z\",\"created_by_ref\":\"identity--1\",\"object_marking_refs\":"
			"[\"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9\","
			"\"marking-definition--5e57c739-391a-4eb3-b6be-7d5ca92d5ed8\"]"))),
		QW_OK);
	assert_int_equal(kept.last.confidence, 77);
	assert_int_equal(kept.last.tlp, QW_TLP_RED);
	assert_string_equal(kept.last.source, "CERT");
	assert_true(kept.last.valid_until.ns == INT64_C(1796083200) * QW_NS_PER_S);
	assert_true(kept.last.valid_from.ns == INT64_C(1767225600) * QW_NS_PER_S);
	EXPECT(&kept, "domain a.example");
}

static void a_misp_event_gives_attributes_and_those_of_objects(void **state)
{
	struct kept kept;
	assert_int_equal(
		read_as(&kept, QW_FEED_MISP, "x.json",
			"{\"response\":[{\"Event\":{\"info\":\"Op\",\"Orgc\":{\"name\":\"CERT\"},\"Tag\":[{\"name\":\"tlp:"
			"amber\"}],"
			"\"Attribute\":[{\"type\":\"ip-dst|port\",\"value\":\"192.0.2.1|443\"},"
			"{\"type\":\"domain|ip\",\"value\":\"a.example|192.0.2.2\"},"
			"{\"type\":\"filename|md5\",\"value\":\"a|b.exe|d41d8cd98f00b204e9800998ecf8427e\"},"
			"{\"type\":\"text\",\"value\":\"192.0.2.3\"},{\"type\":\"ip-src\",\"value\":\"nowhere\"},"
			"{\"type\":\"domain\",\"value\":\"gone.example\",\"deleted\":true}],"
			"\"Object\":[{\"Attribute\":[{\"type\":\"uri\",\"value\":\"/x\",\"to_ids\":false,"
			"\"Tag\":[{\"name\":\"tlp:red\"}]}]}]}}]}"),
		QW_OK);
	assert_int_equal(kept.counts.rejected, 1);
	assert_int_equal(kept.counts.ignored, 2);
	assert_int_equal(kept.last.tlp, QW_TLP_RED);
	assert_int_equal(kept.last.confidence, 25);
	assert_string_equal(kept.last.source, "CERT");
	assert_string_equal(kept.last.description, "Op");
	EXPECT(&kept, "ip:port 192.0.2.1:443", "domain a.example", "ip 192.0.2.2",
	       "md5 d41d8cd98f00b204e9800998ecf8427e", "url /x");
}

static void a_warning_list_gives_allow_entries(void **state)
{
	struct kept kept;
	assert_int_equal(read_as(&kept, QW_FEED_WARNINGLIST, "x.json",
				 "{\"list\":[\".all.example\",\"com\",\"www.example\"],\"name\":\"Known good\","
				 "\"matching_attributes\":[\"hostname\",\"domain\"],\"type\":\"string\"}"),
			 QW_OK);
	assert_string_equal(kept.last.source, "Known good");
	EXPECT(&kept, "allow domain all.example", "allow host com", "allow host www.example");
	assert_int_equal(
		read_as(&kept, QW_FEED_WARNINGLIST, "x.json",
			"{\"list\":[\"FE80::/10\",\"192.0.2.1\"],\"matching_attributes\":[\"ip-dst\",\"domain|ip\"],"
			"\"type\":\"cidr\"}"),
		QW_OK);
	EXPECT(&kept, "allow cidr fe80::/10", "allow ip 192.0.2.1");
}

static void broken_json_is_named_with_its_place_and_hands_nothing_on(void **state)
{
	struct kept kept;
	assert_int_equal(read_as(&kept, QW_FEED_STIX, "x.json", "{\"type\":\"bundle\",\n\"objects\":[{]}"), QW_EFORMAT);
	assert_int_equal(kept.count, 0);
	assert_int_equal(kept.diags.errors, 1);
	assert_int_equal(kept.diags.rows[0].line, 2);
	qw_diags_fini(&kept.diags);
}

static void a_file_is_known_by_its_content(void **state)
{
	static const struct {
		const char *path, *text;
		enum qw_feed_format format;
	} ROWS[] = {
		{"a.txt", "alert tcp any any -> any any (msg:\"x\"; sid:1;)\n", QW_FEED_SIGNATURES},
		{"a.txt", "# alert tcp any any -> any any (msg:\"x\"; sid:1;)\n", QW_FEED_SIGNATURES},
		{"a.rules", "evil.example\n", QW_FEED_PLAIN},
		{"README.md", "## Lists\nThis folder holds lists.\n", QW_FEED_DOCUMENT},
		{"LICENSE", "Permission is hereby granted, free of charge\n", QW_FEED_DOCUMENT},
		{"readme.txt", "evil.example\nbad.example\n", QW_FEED_PLAIN},
		{"notes", "some words that say nothing\n", QW_FEED_DOCUMENT},
		{"x", "{\"a\":1}", QW_FEED_UNKNOWN},
		{"x", "[{\"Event\":{}}]", QW_FEED_MISP},
		{"x.tsv", "file\tdescription\nfolder/a.txt\twords\n", QW_FEED_DOCUMENT},
		{"empty", "", QW_FEED_PLAIN},
	};
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++)
		assert_int_equal(qw_feed_format_of(ROWS[i].path, (const uint8_t *)ROWS[i].text, strlen(ROWS[i].text)),
				 ROWS[i].format);
}

static enum qw_err refuse(void *ctx, const struct qw_indicator *indicator)
{
	++*(unsigned *)ctx;
	return QW_ELIMIT;
}

static void an_error_of_the_sink_ends_the_reading(void **state)
{
	static const char TEXT[] = "a.example\nb.example\n";
	struct qw_indicator defaults;
	struct qw_feed_counts counts;
	unsigned calls = 0;
	qw_indicator_init(&defaults);
	assert_int_equal(qw_feed_read(QW_FEED_PLAIN, "x", (const uint8_t *)TEXT, sizeof(TEXT) - 1, &defaults, refuse,
				      &calls, NULL, &counts),
			 QW_ELIMIT);
	assert_int_equal(calls, 1);
	assert_int_equal(counts.accepted, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_list_has_comments_fields_and_hosts_lines),
		cmocka_unit_test(thirty_two_digits_are_ja3_where_the_file_says_so),
		cmocka_unit_test(csv_columns_are_found_by_name_in_any_order),
		cmocka_unit_test(csv_fields_reach_the_indicator),
		cmocka_unit_test(csv_of_others_names_its_columns_by_type),
		cmocka_unit_test(a_stix_pattern_gives_each_value_it_compares_with),
		cmocka_unit_test(a_stix_indicator_keeps_its_times_label_and_author),
		cmocka_unit_test(a_misp_event_gives_attributes_and_those_of_objects),
		cmocka_unit_test(a_warning_list_gives_allow_entries),
		cmocka_unit_test(broken_json_is_named_with_its_place_and_hands_nothing_on),
		cmocka_unit_test(a_file_is_known_by_its_content),
		cmocka_unit_test(an_error_of_the_sink_ends_the_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

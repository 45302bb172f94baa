/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_kit.h"

#include "quaywatch/file.h"
#include "rules/signature/keyword.h"

/* Every class of mistake: what is written, and the whole complaint. */
static const struct {
	const char *text, *complaint;
} mistakes[] = {
#define RULE(options) "alert tcp any any -> any any (" options ")"
	{"nonsense", "1:1: this is not a rule: there is no '(' with options"},
	{"\n\n  nonsense", "3:3: this is not a rule: there is no '(' with options"},
	{"alert tcp any any -> any any (sid:1;", "1:30: the parenthesis that opens here is not closed"},
	{RULE("sid:1;") " extra", "1:39: something follows the closing parenthesis"},
	{"alert tcp any any -> any (sid:1;)", "1:25: the header ends where a destination port is expected"},
	{"alert tcp any any -> any any more (sid:1;)", "1:30: 'more' stands between the header and '('"},
	{"warn tcp any any -> any any (sid:1;)",
     "1:1: action 'warn' is not supported; known are alert, pass, drop, reject"},
	{"alert tpc any any -> any any (sid:1;)", "1:7: protocol 'tpc' is not known"},
	{"alert tcp any any => any any (sid:1;)",
     "1:1: a rule with => looks into 1 to 16 buffers"},
	{"alert tcp any any <- any any (sid:1;)", "1:19: '<-' is not a direction; use ->, <> or =>"},
	{"alert tcp 10.0.0.0/33 any -> any any (sid:1;)", "1:11: '10.0.0.0/33' is not an address, block or range"},
	{"alert tcp [10.0.0.1,10.0.0.300] any -> any any (sid:1;)",
	 "1:21: '10.0.0.300' is not an address, block or range"},
	{"alert tcp [10.0.0.1,,10.0.0.2] any -> any any (sid:1;)",
     "1:21: an empty place in a list of addresses: a comma too many"},
	{"alert tcp [10.0.0.1 any -> any any (sid:1;)", "1:35: the header ends where a source port is expected"},
	{"alert tcp $NOWHERE any -> any any (sid:1;)", "1:11: variable $NOWHERE is not defined; set vars.NOWHERE"},
	{"alert tcp any any -> [10.0.0.1,$LOOP] any (sid:1;)", "1:32: variable $LOOP contains itself; mend vars.LOOP"},
	{"alert tcp !any any -> any any (sid:1;)", "1:11: '!any' leaves no address at all"},
	{"alert tcp any 70000 -> any any (sid:1;)", "1:15: '70000' is not a port or a range of ports"},
	{"alert tcp any 90:80 -> any any (sid:1;)", "1:15: '90:80' is not a port or a range of ports"},
	{"alert tcp any [80,!80] -> any any (sid:1;)", "1:15: '[80,!80]' leaves no port at all"},
	{RULE("msg:\"x\";"), "1:1: the rule has no sid"},
	{RULE("msg:\"two\" content:\"x\"; sid:1;"), "1:39: a quote inside msg: a ';' is missing after it, or it is to be written as \\\""},
	{RULE("sid:1; sid:2;"), "1:42: the rule has two sids"},
	{RULE("sid:x;"), "1:35: 'x' is not a number that sid can have"},
	{RULE("sid:0;"), "1:35: '0' is not a number that sid can have"},
	{RULE("sid;"), "1:31: sid needs a value: 'sid:…;'"},
	{RULE("sid:1; msg:\"x"), "1:42: the quote that opens here is not closed"},
	{RULE("sid:1; msg:\"x\""), "1:38: the option that begins here does not end with ';'"},
	{RULE("sid:1; :5;"), "1:38: a keyword is missing before ':'"},
	{RULE("sid:1; nocase;"), "1:38: nocase has no content before it"},
	{RULE("sid:1; nocase:5;"), "1:45: nocase takes no value"},
	{RULE("sid:1; lua:x;"), "1:38: keyword 'lua' is not supported"},
	{RULE("sid:1;\\\n  content:\"x\"; threshold:type limit;"), "2:26: threshold is type T, track T, count N, seconds N"},
	{RULE("sid:1; contnet:\"x\";"), "1:38: keyword 'contnet' is not known; did you mean 'content'?"},
	{RULE("sid:1; content:\"\";"), "1:38: content is empty"},
	{RULE("sid:1; content:\"a|4|\";"), "1:48: an odd number of hexadecimal digits"},
	{RULE("sid:1; content:\"a|41\";"), "1:48: the hexadecimal part that opens here is not closed by '|'"},
	{RULE("sid:1; content:\"|4x|\";"), "1:49: 'x' is not a hexadecimal digit"},
	{RULE("sid:1; content:\"a\\n\";"), "1:48: a backslash may stand before \\ \" ; : only"},
	{RULE("sid:1; content:\"abc\"; depth:2;"),
	 "1:38: depth 2 is less than the content's 3 bytes: it can never match"},
	{RULE("sid:1; content:\"abc\"; within:2;"),
     "1:38: within 2 is less than the content's 3 bytes: it can never match"},
	{RULE("sid:1; content:\"abc\"; offset:2; distance:1;"),
     "1:63: distance cannot be combined with what the content has already"},
	{RULE("sid:1; content:\"abc\"; offset:2; offset:1;"), "1:63: the content has two of offset"},
	{RULE("sid:1; content:\"abc\"; offset:-1;"), "1:60: offset cannot be negative"},
	{RULE("sid:1; content:\"abc\"; offset:len;"),
     "1:60: 'len' is neither a number nor a variable that an earlier option sets"},
	{RULE("sid:1; content:\"abc\"; offset:1; startswith;"),
     "1:63: startswith cannot be combined with offset, depth, distance or within"},
	{RULE("sid:1; content:\"abc\",offset 5,nonsense;"), "1:61: 'nonsense' does not modify content"},
	{RULE("sid:1; content:\"abc\"; fast_pattern:2,2;"), "1:66: fast_pattern reaches beyond its content"},
	{RULE("sid:1; pcre:\"/a(/\";"), "1:47: pcre: missing closing parenthesis"},
	{RULE("sid:1; pcre:\"/a/w\";"), "1:47: pcre knows no flag 'w'"},
	{RULE("sid:1; pcre:\"a\";"), "1:44: an expression is written \"/…/flags\""},
	{RULE("sid:1; http_uri;"), "1:38: http_uri has no content before it; the sticky buffer is 'http.uri'"},
	{RULE("sid:1; http.uri; content:\"a\"; http_uri;"),
     "1:61: http_uri cannot follow a sticky buffer; use 'http.uri' before the content"},
	{RULE("sid:1; http.uri;"), "1:38: nothing is looked for in http.uri"},
	{RULE("sid:1; http.host; content:\"Example\";"),
     "1:49: http.host is always lower case: this content can never match"},
	{RULE("sid:1; flow:to_client; http.uri; content:\"a\";"),
     "1:54: http.uri is what the client sends, and the rest of the rule is about the server's side"},
	{RULE("sid:1; flow:to_server,to_client;"), "1:53: flow's 'to_client' contradicts what was said before"},
	{RULE("sid:1; flow:estblished;"), "1:43: flow knows no 'estblished'"},
	{RULE("sid:1; dsize:x;"), "1:44: 'x' is not a test of dsize; N, !N, >N, <N or N<>M"},
	{RULE("sid:1; bsize:5;"), "1:38: bsize needs a sticky buffer before it"},
	{RULE("sid:1; flags:Z;"), "1:44: 'Z' is not a TCP flag; F S R P A U E C or 0"},
	{RULE("sid:1; byte_test:1,~,5,0;"), "1:50: '~' is not an operator; < > = <= >= & ^, and ! before them"},
	{RULE("sid:1; byte_test:1,=,5;"), "1:38: byte_test lacks an offset"},
	{RULE("sid:1; byte_test:9,=,5,0;"), "1:38: byte_test reads at most 8 bytes of a binary number"},
	{RULE("sid:1; byte_jump:1,0,sideways;"), "1:52: byte_jump knows no 'sideways'"},
	{RULE("sid:1; priority:0;"), "1:47: '0' is not a priority; 1 (worst) to 255"},
	{RULE("sid:1; metadata:quaywatch_share everything;"),
     "1:63: 'everything' cannot be shared; known are src_ip, dest_ip, domain, ja3"},
	{"alert tcp-stream any any -> any any (sid:1; dsize:5;)",
     "1:1: the rule asks for a packet and for reassembled data at once"},
	{RULE("sid:7; rev:2;") "\n" RULE("sid:7; rev:2;"),
     "2:35: sid 7 (gid 1) is at revision 2 already, from t.rules:1; this one is revision 2"},
};

static void each_mistake_is_named_with_its_place(void **state)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct kit kit;
		char seen[600] = "";
		kit_begin(&kit);
		kit_read(&kit, mistakes[i].text);
		if (kit.diags.count)
			snprintf(seen, sizeof(seen), "%u:%u: %s", kit.diags.rows[0].line, kit.diags.rows[0].column,
				 kit.diags.rows[0].text);
		if (strcmp(seen, mistakes[i].complaint) != 0)
			print_message("of: %s\n", mistakes[i].text);
		assert_string_equal(seen, mistakes[i].complaint);
		assert_int_equal(qw_signature_builder_counts(kit.builder)->rejected, 1);
		assert_int_equal(kit.diags.errors, 1);
		kit_end(&kit);
	}
}

static void what_suricata_reads_is_read(void **state)
{
	static const char *const good[] = {
	    RULE("msg:\"a \\\"quoted\\\" \\; text\"; content:\"a\\;b\\\\\\\"\\:\"; sid:1;"),
	    RULE("msg:\"semi;colon\"; content:\"a;b\"; sid:1;"),
	    RULE("content:!\"x\"; content:\"|0d 0a|y|00|\"; sid:1;"),
	    RULE("sid:1;; rev:2; ;"),
	    RULE("pcre:\"/a\"b;\\/c/i\"; sid:1;"),
	    RULE("pcre:!\"/^GET/R\"; sid:1;"),
	    RULE("msg:5\" disk; sid:1;"),
	    "alert tcp [10.0.0.0/8, !10.1.1.1 , $HOME_NET] [1:5,!3,80] <> ![2001:db8::/32,1.2.3.4] ![80,443] (sid:1;)",
	    "alert tcp 1.1.1.1-1.1.1.9 :1024 -> 10.0.0.0/255.255.0.0 1024: (sid:1;)",
	    "alert tcp [1.1.1.1,![10.0.0.0/8,![10.1.0.0/16]]] any -> any any (sid:1;)",
	    "alert tcp-pkt any any -> any any (sid:1;)",
	    "alert pkthdr any any -> any any (sid:1;)",
	    "alert http any any -> any any (http.uri; content:\"a\"; bsize:>3; startswith; sid:1;)",
	    "alert\ttcp any any -> any any (sid:1;)",
	    "  alert tcp any any -> any any ( sid : 1 ; )  ",
	    "alert tcp any any -> any any (content:\"a\"; \\\r\n    sid:1;)\r\n",
	    RULE("content:\"a\",nocase,offset 2,depth 4,fast_pattern; sid:1;"),
	    RULE("content:\"a\"; http_uri; content:\"b\"; distance:0; http_uri; pcre:\"/c/UR\"; urilen:5<>9; sid:1;"),
	    RULE("byte_extract:2,0,len,relative,little; byte_test:1,>,len,0; isdataat:!len,relative; sid:1;"),
	    RULE("byte_math:bytes 1, offset 0, oper <<, rvalue 2, result r; content:\"x\"; within:r; sid:1;"),
	    RULE("flags:S,12; window:!5; ack:0; seq:1; tcp.mss:<536; fragbits:!D; ttl:<5; id:7; ip_proto:!udp; sid:1;"),
	    RULE("metadata:a b, quaywatch_share src_ip, quaywatch_share ja3; reference:url,x.test/a; sid:1;"),
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct kit kit;
		kit_one(&kit, good[i]);
		assert_int_equal(qw_signatures_count(kit.set), 1);
		kit_end(&kit);
	}
}

static void comments_marks_and_line_ends_are_passed_over(void **state)
{
	struct kit kit;
	kit_begin(&kit);
	kit_read(&kit, "\xef\xbb\xbf# a comment\r\n\r\n#" RULE("sid:5;") "\n" RULE("sid:1;") "\r\n" RULE("sid:2;"));
	assert_int_equal(kit.diags.errors, 0);
	assert_int_equal(qw_signature_builder_counts(kit.builder)->accepted, 2);
	kit_end(&kit);
}

static void a_later_revision_replaces_an_earlier_one(void **state)
{
	struct kit kit;
	struct qw_signature info;
	kit_begin(&kit);
	kit_read(&kit, RULE("msg:\"old\"; sid:7; rev:1;") "\n" RULE("msg:\"new\"; sid:7; rev:2;") "\n" RULE(
			   "gid:3; sid:7; rev:1;"));
	assert_int_equal(kit.diags.errors, 0);
	assert_int_equal(qw_signature_builder_counts(kit.builder)->accepted, 2);
	assert_int_equal(qw_signature_builder_counts(kit.builder)->replaced, 1);
	kit_open(&kit);
	qw_signatures_info(kit.set, 0, &info);
	assert_string_equal(info.msg, "new");
	assert_int_equal(qw_signatures_count(kit.set), 2);
	kit_end(&kit);
}

static void a_disabled_rule_is_left_out(void **state)
{
	struct kit kit;
	struct qw_signature info;
	kit_begin(&kit);
	kit_read(&kit, RULE("sid:1;") "\n" RULE("sid:2;"));
	assert_true(qw_signature_builder_disable(kit.builder, 1, 1));
	assert_false(qw_signature_builder_disable(kit.builder, 1, 1));
	assert_false(qw_signature_builder_disable(kit.builder, 1, 9));
	kit_open(&kit);
	assert_int_equal(qw_signatures_count(kit.set), 1);
	qw_signatures_info(kit.set, 0, &info);
	assert_int_equal(info.sid, 2);
	kit_end(&kit);
}

static void what_a_rule_says_of_itself_is_kept(void **state)
{
	struct kit kit;
	struct qw_signature info;
	kit_one(&kit,
		"drop tcp any any -> any any (msg:\"a \\\"b\\\"\"; gid:9; sid:1; rev:4; classtype:trojan-activity; "
		"reference:cve,2020-1; reference:url,x.test/a,b; metadata:k v, quaywatch_share src_ip, created 2020; "
		"metadata:quaywatch_share domain; noalert;)");
	qw_signatures_info(kit.set, 0, &info);
	assert_string_equal(info.msg, "a \"b\"");
	assert_int_equal(info.gid, 9);
	assert_int_equal(info.rev, 4);
	assert_int_equal(info.priority, 1);
	assert_int_equal(info.action, QW_ACTION_DROP);
	assert_string_equal(info.category, "A Network Trojan was detected");
	assert_string_equal(info.references, "cve,2020-1\nurl,x.test/a,b");
	assert_string_equal(info.metadata, "k v, quaywatch_share src_ip, created 2020, quaywatch_share domain");
	assert_int_equal(info.share, QW_SHARE_SRC_IP | QW_SHARE_DOMAIN);
	assert_true(info.wants & QW_WANTS_SILENCE);
	kit_end(&kit);
}

static void an_empty_set_asks_for_nothing(void **state)
{
	struct kit kit;
	uint32_t out[4];
	struct scene scene = scene_payload("abc", 0);
	kit_begin(&kit);
	kit_open(&kit);
	assert_int_equal(qw_signatures_count(kit.set), 0);
	assert_int_equal(qw_signatures_of_packet(kit.set, &scene.facts, out, 4), 0);
	assert_int_equal(
	    qw_signatures_scan(kit.set, QW_BUFFER_PAYLOAD, &scene.facts, (const uint8_t *)"abc", 3, 0, out, 4), 0);
	kit_end(&kit);
}

static void keywords_are_sorted_and_each_says_why_it_is_refused(void **state)
{
	size_t count;
	const struct qw_keyword *rows = qw_keywords(&count);
	assert_true(count < 512);
	for (size_t i = 0; i < count; i++) {
		struct qw_word name = {rows[i].name, strlen(rows[i].name)};
		if (i)
			assert_true(strcmp(rows[i - 1].name, rows[i].name) < 0);
		assert_ptr_equal(qw_keyword_find(name), &rows[i]);
		assert_true(rows[i].parse || rows[i].remark);
	}
}

/* The README's tables are the keyword table: a row "| `name` | state |" for each. */
static void the_readme_knows_every_keyword(void **state)
{
	size_t count, len;
	char *text, line[256], path[1024];
	const struct qw_keyword *rows = qw_keywords(&count);
	const char *source = getenv("QW_SOURCE");
	if (!source)
		skip();
	snprintf(path, sizeof(path), "%s/rules/README.md", source);
	assert_int_equal(qw_file_read(path, 1 << 20, &text, &len), QW_OK);
	for (size_t i = 0; i < count; i++) {
		const char *remark = rows[i].remark ? rows[i].remark : "";
		snprintf(line, sizeof(line), "| `%s` | %s | %s |\n", rows[i].name, rows[i].parse ? "yes" : "refused",
			 remark);
		if (!strstr(text, line))
			fail_msg("rules/README.md lacks the line: %s", line);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_named_with_its_place),
		cmocka_unit_test(what_suricata_reads_is_read),
		cmocka_unit_test(comments_marks_and_line_ends_are_passed_over),
		cmocka_unit_test(a_later_revision_replaces_an_earlier_one),
		cmocka_unit_test(a_disabled_rule_is_left_out),
		cmocka_unit_test(what_a_rule_says_of_itself_is_kept),
		cmocka_unit_test(an_empty_set_asks_for_nothing),
		cmocka_unit_test(keywords_are_sorted_and_each_says_why_it_is_refused),
		cmocka_unit_test(the_readme_knows_every_keyword),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

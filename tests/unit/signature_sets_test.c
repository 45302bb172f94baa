/* SPDX-License-Identifier: Apache-2.0 */
/* Sets, their files and what rules ask of them. */
#include "signature_sets_kit.h"

#include "rules/signature/slots.h"

/* One rule, of one value. */
static bool fires(const char *options, enum qw_buffer buffer, const char *data, size_t len)
{
	char rule[512];
	struct kit kit;
	snprintf(rule, sizeof(rule), RULE("%s"), options);
	open_rules(&kit, rule);
	bool fired = fires_on(&kit, buffer, data, len);
	kit_end(&kit);
	return fired;
}

#define USER_AGENT(options, text) fires("http.user_agent; " options, QW_BUFFER_HTTP_USER_AGENT, text, 0)

static void a_string_is_a_member_if_the_file_holds_it_in_base64(void **state)
{
	put("ua", "# tools\nY3VybC83LjQzLjA=\n\n  V2dldA  \r\nAP8=\n");
	assert_true(USER_AGENT("dataset:isset,ua,type string,load ua;", "curl/7.43.0"));
	assert_true(USER_AGENT("dataset:isset,ua,type string,load ua;", "Wget"));
	assert_false(USER_AGENT("dataset:isset,ua,type string,load ua;", "curl/7.43"));
	assert_false(USER_AGENT("dataset:isset,ua,type string,load ua;", "curl/7.43.0 "));
	assert_false(USER_AGENT("dataset:isnotset,ua,type string,load ua;", "Wget"));
	assert_true(USER_AGENT("dataset:isnotset, ua, type string, load ua, memcap 10mb, hashsize 1024;", "wget"));
	assert_true(fires("http.user_agent; dataset:isset,ua,type string,load ua;", QW_BUFFER_HTTP_USER_AGENT, "\0\xff", 2));
	assert_true(USER_AGENT("dataset:isset,ua,type string,load ua; content:\"Wg\"; startswith;", "Wget"));
	assert_false(USER_AGENT("content:\"curl\"; dataset:isset,ua,type string,load ua;", "Wget"));
}

static void an_empty_set_has_no_members(void **state)
{
	put("none", "\n# nothing\n");
	assert_false(USER_AGENT("dataset:isset,none,type string,load none;", "a"));
	assert_true(USER_AGENT("dataset:isnotset,none,type string,load none;", "a"));
	assert_true(USER_AGENT("dataset:isnotset,fresh,type string;", "a"));
}

static void digests_are_compared_as_bytes_and_as_digits(void **state)
{
	put("md5", "900150983CD24FB0D6963F7D28E17F72\n");
	put("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d\n");
	put("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
	assert_true(USER_AGENT("to_md5; dataset:isset,m,type md5,load md5;", "abc"));
	assert_false(USER_AGENT("to_md5; dataset:isset,m,type md5,load md5;", "abd"));
	assert_true(USER_AGENT("to_sha1; dataset:isset,m,type sha1,load sha1;", "abc"));
	assert_true(USER_AGENT("to_sha256; dataset:isset,m,type sha256,load sha256;", "abc"));
	assert_true(USER_AGENT("dataset:isset,m,type md5,load md5;", "900150983cd24fb0d6963f7d28e17f72"));
	assert_false(USER_AGENT("to_sha1; dataset:isset,m,type md5,load md5;", "abc"));
	assert_true(USER_AGENT("to_sha1; dataset:isnotset,m,type md5,load md5;", "abc"));
}

/* Is the packet's source (192.168.1.2, or what is given) in the set? */
static bool source_fires(const char *options, const char *source)
{
	char rule[512];
	struct kit kit;
	struct scene scene = scene_tcp();
	if (source)
		assert_true(qw_address_parse(source, strlen(source), &scene.facts.src));
	snprintf(rule, sizeof(rule), RULE("%s"), options);
	open_rules(&kit, rule);
	bool fired = scene_fires(&kit, &scene, 0);
	kit_end(&kit);
	return fired;
}

static void addresses_are_members_in_either_notation(void **state)
{
	put("ip", "192.168.1.2\n::ffff:10.0.0.1\n2001:DB8::1\n");
	put("ipv4", "192.168.1.2\n");
	assert_true(source_fires("ip.src; dataset:isset,a,type ip,load ip;", NULL));
	assert_true(source_fires("ip.src; dataset:isset,a,type ip,load ip;", "10.0.0.1"));
	assert_true(source_fires("ip.src; dataset:isset,a,type ipv6,load ip;", "2001:db8:0::1"));
	assert_false(source_fires("ip.src; dataset:isset,a,type ip,load ip;", "2001:db8::2"));
	assert_false(source_fires("ip.dst; dataset:isset,a,type ip,load ip;", NULL));
	assert_true(source_fires("ip.src; dataset:isset,a,type ipv4,load ipv4;", NULL));
	assert_false(source_fires("ip.src; dataset:isset,a,type ipv4,load ipv4;", "2001:db8::1"));
	assert_true(source_fires("ip.src; content:\"|c0 a8 01 02|\"; bsize:4;", NULL));
	assert_true(source_fires("ip.src; content:\"|20 01 0d b8|\"; startswith; bsize:16;", "2001:db8::1"));
	assert_true(source_fires("ip.dst; content:\"|c6 33 64 07|\";", NULL));
}

static void blocks_hold_the_addresses_within_them(void **state)
{
	put("blocks", "192.168.0.0/16\n10.0.0.7\nfc00::/7\n");
	assert_true(source_fires("ip.src; dataset:isset,b,type cidr,load blocks;", "192.168.0.0"));
	assert_true(source_fires("ip.src; dataset:isset,b,type cidr,load blocks;", "192.168.255.255"));
	assert_false(source_fires("ip.src; dataset:isset,b,type cidr,load blocks;", "192.169.0.1"));
	assert_true(source_fires("ip.src; dataset:isnotset,b,type cidr,load blocks;", "192.167.255.255"));
	assert_true(source_fires("ip.src; dataset:isset,b,type cidr,load blocks;", "10.0.0.7"));
	assert_false(source_fires("ip.src; dataset:isset,b,type cidr,load blocks;", "10.0.0.8"));
	assert_true(source_fires("ip.src; dataset:isset,b,type cidr,load blocks;", "fd12:3456::1"));
	assert_false(source_fires("ip.src; dataset:isset,b,type cidr,load blocks;", "fe80::1"));
	put("blocks", "");
	assert_true(source_fires("ip.src; dataset:isnotset,b,type cidr,load blocks;", NULL));
}

static void addresses_are_known_where_there_is_no_packet(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	put("ip", "192.168.1.2\n");
	open_rules(&kit, RULE("http.uri; content:\"/a\"; ip.src; dataset:isset,a,type ip,load ip;"));
	scene.values[0] = (struct value){QW_BUFFER_HTTP_URI, "/a", 0};
	scene.facts.flags &= ~(uint32_t)QW_FACT_PACKET;
	assert_true(scene_fires(&kit, &scene, 0));
	kit_end(&kit);
}

static void each_value_of_a_buffer_is_asked(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	put("names", "Yi50ZXN0\n"); /* b.test */
	open_rules(&kit, RULE("dns.query; dataset:isset,names,type string,load names;"));
	scene.values[0] = (struct value){QW_BUFFER_DNS_QUERY, "a.test", 0};
	assert_false(scene_fires(&kit, &scene, 0));
	scene.values[1] = (struct value){QW_BUFFER_DNS_QUERY, "b.test", 0};
	assert_true(scene_fires(&kit, &scene, 0));
	kit_end(&kit);
}

static void a_set_is_shared_by_all_rules(void **state)
{
	struct kit kit;
	put("ua", "V2dldA==\n");
	open_rules(&kit, "alert tcp any any -> any any (http.user_agent; dataset:isset,ua,type string,load ua; sid:1;)\n"
			 "alert tcp any any -> any any (http.user_agent; dataset:isnotset,ua; sid:2;)\n"
			 "alert tcp any any -> any any (http.host; dataset:isset,ua,type string; sid:3;)\n");
	assert_true(fires_on(&kit, QW_BUFFER_HTTP_USER_AGENT, "Wget", 0));
	kit_end(&kit);
}

static void datarep_compares_the_number_beside_the_member(void **state)
{
	put("rep", "V2dldA==,200\nY3VybA==,0\nYQ==, 65535\n");
	assert_true(USER_AGENT("datarep:r,>,199,load rep,type string;", "Wget"));
	assert_false(USER_AGENT("datarep:r, >, 200, load rep, type string, memcap 1mb, hashsize 8;", "Wget"));
	assert_true(USER_AGENT("datarep:r,=,200,load rep,type string;", "Wget"));
	assert_true(USER_AGENT("datarep:r,<,1,load rep,type string;", "curl"));
	assert_true(USER_AGENT("datarep:r,=,65535,load rep,type string;", "a"));
	assert_false(USER_AGENT("datarep:r,<,1,load rep,type string;", "other"));
	assert_true(USER_AGENT("dataset:isset,r,type string,load rep;", "curl"));
}

/* ---- JSON, and what alerts tell */

/* What an alert tells under this key; "" if nothing. */
static const char *told(struct kit *kit, const char *key)
{
	struct qw_signature signature;
	qw_signatures_info(kit->set, 0, &signature);
	for (uint32_t i = 0; i < signature.context_count; i++)
		if (strcmp(signature.contexts[i].key, key) == 0)
			return signature.contexts[i].json;
	return "";
}

static void the_object_beside_a_member_is_told(void **state)
{
	struct kit kit;
	put("hosts", "[{\"host\": \"a.test\", \"year\": 2005, \"n\": {\"x\": [1, null]}},\n {\"host\": \"b.test\"}]\n");
	open_rules(&kit, RULE("http.host; dataset:isset,h,type string,load hosts,format json,context_key bad,value_key host;"));
	assert_true(fires_on(&kit, QW_BUFFER_HTTP_HOST, "a.test", 0));
	assert_string_equal(told(&kit, "bad"), "{\"host\":\"a.test\",\"year\":2005,\"n\":{\"x\":[1,null]}}");
	assert_true(fires_on(&kit, QW_BUFFER_HTTP_HOST, "b.test", 0));
	assert_string_equal(told(&kit, "bad"), "{\"host\":\"b.test\"}");
	assert_false(fires_on(&kit, QW_BUFFER_HTTP_HOST, "c.test", 0));
	kit_end(&kit);
}

static void a_value_that_does_not_fit_tells_nothing(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	put("names", "{\"n\":\"a.test\",\"is\":1}\n{\"n\":\"b.test\",\"is\":2}\n");
	open_rules(&kit, RULE("dns.query; dataset:isset,h,type string,load names,format ndjson,context_key k,value_key n; "
			      "content:\"b\"; ip.src; dataset:isnotset,nobody,type ip;"));
	scene.values[0] = (struct value){QW_BUFFER_DNS_QUERY, "a.test", 0};
	scene.values[1] = (struct value){QW_BUFFER_DNS_QUERY, "b.test", 0};
	assert_true(scene_fires(&kit, &scene, 0));
	assert_string_equal(told(&kit, "k"), "{\"n\":\"b.test\",\"is\":2}");
	kit_end(&kit);
}

static void several_sets_tell_together(void **state)
{
	struct kit kit;
	struct scene scene = scene_tcp();
	put("names", "{\"n\":\"a.test\"}\n");
	put("ips", "[{\"ip\":\"192.168.1.2\",\"test\":\"success\"},{\"ip\":\"192.168.1.2\",\"test\":\"fail\"}]");
	open_rules(&kit, RULE("http.host; dataset:isset,h,type string,load names,format ndjson,context_key k,value_key n; "
			      "ip.src; dataset:isset,i,type ip,load ips,format json,enrichment_key src,value_key ip;"));
	scene.values[0] = (struct value){QW_BUFFER_HTTP_HOST, "a.test", 0};
	assert_true(scene_fires(&kit, &scene, 0));
	assert_string_equal(told(&kit, "k"), "{\"n\":\"a.test\"}");
	assert_string_equal(told(&kit, "src"), "{\"ip\":\"192.168.1.2\",\"test\":\"success\"}");
	kit_end(&kit);
}

static void arrays_and_values_are_found_at_the_end_of_a_path(void **state)
{
	struct kit kit;
	put("deep", "{\"info\": {\"threat\": [{\"host\": {\"fqdn\": \"a.test\", \"is\": 1}}, {\"host\": {\"is\": 2}},\n"
		    " {\"host\": {\"fqdn\": 5}}, {\"host\": 6}, 7]}}");
	open_rules(&kit, RULE("http.host; dataset:isset,h,type string,load deep,format json,context_key bad,value_key host.fqdn,"
			      "array_key info.threat;"));
	assert_true(fires_on(&kit, QW_BUFFER_HTTP_HOST, "a.test", 0));
	assert_string_equal(told(&kit, "bad"), "{\"host\":{\"fqdn\":\"a.test\",\"is\":1}}");
	assert_false(fires_on(&kit, QW_BUFFER_HTTP_HOST, "5", 0));
	kit_end(&kit);
	open_rules(&kit, RULE("http.host; dataset:isset,h,type string,load deep,format json,context_key bad,value_key host.fqdn,"
			      "array_key info.threat,remove_key;"));
	assert_true(fires_on(&kit, QW_BUFFER_HTTP_HOST, "a.test", 0));
	assert_string_equal(told(&kit, "bad"), "{\"host\":{\"is\":1}}");
	kit_end(&kit);
}

static void datajson_has_the_object_behind_a_comma(void **state)
{
	struct kit kit;
	put("ips", "192.168.1.2,{\"a\": 1, \"b\": [2, 3]}\n2001:db8::1,{}\n");
	open_rules(&kit, RULE("ip.src; datajson:isset,i,type ip,load ips,key src;"));
	struct scene scene = scene_tcp();
	assert_true(scene_fires(&kit, &scene, 0));
	assert_string_equal(told(&kit, "src"), "{\"a\":1,\"b\":[2,3]}");
	kit_end(&kit);
}

/* ---- mistakes */

static const struct {
	const char *file, *options, *complaint;
} mistakes[] = {
	{"", "dataset:isset,a,type string;", "a set is asked of a sticky buffer, which must stand before it"},
	{"", "http.host; dataset:holds,a,type string;", "what to do with the set comes first: isset, isnotset, set or unset"},
	{"", "http.host; dataset:isset;", "a set needs a name of 1 to 63 letters"},
	{"", "http.host; dataset:isset,a;", "the set 'a' is new: it needs a type, string, md5, sha1, sha256, ipv4 or ip"},
	{"", "http.host; dataset:isset,a,type text;",
	 "'text' is not a type of sets: string, md5, sha1, sha256, ipv4, ip or cidr"},
	{"10.0.0.0/33\n", "ip.src; dataset:isset,a,type cidr,load file;",
	 "file:1: '10.0.0.0/33' is not an address or a block of them"},
	{"", "ip.src; dataset:isset,a,type cidr,mask 24;", "a mask goes with set and unset of a set of type cidr"},
	{"", "ip.src; dataset:set,a,type ipv4,mask 24;", "a mask goes with set and unset of a set of type cidr"},
	{"", "ip.src; dataset:set,a,type cidr,mask 0;", "'0' is neither 1 to 128 bits nor a netmask"},
	{"", "ip.src; dataset:set,a,type cidr,mask 0x00ff00ff;", "'0x00ff00ff' is neither 1 to 128 bits nor a netmask"},
	{"", "http.host; dataset:isset,a,type;", "'type' needs a value behind it"},
	{"", "http.host; dataset:isset,a,type string,,;", "an empty place between commas"},
	{"", "http.host; dataset:isset,a,type string,colour red;", "'colour' is not an option of sets"},
	{"", "http.host; dataset:isset,a,type string,load nowhere;",
	 "the file 'nowhere' cannot be read: No such file or directory; it is looked for beside the rule file"},
	{"YQ==\nY Q==\n", "http.host; dataset:isset,a,type string,load file;", "file:2: 'Y Q==' is not a string in base64"},
	{"12\n", "http.host; dataset:isset,a,type md5,load file;", "file:1: '12' is not an MD5 of 32 hexadecimal digits"},
	{"10.0.0.1/8\n", "ip.src; dataset:isset,a,type ip,load file;", "file:1: '10.0.0.1/8' is not an IPv4 or IPv6 address"},
	{"::1\n", "ip.src; dataset:isset,a,type ipv4,load file;", "file:1: '::1' is not an IPv4 address"},
	{"YQ==\nYg==,1\n", "http.host; dataset:isset,a,type string,load file;",
	 "file:2: some lines have a number behind a comma, and some have none"},
	{"YQ==,-1\n", "http.host; datarep:a,>,1,type string,load file;",
	 "file:1: behind the comma a number from 0 to 65535 is wanted"},
	{"YQ==\n", "http.host; datarep:a,>,1,type string,load file;",
	 "in the set 'a' no numbers stand beside the members"},
	{"", "http.host; datarep:a,~,1;", "datarep is NAME,<|>|=,NUMBER, with a number up to 65535"},
	{"[{\"h\":\"a\"}]", "http.host; dataset:isset,a,type string,load file,format json;",
	 "a set in JSON needs value_key: under what its members stand"},
	{"[{\"h\":\"a\"}]", "http.host; dataset:isset,a,type string,load file,format json,value_key k;",
	 "file: nothing in it has the key 'k'"},
	{"[\n{\"h\":\"a\"]", "http.host; dataset:isset,a,type string,load file,format json,value_key h;",
	 "file:2: this is not JSON: '}' expected near ']'"},
	{"{\"h\":\"a\"}\n{\"h\":}\n", "http.host; dataset:isset,a,type string,load file,format ndjson,value_key h;",
	 "file:2: this is not JSON: unexpected token near '}'"},
	{"[1]\n", "http.host; dataset:isset,a,type string,load file,format ndjson,value_key h;",
	 "file:1: this line is not a JSON object"},
	{"{\"h\":[]}", "http.host; dataset:isset,a,type string,load file,format json,value_key h;",
	 "file: this is not an array: array_key says where one is"},
	{"{\"h\":{}}", "http.host; dataset:isset,a,type string,load file,format json,value_key h,array_key h;",
	 "file: there is no array under 'h'"},
	{"{\"h\":\"zz\"}", "http.host; dataset:isset,a,type ip,load file,format ndjson,value_key h;",
	 "file:1: 'zz' is not an IPv4 or IPv6 address"},
	{"[]", "http.host; dataset:isset,a,type string,load file,format ndjson,value_key h,array_key k;",
	 "array_key goes with 'format json'"},
	{"a,b\n", "http.host; datajson:isset,a,type string,load file,key k;",
	 "file:1: a line is 'value,{…}' with a JSON object"},
	{"", "http.host; dataset:set,a,type string,format json,value_key k;", "a set in JSON can be asked, not changed"},
	{"", "iprep:from,test,=,1;", "whose reputation is asked comes first: any, src, dst or both"},
	{"", "iprep:src;", "iprep needs a category behind 'src'"},
	{"", "iprep:src,test,=,128;",
	 "a test of reputation is isset, isnotset, or <, <=, >, >=, = or != and a score from 0 to 127"},
	{"", "iprep:src,none,=,1;", "'none' is none of the categories in the file that reputation.categories names"},
	{"", "http.host; xor:\"\"; content:\"a\";",
	 "xor needs a key of 1 to 255 bytes in hexadecimal, or 'extract BYTES OFFSET'"},
	{"", "http.host; xor:extract 0 0; content:\"a\";", "a key in the data is 'extract BYTES OFFSET', of 1 to 255 bytes"},
	{"", "http.host; xor:extract 1; content:\"a\";", "a key in the data is 'extract BYTES OFFSET', of 1 to 255 bytes"},
	{"", "http.host; xor:offset abc,extract 1 0; content:\"a\";", "'offset abc' is not 'offset N'"},
	{"", "http.host; xor:offset 1; content:\"a\";", "xor needs a key behind its offset: 'offset N,\"HEX\"'"},
	{"", "http.host; xor:offset ,\"4142\"; content:\"a\";", "'offset' is not 'offset N'"},
	{"", "http.host; from_base64:mode lax; content:\"a\";",
	 "from_base64 is [bytes N][, offset N][, mode rfc4648|rfc2045|strict]"},
	{"", "http.host; subslice:1, 0; content:\"a\";", "'0' is neither a number of bytes nor 'truncate'"},
	{"", "http.host; gunzip:max-size 0; content:\"a\";", "'max-size 0' is not 'max-size N', with N from 1 to 16mb"},
	{"", "http.host; gunzip:max-size 17mb; content:\"a\";", "'max-size 17mb' is not 'max-size N', with N from 1 to 16mb"},
	{"", "http.host; pcrexform:\"a(b\"; content:\"a\";", "the expression is wrong here: missing closing parenthesis"},
	{"", "http.host; pcrexform:\"ab\"; content:\"a\";",
	 "the expression needs a group in parentheses: what it finds is kept"},
	{"", "http.host; entropy:bytes 5;", "entropy needs 'value' and a test, as in 'value >= 7.5'"},
	{"", "http.host; entropy:value >= 9;", "entropy is [bytes N,][offset N,]value TEST, as in 'value >= 7.5'"},
	{"", "domain; content:\"a\";", "domain needs a sticky buffer before it"},
};

static void each_mistake_is_named(void **state)
{
	put("categories", "1,test,Testing\n");
	put("first.list", "");
	put("second.list", "");
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		char rule[512];
		struct kit kit;
		put("file", mistakes[i].file);
		begin(&kit);
		snprintf(rule, sizeof(rule), RULE("%s"), mistakes[i].options);
		kit_read(&kit, rule);
		if (kit.diags.errors != 1 || strcmp(kit.diags.rows[0].text, mistakes[i].complaint) != 0)
			fail_msg("%s\n  %s", rule, kit.diags.count ? kit.diags.rows[0].text : "no complaint");
		assert_int_equal(kit.diags.rows[0].line, 1);
		assert_in_range(kit.diags.rows[0].column, 31, strlen(rule));
		kit_end(&kit);
	}
}

static void a_set_has_one_type_and_one_file(void **state)
{
	struct kit kit;
	put("a", "YQ==\n");
	put("b", "Yg==\n");
	begin(&kit);
	kit_read(&kit, "alert tcp any any -> any any (http.host; dataset:isset,s,type string,load a; sid:1;)\n"
		       "alert tcp any any -> any any (http.host; dataset:isset,s,type md5; sid:2;)\n"
		       "alert tcp any any -> any any (http.host; dataset:isset,s,type string,load b; sid:3;)\n");
	assert_int_equal(kit.diags.errors, 2);
	assert_string_equal(kit.diags.rows[0].text, "the set 's' is of another type already");
	assert_string_equal(kit.diags.rows[1].text, "the set 's' has another file, or none, already");
	kit_end(&kit);
}

static void a_set_that_was_refused_can_be_made_by_another_rule(void **state)
{
	struct kit kit;
	put("bad", "%\n");
	put("good", "YQ==\n");
	begin(&kit);
	kit_read(&kit, "alert tcp any any -> any any (http.host; dataset:isset,s,type string,load bad; sid:1;)\n"
		       "alert tcp any any -> any any (http.host; dataset:isset,s,type string,load good; sid:2;)\n");
	assert_int_equal(kit.diags.errors, 1);
	kit_open(&kit);
	assert_true(fires_on(&kit, QW_BUFFER_HTTP_HOST, "a", 0));
	kit_end(&kit);
}

static void sent_rules_name_no_file_to_write(void **state)
{
	static const char state_rule[] = RULE("http.host; dataset:set,s,type string,state s.lst;");
	struct kit kit;
	begin(&kit);
	assert_int_equal(qw_signature_builder_receive(kit.builder, "community", state_rule, strlen(state_rule), &kit.diags), QW_OK);
	assert_int_equal(kit.diags.errors, 1);
	assert_string_equal(kit.diags.rows[0].text, "a rule that was sent here may name no file to be written");
	kit_end(&kit);
}

static void a_state_file_is_read_if_there_is_one(void **state)
{
	struct kit kit;
	open_rules(&kit, RULE("http.host; dataset:isset,s,type string,state s.lst;"));
	assert_int_equal(kit.diags.warnings, 1);
	assert_string_equal(kit.diags.rows[0].text, "what the set 's' learns stays in memory and is not written to a file");
	assert_false(fires_on(&kit, QW_BUFFER_HTTP_HOST, "a", 0));
	kit_end(&kit);
	put("s.lst", "YQ==\n");
	assert_true(fires("http.host; dataset:isset,s,type string,state s.lst;", QW_BUFFER_HTTP_HOST, "a", 0));
}

static void a_set_can_be_declared_before_all_rules(void **state)
{
	struct kit kit;
	put("ips", "1.1.1.1\n192.168.1.2\n");
	begin(&kit);
	assert_int_equal(qw_signature_builder_declare(kit.builder, "datasets.tor", "tor", "type ip, load ips", &kit.diags), QW_OK);
	kit_read(&kit, RULE("ip.src; dataset:isset,tor;"));
	assert_int_equal(kit.diags.errors, 0);
	kit_open(&kit);
	struct scene scene = scene_tcp();
	assert_true(scene_fires(&kit, &scene, 0));
	assert_int_equal(qw_signature_builder_declare(kit.builder, "datasets.x", "x", "type text", &kit.diags), QW_EFORMAT);
	assert_string_equal(kit.diags.rows[0].file, "datasets.x");
	assert_int_equal(kit.diags.rows[0].column, 8);
	kit_end(&kit);
}

/* ---- many members */

static void all_members_of_a_large_set_are_found_and_nothing_else(void **state)
{
	enum { COUNT = 30000 };
	struct qw_slot_row *rows = calloc(COUNT + 10, sizeof(*rows));
	const uint64_t keys[2][2] = {{1, 2}, {3, 4}};
	struct qw_vector slots, values;
	struct qw_table table = {0};
	qw_vector_init(&slots, sizeof(struct qw_slot));
	qw_vector_init(&values, sizeof(uint32_t));
	assert_non_null(rows);
	assert_non_null(qw_vector_add(&slots, 7)); /* another table before it */
	assert_non_null(qw_vector_add(&values, 3));
	for (uint32_t i = 0; i < COUNT + 10; i++) {
		uint32_t value = i % COUNT; /* the last ten are there already, and do not count */
		rows[i] = (struct qw_slot_row){qw_slot_of(keys, qw_slice(&value, sizeof(value))), i, i};
	}
	assert_int_equal(qw_slots_make(rows, COUNT + 10, true, &slots, &values, &table), QW_OK);
	assert_in_range(slots.count * sizeof(struct qw_slot), COUNT * 16, COUNT * 21);
	for (uint32_t i = 0; i < 2 * COUNT; i++) {
		uint32_t found = qw_slots_find(&table, slots.rows, qw_slot_of(keys, qw_slice(&i, sizeof(i))));
		assert_int_equal(found != QW_NONE, i < COUNT);
		if (found != QW_NONE)
			assert_int_equal(*(uint32_t *)qw_vector_at(&values, table.values + found), i);
	}
	qw_vector_fini(&slots);
	qw_vector_fini(&values);
	free(rows);
}

static void fingerprints_at_both_ends_are_found(void **state)
{
	struct qw_slot_row rows[] = {{{UINT64_MAX, UINT64_MAX}, 0, 0}, {{UINT64_MAX, 5}, 0, 1}, {{UINT64_MAX, 4}, 0, 2},
				     {{UINT64_MAX - 1, 9}, 0, 3},      {{1, 0}, 0, 4},		{{1, 1}, 0, 5}};
	struct qw_slot wanted[6];
	struct qw_vector slots, values;
	struct qw_table table = {0};
	qw_vector_init(&slots, sizeof(struct qw_slot));
	qw_vector_init(&values, sizeof(uint32_t));
	for (size_t i = 0; i < 6; i++)
		wanted[i] = rows[i].slot;
	assert_int_equal(qw_slots_make(rows, 6, false, &slots, &values, &table), QW_OK);
	for (size_t i = 0; i < 6; i++)
		assert_int_not_equal(qw_slots_find(&table, slots.rows, wanted[i]), QW_NONE);
	assert_int_equal(qw_slots_find(&table, slots.rows, (struct qw_slot){UINT64_MAX, 6}), QW_NONE);
	assert_int_equal(qw_slots_find(&table, slots.rows, (struct qw_slot){1, 2}), QW_NONE);
	qw_vector_fini(&slots);
	qw_vector_fini(&values);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(a_string_is_a_member_if_the_file_holds_it_in_base64),
		TEST(an_empty_set_has_no_members),
		TEST(digests_are_compared_as_bytes_and_as_digits),
		TEST(addresses_are_members_in_either_notation),
		TEST(blocks_hold_the_addresses_within_them),
		TEST(addresses_are_known_where_there_is_no_packet),
		TEST(each_value_of_a_buffer_is_asked),
		TEST(a_set_is_shared_by_all_rules),
		TEST(datarep_compares_the_number_beside_the_member),
		TEST(the_object_beside_a_member_is_told),
		TEST(a_value_that_does_not_fit_tells_nothing),
		TEST(several_sets_tell_together),
		TEST(arrays_and_values_are_found_at_the_end_of_a_path),
		TEST(datajson_has_the_object_behind_a_comma),
		TEST(each_mistake_is_named),
		TEST(a_set_has_one_type_and_one_file),
		TEST(a_set_that_was_refused_can_be_made_by_another_rule),
		TEST(sent_rules_name_no_file_to_write),
		TEST(a_state_file_is_read_if_there_is_one),
		TEST(a_set_can_be_declared_before_all_rules),
		TEST(all_members_of_a_large_set_are_found_and_nothing_else),
		TEST(fingerprints_at_both_ends_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

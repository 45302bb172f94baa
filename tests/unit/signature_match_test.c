/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_kit.h"

#define RULE(options) "alert tcp any any -> any any (" options " sid:1;)"

/* Options, a payload, and whether they fit. */
static const struct {
	const char *options, *data;
	bool fits;
	size_t len; /* 0: strlen */
} cases[] = {
	{"content:\"abc\";", "xxabcxx", true},
	{"content:\"abc\";", "xxaBcxx", false},
	{"content:\"aBc\"; nocase;", "xxAbCxx", true},
	{"content:!\"abc\";", "xxabcxx", false},
	{"content:!\"abc\";", "xxabxx", true},
	{"content:\"|00 01|\";", "a\0\1b", true, 4},
	{"content:\"abc\"; offset:2;", "abcabc", true},
	{"content:\"abc\"; offset:4;", "abcabc", false},
	{"content:\"abc\"; depth:3;", "abcx", true},
	{"content:\"abc\"; depth:3;", "xabc", false},
	{"content:\"abc\"; offset:1; depth:3;", "xabc", true},
	{"content:\"abc\"; offset:1; depth:3;", "xxabc", false},
	{"content:\"abc\"; startswith;", "abcabc", true},
	{"content:\"abc\"; startswith;", "xabc", false},
	{"content:\"abc\"; endswith;", "abcxabc", true},
	{"content:\"abc\"; endswith;", "abcx", false},
	{"content:\"data|0a 0a|\"; startswith; endswith;", "data\n\n", true},
	{"content:\"data|0a 0a|\"; startswith; endswith;", "data\n\nx", false},
	{"content:!\"abc\"; endswith;", "abcx", true},
	{"content:!\"abc\"; endswith;", "xabc", false},
	{"content:\"ab\"; content:\"cd\"; distance:0;", "abxcd", true},
	{"content:\"ab\"; content:\"cd\"; distance:2;", "abxcd", false},
	{"content:\"ab\"; content:\"cd\"; distance:1; within:2;", "abxcd", true},
	{"content:\"ab\"; content:\"cd\"; distance:1; within:2;", "abxxcd", false},
	{"content:\"ab\"; content:\"cd\"; within:4;", "abxxcd", true},
	{"content:\"ab\"; content:\"cd\"; within:3;", "abxxcd", false},
	{"content:\"cd\"; content:\"ab\"; distance:-5;", "abxcd", true},
	{"content:\"cd\"; content:\"ab\"; distance:-4;", "abxcd", false},
	/* the first occurrence does not do, the second does */
	{"content:\"ab\"; content:\"cd\"; within:2;", "abxabcd", true},
	{"content:\"ab\"; content:\"cd\"; within:2; content:\"ef\"; within:2;", "abcdxabcdef", true},
	{"content:\"a\"; content:\"b\"; distance:0; content:\"c\"; distance:0; within:1;", "ab_abc", true},
	{"content:\"ab\"; content:!\"x\"; within:1;", "abxab", true},
	{"content:\"ab\"; content:!\"x\"; within:1;", "abxabx", false},
	{"content:\"ab\"; content:!\"x\"; distance:0;", "abxab", true},
	{"content:\"ab\"; content:!\"x\"; distance:0;", "abxabx", false},
	{"content:\"ab\"; content:\"cd\"; distance:0; endswith;", "abcdcd", true},
	{"content:\"yYYYYYYYYYYYYYYYY\"; distance:9; within:29; endswith;", "012345678yYYYYYYYYYYYYYYYY", true},
	{"content:\"abc\"; fast_pattern:only;", "xabc", true},
	{"content:\"abcdef\"; fast_pattern:1,3; content:\"x\";", "xabcdef", true},
	{"content:\"abcdef\"; fast_pattern:1,3; content:\"x\";", "xbcdxx", false},
	{"pcre:\"/a.c/\";", "xabcx", true},
	{"pcre:\"/A.C/i\";", "xabcx", true},
	{"pcre:!\"/a.c/\";", "xabcx", false},
	{"pcre:\"/^b/\";", "abc", false},
	{"content:\"a\"; pcre:\"/^b/R\";", "abc", true},
	{"content:\"a\"; pcre:\"/^b/R\";", "acab", true},
	{"content:\"a\"; pcre:\"/^b/R\";", "acaa", false},
	{"pcre:\"/a+/\"; content:\"b\"; within:1;", "aacab", true},
	{"pcre:\"/x?y/\"; content:\"b\"; within:1;", "xyayb", true},
	{"pcre:\"/a$/m\";", "ba\nc", true},
	{"content:\"a\"; depth:1; isdataat:30,relative;", "abcdefghijklmnopqrstuvwabcdefghi", true},
	{"content:\"a\"; depth:1; isdataat:31,relative;", "abcdefghijklmnopqrstuvwabcdefghi", true},
	{"content:\"a\"; depth:1; isdataat:32,relative;", "abcdefghijklmnopqrstuvwabcdefghi", false},
	{"isdataat:31;", "abcdefghijklmnopqrstuvwabcdefghi", true},
	{"isdataat:32;", "abcdefghijklmnopqrstuvwabcdefghi", false},
	{"isdataat:!32;", "abcdefghijklmnopqrstuvwabcdefghi", true},
	{"isdataat:32,relative;", "abcdefghijklmnopqrstuvwabcdefghi", true},
	{"content:\"ab\"; isdataat:!2,relative;", "abxxab", true},
	{"content:\"ab\"; isdataat:!2,relative;", "abxxabxx", false},
	{"byte_test:1,=,0x61,0;", "abc", true},
	{"byte_test:1,!=,0x61,0;", "abc", false},
	{"byte_test:1,>,0x60,0;", "abc", true},
	{"byte_test:1,<=,0x61,0;", "abc", true},
	{"byte_test:2,=,0x6162,0;", "abc", true},
	{"byte_test:2,=,0x6261,0,little;", "abc", true},
	{"byte_test:1,&,0x40,0;", "abc", true},
	{"byte_test:1,!&,0x40,0;", "abc", false},
	{"byte_test:1,=,3,0,bitmask 0x60;", "abc", true},
	{"byte_test:3,=,123,1,string,dec;", "x123", true},
	{"byte_test:0,>,4000,0,string,dec;", "4001", true},
	{"byte_test:0,>,4000,0,string,dec;", "4000", false},
	{"byte_test:4,=,0x1f,0,string,hex;", "0x1f", true},
	{"byte_test:1,=,5,3;", "abc", false},
	{"content:\"ab\"; byte_test:1,=,0x63,0,relative;", "xabc", true},
	{"content:\"ab\"; byte_test:1,=,0x63,0,relative;", "xabdabc", true},
	{"content:\"ab\"; byte_test:1,=,0x78,-3,relative;", "xabc", true},
	{"byte_jump:1,0; content:\"b\"; within:1;", "\2xxb", true},
	{"byte_jump:1,0; content:\"b\"; within:1;", "\1xxb", false},
	{"byte_jump:1,0,from_beginning; content:\"b\"; within:1;", "\3xxb", true},
	{"byte_jump:1,0,multiplier 2; content:\"b\"; within:1;", "\1xxb", true},
	{"byte_jump:1,0,align; content:\"b\"; within:1;", "\1xxxxb", true},
	{"byte_jump:1,0,post_offset 1; content:\"b\"; within:1;", "\1xxb", true},
	{"byte_jump:1,0,string,dec; content:\"b\"; within:1;", "2xxb", true},
	{"byte_jump:1,0;", "\11xxb", false},
	{"byte_jump:1,0;", "\2ab", false}, /* to the very end is beyond it */
	{"byte_jump:1,0;", "\1ab", true},
	{"content:\"ab\"; byte_jump:1,0,relative; content:\"c\"; within:1;", "ab\1xc", true},
	{"byte_extract:1,0,n; content:\"b\"; offset:n; depth:1;", "\3xxb", true},
	{"byte_extract:1,0,n; content:\"b\"; offset:n;", "\4xxb", false},
	{"byte_extract:1,0,n; byte_test:1,=,n,1;", "55", true},
	{"byte_extract:1,0,n; isdataat:n;", "\2ab", true},
	{"byte_extract:1,0,n; isdataat:n;", "\3ab", false},
	{"byte_extract:1,0,n,multiplier 2; content:\"b\"; distance:n;", "\1xxb", true},
	{"byte_math:bytes 1, offset 0, oper +, rvalue 2, result r; content:\"b\"; offset:r; depth:1;", "\1xxb", true},
	{"byte_math:bytes 1, offset 0, oper *, rvalue 3, result r; byte_test:1,=,r,1;", "\2\6", true},
	{"byte_math:bytes 1, offset 0, oper /, rvalue 0, result r;", "\2\6", false},
	{"byte_math:bytes 1, offset 0, oper <<, rvalue 1, result r; byte_test:1,=,r,1;", "\2\4", true},
	{"content:\"foobar=\"; base64_decode:relative; base64_data; content:\"hello\"; startswith;",
     "foobar=aGVsbG8gd29ybGQ=", true},
	{"base64_decode:bytes 4, offset 7; base64_data; content:\"hello\";", "foobar=aGVsbG8gd29ybGQ=", false},
	{"base64_decode:bytes 4, offset 7; base64_data; content:\"hel\"; endswith;", "foobar=aGVsbG8gd29ybGQ=", true},
	{"content:\"x\"; base64_decode:relative; base64_data; content:\"h\"; pkt_data; content:\"=a\";",
     "foox=aGVsbG8gd29ybGQ=", false},
	{"content:\"=\"; base64_decode:relative; base64_data; content:\"h\"; pkt_data; content:\"=a\";",
     "foox=aGVsbG8gd29ybGQ=", true},
	{"dsize:3;", "abc", true},
	{"dsize:>3;", "abc", false},
	{"dsize:2<>4;", "abc", true},
	{"dsize:3<>5;", "abc", false},
	{"dsize:!3;", "abc", false},
	{"content:\"a\"; flags:PA;", "abc", true},
	{"content:\"a\"; flags:A;", "abc", false},
	{"content:\"a\"; flags:A+;", "abc", true},
	{"content:\"a\"; flags:!S;", "abc", true},
	{"content:\"a\"; flags:P,A;", "abc", true},
	{"content:\"a\"; flags:*SP;", "abc", true},
	{"ttl:64;", "abc", true},
	{"ttl:<64;", "abc", false},
	{"window:256; seq:9; ack:8; id:258; tcp.mss:1460;", "abc", true},
	{"tcp.mss:<536;", "abc", false},
	{"fragbits:D;", "abc", true},
	{"fragbits:M;", "abc", false},
	{"fragbits:!M;", "abc", true},
	{"fragoffset:0;", "abc", true},
	{"ip_proto:tcp;", "abc", true},
	{"ip_proto:!6;", "abc", false},
	{"sameip;", "abc", false},
	{"itype:8;", "abc", false},
	{"ipv4.hdr; content:\"|06|\"; offset:9; depth:1;", "abc", true},
	{"ipv4.hdr; byte_test:1,=,6,9;", "abc", true},
	{"tcp.hdr; content:\"|02 04|\"; offset:20;", "abc", true},
	{"ipv6.hdr; content:\"|06|\";", "abc", false},
	{"udp.hdr; content:\"|00|\";", "abc", false},
	{"flow:to_server,established;", "abc", true},
	{"flow:to_client;", "abc", false},
	{"flow:not_established;", "abc", false},
	{"flow:stateless;", "abc", true},
	{"flow:only_frag;", "abc", false},
	{"flow:no_frag;", "abc", true},
	{"flow:only_stream; content:\"abc\";", "abc", false},
	{"flow:no_stream; content:\"abc\";", "abc", true},
	{"app-layer-protocol:!http;", "abc", false}, /* not classified yet */
};

static void payload_options_mean_what_suricata_means(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kit kit;
		char rule[512];
		struct scene scene = scene_payload(cases[i].data, cases[i].len);
		snprintf(rule, sizeof(rule), RULE("%s"), cases[i].options);
		kit_one(&kit, rule);
		if (scene_fires(&kit, &scene, 0) != cases[i].fits)
			fail_msg("%s on \"%s\"", cases[i].options, cases[i].data);
		kit_end(&kit);
	}
}

/* Options and values of buffers. */
static const struct {
	const char *options;
	struct value values[VALUES_MAX];
	bool fits;
} messages[] = {
	{"http.uri; content:\"/a\"; startswith;", {{QW_BUFFER_HTTP_URI, "/abc"}}, true},
	{"http.uri; content:\"/a\"; startswith;", {{QW_BUFFER_PAYLOAD, "/abc"}}, false},
	{"content:\"/a\"; http_uri; content:\"c\"; distance:1; http_uri;", {{QW_BUFFER_HTTP_URI, "/abc"}}, true},
	{"content:\"/a\"; http_uri; content:\"c\"; distance:2; http_uri;", {{QW_BUFFER_HTTP_URI, "/abc"}}, false},
	{"uricontent:\"abc\";", {{QW_BUFFER_HTTP_URI, "/abc"}}, true},
	{"uricontent:!\"abc\";", {{QW_BUFFER_HTTP_URI, "/abc"}}, false},
	{"pcre:\"/b.$/U\"; urilen:4;", {{QW_BUFFER_HTTP_URI, "/abc"}}, true},
	{"urilen:>4;", {{QW_BUFFER_HTTP_URI, "/abc"}}, false},
	{"urilen:5,raw;", {{QW_BUFFER_HTTP_URI, "/abc"}, {QW_BUFFER_HTTP_URI_RAW, "/%bc/"}}, true},
	{"http.method; content:\"GET\"; http.uri; content:\"/b\"; http.host; content:\"x\";",
     {{QW_BUFFER_HTTP_METHOD, "GET"}, {QW_BUFFER_HTTP_URI, "/b"}, {QW_BUFFER_HTTP_HOST, "x.test"}},
     true},
	{"http.method; content:\"GET\"; http.uri; content:\"/b\"; http.host; content:\"y\";",
     {{QW_BUFFER_HTTP_METHOD, "GET"}, {QW_BUFFER_HTTP_URI, "/b"}, {QW_BUFFER_HTTP_HOST, "x.test"}},
     false},
	/* a missing buffer never matches, not even a negation */
	{"http.method; content:\"GET\"; http.request_body; content:!\"x\";", {{QW_BUFFER_HTTP_METHOD, "GET"}}, false},
	{"http.method; content:\"GET\"; http.request_body; absent;", {{QW_BUFFER_HTTP_METHOD, "GET"}}, true},
	{"http.method; content:\"GET\"; http.request_body; absent;",
     {{QW_BUFFER_HTTP_METHOD, "GET"}, {QW_BUFFER_HTTP_REQUEST_BODY, "abc"}},
     false},
	{"http.request_body; absent:or_else; content:!\"abc\"; http.method; content:\"GET\";",
     {{QW_BUFFER_HTTP_METHOD, "GET"}, {QW_BUFFER_HTTP_REQUEST_BODY, "abc"}},
     false},
	{"http.request_body; absent:or_else; content:!\"abc\"; http.method; content:\"GET\";",
     {{QW_BUFFER_HTTP_METHOD, "GET"}, {QW_BUFFER_HTTP_REQUEST_BODY, "abd"}},
     true},
	{"http.request_body; absent;", {{QW_BUFFER_HTTP_METHOD, "GET"}}, true},
	/* each value is tried by itself */
	{"dns.query; content:\"b\"; content:\"test\";",
     {{QW_BUFFER_DNS_QUERY, "a.test"}, {QW_BUFFER_DNS_QUERY, "b.org"}},
     false},
	{"dns.query; content:\"b\"; dns.query; content:\"test\";",
     {{QW_BUFFER_DNS_QUERY, "a.test"}, {QW_BUFFER_DNS_QUERY, "b.org"}},
     true},
	{"dns.query; content:\"org\"; endswith; bsize:5;",
     {{QW_BUFFER_DNS_QUERY, "a.test"}, {QW_BUFFER_DNS_QUERY, "b.org"}},
     true},
	{"dns_query; content:\"A.T\"; nocase;", {{QW_BUFFER_DNS_QUERY, "a.test"}}, true},
	{"dns.query; dotprefix; content:\".google.co.uk\";", {{QW_BUFFER_DNS_QUERY, "google.co.uk"}}, true},
	{"dns.query; dotprefix; content:\".google.co.uk\";", {{QW_BUFFER_DNS_QUERY, "mail.google.co.uk"}}, true},
	{"dns.query; dotprefix; content:\".google.co.uk\";", {{QW_BUFFER_DNS_QUERY, "notgoogle.co.uk"}}, false},
	{"dns.query; bsize:>10<>5;", {{QW_BUFFER_DNS_QUERY, "a"}}, false},
	{"http.uri; to_lowercase; content:\"abc\";", {{QW_BUFFER_HTTP_URI, "/ABC"}}, true},
	{"http.uri; to_uppercase; content:\"ABC\";", {{QW_BUFFER_HTTP_URI, "/abc"}}, true},
	{"http.uri; strip_whitespace; content:\"ab\";", {{QW_BUFFER_HTTP_URI, "/a \t\r\nb"}}, true},
	{"http.uri; compress_whitespace; content:\"a b\";", {{QW_BUFFER_HTTP_URI, "/a   b"}}, true},
	{"http.request_body; url_decode; content:\"/etc passwd\";",
	 {{QW_BUFFER_HTTP_REQUEST_BODY, "%2fetc+passwd"}}, true},
	{"http.uri; to_sha256; content:\"|ba 78 16 bf|\"; startswith; bsize:32;", {{QW_BUFFER_HTTP_URI, "abc"}}, true},
	{"http.uri; to_md5; content:\"|90 01 50 98|\"; startswith;", {{QW_BUFFER_HTTP_URI, "abc"}}, true},
	{"http.uri; to_sha1; content:\"|a9 99 3e 36|\"; startswith;", {{QW_BUFFER_HTTP_URI, "abc"}}, true},
	{"http.uri; xor:\"0d0a\"; content:\"abc\";", {{QW_BUFFER_HTTP_URI, "lhn"}}, true},
	{"http.uri; xor:\"0d0a\"; content:\"abd\";", {{QW_BUFFER_HTTP_URI, "lhn"}}, false},
	{"http.header; header_lowercase; content:\"host: X\";", {{QW_BUFFER_HTTP_HEADER, "HoSt: X\r\n"}}, true},
	{"http.header; strip_pseudo_headers; content:\"a\"; startswith;",
     {{QW_BUFFER_HTTP_HEADER, ":b: c\r\na: d\r\n"}},
     true},
	{"http.uri; content:\"A\"; http.uri; to_lowercase; content:\"a\";", {{QW_BUFFER_HTTP_URI, "/A"}}, true},
	{"tls.fingerprint:\"AA:bb\";", {{QW_BUFFER_TLS_CERT_FINGERPRINT, "aa:bb"}}, true},
	{"tls.fingerprint:\"AA:bb\";", {{QW_BUFFER_TLS_CERT_FINGERPRINT, "aa:bb:cc"}}, false},
	{"tls.random_time; content:\"cd\"; endswith;",
	 {{QW_BUFFER_TLS_RANDOM, "abcdefghijklmnopqrstuvwxyzabcdef"}}, true},
	{"tls.random_bytes; content:\"ef\"; startswith; bsize:28;",
     {{QW_BUFFER_TLS_RANDOM, "abcdefghijklmnopqrstuvwxyzabcdef"}},
     true},
	{"content:\"a\"; file_data; content:\"b\"; content:\"c\"; distance:0; pkt_data; content:\"d\"; distance:0;",
     {{QW_BUFFER_PAYLOAD, "abcd"}, {QW_BUFFER_FILE_DATA, "xbc"}},
     true},
	{"content:\"a\"; file_data; content:\"b\"; content:\"c\"; distance:0; pkt_data; content:\"d\"; distance:0;",
     {{QW_BUFFER_PAYLOAD, "abcd"}, {QW_BUFFER_FILE_DATA, "xcb"}},
     false},
	{"http.cookie; content:\"k=\"; base64_decode:relative; base64_data; content:\"hello\"; http.uri; bsize:1;",
     {{QW_BUFFER_HTTP_COOKIE, "k=aGVsbG8="}, {QW_BUFFER_HTTP_URI, "/"}},
     true},
	{"byte_extract:1,0,n; http.uri; content:\"b\"; offset:n; depth:1;",
     {{QW_BUFFER_PAYLOAD, "\2"}, {QW_BUFFER_HTTP_URI, "/ab"}},
     true},
	{"http.uri; content:\"\"; nocase;", {{QW_BUFFER_HTTP_URI, ""}}, false},
};

static void buffers_are_looked_into_each_by_itself(void **state)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct kit kit;
		char rule[512];
		struct scene scene = scene_tcp();
		memcpy(scene.values, messages[i].values, sizeof(scene.values));
		snprintf(rule, sizeof(rule), RULE("%s"), messages[i].options);
		kit_begin(&kit);
		kit_read(&kit, rule);
		kit_open(&kit);
		bool understood = kit.diags.errors == 0;
		if (!understood && messages[i].fits)
			fail_msg("%s: %s", messages[i].options, kit.diags.rows[0].text);
		if (understood && scene_fires(&kit, &scene, 0) != messages[i].fits)
			fail_msg("%s", messages[i].options);
		kit_end(&kit);
	}
}

static void headers_of_rules_are_held_to(void **state)
{
	static const struct {
		const char *header;
		bool fits;
	} rows[] = {
		{"ip any any -> any any", true},
		{"ip4 any any -> any any", true},
		{"ipv6 any any -> any any", false},
		{"udp any any -> any any", false},
		{"icmp any any -> any any", false},
		{"tcp-pkt any any -> any any", true},
		{"pkthdr any any -> any any", true},
		{"http any any -> any any", false},
		{"tcp 192.168.1.2 any -> any any", true},
		{"tcp !192.168.1.2 any -> any any", false},
		{"tcp 192.168.0.0/16 any -> any any", true},
		{"tcp [10.0.0.0/8,192.168.1.0-192.168.1.3] any -> any any", true},
		{"tcp [192.168.0.0/16,!192.168.1.0/24] any -> any any", false},
		{"tcp ![192.168.0.0/16,!192.168.1.0/24] any -> any any", true},
		{"tcp $HOME_NET any -> $EXTERNAL_NET 80", true},
		{"tcp $EXTERNAL_NET any -> $HOME_NET any", false},
		{"tcp $EXTERNAL_NET any <> $HOME_NET any", true},
		{"tcp any 80 <> any any", true},
		{"tcp any 80 -> any any", false},
		{"tcp any [1:39999,40001:] -> any any", false},
		{"tcp any any -> any [79:81]", true},
		{"tcp any any -> any !80", false},
		{"tcp any any -> any [1:1024,!80]", false},
		{"tcp any any -> any ![443,8080]", true},
		{"tcp 192.168.1.2/255.255.255.0 any -> any any", true},
		{"tcp [::/0,!::ffff:0:0/96] any -> any any", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const char *const options[] = {"", "content:\"abc\";", "content:\"abc\"; depth:3;",
						      "isdataat:1;", "flags:PA;"};
		for (size_t j = 0; j < sizeof(options) / sizeof(options[0]); j++) {
			struct kit kit;
			char rule[256];
			struct scene scene = scene_payload("abc", 0);
			scene.facts.flags |= QW_FACT_FIRST;
			snprintf(rule, sizeof(rule), "alert %s (%s sid:1;)", rows[i].header, options[j]);
			kit_one(&kit, rule);
			if (scene_fires(&kit, &scene, 0) != rows[i].fits)
				fail_msg("%s", rule);
			kit_end(&kit);
		}
	}
}

static void what_a_rule_wants_is_said(void **state)
{
	static const struct {
		const char *rule;
		unsigned wants;
	} rows[] = {
	    {"alert tcp any any -> any any (content:\"abc\"; sid:1;)", QW_WANTS_STREAM | QW_WANTS_PROVED},
	    {"alert ip any any -> any any (content:\"abc\"; nocase; sid:1;)", QW_WANTS_STREAM | QW_WANTS_PROVED},
	    {"alert tcp any any -> any any (content:\"ab\"; sid:1;)", QW_WANTS_STREAM | QW_WANTS_ASKED},
	    {"alert tcp any any -> any any (content:\"0123456789012345\"; sid:1;)", QW_WANTS_STREAM | QW_WANTS_PROVED},
	    {"alert tcp any any -> any any (content:\"01234567890123456\"; sid:1;)", QW_WANTS_STREAM | QW_WANTS_NEAR},
	    {"alert tcp any any -> any any (content:\"012345678901234567890123456789012345678901234567\"; sid:1;)",
	     QW_WANTS_STREAM | QW_WANTS_NEAR},
	    {"alert tcp any any -> any any (content:\"0123456789012345678901234567890123456789012345678\"; sid:1;)",
	     QW_WANTS_STREAM},
	    {"alert tcp any any -> any any (content:\"abc\"; content:\"abd\"; sid:1;)", QW_WANTS_STREAM},
	    {"alert tcp any any -> any any (content:\"abc\"; depth:9; sid:1;)", QW_WANTS_STREAM | QW_WANTS_PACKET},
	    {"alert tcp any any -> any any (content:\"abc\"; startswith; sid:1;)", QW_WANTS_STREAM | QW_WANTS_PACKET},
	    {"alert tcp any any -> any any (content:\"abc\"; dsize:9; sid:1;)", QW_WANTS_PACKET},
	    {"alert tcp-pkt any any -> any any (content:\"abc\"; sid:1;)", QW_WANTS_PACKET},
	    {"alert tcp-stream any any -> any any (content:\"abc\"; depth:9; sid:1;)", QW_WANTS_STREAM},
	    {"alert tcp any any -> any any (flow:only_stream; content:\"abc\"; sid:1;)", QW_WANTS_STREAM},
	    {"alert udp any any -> any any (content:\"abc\"; sid:1;)", QW_WANTS_PACKET},
	    {"alert tcp any any -> any any (flags:S; sid:1;)", QW_WANTS_PACKET | QW_WANTS_ASKED},
	    {"alert http any any -> any any (http.uri; content:\"abc\"; sid:1;)", QW_WANTS_APP | QW_WANTS_PROVED},
	    {"alert http any any -> any any (content:\"abc\"; sid:1;)", QW_WANTS_STREAM | QW_WANTS_PROVED},
	    {"alert http any any -> any any (content:\"abc\"; sid:1; noalert;)",
	     QW_WANTS_STREAM | QW_WANTS_PROVED | QW_WANTS_SILENCE},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit kit;
		struct qw_signature info;
		kit_one(&kit, rows[i].rule);
		qw_signatures_info(kit.set, 0, &info);
		if (info.wants != rows[i].wants)
			fail_msg("%s: wants %#x, not %#x", rows[i].rule, info.wants, rows[i].wants);
		kit_end(&kit);
	}
}

static void icmp_and_vlan_fields_are_read(void **state)
{
	static const uint8_t echo[8] = {8, 0, 0, 0, 0x12, 0x34, 0, 7};
	static const struct {
		const char *options;
		bool fits;
	} rows[] = {
		{"itype:8; icode:0;", true}, {"itype:>8;", false},	     {"icmp_id:0x1234; icmp_seq:7;", true},
		{"icmp_seq:8;", false},	     {"vlan.id:100;", true},	     {"vlan.id:100,1;", false},
		{"vlan.id:>150,-1;", true},  {"vlan.id:>50,all;", true},     {"vlan.layers:2;", true},
		{"icmpv4.hdr; content:\"|08|\"; startswith;", true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit kit;
		char rule[256];
		struct scene scene = scene_tcp();
		scene.facts.proto = 1;
		scene.facts.icmp_type = 8;
		scene.facts.transport_header = qw_slice(echo, sizeof(echo));
		scene.facts.vlan_count = 2;
		scene.facts.vlan[0] = 100;
		scene.facts.vlan[1] = 200;
		snprintf(rule, sizeof(rule), "alert icmp any any -> any any (%s sid:1;)", rows[i].options);
		kit_one(&kit, rule);
		if (scene_fires(&kit, &scene, 0) != rows[i].fits)
			fail_msg("%s", rule);
		kit_end(&kit);
	}
}

static void giving_up_is_counted(void **state)
{
	struct kit kit;
	char data[4096];
	memset(data, 'a', sizeof(data));
	struct scene scene = scene_payload(data, sizeof(data));
	kit_one(&kit, RULE("content:\"aaa\"; content:\"aaa\"; within:2000; content:\"aaa\"; within:2000; "
			   "content:\"b\"; within:9;"));
	assert_false(scene_confirms(&kit, &scene, 0));
	assert_int_equal(qw_signatures_counters(kit.set)->inspect_limit, 1);
	kit_end(&kit);
	kit_one(&kit, RULE("pcre:\"/(a+)+$|(a*)*b/\";"));
	data[sizeof(data) - 1] = 'c';
	assert_false(scene_confirms(&kit, &scene, 0));
	assert_int_equal(qw_signatures_counters(kit.set)->pcre_limit, 1);
	kit_end(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payload_options_mean_what_suricata_means),
		cmocka_unit_test(buffers_are_looked_into_each_by_itself),
		cmocka_unit_test(headers_of_rules_are_held_to),
		cmocka_unit_test(what_a_rule_wants_is_said),
		cmocka_unit_test(icmp_and_vlan_fields_are_read),
		cmocka_unit_test(giving_up_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What transforms and entropy make of a buffer: cases from their documentation, and their edges. */
#include "signature_kit.h"

#define RULE(options) "alert tcp any any -> any any (" options " sid:1;)"

static const struct {
	const char *options;
	struct value values[VALUES_MAX];
	bool fits;
} cases[] = {
	/* a key in the data: what stands before the offset stays */
	{"http.request_body; xor:offset 1,extract 1 0; content:\"password\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\102\062\043\061\061\065\055\060\046\177\061\047\041\060\047\066", 16}},
     true},
	{"http.request_body; xor:offset 1,extract 1 0; content:\"B\"; startswith; content:\"password\"; distance:0;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\102\062\043\061\061\065\055\060\046\177\061\047\041\060\047\066", 16}},
     true},
	{"http.request_body; xor:offset 1,extract 1 0; content:\"passwort\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\102\062\043\061\061\065\055\060\046\177\061\047\041\060\047\066", 16}},
     false},
	{"http.request_body; xor:offset 200,extract 1 200; content:\"password\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\102\062\043\061\061\065\055\060\046\177\061\047\041\060\047\066", 16}},
     false},
	{"http.request_body; xor:extract 16 1; content:\"password\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\102\062\043\061\061\065\055\060\046\177\061\047\041\060\047\066", 16}},
     false},
	{"http.request_body; xor:offset   4,  extract 4 0; content:\"supersecret\"; endswith;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\015\012\310\377\175\153\273\214\172\145\272\233\060\171\275\217\150\170\273\232\156\170\255\213", 24}},
     true},
	{"http.request_body; xor:\"00\"; xor:extract 1 0; content:\"infected\"; offset:1;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\102\053\054\044\047\041\066\047\046", 9}},
     true},
	{"http.request_body; xor:offset 2,\"42\"; content:\"ab\"; startswith; content:\"hello\"; distance:0;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\141\142\052\047\056\056\055", 7}},
     true},
	{"http.request_body; content:\"B\"; xor:offset 1,extract 1 0; content:\"password\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\102\062\043\061\061\065\055\060\046\177\061\047\041\060\047\066", 16}},
     true},
	/* base64: what cannot be decoded stays */
	{"http.request_body; from_base64; content:\"Hello\"; startswith; bsize:5;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVsbG8="}},
     true},
	{"http.request_body; from_base64:offset 2; content:\"Hello\"; bsize:5;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "xxSGVsbG8="}},
     true},
	{"http.request_body; from_base64:bytes 4; content:\"Hel\"; bsize:3;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVsbG8="}},
     true},
	{"http.request_body; from_base64:bytes 40; content:\"SGV\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVsbG8="}},
     true},
	{"http.request_body; from_base64:offset 40; content:\"SGV\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVsbG8="}},
     true},
	{"http.request_body; from_base64:mode rfc4648; content:\"Hel\"; bsize:3;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVs#bG8="}},
     true},
	{"http.request_body; from_base64:mode rfc2045; content:\"Hello\"; bsize:5;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVs#b\r\nG8="}},
     true},
	{"http.request_body; from_base64:mode strict; content:\"Hello\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVs#bG8="}},
     false},
	{"http.request_body; from_base64:mode strict; content:\"Hello\"; bsize:5;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVsbG8="}},
     true},
	{"http.request_body; from_base64:mode strict; content:\"Hello\"; bsize:5;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVsbG8"}},
     true},
	{"http.request_body; from_base64:offset 1, bytes 8, mode strict; content:\"Hello\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "xSGVsbG8=yy"}},
     true},
	{"http.request_body; url_decode; from_base64; to_lowercase; content:\"hello\"; startswith; bsize:5;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "SGVsbG8%3d"}},
     true},
	/* the first group; without a match all stays */
	{"http.request_body; pcrexform:\"[a-zA-Z]+\\s+(.*)\\s+HTTP\"; content:\"/z.jpg\"; bsize:6;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "GET /z.jpg HTTP/1.1"}},
     true},
	{"http.request_body; pcrexform:\"[a-zA-Z]+\\s+(.*)\\s+HTTP\"; content:\"GET\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "GET /z.jpg HTTP/1.1"}},
     false},
	{"http.request_body; pcrexform:\"[a-zA-Z]+\\s+(.*)\\s+HTTP\"; content:\"GET\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "GET /z.jpg"}},
     true},
	{"http.request_body; pcrexform:\"a(b)?c\"; content:\"ac\"; bsize:2;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "ac"}},
     true},
	/* subslice: as its examples say */
	{"http.request_body; subslice:1; content:\"his is Suricata\"; startswith; bsize:15;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     true},
	{"http.request_body; subslice:0, 13; content:\"This is Suric\"; startswith; bsize:13;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     true},
	{"http.request_body; subslice:10, -5; content:\"is Su\"; startswith; bsize:5;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     true},
	{"http.request_body; subslice:-3; content:\"ata\"; startswith; bsize:3;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     true},
	{"http.request_body; subslice:14, 9, truncate; content:\"ta\"; startswith; bsize:2;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     true},
	{"http.request_body; subslice:-20, 8, truncate; content:\"This\"; startswith; bsize:4;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     true},
	{"http.request_body; subslice:14, 9; content:\"ta\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     false},
	{"http.request_body; subslice:3, -5; content:\"T\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     false},
	{"http.request_body; subslice:40; content:\"T\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "This is Suricata"}},
     false},
	/* compression: up to the bound of the rule, and as far as it can be read */
	{"http.request_body; gunzip; content:\"crane\"; bsize:69;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\037\213\010\000\000\000\000\000\002\003\053\311\110\125\110\056\112\314\113\125\310\054\126\310\314\123\310\315\057\311\314\317\123\050\041\111\030\000\023\175\041\334\105\000\000\000", 46}},
     true},
	{"http.request_body; zlib_deflate; content:\"crane\"; bsize:69;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\170\332\053\311\110\125\110\056\112\314\113\125\310\054\126\310\314\123\310\315\057\311\314\317\123\050\041\111\030\000\140\060\030\232", 34}},
     true},
	{"http.request_body; gunzip:max-size 10; content:\"the crane \"; bsize:10;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\037\213\010\000\000\000\000\000\002\003\053\311\110\125\110\056\112\314\113\125\310\054\126\310\314\123\310\315\057\311\314\317\123\050\041\111\030\000\023\175\041\334\105\000\000\000", 46}},
     true},
	{"http.request_body; gunzip:max-size 1kb; content:\"motion\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\037\213\010\000\000\000\000\000\002\003\053\311\110\125\110\056\112\314\113\125\310\054\126\310\314\123\310\315\057\311\314\317\123\050\041\111\030\000\023\175\041\334\105\000\000\000", 46}},
     true},
	{"http.request_body; gunzip; content:\"crane\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\170\332\053\311\110\125\110\056\112\314\113\125\310\054\126\310\314\123\310\315\057\311\314\317\123\050\041\111\030\000\140\060\030\232", 34}},
     false},
	{"http.request_body; gunzip; content:\"the\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\037\213\010\000\000\000\000\000\002\003\053\311\110\125\110\056\112\314\113\125", 20}},
     true},
	{"http.request_body; gunzip; content:\"not\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "not compressed"}},
     false},
	{"http.request_body; from_base64; gunzip; to_uppercase; content:\"CRANE\";",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "\110\064\163\111\101\101\101\101\101\101\101\103\101\171\166\112\123\106\126\111\114\153\162\115\123\061\130\111\114\106\142\111\172\106\120\111\172\123\057\112\172\115\071\124\113\103\106\112\107\101\101\124\146\123\110\143\122\121\101\101\101\101\075\075", 64}},
     true},
	/* names */
	{"dns.query; domain; content:\"example.co.uk\"; startswith; endswith;",
     {{QW_BUFFER_DNS_QUERY, "www.Example.co.uk"}},
     false},
	{"dns.query; domain; to_lowercase; content:\"example.co.uk\"; startswith; endswith;",
     {{QW_BUFFER_DNS_QUERY, "a.www.Example.CO.uk"}},
     true},
	{"dns.query; domain; content:\"co.uk\";",
     {{QW_BUFFER_DNS_QUERY, "co.uk"}},
     false},
	{"dns.query; tld; content:\"co.uk\"; startswith; endswith;",
     {{QW_BUFFER_DNS_QUERY, "www.example.co.uk"}},
     true},
	{"dns.query; tld; content:\"com\"; bsize:3;",
     {{QW_BUFFER_DNS_QUERY, "example.com"}},
     true},
	{"dns.query; tld; content:\"com\";",
     {{QW_BUFFER_DNS_QUERY, "exam ple.com"}},
     false},
	/* entropy: four letters alike are 2 bits each */
	{"http.request_body; entropy: value = 2;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     true},
	{"http.request_body; entropy: value > 1.9;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     true},
	{"http.request_body; entropy: value >= 2.1;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     false},
	{"http.request_body; entropy: value 1-3;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     true},
	{"http.request_body; entropy: value !1-3;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     false},
	{"http.request_body; entropy: value != 2;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     false},
	{"http.request_body; entropy: value < 2.5;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     true},
	{"http.request_body; entropy: value 2<>3;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     false},
	{"http.request_body; entropy: offset 2, value = 1;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     true},
	{"http.request_body; entropy: bytes 1, value = 0;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     true},
	{"http.request_body; entropy: bytes 4, offset 1, value <= 8;",
     {{QW_BUFFER_HTTP_REQUEST_BODY, "abcd"}},
     false},
	{"entropy: value >= 2;",
     {{QW_BUFFER_PAYLOAD, "abcd"}},
     true},
};

static void each_transform_shows_what_rules_ask_for(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kit kit;
		char rule[512];
		struct scene scene = scene_tcp();
		memcpy(scene.values, cases[i].values, sizeof(scene.values));
		snprintf(rule, sizeof(rule), RULE("%s"), cases[i].options);
		kit_begin(&kit);
		kit_read(&kit, rule);
		kit_open(&kit);
		bool understood = kit.diags.errors == 0;
		if (!understood && cases[i].fits)
			fail_msg("%s: %s", cases[i].options, kit.diags.rows[0].text);
		if (understood && scene_fires(&kit, &scene, 0) != cases[i].fits)
			fail_msg("%s", cases[i].options);
		kit_end(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_transform_shows_what_rules_ask_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What spares a confirmation must never say another thing than it: searches, first looks, and ends that are kept. */
#include "tests/unit/signature_kit.h"

#include "quaywatch/hash.h"
#include "quaywatch/ot_record.h"
#include "rules/signature/find.h"

enum { ROOM = 96, ALPHABET = 4, TRIES = 20000, OUT_MAX = 32 };

static uint64_t next(uint64_t *seed)
{
	return *seed = qw_mix64(*seed + 1);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static int64_t find_plainly(const uint8_t *data, int64_t from, int64_t to, const uint8_t *content, int64_t len, bool nocase)
{
	for (int64_t at = from; at + len <= to; at++) {
		int64_t same = 0;
		while (same < len && (nocase ? lower(data[at + same]) : data[at + same]) == content[same])
			same++;
		if (same == len)
			return at;
	}
	return -1;
}

/* Few letters, so that much of it nearly fits; '@' and '`' differ by the bit that case differs by. */
static void a_search_finds_what_a_plain_one_finds(void **state)
{
	static const uint8_t letters[ALPHABET * 2] = {'a', 'A', 'b', 'B', '@', '`', 0, 0xff};
	uint64_t seed = 1;
	unsigned found = 0;
	(void)state;
	for (unsigned i = 0; i < TRIES; i++) {
		int64_t size = (int64_t)(next(&seed) % ROOM), len = 1 + (int64_t)(next(&seed) % 5);
		uint8_t *data = malloc((size_t)size + 1), content[8]; /* of its exact size: a read beyond is found */
		bool nocase = next(&seed) & 1;
		uint8_t *exact = realloc(data, size ? (size_t)size : 1);
		assert_non_null(exact);
		for (int64_t at = 0; at < size; at++)
			exact[at] = letters[next(&seed) % (ALPHABET * 2)];
		for (int64_t at = 0; at < len; at++) {
			content[at] = letters[next(&seed) % (ALPHABET * 2)];
			content[at] = nocase ? lower(content[at]) : content[at];
		}
		int64_t from = size ? (int64_t)(next(&seed) % (uint64_t)size) : 0;
		int64_t to = from + (size > from ? (int64_t)(next(&seed) % (uint64_t)(size - from + 1)) : 0);
		int64_t place = find_plainly(exact, from, to, content, len, nocase);
		assert_int_equal(qw_find(exact, from, to, content, len, nocase), place);
		found += place >= 0;
		free(exact);
	}
	assert_in_range(found, TRIES / 10, TRIES);
}

/* ---- the first look at a payload's head */

static bool confirms(struct kit *kit, const char *text, size_t len)
{
	struct scene scene = {.facts = {.proto = 6, .flags = QW_FACT_FLOW | QW_FACT_PACKET},
			      .values = {{QW_BUFFER_PAYLOAD, text, len}}};
	return scene_confirms(kit, &scene, 0);
}

static void a_first_look_refuses_only_what_confirming_would(void **state)
{
	static const struct {
		const char *options;
		bool tells; /* it refuses something at all */
	} rules[] = {
		{"content:\"|18 03|\"; depth:2;", true},
		{"content:\"|18 03|\"; startswith;", true},
		{"content:\"|03|\"; offset:1; depth:1; content:\"|01|\"; offset:5; depth:1;", true},
		{"content:\"abcd\"; offset:4; depth:4;", true},
		{"content:\"ab\"; offset:7; depth:2;", false},
		{"content:\"ab\"; depth:2; nocase;", false},
		{"content:\"ab\"; depth:3;", false},
		{"content:!\"ab\"; depth:2;", false},
		{"content:\"|18|\"; content:\"|03|\"; distance:0; within:1;", false},
		{"base64_decode:bytes 8; base64_data; content:\"ab\"; depth:2;", false},
	};
	static const uint8_t letters[] = {0x18, 3, 1, 'a', 'b', 'c', 'd', 0, 'A', 'Y', 'W', 'I'};
	uint64_t seed = 7;
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		char text[512];
		struct kit kit;
		unsigned refused = 0;
		snprintf(text, sizeof(text), "alert tcp any any -> any any (msg:\"m\"; %s sid:1;)", rules[i].options);
		kit_one(&kit, text);
		for (unsigned try = 0; try < TRIES; try++) {
			char data[12];
			size_t len = next(&seed) % sizeof(data);
			for (size_t at = 0; at < len; at++)
				data[at] = (char)letters[next(&seed) % sizeof(letters)];
			bool begins = qw_signatures_begins(kit.set, 0, qw_slice(data, len));
			refused += !begins;
			assert_false(!begins && len && confirms(&kit, data, len));
		}
		assert_int_equal(refused > 0, rules[i].tells);
		kit_end(&kit);
	}
}

static void a_first_look_takes_what_confirming_takes(void **state)
{
	struct kit kit;
	(void)state;
	kit_one(&kit, "alert tcp any any -> any any (msg:\"m\"; content:\"|18 03|\"; depth:2; content:\"|01|\"; offset:5; depth:1; sid:1;)");
	assert_true(confirms(&kit, "\x18\x03xxx\x01", 6));
	assert_true(qw_signatures_begins(kit.set, 0, qw_slice("\x18\x03xxx\x01", 6)));
	assert_true(qw_signatures_begins(kit.set, 0, qw_slice("\x18\x03xxx\x01xxxxx", 11)));
	assert_false(qw_signatures_begins(kit.set, 0, qw_slice("\x18\x03xxx\x02", 6)));
	assert_false(qw_signatures_begins(kit.set, 0, qw_slice("", 0)));
	kit_end(&kit);
}

/* ---- ends that are kept for a flow's direction */

enum { HEADERS = 40 };

static void put_headers(struct kit *kit)
{
	static const char *const ends[] = {"$HOME_NET", "$EXTERNAL_NET", "any", "10.1.2.3", "!10.1.2.3"};
	static const char *const ports[] = {"any", "80", "!80", "[1024:]"};
	static const char *const arrows[] = {"->", "<>", "=>"};
	uint64_t seed = 3;
	char text[512];
	for (unsigned i = 0; i < HEADERS; i++) {
		const char *arrow = arrows[i % 7 == 1 ? 1 : i % 7 == 2 ? 2 : 0];
		snprintf(text, sizeof(text), "alert %s %s %s %s %s %s (msg:\"m\"; %s sid:%u;)\n",
			 i % 7 == 2 ? "http" : "tcp", ends[next(&seed) % 5], ports[next(&seed) % 4], arrow, ends[next(&seed) % 5],
			 ports[next(&seed) % 4], i % 7 == 2 ? "http.uri; content:\"abc\";" : "dsize:0;", i + 1);
		kit_read(kit, text);
	}
}

static struct qw_address address_of(const char *text)
{
	struct qw_address out;
	assert_true(qw_address_parse(text, strlen(text), &out));
	return out;
}

static bool applies(struct kit *kit, struct qw_facts *facts, uint32_t number, struct qw_ends *ends)
{
	struct scene scene = {.facts = *facts};
	struct qw_subject subject = {&scene.facts, scene_buffer, &scene};
	scene.facts.ends = ends;
	return qw_signatures_applies(kit->set, number, &subject);
}

static void what_is_kept_of_ends_says_what_asking_says(void **state)
{
	static const char *const hosts[] = {"10.1.2.3", "192.168.4.5", "8.8.8.8", "2001:db8::1"};
	static const uint16_t ports[] = {80, 443, 5000};
	struct kit kit;
	unsigned applied = 0;
	(void)state;
	kit_begin(&kit);
	put_headers(&kit);
	assert_int_equal(kit.diags.errors, 0);
	kit_open(&kit);
	for (unsigned i = 0; i < 4 * 4 * 3 * 3 * 2; i++) {
		struct qw_ends ends = {0, 0};
		struct qw_facts facts = {.src = address_of(hosts[i % 4]),
					 .dst = address_of(hosts[i / 4 % 4]),
					 .sport = ports[i / 16 % 3],
					 .dport = ports[i / 48 % 3],
					 .proto = 6,
					 .app = QW_APP_HTTP,
					 .flags = QW_FACT_PACKET | QW_FACT_FLOW |
						  (i / 144 ? QW_FACT_TO_CLIENT : QW_FACT_TO_SERVER)};
		for (unsigned round = 0; round < 2; round++)
			for (uint32_t number = 0; number < HEADERS; number++) {
				bool plainly = applies(&kit, &facts, number, NULL);
				assert_int_equal(applies(&kit, &facts, number, &ends), plainly);
				applied += plainly;
			}
		assert_int_not_equal(ends.known, 0);
		assert_int_equal(ends.fit & ~ends.known, 0);
	}
	assert_in_range(applied, 1000, 4 * 4 * 3 * 3 * 2 * HEADERS);
	kit_end(&kit);
}

static bool is_named(struct kit *kit, enum qw_buffer buffer, struct scene *scene, struct qw_slice data, size_t old)
{
	uint32_t out[OUT_MAX];
	return qw_signatures_scan(kit->set, buffer, &scene->facts, data.data, data.len, old, out, OUT_MAX) > 0;
}

/* ---- rules for one IP protocol are not tried on others */

static void a_rule_for_one_ip_protocol_is_found_under_it(void **state)
{
	struct kit kit;
	uint32_t out[OUT_MAX];
	(void)state;
	kit_begin(&kit);
	kit_read(&kit, "alert ip any any -> any any (msg:\"a\"; ip_proto:41; sid:1;)\n"
		       "alert ip any any -> any any (msg:\"b\"; ip_proto:!41; sid:2;)\n");
	kit_open(&kit);
	for (unsigned proto = 1; proto < 256; proto++) {
		struct scene scene = {.facts = {.proto = (uint8_t)proto, .flags = QW_FACT_PACKET}};
		size_t count = qw_signatures_of_packet(kit.set, &scene.facts, out, OUT_MAX), held = 0;
		for (size_t i = 0; i < count; i++)
			held += scene_confirms(&kit, &scene, out[i]);
		assert_int_equal(held, 1);
		assert_int_equal(count, proto == 41 ? 2 : 1);
	}
	kit_end(&kit);
}

/* ---- rules on a field that is a number */

static void a_rule_on_few_numbers_is_found_under_them_and_the_others_always(void **state)
{
	static const struct {
		const char *options;
		uint64_t least, most;  /* values that it holds for */
		bool always;           /* it is named whatever the value is */
	} rows[] = {
		{"dns.opcode:4;", 4, 4, false},
		{"dns.opcode:1-3;", 2, 2, false}, /* between, without the ends */
		{"dns.opcode:1<>90;", 2, 89, true}, /* so many that the index has none of them */
		{"dns.opcode:>5;", 6, 15, true},
		{"iec104.ioa:45;", 45, 45, false},
		{"iec104.ioa:45,46,47;", 45, 47, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit kit;
		char text[256];
		bool dns = strncmp(rows[i].options, "dns", 3) == 0;
		enum qw_buffer buffer = dns ? QW_BUFFER_DNS_OPCODE : QW_BUFFER_IEC104_IOA;
		snprintf(text, sizeof(text), "alert %s any any -> any any (msg:\"m\"; %s sid:1;)", dns ? "dns" : "iec104",
			 rows[i].options);
		kit_one(&kit, text);
		for (uint64_t value = 0; value < 300; value++) {
			uint32_t out[OUT_MAX];
			struct scene scene = {.facts = {.proto = dns ? 17 : 6, .app = dns ? QW_APP_DNS : QW_APP_IEC104, .flags = QW_FACT_FLOW},
					      .values = {{buffer, (const char *)&value, sizeof(value)}}};
			size_t count = qw_signatures_scan(kit.set, buffer, &scene.facts, (const uint8_t *)&value, sizeof(value), 0,
							  out, OUT_MAX);
			bool holds = value >= rows[i].least && value <= rows[i].most;
			bool open = rows[i].most == 15 && value > 15;
			assert_int_equal(count, rows[i].always || holds ? 1 : 0);
			assert_int_equal(scene_confirms(&kit, &scene, 0), holds || open);
		}
		kit_end(&kit);
	}
}

/* Rules on functions and services that stand in records, with their further tests. */
static void a_rule_on_a_record_is_found_under_its_function(void **state)
{
	struct kit kit;
	uint32_t out[OUT_MAX];
	(void)state;
	kit_begin(&kit);
	kit_read(&kit, "alert modbus any any -> any any (msg:\"a\"; modbus: function 8, subfunction 1; sid:1;)\n"
		       "alert modbus any any -> any any (msg:\"b\"; modbus: function !8; sid:2;)\n"
		       "alert modbus any any -> any any (msg:\"c\"; modbus: unit 3, function 5; sid:3;)\n");
	kit_open(&kit);
	assert_int_equal(kit.diags.errors, 0);
	for (unsigned function = 0; function < 256; function++)
		for (unsigned unit = 2; unit < 4; unit++) {
			struct qw_modbus_record record = {.unit = (uint8_t)unit, .function = (uint8_t)function, .subfunction = 1};
			struct scene scene = {.facts = {.proto = 6, .app = QW_APP_MODBUS, .flags = QW_FACT_FLOW | QW_FACT_TO_SERVER},
					      .values = {{QW_BUFFER_MODBUS, (const char *)&record, sizeof(record)}}};
			bool named[4] = {false}, held[4] = {false};
			size_t count = qw_signatures_scan(kit.set, QW_BUFFER_MODBUS, &scene.facts, (const uint8_t *)&record,
							  sizeof(record), 0, out, OUT_MAX);
			for (size_t i = 0; i < count; i++) {
				struct qw_signature signature;
				qw_signatures_info(kit.set, out[i], &signature);
				named[signature.sid] = true;
			}
			for (uint32_t number = 0; number < 3; number++) {
				struct qw_signature signature;
				qw_signatures_info(kit.set, number, &signature);
				held[signature.sid] = scene_confirms(&kit, &scene, number);
				assert_true(named[signature.sid] || !held[signature.sid]);
			}
			assert_int_equal(named[1], function == 8);
			assert_int_equal(held[1], function == 8);
			assert_int_equal(held[2], function != 8);
			assert_int_equal(held[3], function == 5 && unit == 3);
		}
	kit_end(&kit);
}

/* A service of CIP together with its class, and PCCC inside of one. */
static void a_rule_on_a_service_and_its_class_is_found_under_both(void **state)
{
	static const struct {
		const char *options;
		unsigned services; /* of 128, that name it where the class is 6 and all is said */
	} rows[] = {
		{"cip_service:76,6;", 1},
		{"cip_service:76<>80,6;", 3},
		{"cip_service:76,7;", 0},
		{"cip_service:76;", 1},
		{"cip_service:76,!7;", 1},
		{"cip_service:76,>5;", 1},
		{"cip_pccc:15,128;", 1},
		{"cip_pccc:15;", 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit kit;
		char text[256];
		unsigned names = 0;
		snprintf(text, sizeof(text), "alert enip any any -> any any (msg:\"m\"; %s sid:1;)", rows[i].options);
		kit_one(&kit, text);
		for (uint32_t class = 5; class < 9; class++)
			for (unsigned has = 0; has < 128; has++)
				for (unsigned service = 0; service < 128; service++) {
					struct qw_cip_record record = {.class = class, .service = (uint8_t)service, .has = (uint8_t)has,
								       .pccc_command = 15, .pccc_function = (uint8_t)(service + 53)};
					struct scene scene = {.facts = {.proto = 6, .app = QW_APP_ENIP, .flags = QW_FACT_FLOW | QW_FACT_TO_SERVER},
							      .values = {{QW_BUFFER_CIP_SERVICE, (const char *)&record, sizeof(record)}}};
					bool named = is_named(&kit, QW_BUFFER_CIP_SERVICE, &scene, qw_slice(&record, sizeof(record)), 0);
					assert_true(named || !scene_confirms(&kit, &scene, 0));
					names += named && class == 6 && has == 127;
				}
		assert_int_equal(names, rows[i].services);
		kit_end(&kit);
	}
}

/* ---- rules on what a buffer begins with */

static void a_rule_on_the_first_byte_is_found_under_it_and_never_missed(void **state)
{
	static const struct {
		const char *options;
		enum qw_buffer buffer;
		bool tells; /* it is not named by everything */
	} rows[] = {
		{"content:\"ab\"; startswith;", QW_BUFFER_PAYLOAD, true},
		{"content:\"a\"; depth:1; content:\"b\"; distance:1;", QW_BUFFER_PAYLOAD, true},
		{"content:\"b\"; content:\"A\"; depth:1; nocase;", QW_BUFFER_PAYLOAD, true},
		{"content:\"b\"; offset:1; depth:1;", QW_BUFFER_PAYLOAD, false},
		{"content:\"ab\"; depth:3;", QW_BUFFER_PAYLOAD, false},
		{"content:!\"a\"; depth:1;", QW_BUFFER_PAYLOAD, false},
		{"base64_decode:bytes 8; base64_data; content:\"a\"; depth:1;", QW_BUFFER_PAYLOAD, false},
		{"http.host; content:\"a\"; depth:1;", QW_BUFFER_HTTP_HOST, true},
		{"http.user_agent; content:\"@\"; startswith; nocase;", QW_BUFFER_HTTP_USER_AGENT, true},
		{"http.user_agent; content:\"A\"; startswith; nocase;", QW_BUFFER_HTTP_USER_AGENT, true},
		{"http.user_agent; xor:\"01\"; content:\"a\"; depth:1;", QW_BUFFER_HTTP_USER_AGENT, false},
		{"http.user_agent; content:!\"a\"; depth:1;", QW_BUFFER_HTTP_USER_AGENT, false},
	};
	static const char letters[] = {'a', 'A', 'b', '@', '`', 'Y'};
	uint64_t seed = 11;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool http = rows[i].buffer != QW_BUFFER_PAYLOAD;
		struct kit kit;
		char text[256];
		unsigned passed = 0, held = 0;
		snprintf(text, sizeof(text), "alert %s any any -> any any (msg:\"m\"; %s sid:1;)", http ? "http" : "tcp",
			 rows[i].options);
		kit_one(&kit, text);
		for (unsigned try = 0; try < TRIES / 4; try++) {
			char data[6];
			size_t len = 1 + next(&seed) % (sizeof(data) - 1);
			for (size_t at = 0; at < len; at++)
				data[at] = letters[next(&seed) % sizeof(letters)];
			struct scene scene = {.facts = {.proto = 6,
							.app = http ? QW_APP_HTTP : QW_APP_UNKNOWN,
							.flags = QW_FACT_FLOW | QW_FACT_PACKET | QW_FACT_TO_SERVER},
					      .values = {{rows[i].buffer, data, len}}};
			bool named = is_named(&kit, rows[i].buffer, &scene, qw_slice(data, len), 0);
			bool holds = scene_confirms(&kit, &scene, 0);
			assert_true(named || !holds);
			assert_true(is_named(&kit, rows[i].buffer, &scene, qw_slice(data, len), 1) || !holds); /* a beginning not seen */
			passed += !named;
			held += holds;
		}
		assert_int_equal(passed > 0, rows[i].tells);
		assert_true(held > 0 || strstr(rows[i].options, "base64"));
		kit_end(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_finds_what_a_plain_one_finds),
		cmocka_unit_test(a_first_look_refuses_only_what_confirming_would),
		cmocka_unit_test(a_first_look_takes_what_confirming_takes),
		cmocka_unit_test(what_is_kept_of_ends_says_what_asking_says),
		cmocka_unit_test(a_rule_for_one_ip_protocol_is_found_under_it),
		cmocka_unit_test(a_rule_on_a_record_is_found_under_its_function),
		cmocka_unit_test(a_rule_on_a_service_and_its_class_is_found_under_both),
		cmocka_unit_test(a_rule_on_the_first_byte_is_found_under_it_and_never_missed),
		cmocka_unit_test(a_rule_on_few_numbers_is_found_under_them_and_the_others_always),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

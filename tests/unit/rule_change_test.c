/* SPDX-License-Identifier: Apache-2.0 */
/* The rules change while traffic flows: a match that is under way is found, once, wherever the change falls. */
#include "tests/unit/engine_kit.h"

enum { OTHER_RULES = 6 };

static const char CLIENT_SAYS[] = "GET /a HTTP/1.1\r\nHost: a.example\r\nX: alpha and then omega\r\n\r\n";
static const char SERVER_SAYS[] = "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nbegin of a file, its end";

#define HEAD "alert tcp any any -> any any (msg:\"t\"; "

/* Ways for a rule to need what came before the change. */
static const char *const KINDS[] = {
	HEAD "content:\"alpha and then omega\"; sid:1;)",
	HEAD "content:\"alpha\"; content:\"omega\"; distance:0; sid:1;)",
	HEAD "content:\"omega\"; content:\"alpha\"; sid:1;)",
	HEAD "content:\"alpha\"; pcre:\"/alpha [a-z]+ then o.ega/\"; sid:1;)",
	HEAD "http.uri; content:\"/a\"; http.host; content:\"a.example\"; sid:1;)",
	HEAD "http.request_line; content:\"GET /a HTTP/1.1\"; http.header; content:\"omega\"; sid:1;)",
	HEAD "http.stat_code; content:\"200\"; file.data; content:\"begin\"; content:\"end\"; distance:0; sid:1;)",
	HEAD "file.data; content:\"begin of a file, its end\"; sid:1;)",
	HEAD "file.data; content:\"begin\"; sid:1;)",
	HEAD "content:\"alpha\"; sid:1;)",
};

/* Rules before the first that move its number; they never fire. */
static void add_others(char *text, size_t size, unsigned count)
{
	size_t len = strlen(text);

	for (unsigned i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, size - len, HEAD "content:\"neverseen%u\"; sid:%u;)\n", i, 5 + i);
}

/* The rule in a set of its own, alone or behind others; both have it. */
static void open_sets(struct room *before, struct room *after, const char *rule, bool known)
{
	char text[2048] = "";

	if (known)
		snprintf(text, sizeof(text), "%s\n", rule);
	else /* one that looks at the stream in the same way, so that windows are kept */
		snprintf(text, sizeof(text), HEAD "content:\"never\"; content:\"seen\"; distance:0; sid:4;)\n");
	room_open(before, text);
	text[0] = 0;
	add_others(text, sizeof(text), OTHER_RULES);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n", rule);
	room_open(after, text);
	after->ruleset.generation = 2;
}

/* Everything byte by byte: each is a segment, and its acknowledgement. */
static void make_traffic(struct room *room, uint16_t port)
{
	struct forge_talk talk;

	room_begin(room);
	forge_talk_init(&talk, &room->capture, ROOM_CLIENT, port, ROOM_SERVER, 80);
	forge_talk_open(&talk);
	forge_talk_say(&talk, FORGE_CLIENT, CLIENT_SAYS, sizeof(CLIENT_SAYS) - 1, 1);
	forge_talk_say(&talk, FORGE_SERVER, SERVER_SAYS, sizeof(SERVER_SAYS) - 1, 1);
	forge_talk_close(&talk);
}

/* Two sets of rules and an engine that goes from one to the other, conversation by conversation. */
struct changing {
	struct room before, after;
	struct qw_engine *engine;
	uint16_t port;
	int64_t now;
};

static void changing_open(struct changing *changing, const char *rule, bool known)
{
	struct qw_engine_options options = {
		.interface = room_interface, .emit = room_emit, .emit_ctx = &changing->before};

	open_sets(&changing->before, &changing->after, rule, known);
	room_set(&changing->before, "alerts.fold=0");
	options.config = changing->before.config;
	assert_int_equal(qw_engine_new(&changing->engine, &options), QW_OK);
	changing->port = 40000;
	changing->now = 1;
}

static void changing_close(struct changing *changing)
{
	qw_engine_free(changing->engine);
	room_close(&changing->before);
	room_close(&changing->after);
}

/* Plays a conversation, with the second set from packet `at` on; false: it has no such packet. */
static bool alerts_with_change_at(struct changing *changing, unsigned at, uint64_t *alerts)
{
	struct room *room = &changing->before;

	make_traffic(room, changing->port++);
	memset(room->alerts, 0, sizeof(room->alerts));
	qw_engine_adopt(changing->engine, &room->ruleset);
	const uint8_t *data = room->capture.data + PCAP_HEAD;
	for (unsigned i = 0; i < room->capture.packets; i++) {
		uint32_t len = room_be32(data + 8);
		struct qw_frame frame = {.data = data + PCAP_RECORD, .len = len, .wire_len = len, .link = LINK_ETHERNET,
					 .time = {changing->now += 1000000}};
		if (i == at)
			qw_engine_adopt(changing->engine, &changing->after.ruleset);
		qw_engine_frames(changing->engine, &frame, 1);
		data += PCAP_RECORD + len;
	}
	*alerts = room->alerts[1];
	return at < room->capture.packets;
}

static void change_everywhere(const char *rule, bool known)
{
	static struct changing changing;
	uint64_t alerts;

	changing_open(&changing, rule, known);
	for (unsigned at = 0; alerts_with_change_at(&changing, at, &alerts); at++) {
		/* Who did not have the rule may not find what was over before it came. */
		if (known ? alerts != 1 : alerts > 1)
			fail_msg("%llu alerts with the change before packet %u: %s", (unsigned long long)alerts, at, rule);
	}
	changing_close(&changing);
}

static void a_rule_in_both_sets_fires_once(void **state)
{
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		change_everywhere(KINDS[i], true);
}

static void a_rule_that_comes_fires_at_most_once(void **state)
{
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		change_everywhere(KINDS[i], false);
}

/* Byte `in` of the pattern is the first after the change: the new rule must see the part before, too. */
static void a_rule_that_comes_in_the_middle_of_its_match_fires(void **state)
{
	static struct changing changing;
	const char *start = strstr(CLIENT_SAYS, "alpha");
	enum { OPENING = 3, A_BYTE = 2, LEN = sizeof("alpha and then omega") - 1 };

	for (size_t kind = 0; kind < 4; kind++) {
		changing_open(&changing, KINDS[kind], false);
		for (unsigned in = 0; in < LEN; in++) {
			uint64_t alerts;
			assert_true(alerts_with_change_at(&changing, OPENING + A_BYTE * ((unsigned)(start - CLIENT_SAYS) + in), &alerts));
			if (alerts != 1)
				fail_msg("%llu alerts with the change at byte %u: %s", (unsigned long long)alerts, in,
					 KINDS[kind]);
		}
		changing_close(&changing);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_in_both_sets_fires_once),
		cmocka_unit_test(a_rule_that_comes_fires_at_most_once),
		cmocka_unit_test(a_rule_that_comes_in_the_middle_of_its_match_fires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

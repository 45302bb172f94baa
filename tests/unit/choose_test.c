/* SPDX-License-Identifier: Apache-2.0 */
#include <ftw.h>
#include <stdlib.h>

#include "tests/unit/protocol_kit.h"

/* What parsers say of their first bytes is held against their probes, over all that the fuzzers start from. */
enum { SEED_MAX = 2048, HEADS_MAX = 6 /* of fuzz targets, before the data */, LONG_ENOUGH = 4 };

static size_t probed;

static bool may_begin(const struct qw_starts *starts, unsigned byte)
{
	for (unsigned i = 0; i < starts->count; i++)
		if (byte >= starts->range[i][0] && byte <= starts->range[i][1])
			return true;
	return starts->count == 0;
}

/* Each byte at another port: all of them together make all pairs over the seeds. */
static struct qw_flow flow_of(const struct qw_parser_ops *ops, unsigned number)
{
	static const uint16_t ports[] = {1,    22,    69,    88,    102,  161,	443,   445,   1089, 1911, 2049, 2101,
					 2222, 4712,  4713,  4840,  5007, 5084, 5094,  9600,  10110, 20000, 34964, 44818,
					 47808, 48898};
	uint16_t port = ports[number % (sizeof(ports) / sizeof(*ports))];
	struct qw_flow flow = {0};
	flow.key.proto = ops->datagram ? QW_PROTO_UDP : QW_PROTO_TCP;
	flow.key.low_port = flow.key.high_port = port;
	return flow;
}

static void probe_with(const struct qw_parser_ops *ops, uint8_t *data, size_t len, unsigned seed)
{
	for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
		if (may_begin(&ops->starts, byte))
			continue;
		struct qw_flow flow = flow_of(ops, byte + seed);
		data[0] = (uint8_t)byte;
		for (int direction = QW_TO_SERVER; direction <= QW_TO_CLIENT; direction++)
			if (ops->probe(&flow, (enum qw_direction)direction, data, len) != 0)
				fail_msg("%s takes what begins with %#x", qw_app_name(ops->app), byte);
		probed++;
	}
}

static int probe_with_seed(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	uint8_t data[SEED_MAX];
	FILE *file = kind == FTW_F ? fopen(path, "rb") : NULL;
	if (!file)
		return kind == FTW_F;
	size_t len = fread(data, 1, sizeof(data), file);
	fclose(file);
	for (size_t at = 0; at <= HEADS_MAX && at + LONG_ENOUGH <= len; at++) {
		uint8_t first = data[at];
		for (size_t i = 0; i < qw_parser_count; i++)
			probe_with(qw_parsers[i], data + at, len - at, (unsigned)(len + at));
		data[at] = first;
	}
	return 0;
}

static void no_probe_takes_what_its_parser_says_it_never_begins_with(void **state)
{
	char corpus[1024];
	const char *source = getenv("QW_SOURCE");
	assert_non_null(source);
	snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus", source);
	assert_int_equal(nftw(corpus, probe_with_seed, 16, FTW_PHYS), 0);
	assert_true(probed > 1000000);
}

static void a_flow_gets_its_parser_whatever_byte_it_begins_with(void **state)
{
	static const struct kit_case {
		uint8_t proto;
		enum qw_app app;
		const char *data;
		size_t len;
	} cases[] = {
#define CASE(proto, app, text) {proto, app, text, sizeof(text) - 1}
		CASE(QW_PROTO_TCP, QW_APP_SSH, "SSH-2.0-x\r\n"),
		CASE(QW_PROTO_TCP, QW_APP_HTTP, "GET / HTTP/1.1\r\n\r\n"),
		CASE(QW_PROTO_TCP, QW_APP_NTRIP, "SOURCE secret mount\r\n\r\n"),
		CASE(QW_PROTO_UDP, QW_APP_NMEA, "$GPGLL,5232.000,N,00958.000,E,120000,A*2B\r\n"),
		CASE(QW_PROTO_UDP, QW_APP_NMEA, "UdPbC\0$GPGLL,5232.000,N,00958.000,E,120000,A*2B\r\n"),
		CASE(QW_PROTO_UDP, QW_APP_UNKNOWN, "neither this nor that"),
#undef CASE
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct qw_flow flow = {0};
		struct qw_parser_pool *pool;
		flow.key.proto = cases[i].proto;
		assert_int_equal(qw_parser_pool_new(&pool, KIT_POOL_BYTES), QW_OK);
		qw_parser_pool_want_ot(pool, QW_OT_WANT_FIELDS);
		qw_parser_choose(pool, &flow, QW_TO_SERVER, (const uint8_t *)cases[i].data, cases[i].len);
		assert_int_equal(flow.app, cases[i].app);
		qw_parser_end(pool, &flow);
		qw_parser_pool_free(pool);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_probe_takes_what_its_parser_says_it_never_begins_with),
		cmocka_unit_test(a_flow_gets_its_parser_whatever_byte_it_begins_with),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What goes out in a format and comes in again is the same, as far as the format holds it; and the same bytes each time. */
#include <jansson.h>
#include <stdlib.h>

#include "collector/formats/format.h"
#include "tests/unit/collector_kit.h"

static const struct {
	enum qw_observable_type type;
	const char *text;
} values[] = {
    {QW_OBS_IP, "192.0.2.1"},
    {QW_OBS_IP, "2001:db8::1"},
    {QW_OBS_IP_PORT, "192.0.2.1:443"},
    {QW_OBS_IP_PORT, "[2001:db8::1]:8443"},
    {QW_OBS_CIDR, "198.51.100.0/24"},
    {QW_OBS_CIDR, "2001:db8::/32"},
    {QW_OBS_DOMAIN, "bad.example"},
    {QW_OBS_HOST, "www.bad.example"},
    {QW_OBS_URL, "bad.example:8080/a'b?c=\\d"},
    {QW_OBS_URL, "/gate.php?id="},
    {QW_OBS_MD5, "d41d8cd98f00b204e9800998ecf8427e"},
    {QW_OBS_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {QW_OBS_SHA256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {QW_OBS_JA3, "e7d705a3286e19ea42f587b344ee6865"},
    {QW_OBS_JA4, "t13d1516h2_8daaf6152771_e5627efa2ab1"},
    {QW_OBS_CERT_SHA1, "aabbccddeeff00112233445566778899aabbccdd"},
    {QW_OBS_USER_AGENT, "Mozilla/4.0 (it's \"odd\"; \\n)"},
    {QW_OBS_USER_AGENT, "=cmd|'/c calc'!A1"},
    {QW_OBS_MAC, "00:1b:1b:12:34:56"},
};

static const char *const texts[] = {
    "", "seen at the gate", "it's \"quoted\", and \\ more", "=HYPERLINK(\"x\")", "'+1 for this", "\xc3\xa9l\xc3\xa9vateur \xe2\x9a\x93",
    "@all: 50 % off",
};

enum { VALUES = sizeof(values) / sizeof(values[0]), TEXTS = sizeof(texts) / sizeof(texts[0]) };

static struct qw_indicator make(size_t value, unsigned number)
{
	struct qw_indicator out;
	const char *why;

	qw_indicator_init(&out);
	if (qw_observable_parse(&out.observable, values[value].type, values[value].text, strlen(values[value].text), &why) != QW_OK)
		fail_msg("%s: %s", values[value].text, why);
	assert_int_equal(out.observable.type, values[value].type);
	out.confidence = (uint8_t)(number * 37 % 101);
	out.tlp = (enum qw_tlp)(number % QW_TLP_COUNT);
	out.valid_from = number % 3 ? qw_time_seconds(1700000000 + number) : qw_time_ns(0);
	out.valid_until = number % 2 ? qw_time_ns((INT64_C(1900000000) + number) * QW_NS_PER_S + 123456000) : qw_time_ns(0);
	snprintf(out.source, sizeof(out.source), "%s", number % 4 == 0 ? "operator" : number % 4 == 1 ? "C\xc3\xa9rt \"Port\"" : "feed-2");
	snprintf(out.description, sizeof(out.description), "%s", texts[number % TEXTS]);
	return out;
}

/* All values, in the format; the caller frees. */
static char *write_all(const char *name, enum qw_observable_type type, unsigned round, size_t *len)
{
	struct qw_format_writer *writer = malloc(sizeof(*writer));
	char *data = NULL;
	FILE *file = open_memstream(&data, len);

	assert_non_null(qw_format_find(name));
	qw_format_begin(writer, qw_format_find(name), file);
	for (size_t i = 0; i < VALUES; i++) {
		struct qw_indicator indicator = make(i, (unsigned)i + round);
		const struct qw_format_entry entry = {&indicator, qw_time_seconds(1600000000), qw_time_seconds(1600000000 + (int64_t)i)};
		if (type == QW_OBS_COUNT || type == values[i].type)
			qw_format_put(writer, &entry);
	}
	qw_format_end(writer);
	fclose(file);
	free(writer);
	return data;
}

struct found {
	bool bare; /* the format has values alone */
	unsigned round, count;
	bool seen[VALUES];
};

static enum qw_err check_one(void *ctx, const struct qw_indicator *indicator)
{
	struct found *found = ctx;

	for (size_t i = 0; i < VALUES; i++) {
		if (values[i].type != indicator->observable.type || strcmp(values[i].text, indicator->observable.text) != 0)
			continue;
		struct qw_indicator wanted = make(i, (unsigned)i + found->round);
		found->count += !found->seen[i];
		found->seen[i] = true;
		if (found->bare)
			return QW_OK;
		assert_int_equal(indicator->confidence, wanted.confidence);
		assert_int_equal(indicator->tlp, wanted.tlp);
		assert_int_equal(indicator->valid_from.ns, wanted.valid_from.ns);
		assert_int_equal(indicator->valid_until.ns, wanted.valid_until.ns);
		assert_string_equal(indicator->source, wanted.source);
		assert_string_equal(indicator->description, wanted.description);
		return QW_OK;
	}
	fail_msg("%s %s was never put in", qw_observable_type_name(indicator->observable.type), indicator->observable.text);
	return QW_OK;
}

static void read_back(const char *name, enum qw_feed_format format, unsigned round, bool bare, unsigned wanted)
{
	struct found found = {.bare = bare, .round = round};
	struct qw_feed_counts counts;
	struct qw_indicator defaults;
	struct qw_diags diags;
	size_t len;
	char *data = write_all(name, QW_OBS_COUNT, round, &len);

	qw_diags_init(&diags);
	qw_indicator_init(&defaults);
	defaults.source[0] = '\0';
	assert_int_equal(qw_feed_format_of("export", (const uint8_t *)data, len), format);
	assert_int_equal(qw_feed_read(format, "export", (const uint8_t *)data, len, &defaults, check_one, &found, &diags, &counts),
			 QW_OK);
	if (diags.count > 0)
		fail_msg("%s: %s", name, diags.rows[0].text);
	for (size_t i = 0; i < VALUES && !bare; i++)
		if (!found.seen[i])
			fail_msg("%s: %s did not come back", name, values[i].text);
	assert_true(found.count >= wanted);
	qw_diags_fini(&diags);
	free(data);
}

static void nothing_is_lost_that_the_format_can_hold(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		read_back("csv", QW_FEED_CSV, round, false, VALUES);
		read_back("stix", QW_FEED_STIX, round, false, VALUES);
		read_back("misp", QW_FEED_MISP, round, false, VALUES);
	}
}

static void the_same_entries_are_the_same_bytes(void **state)
{
	static const char *const names[] = {"csv", "plain", "stix", "misp"};
	size_t len, again;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *first = write_all(names[i], QW_OBS_COUNT, 0, &len), *second = write_all(names[i], QW_OBS_COUNT, 0, &again);
		assert_int_equal(len, again);
		assert_memory_equal(first, second, len);
		free(second);
		second = write_all(names[i], QW_OBS_COUNT, 1, &again);
		assert_true(strcmp(names[i], "plain") == 0 || len != again || memcmp(first, second, len) != 0);
		free(first);
		free(second);
	}
}

/* STIX 2.1, 3.2 and 4.7: what each object must have, ids that are there once, references that lead somewhere. */
static void a_bundle_is_what_the_standard_wants(void **state)
{
	static const char *const wanted[] = {"type", "spec_version", "id", "created"};
	static const char *const of_indicator[] = {"modified", "pattern", "pattern_type", "valid_from"};
	size_t len, index, markings = 0, indicators = 0;
	char *data = write_all("stix", QW_OBS_COUNT, 0, &len);
	json_t *bundle = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL), *ids = json_object(), *object;

	(void)state;
	assert_non_null(bundle);
	assert_string_equal(json_string_value(json_object_get(bundle, "type")), "bundle");
	assert_int_equal(strncmp(json_string_value(json_object_get(bundle, "id")), "bundle--", 8), 0);
	json_array_foreach(json_object_get(bundle, "objects"), index, object)
	{
		const char *type = json_string_value(json_object_get(object, "type")), *id = json_string_value(json_object_get(object, "id"));
		for (size_t i = 0; i < 4; i++)
			assert_true(json_is_string(json_object_get(object, wanted[i])));
		assert_int_equal(strncmp(id, type, strlen(type)), 0);
		assert_int_equal(strlen(id), strlen(type) + 2 + 36);
		assert_null(json_object_get(ids, id));
		json_object_set(ids, id, object);
		markings += strcmp(type, "marking-definition") == 0;
		if (strcmp(type, "indicator") != 0)
			continue;
		indicators++;
		for (size_t i = 0; i < 4; i++)
			assert_true(json_is_string(json_object_get(object, of_indicator[i])));
		assert_non_null(json_object_get(ids, json_string_value(json_array_get(json_object_get(object, "object_marking_refs"), 0))));
		assert_non_null(json_object_get(ids, json_string_value(json_object_get(object, "created_by_ref"))));
		const json_t *until = json_object_get(object, "valid_until");
		assert_true(!until || strcmp(json_string_value(until), json_string_value(json_object_get(object, "valid_from"))) > 0);
	}
	assert_int_equal(indicators, VALUES);
	assert_int_equal(markings, QW_TLP_COUNT);
	json_decref(ids);
	json_decref(bundle);
	free(data);
}

static void what_a_format_has_no_place_for_is_counted(void **state)
{
	struct qw_format_writer *writer = malloc(sizeof(*writer));
	struct qw_indicator indicator = make(4, 0);
	const struct qw_format_entry entry = {&indicator, {0}, {0}};
	size_t len;
	char *data = NULL;
	FILE *file = open_memstream(&data, &len);

	(void)state;
	qw_format_begin(writer, qw_format_find("suricata"), file);
	qw_format_put(writer, &entry);
	assert_int_equal(writer->written, 0);
	assert_int_equal(writer->unfit, 1);
	qw_format_end(writer);
	fclose(file);
	free(data);
	free(writer);
	data = write_all("suricata", QW_OBS_DOMAIN, 0, &len);
	assert_string_equal(data, "YmFkLmV4YW1wbGU=\n");
	free(data);
	data = write_all("suricata", QW_OBS_MD5, 0, &len);
	assert_string_equal(data, "d41d8cd98f00b204e9800998ecf8427e\n");
	free(data);
	assert_null(qw_format_find("pdf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_lost_that_the_format_can_hold),
	    cmocka_unit_test(the_same_entries_are_the_same_bytes),
	    cmocka_unit_test(a_bundle_is_what_the_standard_wants),
	    cmocka_unit_test(what_a_format_has_no_place_for_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

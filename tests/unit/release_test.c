/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/release.h"

#include <unistd.h>

#include "quaywatch/json.h"
#include "sensor/export/eve_keys.h"
#include "sensor/export/release_keys.h"
#include "tests/unit/event_kit.h"

enum { ALERTS = 2500, ALERTS_MIXED = 250, WIRE_MAX = 160 * 1024 };

static const char *const policies[] = {
	"release.addresses=\"keep\"",     "release.addresses=\"drop\"",
	"release.addresses=\"truncate\"", "release.addresses=\"pseudonym\"",
};
static const char *const name_policies[] = {"release.names=\"keep\"", "release.names=\"drop\"", "release.names=\"hash\""};

static bool is_ours(void *ctx, const struct qw_address *address)
{
	static const uint8_t ten[1] = {10}, six[2] = {0xfd, 0x00};

	(void)ctx;
	if (qw_address_is_v4(address))
		return memcmp(address->bytes + 12, ten, sizeof(ten)) == 0;
	return memcmp(address->bytes, six, sizeof(six)) == 0;
}

/* A release of these settings, NULL ends them. */
static struct qw_release *made(struct qw_config **config, const char *const *settings)
{
	struct qw_release_options options = {.key_path = "qw-release-test.key", .is_ours = is_ours};
	struct qw_release *release;
	struct qw_diags diags;

	qw_diags_init(&diags);
	assert_int_equal(qw_config_new(config, qw_release_settings, QW_RELEASE_KEYS), QW_OK);
	for (; *settings; settings++)
		assert_int_equal(qw_config_set(*config, *settings, &diags), QW_OK);
	options.config = *config;
	assert_int_equal(qw_release_new(&release, &options, &diags), QW_OK);
	assert_int_equal(qw_release_name(release, qw_slice_text("STS-14 hoist PLC")), QW_OK);
	qw_diags_fini(&diags);
	return release;
}

static void unmake(struct qw_release *release, struct qw_config *config)
{
	qw_release_free(release);
	qw_config_free(config);
	unlink("qw-release-test.key");
}

/* What would leave of an event: JSON and the parts beside it, one after the other. */
static size_t wire_of(struct qw_release *release, const struct kit_event *event, char *room)
{
	static char line[96 * 1024];
	const struct qw_event *out;
	struct qw_eve_parts parts;
	struct qw_text text;
	size_t size;

	if (!qw_release_event(release, event->writer.event, qw_event_size(event->writer.event), &out, &size))
		return 0;
	qw_text_init(&text, line, sizeof(line));
	assert_int_equal(qw_eve_render(&text, out, size, true, &parts), QW_OK);
	assert_true(qw_json_is_object(text.at, text.len, 16, NULL));
	qw_eve_close(&text, &parts.own);
	assert_false(text.cut);
	memcpy(room, text.at, text.len);
	if (parts.own.words.len) {
		memcpy(room + text.len, parts.own.words.data, parts.own.words.len);
		text.len += parts.own.words.len;
	}
	if (parts.own.text.len) {
		memcpy(room + text.len, parts.own.text.data, parts.own.text.len);
		text.len += parts.own.text.len;
	}
	room[text.len] = 0;
	return text.len;
}

/* ---- alerts with what is ours in every field */

struct ours {
	char ipv4[40], dashed[40], padded[40], reversed[64], ipv6[64], mac[32], name[64], upper[64];
	struct qw_address four, six;
	uint8_t mac_bytes[6];
};

static void make_ours(struct ours *ours, unsigned number)
{
	unsigned a = 1 + number % 250, b = 1 + number / 250 % 250, c = 1 + number * 7 % 250;
	const uint8_t four[4] = {10, (uint8_t)a, (uint8_t)b, (uint8_t)c};
	const uint8_t mac[6] = {0x00, 0x1b, 0x1b, (uint8_t)a, (uint8_t)b, (uint8_t)(0x80 | c)};
	struct qw_text text;

	ours->four = qw_address_v4(four);
	memcpy(ours->mac_bytes, mac, sizeof(mac));
	snprintf(ours->ipv4, sizeof(ours->ipv4), "10.%u.%u.%u", a, b, c);
	snprintf(ours->dashed, sizeof(ours->dashed), "10-%u-%u-%u", a, b, c);
	snprintf(ours->padded, sizeof(ours->padded), "010.%03u.%03u.%03u", a, b, c);
	snprintf(ours->reversed, sizeof(ours->reversed), "%u.%u.%u.10.in-addr.arpa", c, b, a);
	snprintf(ours->mac, sizeof(ours->mac), "00:1b:1b:%02x:%02x:%02x", a, b, 0x80 | c);
	snprintf(ours->name, sizeof(ours->name), "hmi%u.berth.example", number);
	snprintf(ours->upper, sizeof(ours->upper), "HMI%u.Berth.Example", number);
	ours->six = (struct qw_address){{0xfd, 0x00, 0, (uint8_t)a, 0, (uint8_t)b, 0, 0, 0, 0, 0, 0, 0xab, (uint8_t)c, 0x12, 0x34}};
	qw_text_init(&text, ours->ipv6, sizeof(ours->ipv6));
	qw_text_address(&text, &ours->six);
	(void)qw_text_string(&text);
}

/* Ways in which a text can name them. */
static size_t write_text(const struct ours *ours, unsigned way, char *room, size_t size)
{
	switch (way % 8) {
	case 0: return (size_t)snprintf(room, size, "http://%s/a?b=%s&m=%s", ours->ipv4, ours->name, ours->mac);
	case 1: return (size_t)snprintf(room, size, "[%s]:80 from ip-%s and %s", ours->ipv6, ours->dashed, ours->upper);
	case 2: return (size_t)snprintf(room, size, "%s", ours->reversed);
	case 3: return (size_t)snprintf(room, size, "%s, 203.0.113.9, %s", ours->padded, ours->ipv4);
	case 4: return (size_t)snprintf(room, size, "CN=%s,O=STS-14 hoist PLC", ours->name);
	case 5: return (size_t)snprintf(room, size, "::ffff:%s told sts-14 HOIST plc", ours->ipv4);
	case 6: return (size_t)snprintf(room, size, ".%s.", ours->name);
	default: return (size_t)snprintf(room, size, "x%s", ours->ipv6);
	}
}

/* A name, and a JSON object. */
static void put_object(struct kit_event *event, enum qw_event_key key, const struct ours *ours, unsigned way)
{
	char text[500] = "about\0{\"said\":\"";
	size_t len = sizeof("about\0{\"said\":\"") - 1;

	len += write_text(ours, way, text + len, 400);
	memcpy(text + len, "\"}", 2);
	qw_event_put(&event->writer, key, text, len + 2);
}

static void put_key(struct kit_event *event, enum qw_event_key key, const struct ours *ours, unsigned way)
{
	char text[400];

	if (key == QW_KEY_COMMUNITY_ID) {
		qw_event_put_text(&event->writer, key, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
		return;
	}
	switch (qw_eve_rows[key].shape) {
	case QW_EVE_ADDRESS: qw_event_put(&event->writer, key, way % 2 ? &ours->four : &ours->six, 16); break;
	case QW_EVE_MAC: qw_event_put(&event->writer, key, ours->mac_bytes, 6); break;
	case QW_EVE_NUMBER:
	case QW_EVE_NUMBERS:
	case QW_EVE_DECIMAL:
	case QW_EVE_TIME:
	case QW_EVE_PROTO: qw_event_put_u64(&event->writer, key, 7); break;
	case QW_EVE_OBJECT: put_object(event, key, ours, way); break;
	default: qw_event_put(&event->writer, key, text, write_text(ours, way, text, sizeof(text))); break;
	}
}

static void make_alert(struct kit_event *event, const struct ours *ours, unsigned number)
{
	kit_begin(event, (enum qw_event_type)(number % QW_EVENT_COUNT));
	for (unsigned key = 0; key < QW_KEY_COUNT; key++)
		put_key(event, (enum qw_event_key)key, ours, number + key);
	assert_false(event->writer.cut);
}

static bool holds(const char *wire, const char *what)
{
	return strcasestr(wire, what) != NULL;
}

/* The surroundings of what was found, or the beginning. */
static const char *around(const char *wire, const char *what)
{
	const char *at = strcasestr(wire, what);

	return !at ? wire : at - wire > 60 ? at - 60 : wire;
}

static void check_policy(const char *addresses, const char *names, unsigned alerts)
{
	const char *const settings[] = {addresses, names, "release.domains=[\"berth.example\"]", NULL};
	static struct kit_event event;
	static char wire[WIRE_MAX];
	struct qw_config *config;
	struct qw_release *release = made(&config, settings);
	bool told = strstr(addresses, "keep") != NULL, named = strstr(names, "keep") != NULL;

	for (unsigned i = 0; i < alerts; i++) {
		struct ours ours;
		make_ours(&ours, i);
		make_alert(&event, &ours, i);
		assert_int_not_equal(wire_of(release, &event, wire), 0);
		const char *const ways[] = {ours.ipv4, ours.dashed, ours.padded, ours.reversed, ours.ipv6, ours.mac};
		for (size_t j = 0; j < sizeof(ways) / sizeof(ways[0]); j++)
			if (holds(wire, ways[j]) != told)
				fail_msg("%s, %s: %s of alert %u: %.200s", addresses, names, ways[j], i, around(wire, ways[j]));
		const char *const names_of_ours[] = {ours.name, "STS-14 hoist PLC"};
		for (size_t j = 0; j < 2; j++)
			if (holds(wire, names_of_ours[j]) != named)
				fail_msg("%s, %s: %s of alert %u: %.200s", addresses, names, names_of_ours[j], i, around(wire, names_of_ours[j]));
		assert_true(holds(wire, "203.0.113.9"));
		assert_true(holds(wire, "\"flow_id\":7,") == told);
		assert_true(holds(wire, "community_id") == told);
		assert_false(holds(wire, "\"payload\""));
	}
	unmake(release, config);
}

static void nothing_of_ours_leaves_under_any_policy_and_all_of_it_under_keep(void **state)
{
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		for (size_t j = 0; j < sizeof(name_policies) / sizeof(name_policies[0]); j++)
			check_policy(policies[i], name_policies[j], j == (i < 2 ? i : 2) ? ALERTS : ALERTS_MIXED);
}

/* ---- every key by itself: none without a decision, and the decision does what it says */

static const char *name_of(enum qw_event_key key)
{
	static char name[80];

	snprintf(name, sizeof(name), "number %d (%s.%s)", (int)key, qw_eve_rows[key].object ? qw_eve_rows[key].object : "",
		 qw_eve_rows[key].name ? qw_eve_rows[key].name : "");
	return name;
}

static void every_key_of_an_event_is_decided(void **state)
{
	(void)state;
	for (unsigned key = 0; key < QW_KEY_COUNT; key++) {
		enum qw_eve_shape shape = qw_eve_rows[key].shape;
		if (qw_release_ways[key] == QW_WAY_UNDECIDED)
			fail_msg("key %s: sensor/export/release_keys.c does not say what may leave of it", name_of((enum qw_event_key)key));
		bool number = shape == QW_EVE_NUMBER || shape == QW_EVE_NUMBERS || shape == QW_EVE_DECIMAL || shape == QW_EVE_TIME ||
			      shape == QW_EVE_PROTO || shape == QW_EVE_OURS;
		if (qw_release_ways[key] == QW_WAY_KEEP && !number)
			fail_msg("key %s: what is no number must not leave as it is", name_of((enum qw_event_key)key));
	}
}

static bool names_us(const struct ours *ours, const char *wire)
{
	const char *const ways[] = {ours->ipv4, ours->dashed, ours->padded, ours->reversed, ours->ipv6, ours->mac, ours->name, "STS-14 hoist PLC"};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (holds(wire, ways[i]))
			return true;
	return false;
}

/* What leaves of an event with this key alone, or of an indicator with it. */
static bool key_alone_names_us(struct qw_release *release, enum qw_event_key key, unsigned way)
{
	static struct kit_event event;
	static char wire[WIRE_MAX];
	struct ours ours;

	make_ours(&ours, way);
	kit_begin(&event, QW_EVENT_ALERT);
	qw_event_put_u64(&event.writer, QW_KEY_INDICATOR_ID, 7);
	put_key(&event, key, &ours, way);
	assert_false(event.writer.cut);
	if (wire_of(release, &event, wire) == 0)
		fail_msg("key %s did not leave", name_of(key));
	return names_us(&ours, wire);
}

/* Whether under "keep" something of ours is to be seen in it. */
static bool is_seen(enum qw_event_key key)
{
	static const bool seen[QW_WAY_WAYS] = {
		[QW_WAY_TEXT] = true, [QW_WAY_ADDRESS] = true, [QW_WAY_MAC] = true,   [QW_WAY_OBJECT] = true,
		[QW_WAY_NAME] = true, [QW_WAY_HOST] = true,    [QW_WAY_WORDS] = true, [QW_WAY_INDICATOR_VALUE] = true,
	};

	return key == QW_KEY_OT_VALUES || seen[qw_release_ways[key]];
}

static void each_key_alone_tells_all_or_nothing(void **state)
{
	static const char *const keep[] = {"release.domains=[\"berth.example\"]", NULL};
	static const char *const strict[][4] = {
		{"release.addresses=\"drop\"", "release.names=\"drop\"", "release.domains=[\"berth.example\"]"},
		{"release.addresses=\"truncate\"", "release.names=\"hash\"", "release.domains=[\"berth.example\"]"},
		{"release.addresses=\"pseudonym\"", "release.names=\"hash\"", "release.domains=[\"berth.example\"]"},
	};

	(void)state;
	for (size_t policy = 0; policy <= sizeof(strict) / sizeof(strict[0]); policy++) {
		struct qw_config *config;
		struct qw_release *release = made(&config, policy ? strict[policy - 1] : keep);
		for (unsigned key = 0; key < QW_KEY_COUNT; key++) {
			bool told = false;
			for (unsigned way = 0; way < 8; way++)
				told |= key_alone_names_us(release, (enum qw_event_key)key, way);
			if (policy ? told : told != is_seen((enum qw_event_key)key))
				fail_msg("key %s under policy %zu: %s", name_of((enum qw_event_key)key), policy, told ? "names us" : "is not there");
		}
		unmake(release, config);
	}
}

/* ---- single things */

static void expect_text(const char *const *settings, const char *in, const char *want)
{
	static struct kit_event event;
	struct qw_config *config;
	struct qw_release *release = made(&config, settings);
	const struct qw_event *out;
	struct qw_event_reader reader;
	enum qw_event_key key;
	const uint8_t *data;
	size_t size, len;

	kit_begin(&event, QW_EVENT_ALERT);
	qw_event_put_text(&event.writer, QW_KEY_HTTP_URL, in);
	assert_true(qw_release_event(release, event.writer.event, qw_event_size(event.writer.event), &out, &size));
	assert_int_equal(qw_event_open(&reader, out, size, &out), QW_OK);
	assert_true(qw_event_next(&reader, &key, &data, &len));
	if (len != strlen(want) || memcmp(data, want, len) != 0)
		fail_msg("%s became %.*s, not %s", in, (int)len, (const char *)data, want);
	unmake(release, config);
}

static void text_changes_where_it_names_us_and_nowhere_else(void **state)
{
	static const char *const drop[] = {"release.addresses=\"drop\"", "release.names=\"drop\"",
					   "release.domains=[\"berth.example\"]", NULL};
	static const char *const truncate[] = {"release.addresses=\"truncate\"", NULL};
	static const struct {
		const char *in, *dropped;
	} texts[] = {
		{"http://10.1.4.20:8080/", "http://internal:8080/"},
		{"110.1.4.20 1.10.1.4 10.1.4 10.1.4.256", "110.1.4.20 1.10.1.4 10.1.4 10.1.4.256"},
		{"1.10.1.4.20", "1.internal"},
		{"2001:db8::fd00:1 std::move 12:34:56", "2001:db8::fd00:1 std::move 12:34:56"},
		{"64:ff9b::10.1.4.20 64:ff9b::a01:414 2002:a01:414::1", "internal internal internal"},
		{"a 00-1B-1B-11-22-33, 001b.1b11.2233, 01:00:5e:00:00:01", "a internal, internal, 01:00:5e:00:00:01"},
		{"12:34:56:78:9a:bc:de:f0:12:34:56:78:9a:bc:de:f0:12:34:56:78", "12:34:56:78:9a:bc:de:f0:12:34:56:78:9a:bc:de:f0:12:34:56:78"},
		{"https://gate.berth.example.evil.example/", "https://internal.evil.example/"},
		{"notberth.example and xberth.example.com", "notberth.example and xberth.example.com"},
		{"/q?u=10%2e1%2E4%2e20", "internal"},
		{"/q?u=10%252e1%252E4%252e20", "internal"},
		{"/q?u=100%25", "/q?u=100%25"},
		{"4.1.10.in-addr.arpa", "internal"},
		{"4.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa", "internal"},
		{"XSTS-14 hoist PLC STS-14 hoist PLCs sts-14 hoist plc", "XSTS-14 hoist PLC STS-14 hoist PLCs internal"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_text(drop, texts[i].in, texts[i].dropped);
	expect_text(truncate, "10.1.4.20 ip-10-1-4-20 fd00:1:2:3::4", "10.1.4.0 ip-10-1-4-0 fd00:1:2::");
	expect_text(truncate, "00:1b:1b:11:22:33 20.4.1.10.in-addr.arpa", "00:1b:1b:00:00:00 0.4.1.10.in-addr.arpa");
}

static size_t wire_of_kit_alert(const char *const *settings, char *wire)
{
	static struct kit_event event;
	struct qw_config *config;
	struct qw_release *release = made(&config, settings);

	kit_alert(&event);
	size_t len = wire_of(release, &event, wire);
	unmake(release, config);
	return len;
}

static void alerts_stay_and_leave_as_the_tenant_says(void **state)
{
	static const struct {
		const char *setting;
		bool leaves;
	} rows[] = {
		{"release.stay=[\"gid:1\"]", false},       {"release.stay=[\"gid:3\"]", true},
		{"release.stay=[\"sid:2100498\"]", false}, {"release.leave=[\"sid:2100498\"]", true},
		{"release.leave=[\"gid:3\"]", false},      {"release.stay=[\"origin:pack\"]", true},
	};
	static char wire[WIRE_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const settings[] = {rows[i].setting, NULL};
		if ((wire_of_kit_alert(settings, wire) > 0) != rows[i].leaves)
			fail_msg("%s", rows[i].setting);
	}
}

static void fields_that_are_withheld_are_not_there(void **state)
{
	static const char *const all[] = {NULL}, *const some[] = {"release.fields=[\"src_ip\", \"alert.signature\"]", NULL};
	static char wire[WIRE_MAX];

	assert_int_not_equal(wire_of_kit_alert(all, wire), 0);
	assert_true(holds(wire, "203.0.113.66") && holds(wire, "signature\""));
	assert_int_not_equal(wire_of_kit_alert(some, wire), 0);
	assert_false(holds(wire, "203.0.113.66") || holds(wire, "signature\":"));
	assert_true(holds(wire, "10.77.1.10"));
}

static void what_a_policy_does_not_know_is_told(void **state)
{
	static const char *const wrong[] = {"release.fields=[\"http.uri\"]", "release.stay=[\"gid\"]", "release.stay=[\"gid:x\"]",
					    "release.leave=[\"tag:3\"]", "release.stay=[\"class:\"]"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct qw_release_options options = {.key_path = "qw-release-test.key", .is_ours = is_ours};
		struct qw_release *release;
		struct qw_config *config;
		struct qw_diags diags;
		qw_diags_init(&diags);
		assert_int_equal(qw_config_new(&config, qw_release_settings, QW_RELEASE_KEYS), QW_OK);
		assert_int_equal(qw_config_set(config, wrong[i], &diags), QW_OK);
		options.config = config;
		assert_int_equal(qw_release_new(&release, &options, &diags), QW_EFORMAT);
		assert_int_equal(diags.errors, 1);
		qw_config_free(config);
		qw_diags_fini(&diags);
	}
}

static void what_is_ours_is_never_proposed(void **state)
{
	static const char *const settings[] = {"release.addresses=\"pseudonym\"", "release.names=\"hash\"",
					       "release.domains=[\"berth.example\"]", NULL};
	static struct kit_event event;
	static char line[64 * 1024];
	struct qw_config *config;
	struct qw_release *release = made(&config, settings);
	const struct qw_event *out;
	struct qw_eve_parts parts;
	struct qw_text text;
	size_t size;

	kit_begin(&event, QW_EVENT_ALERT);
	kit_put_address(&event, QW_KEY_SRC_IP, "203.0.113.66");
	kit_put_address(&event, QW_KEY_DEST_IP, "10.77.1.10");
	qw_event_put_text(&event.writer, QW_KEY_HTTP_HOSTNAME, "hmi1.berth.example");
	qw_event_put_u64(&event.writer, QW_KEY_INDICATOR_ID, 0x1122334455667788);
	qw_event_put_text(&event.writer, QW_KEY_INDICATOR_VALUE, "10.77.1.10");
	assert_true(qw_release_event(release, event.writer.event, qw_event_size(event.writer.event), &out, &size));
	qw_text_init(&text, line, sizeof(line));
	assert_int_equal(qw_eve_render(&text, out, size, true, &parts), QW_OK);
	assert_int_equal(parts.own.indicator.id, 0);
	assert_true(parts.has_dst && parts.name.len);
	qw_release_parts(release, event.writer.event, qw_event_size(event.writer.event), &parts);
	assert_true(parts.has_src);
	assert_false(parts.has_dst);
	assert_int_equal(parts.name.len, 0);
	unmake(release, config);
}

static bool holds_back(struct qw_release *release, enum qw_observable_type type, const char *value)
{
	struct qw_observable observable;

	assert_int_equal(qw_observable_parse(&observable, type, value, strlen(value), NULL), QW_OK);
	return qw_release_holds_back(release, &observable);
}

static void what_is_ours_is_neither_offered_nor_answered_for(void **state)
{
	static const char *const closed[] = {"release.addresses=\"drop\"", "release.names=\"drop\"",
					     "release.domains=[\"berth.example\"]", "release.proposals=false", NULL};
	static const char *const open[] = {NULL};
	struct qw_config *config;
	char memory[128];
	struct qw_text text;
	struct qw_release *release = made(&config, closed);

	(void)state;
	assert_true(holds_back(release, QW_OBS_IP, "10.1.2.3"));
	assert_true(holds_back(release, QW_OBS_IP_PORT, "10.1.2.3:80"));
	assert_true(holds_back(release, QW_OBS_DOMAIN, "hmi1.berth.example"));
	assert_true(holds_back(release, QW_OBS_URL, "www.example.org/?from=10.1.2.3"));
	assert_false(holds_back(release, QW_OBS_IP, "203.0.113.9"));
	assert_false(holds_back(release, QW_OBS_DOMAIN, "evil.example"));
	assert_false(qw_release_lets_kind(release, QW_RELEASE_KIND_PROPOSAL));
	assert_true(qw_release_lets_kind(release, QW_RELEASE_KIND_DRY_RUN));
	assert_true(qw_release_lets_kind(release, QW_RELEASE_KIND_SIGHTING));
	qw_text_init(&text, memory, sizeof(memory));
	qw_release_put_text(release, qw_slice_text("scans 10.1.2.3 at night"), &text);
	assert_null(strstr(qw_text_string(&text), "10.1.2.3"));
	assert_non_null(strstr(qw_text_string(&text), "at night"));
	unmake(release, config);
	release = made(&config, open);
	assert_false(holds_back(release, QW_OBS_IP, "10.1.2.3"));
	assert_true(qw_release_lets_kind(release, QW_RELEASE_KIND_PROPOSAL));
	unmake(release, config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_ours_is_neither_offered_nor_answered_for),
	    cmocka_unit_test(text_changes_where_it_names_us_and_nowhere_else),
	    cmocka_unit_test(alerts_stay_and_leave_as_the_tenant_says),
	    cmocka_unit_test(fields_that_are_withheld_are_not_there),
	    cmocka_unit_test(what_a_policy_does_not_know_is_told),
	    cmocka_unit_test(what_is_ours_is_never_proposed),
	    cmocka_unit_test(every_key_of_an_event_is_decided),
	    cmocka_unit_test(each_key_alone_tells_all_or_nothing),
	    cmocka_unit_test(nothing_of_ours_leaves_under_any_policy_and_all_of_it_under_keep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

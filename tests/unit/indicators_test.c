/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "quaywatch/indicators.h"
#include "quaywatch/text.h"
#include "tests/unit/indicators_kit.h"

static const struct qw_moment ANY = {{-1}, QW_CLOCK_LIVE};

/* ---- a list in words: "[+][!]value" separated by blanks; '+' allows, '-' removes, "host:" in front is a host */

static void add(struct qw_indicator_builder *builder, const char *word, size_t len)
{
	struct qw_indicator indicator;
	qw_indicator_init(&indicator);
	snprintf(indicator.source, sizeof(indicator.source), "test");
	bool removed = *word == '-';
	word += removed;
	len -= removed;
	indicator.allow = *word == '+';
	word += indicator.allow;
	len -= indicator.allow;
	enum qw_observable_type type = QW_OBS_COUNT;
	if (len > 5 && memcmp(word, "host:", 5) == 0) {
		type = QW_OBS_HOST;
		word += 5;
		len -= 5;
	}
	assert_int_equal(qw_observable_parse(&indicator.observable, type, word, len, NULL), QW_OK);
	if (removed)
		assert_int_equal(qw_indicator_builder_remove(builder, &indicator.observable, indicator.allow), QW_OK);
	else
		assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
}

static int image_of(const char *words)
{
	struct qw_indicator_builder *builder;
	int fd;
	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	for (size_t len; *words; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		add(builder, words, len);
	}
	assert_int_equal(qw_indicator_builder_finish(builder, &fd), QW_OK);
	qw_indicator_builder_free(builder);
	return fd;
}

static struct qw_indicators *set_of(const char *words, const char *overlay)
{
	struct qw_indicators *set;
	int fd = image_of(words), over = overlay ? image_of(overlay) : -1;
	assert_int_equal(open_images(&set, fd, over), QW_OK);
	close(fd);
	if (over >= 0)
		close(over);
	return set;
}

/* What decides for an address ("a", "a:port"), a URL ("host/path") or a name; "" for nothing. */
static const char *ask(const struct qw_indicators *set, const char *what, struct qw_hit *hit)
{
	struct qw_observable seen;
	struct qw_address address;
	const char *slash = strchr(what, '/'), *colon = strrchr(what, ':');
	bool found, six = *what == '[';
	if (slash) {
		found = qw_indicators_url(set, ANY, qw_slice(what, (size_t)(slash - what)), qw_slice_text(slash), hit);
	} else if (qw_address_parse(what, strlen(what), &address)) {
		found = qw_indicators_address(set, ANY, &address, 0, hit);
	} else if (colon && qw_address_parse(what + six, (size_t)(colon - what) - 2 * six, &address)) {
		found = qw_indicators_address(set, ANY, &address, (uint16_t)atoi(colon + 1), hit);
	} else {
		found = qw_indicators_name(set, ANY, what, strlen(what), hit);
	}
	if (!found)
		return "";
	assert_int_equal(qw_observable_parse(&seen, hit->type, hit->value, strlen(hit->value), NULL), QW_OK);
	assert_true(hit->id == qw_indicator_id(hit->type, hit->value, strlen(hit->value)));
	assert_string_equal(hit->source, "test");
	return hit->value;
}

struct row {
	const char *list, *overlay, *asked, *decides;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct qw_hit hit;
		struct qw_indicators *set = set_of(rows[i].list, rows[i].overlay);
		const char *decides = ask(set, rows[i].asked, &hit);
		if (strcmp(decides, rows[i].decides) != 0)
			fail_msg("of \"%s\" over \"%s\" %s is decided by \"%s\", not \"%s\"",
				 rows[i].overlay ? rows[i].overlay : "", rows[i].list, rows[i].asked, decides,
				 rows[i].decides);
		qw_indicators_close(set);
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(*(rows)))

static void the_longest_match_decides_and_allow_wins_a_tie(void **state)
{
	static const struct row ROWS[] = {
		{"192.0.2.1", NULL, "192.0.2.1", "192.0.2.1"},
		{"192.0.2.1", NULL, "192.0.2.2", ""},
		{"192.0.2.0/24", NULL, "192.0.2.77", "192.0.2.0/24"},
		{"192.0.0.0/8", NULL, "192.200.2.77", "192.0.0.0/8"},
		{"192.0.2.77/31", NULL, "192.0.2.77", "192.0.2.76/31"},
		{"192.0.2.0/24 192.0.2.64/26", NULL, "192.0.2.77", "192.0.2.64/26"},
		{"192.0.2.0/24 +192.0.2.77", NULL, "192.0.2.77", ""},
		{"192.0.2.0/24 +192.0.2.77", NULL, "192.0.2.78", "192.0.2.0/24"},
		{"+192.0.2.0/24 192.0.2.77", NULL, "192.0.2.77", "192.0.2.77"},
		{"192.0.2.77 +192.0.2.77", NULL, "192.0.2.77", ""},
		{"192.0.2.0/24 +192.0.2.0/24", NULL, "192.0.2.77", ""},
		{"192.0.2.1:443", NULL, "192.0.2.1:443", "192.0.2.1:443"},
		{"192.0.2.1:443", NULL, "192.0.2.1:80", ""},
		{"192.0.2.1:443", NULL, "192.0.2.1", ""},
		{"192.0.2.1:443 +192.0.2.1", NULL, "192.0.2.1:443", "192.0.2.1:443"},
		{"+192.0.2.1:443 192.0.2.1", NULL, "192.0.2.1:443", ""},
		{"+192.0.2.1:443 192.0.2.1", NULL, "192.0.2.1:80", "192.0.2.1"},
		{"2001:db8::/32 +2001:db8:1::/48", NULL, "2001:db8:1::5", ""},
		{"2001:db8::/32 +2001:db8:1::/48", NULL, "2001:db8:2::5", "2001:db8::/32"},
		{"2001:db8::5", NULL, "2001:db8::5", "2001:db8::5"},
		{"[2001:db8::5]:53", NULL, "[2001:db8::5]:53", "[2001:db8::5]:53"},
		{"0.0.0.0", NULL, "0.0.0.0", "0.0.0.0"},
		{"evil.example", NULL, "EVIL.example.", "evil.example"},
		{"evil.example", NULL, "a.b.evil.Example", "evil.example"},
		{"evil.example", NULL, "notevil.example", ""},
		{"evil.example", NULL, "example", ""},
		{"host:evil.example", NULL, "evil.example", "evil.example"},
		{"host:evil.example", NULL, "www.evil.example", ""},
		{"evil.example +www.evil.example", NULL, "www.evil.example", ""},
		{"evil.example +www.evil.example", NULL, "a.www.evil.example", ""},
		{"evil.example +host:www.evil.example", NULL, "a.www.evil.example", "evil.example"},
		{"+evil.example www.evil.example", NULL, "x.www.evil.example", "www.evil.example"},
		{"+evil.example host:evil.example", NULL, "evil.example", "evil.example"},
		{"evil.example +evil.example", NULL, "evil.example", ""},
		{".onion", NULL, "abc.onion", "onion"},
		{"evil.example/a?b=1", NULL, "Evil.example/a?b=1", "evil.example/a?b=1"},
		{"evil.example/a?b=1", NULL, "evil.example/a?b=2", ""},
		{"evil.example/a", NULL, "evil.example/a?b=2", "evil.example/a"},
		{"evil.example/a", NULL, "evil.example/ab", ""},
		{"evil.example/A", NULL, "evil.example/a", ""},
		{"evil.example:8080/a", NULL, "evil.example/a", "evil.example:8080/a"},
		{"/bins/x", NULL, "any.example/bins/x?1", "/bins/x"},
		{"/bins/x +any.example", NULL, "www.any.example/bins/x", ""},
		{"/bins/x +192.0.2.0/24", NULL, "192.0.2.1/bins/x", ""},
		{"evil.example/a +evil.example", NULL, "evil.example/a", "evil.example/a"},
		{"/a +evil.example/a", NULL, "evil.example/a", ""},
	};
	CHECK(ROWS);
}

static void the_overlay_adds_replaces_and_removes(void **state)
{
	static const struct row ROWS[] = {
		{"192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.2"},
		{"192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.1"},
		{"192.0.2.1", "-192.0.2.1", "192.0.2.1", ""},
		{"192.0.2.0/24 192.0.2.1", "-192.0.2.1", "192.0.2.1", "192.0.2.0/24"},
		{"192.0.2.1 +192.0.2.1", "-+192.0.2.1", "192.0.2.1", "192.0.2.1"},
		{"192.0.2.1", "+192.0.2.1", "192.0.2.1", ""},
		{"192.0.2.1", "-192.0.2.1 192.0.2.1", "192.0.2.1", "192.0.2.1"},
		{"192.0.2.1", "192.0.2.1 -192.0.2.1", "192.0.2.1", ""},
		{"", "2001:db8::/32", "2001:db8::9", "2001:db8::/32"},
		{"evil.example", "-evil.example", "www.evil.example", ""},
		{"evil.example", "+www.evil.example", "www.evil.example", ""},
		{"", "evil.example", "www.evil.example", "evil.example"},
		{"evil.example", "-host:evil.example", "evil.example", "evil.example"},
		{"a.example:1/x a.example:2/x", "-a.example:1/x", "a.example/x", "a.example:2/x"},
		{"/x", "-/x", "a.example/x", ""},
		{"", "/x", "a.example/x", "/x"},
	};
	CHECK(ROWS);
}

static void another_overlay_goes_over_the_same_image(void **state)
{
	struct qw_indicators *first = set_of("192.0.2.1 a.example", NULL), *second, *third;
	struct qw_hit hit;
	int removal = image_of("-192.0.2.1"), more = image_of("b.example");
	assert_int_equal(open_over(&second, first, removal), QW_OK);
	qw_indicators_close(first);
	assert_int_equal(open_over(&third, second, more), QW_OK);
	assert_string_equal(ask(second, "192.0.2.1", &hit), "");
	assert_string_equal(ask(second, "b.example", &hit), "");
	qw_indicators_close(second);
	assert_string_equal(ask(third, "192.0.2.1", &hit), "192.0.2.1");
	assert_string_equal(ask(third, "b.example", &hit), "b.example");
	assert_int_equal(qw_indicators_count(third), 3);
	qw_indicators_close(third);
	close(removal);
	close(more);
}

static void counts_and_wants_know_both_images(void **state)
{
	struct qw_indicators *set =
		set_of("192.0.2.1 +192.0.2.2 a.example a.example", "-192.0.2.1 b.example a.example");
	assert_int_equal(qw_indicators_count(set), 3);
	assert_false(qw_indicators_want(set, QW_OBS_IP));
	assert_true(qw_indicators_want(set, QW_OBS_DOMAIN));
	assert_false(qw_indicators_want(set, QW_OBS_URL));
	qw_indicators_close(set);
}

static void digests_texts_and_hardware_addresses_are_found(void **state)
{
	static const char MD5[] = "d41d8cd98f00b204e9800998ecf8427e", AGENT[] = "Bad agent/1";
	struct qw_indicators *set = set_of("d41d8cd98f00b204e9800998ecf8427e 00:1b:1b +00:1b:1b:00:00:02 "
					   "t13d1516h2_8daaf6152771_e5627efa2ab1",
					   NULL);
	const uint8_t mac[] = {0, 0x1b, 0x1b, 0, 0, 1}, good[] = {0, 0x1b, 0x1b, 0, 0, 2};
	uint8_t digest[16];
	struct qw_hit hit;
	assert_true(qw_hex_decode(MD5, 32, digest));
	assert_true(qw_indicators_digest(set, ANY, QW_OBS_MD5, digest, &hit));
	assert_string_equal(hit.value, MD5);
	assert_false(qw_indicators_digest(set, ANY, QW_OBS_JA3, digest, &hit));
	digest[0] ^= 1;
	assert_false(qw_indicators_digest(set, ANY, QW_OBS_MD5, digest, &hit));
	assert_true(qw_indicators_mac(set, ANY, mac, &hit));
	assert_string_equal(hit.value, "00:1b:1b");
	assert_false(qw_indicators_mac(set, ANY, good, &hit));
	assert_true(qw_indicators_text(set, ANY, QW_OBS_JA4, "t13d1516h2_8daaf6152771_e5627efa2ab1", 36, &hit));
	assert_false(qw_indicators_text(set, ANY, QW_OBS_USER_AGENT, AGENT, sizeof(AGENT) - 1, &hit));
	qw_indicators_close(set);
}

static void how_many_met_it_goes_with_a_hit(void **state)
{
	(void)state;
	struct qw_indicator_builder *builder;
	struct qw_indicator indicator;
	struct qw_indicators *set;
	struct qw_hit hit;
	int fd;
	qw_indicator_init(&indicator);
	assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_DOMAIN, "evil.example", 12, NULL), QW_OK);
	indicator.seen = QW_PREVALENCE_MANY;
	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
	indicator.seen = QW_PREVALENCE_COUNT;
	assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_EINVAL);
	assert_int_equal(qw_indicator_builder_finish(builder, &fd), QW_OK);
	qw_indicator_builder_free(builder);
	struct qw_indicator_images images = qw_indicator_images_one(fd, -1);
	assert_int_equal(qw_indicators_open(&set, &images), QW_OK);
	qw_indicator_images_close(&images);
	assert_true(qw_indicators_name(set, ANY, "evil.example", 12, &hit));
	assert_int_equal(hit.seen, QW_PREVALENCE_MANY);
	qw_indicators_close(set);
}

static void an_entry_is_there_only_within_its_time(void **state)
{
	struct qw_indicator_builder *builder;
	struct qw_indicators *set;
	struct qw_indicator indicator;
	struct qw_hit hit;
	int fd;
	qw_indicator_init(&indicator);
	indicator.valid_from = qw_time_seconds(1000);
	indicator.valid_until = qw_time_seconds(2000);
	assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_COUNT, "a.example", 9, NULL), QW_OK);
	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
	assert_int_equal(qw_indicator_builder_finish(builder, &fd), QW_OK);
	qw_indicator_builder_free(builder);
	assert_int_equal(open_images(&set, fd, -1), QW_OK);
	close(fd);
	static const struct {
		int64_t second;
		enum qw_clock_mode mode;
		bool there;
	} ROWS[] = {{999, QW_CLOCK_LIVE, false},  {1000, QW_CLOCK_LIVE, true}, {1999, QW_CLOCK_LIVE, true},
			{2000, QW_CLOCK_LIVE, false}, {1, QW_CLOCK_OFFLINE, true}, {2000, QW_CLOCK_OFFLINE, false},
			{-1, QW_CLOCK_LIVE, true}};
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
		struct qw_moment at = {qw_time_seconds(ROWS[i].second), ROWS[i].mode};
		assert_int_equal(qw_indicators_name(set, at, "a.example", 9, &hit), ROWS[i].there);
	}
	qw_indicators_close(set);
}

static void long_names_and_values_are_handled(void **state)
{
	char url[2000], name[600];
	struct qw_hit hit;
	memset(url, 'a', sizeof(url));
	memcpy(url, "/", 1);
	url[sizeof(url) - 1] = 0;
	struct qw_indicators *set = set_of(url, NULL);
	assert_true(qw_indicators_url(set, ANY, qw_slice_text("h.example"), qw_slice_text(url), &hit));
	assert_string_equal(hit.value, url);
	qw_indicators_close(set);

	set = set_of("evil.example", NULL);
	for (size_t i = 0; i < sizeof(name); i += 2)
		memcpy(name + i, "a.", 2);
	memcpy(name + sizeof(name) - 13, ".evil.example", 13);
	assert_true(qw_indicators_name(set, ANY, name, sizeof(name), &hit));
	memset(name, 'a', sizeof(name));
	assert_false(qw_indicators_name(set, ANY, name, sizeof(name), &hit));
	assert_false(qw_indicators_name(set, ANY, ".", 1, &hit));
	assert_false(qw_indicators_name(set, ANY, "", 0, &hit));
	qw_indicators_close(set);
}

static void a_description_of_another_kind_is_no_set(void **state)
{
	struct qw_image_builder *image;
	struct qw_indicators *set;
	int fd;
	assert_int_equal(qw_image_builder_new(&image, "INDI"), QW_OK);
	assert_int_equal(qw_image_finish(image, &fd), QW_OK);
	qw_image_builder_free(image);
	assert_int_equal(open_images(&set, fd, -1), QW_EFORMAT);
	close(fd);
}

/* ---- against a list that is searched from end to end */

enum { ENTRIES = 400, ROUNDS = 60, ASKED = 400 };

struct entry {
	struct qw_observable observable;
	bool allow, removed;
	int64_t from, until;
};

struct list {
	struct entry entry[2 * ENTRIES];
	size_t count;
};

static uint32_t dice(uint64_t *state, uint32_t sides)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((*state >> 33) % sides);
}

static void random_address(char *out, uint64_t *state)
{
	if (dice(state, 4) == 0)
		snprintf(out, 64, "2001:db8:%x::%x", dice(state, 3), dice(state, 8));
	else
		snprintf(out, 64, "10.%u.%u.%u", dice(state, 2), dice(state, 3), dice(state, 12));
}

static void random_name(char *out, uint64_t *state)
{
	static const char *const LABELS[] = {"a", "b", "longer-label", "x"};
	size_t used = 0;
	for (uint32_t labels = 1 + dice(state, 4); labels > 0; labels--)
		used += (size_t)snprintf(out + used, 64 - used, "%s%s", LABELS[dice(state, 4)], labels > 1 ? "." : "");
}

static void random_entry(struct entry *entry, uint64_t *state)
{
	char address[64], text[96];
	enum qw_observable_type type = QW_OBS_COUNT;
	random_address(address, state);
	switch (dice(state, 5)) {
	case 0:
		random_name(text, state);
		type = QW_OBS_DOMAIN;
		break;
	case 1:
		random_name(text, state);
		type = QW_OBS_HOST;
		break;
	case 2:
		snprintf(text, sizeof(text), "%s/%u", address,
			 strchr(address, ':') ? 20 + dice(state, 109) : 7 + dice(state, 26));
		break;
	case 3:
		snprintf(text, sizeof(text), strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, 1 + dice(state, 3));
		break;
	default: snprintf(text, sizeof(text), "%s", address); break;
	}
	assert_int_equal(qw_observable_parse(&entry->observable, type, text, strlen(text), NULL), QW_OK);
	entry->allow = dice(state, 4) == 0;
	entry->from = dice(state, 3) == 0 ? 50 : 0;
	entry->until = dice(state, 3) == 0 ? 100 : 0;
	entry->removed = false;
}

static void put(struct list *list, const struct entry *entry)
{
	size_t at = 0;
	while (at < list->count &&
	       (list->entry[at].allow != entry->allow || list->entry[at].observable.type != entry->observable.type ||
		strcmp(list->entry[at].observable.text, entry->observable.text) != 0))
		at++;
	list->entry[at] = *entry;
	list->count += at == list->count;
}

/* How long the match is, comparable within one question; 0: none. */
static int match_address(const struct entry *entry, const struct qw_address *address, uint16_t port)
{
	char text[64];
	struct qw_text out;
	struct qw_prefix prefix;
	if (entry->observable.type == QW_OBS_CIDR) {
		assert_true(qw_prefix_parse(entry->observable.text, entry->observable.len, &prefix));
		bool same = qw_address_is_v4(&prefix.address) == qw_address_is_v4(address);
		return same && qw_prefix_holds(&prefix, address) ? prefix.bits : 0;
	}
	qw_text_init(&out, text, sizeof(text));
	bool six = !qw_address_is_v4(address), ported = entry->observable.type == QW_OBS_IP_PORT;
	if (ported && six)
		qw_text_char(&out, '[');
	qw_text_address(&out, address);
	if (ported)
		qw_text_format(&out, six ? "]:%u" : ":%u", port);
	if ((ported || entry->observable.type == QW_OBS_IP) &&
		strcmp(entry->observable.text, qw_text_string(&out)) == 0)
		return ported ? 300 : 200;
	return 0;
}

static int match_name(const struct entry *entry, const char *name)
{
	size_t len = strlen(name), tail = entry->observable.len;
	if (entry->observable.type == QW_OBS_HOST)
		return strcmp(name, entry->observable.text) == 0 ? 1000 : 0;
	if (entry->observable.type != QW_OBS_DOMAIN || tail > len ||
		strcmp(name + len - tail, entry->observable.text) != 0)
		return 0;
	return tail == len || name[len - tail - 1] == '.' ? (int)tail : 0;
}

static const struct entry *naive(const struct list *list, int64_t now, const struct qw_address *address, uint16_t port,
				 const char *name)
{
	const struct entry *best = NULL;
	int longest = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entry[i];
		if (entry->removed || now < entry->from || (entry->until && now >= entry->until))
			continue;
		int match = address ? match_address(entry, address, port) : match_name(entry, name);
		if (match > longest || (match && match == longest && entry->allow)) {
			longest = match;
			best = entry;
		}
	}
	return best && !best->allow ? best : NULL;
}

static int build_list(struct list *all, size_t changes, bool overlay, uint64_t *state)
{
	struct qw_indicator_builder *builder;
	int fd;
	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	for (size_t i = 0; i < changes; i++) {
		struct entry entry;
		struct qw_indicator indicator;
		random_entry(&entry, state);
		if (overlay && dice(state, 2)) {
			entry = all->entry[dice(state, (uint32_t)all->count)];
			entry.removed = dice(state, 2);
			entry.until = 0;
		}
		qw_indicator_init(&indicator);
		indicator.observable = entry.observable;
		indicator.allow = entry.allow;
		indicator.valid_from = qw_time_seconds(entry.from);
		indicator.valid_until = qw_time_seconds(entry.until);
		if (entry.removed)
			assert_int_equal(qw_indicator_builder_remove(builder, &entry.observable, entry.allow), QW_OK);
		else
			assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
		put(all, &entry);
	}
	assert_int_equal(qw_indicator_builder_finish(builder, &fd), QW_OK);
	qw_indicator_builder_free(builder);
	return fd;
}

static void ask_both(const struct qw_indicators *set, const struct list *list, uint64_t *state)
{
	char address_text[64], name[64];
	struct qw_address address;
	struct qw_hit hit;
	struct qw_moment at = {qw_time_seconds(25 + 50 * dice(state, 3)), QW_CLOCK_LIVE};
	int64_t now = at.now.ns / QW_NS_PER_S;
	random_address(address_text, state);
	random_name(name, state);
	assert_true(qw_address_parse(address_text, strlen(address_text), &address));
	uint16_t port = (uint16_t)dice(state, 4);

	const struct entry *should = naive(list, now, &address, port, NULL);
	assert_int_equal(qw_indicators_address(set, at, &address, port, &hit), should != NULL);
	if (should)
		assert_string_equal(hit.value, should->observable.text);
	should = naive(list, now, NULL, 0, name);
	assert_int_equal(qw_indicators_name(set, at, name, strlen(name), &hit), should != NULL);
	if (should)
		assert_string_equal(hit.value, should->observable.text);
}

static void tables_answer_like_a_list_searched_from_end_to_end(void **state)
{
	struct list *list = malloc(sizeof(*list));
	uint64_t seed = 42;
	assert_non_null(list);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct qw_indicators *set;
		list->count = 0;
		int fd = build_list(list, 1 + dice(&seed, ENTRIES), false, &seed);
		int overlay = round % 2 ? build_list(list, 1 + dice(&seed, 60), true, &seed) : -1;
		assert_int_equal(open_images(&set, fd, overlay), QW_OK);
		size_t there = 0;
		for (size_t i = 0; i < list->count; i++)
			there += !list->entry[i].removed;
		assert_int_equal(qw_indicators_count(set), there);
		for (unsigned i = 0; i < ASKED; i++)
			ask_both(set, list, &seed);
		qw_indicators_close(set);
		close(fd);
		if (overlay >= 0)
			close(overlay);
	}
	free(list);
}

static void every_entry_of_a_large_list_is_found_again(void **state)
{
	enum { MANY = 50000 };
	struct qw_indicator_builder *builder;
	struct qw_indicators *set;
	struct qw_indicator indicator;
	struct qw_hit hit;
	char name[64];
	int fd;
	assert_int_equal(qw_indicator_builder_new(&builder), QW_OK);
	qw_indicator_init(&indicator);
	for (unsigned i = 0; i < 2 * MANY; i++) {
		int len = snprintf(name, sizeof(name), "n%u.example", i % MANY);
		indicator.confidence = i < MANY ? 10 : (uint8_t)(i % 100);
		assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_COUNT, name, (size_t)len, NULL),
				 QW_OK);
		assert_int_equal(qw_indicator_builder_add(builder, &indicator), QW_OK);
	}
	assert_int_equal(qw_indicator_builder_finish(builder, &fd), QW_OK);
	qw_indicator_builder_free(builder);
	assert_int_equal(open_images(&set, fd, -1), QW_OK);
	assert_int_equal(qw_indicators_count(set), MANY);
	for (unsigned i = 0; i < MANY; i++) {
		int len = snprintf(name, sizeof(name), "n%u.example", i);
		assert_true(qw_indicators_name(set, ANY, name, (size_t)len, &hit));
		assert_string_equal(hit.value, name);
		assert_int_equal(hit.confidence, (i + MANY) % 100);
	}
	qw_indicators_close(set);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_match_decides_and_allow_wins_a_tie),
		cmocka_unit_test(the_overlay_adds_replaces_and_removes),
		cmocka_unit_test(another_overlay_goes_over_the_same_image),
		cmocka_unit_test(counts_and_wants_know_both_images),
		cmocka_unit_test(digests_texts_and_hardware_addresses_are_found),
		cmocka_unit_test(how_many_met_it_goes_with_a_hit),
		cmocka_unit_test(an_entry_is_there_only_within_its_time),
		cmocka_unit_test(long_names_and_values_are_handled),
		cmocka_unit_test(a_description_of_another_kind_is_no_set),
		cmocka_unit_test(tables_answer_like_a_list_searched_from_end_to_end),
		cmocka_unit_test(every_entry_of_a_large_list_is_found_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

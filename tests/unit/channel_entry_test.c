/* SPDX-License-Identifier: Apache-2.0 */
#include "channel_kit.h"

#include "rules/channel/content.h"

static struct qw_indicator sample(void)
{
	struct qw_indicator indicator;
	qw_indicator_init(&indicator);
	const char *why;
	assert_int_equal(qw_observable_parse(&indicator.observable, QW_OBS_DOMAIN, "bad.example.org", 15, &why), QW_OK);
	indicator.confidence = 0;
	indicator.tlp = QW_TLP_AMBER_STRICT;
	indicator.valid_from = qw_time_ns(-5);
	indicator.valid_until = qw_time_seconds(1800000000);
	indicator.seen = QW_PREVALENCE_MANY;
	indicator.seen_at = qw_time_seconds(1799971200);
	snprintf(indicator.source, sizeof(indicator.source), "operator");
	snprintf(indicator.description, sizeof(indicator.description), "seen at berth 4");
	return indicator;
}

static void an_indicator_comes_back_as_it_was_packed(void **state)
{
	(void)state;
	struct qw_indicator in = sample(), out;
	struct qw_entry entry;
	uint8_t *body;
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &in), QW_OK);
	assert_int_equal(entry.kind, QW_ENTRY_INDICATOR);
	assert_int_equal(qw_entry_indicator(&entry, &out), QW_OK);
	assert_int_equal(out.observable.type, in.observable.type);
	assert_string_equal(out.observable.text, in.observable.text);
	assert_int_equal(out.confidence, 0);
	assert_int_equal(out.tlp, QW_TLP_AMBER_STRICT);
	assert_int_equal(out.seen, QW_PREVALENCE_MANY);
	assert_int_equal(out.seen_at.ns, in.seen_at.ns);
	assert_int_equal(out.valid_from.ns, -5);
	assert_int_equal(out.valid_until.ns, in.valid_until.ns);
	assert_string_equal(out.source, "operator");
	assert_string_equal(out.description, "seen at berth 4");
	assert_false(out.allow);

	char key[QW_ENTRY_KEY_MAX];
	size_t len;
	assert_int_equal(qw_entry_key(&entry, key, &len), QW_OK);
	assert_int_equal(len, 22);
	assert_memory_equal(key, "domain\0bad.example.org", 22);

	const char *text;
	assert_int_equal(qw_entry_signature(&entry, &text, &len), QW_EFORMAT);
	free(body);
}

static void an_allow_entry_is_of_its_own_kind(void **state)
{
	(void)state;
	struct qw_indicator in = sample(), out;
	struct qw_entry entry;
	uint8_t *body;
	in.allow = true;
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &in), QW_OK);
	assert_int_equal(entry.kind, QW_ENTRY_ALLOW);
	assert_int_equal(qw_entry_indicator(&entry, &out), QW_OK);
	assert_true(out.allow);
	entry.kind = QW_ENTRY_INDICATOR;
	assert_int_equal(qw_entry_indicator(&entry, &out), QW_EFORMAT);
	free(body);
}

static void a_value_that_is_not_canonical_is_refused(void **state)
{
	(void)state;
	struct qw_indicator in = sample(), out;
	struct qw_entry entry;
	uint8_t *body;
	in.observable.text[0] = 'B';
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &in), QW_OK);
	assert_int_equal(qw_entry_indicator(&entry, &out), QW_EFORMAT);
	free(body);
	in = sample();
	in.confidence = 101;
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &in), QW_EINVAL);
	in = sample();
	in.observable.len = 0;
	assert_int_equal(qw_entry_of_indicator(&entry, &body, &in), QW_EINVAL);
}

static void a_description_is_cut_at_a_whole_character(void **state)
{
	(void)state;
	struct qw_indicator out;
	uint8_t body[600] = "\x0A\xC0\x02\x0A\x06"
			    "domain"
			    "\x12\x01"
			    "x"
			    "\x2A\x03"
			    "RED"
			    "\x4A\xAD\x02";
	size_t head = 22;
	memset(body + head, 'a', 254);
	memcpy(body + head + 254, "\xE2\x80\xA6", 3); /* an ellipsis across the end */
	memset(body + head + 257, 'b', 301 - 257);
	struct qw_entry entry = {QW_ENTRY_INDICATOR, body, head + 301, false};
	body[1] = (uint8_t)((head - 3 + 301) % 128 | 0x80);
	body[2] = (uint8_t)((head - 3 + 301) / 128);
	assert_int_equal(qw_entry_indicator(&entry, &out), QW_OK);
	assert_int_equal(strlen(out.description), 254);
}

static void a_signature_comes_back_as_it_was_packed(void **state)
{
	(void)state;
	struct qw_entry entry;
	uint8_t *body;
	const char *text = "alert tcp any any -> any 502 (msg:\"x\"; sid:7;)", *out;
	char key[QW_ENTRY_KEY_MAX];
	size_t len;
	assert_int_equal(qw_entry_of_signature(&entry, &body, text, 1, 7), QW_OK);
	assert_int_equal(qw_entry_signature(&entry, &out, &len), QW_OK);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(out, text, len);
	assert_int_equal(qw_entry_key(&entry, key, &len), QW_OK);
	assert_int_equal(len, 3);
	assert_memory_equal(key, "1:7", 3);
	struct qw_indicator none;
	assert_int_equal(qw_entry_indicator(&entry, &none), QW_EFORMAT);
	free(body);
	assert_int_equal(qw_entry_of_signature(&entry, &body, "", 1, 7), QW_EINVAL);
}

static void what_does_not_fit_into_an_entry_is_refused(void **state)
{
	(void)state;
	struct qw_entry entry;
	uint8_t *body;
	char *text = malloc(QW_ENTRY_MAX + 1);
	memset(text, 'x', QW_ENTRY_MAX);
	text[QW_ENTRY_MAX] = 0;
	assert_int_equal(qw_entry_of_signature(&entry, &body, text, 1, 7), QW_ELIMIT);
	free(text);
}

static void a_removal_still_names_its_observable(void **state)
{
	(void)state;
	struct qw_entry_key key;
	struct qw_indicator out;
	uint8_t *body;
	size_t len;
	assert_true(qw_entry_key_make(&key, QW_ENTRY_ALLOW, "domain\0bad.example.org", 22));
	assert_int_equal(qw_entry_key_pack_removal(&key, &body, &len), QW_OK);
	struct qw_entry entry = {QW_ENTRY_ALLOW, body, len, true};
	assert_int_equal(qw_entry_indicator(&entry, &out), QW_OK);
	assert_string_equal(out.observable.text, "bad.example.org");
	assert_true(out.allow);
	free(body);
}

enum { KEYS = 6000, TURNS = 60000 };

static struct qw_slice slice_of(const struct qw_entry *entry)
{
	return qw_slice(entry->body, entry->body_len);
}

static enum qw_err count_entry(void *ctx, const struct qw_entry *entry)
{
	size_t *count = ctx;
	(*count)++;
	return QW_OK;
}

/* What must be there, and under which version. */
struct model {
	struct qw_content content;
	bool here[KEYS];
	unsigned version[KEYS];
};

static void parse(struct qw_entry_key *key, const struct qw_entry *entry)
{
	bool removed;
	assert_int_equal(qw_entry_key_parse(key, &removed, entry->body, entry->body_len), QW_OK);
}

/* Puts or removes entry n; every third change is undone. */
static void change_one(struct model *model, unsigned n, bool remove, unsigned turn)
{
	struct qw_entry entry = entry_make(QW_ENTRY_INDICATOR, n, turn);
	struct qw_slice body = slice_of(&entry);
	struct qw_change change;
	uint8_t *packed = NULL;
	if (remove) {
		struct qw_entry_key key;
		size_t len;
		parse(&key, &entry);
		assert_int_equal(qw_entry_key_pack_removal(&key, &packed, &len), QW_OK);
		body = qw_slice(packed, len);
	}
	assert_int_equal(qw_change_make(&change, &model->content, &body, 1), QW_OK);
	if (turn % 3 == 0) {
		qw_change_undo(&change);
	} else {
		qw_change_keep(&change);
		model->here[n] = !remove;
		model->version[n] = turn;
	}
	free(packed);
	entry_free(&entry);
}

/* Looks entry n up, and adds it to a digest made from nothing. */
static bool check_one(const struct model *model, unsigned n, struct qw_lanes *fresh)
{
	const struct qw_entry_set *set = &model->content.set;
	struct qw_entry entry = entry_make(QW_ENTRY_INDICATOR, n, model->version[n]);
	struct qw_entry_key key;
	parse(&key, &entry);
	uint32_t at = qw_entry_set_find(set, qw_entry_set_tag(set, &key), &key);
	assert_int_equal(at != 0, model->here[n]);
	if (at) {
		struct qw_entry stored = qw_entry_arena_get(&set->arena, at);
		assert_int_equal(stored.body_len, entry.body_len);
		assert_memory_equal(stored.body, entry.body, entry.body_len);
		qw_lanes_add(fresh, &key, entry.body, entry.body_len);
	}
	entry_free(&entry);
	return at != 0;
}

static void churn_keeps_set_digest_and_memory_right(void **state)
{
	struct model *model = calloc(1, sizeof(*model));
	struct qw_entry_set *set = &model->content.set;
	struct qw_lanes *fresh;
	uint32_t random = 1;
	assert_int_equal(qw_content_init(&model->content), QW_OK);
	for (unsigned turn = 0; turn < TURNS; turn++) {
		random = random * 1664525 + 1013904223;
		change_one(model, (random >> 8) % KEYS, random >> 30 == 0, turn);
	}
	size_t expected = 0, walked = 0;
	assert_int_equal(qw_lanes_new(&fresh), QW_OK);
	for (unsigned n = 0; n < KEYS; n++)
		expected += check_one(model, n, fresh);
	qw_lanes_settle(fresh);
	struct qw_digest one = qw_lanes_digest(fresh), other = qw_lanes_digest(model->content.lanes);
	assert_memory_equal(&one, &other, sizeof(one));
	assert_int_equal(set->count, expected);
	assert_int_equal(qw_entry_set_each(set, count_entry, &walked), QW_OK);
	assert_int_equal(walked, expected);
	/* Of 40 000 bodies that went in, the table, the holes' quarter and an open chunk or two are held. */
	assert_in_range(qw_entry_set_bytes(set), 0,
			set->arena.live_bytes * 3 / 2 + 16 * 8192 + 3 * QW_ENTRY_ARENA_CHUNK);
	qw_lanes_free(fresh);
	qw_content_fini(&model->content);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_indicator_comes_back_as_it_was_packed),
	    cmocka_unit_test(an_allow_entry_is_of_its_own_kind),
	    cmocka_unit_test(a_value_that_is_not_canonical_is_refused),
	    cmocka_unit_test(a_description_is_cut_at_a_whole_character),
	    cmocka_unit_test(a_signature_comes_back_as_it_was_packed),
	    cmocka_unit_test(what_does_not_fit_into_an_entry_is_refused),
	    cmocka_unit_test(a_removal_still_names_its_observable),
	    cmocka_unit_test(churn_keeps_set_digest_and_memory_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

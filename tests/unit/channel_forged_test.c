/* SPDX-License-Identifier: Apache-2.0 */
#include "channel_kit.h"

#include "rules/channel/delta.h"

/* A delta as a taken-over collector could sign it: whatever it likes to say. */
static void forge(struct pair *pair, struct qw_delta *says, const struct qw_entry *entry)
{
	struct qw_slice body = entry ? qw_slice(entry->body, entry->body_len) : (struct qw_slice){0};
	says->entries = &body;
	says->count = entry != NULL;
	free(pair->delta);
	assert_int_equal(qw_delta_pack(&pair->delta, &pair->len, says, &pair->port.online,
				       qw_slice(pair->port.delegation, pair->port.delegation_len)),
			 QW_OK);
}

/* What the next honest, empty delta would say. */
static struct qw_delta honest(const struct pair *pair)
{
	struct qw_digest ours = qw_channel_digest(pair->sensor);
	return (struct qw_delta){
	    .channel = "community", .order = {1, 1}, .before = ours, .after = ours, .created = pair->port.now};
}

static void a_sensor_checks_rights_too(void **state)
{
	struct pair *pair = *state;
	struct qw_delta says = honest(pair);
	struct qw_entry entry = entry_make(QW_ENTRY_SIGNATURE, 0, 0);
	commit(pair, QW_ENTRY_SIGNATURE, 0, 1, false);
	says.after = qw_channel_digest(pair->collector);
	port_delegate(&pair->port, QW_RIGHT_INDICATORS, 1000, 2000);
	forge(pair, &says, &entry);
	refuse(pair, QW_ESIGN);
	port_delegate(&pair->port, QW_RIGHT_SIGNATURES, 1000, 2000);
	forge(pair, &says, &entry);
	assert_int_equal(apply(pair), QW_OK);
	entry_free(&entry);
}

static void a_new_term_without_the_right_is_refused(void **state)
{
	struct pair *pair = *state;
	struct qw_delta says = honest(pair);
	says.order = (struct qw_order){2, 1};
	port_delegate(&pair->port, QW_RIGHT_INDICATORS, 1000, 2000);
	forge(pair, &says, NULL);
	refuse(pair, QW_ESIGN);
	port_delegate(&pair->port, ALL_RIGHTS, 1000, 2000);
	says.order.sequence = 2;
	forge(pair, &says, NULL);
	refuse(pair, QW_EORDER);
	says.order = (struct qw_order){1, UINT64_MAX};
	forge(pair, &says, NULL);
	refuse(pair, QW_EORDER);
}

static void a_digest_that_does_not_come_out_is_taken_back(void **state)
{
	struct pair *pair = *state;
	struct qw_delta says = honest(pair);
	struct qw_entry entry = entry_make(QW_ENTRY_INDICATOR, 0, 0);
	forge(pair, &says, &entry);
	refuse(pair, QW_ESIGN);
	entry_free(&entry);
	says.before.bytes[31] ^= 1;
	forge(pair, &says, NULL);
	refuse(pair, QW_EORDER);
}

static void a_delta_holds_for_its_time_only(void **state)
{
	struct pair *pair = *state;
	struct qw_delta says = honest(pair);
	says.created = qw_time_seconds(2001); /* dated beyond its delegation */
	forge(pair, &says, NULL);
	refuse(pair, QW_ESIGN);
	says.created = qw_time_seconds(1400);
	says.expires = qw_time_seconds(1499);
	forge(pair, &says, NULL);
	refuse(pair, QW_ESIGN);
	says.expires = qw_time_seconds(1500);
	forge(pair, &says, NULL);
	assert_int_equal(apply(pair), QW_OK);
}

static void entries_that_are_not_canonical_are_refused(void **state)
{
	struct pair *pair = *state;
	struct qw_delta says = honest(pair);
	static const struct {
		const char *what, *body;
		size_t len;
	} rows[] = {
#define ROW(what, body) {what, body, sizeof(body) - 1}
	    ROW("empty", ""),
	    ROW("only removed", "\x18\x01"),
	    ROW("no value", "\x0A\x04\x0A\x02ip"),
	    ROW("no type", "\x0A\x03\x12\x01x"),
	    ROW("value before type", "\x0A\x07\x12\x01x\x0A\x02ip"),
	    ROW("type twice", "\x0A\x0B\x0A\x02ip\x0A\x02ip\x12\x01x"),
	    ROW("explicit false", "\x0A\x09\x0A\x02ip\x12\x01x\x18\x00"),
	    ROW("flag of 2", "\x0A\x09\x0A\x02ip\x12\x01x\x18\x02"),
	    ROW("long varint", "\x0A\x0A\x0A\x02ip\x12\x01x\x18\x81\x00"),
	    ROW("NUL in type", "\x0A\x07\x0A\x02i\0\x12\x01x"),
	    ROW("both bodies", "\x0A\x07\x0A\x02ip\x12\x01x\x12\x02\x10\x05"),
	    ROW("sid 0", "\x12\x02\x08\x01"),
	    ROW("sid beyond 32 bits", "\x12\x06\x10\x80\x80\x80\x80\x10"),
	    ROW("length beyond the end", "\x0A\x7F\x0A\x02ip\x12\x01x"),
	    ROW("group", "\x0B\x0C"),
#undef ROW
	};
	for (size_t row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
		struct qw_entry entry = {.body = (const uint8_t *)rows[row].body, .body_len = rows[row].len};
		forge(pair, &says, &entry);
		struct fingerprint before = fingerprint(pair->sensor);
		enum qw_err err = apply(pair);
		if (err != QW_EFORMAT)
			fail_msg("%s: %d", rows[row].what, err);
		assert_unchanged(pair->sensor, &before);
	}
}

static void fields_of_a_newer_collector_are_kept(void **state)
{
	struct pair *pair = *state;
	/* type, value, and a field 100 that no version has yet */
	static const uint8_t body[] = "\x0A\x0A\x0A\x02ip\x12\x01x\xA0\x06\x07";
	struct qw_entry entry = {QW_ENTRY_INDICATOR, body, sizeof(body) - 1, false};
	assert_int_equal(qw_channel_commit(pair->collector, &entry, 1, &pair->port.online, pair->port.delegation,
					   pair->port.delegation_len, pair->port.now, &pair->delta, &pair->len),
			 QW_OK);
	assert_int_equal(apply(pair), QW_OK);
	assert_true(qw_channel_find(pair->sensor, QW_ENTRY_INDICATOR, "ip\0x", 4, &entry));
	assert_int_equal(entry.body_len, sizeof(body) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_sensor_checks_rights_too),
	    TEST(a_new_term_without_the_right_is_refused),
	    TEST(a_digest_that_does_not_come_out_is_taken_back),
	    TEST(a_delta_holds_for_its_time_only),
	    TEST(entries_that_are_not_canonical_are_refused),
	    TEST(fields_of_a_newer_collector_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

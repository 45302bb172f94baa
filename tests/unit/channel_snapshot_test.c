/* SPDX-License-Identifier: Apache-2.0 */
#include "channel_kit.h"

#include <signal.h>
#include <sys/resource.h>

#include "quaywatch/wire.h"
#include "rules/channel/digest.h"
#include "rules/channel/seal.h"
#include "rules/channel/spill.h"

enum { MANY = 9000 };

struct link {
	struct port port;
	struct qw_channel *collector, *sensor;
	struct qw_snapshot *snapshot;
};

static int link_up(void **state)
{
	struct link *pair = calloc(1, sizeof(*pair));
	port_init(&pair->port, ALL_RIGHTS);
	assert_int_equal(qw_channel_new(&pair->collector, "community"), QW_OK);
	assert_int_equal(qw_channel_new(&pair->sensor, "community"), QW_OK);
	*state = pair;
	return 0;
}

static int link_down(void **state)
{
	struct link *pair = *state;
	qw_channel_free(pair->collector);
	qw_channel_free(pair->sensor);
	qw_snapshot_free(pair->snapshot);
	port_fini(&pair->port);
	free(pair);
	return 0;
}

static void freeze(struct link *pair)
{
	qw_snapshot_free(pair->snapshot);
	assert_int_equal(qw_snapshot_new(&pair->snapshot, pair->collector, NULL, &pair->port.online, pair->port.delegation,
					 pair->port.delegation_len, pair->port.now),
			 QW_OK);
}

static enum qw_err receive(struct link *pair, size_t part, bool *done)
{
	const uint8_t *data;
	size_t len;
	assert_int_equal(qw_snapshot_part(pair->snapshot, part, &data, &len), QW_OK);
	assert_in_range(len, 1, QW_SNAPSHOT_PART);
	return qw_channel_receive(pair->sensor, data, len, pair->port.root.public_key, pair->port.now, done, NULL, NULL);
}

/* Hands over the parts from `first` on; the result of the last that was taken. */
static enum qw_err receive_from(struct link *pair, size_t first)
{
	for (size_t part = first; part < qw_snapshot_parts(pair->snapshot); part++) {
		bool done = false;
		enum qw_err err = receive(pair, part, &done);
		if (err)
			return err;
		assert_int_equal(done, part + 1 == qw_snapshot_parts(pair->snapshot));
	}
	return QW_OK;
}

static void assert_alike(const struct link *pair)
{
	assert_true(same_digest(pair->collector, pair->sensor));
	assert_int_equal(qw_channel_count(pair->collector), qw_channel_count(pair->sensor));
	assert_int_equal(qw_channel_order(pair->collector).sequence, qw_channel_order(pair->sensor).sequence);
	assert_int_equal(qw_channel_order(pair->collector).term, qw_channel_order(pair->sensor).term);
}

static void a_snapshot_carries_the_whole_set(void **state)
{
	struct link *pair = *state;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, MANY);
	commit_ok(&pair->port, pair->collector, QW_ENTRY_ALLOW, 0, 100);
	commit_ok(&pair->port, pair->collector, QW_ENTRY_SIGNATURE, 0, 100);
	freeze(pair);
	assert_in_range(qw_snapshot_parts(pair->snapshot), 2, 10);
	assert_int_equal(receive_from(pair, 0), QW_OK);
	assert_alike(pair);
}

static void an_empty_set_is_one_part(void **state)
{
	struct link *pair = *state;
	uint8_t *delta;
	size_t len;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 1);
	assert_int_equal(port_commit(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 1, true, &delta, &len),
			 QW_OK);
	free(delta);
	freeze(pair);
	assert_int_equal(qw_snapshot_parts(pair->snapshot), 1);
	assert_int_equal(receive_from(pair, 0), QW_OK);
	assert_alike(pair);
}

static void a_snapshot_stays_as_it_was_made(void **state)
{
	struct link *pair = *state;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 100);
	freeze(pair);
	struct qw_digest frozen = qw_channel_digest(pair->collector);
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 100, 100);
	assert_int_equal(receive_from(pair, 0), QW_OK);
	struct qw_digest received = qw_channel_digest(pair->sensor);
	assert_memory_equal(&received, &frozen, sizeof(frozen));
	assert_int_equal(qw_snapshot_order(pair->snapshot).sequence, 1);
}

static void receiving_resumes_at_the_part_it_names(void **state)
{
	struct link *pair = *state;
	struct qw_order order;
	uint32_t next, parts;
	bool done;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, MANY);
	freeze(pair);
	struct fingerprint before = fingerprint(pair->sensor);
	assert_false(qw_channel_receiving(pair->sensor, &order, &next, &parts));
	assert_int_equal(receive(pair, 1, &done), QW_EORDER);
	assert_false(qw_channel_receiving(pair->sensor, &order, &next, &parts));
	assert_int_equal(receive(pair, 0, &done), QW_OK);
	assert_int_equal(receive(pair, 0, &done), QW_EEXIST);
	assert_true(qw_channel_receiving(pair->sensor, &order, &next, &parts));
	assert_int_equal(next, 1);
	assert_int_equal(parts, qw_snapshot_parts(pair->snapshot));
	assert_int_equal(order.sequence, 1);
	assert_unchanged(pair->sensor, &before);
	assert_int_equal(receive_from(pair, next), QW_OK);
	assert_alike(pair);
	assert_false(qw_channel_receiving(pair->sensor, &order, &next, &parts));
}

static void another_snapshot_begins_anew(void **state)
{
	struct link *pair = *state;
	bool done;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, MANY);
	freeze(pair);
	assert_int_equal(receive(pair, 0, &done), QW_OK);
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, MANY, 10);
	freeze(pair);
	assert_int_equal(receive(pair, 1, &done), QW_EORDER);
	assert_int_equal(receive_from(pair, 0), QW_OK);
	assert_alike(pair);
}

static void an_older_snapshot_is_refused(void **state)
{
	struct link *pair = *state;
	bool done;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 10);
	freeze(pair);
	commit_ok(&pair->port, pair->sensor, QW_ENTRY_INDICATOR, 0, 10);
	assert_int_equal(receive(pair, 0, &done), QW_EEXIST);
	commit_ok(&pair->port, pair->sensor, QW_ENTRY_INDICATOR, 10, 10);
	struct fingerprint before = fingerprint(pair->sensor);
	assert_int_equal(receive(pair, 0, &done), QW_EORDER);
	assert_unchanged(pair->sensor, &before);
}

static void a_set_that_differs_at_the_same_order_is_repaired(void **state)
{
	struct link *pair = *state;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 10);
	commit_ok(&pair->port, pair->sensor, QW_ENTRY_INDICATOR, 5, 10);
	freeze(pair);
	assert_int_equal(receive_from(pair, 0), QW_OK);
	assert_alike(pair);
}

static void deltas_that_overtake_a_snapshot_win(void **state)
{
	struct link *pair = *state;
	bool done;
	uint8_t *delta;
	size_t len;
	commit_ok(&pair->port, pair->sensor, QW_ENTRY_INDICATOR, 0, MANY);
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, MANY);
	assert_int_equal(port_commit(&pair->port, pair->collector, QW_ENTRY_INDICATOR, MANY, 1, false, &delta, &len),
			 QW_OK);
	freeze(pair);
	assert_int_equal(receive(pair, 0, &done), QW_OK);
	assert_int_equal(port_apply(&pair->port, pair->sensor, delta, len), QW_OK);
	free(delta);
	assert_int_equal(receive_from(pair, 1), QW_EEXIST);
	assert_alike(pair);
}

static void a_new_term_takes_its_right_or_a_fresh_sensor(void **state)
{
	struct link *pair = *state;
	const struct port *port = &pair->port;
	bool done;
	uint8_t *delta;
	size_t len;
	commit_ok(port, pair->collector, QW_ENTRY_INDICATOR, 0, 10);
	commit_ok(port, pair->sensor, QW_ENTRY_INDICATOR, 5, 10);
	assert_int_equal(qw_channel_commit_term(pair->collector, 2, &port->online, port->delegation,
						port->delegation_len, port->now, &delta, &len),
			 QW_OK);
	free(delta);
	port_delegate(&pair->port, QW_RIGHT_INDICATORS, 1000, 2000);
	freeze(pair);
	assert_int_equal(receive(pair, 0, &done), QW_ESIGN);
	port_delegate(&pair->port, QW_RIGHT_INDICATORS | QW_RIGHT_TERM, 1000, 2000);
	freeze(pair);
	assert_int_equal(receive(pair, 0, &done), QW_OK);
	assert_alike(pair);

	qw_channel_free(pair->sensor);
	assert_int_equal(qw_channel_new(&pair->sensor, "community"), QW_OK);
	port_delegate(&pair->port, QW_RIGHT_INDICATORS, 1000, 2000);
	freeze(pair);
	assert_int_equal(receive(pair, 0, &done), QW_OK);
	assert_alike(pair);
}

static void a_snapshot_changes_only_what_its_key_may(void **state)
{
	struct link *pair = *state;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_SIGNATURE, 0, 5);
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 5);
	port_delegate(&pair->port, QW_RIGHT_INDICATORS, 1000, 2000);
	freeze(pair);
	struct fingerprint before = fingerprint(pair->sensor);
	assert_int_equal(receive_from(pair, 0), QW_ESIGN); /* it would add signatures */
	assert_unchanged(pair->sensor, &before);

	port_delegate(&pair->port, ALL_RIGHTS, 1000, 2000);
	commit_ok(&pair->port, pair->sensor, QW_ENTRY_SIGNATURE, 0, 6);
	port_delegate(&pair->port, QW_RIGHT_INDICATORS, 1000, 2000);
	freeze(pair);
	assert_int_equal(receive_from(pair, 0), QW_ESIGN); /* it would remove one */

	uint8_t *delta;
	size_t len;
	port_delegate(&pair->port, ALL_RIGHTS, 1000, 2000);
	assert_int_equal(port_commit(&pair->port, pair->sensor, QW_ENTRY_SIGNATURE, 5, 1, true, &delta, &len), QW_OK);
	free(delta);
	port_delegate(&pair->port, QW_RIGHT_INDICATORS, 1000, 2000);
	freeze(pair);
	assert_int_equal(receive_from(pair, 0), QW_OK); /* it leaves them as they are */
	assert_alike(pair);
}

static void a_foreign_or_stale_snapshot_is_refused(void **state)
{
	struct link *pair = *state;
	struct port *port = &pair->port;
	bool done;
	commit_ok(port, pair->collector, QW_ENTRY_INDICATOR, 0, 5);
	freeze(pair);
	struct fingerprint before = fingerprint(pair->sensor);
	port->now = qw_time_seconds(2001);
	assert_int_equal(receive(pair, 0, &done), QW_ESIGN);
	port->now = qw_time_seconds(1500);
	struct qw_sign_pair root = port->root;
	qw_sign_generate(&port->root);
	assert_int_equal(receive(pair, 0, &done), QW_ESIGN);
	port->root = root;
	assert_unchanged(pair->sensor, &before);
	qw_channel_free(pair->sensor);
	assert_int_equal(qw_channel_new(&pair->sensor, "berth-100"), QW_OK);
	assert_int_equal(receive(pair, 0, &done), QW_ESIGN);
}

static void a_delegation_that_ends_on_the_way_ends_the_snapshot(void **state)
{
	struct link *pair = *state;
	bool done;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, MANY);
	freeze(pair);
	assert_int_equal(receive(pair, 0, &done), QW_OK);
	pair->port.now = qw_time_seconds(2001);
	assert_int_equal(receive_from(pair, 1), QW_ESIGN);
}

static void every_flip_and_truncation_is_refused(void **state)
{
	struct link *pair = *state;
	const uint8_t *part;
	size_t len;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 3);
	freeze(pair);
	assert_int_equal(qw_snapshot_part(pair->snapshot, 0, &part, &len), QW_OK);
	uint8_t *copy = malloc(len);
	struct fingerprint before = fingerprint(pair->sensor);
	for (size_t at = 0; at < len; at++) {
		bool done = false;
		memcpy(copy, part, len);
		copy[at] ^= (uint8_t)(1 << at % 8);
		enum qw_err err =
		    qw_channel_receive(pair->sensor, copy, len, pair->port.root.public_key, pair->port.now, &done, NULL, NULL);
		assert_int_not_equal(err, QW_OK);
		err = qw_channel_receive(pair->sensor, part, at, pair->port.root.public_key, pair->port.now, &done, NULL, NULL);
		assert_int_not_equal(err, QW_OK);
		assert_false(done);
		assert_unchanged(pair->sensor, &before);
	}
	free(copy);
}

/* A later part is not signed itself: the digest at the end tells. */
static void a_part_with_entries_of_its_own_ends_the_attempt(void **state)
{
	struct link *pair = *state;
	struct qw_order order;
	uint32_t next, parts;
	bool done = false;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, MANY);
	freeze(pair);
	struct fingerprint before = fingerprint(pair->sensor);
	size_t last = qw_snapshot_parts(pair->snapshot) - 1;
	for (size_t part = 0; part < last; part++)
		assert_int_equal(receive(pair, part, &done), QW_OK);
	const uint8_t *data;
	size_t len;
	assert_int_equal(qw_snapshot_part(pair->snapshot, last, &data, &len), QW_OK);
	Quaywatch__Wire__SnapshotPart *part = quaywatch__wire__snapshot_part__unpack(NULL, len, data);
	assert_non_null(part);
	uint8_t *digit = memchr(part->entries[0].data, 'h', part->entries[0].len);
	assert_non_null(digit);
	*digit = 'x';
	uint8_t *forged;
	assert_int_equal(qw_message_pack(&part->base, &forged, &len), QW_OK);
	quaywatch__wire__snapshot_part__free_unpacked(part, NULL);
	assert_int_equal(
	    qw_channel_receive(pair->sensor, forged, len, pair->port.root.public_key, pair->port.now, &done, NULL, NULL), QW_ESIGN);
	free(forged);
	assert_false(done);
	assert_unchanged(pair->sensor, &before);
	assert_false(qw_channel_receiving(pair->sensor, &order, &next, &parts));
}

static void without_its_folder_a_snapshot_is_not_begun(void **state)
{
	struct link *pair = *state;
	struct qw_order order;
	uint32_t next, parts;
	bool done;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 10);
	freeze(pair);
	assert_int_equal(qw_channel_receive_in(pair->sensor, "/nowhere/at/all"), QW_OK);
	struct fingerprint before = fingerprint(pair->sensor);
	assert_int_equal(receive(pair, 0, &done), QW_ENOENT);
	assert_unchanged(pair->sensor, &before);
	assert_false(qw_channel_receiving(pair->sensor, &order, &next, &parts));
	assert_int_equal(qw_channel_receive_in(pair->sensor, P_tmpdir), QW_OK);
	assert_int_equal(receive_from(pair, 0), QW_OK);
	assert_alike(pair);
}

static void a_disk_without_room_ends_the_attempt(void **state)
{
	struct link *pair = *state;
	struct rlimit was, small;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, MANY);
	commit_ok(&pair->port, pair->sensor, QW_ENTRY_INDICATOR, 5, 10);
	freeze(pair);
	struct fingerprint before = fingerprint(pair->sensor);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = (struct rlimit){QW_SPILL_BUFFER, was.rlim_max};
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum qw_err err = receive_from(pair, 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	signal(SIGXFSZ, handler);
	assert_int_not_equal(err, QW_OK);
	assert_unchanged(pair->sensor, &before);
	assert_int_equal(receive_from(pair, 0), QW_OK);
	assert_alike(pair);
}

/* The one entry of the part twice, under a digest that fits, and signed. */
static uint8_t *twice(const struct link *pair, size_t *len)
{
	const uint8_t *data;
	struct qw_entry_key key;
	struct qw_lanes *lanes;
	bool removed;
	assert_int_equal(qw_snapshot_part(pair->snapshot, 0, &data, len), QW_OK);
	Quaywatch__Wire__SnapshotPart *part = quaywatch__wire__snapshot_part__unpack(NULL, *len, data);
	Quaywatch__Wire__SnapshotHead *head =
	    quaywatch__wire__snapshot_head__unpack(NULL, part->head.len, part->head.data);
	ProtobufCBinaryData one = part->entries[0], both[2] = {one, one}, *entries = part->entries;
	assert_int_equal(qw_entry_key_parse(&key, &removed, one.data, one.len), QW_OK);
	assert_int_equal(qw_lanes_new(&lanes), QW_OK);
	qw_lanes_add(lanes, &key, one.data, one.len);
	qw_lanes_add(lanes, &key, one.data, one.len);
	qw_lanes_settle(lanes);
	struct qw_digest digest = qw_lanes_digest(lanes);
	qw_lanes_free(lanes);
	memcpy(head->digest.data, digest.bytes, sizeof(digest.bytes));
	head->entries = 2;
	uint8_t *packed, *out;
	size_t packed_len;
	assert_int_equal(qw_message_pack(&head->base, &packed, &packed_len), QW_OK);
	assert_int_equal(packed_len, part->head.len);
	memcpy(part->head.data, packed, packed_len);
	free(packed);
	assert_int_equal(qw_seal(part->signature.data, QW_SEAL_SNAPSHOT, qw_slice(part->head.data, part->head.len),
				 &pair->port.online),
			 QW_OK);
	part->entries = both;
	part->n_entries = 2;
	assert_int_equal(qw_message_pack(&part->base, &out, len), QW_OK);
	part->entries = entries;
	part->n_entries = 1;
	quaywatch__wire__snapshot_head__free_unpacked(head, NULL);
	quaywatch__wire__snapshot_part__free_unpacked(part, NULL);
	return out;
}

/* Whoever may sign can do worse; we are left with nothing half, and take the next one. */
static void a_key_that_its_signer_put_in_twice_leaves_a_fresh_channel(void **state)
{
	struct link *pair = *state;
	bool done = false;
	size_t len;
	commit_ok(&pair->port, pair->collector, QW_ENTRY_INDICATOR, 0, 1);
	freeze(pair);
	commit_ok(&pair->port, pair->sensor, QW_ENTRY_INDICATOR, 5, 1);
	uint8_t *forged = twice(pair, &len);
	assert_int_equal(
	    qw_channel_receive(pair->sensor, forged, len, pair->port.root.public_key, pair->port.now, &done, NULL, NULL),
	    QW_EFORMAT);
	free(forged);
	assert_false(done);
	assert_int_equal(qw_channel_count(pair->sensor), 0);
	assert_int_equal(qw_channel_order(pair->sensor).sequence, 0);
	struct qw_channel *fresh;
	assert_int_equal(qw_channel_new(&fresh, "community"), QW_OK);
	assert_true(same_digest(fresh, pair->sensor));
	qw_channel_free(fresh);
	assert_int_equal(receive_from(pair, 0), QW_OK);
	assert_alike(pair);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, link_up, link_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_snapshot_carries_the_whole_set),
	    TEST(an_empty_set_is_one_part),
	    TEST(without_its_folder_a_snapshot_is_not_begun),
	    TEST(a_disk_without_room_ends_the_attempt),
	    TEST(a_key_that_its_signer_put_in_twice_leaves_a_fresh_channel),
	    TEST(a_snapshot_stays_as_it_was_made),
	    TEST(receiving_resumes_at_the_part_it_names),
	    TEST(another_snapshot_begins_anew),
	    TEST(an_older_snapshot_is_refused),
	    TEST(a_set_that_differs_at_the_same_order_is_repaired),
	    TEST(deltas_that_overtake_a_snapshot_win),
	    TEST(a_new_term_takes_its_right_or_a_fresh_sensor),
	    TEST(a_snapshot_changes_only_what_its_key_may),
	    TEST(a_foreign_or_stale_snapshot_is_refused),
	    TEST(a_delegation_that_ends_on_the_way_ends_the_snapshot),
	    TEST(every_flip_and_truncation_is_refused),
	    TEST(a_part_with_entries_of_its_own_ends_the_attempt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "channel_kit.h"

#include "quaywatch/wire.h"
#include "rules/channel/seal.h"

enum { MANY = 9000 };

/* A collector, a sensor that holds another set under the same order, and what a repair told of changes. */
struct link {
	struct port port;
	struct qw_channel *collector, *sensor;
	unsigned changed, removed, whole;
	size_t bytes; /* of the parts that travelled */
};

static struct qw_channel *channel_with(const struct port *port, unsigned first, unsigned count)
{
	struct qw_channel *channel;

	assert_int_equal(qw_channel_new(&channel, "community"), QW_OK);
	commit_ok(port, channel, QW_ENTRY_INDICATOR, first, count);
	return channel;
}

static void link_up(struct link *link, uint32_t rights)
{
	*link = (struct link){0};
	port_init(&link->port, rights);
	link->collector = channel_with(&link->port, 0, MANY);
	link->sensor = channel_with(&link->port, 0, MANY);
}

static void link_down(struct link *link)
{
	qw_channel_free(link->collector);
	qw_channel_free(link->sensor);
	port_fini(&link->port);
}

static void note(void *ctx, const struct qw_entry *entry)
{
	struct link *link = ctx;

	link->whole += !entry;
	link->changed += entry && !entry->removed;
	link->removed += entry && entry->removed;
}

static struct qw_buckets differing(const struct link *link)
{
	uint8_t sums[QW_SUMS_BYTES];

	qw_channel_sums(link->collector, sums);
	return qw_channel_differing(link->sensor, sums);
}

static enum qw_err repair(struct link *link, const struct qw_buckets *buckets)
{
	struct qw_snapshot *snapshot;
	enum qw_err err = QW_OK;
	bool done = false;

	assert_int_equal(qw_snapshot_new(&snapshot, link->collector, buckets, &link->port.online, link->port.delegation,
					 link->port.delegation_len, link->port.now),
			 QW_OK);
	for (size_t part = 0; part < qw_snapshot_parts(snapshot) && err == QW_OK; part++) {
		const uint8_t *data;
		size_t len;
		assert_int_equal(qw_snapshot_part(snapshot, part, &data, &len), QW_OK);
		link->bytes += len;
		err = qw_channel_receive(link->sensor, data, len, link->port.root.public_key, link->port.now, &done, note, link);
	}
	qw_snapshot_free(snapshot);
	assert_int_equal(done, err == QW_OK);
	return err;
}

static void assert_alike(const struct link *link)
{
	assert_true(same_digest(link->collector, link->sensor));
	assert_int_equal(qw_channel_count(link->collector), qw_channel_count(link->sensor));
	assert_int_equal(qw_channel_order(link->collector).sequence, qw_channel_order(link->sensor).sequence);
}

/* ---- */

static void equal_sets_differ_nowhere(void **state)
{
	struct link link;

	(void)state;
	link_up(&link, ALL_RIGHTS);
	struct qw_buckets buckets = differing(&link);
	assert_int_equal(qw_buckets_count(&buckets), 0);
	link_down(&link);
}

static void only_the_buckets_that_differ_travel(void **state)
{
	struct link link;

	(void)state;
	link_up(&link, ALL_RIGHTS);
	commit_ok(&link.port, link.collector, QW_ENTRY_INDICATOR, MANY, 3);
	commit_ok(&link.port, link.sensor, QW_ENTRY_INDICATOR, MANY + 100, 2);
	struct qw_buckets buckets = differing(&link);
	assert_in_range(qw_buckets_count(&buckets), 1, 5);
	assert_int_equal(repair(&link, &buckets), QW_OK);
	assert_alike(&link);
	assert_int_equal(link.changed, 3);
	assert_int_equal(link.removed, 2);
	assert_int_equal(link.whole, 0);
	size_t repaired = link.bytes;
	link.bytes = 0;
	commit_ok(&link.port, link.collector, QW_ENTRY_INDICATOR, MANY + 200, 1);
	assert_int_equal(repair(&link, NULL), QW_OK);
	assert_int_equal(link.whole, 1);
	assert_true(repaired * 50 < link.bytes);
	link_down(&link);
}

/* Old bodies under keys that both have: as of a disk that was restored. */
static void what_is_another_is_replaced(void **state)
{
	struct link link;
	struct qw_entry newer = entry_make(QW_ENTRY_INDICATOR, 7, 2);
	uint8_t *delta;
	size_t len;

	(void)state;
	link_up(&link, ALL_RIGHTS);
	assert_int_equal(qw_channel_commit(link.collector, &newer, 1, &link.port.online, link.port.delegation,
					   link.port.delegation_len, link.port.now, &delta, &len),
			 QW_OK);
	free(delta);
	struct qw_buckets buckets = differing(&link);
	assert_int_equal(qw_buckets_count(&buckets), 1);
	assert_int_equal(repair(&link, &buckets), QW_OK);
	assert_alike(&link);
	assert_int_equal(link.changed, 1);
	entry_free(&newer);
	link_down(&link);
}

static void an_empty_repair_brings_the_order(void **state)
{
	const struct qw_buckets none = {{0}};
	struct link link;
	uint8_t *delta;
	size_t len;

	(void)state;
	link_up(&link, ALL_RIGHTS);
	commit_ok(&link.port, link.collector, QW_ENTRY_INDICATOR, MANY, 1);
	assert_int_equal(port_commit(&link.port, link.collector, QW_ENTRY_INDICATOR, MANY, 1, true, &delta, &len), QW_OK);
	free(delta);
	assert_int_equal(repair(&link, &none), QW_OK);
	assert_alike(&link);
	assert_int_equal(link.changed + link.removed, 0);
	link_down(&link);
}

static void a_repair_that_leaves_a_difference_changes_nothing(void **state)
{
	struct link link;

	(void)state;
	link_up(&link, ALL_RIGHTS);
	commit_ok(&link.port, link.collector, QW_ENTRY_INDICATOR, MANY, 3);
	commit_ok(&link.port, link.sensor, QW_ENTRY_INDICATOR, MANY + 100, 1);
	struct fingerprint before = fingerprint(link.sensor);
	struct qw_buckets buckets = differing(&link);
	for (size_t i = 0; i < QW_BUCKETS_BYTES; i++)
		if (buckets.bits[i]) {
			buckets.bits[i] &= (uint8_t)(buckets.bits[i] - 1);
			break;
		}
	assert_int_equal(repair(&link, &buckets), QW_ESIGN);
	struct fingerprint after = fingerprint(link.sensor);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(link.changed + link.removed, 0);
	link_down(&link);
}

static void a_repair_changes_only_what_its_key_may(void **state)
{
	struct link link;

	(void)state;
	link_up(&link, ALL_RIGHTS);
	commit_ok(&link.port, link.collector, QW_ENTRY_SIGNATURE, 1, 1);
	commit_ok(&link.port, link.sensor, QW_ENTRY_INDICATOR, MANY, 1);
	struct qw_buckets buckets = differing(&link);
	port_delegate(&link.port, QW_RIGHT_INDICATORS, 1000, 2000);
	assert_int_equal(repair(&link, &buckets), QW_ESIGN); /* it would add a signature */
	commit_ok(&link.port, link.collector, QW_ENTRY_INDICATOR, MANY + 1, 1);
	port_delegate(&link.port, ALL_RIGHTS, 1000, 2000);
	assert_int_equal(repair(&link, NULL), QW_OK);
	commit_ok(&link.port, link.sensor, QW_ENTRY_SIGNATURE, 9, 1);
	commit_ok(&link.port, link.collector, QW_ENTRY_INDICATOR, MANY + 2, 1);
	buckets = differing(&link);
	port_delegate(&link.port, QW_RIGHT_INDICATORS, 1000, 2000);
	assert_int_equal(repair(&link, &buckets), QW_ESIGN); /* it would remove one */
	link_down(&link);
}

/* Its head says bucket n, its entries are of others. */
static void entries_of_other_buckets_are_refused(void **state)
{
	struct link link;
	struct qw_snapshot *snapshot;
	const uint8_t *data;
	size_t len, head_len, forged_len;
	uint8_t *head_bytes, *forged, signature[QW_SIGN_BYTES];
	struct qw_buckets one = {{1}};
	bool done = false;

	(void)state;
	link_up(&link, ALL_RIGHTS);
	commit_ok(&link.port, link.collector, QW_ENTRY_INDICATOR, MANY, 1);
	assert_int_equal(qw_snapshot_new(&snapshot, link.collector, NULL, &link.port.online, link.port.delegation,
					 link.port.delegation_len, link.port.now),
			 QW_OK);
	assert_int_equal(qw_snapshot_part(snapshot, 0, &data, &len), QW_OK);
	Quaywatch__Wire__SnapshotPart *part = quaywatch__wire__snapshot_part__unpack(NULL, len, data);
	Quaywatch__Wire__SnapshotHead *head = quaywatch__wire__snapshot_head__unpack(NULL, part->head.len, part->head.data);
	head->buckets = (ProtobufCBinaryData){sizeof(one.bits), one.bits};
	assert_int_equal(qw_message_pack(&head->base, &head_bytes, &head_len), QW_OK);
	assert_int_equal(qw_seal(signature, QW_SEAL_SNAPSHOT, qw_slice(head_bytes, head_len), &link.port.online), QW_OK);
	ProtobufCBinaryData own_head = part->head, own_signature = part->signature;
	part->head = (ProtobufCBinaryData){head_len, head_bytes};
	part->signature = (ProtobufCBinaryData){sizeof(signature), signature};
	assert_int_equal(qw_message_pack(&part->base, &forged, &forged_len), QW_OK);
	assert_int_equal(qw_channel_receive(link.sensor, forged, forged_len, link.port.root.public_key, link.port.now, &done, note, &link),
			 QW_EFORMAT);
	head->buckets = (ProtobufCBinaryData){0, NULL};
	part->head = own_head;
	part->signature = own_signature;
	free(forged);
	free(head_bytes);
	quaywatch__wire__snapshot_head__free_unpacked(head, NULL);
	quaywatch__wire__snapshot_part__free_unpacked(part, NULL);
	qw_snapshot_free(snapshot);
	link_down(&link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_sets_differ_nowhere),
		cmocka_unit_test(only_the_buckets_that_differ_travel),
		cmocka_unit_test(what_is_another_is_replaced),
		cmocka_unit_test(an_empty_repair_brings_the_order),
		cmocka_unit_test(a_repair_that_leaves_a_difference_changes_nothing),
		cmocka_unit_test(a_repair_changes_only_what_its_key_may),
		cmocka_unit_test(entries_of_other_buckets_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

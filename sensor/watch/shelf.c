/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/shelf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

enum { NONE = 0, BUCKETS_LEAST = 64 };

/* Before each row.  Numbers are places, from 1 on. */
struct head {
	uint32_t bucket_next;
	uint32_t older, newer;
	uint32_t place;
};

struct qw_shelf {
	struct qw_shelf_options options;
	struct qw_hash_key hash_key;
	struct head **head; /* by place - 1 */
	size_t count, room;
	uint32_t *bucket;
	size_t mask;
	uint32_t oldest, newest;
};

static void *row_of(struct head *head)
{
	return head + 1;
}

static struct head *at(const struct qw_shelf *shelf, uint32_t place)
{
	return place == NONE ? NULL : shelf->head[place - 1];
}

static uint32_t *bucket_of(const struct qw_shelf *shelf, const void *key)
{
	return &shelf->bucket[qw_hash_bytes(shelf->hash_key, key, shelf->options.key_size) & shelf->mask];
}

enum qw_err qw_shelf_new(struct qw_shelf **out, const struct qw_shelf_options *options)
{
	struct qw_shelf *shelf = calloc(1, sizeof(*shelf));
	size_t buckets = BUCKETS_LEAST;

	if (!shelf)
		return QW_ENOMEM;
	while (buckets < options->max)
		buckets *= 2;
	shelf->options = *options;
	shelf->hash_key = qw_hash_key_random();
	shelf->mask = buckets - 1;
	shelf->bucket = calloc(buckets, sizeof(*shelf->bucket));
	if (!shelf->bucket) {
		free(shelf);
		return QW_ENOMEM;
	}
	*out = shelf;
	return QW_OK;
}

static void forget(struct qw_shelf *shelf, struct head *head)
{
	if (shelf->options.forget)
		shelf->options.forget(shelf->options.ctx, row_of(head));
}

void qw_shelf_free(struct qw_shelf *shelf)
{
	if (!shelf)
		return;
	for (size_t i = 0; i < shelf->count; i++) {
		forget(shelf, shelf->head[i]);
		free(shelf->head[i]);
	}
	free(shelf->head);
	free(shelf->bucket);
	free(shelf);
}

size_t qw_shelf_count(const struct qw_shelf *shelf)
{
	return shelf->count;
}

void *qw_shelf_find(const struct qw_shelf *shelf, const void *key)
{
	for (struct head *head = at(shelf, *bucket_of(shelf, key)); head; head = at(shelf, head->bucket_next))
		if (memcmp(row_of(head), key, shelf->options.key_size) == 0)
			return row_of(head);
	return NULL;
}

/* ---- the order in which they were seen */

static void unlink_age(struct qw_shelf *shelf, struct head *head)
{
	struct head *older = at(shelf, head->older), *newer = at(shelf, head->newer);

	*(older ? &older->newer : &shelf->oldest) = head->newer;
	*(newer ? &newer->older : &shelf->newest) = head->older;
}

static void link_newest(struct qw_shelf *shelf, struct head *head)
{
	struct head *newest = at(shelf, shelf->newest);

	head->older = shelf->newest;
	head->newer = NONE;
	*(newest ? &newest->newer : &shelf->oldest) = head->place;
	shelf->newest = head->place;
}

static void unlink_bucket(struct qw_shelf *shelf, struct head *head)
{
	uint32_t *place = bucket_of(shelf, row_of(head));

	while (*place != head->place)
		place = &at(shelf, *place)->bucket_next;
	*place = head->bucket_next;
}

/* ---- making */

static struct head *take_oldest(struct qw_shelf *shelf)
{
	struct head *head = at(shelf, shelf->oldest);

	unlink_bucket(shelf, head);
	unlink_age(shelf, head);
	forget(shelf, head);
	return head;
}

static struct head *make(struct qw_shelf *shelf)
{
	if (shelf->count == shelf->room) {
		size_t room = shelf->room ? shelf->room * 2 : BUCKETS_LEAST;
		struct head **grown = realloc(shelf->head, room * sizeof(struct head *));
		if (!grown)
			return NULL;
		shelf->head = grown;
		shelf->room = room;
	}
	struct head *head = calloc(1, sizeof(*head) + shelf->options.row_size);
	if (!head)
		return NULL;
	shelf->head[shelf->count++] = head;
	head->place = (uint32_t)shelf->count;
	return head;
}

void *qw_shelf_get(struct qw_shelf *shelf, const void *key, bool *pushed)
{
	void *row = qw_shelf_find(shelf, key);
	struct head *head;

	*pushed = false;
	if (row) {
		head = (struct head *)row - 1;
		unlink_age(shelf, head);
		link_newest(shelf, head);
		return row;
	}
	*pushed = shelf->count >= shelf->options.max;
	head = *pushed ? take_oldest(shelf) : make(shelf);
	if (!head)
		return NULL;
	memset(row_of(head), 0, shelf->options.row_size);
	memcpy(row_of(head), key, shelf->options.key_size);
	uint32_t *bucket = bucket_of(shelf, key);
	head->bucket_next = *bucket;
	*bucket = head->place;
	link_newest(shelf, head);
	return row_of(head);
}

/* ---- dropping */

/* Its place is another from now on. */
static void move(struct qw_shelf *shelf, struct head *head, uint32_t place)
{
	struct head *older = at(shelf, head->older), *newer = at(shelf, head->newer);
	uint32_t *link = bucket_of(shelf, row_of(head));

	while (*link != head->place)
		link = &at(shelf, *link)->bucket_next;
	*link = place;
	*(older ? &older->newer : &shelf->oldest) = place;
	*(newer ? &newer->older : &shelf->newest) = place;
	shelf->head[place - 1] = head;
	head->place = place;
}

void qw_shelf_drop(struct qw_shelf *shelf, void *row)
{
	struct head *head = (struct head *)row - 1, *last = shelf->head[shelf->count - 1];

	unlink_bucket(shelf, head);
	unlink_age(shelf, head);
	forget(shelf, head);
	if (last != head)
		move(shelf, last, head->place);
	shelf->count--;
	free(head);
}

/* ---- walking */

void *qw_shelf_next(const struct qw_shelf *shelf, const void *row)
{
	const struct head *last = row ? (const struct head *)row - 1 : NULL;
	struct head *head = at(shelf, last ? last->newer : shelf->oldest);

	return head ? row_of(head) : NULL;
}

static int compare(const void *a, const void *b, void *key_size)
{
	return memcmp(*(void *const *)a, *(void *const *)b, *(size_t *)key_size);
}

void **qw_shelf_sorted(const struct qw_shelf *shelf)
{
	size_t key_size = shelf->options.key_size;
	void **rows = shelf->count ? malloc(shelf->count * sizeof(void *)) : NULL;

	for (size_t i = 0; rows && i < shelf->count; i++)
		rows[i] = row_of(shelf->head[i]);
	if (rows)
		qsort_r(rows, shelf->count, sizeof(void *), compare, &key_size);
	return rows;
}

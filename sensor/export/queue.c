/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/queue.h"

#include <stdlib.h>

void qw_spool_queue_init(struct qw_spool_queue *queue, size_t bytes_max)
{
	*queue = (struct qw_spool_queue){.bytes_max = bytes_max};
}

void qw_spool_queue_fini(struct qw_spool_queue *queue)
{
	while (queue->first)
		qw_spool_queue_pop(queue);
}

static size_t item_bytes(size_t len)
{
	return sizeof(struct qw_spool_item) + len;
}

enum qw_err qw_spool_queue_push(struct qw_spool_queue *queue, uint64_t sequence, struct qw_slice data, uint64_t *shed)
{
	struct qw_spool_item *item = malloc(item_bytes(data.len));
	if (!item)
		return QW_ENOMEM;
	*shed = 0;
	for (; queue->first && queue->bytes + item_bytes(data.len) > queue->bytes_max; ++*shed)
		qw_spool_queue_pop(queue);
	item->next = NULL;
	item->sequence = sequence;
	item->len = (uint32_t)data.len;
	if (data.len)
		memcpy(item->data, data.data, data.len);
	if (queue->last)
		queue->last->next = item;
	else
		queue->first = item;
	queue->last = item;
	queue->bytes += item_bytes(data.len);
	queue->count++;
	return QW_OK;
}

void qw_spool_queue_pop(struct qw_spool_queue *queue)
{
	struct qw_spool_item *item = queue->first;
	queue->first = item->next;
	if (!queue->first)
		queue->last = NULL;
	if (queue->seen == item)
		queue->seen = NULL;
	queue->bytes -= item_bytes(item->len);
	queue->count--;
	free(item);
}

const struct qw_spool_item *qw_spool_queue_after(struct qw_spool_queue *queue, uint64_t sequence)
{
	const struct qw_spool_item *item = queue->first;
	if (queue->seen && queue->seen->sequence <= sequence)
		item = queue->seen;
	while (item && item->sequence <= sequence)
		item = item->next;
	if (item)
		queue->seen = item;
	return item;
}

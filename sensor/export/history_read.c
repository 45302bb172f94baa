/* SPDX-License-Identifier: Apache-2.0 */
/* history_read - what follows an order, without a gap. */
#include "sensor/export/history_parts.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"

struct reading {
	struct qw_history_run run;
	size_t used, bytes; /* of run.data: filled, and to be filled at most */
	struct qw_order at; /* of what was taken last */
	bool ended;         /* it is full, or a gap follows */
};

static enum qw_err take(struct reading *reading, struct qw_order order, struct qw_slice delta)
{
	struct qw_history_run *run = &reading->run;

	if (!qw_order_before(reading->at, order))
		return QW_OK;
	reading->ended =
	    !qw_order_follows(order, reading->at) || (run->count && reading->used + delta.len > reading->bytes);
	if (reading->ended)
		return QW_OK;
	uint8_t *data = realloc(run->data, reading->used + delta.len + 1);
	if (!data)
		return QW_ENOMEM;
	run->data = data;
	struct qw_slice *list = realloc(run->delta, (run->count + 1) * sizeof(*list));
	if (!list)
		return QW_ENOMEM;
	run->delta = list;
	memcpy(data + reading->used, delta.data, delta.len);
	list[run->count++].len = delta.len;
	reading->used += delta.len;
	reading->at = order;
	return QW_OK;
}

/* What is not sound any more ends it: we do not have what follows. */
static enum qw_err read_file(struct reading *reading, const struct qw_history *history,
			     const struct qw_history_place *file)
{
	char path[PATH_MAX];
	struct qw_mapping mapping;
	struct qw_order order;
	struct qw_slice delta;
	uint64_t key;

	qw_history_path(history, file->number, path);
	enum qw_err err = qw_mapping_open(&mapping, path);
	if (err != QW_OK)
		return err;
	struct qw_bytes in = qw_bytes(mapping.data, mapping.size);
	err = qw_history_head_decode(&key, &in);
	while (err == QW_OK && !reading->ended) {
		if (qw_history_record_decode(&order, &delta, key, &in) != QW_OK)
			break;
		err = take(reading, order, delta);
	}
	qw_mapping_close(&mapping);
	return err;
}

enum qw_err qw_history_read(struct qw_history_run *out, const struct qw_history *history, struct qw_order after,
			    size_t bytes)
{
	struct reading reading = {.at = after, .bytes = bytes};
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < history->count && !reading.ended && err == QW_OK; i++)
		if (qw_order_before(after, history->file[i].last))
			err = read_file(&reading, history, &history->file[i]);
	if (err == QW_OK && reading.run.count == 0)
		err = QW_ENOENT;
	if (err != QW_OK) {
		qw_history_run_fini(&reading.run);
		return err;
	}
	size_t at = 0;
	for (size_t i = 0; i < reading.run.count; i++) {
		reading.run.delta[i].data = reading.run.data + at;
		at += reading.run.delta[i].len;
	}
	*out = reading.run;
	return QW_OK;
}

void qw_history_run_fini(struct qw_history_run *run)
{
	free(run->delta);
	free(run->data);
	*run = (struct qw_history_run){0};
}

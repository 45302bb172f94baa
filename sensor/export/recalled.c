/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/export/recalled.h"

#include "quaywatch/log.h"
#include "sensor/export/frames.h"

/* A frame's worth: what stands around the deltas, and around each, has room in the rest. */
enum { BYTES_MOST = QW_WIRE_MAX / 2 };

void qw_recalled_answer(struct qw_session *session, const struct qw_rulestore *store,
			const Quaywatch__Wire__Recall *recall)
{
	struct qw_order after =
	    recall->after ? (struct qw_order){recall->after->term, recall->after->sequence} : (struct qw_order){0, 0};
	size_t bytes = recall->bytes && recall->bytes < BYTES_MOST ? recall->bytes : BYTES_MOST;
	struct qw_history_run run = {0};
	enum qw_err err = qw_rulestore_recall(store, recall->channel, after, bytes, &run);

	if (err == QW_EUNKNOWN)
		return;
	if (err != QW_OK && err != QW_ENOENT)
		qw_log(QW_LOG_WARNING, "RECALL", "%s: its history could not be read: %s", recall->channel,
		       qw_strerror(err));
	else
		qw_log(QW_LOG_INFO, "RECALL",
		       "%s: the collector lost what follows %llu.%llu; %zu changes go back to it", recall->channel,
		       (unsigned long long)after.term, (unsigned long long)after.sequence, run.count);
	if (qw_send_recalled(session, recall->channel, after, run.delta, run.count) != QW_OK)
		qw_log(QW_LOG_DEBUG, "RECALL", "not connected, or the queue is full; the collector asks again");
	qw_history_run_fini(&run);
}

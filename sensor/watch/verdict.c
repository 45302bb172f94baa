/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/watch/shelf.h"

enum { WAITING_MAX = 16384, TCP = 6 };

struct waiting {
	uint64_t flow_id;
	bool is_waiting;
};

struct qw_verdicts {
	struct qw_shelf *waiting;
};

enum qw_err qw_verdicts_new(struct qw_verdicts **out)
{
	static const struct qw_shelf_options options = {sizeof(uint64_t), sizeof(struct waiting), WAITING_MAX, NULL};
	struct qw_verdicts *verdicts = calloc(1, sizeof(*verdicts));

	if (!verdicts)
		return QW_ENOMEM;
	enum qw_err err = qw_shelf_new(&verdicts->waiting, &options);
	if (err != QW_OK) {
		free(verdicts);
		return err;
	}
	*out = verdicts;
	return QW_OK;
}

void qw_verdicts_free(struct qw_verdicts *verdicts)
{
	if (!verdicts)
		return;
	qw_shelf_free(verdicts->waiting);
	free(verdicts);
}

static bool is_closed(const struct qw_seen *seen)
{
	static const char closed[] = "closed";

	return seen->flow.state.len == sizeof(closed) - 1 && memcmp(seen->flow.state.data, closed, sizeof(closed) - 1) == 0;
}

/* SYN and RST; or SYN, SYN with ACK, and RST of who only looked. */
static bool is_refused(const struct qw_seen *seen)
{
	return seen->proto == TCP && is_closed(seen) && seen->flow.packets[0] <= 2 && seen->flow.packets[1] <= 1;
}

static enum qw_seen_verdict verdict_of(const struct qw_seen *seen)
{
	if (is_refused(seen))
		return QW_SEEN_SILENT;
	if (seen->flow.packets[1] > 0)
		return QW_SEEN_ANSWERED;
	return seen->flow.ends ? QW_SEEN_SILENT : QW_SEEN_UNDECIDED;
}

enum qw_seen_verdict qw_verdicts_say(struct qw_verdicts *verdicts, const struct qw_seen *seen, bool *pushed)
{
	enum qw_seen_verdict verdict = verdict_of(seen);

	*pushed = false;
	if (seen->flow.begins && verdict == QW_SEEN_UNDECIDED) {
		struct waiting *row = qw_shelf_get(verdicts->waiting, &seen->flow_id, pushed);
		*pushed |= !row;
		if (row)
			row->is_waiting = true;
		return QW_SEEN_UNDECIDED;
	}
	if (seen->flow.begins)
		return verdict;
	struct waiting *row = seen->flow.ends ? qw_shelf_find(verdicts->waiting, &seen->flow_id) : NULL;
	if (!row || !row->is_waiting)
		return QW_SEEN_UNDECIDED;
	row->is_waiting = false; /* it ages and goes */
	return verdict;
}

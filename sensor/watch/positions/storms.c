/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storms - damaged sentences, as a rate.
 *
 * One bad checksum is a bit that fell over on a serial line (IEC 61162-1 has no
 * other protection); 30 in a minute that are a tenth of all that came are told:
 * a receiver that breaks, a gateway with the wrong baud rate, a fuzzer.  Where
 * the sentence is repeated, the event says how often.
 */
#include "sensor/watch/positions/positions.h"

enum { STORMS_MAX = 4096, WINDOW_S = 60, BAD_LEAST = 30, SHARE = 10 };

struct storm {
	struct qw_address address;
	struct qw_time since;
	uint64_t bad, all;
	bool told;
};

enum qw_err qw_storms_new(struct qw_shelf **out)
{
	static const struct qw_shelf_options options = {
		.key_size = sizeof(struct qw_address), .row_size = sizeof(struct storm), .max = STORMS_MAX,
	};

	return qw_shelf_new(out, &options);
}

static bool is_bad(const struct qw_seen *seen)
{
	static const char *const words[] = {"bad_checksum", "malformed", "bad_tag_block", "bad_message", "bad_length"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (qw_seen_has_word(&seen->ot.indications, words[i]))
			return true;
	return false;
}

static bool is_over(const struct storm *row, struct qw_time now)
{
	int64_t since = qw_time_sub(now, row->since).ns;

	return since < 0 || since >= WINDOW_S * QW_NS_PER_S;
}

void qw_storms_see(struct qw_positions *state, const struct qw_seen *seen)
{
	struct storm *row = qw_positions_row(state, state->storms, &seen->src.address);

	if (!row)
		return;
	if (!row->since.ns || is_over(row, seen->time))
		*row = (struct storm){.address = row->address, .since = seen->time};
	row->all += qw_seen_count(seen);
	row->bad += is_bad(seen) ? qw_seen_count(seen) : 0;
	if (row->told || row->bad < BAD_LEAST || row->bad * SHARE < row->all)
		return;
	row->told = true;
	qw_positions_tell(state, QW_POSITION_STORM, seen, 0,
			  "%llu of %llu sentences within a minute have a wrong checksum or are no sentences of their kind",
			  (unsigned long long)row->bad, (unsigned long long)row->all);
}

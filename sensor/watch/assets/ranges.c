/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/assets/assets.h"

#include <string.h>

static bool touches(struct qw_range a, struct qw_range b)
{
	bool before = a.last != UINT64_MAX && a.last + 1 < b.first;
	bool behind = b.last != UINT64_MAX && b.last + 1 < a.first;

	return !before && !behind;
}

static void join(struct qw_range *into, struct qw_range range)
{
	if (range.first < into->first)
		into->first = range.first;
	if (range.last > into->last)
		into->last = range.last;
}

static unsigned take_out(struct qw_range *ranges, unsigned count, unsigned place)
{
	memmove(&ranges[place], &ranges[place + 1], (count - place - 1) * sizeof(*ranges));
	return count - 1;
}

/* The two with the least between them become one. */
static unsigned join_nearest(struct qw_range *ranges, unsigned count)
{
	unsigned best = 0;

	for (unsigned i = 1; i + 1 < count; i++)
		if (ranges[i + 1].first - ranges[i].last < ranges[best + 1].first - ranges[best].last)
			best = i;
	ranges[best].last = ranges[best + 1].last;
	return take_out(ranges, count, best + 1);
}

struct qw_range qw_range_of(const struct qw_seen_ot *ot)
{
	uint64_t more = ot->quantity > 1 ? ot->quantity - 1 : 0;

	return (struct qw_range){ot->address, ot->address > UINT64_MAX - more ? UINT64_MAX : ot->address + more};
}

unsigned qw_ranges_add(struct qw_range *ranges, unsigned count, unsigned max, struct qw_range range, bool *lost)
{
	unsigned place = 0;

	*lost = false;
	while (place < count && !touches(ranges[place], range) && ranges[place].first < range.first)
		place++;
	while (place < count && touches(ranges[place], range)) {
		join(&range, ranges[place]);
		count = take_out(ranges, count, place);
	}
	if (count == max) {
		*lost = true;
		/* Room first: the new one may stand next to the two that are nearest, and widen what they became. */
		count = join_nearest(ranges, count);
		return qw_ranges_add(ranges, count, max, range, &(bool){false});
	}
	memmove(&ranges[place + 1], &ranges[place], (count - place) * sizeof(*ranges));
	ranges[place] = range;
	return count + 1;
}

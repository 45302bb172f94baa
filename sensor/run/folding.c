/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/folding.h"

enum {
	WORTH = 2048,   /* entries; fewer cost little at each change … */
	URGENT = 8192,  /* … and so many too much to wait */
	PAUSE_S = 10,   /* between two rounds */
	STEP_MS = 5,    /* between two parts: packets and changes come first */
};

int qw_folding_wait(const struct qw_folding *folding, const struct qw_overlay *overlay, struct qw_time now)
{
	size_t count = qw_overlay_count(overlay);
	int64_t wait = folding->not_before.ns - now.ns;

	if (!folding->under_way && count < WORTH)
		return -1;
	if (wait <= 0 || (!folding->under_way && count >= URGENT))
		return 0;
	return (int)((wait + QW_NS_PER_MS - 1) / QW_NS_PER_MS);
}

void qw_folding_stop(struct qw_folding *folding, struct qw_time now)
{
	*folding = (struct qw_folding){.not_before = qw_time_add(now, qw_time_seconds(PAUSE_S))};
}

enum qw_err qw_folding_step(struct qw_folding *folding, const struct qw_indicators *set, const struct qw_overlay *overlay,
			    struct qw_time now, struct qw_indicator_images *out)
{
	if (!folding->under_way)
		*folding = (struct qw_folding){
			.under_way = true, .parts = qw_indicators_parts(set), .mark = qw_overlay_mark(overlay)};
	*out = qw_indicator_images_none();
	enum qw_err err = qw_indicators_merge(set, folding->next, out);
	if (err == QW_OK && folding->next + 1 == folding->parts)
		err = qw_overlay_image(overlay, folding->mark, &out->overlay);
	if (err == QW_OK)
		return QW_OK;
	qw_indicator_images_close(out);
	qw_folding_stop(folding, now);
	return err;
}

void qw_folding_done(struct qw_folding *folding, struct qw_overlay *overlay, struct qw_time now)
{
	folding->not_before = qw_time_add(now, qw_time_ns(STEP_MS * QW_NS_PER_MS));
	if (++folding->next < folding->parts)
		return;
	qw_overlay_drop(overlay, folding->mark);
	qw_folding_stop(folding, now);
}

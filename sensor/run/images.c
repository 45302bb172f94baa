/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/images.h"

#include <unistd.h>

/* Where they stand in a post. */
enum { FD_SIGNATURES, FD_OVERLAY, FD_PARTS };

struct qw_ruleset_images qw_ruleset_images_none(void)
{
	return (struct qw_ruleset_images){-1, qw_indicator_images_none()};
}

void qw_ruleset_images_close(struct qw_ruleset_images *images)
{
	if (images->signatures >= 0)
		close(images->signatures);
	images->signatures = -1;
	qw_indicator_images_close(&images->indicators);
}

static void take_one(int *to, int *from)
{
	if (*from < 0)
		return;
	if (*to >= 0)
		close(*to);
	*to = *from;
	*from = -1;
}

static void close_parts(struct qw_indicator_images *images)
{
	for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++) {
		if (images->part[part] >= 0)
			close(images->part[part]);
		images->part[part] = -1;
	}
}

void qw_ruleset_images_take(struct qw_ruleset_images *images, struct qw_ruleset_images *fresh)
{
	struct qw_indicator_images *to = &images->indicators, *from = &fresh->indicators;

	take_one(&images->signatures, &fresh->signatures);
	take_one(&to->overlay, &from->overlay);
	if (from->parts == 0)
		return;
	if (to->parts != from->parts)
		close_parts(to);
	to->parts = from->parts;
	for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++)
		take_one(&to->part[part], &from->part[part]);
	from->parts = 0;
}

void qw_ruleset_images_write(const struct qw_ruleset_images *images, struct qw_post *post)
{
	post->second = images->indicators.parts;
	post->fds[FD_SIGNATURES] = images->signatures;
	post->fds[FD_OVERLAY] = images->indicators.overlay;
	for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++)
		post->fds[FD_PARTS + part] = images->indicators.part[part];
}

enum qw_err qw_ruleset_images_read(struct qw_ruleset_images *out, struct qw_post *post)
{
	*out = qw_ruleset_images_none();
	if (post->kind != QW_POST_RULESET ||
	    (post->second != 0 && post->second != 1 && post->second != QW_INDICATOR_PARTS)) {
		qw_post_close(post);
		return QW_EFORMAT;
	}
	out->signatures = post->fds[FD_SIGNATURES];
	out->indicators.parts = post->second;
	out->indicators.overlay = post->fds[FD_OVERLAY];
	for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++)
		out->indicators.part[part] = post->fds[FD_PARTS + part];
	for (unsigned i = 0; i < QW_POST_FDS; i++)
		post->fds[i] = -1;
	return QW_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* images - the descriptors of a set. */
#include <unistd.h>

#include "quaywatch/indicators.h"

struct qw_indicator_images qw_indicator_images_none(void)
{
	struct qw_indicator_images images = {.overlay = -1};

	for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++)
		images.part[part] = -1;
	return images;
}

struct qw_indicator_images qw_indicator_images_one(int fd, int overlay)
{
	struct qw_indicator_images images = qw_indicator_images_none();

	images.part[0] = fd;
	images.parts = 1;
	images.overlay = overlay;
	return images;
}

void qw_indicator_images_close(struct qw_indicator_images *images)
{
	for (unsigned part = 0; part < QW_INDICATOR_PARTS; part++)
		if (images->part[part] >= 0)
			close(images->part[part]);
	if (images->overlay >= 0)
		close(images->overlay);
	*images = qw_indicator_images_none();
}

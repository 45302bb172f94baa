/* SPDX-License-Identifier: Apache-2.0 */
/* indicators_kit - sets of one image, as most tests have them. */
#pragma once

#include "quaywatch/indicators.h"

/* overlay -1: none. */
static inline enum qw_err open_images(struct qw_indicators **out, int fd, int overlay)
{
	struct qw_indicator_images images = qw_indicator_images_one(fd, overlay);

	return qw_indicators_open(out, &images);
}

/* Another overlay over the same. */
static inline enum qw_err open_over(struct qw_indicators **out, const struct qw_indicators *set, int overlay)
{
	struct qw_indicator_images images = qw_indicator_images_none();

	images.overlay = overlay;
	return qw_indicators_open_over(out, set, &images);
}

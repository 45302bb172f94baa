/* SPDX-License-Identifier: Apache-2.0 */
/*
 * images - the descriptors of a ruleset, whole or only what is new of it.
 *
 * Builder, supervisor and workers pass them on as posts of kind
 * QW_POST_RULESET.  Whoever holds a struct owns its descriptors.  One thread.
 */
#pragma once

#include "quaywatch/indicators.h"
#include "sensor/run/post.h"

struct qw_ruleset_images {
	int signatures; /* -1: none, or as before */
	struct qw_indicator_images indicators;
};

struct qw_ruleset_images qw_ruleset_images_none(void);
void qw_ruleset_images_close(struct qw_ruleset_images *images);

/*
 * Moves what is in *fresh to *images, whose own in these places are closed.  A
 * big layer of another number of parts replaces the old one whole.
 */
void qw_ruleset_images_take(struct qw_ruleset_images *images, struct qw_ruleset_images *fresh);

/* Puts them into a post, which borrows them. */
void qw_ruleset_images_write(const struct qw_ruleset_images *images, struct qw_post *post);

/* Moves a post's into *out.  QW_EFORMAT: they are not of a ruleset, and closed. */
enum qw_err qw_ruleset_images_read(struct qw_ruleset_images *out, struct qw_post *post) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image - immutable data shared between processes: offsets, never pointers.
 *
 * A builder makes it in a memfd, section by section, and seals it; every
 * reader maps it read-only.  The kernel's seals are what lets a reader check
 * it once and trust it from then on.
 *
 *	[ header: magic, version, kind, sections ][ section ][ section ] …
 *
 * Each section starts on a 64-byte boundary.  One thread builds; any read.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"

enum { QW_IMAGE_SECTIONS_MAX = 320 };

struct qw_image_builder;

/* kind: four letters that name what is inside, checked on open. */
enum qw_err qw_image_builder_new(struct qw_image_builder **out, const char *kind) QW_MUSTCHECK;

/* NULL is fine; an unfinished image is gone. */
void qw_image_builder_free(struct qw_image_builder *builder);

/*
 * A new zeroed section of `size` bytes, to be filled through *data before the
 * next call for this builder (the memory may move then).  id < QW_IMAGE_SECTIONS_MAX.
 */
enum qw_err qw_image_section_new(struct qw_image_builder *builder, unsigned id, size_t size, void **data) QW_MUSTCHECK;

/* A section being written may be found again to be changed.  NULL: none.  Memory as above. */
void *qw_image_section_of(struct qw_image_builder *builder, unsigned id, size_t *size);

/* Seals.  The descriptor is the caller's; the builder is spent and still to be freed. */
enum qw_err qw_image_finish(struct qw_image_builder *builder, int *fd) QW_MUSTCHECK;

struct qw_image;

/* Maps a finished image; fd may be closed afterwards.  QW_EFORMAT, QW_EVERSION: not such an image, or not sealed. */
enum qw_err qw_image_open(struct qw_image **out, int fd, const char *kind) QW_MUSTCHECK;
void qw_image_close(struct qw_image *image);

/* The section's bytes; NULL and 0 where there is none. */
const void *qw_image_section(const struct qw_image *image, unsigned id, size_t *size);

size_t qw_image_bytes(const struct qw_image *image);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook - from files and folders to the images of a ruleset.
 *
 * What a file is, its content tells.  In folders, licences, readmes and engine
 * settings are passed over; a file named by itself must be something.  The
 * builder of live sensors and the reader of captures share it.  One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/config.h"
#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "quaywatch/indicator.h"
#include "quaywatch/indicators.h"
#include "quaywatch/signatures.h"
#include "sensor/run/images.h"

struct qw_rulebook_counts {
	uint64_t signatures, signatures_rejected;
	uint64_t indicators, indicators_rejected, indicators_ignored;
	uint64_t files;
};

struct qw_rulebook;

/* config is the sensor's (variables, cache, local disable and suppress files); it and diags must outlive the rulebook. */
enum qw_err qw_rulebook_new(struct qw_rulebook **out, const struct qw_config *config, struct qw_diags *diags) QW_MUSTCHECK;
void qw_rulebook_free(struct qw_rulebook *book);

enum qw_rulebook_half { QW_RULEBOOK_SIGNATURES = 1, QW_RULEBOOK_INDICATORS = 2, QW_RULEBOOK_ALL = 3 };

/* Bits of what is wanted, before anything is added: what belongs to the other half is passed over, and not made. */
void qw_rulebook_limit(struct qw_rulebook *book, unsigned halves);

/* Of the indicators only those that fall into parts first to end - 1: see qw_indicator_builder_for. */
enum qw_err qw_rulebook_parts(struct qw_rulebook *book, const struct qw_indicator_kin *kin, unsigned first, unsigned end) QW_MUSTCHECK;

/* QW_ENOENT, QW_EACCES: no such path, not readable; QW_EUNKNOWN: a file given by name is nothing we know.  A complaint says which. */
enum qw_err qw_rulebook_add_path(struct qw_rulebook *book, const char *path) QW_MUSTCHECK;

/* The shipped packs, if the configuration wants them.  Errors as above; QW_ENOENT says which key to set. */
enum qw_err qw_rulebook_add_packs(struct qw_rulebook *book) QW_MUSTCHECK;

/* Single entries, as channels hold them. */
enum qw_err qw_rulebook_add_signature(struct qw_rulebook *book, const char *origin, const char *text, size_t len) QW_MUSTCHECK;
enum qw_err qw_rulebook_add_indicator(struct qw_rulebook *book, const struct qw_indicator *indicator) QW_MUSTCHECK;

/* Applies the local disable and suppress files and compiles.  The images, without an overlay, are the caller's. */
enum qw_err qw_rulebook_finish(struct qw_rulebook *book, struct qw_ruleset_images *out) QW_MUSTCHECK;

/* See qw_signature_builder_costs; what is shown lives as long as the rulebook. */
void qw_rulebook_costs(const struct qw_rulebook *book, void (*show)(void *ctx, const struct qw_signature_cost *cost), void *ctx);

struct qw_rulebook_counts qw_rulebook_counts(const struct qw_rulebook *book);

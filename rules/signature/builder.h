/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder - rules that were accepted, until they become an image.
 */
#pragma once

#include "quaywatch/image.h"
#include "quaywatch/signatures.h"
#include "rules/signature/classes.h"
#include "rules/signature/digests.h"
#include "rules/signature/dataset.h"
#include "rules/signature/layout.h"
#include "rules/signature/parse.h"
#include "rules/signature/reputation.h"
#include "rules/signature/sets.h"

struct qw_signature_builder {
	const struct qw_signature_options *options;
	struct qw_signature_counts counts;
	struct qw_classes classes;
	bool classes_read;
	struct qw_sets sets;
	struct qw_digest_lists digests;
	struct qw_datasets datasets;
	struct qw_reputation reputation;
	struct qw_vector sigs, lists, ops, blob; /* of all rules, also those replaced */
	struct qw_vector origins;                /* struct qw_origin, beside sigs */
	struct qw_vector limits;                 /* struct qw_outer_limit, until they are settled */
	struct qw_vector general;                /* struct qw_op: limits of many rules */
	struct qw_names identities;              /* gid, sid → sig */
	struct qw_names paths;
	struct qw_draft *draft;
};

/* Where a rule came from. */
struct qw_origin {
	uint32_t path; /* in the blob */
	uint32_t line;
	bool gone; /* replaced, or left out */
};

/* A limit that a file of thresholds adds to a rule. */
struct qw_outer_limit {
	uint32_t sig;
	uint32_t order; /* in which it was said */
	struct qw_op op;
};

/* Puts them into their rules (thresholds.c). */
enum qw_err qw_thresholds_settle(struct qw_signature_builder *builder) QW_MUSTCHECK;

/* The sig of an identity that is still there; UINT32_MAX: none. */
uint32_t qw_builder_find(const struct qw_signature_builder *builder, uint32_t gid, uint32_t sid);

/* Makes the image's sections from what was read (compile.c). */
enum qw_err qw_compile(struct qw_signature_builder *builder, struct qw_image_builder *image,
		       struct qw_diags *diags) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opened - an image and what one thread needs to ask it.
 */
#pragma once

#include <hs/hs.h>

#include "quaywatch/image.h"
#include "quaywatch/signatures.h"
#include "rules/signature/expression.h"
#include "rules/signature/layout.h"

/* What zlib works in: 64 KiB hold its state and its window. */
struct qw_inflate {
	size_t used;
	_Alignas(16) uint8_t memory[64 * 1024];
};

/* What of a field may name a rule. */
enum qw_naming { QW_NAMED_BY_NOTHING, QW_NAMED_BY_NUMBERS, QW_NAMED_BY_MORE };

struct qw_signatures {
	struct qw_image *image;
	const struct qw_info *info;
	const struct qw_sig *sigs;
	const struct qw_list *lists;
	const struct qw_op *ops;
	const uint8_t *blob;
	const struct qw_run *sets;
	const struct qw_range *ranges;
	const struct qw_group *groups;
	const struct qw_pattern *patterns;
	const uint32_t *members;
	const struct qw_index *indexes;
	const struct qw_key *keys;
	const struct qw_start *starts;
	const uint8_t *digests;
	const struct qw_table *tables;
	const struct qw_slot *slots;
	const uint32_t *values;
	const char *contexts;
	const struct qw_block *blocks;
	const struct qw_name_row *names;
	const struct qw_identity *identities; /* as many as sigs */
	const hs_database_t *databases[QW_BUFFER_COUNT]; /* NULL: no literals */
	uint8_t naming[QW_BUFFER_COUNT]; /* enum qw_naming */
	size_t sig_count, list_count, op_count, blob_size, set_count, range_count, pattern_count, member_count,
	    index_count, key_count, start_count, name_count, identity_count, table_count, slot_count, value_count, context_size, block_count, digest_size;
	hs_scratch_t *scratch;
	struct qw_expressions *expressions;
	struct qw_signature_counters counters;
	uint32_t *seen; /* per rule: the scan that named it last */
	uint32_t *hit;  /* per pattern: the scan that it was found in last */
	uint32_t scan;  /* number of the scan under way */
	uint32_t told;  /* rule whose confirmation told the contexts; QW_NONE: none did */
	uint32_t told_count;
	struct qw_context told_contexts[QW_CONTEXTS_MAX];
	bool transform_failed; /* one of the latest list's could not be done */
	uint8_t *work[2]; /* QW_TRANSFORM_BYTES each */
	struct qw_inflate *inflate; /* NULL: no rule decompresses */
	uint8_t *decoded; /* likewise: base64 */
};

/* Do all offsets of the image stay within their sections? */
bool qw_opened_check(const struct qw_signatures *set);

/* Does the header of the rule fit?  Says nothing of packet or stream. */
bool qw_header_fits(const struct qw_signatures *set, const struct qw_sig *sig, const struct qw_facts *facts);

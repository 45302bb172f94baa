/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse - one rule under construction, and how its parsers complain.
 *
 * Each parser reads one option into the rule; a rule that is refused leaves
 * nothing behind.  One thread.
 */
#pragma once

#include "quaywatch/diag.h"
#include "quaywatch/signatures.h"
#include "quaywatch/text.h"
#include "rules/signature/layout.h"
#include "rules/signature/lexer.h"
#include "rules/signature/vector.h"
#include "rules/signature/words.h"

/* A list of the rule while it is read. */
struct qw_draft_list {
	struct qw_list list;
	const char *at; /* the keyword that made it */
	bool mentioned; /* by a sticky buffer: something must be looked for in it */
	bool closed;    /* base64_data: what follows looks into decoded bytes */
};

/* An op and the list that it belongs to at present. */
struct qw_draft_op {
	struct qw_op op;
	uint16_t list; /* or QW_DRAFT_FACTS, QW_DRAFT_EFFECTS, QW_DRAFT_LIMITS */
	const char *at;
};

/* Ops that are no list's stand under numbers that no list has. */
enum {
	QW_DRAFT_LIMITS = 0xfffd,
	QW_DRAFT_EFFECTS = 0xfffe,
	QW_DRAFT_FACTS = 0xffff,
	QW_DRAFT_NONE = 0xffff,
	QW_DRAFT_TEXT_MAX = 8192
};

static inline bool qw_draft_in_list(const struct qw_draft_op *op)
{
	return op->list < QW_RULE_LISTS_MAX;
}

struct qw_draft {
	struct qw_sig sig;
	struct qw_draft_list lists[QW_RULE_LISTS_MAX];
	struct qw_draft_op ops[QW_RULE_OPS_MAX];
	struct qw_word vars[QW_RULE_VARS_MAX];
	uint8_t blob[QW_RULE_BLOB_MAX];
	uint32_t list_count, op_count, var_count, blob_len;
	uint32_t sticky;   /* list that new options go to; QW_DRAFT_NONE: the payload */
	uint32_t content;  /* last content, an op's number; QW_DRAFT_NONE */
	struct qw_text metadata, references; /* grow option by option */
	char metadata_text[QW_DRAFT_TEXT_MAX], references_text[QW_DRAFT_TEXT_MAX];
	const char *sid_at; /* for complaints; NULL: not given */
	bool has_priority;
	bool sticky_set; /* a sticky buffer is in force */
	bool fresh_list; /* … and nothing was looked for in it yet: transforms may come */
};

struct qw_sets;
struct qw_digest_lists;
struct qw_classes;
struct qw_datasets;
struct qw_reputation;

struct qw_parse {
	const char *path;
	const struct qw_statement *statement;
	struct qw_diags *diags;
	const struct qw_signature_options *options;
	struct qw_draft *draft;
	struct qw_sets *sets;
	struct qw_digest_lists *digests;
	const struct qw_classes *classes;
	struct qw_datasets *datasets;
	struct qw_reputation *reputation;
	bool distributed; /* the rule was sent here: its files are confined (path.h) */
	struct qw_word keyword; /* the option being read */
};

/* Complains about the character at `at` of the statement, and returns QW_EFORMAT. */
enum qw_err qw_refuse(struct qw_parse *parse, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Says something that does not refuse the rule. */
void qw_remark(struct qw_parse *parse, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Appends bytes to the rule's blob.  QW_EFORMAT: too much, and said so. */
enum qw_err qw_draft_put(struct qw_parse *parse, const void *data, size_t len, uint32_t *offset) QW_MUSTCHECK;

/* Appends a text with a final NUL. */
enum qw_err qw_draft_text(struct qw_parse *parse, struct qw_word text, uint32_t *offset) QW_MUSTCHECK;

/* The list of a buffer without transforms; made where there is none. */
enum qw_err qw_draft_list(struct qw_parse *parse, enum qw_buffer buffer, uint32_t *list) QW_MUSTCHECK;

/* A new list of this buffer, whether or not there is one. */
enum qw_err qw_draft_new_list(struct qw_parse *parse, enum qw_buffer buffer, uint32_t *list) QW_MUSTCHECK;

/* The list that an option goes to: the sticky buffer, else (relative) that of the option before, else the payload. */
enum qw_err qw_draft_place(struct qw_parse *parse, bool relative, uint32_t *list) QW_MUSTCHECK;

/* A new op at the end of a list (or QW_DRAFT_FACTS). */
enum qw_err qw_draft_op(struct qw_parse *parse, uint32_t list, enum qw_op_kind kind, struct qw_op **op) QW_MUSTCHECK;

/* A variable's index by name; -1: none of that name. */
int qw_draft_var(const struct qw_draft *draft, struct qw_word name);

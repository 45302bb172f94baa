/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thresholds - a sensor's own limits and suppressions, from a file.
 *
 *	threshold | event_filter   gen_id G, sig_id S, type T, track T, count N, seconds N
 *	suppress                   gen_id G, sig_id S[, track by_src|by_dst|by_either, ip ADDRESSES]
 *	rate_filter …              read, without effect
 *
 * sig_id 0 means all rules of a gen_id, and gen_id 0 beside it all rules.  What
 * is said of one rule replaces its own threshold; what is said of many yields to it.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/signature/builder.h"
#include "rules/signature/keyword.h"

struct entry {
	uint64_t gid, sid;
	bool has_gid, has_sid, has_track, has_ip;
	unsigned given; /* enum qw_limit_given */
	struct qw_op op;
};

/* A number that names rules. */
static enum qw_err read_id(struct qw_parse *parse, struct qw_word word, const char *key, uint64_t *id, bool *given)
{
	if (*given)
		return qw_refuse(parse, word.at, "%s is given twice", key);
	*given = true;
	if (qw_word_u64(word, UINT32_MAX, id))
		return QW_OK;
	return qw_refuse(parse, word.at, "'%.*s' is not a number that %s can be", (int)word.len, word.at, key);
}

static enum qw_err read_whom(struct qw_parse *parse, struct qw_word word, struct entry *entry)
{
	static const struct qw_number_name tracks[] = {{"by_src", QW_TRACK_SRC},
						       {"by_dst", QW_TRACK_DST},
						       {"by_either", QW_TRACK_EITHER},
						       {NULL, 0}};
	uint64_t track;
	if (!qw_number_named(tracks, word, &track))
		return qw_refuse(parse, word.at, "a suppression tracks by_src, by_dst or by_either, not '%.*s'",
				 (int)word.len, word.at);
	entry->op.limit.track = (uint8_t)track;
	entry->has_track = true;
	return QW_OK;
}

/* ip: the rest of the line, for a list of addresses has commas of its own. */
static enum qw_err read_addresses(struct qw_parse *parse, struct qw_word *rest, struct qw_word word, struct entry *entry)
{
	if (rest->at)
		word.len = (size_t)(rest->at + rest->len - word.at);
	*rest = (struct qw_word){NULL, 0};
	entry->has_ip = true;
	return qw_sets_parse(parse, QW_RANGE_ADDRESS, qw_word_trim(word), &entry->op.limit.set);
}

/* Parts that rate_filter has beside the others. */
static bool is_of_rate(struct qw_word key)
{
	return qw_word_is(key, "new_action") || qw_word_is(key, "timeout");
}

static enum qw_err read_part(struct qw_parse *parse, struct qw_word part, struct qw_word *rest, struct entry *entry)
{
	struct qw_word key, word = part;
	bool suppress = entry->op.kind == QW_OP_SUPPRESS;
	if (!qw_word_next(&word, &key))
		return qw_refuse(parse, part.at ? part.at : parse->statement->text.at, "something is missing between two commas");
	word = qw_word_trim(word);
	if (qw_word_is(key, "gen_id"))
		return read_id(parse, word, "gen_id", &entry->gid, &entry->has_gid);
	if (qw_word_is(key, "sig_id"))
		return read_id(parse, word, "sig_id", &entry->sid, &entry->has_sid);
	if (suppress && qw_word_is(key, "track"))
		return read_whom(parse, word, entry);
	if (suppress && qw_word_is(key, "ip"))
		return read_addresses(parse, rest, word, entry);
	if (entry->op.kind == QW_OP_KINDS && is_of_rate(key))
		return QW_OK;
	enum qw_err err = suppress ? QW_EUNKNOWN : qw_limit_part(parse, part, &entry->op, &entry->given);
	return err == QW_EUNKNOWN ? qw_refuse(parse, key.at, "'%.*s' is not known here", (int)key.len, key.at) : err;
}

static enum qw_err check(struct qw_parse *parse, struct entry *entry)
{
	const unsigned all = QW_GIVEN_TYPE | QW_GIVEN_TRACK | QW_GIVEN_COUNT | QW_GIVEN_SECONDS;
	const char *at = parse->statement->text.at;
	if (!entry->has_gid || !entry->has_sid)
		return qw_refuse(parse, at, "gen_id and sig_id must be given: which rule is it about?");
	if (entry->gid == 0 && entry->sid)
		return qw_refuse(parse, at, "gen_id 0 means all rules: then sig_id is 0 too");
	if (entry->op.kind == QW_OP_SUPPRESS && entry->has_track != entry->has_ip)
		return qw_refuse(parse, at, "track and ip go together: suppress gen_id G, sig_id S, track by_src, ip ADDRESSES");
	if (entry->op.kind == QW_OP_LIMIT && (entry->given != all || entry->op.limit.type == QW_LIMIT_BACKOFF))
		return qw_refuse(parse, at, "a threshold is gen_id G, sig_id S, type threshold|limit|both, track T, count N, seconds N");
	return QW_OK;
}

static enum qw_err keep(struct qw_signature_builder *builder, struct qw_parse *parse, struct entry *entry)
{
	if (entry->sid == 0) {
		entry->op.limit.gid = (uint32_t)entry->gid;
		return qw_vector_put(&builder->general, &entry->op, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
	}
	struct qw_outer_limit row = {qw_builder_find(builder, (uint32_t)entry->gid, (uint32_t)entry->sid),
				     (uint32_t)builder->limits.count, entry->op};
	if (row.sig == UINT32_MAX) {
		qw_remark(parse, parse->statement->text.at, "%llu:%llu is not among the loaded signatures",
			  (unsigned long long)entry->gid, (unsigned long long)entry->sid);
		return QW_OK;
	}
	return qw_vector_put(&builder->limits, &row, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static enum qw_err read_entry(struct qw_signature_builder *builder, struct qw_parse *parse)
{
	static const struct qw_number_name commands[] = {{"threshold", QW_OP_LIMIT},
							 {"event_filter", QW_OP_LIMIT},
							 {"suppress", QW_OP_SUPPRESS},
							 {"rate_filter", QW_OP_KINDS},
							 {NULL, 0}};
	struct entry entry = {.op.limit = {.track = QW_TRACK_ALL, .set = QW_NONE}};
	struct qw_word rest = parse->statement->text, command, part;
	uint64_t kind;
	enum qw_err err = QW_OK;
	if (!qw_word_next(&rest, &command) || !qw_number_named(commands, command, &kind))
		return qw_refuse(parse, parse->statement->text.at,
				 "a line begins with suppress, threshold, event_filter or rate_filter");
	entry.op.kind = (uint8_t)kind;
	while (!err && qw_word_cut(&rest, ',', &part))
		err = read_part(parse, part, &rest, &entry);
	if (!err)
		err = check(parse, &entry);
	if (err)
		return err;
	if (kind != QW_OP_KINDS)
		return keep(builder, parse, &entry);
	qw_remark(parse, command.at, "rate_filter has no effect: a passive sensor takes no actions that could change");
	return QW_OK;
}

enum qw_err qw_signature_builder_thresholds(struct qw_signature_builder *builder, const char *path, const char *text,
					    size_t len, struct qw_diags *diags)
{
	struct qw_lexer lexer;
	struct qw_statement statement;
	struct qw_parse parse = {.path = path, .statement = &statement, .diags = diags, .options = builder->options,
				 .draft = builder->draft, .sets = &builder->sets, .classes = &builder->classes};
	enum qw_err err;
	qw_lexer_init(&lexer, text, len);
	while ((err = qw_lexer_next(&lexer, &statement)) == QW_OK) {
		parse.keyword = statement.text;
		err = read_entry(builder, &parse);
		if (err && err != QW_EFORMAT)
			break;
	}
	qw_lexer_fini(&lexer);
	return err == QW_ENOENT ? QW_OK : err;
}

/* ---- into the rules */

/* Suppressions add up; of thresholds the last said of the rule stays. */
static enum qw_err settle_rule(struct qw_signature_builder *builder, const struct qw_outer_limit *rows, size_t count)
{
	struct qw_sig *sig = qw_vector_at(&builder->sigs, rows->sig);
	struct qw_run run = {(uint32_t)builder->ops.count, 0};
	struct qw_op limit;
	bool has_limit = sig->limits.count > 0;
	if (has_limit)
		limit = *(const struct qw_op *)qw_vector_at(&builder->ops, sig->limits.first);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].op.kind == QW_OP_LIMIT)
			limit = rows[i].op, has_limit = true;
		else if (qw_vector_put(&builder->ops, &rows[i].op, 1) == UINT32_MAX)
			return QW_ENOMEM;
	}
	if (has_limit && qw_vector_put(&builder->ops, &limit, 1) == UINT32_MAX)
		return QW_ENOMEM;
	run.count = (uint32_t)builder->ops.count - run.first;
	sig->limits = run;
	sig->wants |= QW_WANTS_LIMITS;
	return QW_OK;
}

/* By rule; what was said of one stays in its order. */
static int by_rule(const void *a, const void *b)
{
	const struct qw_outer_limit *x = a, *y = b;
	return x->sig != y->sig ? (x->sig < y->sig ? -1 : 1) : (x->order > y->order) - (x->order < y->order);
}

static bool concerns(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	for (size_t i = 0; i < builder->general.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->general, i);
		if (op->limit.gid == 0 || op->limit.gid == sig->gid)
			return true;
	}
	return false;
}

enum qw_err qw_thresholds_settle(struct qw_signature_builder *builder)
{
	struct qw_outer_limit *rows = builder->limits.rows;
	size_t count = builder->limits.count;
	if (count)
		qsort(rows, count, sizeof(*rows), by_rule);
	for (size_t first = 0, next; first < count; first = next) {
		for (next = first; next < count && rows[next].sig == rows[first].sig; next++)
			;
		enum qw_err err = settle_rule(builder, rows + first, next - first);
		if (err)
			return err;
	}
	builder->limits.count = 0;
	for (size_t i = 0; builder->general.count && i < builder->sigs.count; i++) {
		struct qw_sig *sig = qw_vector_at(&builder->sigs, i);
		if (concerns(builder, sig))
			sig->wants |= QW_WANTS_LIMITS;
	}
	return QW_OK;
}

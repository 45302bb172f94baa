/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/inspect.h"

#include <string.h>

#include "rules/signature/digests.h"
#include "rules/signature/entropy.h"
#include "rules/signature/find.h"
#include "rules/signature/member.h"
#include "rules/signature/record.h"
#include "rules/signature/transforms.h"
#include "rules/signature/words.h"

static bool inspect(struct qw_inspection *run, const struct qw_op *op, const struct qw_op *end, struct qw_slice data,
		    int64_t at);

/* ---- content */

/* Where the content may stand. */
static void window_of(const struct qw_inspection *run, const struct qw_op *op, int64_t size, int64_t at, int64_t *from,
		      int64_t *to)
{
	*to = size;
	if (op->flags & QW_OP_RELATIVE) {
		int64_t distance = qw_value_of(run, op, QW_VAR_DISTANCE, op->content.distance);
		*from = at + distance;
		if (op->flags & QW_OP_WITHIN)
			*to = *from + qw_value_of(run, op, QW_VAR_WITHIN, op->content.within);
	} else {
		*from = qw_value_of(run, op, QW_VAR_OFFSET, op->content.offset);
		if (op->flags & QW_OP_DEPTH)
			*to = *from + qw_value_of(run, op, QW_VAR_DEPTH, op->content.depth);
	}
	if (*from < 0)
		*from = 0;
	if (*to > size)
		*to = size;
}

/* The next place from `from` on, or -1. */
static int64_t next_place(const struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t from,
			  int64_t to)
{
	const uint8_t *content = run->set->blob + op->content.data;
	int64_t len = op->content.len, size = (int64_t)data.len;
	bool nocase = op->flags & QW_OP_NOCASE;
	if (op->flags & QW_OP_ENDS) {
		/* Only one place can do. */
		if (to < size || size - len < from)
			return -1;
		from = size - len;
	}
	return qw_find(data.data, from, to, content, len, nocase);
}

static bool spend(struct qw_inspection *run)
{
	if (run->steps < QW_STEPS_MAX) {
		run->steps++;
		return true;
	}
	run->set->counters.inspect_limit += run->steps == QW_STEPS_MAX;
	run->steps = QW_STEPS_MAX + 1; /* counted once */
	return false;
}

static bool content(struct qw_inspection *run, const struct qw_op *op, const struct qw_op *end, struct qw_slice data,
		    int64_t at)
{
	int64_t from, to;
	window_of(run, op, (int64_t)data.len, at, &from, &to);
	int64_t place = next_place(run, op, data, from, to);
	if (op->flags & QW_OP_NEGATED)
		return place < 0 && inspect(run, op + 1, end, data, at);
	while (place >= 0) {
		if (inspect(run, op + 1, end, data, place + op->content.len))
			return true;
		if (!(op->flags & QW_OP_RETRY) || !spend(run))
			return false;
		place = next_place(run, op, data, place + 1, to);
	}
	return false;
}

/* ---- expressions */

static bool pcre(struct qw_inspection *run, const struct qw_op *op, const struct qw_op *end, struct qw_slice data,
		 int64_t at)
{
	int64_t base = op->flags & QW_OP_RELATIVE ? at : 0;
	if (base < 0 || base > (int64_t)data.len)
		return false;
	size_t len = data.len - (size_t)base, from = 0, begin = 0, stop = 0;
	while (from <= len) {
		enum qw_expression_result result = qw_expressions_match(run->set->expressions, op->pcre.slot,
									data.data + base, len, from, &begin, &stop);
		if (result == QW_EXPRESSION_LIMIT) {
			run->set->counters.pcre_limit++;
			return false;
		}
		bool found = result == QW_EXPRESSION_YES;
		if (op->flags & QW_OP_NEGATED)
			return !found && inspect(run, op + 1, end, data, at);
		if (!found)
			return false;
		if (inspect(run, op + 1, end, data, base + (int64_t)stop))
			return true;
		if (!(op->flags & QW_OP_RETRY) || !spend(run))
			return false;
		from = (begin > from ? begin : from) + 1;
	}
	return false;
}

/* ---- the rest */

static bool data_at(const struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t at)
{
	int64_t offset = qw_value_of(run, op, QW_VAR_OFFSET, op->at.offset), size = (int64_t)data.len;
	/* The two bounds differ in Suricata, and rules count on it. */
	bool there = op->flags & QW_OP_RELATIVE ? at + offset <= size : offset < size;
	return there != !!(op->flags & QW_OP_NEGATED);
}

static bool base64(struct qw_inspection *run, const struct qw_op *op, const struct qw_op *end, struct qw_slice data,
		   int64_t at)
{
	int64_t from = (op->flags & QW_OP_RELATIVE ? at : 0) + op->at.offset;
	if (from < 0 || from >= (int64_t)data.len)
		return false;
	struct qw_slice coded = qw_slice(data.data + from, data.len - (size_t)from);
	if (op->at.bytes && coded.len > op->at.bytes)
		coded.len = op->at.bytes;
	size_t len = qw_base64_decode(coded, run->set->decoded, QW_TRANSFORM_BYTES);
	return len && inspect(run, op + 1, end, qw_slice(run->set->decoded, len), 0);
}

/* ---- buffers that are numbers */

static bool number_of(struct qw_slice data, uint64_t *out)
{
	if (data.len != sizeof(*out))
		return false;
	memcpy(out, data.data, sizeof(*out));
	return true;
}

static bool number(const struct qw_op *op, struct qw_slice data)
{
	uint64_t value;
	return number_of(data, &value) &&
	       qw_compare(op->compare, value, op->number.a, op->number.b) != !!(op->flags & QW_OP_NEGATED);
}

static bool among(const struct qw_inspection *run, const struct qw_op *op, struct qw_slice data)
{
	const uint8_t *ranges = run->set->blob + op->content.data;
	uint64_t value, range[2];
	bool found = false;
	if (!number_of(data, &value))
		return false;
	for (uint32_t at = 0; at + sizeof(range) <= op->content.len && !found; at += sizeof(range)) {
		memcpy(range, ranges + at, sizeof(range));
		found = value >= range[0] && value <= range[1];
	}
	return found != !!(op->flags & QW_OP_NEGATED);
}

static bool digest(const struct qw_inspection *run, const struct qw_op *op, struct qw_slice data)
{
	if (data.len == 0)
		return false;
	bool found = qw_digest_list_has(run->set->digests + op->content.data, op->content.len, data.data, data.len);
	return found != !!(op->flags & QW_OP_NEGATED);
}

static bool simple(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data, int64_t *at)
{
	switch ((enum qw_op_kind)op->kind) {
	case QW_OP_SIZE: return qw_compare(op->compare, data.len, op->number.a, op->number.b);
	case QW_OP_NTH:
	case QW_OP_EVERY: return true; /* heeded where the value was chosen */
	case QW_OP_NUMBER: return number(op, data);
	case QW_OP_AMONG: return among(run, op, data);
	case QW_OP_DIGEST: return digest(run, op, data);
	case QW_OP_MEMBER: return qw_member_holds(run, op, data);
	case QW_OP_ENTROPY: return qw_entropy_holds(op, data);
	case QW_OP_RECORD: return qw_record_test(op, data);
	case QW_OP_MODBUS_VALUE: return qw_record_modbus_value(op, data);
	case QW_OP_DATA_AT: return data_at(run, op, data, *at);
	case QW_OP_BYTE_TEST: return qw_byte_test(run, op, data, at);
	case QW_OP_BYTE_JUMP: return qw_byte_jump(run, op, data, at);
	case QW_OP_BYTE_EXTRACT: return qw_byte_extract(run, op, data, at);
	case QW_OP_BYTE_MATH: return qw_byte_math(run, op, data, at);
	default: return false;
	}
}

/* Recursion is as deep as the list is long (QW_RULE_OPS_MAX), and each level is small. */
static bool inspect(struct qw_inspection *run, const struct qw_op *op, const struct qw_op *end, struct qw_slice data,
		    int64_t at)
{
	for (; op < end; op++) {
		switch ((enum qw_op_kind)op->kind) {
		case QW_OP_CONTENT: return content(run, op, end, data, at);
		case QW_OP_PCRE: return pcre(run, op, end, data, at);
		case QW_OP_BASE64: return base64(run, op, end, data, at);
		default:
			if (!simple(run, op, data, &at))
				return false;
		}
	}
	return true;
}

bool qw_inspect_list(struct qw_inspection *run, const struct qw_list *list, struct qw_slice data)
{
	const struct qw_op *ops = run->set->ops + list->ops.first;
	uint32_t told = run->context_count, changed = run->change_count;
	run->steps = 0;
	if (inspect(run, ops, ops + list->ops.count, data, 0))
		return true;
	run->context_count = told; /* what was found in data that does not fit is not told, and not kept */
	run->change_count = changed;
	return false;
}

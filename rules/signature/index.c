/* SPDX-License-Identifier: Apache-2.0 */
/* index - where rules without a literal are found: under their most telling property. */
#include <stdlib.h>
#include <string.h>

#include "rules/signature/compile.h"
#include "rules/signature/facts.h"
#include "rules/signature/record.h"

enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58, PORTS_MAX = 64, NUMBERS_MAX = 64 };

struct work {
	struct qw_compile *compile;
	struct qw_vector pairs;   /* struct qw_member */
	struct qw_vector sources, destinations; /* uint32_t: rules by address alone */
	struct qw_index index;
};

static const struct qw_sig *sig_at(const struct work *work, uint32_t number)
{
	return qw_vector_at(&work->compile->sigs, number);
}

static enum qw_err add(struct work *work, enum qw_found_by by, uint64_t value, uint32_t number)
{
	struct qw_member member = {(uint64_t)by << 32 | value, number};
	return qw_vector_put(&work->pairs, &member, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

const struct qw_op *qw_event_op(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	for (uint32_t i = 0; i < sig->facts.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, sig->facts.first + i);
		if (op->kind == QW_OP_EVENT)
			return op;
	}
	return NULL;
}

static const struct qw_op *fact_op(const struct qw_signature_builder *builder, const struct qw_sig *sig, enum qw_op_kind kind,
				   int field)
{
	for (uint32_t i = 0; i < sig->facts.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, sig->facts.first + i);
		if (op->kind == kind && (field < 0 || op->number.field == (uint32_t)field))
			return op;
	}
	return NULL;
}

static unsigned __int128 width_of(const struct qw_signature_builder *builder, uint32_t set)
{
	unsigned __int128 width = 0;
	if (set == QW_NONE)
		return ~width;
	const struct qw_run *run = qw_vector_at(&builder->sets.rows, set);
	for (uint32_t i = 0; i < run->count; i++) {
		const struct qw_range *range = qw_vector_at(&builder->sets.ranges, run->first + i);
		width += range->high - range->low;
	}
	return width + run->count;
}

/* Asks for addresses and nothing else, at most for a flow to leave a mark on: once a direction of a flow is enough. */
static bool by_address_alone(const struct qw_sig *sig)
{
	return sig->lists.count == 0 && sig->facts.count == 0 && (sig->need & ~QW_FACT_FLOW) == 0 && sig->refuse == 0 && sig->apps == 0 &&
	       sig->sport == QW_NONE && sig->dport == QW_NONE &&
	       !(sig->flags & (QW_SIG_EITHER_WAY | QW_SIG_ANY_PACKET)) && (sig->src != QW_NONE || sig->dst != QW_NONE);
}

static enum qw_err add_apps(struct work *work, const struct qw_sig *sig, uint32_t number)
{
	enum qw_err err = QW_OK;
	for (unsigned app = 0; app < QW_APP_COUNT && !err; app++)
		if (sig->apps >> app & 1)
			err = add(work, QW_BY_APP, app, number);
	return err;
}

static enum qw_err add_flags(struct work *work, const struct qw_op *op, uint32_t number)
{
	enum qw_err err = QW_OK;
	for (unsigned flags = 0; flags < 256 && !err; flags++)
		if (qw_flags_match(op, (uint8_t)flags))
			err = add(work, QW_BY_FLAGS, flags, number);
	return err;
}

/* The op that asks for one value of a field of packets, and always for it. */
static const struct qw_op *value_op(const struct qw_signature_builder *builder, const struct qw_sig *sig, enum qw_field field)
{
	const struct qw_op *op = fact_op(builder, sig, QW_OP_FIELD, (int)field);
	return op && op->compare == QW_CMP_EQ && !(op->flags & (QW_OP_NEGATED | QW_OP_OR_NEXT)) && op->number.a < 256 ? op : NULL;
}

uint8_t qw_proto_asked(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	const struct qw_op *op = value_op(builder, sig, QW_FIELD_PROTO);
	return op ? (uint8_t)op->number.a : 0;
}

static enum qw_err add_protos(struct work *work, const struct qw_sig *sig, uint32_t number)
{
	if (!sig->protos[0])
		return add(work, QW_BY_PROTO, qw_proto_asked(work->compile->builder, sig), number);
	enum qw_err err = add(work, QW_BY_PROTO, sig->protos[0], number);
	if (!err && sig->protos[1] != sig->protos[0])
		err = add(work, QW_BY_PROTO, sig->protos[1], number);
	return err;
}

/* Asks for a few ports of TCP or UDP at this end, and always at this one. */
static bool is_ported(const struct qw_signature_builder *builder, const struct qw_sig *sig, uint32_t ports)
{
	return (sig->protos[0] == TCP || sig->protos[0] == UDP) && ports != QW_NONE &&
	       !(sig->flags & (QW_SIG_EITHER_WAY | QW_SIG_BOTH)) && width_of(builder, ports) <= PORTS_MAX;
}

static enum qw_err add_ports(struct work *work, enum qw_found_by by, uint32_t set, uint8_t proto, uint32_t number)
{
	const struct qw_sets *sets = &work->compile->builder->sets;
	const struct qw_run *run = qw_vector_at(&sets->rows, set);
	enum qw_err err = QW_OK;
	for (uint32_t i = 0; i < run->count; i++) {
		const struct qw_range *range = qw_vector_at(&sets->ranges, run->first + i);
		for (uint32_t port = (uint32_t)range->low; port <= (uint32_t)range->high && !err; port++)
			err = add(work, by, (uint64_t)proto << 16 | port, number);
	}
	return err;
}

static const struct qw_op *icmp_type_of(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	return value_op(builder, sig, QW_FIELD_ITYPE);
}

/* ---- fields that are numbers, or records with one that tells */

static const struct qw_list *carrying_list(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	unsigned carrier = qw_carrier(builder, sig);
	for (uint32_t i = 0; carrier < QW_BUFFER_COUNT && i < sig->lists.count; i++) {
		const struct qw_list *list = qw_vector_at(&builder->lists, sig->lists.first + i);
		if (list->buffer == carrier && list->absent == QW_PRESENT)
			return list->transform_count ? NULL : list;
	}
	return NULL;
}

/* The values that a test lets through, a range after the other, both ends within. */
static bool range_of(const struct qw_signature_builder *builder, const struct qw_op *op, uint32_t n, uint64_t range[2])
{
	uint32_t bytes = 2 * sizeof(range[0]), at = n * bytes;
	if (op->kind == QW_OP_AMONG) {
		if (at + bytes <= op->content.len)
			memcpy(range, qw_vector_at(&builder->blob, op->content.data + at), bytes);
		return at + bytes <= op->content.len;
	}
	bool between = op->compare == QW_CMP_BETWEEN;
	range[0] = op->number.a + between;
	range[1] = between ? op->number.b - 1 : op->number.a;
	return n == 0;
}

/* How many values a test lets through; more than NUMBERS_MAX: too many, or it is no such test. */
static uint64_t values_of(const struct qw_signature_builder *builder, const struct qw_op *op)
{
	uint64_t count = 0, range[2];
	if (op->flags & QW_OP_NEGATED || op->vars)
		return UINT64_MAX;
	if (op->kind != QW_OP_AMONG && op->compare != QW_CMP_EQ && op->compare != QW_CMP_BETWEEN)
		return UINT64_MAX;
	for (uint32_t i = 0; count <= NUMBERS_MAX && range_of(builder, op, i, range); i++)
		count += range[1] <= UINT32_MAX && range[0] <= range[1] ? range[1] - range[0] + 1 : NUMBERS_MAX + 1;
	return count;
}

/* The test of the field that brings the rule up, which lets few values through. */
static const struct qw_op *number_op(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	const struct qw_list *list = carrying_list(builder, sig);
	for (uint32_t i = 0; list && i < list->ops.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, list->ops.first + i);
		if (op->kind == QW_OP_NTH || op->kind == QW_OP_EVERY)
			return NULL;
		if (qw_record_tests_key((enum qw_buffer)list->buffer, op) && values_of(builder, op) <= NUMBERS_MAX)
			return op;
	}
	return NULL;
}

/* The one value of a part of the record that the list asks for; -1: it does not. */
static int64_t part_asked(const struct qw_signature_builder *builder, const struct qw_list *list, enum qw_record_part part)
{
	for (uint32_t i = 0; i < list->ops.count; i++) {
		const struct qw_op *op = qw_vector_at(&builder->ops, list->ops.first + i);
		if (qw_record_tests_part((enum qw_buffer)list->buffer, op, part) && !(op->flags & QW_OP_NEGATED) && !op->vars &&
		    op->compare == QW_CMP_EQ && op->number.a <= UINT16_MAX)
			return (int64_t)op->number.a;
	}
	return -1;
}

/* Under what a rule is found whose number has this value: the least common of what it asks. */
static uint64_t key_asked(const struct qw_signature_builder *builder, const struct qw_list *list, uint64_t value)
{
	int64_t class = part_asked(builder, list, QW_RECORD_CLASS);
	int64_t command = part_asked(builder, list, QW_RECORD_PCCC_COMMAND);
	int64_t function = part_asked(builder, list, QW_RECORD_PCCC_FUNCTION);
	if (command >= 0 && function >= 0)
		return qw_record_pccc_key((uint8_t)command, (uint8_t)function);
	return class < 0 ? value : qw_record_class_key((uint32_t)class, (uint8_t)value);
}

static enum qw_err add_numbers(struct work *work, const struct qw_sig *sig, uint32_t number)
{
	const struct qw_signature_builder *builder = work->compile->builder;
	const struct qw_op *op = number_op(builder, sig);
	const struct qw_list *list = carrying_list(builder, sig);
	enum qw_err err = QW_OK;
	uint64_t range[2];
	for (uint32_t i = 0; !err && range_of(builder, op, i, range); i++)
		for (uint64_t value = range[0]; value <= range[1] && !err; value++)
			err = add(work, QW_BY_NUMBER, key_asked(builder, list, value), number);
	return err;
}

static int head_of(const struct qw_signature_builder *builder, const struct qw_sig *sig, bool *nocase)
{
	const struct qw_list *list = carrying_list(builder, sig);
	return list ? qw_head_byte(builder, list, nocase) : -1;
}

static enum qw_err add_head(struct work *work, const struct qw_sig *sig, uint32_t number)
{
	enum { OTHER_CASE = 0x20 };
	bool nocase = false;
	uint64_t byte = (uint64_t)head_of(work->compile->builder, sig, &nocase);
	bool letter = (byte | OTHER_CASE) >= 'a' && (byte | OTHER_CASE) <= 'z';
	enum qw_err err = add(work, QW_BY_HEAD, byte, number);
	if (!err && nocase && letter)
		err = add(work, QW_BY_HEAD, byte ^ OTHER_CASE, number);
	return err ? err : add(work, QW_BY_HEAD, QW_HEAD_ANY, number);
}

enum qw_found_by qw_index_by(const struct qw_signature_builder *builder, const struct qw_sig *sig)
{
	bool nocase, headed = head_of(builder, sig, &nocase) >= 0;
	if (qw_event_op(builder, sig))
		return QW_BY_EVENT;
	if (by_address_alone(sig))
		return QW_BY_ADDRESS;
	if (number_op(builder, sig))
		return QW_BY_NUMBER;
	if (headed && qw_carrier(builder, sig) != QW_BUFFER_PAYLOAD)
		return QW_BY_HEAD;
	if (sig->apps)
		return QW_BY_APP;
	if (icmp_type_of(builder, sig))
		return QW_BY_ICMP;
	if (sig->protos[0] == TCP && fact_op(builder, sig, QW_OP_TCP_FLAGS, -1))
		return QW_BY_FLAGS;
	if (is_ported(builder, sig, sig->dport))
		return QW_BY_PORT;
	if (is_ported(builder, sig, sig->sport))
		return QW_BY_SOURCE_PORT;
	if (headed)
		return QW_BY_HEAD;
	return sig->protos[0] || qw_proto_asked(builder, sig) ? QW_BY_PROTO : QW_BY_NOTHING;
}

static enum qw_err add_address(struct work *work, const struct qw_sig *sig, uint32_t number)
{
	const struct qw_signature_builder *builder = work->compile->builder;
	bool source = width_of(builder, sig->src) <= width_of(builder, sig->dst);
	return qw_vector_put(source ? &work->sources : &work->destinations, &number, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static enum qw_err place(struct work *work, uint32_t number)
{
	const struct qw_signature_builder *builder = work->compile->builder;
	const struct qw_sig *sig = sig_at(work, number);
	switch (qw_index_by(builder, sig)) {
	case QW_BY_EVENT: return add(work, QW_BY_EVENT, qw_event_op(builder, sig)->number.a, number);
	case QW_BY_ADDRESS: return add_address(work, sig, number);
	case QW_BY_NUMBER: return add_numbers(work, sig, number);
	case QW_BY_HEAD: return add_head(work, sig, number);
	case QW_BY_APP: return add_apps(work, sig, number);
	case QW_BY_ICMP: return add(work, QW_BY_ICMP, icmp_type_of(builder, sig)->number.a, number);
	case QW_BY_FLAGS: return add_flags(work, fact_op(builder, sig, QW_OP_TCP_FLAGS, -1), number);
	case QW_BY_PORT: return add_ports(work, QW_BY_PORT, sig->dport, sig->protos[0], number);
	case QW_BY_SOURCE_PORT: return add_ports(work, QW_BY_SOURCE_PORT, sig->sport, sig->protos[0], number);
	case QW_BY_PROTO: return add_protos(work, sig, number);
	case QW_BY_NOTHING: break;
	}
	return add(work, QW_BY_NOTHING, 0, number);
}

/* ---- keys */

static void put_port(uint64_t *bits, uint32_t port)
{
	bits[port / 64 % QW_PORT_WORDS] |= UINT64_C(1) << port % 64;
}

static enum qw_err place_run(void *ctx, uint64_t key, struct qw_run run)
{
	struct work *work = ctx;
	struct qw_index *index = &work->index;
	uint32_t value = (uint32_t)key;
	struct qw_key row = {value, run};
	index->kinds |= UINT32_C(1) << (key >> 32);
	/* Keys of members: what by, and its value. */
	switch ((enum qw_found_by)(key >> 32)) {
	case QW_BY_HEAD: index->heads[value] = run; break;
	case QW_BY_APP: index->apps[value] = run; break;
	case QW_BY_ICMP: index->icmp[value] = run; break;
	case QW_BY_FLAGS: index->tcp_flags[value] = run; break;
	case QW_BY_PROTO: index->protos[value] = run; break;
	case QW_BY_NOTHING: index->any = run; break;
	case QW_BY_PORT:
		index->dports.count++;
		put_port(index->dport_bits, value);
		return qw_vector_put(&work->compile->keys, &row, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
	case QW_BY_SOURCE_PORT: /* after those, as they are sorted */
		index->sports.count++;
		put_port(index->sport_bits, value);
		return qw_vector_put(&work->compile->keys, &row, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
	case QW_BY_EVENT: /* after all ports */
		index->events.count++;
		return qw_vector_put(&work->compile->keys, &row, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
	case QW_BY_NUMBER: /* last */
		index->numbers.count++;
		index->number_bits[qw_number_bit(value) / 64] |= UINT64_C(1) << qw_number_bit(value) % 64;
		return qw_vector_put(&work->compile->keys, &row, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
	case QW_BY_ADDRESS: break;
	}
	return QW_OK;
}

static int by_key(const void *a, const void *b)
{
	const struct qw_member *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

enum qw_err qw_members_group(struct qw_compile *compile, struct qw_vector *pairs,
			     enum qw_err (*visit)(void *ctx, uint64_t key, struct qw_run run), void *ctx)
{
	const struct qw_member *rows = pairs->rows;
	enum qw_err err = QW_OK;
	if (pairs->count)
		qsort(pairs->rows, pairs->count, sizeof(struct qw_member), by_key);
	for (size_t i = 0; i < pairs->count && !err;) {
		uint64_t key = rows[i].key;
		struct qw_run run = {(uint32_t)compile->members.count, 0};
		for (; i < pairs->count && rows[i].key == key; i++, run.count++)
			if (qw_vector_put(&compile->members, &rows[i].number, 1) == UINT32_MAX)
				return QW_ENOMEM;
		err = visit(ctx, key, run);
	}
	return err;
}

enum qw_err qw_index_make(struct qw_compile *compile, const struct qw_vector *numbers)
{
	struct work *work = calloc(1, sizeof(*work));
	enum qw_err err = QW_OK;
	if (!work)
		return QW_ENOMEM;
	work->compile = compile;
	qw_vector_init(&work->pairs, sizeof(struct qw_member));
	qw_vector_init(&work->sources, sizeof(uint32_t));
	qw_vector_init(&work->destinations, sizeof(uint32_t));
	for (size_t i = 0; i < numbers->count && !err; i++)
		err = place(work, *(uint32_t *)qw_vector_at(numbers, i));
	work->index.dports.first = (uint32_t)compile->keys.count;
	if (!err)
		err = qw_members_group(compile, &work->pairs, place_run, work);
	work->index.sports.first = work->index.dports.first + work->index.dports.count;
	work->index.events.first = work->index.sports.first + work->index.sports.count;
	work->index.numbers.first = work->index.events.first + work->index.events.count;
	if (!err)
		err = qw_intervals_make(compile, &work->sources, true, &work->index.sources);
	if (!err)
		err = qw_intervals_make(compile, &work->destinations, false, &work->index.destinations);
	if (!err && qw_vector_put(&compile->indexes, &work->index, 1) == UINT32_MAX)
		err = QW_ENOMEM;
	qw_vector_fini(&work->pairs);
	qw_vector_fini(&work->sources);
	qw_vector_fini(&work->destinations);
	free(work);
	return err;
}

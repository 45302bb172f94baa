/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modbus - Suricata's `modbus` and Snort's modbus_func and modbus_unit.
 *
 *	modbus: [unit N,] function N|[!]CLASS [, subfunction N]
 *	modbus: [unit N,] access read|write [TABLE [, address N [, value N]]]
 *
 * Numbers behind unit, address and value may be N, >N, <N and N<>M.  A range
 * of addresses fits a request that touches any of them.
 */
#include <stddef.h>

#include "quaywatch/ot_names.h"
#include "quaywatch/ot_record.h"
#include "rules/signature/keyword.h"

#define MEMBER(name) QW_MEMBER_AT(struct qw_modbus_record, name)

/* Takes the word that begins with `name` off the piece.  False: it begins otherwise. */
static bool takes(struct qw_word *piece, const char *name)
{
	struct qw_word rest = *piece, first;
	if (!qw_word_next(&rest, &first) || !qw_word_is(first, name))
		return false;
	*piece = qw_word_trim(rest);
	return true;
}

static enum qw_err refuse(struct qw_parse *parse, struct qw_word word, const char *what)
{
	return qw_refuse(parse, word.at ? word.at : parse->keyword.at, "modbus: '%.*s' is not %s", (int)word.len,
			 word.at ? word.at : "", what);
}

/* ---- function */

static const struct qw_number_name classes[] = {
	{"assigned", QW_MODBUS_ASSIGNED},
	{"unassigned", QW_MODBUS_UNASSIGNED},
	{"public", QW_MODBUS_ASSIGNED | QW_MODBUS_UNASSIGNED},
	{"user", QW_MODBUS_USER},
	{"reserved", QW_MODBUS_RESERVED},
	{"all", QW_MODBUS_ASSIGNED | QW_MODBUS_UNASSIGNED | QW_MODBUS_USER | QW_MODBUS_RESERVED},
	{NULL, 0},
};

static enum qw_err read_class(struct qw_parse *parse, uint32_t list, struct qw_word word, bool negated)
{
	struct qw_op *op;
	for (const struct qw_number_name *row = classes; row->name; row++) {
		if (!qw_word_is(word, row->name))
			continue;
		enum qw_err err = qw_draft_member(parse, list, MEMBER(category), &op);
		if (err)
			return err;
		op->compare = QW_CMP_AND;
		op->number.a = row->value;
		op->flags |= negated ? QW_OP_NEGATED : 0;
		return QW_OK;
	}
	return refuse(parse, word, "a function; 1 to 127, assigned, unassigned, public, user, reserved or all");
}

static enum qw_err read_function(struct qw_parse *parse, uint32_t list, struct qw_word word, struct qw_word rest)
{
	struct qw_word piece;
	uint64_t number;
	bool negated = qw_word_eat(&word, '!');
	if (!qw_word_u64(word, 127, &number))
		return rest.at ? refuse(parse, rest, "allowed behind a class of functions")
			       : read_class(parse, list, word, negated);
	if (number == 0)
		return refuse(parse, word, "a function; they begin with 1");
	enum qw_err err = qw_member_test(parse, list, MEMBER(function), negated ? QW_CMP_NE : QW_CMP_EQ, number);
	if (err || !qw_word_cut(&rest, ',', &piece))
		return err;
	if (!takes(&piece, "subfunction") || !qw_word_u64(piece, UINT16_MAX, &number) || rest.at)
		return refuse(parse, piece, "'subfunction N'");
	return qw_member_test(parse, list, MEMBER(subfunction), QW_CMP_EQ, number);
}

/* ---- access */

static const struct qw_number_name tables[] = {
	{"discretes", QW_MODBUS_DISCRETES},
	{"coils", QW_MODBUS_COILS},
	{"input", QW_MODBUS_INPUT},
	{"holding", QW_MODBUS_HOLDING},
	{NULL, 0},
};

/* The range that the request touches and the one asked for have a place in common. */
static enum qw_err test_address(struct qw_parse *parse, uint32_t list, const struct qw_op *asked)
{
	uint64_t low = asked->number.a, high = asked->number.a;
	enum qw_compare last = QW_CMP_GE, first = QW_CMP_LE;
	enum qw_err err = qw_member_test(parse, list, MEMBER(ranged), QW_CMP_EQ, 1);
	if (asked->compare == QW_CMP_BETWEEN) {
		high = asked->number.b;
		last = QW_CMP_GT;
		first = QW_CMP_LT;
	} else if (asked->compare == QW_CMP_GT) {
		last = QW_CMP_GT;
		high = UINT16_MAX;
	} else if (asked->compare == QW_CMP_LT) {
		first = QW_CMP_LT;
		low = 0;
	}
	if (!err)
		err = qw_member_test(parse, list, MEMBER(last), last, low);
	return err ? err : qw_member_test(parse, list, MEMBER(first), first, high);
}

static bool is_range(const struct qw_op *op)
{
	return op->compare == QW_CMP_EQ || op->compare == QW_CMP_LT || op->compare == QW_CMP_GT ||
	       op->compare == QW_CMP_BETWEEN;
}

static enum qw_err read_value(struct qw_parse *parse, uint32_t list, struct qw_word piece, const struct qw_op *address)
{
	struct qw_op *op;
	uint32_t place = (uint32_t)address->number.a;
	bool single = address->compare == QW_CMP_EQ;
	if (!takes(&piece, "value"))
		return refuse(parse, piece, "'value N'");
	if (!single)
		return qw_refuse(parse, piece.at, "modbus: a value needs one address, not a range");
	enum qw_err err = qw_draft_op(parse, list, QW_OP_MODBUS_VALUE, &op);
	if (err)
		return err;
	op->number.field = place;
	return qw_word_test(piece, UINT16_MAX, op) && is_range(op) ? QW_OK : refuse(parse, piece, "a value");
}

static enum qw_err read_places(struct qw_parse *parse, uint32_t list, struct qw_word rest, bool writes)
{
	struct qw_op asked = {0};
	struct qw_word piece;
	if (!qw_word_cut(&rest, ',', &piece))
		return QW_OK;
	if (!takes(&piece, "address") || !qw_word_test(piece, UINT16_MAX, &asked) || !is_range(&asked))
		return refuse(parse, piece, "'address N', >N, <N or N<>M");
	enum qw_err err = test_address(parse, list, &asked);
	if (err || !qw_word_cut(&rest, ',', &piece))
		return err;
	if (!writes)
		return qw_refuse(parse, piece.at, "modbus: only a write access has a value");
	return rest.at ? refuse(parse, rest, "known behind the value") : read_value(parse, list, piece, &asked);
}

static enum qw_err read_access(struct qw_parse *parse, uint32_t list, struct qw_word piece, struct qw_word rest)
{
	bool writes = takes(&piece, "write");
	if (!writes && !takes(&piece, "read"))
		return refuse(parse, piece, "an access; read or write");
	enum qw_err err = qw_member_test(parse, list, MEMBER(access), QW_CMP_AND, writes ? QW_MODBUS_WRITE : QW_MODBUS_READ);
	if (err || (piece.len == 0 && !rest.at))
		return err;
	for (const struct qw_number_name *row = tables; row->name; row++) {
		if (!qw_word_is(piece, row->name))
			continue;
		if (writes && row->value & (QW_MODBUS_DISCRETES | QW_MODBUS_INPUT))
			return qw_refuse(parse, piece.at, "modbus: %s can only be read", row->name);
		err = qw_member_test(parse, list, MEMBER(access), QW_CMP_AND, row->value);
		return err ? err : read_places(parse, list, rest, writes);
	}
	return refuse(parse, piece, "a table; discretes, coils, input or holding");
}

/* ---- the keyword */

static enum qw_err read_unit(struct qw_parse *parse, uint32_t list, struct qw_word piece)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_member(parse, list, MEMBER(unit), &op);
	if (err)
		return err;
	return qw_word_test(piece, UINT16_MAX, op) && is_range(op) ? QW_OK : refuse(parse, piece, "a unit; N, >N, <N or N<>M");
}

QW_KEYWORD(modbus)
{
	uint32_t list;
	struct qw_word rest = value, piece;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_MODBUS, &list);
	if (err)
		return err;
	(void)qw_word_cut(&rest, ',', &piece);
	if (takes(&piece, "unit")) {
		err = read_unit(parse, list, piece);
		if (err || !qw_word_cut(&rest, ',', &piece))
			return err;
	}
	if (takes(&piece, "function"))
		return read_function(parse, list, piece, rest);
	if (takes(&piece, "access"))
		return read_access(parse, list, piece, rest);
	return refuse(parse, piece, "unit, function or access");
}

static enum qw_err member_of_any(struct qw_parse *parse, struct qw_word value, struct qw_member_at member,
				 const struct qw_number_name *names)
{
	struct qw_op *op;
	uint32_t list;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_MODBUS_ANY, &list);
	if (!err)
		err = qw_draft_member(parse, list, member, &op);
	return err ? err : qw_number_read(parse, op, value, "Modbus", names, UINT8_MAX);
}

QW_KEYWORD(modbus_func)
{
	return member_of_any(parse, value, MEMBER(function), qw_ot_names(QW_OT_MODBUS_FUNCTIONS));
}

QW_KEYWORD(modbus_unit)
{
	return member_of_any(parse, value, MEMBER(unit), NULL);
}

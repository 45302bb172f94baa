/* SPDX-License-Identifier: Apache-2.0 */
/* packet - numbers and bits of a packet's headers. */
#include "rules/signature/keyword.h"

#include <string.h>

static enum qw_err add(struct qw_parse *parse, enum qw_op_kind kind, struct qw_op **op)
{
	return qw_draft_op(parse, QW_DRAFT_FACTS, kind, op);
}

QW_KEYWORD(field)
{
	struct qw_op *op;
	enum qw_err err = add(parse, QW_OP_FIELD, &op);
	if (err)
		return err;
	op->number.field = row->number;
	if (row->number == QW_FIELD_DSIZE)
		parse->draft->sig.need |= QW_FACT_PACKET; /* a stream has no such size */
	if (row->number == QW_FIELD_ITYPE || row->number == QW_FIELD_ICODE)
		parse->draft->sig.flags |= QW_SIG_ICMP;
	if (!qw_word_test(value, row->max ? row->max : UINT32_MAX, op))
		return qw_refuse(parse, value.at, "'%.*s' is not a test of %s; N, !N, >N, <N or N<>M", (int)value.len,
				 value.at, row->name);
	return QW_OK;
}

static int flag_bit(char c)
{
	static const char letters[] = "FSRPAUEC";
	static const struct {
		char digit, letter;
	} aliases[] = {{'1', 'C'}, {'2', 'E'}, {'Y', 'E'}};
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 32);
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (aliases[i].digit == c)
			c = aliases[i].letter;
	const char *at = strchr(letters, c);
	return at && c ? (int)(at - letters) : -1;
}

static enum qw_err read_flags(struct qw_parse *parse, struct qw_word word, uint8_t *out, uint8_t *mode)
{
	*out = 0;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];
		int bit = flag_bit(c);
		if (mode && (c == '+' || c == '*' || c == '!')) {
			*mode = (uint8_t)c;
			continue;
		}
		if (c == '0' || c == ' ')
			continue;
		if (bit < 0)
			return qw_refuse(parse, word.at + i, "'%c' is not a TCP flag; F S R P A U E C or 0", c);
		*out |= (uint8_t)(1u << bit);
	}
	return QW_OK;
}

QW_KEYWORD(tcp_flags)
{
	struct qw_op *op;
	struct qw_word rest = value, flags, ignored;
	enum qw_err err = add(parse, QW_OP_TCP_FLAGS, &op);
	(void)qw_word_cut(&rest, ',', &flags);
	if (!err)
		err = read_flags(parse, flags, &op->bits.value, &op->bits.mode);
	if (!err && qw_word_cut(&rest, ',', &ignored))
		err = read_flags(parse, ignored, &op->bits.ignore, NULL);
	return err;
}

QW_KEYWORD(fragbits)
{
	struct qw_op *op;
	enum qw_err err = add(parse, QW_OP_FRAGMENT_BITS, &op);
	for (size_t i = 0; !err && i < value.len; i++) {
		static const char letters[] = "MDR"; /* bits 0x2000, 0x4000, 0x8000 of the header */
		char c = value.at[i];
		const char *at = strchr(letters, c);
		if (c == '+' || c == '*' || c == '!')
			op->bits.mode = (uint8_t)c;
		else if (at)
			op->bits.value |= (uint8_t)(1u << (at - letters));
		else if (c != ' ')
			err = qw_refuse(parse, value.at + i, "'%c' is not a fragment bit; M D R", c);
	}
	return err;
}

QW_KEYWORD(sameip)
{
	struct qw_op *op;
	return add(parse, QW_OP_SAME_IP, &op);
}

QW_KEYWORD(ip_proto)
{
	static const struct {
		char name[12];
		uint8_t number;
	} names[] = {{"icmp", 1}, {"igmp", 2}, {"ipip", 4},   {"tcp", 6},  {"egp", 8},	     {"udp", 17},
		     {"ipv6", 41}, {"gre", 47}, {"esp", 50},   {"ah", 51},  {"ipv6-icmp", 58}, {"eigrp", 88},
		     {"ospf", 89}, {"pim", 103}, {"vrrp", 112}, {"sctp", 132}};
	struct qw_op *op;
	struct qw_word word = value;
	bool negated = qw_word_eat(&word, '!');
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!qw_word_is(word, names[i].name))
			continue;
		enum qw_err err = add(parse, QW_OP_FIELD, &op);
		if (err)
			return err;
		op->compare = negated ? QW_CMP_NE : QW_CMP_EQ;
		op->number.field = QW_FIELD_PROTO;
		op->number.a = names[i].number;
		return QW_OK;
	}
	return qw_keyword_field(parse, row, value);
}

QW_KEYWORD(ipopts)
{
	static const struct {
		char name[8];
		uint8_t option;
	} names[] = {{"rr", 7},	   {"eol", 0},	  {"nop", 1},	 {"ts", 68},	{"sec", 130}, {"esec", 133},
		     {"lsrr", 131}, {"ssrr", 137}, {"satid", 136}, {"any", 255}};
	struct qw_op *op;
	enum qw_err err = add(parse, QW_OP_IP_OPTION, &op);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!qw_word_is(value, names[i].name))
			continue;
		op->bits.value = names[i].option;
		return QW_OK;
	}
	return qw_refuse(parse, value.at, "'%.*s' is not an IP option", (int)value.len, value.at);
}

/* vlan.id:[op]ID[,layer]; layer: any, all, 0…2, or -1…-3 from the innermost */
QW_KEYWORD(vlan_id)
{
	struct qw_op *op;
	struct qw_word rest = value, test, layer;
	int64_t number = QW_LAYER_ANY;
	enum qw_err err = add(parse, QW_OP_VLAN, &op);
	if (err)
		return err;
	(void)qw_word_cut(&rest, ',', &test);
	if (!qw_word_test(test, 4095, op))
		return qw_refuse(parse, test.at, "'%.*s' is not a test of a VLAN", (int)test.len, test.at);
	if (qw_word_cut(&rest, ',', &layer)) {
		if (qw_word_is(layer, "all"))
			number = QW_LAYER_ALL;
		else if (!qw_word_is(layer, "any") && !qw_word_i64(layer, 2, &number))
			return qw_refuse(parse, layer.at, "'%.*s' is not a layer; any, all, -2 to 2", (int)layer.len,
					 layer.at);
	}
	op->number.layer = (int32_t)number;
	return QW_OK;
}

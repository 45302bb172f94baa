/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cip - services of CIP: Suricata's cip_service and enip.cip_*, Snort's cip_*.
 *
 * Each service of a message is a record; what one keyword asks must hold in one of them.
 */
#include "quaywatch/ot_names.h"
#include "quaywatch/ot_record.h"
#include "rules/signature/keyword.h"

#define MEMBER(name) QW_MEMBER_AT(struct qw_cip_record, name)

static enum qw_err test_has(struct qw_parse *parse, uint32_t list, unsigned bit)
{
	return qw_member_test(parse, list, MEMBER(has), QW_CMP_AND, bit);
}

/* One member, and what says that it is there. */
QW_KEYWORD(cip_member)
{
	static const struct {
		struct qw_member_at member;
		uint8_t has;
	} members[] = {
		[QW_CIP_CLASS] = {MEMBER(class), QW_CIP_HAS_CLASS},
		[QW_CIP_INSTANCE] = {MEMBER(instance), QW_CIP_HAS_INSTANCE},
		[QW_CIP_ATTRIBUTE] = {MEMBER(attribute), QW_CIP_HAS_ATTRIBUTE},
		[QW_CIP_STATUS] = {MEMBER(status), QW_CIP_RESPONSE},
		[QW_CIP_EXTENDED_STATUS] = {MEMBER(extended), QW_CIP_HAS_EXTENDED},
	};
	struct qw_op *op;
	uint32_t list;
	const struct qw_member_at *member = &members[row->number].member;
	uint64_t max = (UINT64_C(1) << 8 * member->bytes) - 1;
	const struct qw_number_name *names = row->number == QW_CIP_STATUS ? qw_ot_names(QW_OT_CIP_STATUSES) : NULL;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_CIP_SERVICE, &list);
	if (!err)
		err = test_has(parse, list, members[row->number].has);
	if (!err)
		err = qw_draft_member(parse, list, *member, &op);
	return err ? err : qw_number_read(parse, op, value, row->name, names, max);
}

/* Class or attribute behind the service. */
static enum qw_err read_part(struct qw_parse *parse, uint32_t list, struct qw_word word, struct qw_member_at member, unsigned has)
{
	struct qw_op *op;
	enum qw_err err = test_has(parse, list, has);
	if (!err)
		err = qw_draft_member(parse, list, member, &op);
	return err ? err : qw_number_read(parse, op, word, "cip_service", NULL, UINT32_MAX);
}

/* service[,class[,[!]attribute]]; a negated attribute asks for nothing, as in Suricata. */
QW_KEYWORD(cip_service)
{
	struct qw_op *op;
	struct qw_word rest = value, service, class, attribute;
	uint32_t list;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_CIP_SERVICE, &list);
	if (!err)
		err = qw_draft_member(parse, list, MEMBER(service), &op);
	(void)qw_word_cut(&rest, ',', &service);
	if (!err)
		err = qw_number_read(parse, op, service, "cip_service", qw_ot_names(QW_OT_CIP_SERVICES), 127);
	if (err || !qw_word_cut(&rest, ',', &class))
		return err;
	err = read_part(parse, list, class, MEMBER(class), QW_CIP_HAS_CLASS);
	if (err || !qw_word_cut(&rest, ',', &attribute))
		return err;
	if (rest.at)
		return qw_refuse(parse, rest.at, "cip_service has three numbers at most: service, class, attribute");
	if (qw_word_eat(&attribute, '!')) {
		uint64_t number;
		return qw_word_u64(attribute, UINT32_MAX, &number)
			       ? QW_OK
			       : qw_refuse(parse, attribute.at, "'%.*s' is not an attribute", (int)attribute.len, attribute.at);
	}
	return read_part(parse, list, attribute, MEMBER(attribute), QW_CIP_HAS_ATTRIBUTE);
}

/* command[,function] of PCCC that a service carries: old controllers are spoken to so. */
QW_KEYWORD(cip_pccc)
{
	enum { EXECUTE_PCCC = 0x4b };
	struct qw_op *op;
	struct qw_word rest = value, command, function;
	uint32_t list;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_CIP_SERVICE, &list);
	if (!err)
		err = qw_member_test(parse, list, MEMBER(service), QW_CMP_EQ, EXECUTE_PCCC); /* it is found by */
	if (!err)
		err = test_has(parse, list, QW_CIP_HAS_PCCC);
	if (!err)
		err = qw_draft_member(parse, list, MEMBER(pccc_command), &op);
	(void)qw_word_cut(&rest, ',', &command);
	if (!err)
		err = qw_number_read(parse, op, command, row->name, NULL, UINT8_MAX);
	if (err || !qw_word_cut(&rest, ',', &function))
		return err;
	if (rest.at)
		return qw_refuse(parse, rest.at, "cip_pccc has two numbers at most: command, function");
	err = test_has(parse, list, QW_CIP_HAS_PCCC_FUNCTION);
	if (!err)
		err = qw_draft_member(parse, list, MEMBER(pccc_function), &op);
	return err ? err : qw_number_read(parse, op, function, row->name, NULL, UINT8_MAX);
}

/* A request, or a response. */
QW_KEYWORD(cip_way)
{
	struct qw_op *op;
	uint32_t list;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_CIP_SERVICE, &list);
	if (!err)
		err = qw_draft_member(parse, list, MEMBER(has), &op);
	if (err)
		return err;
	op->compare = QW_CMP_AND;
	op->number.a = QW_CIP_RESPONSE;
	op->flags |= row->number ? 0 : QW_OP_NEGATED;
	return QW_OK;
}

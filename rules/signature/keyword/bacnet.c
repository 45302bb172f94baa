/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bacnet - BACnet/IP: bacnet.* of our own.
 *
 * Each object or property that a service names is a record; what one keyword asks must hold in one of them.
 */
#include "quaywatch/ot_names.h"
#include "quaywatch/ot_record.h"
#include "rules/signature/keyword.h"

#define MEMBER(name) QW_MEMBER_AT(struct qw_bacnet_item, name)

/* row->number is the buffer. */
QW_KEYWORD(bacnet_number)
{
	static const struct {
		uint8_t buffer;
		uint8_t names; /* enum qw_ot_names */
	} rows[] = {
	    {QW_BUFFER_BACNET_FUNCTION, QW_OT_BACNET_FUNCTIONS},
	    {QW_BUFFER_BACNET_NETWORK_MESSAGE, QW_OT_BACNET_NETWORK_MESSAGES},
	    {QW_BUFFER_BACNET_TYPE, QW_OT_BACNET_TYPES},
	    {QW_BUFFER_BACNET_CONFIRMED, QW_OT_BACNET_CONFIRMED},
	    {QW_BUFFER_BACNET_UNCONFIRMED, QW_OT_BACNET_UNCONFIRMED},
	    {QW_BUFFER_BACNET_ERROR, QW_OT_BACNET_ERRORS},
	};
	const struct qw_number_name *names = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].buffer == row->number)
			names = qw_ot_names((enum qw_ot_names)rows[i].names);
	return qw_number_test(parse, (enum qw_buffer)row->number, value, names, UINT16_MAX);
}

/* One member, and what says that it is there. */
static enum qw_err test_part(struct qw_parse *parse, uint32_t list, struct qw_word word, struct qw_member_at member,
			     unsigned has, const struct qw_number_name *names)
{
	struct qw_op *op;
	uint64_t max = (UINT64_C(1) << 8 * member.bytes) - 1;
	enum qw_err err = qw_member_test(parse, list, MEMBER(has), QW_CMP_AND, has);
	if (!err)
		err = qw_draft_member(parse, list, member, &op);
	return err ? err : qw_number_read(parse, op, word, "bacnet", names, max);
}

/* type[,instance] */
static enum qw_err test_object(struct qw_parse *parse, uint32_t list, struct qw_word value)
{
	struct qw_word rest = value, type, instance;
	(void)qw_word_cut(&rest, ',', &type);
	enum qw_err err =
	    test_part(parse, list, type, MEMBER(object), QW_BACNET_HAS_OBJECT, qw_ot_names(QW_OT_BACNET_OBJECTS));
	if (err || !qw_word_cut(&rest, ',', &instance))
		return err;
	if (rest.at)
		return qw_refuse(parse, rest.at, "an object of BACnet is 'type' or 'type,instance'");
	return test_part(parse, list, instance, MEMBER(instance), QW_BACNET_HAS_OBJECT, NULL);
}

QW_KEYWORD(bacnet_object)
{
	uint32_t list;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_BACNET_ITEM, &list);
	return err ? err : test_object(parse, list, value);
}

/* property[,type[,instance]] */
QW_KEYWORD(bacnet_property)
{
	uint32_t list;
	struct qw_word rest = value, property;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_BACNET_ITEM, &list);
	(void)qw_word_cut(&rest, ',', &property);
	if (!err)
		err = test_part(parse, list, property, MEMBER(property), QW_BACNET_HAS_PROPERTY,
				qw_ot_names(QW_OT_BACNET_PROPERTIES));
	return err || !rest.at ? err : test_object(parse, list, rest);
}

QW_KEYWORD(bacnet_priority)
{
	uint32_t list;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_BACNET_ITEM, &list);
	return err ? err : test_part(parse, list, value, MEMBER(priority), QW_BACNET_HAS_PRIORITY, NULL);
}

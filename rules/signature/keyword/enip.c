/* SPDX-License-Identifier: Apache-2.0 */
/* enip - EtherNet/IP: Suricata's enip.*, and enip_command, enip_status, enip_req and enip_rsp as Snort has them too. */
#include "quaywatch/ot_names.h"
#include "quaywatch/ot_record.h"
#include "rules/signature/keyword.h"

#define MEMBER(name) QW_MEMBER_AT(struct qw_enip_identity, name)

QW_KEYWORD(enip_command)
{
	return qw_number_test(parse, QW_BUFFER_ENIP_COMMAND, value, qw_ot_names(QW_OT_ENIP_COMMANDS), UINT16_MAX);
}

QW_KEYWORD(enip_status)
{
	return qw_number_test(parse, QW_BUFFER_ENIP_STATUS, value, qw_ot_names(QW_OT_ENIP_STATUSES), UINT32_MAX);
}

QW_KEYWORD(enip_identity)
{
	static const struct qw_member_at members[] = {
		[QW_ENIP_REVISION] = MEMBER(revision),
		[QW_ENIP_IDENTITY_STATUS] = MEMBER(status),
		[QW_ENIP_STATE] = MEMBER(state),
		[QW_ENIP_SERIAL] = MEMBER(serial),
		[QW_ENIP_PRODUCT_CODE] = MEMBER(product_code),
		[QW_ENIP_DEVICE_TYPE] = MEMBER(device_type),
		[QW_ENIP_VENDOR_ID] = MEMBER(vendor),
	};
	struct qw_op *op;
	uint32_t list;
	const struct qw_member_at *member = &members[row->number];
	uint64_t max = (UINT64_C(1) << 8 * member->bytes) - 1;
	enum qw_err err = qw_draft_new_list(parse, QW_BUFFER_ENIP_IDENTITY, &list);
	if (!err)
		err = qw_draft_member(parse, list, *member, &op);
	return err ? err : qw_number_read(parse, op, value, row->name, NULL, max);
}

/* A request, or an answer: any command will do. */
QW_KEYWORD(enip_way)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_ENIP_COMMAND, &op);
	if (err)
		return err;
	op->compare = QW_CMP_GE;
	parse->draft->sig.need |= (uint16_t)(row->number ? QW_FACT_TO_CLIENT : QW_FACT_TO_SERVER);
	return QW_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/tls_plc.h"

#include "quaywatch/ot.h"
#include "sensor/protocol/iso.h"
#include "sensor/protocol/store.h"

void qw_tls_plc_hello(void *state, struct qw_flow *flow, enum qw_direction direction,
		      const struct qw_message_sink *sink)
{
	enum { BESIDE_TLS = 2 }; /* TLS has the first transaction */
	struct qw_message message;
	struct qw_ot_detail detail;
	if (qw_flow_server_port(flow) != QW_ISO_PORT || !qw_parser_ot_wants(state))
		return;
	qw_message_begin(&message, QW_APP_S7COMM_PLUS, direction, BESIDE_TLS);
	message.last = message.alone = true;
	qw_ot_begin(&detail, "s7comm-plus", QW_OT_NO_NUMBER, NULL, false);
	detail.kind = "engineering-session";
	message.detail = &detail;
	sink->publish(sink->ctx, flow, &message);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* profinet_dcp - who is there, which name and address it has, and who gives it another: each frame is told. */
#include "sensor/protocol/profinet.h"

#include "quaywatch/ot_names.h"
#include "sensor/protocol/dcp_message.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parser.h"

enum { TEXT_MAX = 384, FLAGS_MAX = 128, ID_MAX = 16 };

struct scene {
	struct qw_dcp dcp;
	struct qw_ot_detail detail;
	char options[TEXT_MAX], flags[FLAGS_MAX], vendor[ID_MAX], device[ID_MAX];
};

static struct qw_slice id_text(char memory[ID_MAX], uint16_t id)
{
	struct qw_text text;
	qw_text_init(&text, memory, ID_MAX);
	qw_ot_put_id(&text, id);
	return qw_ot_text_slice(&text);
}

static void put_flags(struct qw_text *text, const struct qw_dcp *dcp)
{
	static const char *const roles[] = {"io_device", "io_controller", "io_multidevice", "io_supervisor"};
	for (unsigned i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if (dcp->has & QW_DCP_HAS_ROLE && dcp->role >> i & 1)
			qw_ot_put_word(text, roles[i]);
	if (dcp->permanent)
		qw_ot_put_word(text, "permanent");
	if (dcp->has & QW_DCP_HAS_INITIATIVE && dcp->initiative)
		qw_ot_put_word(text, "says_hello");
	if (dcp->refused)
		qw_ot_put_word(text, "not_supported");
	qw_link_put_odds(text, qw_profinet_odds, dcp->malformed ? QW_PROFINET_MALFORMED : 0);
}

static void tell_addresses(struct qw_ot_detail *detail, const struct qw_dcp *dcp)
{
	if (!(dcp->has & QW_DCP_HAS_IP))
		return;
	qw_ot_text(detail, QW_KEY_OT_IP, qw_slice(&dcp->ip, sizeof(dcp->ip)));
	qw_ot_text(detail, QW_KEY_OT_NETMASK, qw_slice(&dcp->netmask, sizeof(dcp->netmask)));
	qw_ot_text(detail, QW_KEY_OT_GATEWAY, qw_slice(&dcp->gateway, sizeof(dcp->gateway)));
}

static void tell_identity(struct scene *scene)
{
	const struct qw_dcp *dcp = &scene->dcp;
	struct qw_ot_detail *detail = &scene->detail;
	if (dcp->has & QW_DCP_HAS_VENDOR)
		qw_ot_text(detail, QW_KEY_OT_VENDOR, id_text(scene->vendor, dcp->vendor));
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, dcp->product);
	if (dcp->has & QW_DCP_HAS_VENDOR)
		qw_ot_text(detail, QW_KEY_OT_PRODUCT_CODE, id_text(scene->device, dcp->device));
	if (dcp->has & QW_DCP_HAS_ROLE)
		qw_ot_number(detail, QW_KEY_OT_DEVICE_TYPE, dcp->role);
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, dcp->station);
}

static void fill_detail(struct scene *scene, uint16_t frame_id)
{
	const struct qw_dcp *dcp = &scene->dcp;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text options, flags;
	qw_text_init(&options, scene->options, sizeof(scene->options));
	qw_text_init(&flags, scene->flags, sizeof(scene->flags));
	qw_dcp_put_options(&options, dcp);
	put_flags(&flags, dcp);
	qw_ot_begin(detail, "profinet-dcp", dcp->service, qw_ot_names(QW_OT_DCP_SERVICES), dcp->response);
	if (dcp->refused || dcp->result)
		qw_ot_fail(detail, dcp->result ? dcp->result : QW_OT_NO_NUMBER, qw_ot_names(QW_OT_DCP_ERRORS));
	if (dcp->has & QW_DCP_HAS_XID)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, dcp->xid);
	qw_ot_number(detail, QW_KEY_OT_UNIT, frame_id);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&options));
	tell_addresses(detail, dcp);
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&flags));
	tell_identity(scene);
}

static void add_fields(const struct qw_dcp *dcp, struct qw_message *out)
{
	uint16_t options[QW_DCP_OPTIONS_MAX];
	size_t count = qw_dcp_options(dcp, options);
	qw_message_number(out, QW_BUFFER_PROFINET_DCP_SERVICE, dcp->service, true);
	for (size_t i = 0; i < count; i++)
		qw_message_number(out, QW_BUFFER_PROFINET_DCP_OPTION, options[i], true);
	if (dcp->station.len)
		qw_message_add(out, QW_BUFFER_PROFINET_STATION, QW_SIGHT_NONE, dcp->station, true);
	if (dcp->malformed)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_PROFINET_MALFORMED, true);
}

void qw_profinet_dcp(const struct qw_link_call *call, uint16_t frame_id, struct qw_bytes in)
{
	struct scene scene;
	struct qw_message message;
	if (!qw_dcp_parse(&scene.dcp, in)) {
		qw_link_unread(call);
		return;
	}
	fill_detail(&scene, frame_id);
	qw_link_begin(call, qw_link_find(call, frame_id), &scene.detail, &message);
	if (qw_link_wants(call) & QW_OT_WANT_FIELDS)
		add_fields(&scene.dcp, &message);
	qw_link_publish(call, &message);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* smb - messages out of the stream, and who reads them. */
#include "sensor/protocol/smb.h"

#include "sensor/protocol/parsers.h"

enum {
	MAGIC_COMPRESSED = 0xfc,
	MAGIC_ENCRYPTED = 0xfd,
	MAGIC_SMB2 = 0xfe,
	MAGIC_SMB1 = 0xff,
	ASTRAY_MAX = 64 * 1024,
	FLAGS_AT = 9,       /* of SMB1's head */
	FLAG_REPLY = 0x80,
	FLAGS2_AT = 16,     /* of SMB2's */
	FLAG2_RESPONSE = 1,
	SIDES_AT = 17,      /* bytes that tell who is who */
};

/* The first message says which end is the server. */
static void tell_sides(struct qw_smb *smb, enum qw_direction direction, const uint8_t *at)
{
	bool response = at[0] == MAGIC_SMB1 ? at[FLAGS_AT] & FLAG_REPLY : at[FLAGS2_AT] & FLAG2_RESPONSE;
	smb->begun = true;
	smb->turned = response == (direction == QW_TO_SERVER);
}

/* A message begins: what is it? */
static void begin(const struct qw_smb_call *call, struct qw_bytes *in)
{
	struct qw_smb *smb = call->smb;
	struct qw_smb_side *side = qw_smb_side(call);
	const uint8_t *at = qw_netbios_peek(smb, &side->netbios, in, SIDES_AT);
	if (!at)
		return;
	side->related = 0;
	side->version = at[0] == MAGIC_SMB1 ? 1 : 2;
	side->encrypted = at[0] == MAGIC_ENCRYPTED ? (uint8_t)(side->encrypted + 1) : 0;
	if (at[0] == MAGIC_COMPRESSED)
		qw_parser_cut(smb);
	if (at[0] == MAGIC_ENCRYPTED || at[0] == MAGIC_COMPRESSED || side->netbios.left < SIDES_AT)
		side->data.after = side->netbios.left;
	else if (!smb->begun)
		tell_sides(smb, call->direction, at);
}

static void deliver(const struct qw_smb_call *call, struct qw_bytes *in)
{
	struct qw_smb_side *side = qw_smb_side(call);
	struct qw_smb_data *data = &side->data;
	struct qw_slice piece = qw_netbios_take(&side->netbios, in, data->left);
	uint64_t place = data->offset;
	data->left -= (uint32_t)piece.len;
	data->offset += piece.len;
	qw_smb_file_data(call, qw_smb_file_by_serial(call->smb, data->file), (enum qw_direction)data->way, place, piece,
			 data->left == 0);
}

static void step(const struct qw_smb_call *call, struct qw_bytes *in)
{
	struct qw_smb *smb = call->smb;
	struct qw_smb_side *side = qw_smb_side(call);
	struct qw_smb_data *data = &side->data;
	if (data->before)
		data->before -= qw_netbios_pass(smb, &side->netbios, in, data->before);
	else if (data->left)
		deliver(call, in);
	else if (data->after)
		data->after -= qw_netbios_pass(smb, &side->netbios, in, data->after);
	else if (side->netbios.left == 0)
		side->version = 0, (void)qw_netbios_next(smb, &side->netbios, in);
	else if (side->version == 0)
		begin(call, in);
	else if (side->version == 1)
		qw_smb1_read(call, in);
	else
		qw_smb2_read(call, in);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct qw_smb *smb = state;
	const struct qw_smb_call call = {smb, flow, direction, sink};
	struct qw_smb_side *side = &smb->side[direction];
	struct qw_bytes in = qw_bytes(data, len);
	while (in.left)
		step(&call, &in);
	if (side->netbios.astray > ASTRAY_MAX)
		return QW_PARSE_STOP;
	if (side->encrypted < QW_SMB_ENCRYPTED_ROW)
		return QW_PARSE_MORE;
	qw_smb_files_close(&call, direction);
	return QW_PARSE_SKIP;
}

/* Inside of a file's data the place is known; anywhere else the next message is looked for. */
static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct qw_smb *smb = state;
	struct qw_smb_side *side = &smb->side[direction];
	struct qw_smb_data *data = &side->data;
	if (data->before == 0 && missing < data->left) {
		data->offset += missing;
		data->left -= missing;
		side->netbios.left -= missing;
		return QW_PARSE_MORE;
	}
	*data = (struct qw_smb_data){0};
	qw_netbios_gap(smb, &side->netbios);
	return QW_PARSE_MORE;
}

static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	struct qw_smb *smb = state;
	const struct qw_smb_call call = {smb, flow, direction, sink};
	qw_smb_files_close(&call, direction);
	if (direction == qw_smb_way(smb, false))
		qw_smb_trees_close(&call);
}

static void fini(void *state)
{
	struct qw_smb *smb = state;
	qw_netbios_free(smb, &smb->side[0].netbios);
	qw_netbios_free(smb, &smb->side[1].netbios);
	qw_smb_files_free(smb);
	qw_smb_trees_free(smb);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return qw_netbios_probe(data, len);
}

const struct qw_parser_ops qw_parser_smb = {
	.app = QW_APP_SMB,
	.starts = {2, {{0x00, 0x00}, {0x81, 0x85}}},
	.probe = probe,
	.speaker = qw_netbios_speaker,
	.state_bytes = sizeof(struct qw_smb),
	.feed = feed,
	.gap = gap,
	.close = close_side,
	.fini = fini,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/dcp_message.h"

#include "quaywatch/ot_names.h"
#include "sensor/protocol/ot_text.h"

enum { RESPONSE = 1, REFUSED = 4, BLOCKS_MAX = 64, INFO = 2, PERMANENT = 1 };

/* Option in the high byte. */
enum {
	IP = 0x0102,
	IP_SUITE = 0x0103,
	PRODUCT = 0x0201,
	STATION = 0x0202,
	DEVICE_ID = 0x0203,
	ROLE = 0x0204,
	RESULT = 0x0504,
	INITIATIVE = 0x0601,
};

struct block {
	uint16_t option;
	uint16_t info; /* of what is set, or told */
	struct qw_bytes body;
};

/* A request to get names options, and says nothing of them. */
static bool names_alone(const struct qw_dcp *dcp)
{
	return dcp->service == QW_DCP_SERVICE_GET && !dcp->response;
}

/* Filters of a request to identify are without; else two bytes say how it is set, or what it is worth. */
static bool has_info(const struct qw_dcp *dcp)
{
	return dcp->response || dcp->service == QW_DCP_SERVICE_SET || dcp->service == QW_DCP_SERVICE_HELLO;
}

static bool next_block(const struct qw_dcp *dcp, struct qw_bytes *in, struct block *out)
{
	struct qw_bytes at = *in;
	uint16_t len;
	*out = (struct block){0};
	if (!qw_bytes_be16(&at, &out->option))
		return false;
	if (!names_alone(dcp)) {
		if (!qw_bytes_be16(&at, &len) || !qw_bytes_take(&at, len, &out->body))
			return false;
		if (len & 1)
			(void)qw_bytes_skip(&at, 1); /* which may be missing behind the last */
		if (has_info(dcp) && out->option != RESULT)
			(void)qw_bytes_be16(&out->body, &out->info);
	}
	*in = at;
	return true;
}

static bool addresses(struct qw_dcp *dcp, struct qw_bytes body)
{
	struct qw_bytes all;
	if (!qw_bytes_take(&body, 12, &all))
		return false;
	dcp->ip = qw_address_v4(all.at);
	dcp->netmask = qw_address_v4(all.at + 4);
	dcp->gateway = qw_address_v4(all.at + 8);
	dcp->has |= QW_DCP_HAS_IP;
	return true;
}

static bool identity(struct qw_dcp *dcp, struct qw_bytes body)
{
	if (!qw_bytes_be16(&body, &dcp->vendor) || !qw_bytes_be16(&body, &dcp->device))
		return false;
	dcp->has |= QW_DCP_HAS_VENDOR;
	return true;
}

/* Of an answer to a request to set: which option, and why not. */
static bool result(struct qw_dcp *dcp, struct qw_bytes body)
{
	uint16_t option;
	uint8_t error;
	if (!qw_bytes_be16(&body, &option) || !qw_bytes_u8(&body, &error))
		return false;
	if (!dcp->result)
		dcp->result = error;
	dcp->has |= QW_DCP_HAS_RESULT;
	return true;
}

static bool read_block(struct qw_dcp *dcp, const struct block *block)
{
	struct qw_bytes body = block->body;
	switch (block->option) {
	case IP:
	case IP_SUITE: return addresses(dcp, body);
	case PRODUCT: dcp->product = qw_slice(body.at, body.left); return true;
	case STATION: dcp->station = qw_slice(body.at, body.left); return true;
	case DEVICE_ID: return identity(dcp, body);
	case ROLE: dcp->has |= QW_DCP_HAS_ROLE; return qw_bytes_u8(&body, &dcp->role);
	case INITIATIVE: dcp->has |= QW_DCP_HAS_INITIATIVE; return qw_bytes_be16(&body, &dcp->initiative);
	case RESULT: return !dcp->response || result(dcp, body);
	default: return true;
	}
}

static void read_blocks(struct qw_dcp *dcp)
{
	struct qw_bytes in = dcp->blocks;
	struct block block;
	for (unsigned i = 0; i < BLOCKS_MAX && next_block(dcp, &in, &block); i++) {
		if (dcp->service == QW_DCP_SERVICE_SET && !dcp->response)
			dcp->permanent |= block.info & PERMANENT;
		if (!names_alone(dcp))
			dcp->malformed |= !read_block(dcp, &block);
	}
	dcp->malformed |= in.left != 0;
}

bool qw_dcp_parse(struct qw_dcp *out, struct qw_bytes in)
{
	uint8_t type;
	uint16_t delay, len;
	*out = (struct qw_dcp){0};
	if (!qw_bytes_u8(&in, &out->service))
		return false;
	out->malformed = !qw_bytes_u8(&in, &type) || !qw_bytes_be32(&in, &out->xid) || !qw_bytes_be16(&in, &delay) ||
			 !qw_bytes_be16(&in, &len) || !qw_bytes_take(&in, len, &out->blocks);
	if (out->malformed)
		return true;
	out->response = type & RESPONSE;
	out->refused = out->response && type & REFUSED;
	out->has |= QW_DCP_HAS_XID;
	read_blocks(out);
	return true;
}

size_t qw_dcp_options(const struct qw_dcp *dcp, uint16_t out[QW_DCP_OPTIONS_MAX])
{
	struct qw_bytes in = dcp->blocks;
	struct block block;
	size_t count = 0;
	while (count < QW_DCP_OPTIONS_MAX && next_block(dcp, &in, &block))
		out[count++] = block.option;
	return count;
}

void qw_dcp_put_options(struct qw_text *text, const struct qw_dcp *dcp)
{
	struct qw_bytes in = dcp->blocks;
	struct block block;
	for (unsigned i = 0; next_block(dcp, &in, &block); i++) {
		if (i == QW_DCP_OPTIONS_MAX) {
			qw_ot_put_word(text, "...");
			return;
		}
		const char *name = qw_number_name(qw_ot_names(QW_OT_DCP_OPTIONS), block.option);
		if (name) {
			qw_ot_put_word(text, name);
			continue;
		}
		qw_ot_put_comma(text);
		qw_text_u64(text, block.option >> 8);
		qw_text_char(text, '.');
		qw_text_u64(text, block.option & 0xff);
	}
}

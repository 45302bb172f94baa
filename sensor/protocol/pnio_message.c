/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/pnio_message.h"

enum {
	VERSION = 4,
	TYPE_MAX = 10,
	UUID_OBJECT = 8,
	UUID_INTERFACE = 24,
	UUID_ACTIVITY = 40,
	SEQUENCE = 64,
	OPERATION = 68,
	LENGTH = 74,
	FRAGMENT = 76,
	BLOCKS_MAX = 64,
	BLOCK_VERSION = 2,
};

/* Types of blocks; answers have the highest bit set. */
enum {
	ANSWER = 0x8000,
	WRITE = 0x0008,
	READ = 0x0009,
	IDENTITY = 0x0020,
	RELATION = 0x0101,
	CONTROL_FIRST = 0x0110, /* parameters end, application ready, release, of whole relations and of parts */
	CONTROL_LAST = 0x0118,
};

static bool is_little(const uint8_t *head)
{
	return head[4] & 0x10;
}

/* dea0000N-6c97-11d1-8271-…: 1 device, 2 controller, 3 supervisor, 4 parameter server. */
bool qw_pnio_is_header(struct qw_bytes in)
{
	static const uint8_t tail[] = {0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71, 0x00, 0xa0, 0x24, 0x42, 0xdf, 0x7d};
	uint8_t uuid[QW_DCERPC_UUID];
	if (in.left < QW_PNIO_HEAD || in.at[0] != VERSION || in.at[1] > TYPE_MAX)
		return false;
	qw_dcerpc_uuid(in.at + UUID_INTERFACE, is_little(in.at), uuid);
	return memcmp(uuid, "\xde\xa0\0", 3) == 0 && uuid[3] >= 1 && uuid[3] <= 4 && memcmp(uuid + 4, tail, sizeof(tail)) == 0;
}

static bool take_relation(struct qw_pnio *pnio, struct qw_bytes *in)
{
	bool whole = qw_bytes_copy(in, pnio->relation, sizeof(pnio->relation));
	pnio->has |= whole ? QW_PNIO_HAS_RELATION : 0;
	return whole;
}

static bool take_mac(struct qw_pnio *pnio, struct qw_bytes *in)
{
	struct qw_bytes mac;
	if (!qw_bytes_take(in, 6, &mac))
		return false;
	pnio->mac = qw_slice(mac.at, mac.left);
	pnio->has |= QW_PNIO_HAS_MAC;
	return true;
}

/* Who wants to be connected: type, relation, session key, MAC, object, properties, timeout, port, name of station. */
static bool read_relation(struct qw_pnio *pnio, struct qw_bytes in, bool request)
{
	enum { OBJECT_TO_PORT = 16 + 4 + 2 + 2 };
	uint16_t type, key, len;
	struct qw_bytes name;
	if (!qw_bytes_be16(&in, &type) || !take_relation(pnio, &in) || !qw_bytes_be16(&in, &key) || !take_mac(pnio, &in))
		return false;
	if (!request)
		return true;
	if (!qw_bytes_skip(&in, OBJECT_TO_PORT) || !qw_bytes_be16(&in, &len) || !qw_bytes_take(&in, len, &name))
		return false;
	pnio->station = qw_slice(name.at, name.left);
	return true;
}

static bool read_control(struct qw_pnio *pnio, struct qw_bytes in)
{
	uint16_t reserved, key, more;
	if (!qw_bytes_be16(&in, &reserved) || !take_relation(pnio, &in) || !qw_bytes_be16(&in, &key) ||
	    !qw_bytes_be16(&in, &more) || !qw_bytes_be16(&in, &pnio->command))
		return false;
	pnio->has |= QW_PNIO_HAS_CONTROL;
	return true;
}

/* Only the first record of several is told. */
static bool read_record(struct qw_pnio *pnio, struct qw_bytes in)
{
	uint16_t number, pad;
	uint32_t api;
	if (pnio->has & QW_PNIO_HAS_RECORD)
		return true;
	if (!qw_bytes_be16(&in, &number) || !take_relation(pnio, &in) || !qw_bytes_be32(&in, &api) ||
	    !qw_bytes_be16(&in, &pnio->slot) || !qw_bytes_be16(&in, &pnio->subslot) || !qw_bytes_be16(&in, &pad) ||
	    !qw_bytes_be16(&in, &pnio->index) || !qw_bytes_be32(&in, &pnio->record_len))
		return false;
	pnio->has |= QW_PNIO_HAS_RECORD;
	return true;
}

static struct qw_slice trimmed(struct qw_bytes text)
{
	while (text.left && (text.at[text.left - 1] == ' ' || text.at[text.left - 1] == 0))
		text.left--;
	return qw_slice(text.at, text.left);
}

static bool read_identity(struct qw_pnio *pnio, struct qw_bytes in)
{
	struct qw_bytes order, serial;
	if (!qw_bytes_be16(&in, &pnio->identity_vendor) || !qw_bytes_take(&in, 20, &order) ||
	    !qw_bytes_take(&in, 16, &serial) || !qw_bytes_be16(&in, &pnio->hardware) ||
	    !qw_bytes_copy(&in, pnio->software, sizeof(pnio->software)))
		return false;
	pnio->order = trimmed(order);
	pnio->serial = trimmed(serial);
	pnio->has |= QW_PNIO_HAS_IDENTITY;
	return true;
}

static bool read_block(struct qw_pnio *pnio, uint16_t type, struct qw_bytes body)
{
	uint16_t kind = type & (ANSWER - 1);
	if (!qw_bytes_skip(&body, BLOCK_VERSION))
		return false;
	if (kind == RELATION)
		return read_relation(pnio, body, !(type & ANSWER));
	if (kind >= CONTROL_FIRST && kind <= CONTROL_LAST)
		return read_control(pnio, body);
	if (kind == READ || kind == WRITE)
		return read_record(pnio, body);
	return type != IDENTITY || read_identity(pnio, body);
}

/*
 * Behind a record that is written stands what is written, which is no block:
 * what does not read as one there ends the list.
 */
static bool read_blocks(struct qw_pnio *pnio, struct qw_bytes in)
{
	uint16_t type, len;
	struct qw_bytes body;
	for (unsigned i = 0; i < BLOCKS_MAX && in.left; i++) {
		bool data = pnio->has & QW_PNIO_HAS_RECORD;
		bool whole = qw_bytes_be16(&in, &type) && qw_bytes_be16(&in, &len) && qw_bytes_take(&in, len, &body) &&
			     read_block(pnio, type, body);
		if (!whole)
			return data;
	}
	return true;
}

static bool read_body(struct qw_pnio *pnio, struct qw_bytes in, bool little)
{
	enum { MORE_LENGTHS = 12 };
	uint32_t first, len;
	bool head = little ? qw_bytes_le32(&in, &first) && qw_bytes_le32(&in, &len)
			   : qw_bytes_be32(&in, &first) && qw_bytes_be32(&in, &len);
	if (!head)
		return false;
	if (pnio->type == QW_PNIO_RESPONSE) {
		pnio->status = first;
		pnio->has |= QW_PNIO_HAS_STATUS;
	}
	if (!qw_bytes_skip(&in, MORE_LENGTHS))
		return len == 0;
	qw_bytes_limit(&in, len);
	return read_blocks(pnio, in);
}

bool qw_pnio_parse_head(struct qw_pnio *out, struct qw_bytes in, struct qw_bytes *body)
{
	enum { DEVICE = 12, VENDOR = 14, LAST = 0x02, FRAGMENTED = 0x04 };
	struct qw_bytes head;
	uint8_t object[QW_DCERPC_UUID];
	*out = (struct qw_pnio){0};
	if (!qw_pnio_is_header(in) || !qw_bytes_take(&in, QW_PNIO_HEAD, &head))
		return false;
	bool little = is_little(head.at);
	qw_dcerpc_uuid(head.at + UUID_OBJECT, little, object);
	memcpy(out->activity, head.at + UUID_ACTIVITY, sizeof(out->activity));
	out->type = head.at[1];
	out->little = little;
	out->fragmented = head.at[2] & FRAGMENTED;
	out->last = !out->fragmented || head.at[2] & LAST;
	out->device = qw_be16(object + DEVICE);
	out->vendor = qw_be16(object + VENDOR);
	out->sequence = little ? qw_le32(head.at + SEQUENCE) : qw_be32(head.at + SEQUENCE);
	out->operation = little ? qw_le16(head.at + OPERATION) : qw_be16(head.at + OPERATION);
	out->fragment = little ? qw_le16(head.at + FRAGMENT) : qw_be16(head.at + FRAGMENT);
	qw_bytes_limit(&in, little ? qw_le16(head.at + LENGTH) : qw_be16(head.at + LENGTH));
	*body = in;
	return true;
}

void qw_pnio_parse_body(struct qw_pnio *out, struct qw_bytes body, bool cut)
{
	enum { STUB_STATUS = 4 };
	if (out->type == QW_PNIO_REQUEST || out->type == QW_PNIO_RESPONSE) {
		out->malformed = !read_body(out, body, out->little) && !cut;
	} else if (body.left >= STUB_STATUS) {
		out->status = out->little ? qw_le32(body.at) : qw_be32(body.at);
		out->has |= QW_PNIO_HAS_STATUS;
	}
}

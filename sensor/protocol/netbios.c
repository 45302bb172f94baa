/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/netbios.h"

enum {
	TYPE_MESSAGE = 0x00,
	TYPE_REQUEST = 0x81,
	TYPE_POSITIVE = 0x82,
	TYPE_NEGATIVE = 0x83,
	TYPE_RETARGET = 0x84,
	TYPE_KEEPALIVE = 0x85,
	BEGIN = QW_NETBIOS_HEAD + QW_NETBIOS_MAGIC,
	REQUEST_LEN = 68, /* two encoded names of 34 bytes */
	NAME_LEN = 32,    /* of one, its length byte and end not counted */
	ANSWER_MAX = 6,
};

static bool is_magic(const uint8_t *at)
{
	return at[0] >= 0xfc && memcmp(at + 1, "SMB", 3) == 0;
}

static bool is_message(const uint8_t *at)
{
	return at[0] == TYPE_MESSAGE && qw_be24(at + 1) >= QW_NETBIOS_MAGIC && is_magic(at + QW_NETBIOS_HEAD);
}

/* The length of what is no message but belongs to the service; -1: neither. */
static int control_len(const uint8_t *at)
{
	uint32_t len = qw_be24(at + 1);
	if (at[0] == TYPE_MESSAGE)
		return len == 0 ? 0 : -1;
	if (at[0] == TYPE_REQUEST)
		return len == REQUEST_LEN ? REQUEST_LEN : -1;
	return at[0] >= TYPE_POSITIVE && at[0] <= TYPE_KEEPALIVE && len <= ANSWER_MAX ? (int)len : -1;
}

static void pass(struct qw_netbios *netbios, struct qw_bytes *in)
{
	size_t part = netbios->pass < in->left ? netbios->pass : in->left;
	qw_bytes_skip(in, part);
	netbios->pass -= (uint32_t)part;
}

/* One step towards a message: true, it begins. */
static bool step(void *state, struct qw_netbios *netbios, struct qw_bytes *in)
{
	const uint8_t *at = qw_gather_peek(state, &netbios->gather, in, QW_NETBIOS_HEAD);
	if (!at)
		return false;
	int control = netbios->lost ? -1 : control_len(at);
	if (control >= 0) {
		qw_gather_drop(state, &netbios->gather, in, QW_NETBIOS_HEAD);
		netbios->pass = (uint32_t)control;
		return false;
	}
	at = qw_gather_peek(state, &netbios->gather, in, BEGIN);
	if (!at)
		return false;
	bool begins = is_message(at);
	netbios->left = begins ? qw_be24(at + 1) : 0;
	netbios->lost = !begins;
	netbios->astray = begins ? 0 : netbios->astray + 1;
	qw_gather_drop(state, &netbios->gather, in, begins ? QW_NETBIOS_HEAD : 1);
	return begins;
}

bool qw_netbios_next(void *state, struct qw_netbios *netbios, struct qw_bytes *in)
{
	while (in->left) {
		if (netbios->pass)
			pass(netbios, in);
		else if (step(state, netbios, in))
			return true;
	}
	if (netbios->gather.broken)
		qw_netbios_gap(state, netbios);
	return false;
}

const uint8_t *qw_netbios_peek(void *state, struct qw_netbios *netbios, struct qw_bytes *in, size_t want)
{
	const uint8_t *at = qw_gather_peek(state, &netbios->gather, in, want < netbios->left ? want : netbios->left);
	if (netbios->gather.broken)
		qw_netbios_gap(state, netbios);
	return at;
}

void qw_netbios_drop(void *state, struct qw_netbios *netbios, struct qw_bytes *in, size_t len)
{
	size_t part = len < netbios->left ? len : netbios->left;
	qw_gather_drop(state, &netbios->gather, in, part);
	netbios->left -= (uint32_t)part;
}

struct qw_slice qw_netbios_take(struct qw_netbios *netbios, struct qw_bytes *in, size_t max)
{
	struct qw_bytes part = {in->at, 0};
	size_t len = max < netbios->left ? max : netbios->left;
	if (qw_bytes_take(in, len < in->left ? len : in->left, &part))
		netbios->left -= (uint32_t)part.left;
	return qw_slice(part.at, part.left);
}

uint32_t qw_netbios_pass(void *state, struct qw_netbios *netbios, struct qw_bytes *in, size_t max)
{
	size_t here = netbios->gather.held.len ? netbios->gather.held.len : in->left, before = netbios->left;
	qw_netbios_drop(state, netbios, in, max < here ? max : here);
	return (uint32_t)(before - netbios->left);
}

void qw_netbios_gap(void *state, struct qw_netbios *netbios)
{
	qw_gather_free(state, &netbios->gather);
	netbios->left = netbios->pass = 0;
	netbios->lost = true;
}

/* A session request names both ends in 32 letters from A to P. */
static bool is_request(const uint8_t *data)
{
	if (control_len(data) != REQUEST_LEN || data[QW_NETBIOS_HEAD] != NAME_LEN)
		return false;
	for (int i = 1; i <= NAME_LEN; i++)
		if (data[QW_NETBIOS_HEAD + i] < 'A' || data[QW_NETBIOS_HEAD + i] > 'P')
			return false;
	return true;
}

/* What begins here: more than its length tells is needed where it is only -1. */
static int probe_one(const uint8_t *data, size_t len, size_t *whole)
{
	int control = len < QW_NETBIOS_HEAD ? -1 : control_len(data);
	*whole = QW_NETBIOS_HEAD + (control > 0 ? (size_t)control : 0);
	if (len && data[0] != TYPE_MESSAGE && (data[0] < TYPE_REQUEST || data[0] > TYPE_KEEPALIVE))
		return 0;
	if (len < QW_NETBIOS_HEAD)
		return -1;
	if (data[0] != TYPE_MESSAGE && control < 0)
		return 0;
	if (data[0] == TYPE_REQUEST)
		return len < QW_NETBIOS_HEAD + 1 + NAME_LEN ? -1 : is_request(data);
	if (control >= 0)
		return -1;
	return len < BEGIN ? -1 : is_message(data);
}

int qw_netbios_probe(const uint8_t *data, size_t len)
{
	size_t whole;
	int sure = probe_one(data, len, &whole);
	/* A keep-alive or a short answer is too little to go by: what follows tells. */
	while (sure < 0 && len > whole && len >= QW_NETBIOS_HEAD && control_len(data) >= 0) {
		data += whole;
		len -= whole;
		sure = probe_one(data, len, &whole);
	}
	return sure;
}

void qw_netbios_free(void *state, struct qw_netbios *netbios)
{
	qw_gather_free(state, &netbios->gather);
}

enum qw_speaker qw_netbios_speaker(const uint8_t *data, size_t len)
{
	enum { SMB1 = 0xff, SMB1_FLAGS_AT = QW_NETBIOS_HEAD + 9, SMB1_REPLY = 0x80, SMB2 = 0xfe, SMB2_FLAGS_AT = QW_NETBIOS_HEAD + 16,
	       SMB2_REPLY = 1, LEAST = SMB2_FLAGS_AT + 4 };
	if (len < LEAST)
		return QW_SPEAKER_UNKNOWN;
	if (data[0] == TYPE_REQUEST)
		return len > QW_NETBIOS_HEAD + NAME_LEN && is_request(data) ? QW_SPEAKER_CLIENT : QW_SPEAKER_UNKNOWN;
	if (!is_message(data))
		return QW_SPEAKER_UNKNOWN;
	switch (data[QW_NETBIOS_HEAD]) {
	case SMB1: return data[SMB1_FLAGS_AT] & SMB1_REPLY ? QW_SPEAKER_SERVER : QW_SPEAKER_CLIENT;
	case SMB2: return data[SMB2_FLAGS_AT] & SMB2_REPLY ? QW_SPEAKER_SERVER : QW_SPEAKER_CLIENT;
	default: return QW_SPEAKER_UNKNOWN;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh - banners, and the key exchange's offers as HASSH.
 *
 * A connection is one transaction.  Behind its KEXINIT a side has nothing
 * more to say that can be read.
 */
#include "sensor/protocol/event.h"
#include "sensor/protocol/known.h"
#include "sensor/protocol/lines.h"
#include "sensor/protocol/parsers.h"

#include "quaywatch/digest.h"
#include "quaywatch/text.h"

enum {
	BANNER_MAX = 255,  /* RFC 4253, 4.2 */
	BEFORE_MAX = 1024, /* lines that a server may say before its banner */
	PACKET_MAX = 35000, /* RFC 4253, 6.1 */
	HASSH_MAX = 8192,
	KEXINIT = 20,
	COOKIE_BYTES = 16,
	LISTS = 10,
};

/* Where the lists stand in KEXINIT. */
enum list {
	LIST_KEX,
	LIST_HOST_KEYS,
	LIST_CIPHERS, /* client to server; the other way is the next one */
	LIST_MACS = 4,
	LIST_COMPRESSIONS = 6,
};

struct side {
	struct qw_lines lines;
	struct qw_store packet;
	uint16_t before;
	bool banner;
};

struct ssh {
	struct side side[2];
	struct qw_known known[2];
};

struct call {
	struct ssh *ssh;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

static void publish(const struct call *call, bool last)
{
	struct ssh *ssh = call->ssh;
	struct qw_message message = {.app = QW_APP_SSH, .transaction = 1};
	struct qw_line_detail detail = {0};
	message.direction = call->direction;
	message.last = last;
	qw_known_tell(&ssh->known[call->direction], &message);
	qw_known_tell_other(&ssh->known[qw_direction_other(call->direction)], &message);
	detail.client_software = qw_known_find(&ssh->known[QW_TO_SERVER], QW_BUFFER_SSH_SOFTWARE);
	detail.server_software = qw_known_find(&ssh->known[QW_TO_CLIENT], QW_BUFFER_SSH_SOFTWARE);
	message.detail = &detail;
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static enum qw_parse stop(const struct call *call, enum qw_app_event event)
{
	qw_event_publish(call->sink, call->flow, QW_APP_SSH, call->direction, 1, event);
	return QW_PARSE_STOP;
}

/* "SSH-2.0-OpenSSH_9.2 comment".  False: version 1, which has no KEXINIT. */
static bool banner(const struct call *call, struct qw_slice line)
{
	struct qw_known *known = &call->ssh->known[call->direction];
	struct qw_slice proto = qw_slice(line.data + 4, line.len - 4);
	const uint8_t *dash = memchr(proto.data, '-', proto.len);
	if (!dash)
		return false;
	struct qw_slice software = qw_slice(dash + 1, (size_t)(proto.data + proto.len - dash) - 1);
	proto.len = (size_t)(dash - proto.data);
	software = qw_line_word(&software);
	qw_known_add(call->ssh, known, QW_BUFFER_SSH_PROTO, QW_SIGHT_NONE, proto);
	qw_known_add(call->ssh, known, QW_BUFFER_SSH_SOFTWARE, QW_SIGHT_NONE, software);
	publish(call, false);
	return proto.len == 0 || proto.data[0] != '1' || qw_slice_is(proto, "1.99");
}

/* "kex;ciphers;macs;compressions" of this direction, and its MD5. */
static void hassh(const struct call *call, const struct qw_slice lists[LISTS])
{
	bool client = call->direction == QW_TO_SERVER;
	const int order[] = {LIST_KEX, LIST_CIPHERS + !client, LIST_MACS + !client, LIST_COMPRESSIONS + !client};
	char memory[HASSH_MAX], hex[2 * QW_MD5_BYTES];
	uint8_t digest[QW_MD5_BYTES];
	struct qw_text text, digits;
	qw_text_init(&text, memory, sizeof(memory));
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (i > 0)
			qw_text_char(&text, ';');
		qw_text_put(&text, lists[order[i]].data, lists[order[i]].len);
	}
	if (text.cut) {
		qw_parser_cut(call->ssh);
		return;
	}
	qw_md5(text.at, text.len, digest);
	qw_text_init(&digits, hex, sizeof(hex));
	qw_text_hex(&digits, digest, sizeof(digest));
	struct qw_known *known = &call->ssh->known[call->direction];
	qw_known_add(call->ssh, known, client ? QW_BUFFER_SSH_HASSH : QW_BUFFER_SSH_HASSH_SERVER, QW_SIGHT_NONE,
		     qw_slice(hex, sizeof(hex)));
	qw_known_add(call->ssh, known, client ? QW_BUFFER_SSH_HASSH_STRING : QW_BUFFER_SSH_HASSH_SERVER_STRING,
		     QW_SIGHT_NONE, qw_slice(text.at, text.len));
}

static bool kexinit(const struct call *call, struct qw_bytes body)
{
	struct qw_slice lists[LISTS];
	if (!qw_bytes_skip(&body, COOKIE_BYTES))
		return false;
	for (int i = 0; i < LISTS; i++) {
		struct qw_bytes list;
		uint32_t len;
		if (!qw_bytes_be32(&body, &len) || !qw_bytes_take(&body, len, &list))
			return false;
		lists[i] = qw_slice(list.at, list.left);
	}
	hassh(call, lists);
	publish(call, true);
	return true;
}

/* Reads the packets that are whole, up to KEXINIT. */
static enum qw_parse packets(const struct call *call, struct side *side)
{
	struct qw_bytes in = qw_bytes(side->packet.at, side->packet.len);
	for (struct qw_bytes at = in;; in = at) {
		uint32_t len;
		uint8_t padding, type;
		struct qw_bytes body;
		if (!qw_bytes_be32(&at, &len))
			break;
		if (len < 2 || len > PACKET_MAX)
			return stop(call, QW_AE_SSH_INVALID_RECORD);
		if (!qw_bytes_take(&at, len, &body))
			break;
		if (!qw_bytes_u8(&body, &padding) || !qw_bytes_u8(&body, &type) || padding > body.left)
			return stop(call, QW_AE_SSH_INVALID_RECORD);
		if (type == KEXINIT)
			return kexinit(call, body) ? QW_PARSE_SKIP : stop(call, QW_AE_SSH_INVALID_RECORD);
	}
	qw_store_drop(&side->packet, side->packet.len - in.left);
	return QW_PARSE_MORE;
}

/* Lines until the banner.  *in moves behind it. */
static enum qw_parse greeting(const struct call *call, struct side *side, struct qw_bytes *in)
{
	struct qw_line line;
	while (qw_line_next(call->ssh, &side->lines, in, BANNER_MAX, &line)) {
		if (line.begins && line.text.len > 4 && memcmp(line.text.data, "SSH-", 4) == 0) {
			side->banner = true;
			if (!line.ends)
				return stop(call, QW_AE_SSH_LONG_BANNER);
			if (!memchr(line.text.data + 4, '-', line.text.len - 4))
				return stop(call, QW_AE_SSH_INVALID_BANNER);
			return banner(call, line.text) ? QW_PARSE_MORE : QW_PARSE_STOP;
		}
		if (call->direction == QW_TO_SERVER || ++side->before == BEFORE_MAX)
			return stop(call, QW_AE_SSH_INVALID_BANNER);
	}
	return QW_PARSE_MORE;
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct ssh *ssh = state;
	struct side *side = &ssh->side[direction];
	const struct call call = {ssh, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len);
	enum qw_parse result = side->banner ? QW_PARSE_MORE : greeting(&call, side, &in);
	if (result != QW_PARSE_MORE || in.left == 0)
		return result;
	qw_lines_free(ssh, &side->lines);
	if (!qw_store_put(ssh, &side->packet, in.at, in.left, 2 * PACKET_MAX))
		return QW_PARSE_STOP;
	result = packets(&call, side);
	if (result != QW_PARSE_MORE)
		qw_store_free(ssh, &side->packet);
	return result;
}

static void fini(void *state)
{
	struct ssh *ssh = state;
	for (int i = 0; i < 2; i++) {
		qw_lines_free(ssh, &ssh->side[i].lines);
		qw_store_free(ssh, &ssh->side[i].packet);
		qw_known_free(ssh, &ssh->known[i]);
	}
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	static const char start[] = "SSH-";
	size_t part = len < sizeof(start) - 1 ? len : sizeof(start) - 1;
	if (memcmp(data, start, part) != 0)
		return 0;
	return part == sizeof(start) - 1 ? 1 : -1;
}

const struct qw_parser_ops qw_parser_ssh = {
	.app = QW_APP_SSH,
	.starts = {1, {{'S', 'S'}}},
	.probe = probe,
	.state_bytes = sizeof(struct ssh),
	.feed = feed,
	.fini = fini,
};

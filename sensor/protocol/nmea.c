/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nmea - NMEA 0183 and IEC 61162-450: each sentence is a transaction of its own.
 *
 * In streams and datagrams alike lines follow each other; a datagram may begin
 * with the head of IEC 61162-450.
 */
#include "sensor/protocol/nmea_talk.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/parsers.h"

enum {
	PORT = 10110,
	HEAD = 6,
	PROBED_MAX = 256,
};

struct nmea {
	uint64_t transactions;
	struct qw_nmea_talk talk;
	bool idle;
};

/* Does anybody look?  If nobody did for a while, what is held is given back. */
static bool is_wanted(struct nmea *nmea)
{
	bool wanted = qw_parser_ot_wants(nmea);
	if (wanted && nmea->idle)
		qw_nmea_free(nmea, &nmea->talk);
	nmea->idle = !wanted;
	return wanted;
}

/* ---- streams */

static enum qw_parse feed_stream(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				 size_t len, const struct qw_message_sink *sink)
{
	struct nmea *nmea = state;
	const struct qw_ot_guest guest = {nmea, &nmea->transactions, flow, direction, sink};
	if (!is_wanted(nmea))
		return QW_PARSE_MORE;
	qw_nmea_take(&guest, &nmea->talk, qw_bytes(data, len));
	return qw_nmea_is_lost(&nmea->talk, direction) ? QW_PARSE_STOP : QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct nmea *nmea = state;
	qw_lines_free(nmea, &nmea->talk.lines[direction]);
	return QW_PARSE_MORE;
}

static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	struct nmea *nmea = state;
	const struct qw_ot_guest guest = {nmea, &nmea->transactions, flow, direction, sink};
	if (qw_parser_ot_wants(nmea))
		qw_nmea_end(&guest, &nmea->talk);
}

static void fini(void *state)
{
	struct nmea *nmea = state;
	qw_nmea_free(nmea, &nmea->talk);
}

/* ---- datagrams */

/* The heads of IEC 61162-450; files are told by theirs. */
static const struct {
	char head[HEAD];
	const char *kind; /* NULL: sentences follow */
} heads[] = {
	{"UdPbC", NULL},
	{"RaUdP", "binary_file"},
	{"RrUdP", "retransmittable_binary_file"},
};

static int head_of(struct qw_bytes in)
{
	for (unsigned i = 0; in.left >= HEAD && i < sizeof(heads) / sizeof(*heads); i++)
		if (memcmp(in.at, heads[i].head, HEAD) == 0)
			return (int)i;
	return -1;
}

static void tell_file(const struct qw_ot_guest *guest, const char *kind, struct qw_bytes in)
{
	struct qw_ot_detail detail;
	struct qw_message message;
	qw_ot_begin(&detail, "nmea", QW_OT_NO_NUMBER, NULL, true);
	detail.kind = kind;
	qw_ot_number(&detail, QW_KEY_OT_QUANTITY, in.left);
	qw_ot_guest_begin(guest, QW_APP_NMEA, &detail, &message);
	qw_ot_guest_publish(guest, &message);
}

static void skip_line_ends(struct qw_bytes *in)
{
	while (in->left && (*in->at == '\r' || *in->at == '\n'))
		(void)qw_bytes_skip(in, 1);
}

static bool take_datagram_line(struct qw_bytes *in, struct qw_slice *line)
{
	size_t len = 0;
	skip_line_ends(in);
	while (len < in->left && in->at[len] != '\r' && in->at[len] != '\n')
		len++;
	*line = qw_slice(in->at, len);
	return qw_bytes_skip(in, len) && len > 0;
}

static enum qw_parse feed_datagram(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				   size_t len, const struct qw_message_sink *sink)
{
	struct nmea *nmea = state;
	const struct qw_ot_guest guest = {nmea, &nmea->transactions, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_slice line;
	if (!is_wanted(nmea))
		return QW_PARSE_MORE;
	int head = head_of(in);
	if (head >= 0)
		(void)qw_bytes_skip(&in, HEAD);
	if (head >= 0 && heads[head].kind) {
		tell_file(&guest, heads[head].kind, in);
		return QW_PARSE_MORE;
	}
	while (take_datagram_line(&in, &line))
		qw_nmea_take_line(&guest, &nmea->talk, line);
	return QW_PARSE_MORE;
}

/* ---- probes */

static bool is_sentence(struct qw_slice line)
{
	struct qw_nmea_sentence sentence;
	return line.len <= QW_NMEA_LINE_MAX && qw_nmea_may_begin(line.data, line.len) &&
	       qw_nmea_read(&sentence, line) && qw_nmea_is_certain(&sentence);
}

/* The end of one that began before. */
static bool is_tail(struct qw_slice line)
{
	enum { CHECK = 3 };
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] < ' ' || line.data[i] > '~')
			return false;
	return line.len >= CHECK && line.data[line.len - CHECK] == '*';
}

/*
 * One good sentence among the first lines is enough at the port that is its
 * own; elsewhere it must be the first, or follow the end of another.
 */
static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	enum { LINES_MAX = 4 };
	struct qw_bytes in = qw_bytes(data, len);
	bool ours = qw_ot_talk_is_at(flow, PORT);
	for (unsigned i = 0; i < LINES_MAX; i++) {
		const uint8_t *end = in.left ? memchr(in.at, '\n', in.left) : NULL;
		if (!end)
			return in.left < PROBED_MAX && (ours || !in.left || qw_nmea_may_begin(in.at, in.left)) ? -1 : 0;
		struct qw_slice line = qw_slice(in.at, (size_t)(end - in.at));
		(void)qw_bytes_skip(&in, line.len + 1);
		while (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		if (is_sentence(line))
			return 1;
		if (!ours && line.len && !(i == 0 && is_tail(line)))
			return 0;
	}
	return 0;
}

static int probe_datagram(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_slice line;
	if (head_of(in) >= 0)
		return 1;
	/* Most datagrams are none: the first byte is to tell, before anyone looks for a line's end. */
	for (skip_line_ends(&in); in.left && qw_nmea_may_begin(in.at, 1); skip_line_ends(&in))
		if (take_datagram_line(&in, &line) && is_sentence(line))
			return 1;
	return 0;
}

const struct qw_parser_ops qw_parser_nmea_tcp = {
    .app = QW_APP_NMEA,
    .industrial = true,
    .probe = probe,
    .state_bytes = sizeof(struct nmea),
    .feed = feed_stream,
    .gap = gap,
    .close = close_side,
    .fini = fini,
};

const struct qw_parser_ops qw_parser_nmea_udp = {
    .app = QW_APP_NMEA,
    .datagram = true,
    .industrial = true,
    .starts = {7, {{'\n', '\n'}, {'\r', '\r'}, {'!', '!'}, {'$', '$'}, {'\\', '\\'}, {'R', 'R'}, {'U', 'U'}}},
    .probe = probe_datagram,
    .state_bytes = sizeof(struct nmea),
    .feed = feed_datagram,
    .fini = fini,
};

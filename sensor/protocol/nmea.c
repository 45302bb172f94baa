/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nmea - NMEA 0183 and IEC 61162-450: each sentence is a transaction of its own.
 *
 * In streams and datagrams alike lines follow each other; a datagram may begin
 * with the head of IEC 61162-450.  Sources number their lines there, and what
 * is not seen is told with the line behind it.  VDM and VDO carry AIS: the
 * sentence that completes a message of it is told as that message.
 */
#include "quaywatch/rule_event.h"
#include "sensor/protocol/lines.h"
#include "sensor/protocol/nmea_fix.h"
#include "sensor/protocol/nmea_tell.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/parsers.h"

enum {
	PORT = 10110,
	HEAD = 6,
	SOURCES_MAX = 8,
	SOURCE_MAX = 15,
	LINE_FIRST = 1,
	LINE_LAST = 999,
	MISSING_MAX = 500,
	BAD_MAX = 16,      /* lines in a row that are no sentences, and it is another protocol */
	PROBED_MAX = 256,
};

/* Who numbers its lines, and what number comes next. */
struct source {
	char name[SOURCE_MAX];
	uint8_t len;
	uint16_t next; /* 0: the place is free */
};

struct nmea {
	uint64_t transactions;
	struct qw_lines lines[2];
	struct qw_ais_gather *gather; /* while messages of several sentences come */
	uint8_t oldest;
	struct source source[SOURCES_MAX];
	uint8_t bad[2];
	bool idle;
};

struct call {
	struct nmea *nmea;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

/* ---- numbers of lines */

static struct source *source_of(struct nmea *nmea, struct qw_slice name)
{
	for (unsigned i = 0; i < SOURCES_MAX; i++) {
		struct source *source = &nmea->source[i];
		if (source->next && source->len == name.len && memcmp(source->name, name.data, name.len) == 0)
			return source;
	}
	return NULL;
}

static void begin_source(struct nmea *nmea, struct qw_slice name, uint16_t next)
{
	struct source *source = &nmea->source[nmea->oldest];
	nmea->oldest = (uint8_t)((nmea->oldest + 1) % SOURCES_MAX);
	if (name.len)
		memcpy(source->name, name.data, name.len);
	source->len = (uint8_t)name.len;
	source->next = next;
}

/* How many before this one were not seen; one that is behind begins the count anew. */
static uint16_t count_on(struct nmea *nmea, const struct qw_nmea_tag *tag)
{
	if (tag->line < LINE_FIRST || tag->line > LINE_LAST || tag->source.len > SOURCE_MAX)
		return 0;
	struct source *source = source_of(nmea, tag->source);
	uint16_t line = (uint16_t)tag->line, next = line == LINE_LAST ? LINE_FIRST : line + 1;
	if (!source) {
		begin_source(nmea, tag->source, next);
		return 0;
	}
	uint16_t missing = (uint16_t)((line + LINE_LAST - source->next) % LINE_LAST);
	source->next = next;
	return missing <= MISSING_MAX ? missing : 0;
}

/* ---- AIS */

static bool is_ais(const struct qw_nmea_sentence *sentence)
{
	return sentence->talker.len == 2 && sentence->formatter.len == 3 &&
	       (memcmp(sentence->formatter.data, "VDM", 3) == 0 || memcmp(sentence->formatter.data, "VDO", 3) == 0);
}

static enum qw_ais_found gather(const struct call *call, const struct qw_nmea_sentence *sentence,
				const struct qw_ais_envelope *envelope, struct qw_slice *chars)
{
	struct nmea *nmea = call->nmea;
	*chars = envelope->chars;
	if (envelope->parts == 1)
		return QW_AIS_WHOLE;
	if (!nmea->gather) {
		nmea->gather = qw_parser_take(nmea, sizeof(*nmea->gather));
		if (!nmea->gather)
			return QW_AIS_ODD;
		memset(nmea->gather, 0, sizeof(*nmea->gather));
	}
	return qw_ais_gather(nmea->gather, envelope, sentence, call->flow->last.ns / QW_NS_PER_S, chars);
}

static void read_ais(const struct call *call, struct qw_nmea_scene *scene)
{
	struct qw_ais_envelope envelope;
	struct qw_slice chars;
	const struct qw_nmea_sentence *sentence = &scene->sentence;
	if (!qw_ais_envelope_read(&envelope, sentence)) {
		scene->odd_ais = true;
		return;
	}
	enum qw_ais_found found = gather(call, sentence, &envelope, &chars);
	scene->odd_ais = found == QW_AIS_ODD;
	if (found != QW_AIS_WHOLE)
		return;
	if (!qw_ais_read(&scene->ais, chars, envelope.fill)) {
		scene->odd_ais = true;
		scene->ais.type = 0;
		return;
	}
	memcpy(scene->ais.position.talker, sentence->talker.data, sizeof(scene->ais.position.talker));
	memcpy(scene->ais.position.formatter, sentence->formatter.data, sizeof(scene->ais.position.formatter));
}

/* ---- messages */

static void add_events(const struct qw_nmea_scene *scene, struct qw_message *out)
{
	const uint8_t flaws = scene->sentence.flaws;
	if (flaws & (QW_NMEA_BAD_CHECKSUM | QW_NMEA_BAD_TAG))
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_NMEA_BAD_CHECKSUM, true);
	if (flaws & QW_NMEA_MALFORMED)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_NMEA_MALFORMED, true);
	if (flaws & QW_NMEA_TOO_LONG)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_NMEA_TOO_LONG, true);
	if (scene->missing)
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_NMEA_SEQUENCE_GAP, true);
	if (scene->odd_ais || (scene->ais.type && scene->ais.malformed))
		qw_message_number(out, QW_BUFFER_APP_EVENT, QW_AE_AIS_MALFORMED, true);
}

static void add_fields(const struct qw_nmea_scene *scene, struct qw_message *out)
{
	qw_message_add(out, QW_BUFFER_NMEA_TALKER, QW_SIGHT_NONE, scene->sentence.talker, true);
	qw_message_add(out, QW_BUFFER_NMEA_FORMATTER, QW_SIGHT_NONE, scene->sentence.formatter, true);
	qw_message_add(out, QW_BUFFER_NMEA_DATA, QW_SIGHT_NONE, scene->sentence.body, true);
	if (scene->ais.type) {
		qw_message_number(out, QW_BUFFER_AIS_MMSI, scene->ais.mmsi, true);
		qw_message_number(out, QW_BUFFER_AIS_TYPE, scene->ais.type, true);
	}
	add_events(scene, out);
}

static void begin_message(const struct call *call, const struct qw_ot_detail *detail, struct qw_message *out)
{
	qw_message_begin(out, QW_APP_NMEA, call->direction, ++call->nmea->transactions);
	out->last = out->alone = true;
	out->detail = detail;
}

static void publish(const struct call *call, struct qw_nmea_scene *scene)
{
	struct qw_message message;
	qw_nmea_tell(scene);
	begin_message(call, &scene->detail, &message);
	if (qw_parser_ot_wants(call->nmea) & QW_OT_WANT_FIELDS)
		add_fields(scene, &message);
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

/* False: it is no sentence. */
static bool read_line(const struct call *call, struct qw_slice line)
{
	struct qw_nmea_scene scene;
	if (!qw_nmea_read(&scene.sentence, line))
		return false;
	bool believed = !(scene.sentence.flaws & QW_NMEA_BAD_CHECKSUM);
	scene.ais.type = 0;
	scene.odd_ais = false;
	scene.missing = count_on(call->nmea, &scene.sentence.tag);
	scene.position.has = 0;
	if (believed && is_ais(&scene.sentence))
		read_ais(call, &scene);
	else if (believed)
		qw_nmea_fix(&scene.position, &scene.sentence);
	publish(call, &scene);
	return true;
}

/* A line longer than any that is read: told, not read. */
static void tell_endless(const struct call *call)
{
	struct qw_ot_detail detail;
	struct qw_message message;
	qw_ot_begin(&detail, "nmea", QW_OT_NO_NUMBER, NULL, true);
	detail.kind = "unknown";
	qw_ot_text(&detail, QW_KEY_OT_INDICATIONS, qw_slice_text("too_long"));
	begin_message(call, &detail, &message);
	if (qw_parser_ot_wants(call->nmea) & QW_OT_WANT_FIELDS)
		qw_message_number(&message, QW_BUFFER_APP_EVENT, QW_AE_NMEA_TOO_LONG, true);
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static void give_all(struct nmea *nmea)
{
	qw_lines_free(nmea, &nmea->lines[0]);
	qw_lines_free(nmea, &nmea->lines[1]);
	qw_parser_give(nmea, nmea->gather);
	nmea->gather = NULL;
}

/* Does anybody look?  If nobody did for a while, what is held is given back. */
static bool is_wanted(struct nmea *nmea)
{
	bool wanted = qw_parser_ot_wants(nmea);
	if (wanted && nmea->idle)
		give_all(nmea);
	nmea->idle = !wanted;
	return wanted;
}

/* ---- streams */

static void count_bad(struct nmea *nmea, enum qw_direction direction, bool good)
{
	if (good)
		nmea->bad[direction] = 0;
	else if (nmea->bad[direction] < BAD_MAX)
		nmea->bad[direction]++;
}

static void take_line(const struct call *call, const struct qw_line *line)
{
	if (line->begins && line->ends) {
		if (line->text.len)
			count_bad(call->nmea, call->direction, read_line(call, line->text));
		return;
	}
	if (line->begins && line->text.len && qw_nmea_may_begin(line->text.data, 1))
		tell_endless(call);
	count_bad(call->nmea, call->direction, false);
}

static enum qw_parse feed_stream(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				 size_t len, const struct qw_message_sink *sink)
{
	struct nmea *nmea = state;
	const struct call call = {nmea, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_line line;
	if (!is_wanted(nmea))
		return QW_PARSE_MORE;
	while (qw_line_next(nmea, &nmea->lines[direction], &in, QW_NMEA_LINE_MAX, &line))
		take_line(&call, &line);
	return nmea->bad[direction] < BAD_MAX ? QW_PARSE_MORE : QW_PARSE_STOP;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct nmea *nmea = state;
	qw_lines_free(nmea, &nmea->lines[direction]);
	return QW_PARSE_MORE;
}

/* A last sentence may have no line end. */
static void close_side(void *state, struct qw_flow *flow, enum qw_direction direction,
		       const struct qw_message_sink *sink)
{
	struct nmea *nmea = state;
	const struct call call = {nmea, flow, direction, sink};
	struct qw_line line;
	if (qw_parser_ot_wants(nmea) && qw_line_rest(nmea, &nmea->lines[direction], &line) && line.begins)
		(void)read_line(&call, line.text);
}

static void fini(void *state)
{
	give_all(state);
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
	{"RpUdP", "pgn_group"},
};

static int head_of(struct qw_bytes in)
{
	for (unsigned i = 0; in.left >= HEAD && i < sizeof(heads) / sizeof(*heads); i++)
		if (memcmp(in.at, heads[i].head, HEAD) == 0)
			return (int)i;
	return -1;
}

static void tell_file(const struct call *call, const char *kind, struct qw_bytes in)
{
	struct qw_ot_detail detail;
	struct qw_message message;
	qw_ot_begin(&detail, "nmea", QW_OT_NO_NUMBER, NULL, true);
	detail.kind = kind;
	qw_ot_number(&detail, QW_KEY_OT_QUANTITY, in.left);
	begin_message(call, &detail, &message);
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static bool take_datagram_line(struct qw_bytes *in, struct qw_slice *line)
{
	size_t len = 0;
	while (in->left && (*in->at == '\r' || *in->at == '\n'))
		(void)qw_bytes_skip(in, 1);
	while (len < in->left && in->at[len] != '\r' && in->at[len] != '\n')
		len++;
	*line = qw_slice(in->at, len);
	return qw_bytes_skip(in, len) && len > 0;
}

static enum qw_parse feed_datagram(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
				   size_t len, const struct qw_message_sink *sink)
{
	struct nmea *nmea = state;
	const struct call call = {nmea, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_slice line;
	if (!is_wanted(nmea))
		return QW_PARSE_MORE;
	int head = head_of(in);
	if (head >= 0)
		(void)qw_bytes_skip(&in, HEAD);
	if (head >= 0 && heads[head].kind) {
		tell_file(&call, heads[head].kind, in);
		return QW_PARSE_MORE;
	}
	while (take_datagram_line(&in, &line)) {
		if (line.len <= QW_NMEA_LINE_MAX)
			(void)read_line(&call, line);
		else if (qw_nmea_may_begin(line.data, 1))
			tell_endless(&call);
	}
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
	while (take_datagram_line(&in, &line)) {
		if (is_sentence(line))
			return 1;
		if (!qw_nmea_may_begin(line.data, 1))
			return 0;
	}
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
    .probe = probe_datagram,
    .state_bytes = sizeof(struct nmea),
    .feed = feed_datagram,
    .fini = fini,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/ntrip.h"

#include "sensor/protocol/lines.h"
#include "sensor/protocol/parsers.h"
#include "sensor/protocol/rtcm.h"

enum {
	LINE_MAX_LEN = 512,
	DAMAGED_MAX = 4, /* frames in a row, and it is no RTCM 3 */
	HEADERS_MAX = 32,
};

/* ---- what sessions have in common */

void qw_ntrip_publish(const struct qw_ot_guest *guest, const struct qw_ot_detail *detail)
{
	struct qw_message message;
	qw_ot_guest_begin(guest, QW_APP_NTRIP, detail, &message);
	qw_ot_guest_publish(guest, &message);
}

/* "ICY 200 OK", "HTTP/1.1 401 Unauthorized", "SOURCETABLE 200 OK", "OK", "ERROR - Bad Password" */
void qw_ntrip_answer(const struct qw_ot_guest *guest, struct qw_ntrip *ntrip, struct qw_slice line)
{
	struct qw_ot_detail detail;
	bool table = qw_line_begins(line.data, line.len, "SOURCETABLE");
	ntrip->answered = true;
	qw_ot_begin(&detail, "ntrip", QW_OT_NO_NUMBER, NULL, true);
	detail.kind = table ? "source_table" : "answer";
	if (!qw_line_holds(line.data, line.len, "200") && !qw_slice_is(line, "OK"))
		qw_ot_fail(&detail, QW_OT_NO_NUMBER, NULL);
	qw_ot_text(&detail, QW_KEY_OT_TEXT, line);
	ntrip->over = table || detail.failed;
	qw_ntrip_publish(guest, &detail);
}

static void read_frame(const struct qw_ot_guest *guest, struct qw_ntrip *ntrip, struct qw_bytes frame)
{
	struct qw_rtcm_scene scene;
	struct qw_message message;
	qw_rtcm_read(&scene, frame);
	ntrip->damaged = scene.damaged ? ntrip->damaged + 1 : 0;
	ntrip->over = ntrip->damaged >= DAMAGED_MAX;
	qw_ot_guest_begin(guest, QW_APP_RTCM, &scene.detail, &message);
	if (qw_parser_ot_wants(guest->state) & QW_OT_WANT_FIELDS)
		qw_rtcm_add_fields(&scene, &message);
	qw_ot_guest_publish(guest, &message);
}

void qw_ntrip_take(const struct qw_ot_guest *guest, struct qw_ntrip *ntrip, struct qw_bytes in)
{
	struct qw_bytes frame;
	while (!ntrip->over && qw_ot_frames_next(guest->state, &ntrip->frames, &qw_rtcm_framing, &in, &frame))
		read_frame(guest, ntrip, frame);
	ntrip->over |= qw_ot_frames_lost(&ntrip->frames);
	if (ntrip->over)
		qw_ntrip_free(guest->state, ntrip);
}

/* ---- a station that delivers: "SOURCE password /mount", headers, an empty line; then corrections */

struct station {
	uint64_t transactions;
	struct qw_ntrip ntrip;
	struct qw_lines lines[2];
	struct qw_store mount, agent;
	uint8_t headers;
	bool headed; /* the empty line came */
	bool begun;
	bool idle;
};

static struct qw_slice header_of(struct qw_slice line, const char *name)
{
	if (!qw_line_begins(line.data, line.len, name))
		return qw_slice(NULL, 0);
	line = qw_slice(line.data + strlen(name), line.len - strlen(name));
	while (line.len && line.data[0] == ' ')
		line = qw_slice(line.data + 1, line.len - 1);
	return line;
}

static void tell_station(const struct qw_ot_guest *guest, struct station *station)
{
	struct qw_ot_detail detail;
	qw_ot_begin(&detail, "ntrip", QW_OT_NO_NUMBER, NULL, false);
	detail.kind = "delivery";
	qw_ot_text(&detail, QW_KEY_OT_MOUNT_POINT, qw_store_slice(&station->mount));
	qw_ot_text(&detail, QW_KEY_OT_PRODUCT, qw_store_slice(&station->agent));
	qw_ntrip_publish(guest, &detail);
	qw_store_free(station, &station->mount);
	qw_store_free(station, &station->agent);
	station->headed = true;
}

/* What does not fit, or finds no room, is counted by the store. */
static void keep(struct station *station, struct qw_store *store, struct qw_slice text)
{
	if (text.len && !store->len)
		(void)!qw_store_put(station, store, text.data, text.len, LINE_MAX_LEN);
}

static void read_header(const struct qw_ot_guest *guest, struct station *station, struct qw_slice line)
{
	if (!station->begun) {
		(void)qw_line_word(&line); /* SOURCE */
		(void)qw_line_word(&line); /* the password */
		keep(station, &station->mount, qw_line_word(&line));
		station->begun = true;
		return;
	}
	keep(station, &station->agent, header_of(line, "Source-Agent:"));
	if (line.len == 0 || ++station->headers == HEADERS_MAX)
		tell_station(guest, station);
}

static void feed_station(const struct qw_ot_guest *guest, struct station *station, struct qw_bytes in)
{
	struct qw_line line;
	while (!station->headed &&
	       qw_line_next(station, &station->lines[guest->direction], &in, LINE_MAX_LEN, &line))
		if (line.begins)
			read_header(guest, station, line.text);
	if (station->headed)
		qw_ntrip_take(guest, &station->ntrip, in);
}

static void feed_caster(const struct qw_ot_guest *guest, struct station *station, struct qw_bytes in)
{
	struct qw_line line;
	while (!station->ntrip.answered &&
	       qw_line_next(station, &station->lines[guest->direction], &in, LINE_MAX_LEN, &line))
		qw_ntrip_answer(guest, &station->ntrip, line.text);
}

static void give_all(struct station *station)
{
	qw_ntrip_free(station, &station->ntrip);
	qw_lines_free(station, &station->lines[0]);
	qw_lines_free(station, &station->lines[1]);
	qw_store_free(station, &station->mount);
	qw_store_free(station, &station->agent);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct station *station = state;
	const struct qw_ot_guest guest = {station, &station->transactions, flow, direction, sink};
	if (!qw_parser_ot_wants(station)) {
		station->idle = true;
		return QW_PARSE_MORE;
	}
	/* Whoever comes later finds it among the corrections. */
	if (station->idle) {
		give_all(station);
		station->headed = station->ntrip.answered = true;
		station->idle = false;
	}
	if (direction == QW_TO_SERVER)
		feed_station(&guest, station, qw_bytes(data, len));
	else
		feed_caster(&guest, station, qw_bytes(data, len));
	return QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct station *station = state;
	qw_lines_free(station, &station->lines[direction]);
	if (direction == QW_TO_SERVER)
		qw_ntrip_free(station, &station->ntrip);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	give_all(state);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	static const char start[] = "SOURCE ";
	size_t part = len < sizeof(start) - 1 ? len : sizeof(start) - 1;
	if (direction != QW_TO_SERVER || memcmp(data, start, part) != 0)
		return 0;
	const uint8_t *end = memchr(data, '\n', len);
	if (!end)
		return len < LINE_MAX_LEN ? -1 : 0;
	struct qw_slice line = qw_slice(data, (size_t)(end - data));
	(void)qw_line_word(&line);
	(void)qw_line_word(&line);
	return line.len > 0 && !qw_line_holds(line.data, line.len, " HTTP/");
}

const struct qw_parser_ops qw_parser_ntrip = {
    .app = QW_APP_NTRIP,
    .industrial = true,
    .starts = {1, {{'S', 'S'}}},
    .probe = probe,
    .state_bytes = sizeof(struct station),
    .feed = feed,
    .gap = gap,
    .fini = fini,
};

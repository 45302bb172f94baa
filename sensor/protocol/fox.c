/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fox - Niagara Fox, which building controllers and their workbenches talk: each frame is a transaction of its own.
 *
 * Frames are lines of text; the last one is "};;".
 */
#include "sensor/protocol/fox_frame.h"

#include "sensor/protocol/lines.h"
#include "sensor/protocol/ot_talk.h"
#include "sensor/protocol/ot_text.h"
#include "sensor/protocol/parsers.h"

enum { LINE_BYTES_MAX = 1024, STRANGE_MAX = 16, KIND_TEXT_MAX = 33, TEXT_MAX = 160 };

struct side {
	struct qw_lines lines;
	struct qw_store frame; /* that has begun, without its end */
	bool inside, cut;
};

struct fox {
	uint64_t transactions;
	struct side side[2];
	uint8_t strange; /* lines in a row that belong to no frame */
	bool idle;
};

struct call {
	struct fox *fox;
	struct qw_flow *flow;
	enum qw_direction direction;
	const struct qw_message_sink *sink;
};

struct scene {
	struct qw_fox_frame frame;
	struct qw_ot_detail detail;
	char kind[KIND_TEXT_MAX], host[TEXT_MAX], system[TEXT_MAX];
};

/* ---- what events say */

/* The command, if it is a word as there are. */
static const char *kind_of(struct scene *scene)
{
	struct qw_slice command = scene->frame.command;
	bool word = command.len && command.len < sizeof(scene->kind);
	for (size_t i = 0; word && i < command.len; i++) {
		uint8_t letter = command.data[i] | 0x20;
		word = (letter >= 'a' && letter <= 'z') || (command.data[i] >= '0' && command.data[i] <= '9');
	}
	if (!word)
		return "frame";
	memcpy(scene->kind, command.data, command.len);
	scene->kind[command.len] = 0;
	return scene->kind;
}

static void put_words(struct qw_text *text, struct qw_slice first, struct qw_slice second)
{
	if (!first.len)
		return;
	qw_ot_put_comma(text);
	qw_ot_put_slice(text, first);
	if (!second.len)
		return;
	qw_text_char(text, ' ');
	qw_ot_put_slice(text, second);
}

static void fill_detail(struct scene *scene, enum qw_direction direction)
{
	const struct qw_fox_frame *frame = &scene->frame;
	struct qw_ot_detail *detail = &scene->detail;
	struct qw_text host, system;
	qw_ot_begin(detail, "fox", QW_OT_NO_NUMBER, NULL, frame->reply >= 0 || direction == QW_TO_CLIENT);
	detail->kind = kind_of(scene);
	if (frame->number >= 0)
		qw_ot_number(detail, QW_KEY_OT_SEQUENCE, (uint64_t)frame->number);
	if (frame->reply >= 0)
		qw_ot_number(detail, QW_KEY_OT_ACKNOWLEDGED, (uint64_t)frame->reply);
	qw_ot_text(detail, QW_KEY_OT_SERVICE_NAME, frame->channel);
	qw_text_init(&host, scene->host, sizeof(scene->host));
	put_words(&host, frame->host, frame->address);
	qw_ot_text(detail, QW_KEY_OT_OBJECTS, qw_ot_text_slice(&host));
	qw_text_init(&system, scene->system, sizeof(scene->system));
	put_words(&system, frame->os, frame->os_version);
	put_words(&system, frame->vm, frame->vm_version);
	qw_ot_text(detail, QW_KEY_OT_INDICATIONS, qw_ot_text_slice(&system));
	qw_ot_text(detail, QW_KEY_OT_POLICY, frame->method);
	qw_ot_text(detail, QW_KEY_OT_USER, frame->user);
	qw_ot_text(detail, QW_KEY_OT_VENDOR, frame->brand);
	qw_ot_text(detail, QW_KEY_OT_PRODUCT, frame->app);
	qw_ot_text(detail, QW_KEY_OT_REVISION, frame->version);
	qw_ot_text(detail, QW_KEY_OT_DEVICE_NAME, frame->station);
	qw_ot_text(detail, QW_KEY_OT_SERIAL_TEXT, frame->id);
}

/* ---- frames */

static void read_frame(const struct call *call, struct qw_bytes bytes)
{
	struct scene scene;
	struct qw_message message;
	if (!qw_fox_parse(&scene.frame, bytes))
		return;
	fill_detail(&scene, call->direction);
	qw_message_begin(&message, QW_APP_FOX, call->direction, ++call->fox->transactions);
	message.last = message.alone = true;
	message.detail = &scene.detail;
	if (qw_parser_ot_wants(call->fox) & QW_OT_WANT_FIELDS)
		qw_message_add(&message, QW_BUFFER_FOX_COMMAND, QW_SIGHT_NONE, scene.frame.command, true);
	call->sink->publish(call->sink->ctx, call->flow, &message);
}

static void end_frame(struct fox *fox, struct side *side)
{
	qw_store_free(fox, &side->frame);
	side->inside = side->cut = false;
}

/* What a frame has beyond the bound is left out. */
static void keep(struct fox *fox, struct side *side, const struct qw_line *line)
{
	static const char newline = '\n';
	size_t room = QW_FOX_FRAME_MAX - side->frame.len;
	if (side->cut)
		return;
	side->cut = line->text.len + 1 > room ||
		    !qw_store_put(fox, &side->frame, line->text.data, line->text.len, QW_FOX_FRAME_MAX) ||
		    (line->ends && !qw_store_put(fox, &side->frame, &newline, 1, QW_FOX_FRAME_MAX));
	if (side->cut)
		qw_parser_cut(fox);
}

static bool is_end(const struct qw_line *line)
{
	static const char end[] = "};;";
	return line->begins && line->ends && line->text.len == sizeof(end) - 1 &&
	       memcmp(line->text.data, end, sizeof(end) - 1) == 0;
}

static bool is_head(const struct qw_line *line)
{
	return line->begins && line->ends && line->text.len >= QW_FOX_HEAD &&
	       qw_fox_begins(line->text.data, line->text.len) > 0;
}

static void read_line(const struct call *call, const struct qw_line *line)
{
	struct fox *fox = call->fox;
	struct side *side = &fox->side[call->direction];
	if (is_head(line)) {
		end_frame(fox, side); /* whatever went before was cut */
		side->inside = true;
		fox->strange = 0;
	} else if (!side->inside) {
		fox->strange = (uint8_t)(fox->strange + (line->text.len != 0));
		return;
	}
	if (!is_end(line)) {
		keep(fox, side, line);
		return;
	}
	read_frame(call, qw_bytes(side->frame.at, side->frame.len));
	end_frame(fox, side);
}

/* ---- the parser */

static void lose_side(struct fox *fox, struct side *side)
{
	qw_lines_free(fox, &side->lines);
	end_frame(fox, side);
}

static enum qw_parse feed(void *state, struct qw_flow *flow, enum qw_direction direction, const uint8_t *data,
			  size_t len, const struct qw_message_sink *sink)
{
	struct fox *fox = state;
	const struct call call = {fox, flow, direction, sink};
	struct qw_bytes in = qw_bytes(data, len);
	struct qw_line line;
	bool wanted = qw_parser_ot_wants(fox);
	if (wanted && fox->idle) {
		lose_side(fox, &fox->side[0]);
		lose_side(fox, &fox->side[1]);
	}
	fox->idle = !wanted;
	while (wanted && qw_line_next(fox, &fox->side[direction].lines, &in, LINE_BYTES_MAX, &line)) {
		read_line(&call, &line);
		if (fox->strange >= STRANGE_MAX)
			return QW_PARSE_STOP;
	}
	return QW_PARSE_MORE;
}

static enum qw_parse gap(void *state, struct qw_flow *flow, enum qw_direction direction, uint32_t missing,
			 const struct qw_message_sink *sink)
{
	struct fox *fox = state;
	lose_side(fox, &fox->side[direction]);
	return QW_PARSE_MORE;
}

static void fini(void *state)
{
	struct fox *fox = state;
	lose_side(fox, &fox->side[0]);
	lose_side(fox, &fox->side[1]);
}

static int probe(const struct qw_flow *flow, enum qw_direction direction, const uint8_t *data, size_t len)
{
	return qw_fox_begins(data, len);
}

const struct qw_parser_ops qw_parser_fox = {
    .app = QW_APP_FOX,
    .industrial = true,
    .starts = {1, {{'f', 'f'}}},
    .probe = probe,
    .state_bytes = sizeof(struct fox),
    .feed = feed,
    .gap = gap,
    .fini = fini,
};

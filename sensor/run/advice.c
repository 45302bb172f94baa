/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/advice.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/app.h"
#include "quaywatch/buffer.h"

/* The dearest first. */
enum class { CLASS_PACKET, CLASS_DATA, CLASS_APP, CLASS_MESSAGE, CLASS_HEADER, CLASS_NUMBER, CLASS_EVENT, CLASS_ADDRESS, CLASS_COUNT };

enum { ROOM_FIRST = 256, WHERE_MAX = 160 };

struct row {
	struct qw_signature_cost cost;
	char *path; /* the advice's own */
	enum class class;
	size_t number; /* in the order of reading */
};

struct qw_advice {
	struct row *rows;
	size_t count, room;
	bool no_memory;
	uint64_t literals[QW_BUFFER_COUNT]; /* rules by the buffer of their literal */
	uint64_t classes[CLASS_COUNT];
};

enum qw_err qw_advice_new(struct qw_advice **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? QW_OK : QW_ENOMEM;
}

void qw_advice_free(struct qw_advice *advice)
{
	if (!advice)
		return;
	for (size_t i = 0; i < advice->count; i++)
		free(advice->rows[i].path);
	free(advice->rows);
	free(advice);
}

static enum class class_of(const struct qw_signature_cost *cost)
{
	switch (cost->by) {
	case QW_BY_EVENT: return CLASS_EVENT;
	case QW_BY_ADDRESS: return CLASS_ADDRESS;
	case QW_BY_NUMBER: return CLASS_NUMBER;
	default: break;
	}
	if (cost->buffer != QW_BUFFER_COUNT && cost->buffer != QW_BUFFER_PAYLOAD)
		return CLASS_MESSAGE;
	switch (cost->by) {
	case QW_BY_ICMP:
	case QW_BY_FLAGS:
	case QW_BY_HEAD:
	case QW_BY_PORT:
	case QW_BY_SOURCE_PORT: return CLASS_HEADER;
	case QW_BY_APP: return CLASS_APP;
	default: return cost->buffer == QW_BUFFER_PAYLOAD ? CLASS_DATA : CLASS_PACKET;
	}
}

static bool make_room(struct qw_advice *advice)
{
	size_t room = advice->room ? advice->room * 2 : ROOM_FIRST;
	struct row *rows = advice->count < advice->room ? advice->rows : realloc(advice->rows, room * sizeof(*rows));

	if (!rows)
		return false;
	advice->room = advice->count < advice->room ? advice->room : room;
	advice->rows = rows;
	return true;
}

void qw_advice_take(void *ctx, const struct qw_signature_cost *cost)
{
	struct qw_advice *advice = ctx;

	if (cost->why == QW_LITERAL) {
		advice->literals[cost->buffer]++;
		return;
	}
	char *path = make_room(advice) ? strdup(cost->path) : NULL;
	if (!path) {
		advice->no_memory = true;
		return;
	}
	enum class class = class_of(cost);
	advice->classes[class]++;
	advice->rows[advice->count] = (struct row){*cost, path, class, advice->count};
	advice->count++;
}

/* ---- one rule */

static const char *proto_name(const struct qw_signature_cost *cost, char *room, size_t size)
{
	static const struct {
		uint8_t proto;
		const char *name;
	} names[] = {{1, "ICMP "}, {6, "TCP "}, {17, "UDP "}, {58, "ICMPv6 "}, {132, "SCTP "}};
	bool one = cost->protos[1] == 0 || cost->protos[1] == cost->protos[0];

	if (cost->by != QW_BY_PROTO)
		return "";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].proto == cost->protos[0])
			return one ? names[i].name : cost->protos[0] == 1 ? "ICMP " : "TCP or UDP ";
	(void)snprintf(room, size, "protocol-%u ", cost->protos[0]);
	return room;
}

/* The first of several, as http of http and http2. */
static const char *app_name(const struct qw_signature_cost *cost)
{
	return cost->apps ? qw_app_name((enum qw_app)__builtin_ctzll(cost->apps)) : "any protocol";
}

static const char *header_name(enum qw_found_by by)
{
	switch (by) {
	case QW_BY_ICMP: return "of its ICMP type";
	case QW_BY_FLAGS: return "with its TCP flags";
	case QW_BY_HEAD: return "that begins with its first byte";
	case QW_BY_SOURCE_PORT: return "from its ports";
	default: return "to its ports";
	}
}

static void say_where(const struct row *row, char where[WHERE_MAX])
{
	const struct qw_signature_cost *cost = &row->cost;
	bool data = cost->buffer == QW_BUFFER_PAYLOAD;
	char room[64];

	switch (row->class) {
	case CLASS_PACKET: (void)snprintf(where, WHERE_MAX, "every %spacket", proto_name(cost, room, sizeof(room))); break;
	case CLASS_DATA:
		(void)snprintf(where, WHERE_MAX, "every %spayload%s", proto_name(cost, room, sizeof(room)),
			       cost->by == QW_BY_PROTO && cost->protos[0] != 6 ? "" : " and stream chunk");
		break;
	case CLASS_APP:
		(void)snprintf(where, WHERE_MAX, "every packet%s of %s", data ? " and stream chunk" : "", app_name(cost));
		break;
	case CLASS_MESSAGE:
		(void)snprintf(where, WHERE_MAX, "every message of %s with %s%s", app_name(cost), qw_buffer_name(cost->buffer),
			       cost->by == QW_BY_HEAD ? " that begins with its first byte" : "");
		break;
	case CLASS_HEADER:
		(void)snprintf(where, WHERE_MAX, "every %s %s", data ? "payload and stream chunk" : "packet", header_name(cost->by));
		break;
	case CLASS_NUMBER:
		(void)snprintf(where, WHERE_MAX, "messages of %s with its %s", app_name(cost), qw_buffer_name(cost->buffer));
		break;
	case CLASS_EVENT: (void)snprintf(where, WHERE_MAX, "packets with its event"); break;
	case CLASS_ADDRESS: (void)snprintf(where, WHERE_MAX, "each direction of a flow once, by its addresses"); break;
	case CLASS_COUNT: break;
	}
}

static const struct {
	const char *why, *instead;
} reasons[] = {
    [QW_NO_LITERAL_HEADER] = {"it looks at headers only", "narrow its ports, flags or addresses, or add a content"},
    [QW_NO_LITERAL_TESTS] = {"it has no content, only tests of values",
			     "add a content that always comes with them, unless such data is rare"},
    [QW_NO_LITERAL_PCRE] = {"it has no content, only pcre",
			    "write what the expression always contains as a content before it"},
    [QW_NO_LITERAL_NEGATED] = {"all its contents are negated", "add a content that must be there"},
    [QW_NO_LITERAL_PACKET] = {"its contents are in packet headers",
			      "narrow its ports, flags or addresses, or add a content on the payload"},
    [QW_NO_LITERAL_OTHER] = {"its contents are on the payload while it asks for fields, too, or on what may be absent",
			     "give a field that must be there a content"},
    [QW_NO_LITERAL_CODED] = {"its contents come after a transform or base64_decode",
			     "add a content on what stands there before that"},
    [QW_NO_LITERAL_ZEROES] = {"its contents are zeroes, which are everywhere", "add two other bytes that go with them"},
    [QW_NO_LITERAL_SHORT] = {"its contents are too short", NULL},
};

/* Why, and what to write instead. */
static void print_reason(const struct row *row, FILE *out)
{
	const struct qw_signature_cost *cost = &row->cost;

	if (row->class == CLASS_EVENT || row->class == CLASS_ADDRESS || row->class == CLASS_NUMBER)
		fputs("that is cheap, nothing to do\n", out);
	else if (row->class == CLASS_HEADER && cost->why == QW_NO_LITERAL_HEADER)
		fprintf(out, "%s; nothing to do, unless many packets are so\n", reasons[cost->why].why);
	else if (cost->why == QW_NO_LITERAL_SHORT)
		fprintf(out, "%s; lengthen one to %u bytes or more\n", reasons[cost->why].why, cost->least);
	else
		fprintf(out, "%s; %s\n", reasons[cost->why].why, reasons[cost->why].instead);
}

static void print_row(const struct row *row, FILE *out)
{
	char where[WHERE_MAX], gid[16] = "";

	say_where(row, where);
	if (row->cost.gid != 1)
		(void)snprintf(gid, sizeof(gid), "%u:", row->cost.gid);
	fprintf(out, "%s:%u: note: sid %s%u is tried on %s: ", row->path, row->cost.line, gid, row->cost.sid, where);
	print_reason(row, out);
}

static int by_class(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* ---- all of them */

static int by_count(const void *a, const void *b)
{
	const uint64_t *const *x = a, *const *y = b;

	if (**x != **y)
		return **x > **y ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

static void print_literals(const struct qw_advice *advice, FILE *out)
{
	const uint64_t *order[QW_BUFFER_COUNT];
	unsigned long long sum = 0;

	for (size_t i = 0; i < QW_BUFFER_COUNT; i++) {
		order[i] = &advice->literals[i];
		sum += advice->literals[i];
	}
	qsort(order, QW_BUFFER_COUNT, sizeof(order[0]), by_count);
	fprintf(out, "%8llu where a content of theirs occurs", sum);
	for (size_t i = 0; i < QW_BUFFER_COUNT && *order[i]; i++)
		fprintf(out, "%s %llu in %s", i ? "," : ":", (unsigned long long)*order[i],
			qw_buffer_name((enum qw_buffer)(order[i] - advice->literals)));
	fputc('\n', out);
}

static void print_classes(const struct qw_advice *advice, FILE *out)
{
	static const char *const names[CLASS_COUNT] = {
	    [CLASS_PACKET] = "on every packet",
	    [CLASS_DATA] = "on every payload or stream chunk",
	    [CLASS_APP] = "on every packet of one protocol",
	    [CLASS_MESSAGE] = "on every message of one protocol",
	    [CLASS_HEADER] = "on every packet with their port, flags or ICMP type",
	    [CLASS_NUMBER] = "on messages with their number",
	    [CLASS_EVENT] = "on packets with their event",
	    [CLASS_ADDRESS] = "once a direction of a flow, by address",
	};

	for (int class = CLASS_COUNT - 1; class >= 0; class --)
		if (advice->classes[class])
			fprintf(out, "%8llu %s\n", (unsigned long long)advice->classes[class], names[class]);
}

enum qw_err qw_advice_print(struct qw_advice *advice, FILE *out)
{
	if (advice->no_memory)
		return QW_ENOMEM;
	if (advice->count)
		qsort(advice->rows, advice->count, sizeof(*advice->rows), by_class);
	for (size_t i = 0; i < advice->count; i++)
		print_row(&advice->rows[i], out);
	fputs("signatures are tried:\n", out);
	print_literals(advice, out);
	print_classes(advice, out);
	return QW_OK;
}

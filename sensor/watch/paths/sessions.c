/* SPDX-License-Identifier: Apache-2.0 */
/* sessions - a register of remote sessions into machines: who, from where, to which, when, how long, how much. */
#include "sensor/watch/paths/hours.h"
#include "sensor/watch/paths/paths.h"
#include "sensor/watch/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/log.h"

enum { HOURS_MAX = 32, OPEN_MAX = 8192, VISIT_S = 60 };

enum { BEGAN, BEGAN_OUTSIDE, ENDED, BEGAN_ODD_HOURS, FINDINGS };

static const struct qw_finding_row findings[FINDINGS] = {
	[BEGAN] = {QW_FINDING_SESSIONS, "A remote session into a machine began", "Remote session", 3, "T0886", "R01"},
	[BEGAN_OUTSIDE] = {QW_FINDING_SESSIONS + 1, "A remote session into a machine began, from outside of the terminal",
			   "Remote session", 2, "T0822", "R01"},
	[ENDED] = {QW_FINDING_SESSIONS + 2, "A remote session into a machine ended", "Remote session", 3, "T0886", "R01"},
	[BEGAN_ODD_HOURS] = {QW_FINDING_SESSIONS + 3, "A remote session into a machine began outside of the agreed hours",
			     "Remote session", 1, "T0886", "R01"},
};

/* What remote sessions are carried by: by the protocol's name, or else by the server's port. */
static const struct kind {
	const char *app; /* NULL: the port alone tells */
	uint8_t proto;
	uint16_t port;   /* 0: any */
	const char *name;
} kinds[] = {
	{"rdp", 0, 0, "RDP"},
	{"rfb", 0, 0, "VNC"},
	{"ssh", 0, 0, "SSH"},
	{"telnet", 0, 0, "Telnet"},
	{NULL, QW_PROTO_IS_TCP, 3389, "RDP"},
	{NULL, QW_PROTO_IS_UDP, 3389, "RDP"},
	{NULL, QW_PROTO_IS_TCP, 5900, "VNC"},
	{NULL, QW_PROTO_IS_TCP, 5901, "VNC"},
	{NULL, QW_PROTO_IS_TCP, 22, "SSH"},
	{NULL, QW_PROTO_IS_TCP, 23, "Telnet"},
	{NULL, QW_PROTO_IS_TCP, 5938, "TeamViewer"},
	{NULL, QW_PROTO_IS_UDP, 5938, "TeamViewer"},
	{NULL, QW_PROTO_IS_TCP, 7070, "AnyDesk"},
	{NULL, QW_PROTO_IS_TCP, 6568, "AnyDesk"},
	{NULL, QW_PROTO_IS_TCP, 5985, "WinRM"},
	{NULL, QW_PROTO_IS_TCP, 5986, "WinRM"},
	{NULL, QW_PROTO_IS_UDP, 1194, "OpenVPN"},
	{NULL, QW_PROTO_IS_TCP, 1194, "OpenVPN"},
	{NULL, QW_PROTO_IS_UDP, 51820, "WireGuard"},
	{NULL, QW_PROTO_IS_UDP, 500, "IPsec"},
	{NULL, QW_PROTO_IS_UDP, 4500, "IPsec"},
	{NULL, QW_PROTO_IS_TCP, 1723, "PPTP"},
	{NULL, QW_PROTO_IS_UDP, 1701, "L2TP"},
};

struct session {
	uint64_t flow_id;
	struct qw_time start;
	const struct kind *kind;
};

struct sessions {
	struct qw_world *world;
	struct qw_shelf *open;
	size_t hours_count;
	struct qw_hours hours[HOURS_MAX];
};

static void sessions_free(void *ctx)
{
	struct sessions *state = ctx;

	qw_shelf_free(state->open);
	free(state);
}

static enum qw_err read_hours(struct sessions *state)
{
	const char *const *items;
	size_t count = qw_world_list(state->world, QW_WATCH_SESSIONS_HOURS, &items);

	for (size_t i = 0; i < count; i++) {
		if (i == HOURS_MAX || qw_hours_parse(&state->hours[i], items[i], strlen(items[i])) != QW_OK) {
			qw_log(QW_LOG_ERROR, "WATCH-SESSIONS",
			       "watch.sessions.hours: \"%s\": up to 32 lines as in \"mon-fri 06:00-18:00\", in UTC", items[i]);
			return QW_EFORMAT;
		}
	}
	state->hours_count = count;
	return QW_OK;
}

static enum qw_err sessions_make(void **out, struct qw_world *world)
{
	static const struct qw_shelf_options options = {.key_size = sizeof(uint64_t), .row_size = sizeof(struct session), .max = OPEN_MAX};
	struct sessions *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	enum qw_err err = qw_shelf_new(&state->open, &options);
	if (err == QW_OK)
		err = read_hours(state);
	if (err != QW_OK) {
		sessions_free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

/* ---- what is a session */

static const struct kind *kind_of(const struct qw_seen *seen)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *kind = &kinds[i];
		if (kind->app ? qw_path_is_app(seen, kind->app) : kind->proto == seen->proto && kind->port == qw_seen_server(seen)->port)
			return kind;
	}
	return NULL;
}

/* Into a machine, from any other host: and that answers. */
static bool is_into_machine(const struct sessions *state, const struct qw_seen *seen)
{
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);

	return client->known && server->known && seen->flow.verdict == QW_SEEN_ANSWERED && qw_world_is_ot(state->world, &server->address);
}

static bool is_agreed(const struct sessions *state, struct qw_time time)
{
	for (size_t i = 0; i < state->hours_count; i++)
		if (qw_hours_hold(&state->hours[i], time))
			return true;
	return state->hours_count == 0;
}

/* ---- what is told */

static void text_between(struct qw_text *text, const struct kind *kind, const struct qw_seen *seen)
{
	qw_text_format(text, "%s from ", kind->name);
	qw_text_host_of(text, qw_seen_client(seen));
	qw_text_literal(text, " to ");
	qw_text_end(text, qw_seen_server(seen));
}

static struct qw_time start_of(const struct qw_seen *seen)
{
	return seen->flow.start.ns ? seen->flow.start : seen->time;
}

static void began(struct sessions *state, const struct qw_seen *seen, const struct kind *kind)
{
	bool inside = qw_world_is_home(state->world, &qw_seen_client(seen)->address), agreed = is_agreed(state, start_of(seen));
	struct qw_finding finding = {.row = &findings[!agreed ? BEGAN_ODD_HOURS : inside ? BEGAN : BEGAN_OUTSIDE], .seen = seen};
	char memory[256];
	struct qw_text text;
	bool pushed;

	struct session *session = qw_shelf_get(state->open, &seen->flow_id, &pushed);
	if (!session || pushed)
		qw_world_no_room(state->world);
	if (session) {
		session->start = start_of(seen);
		session->kind = kind;
	}
	qw_text_init(&text, memory, sizeof(memory));
	text_between(&text, kind, seen);
	if (!agreed)
		qw_text_literal(&text, ", at an hour that watch.sessions.hours does not name");
	finding.what = (uint64_t)(kind - kinds) + 1;
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

static void ended(struct sessions *state, const struct qw_seen *seen, const struct session *session)
{
	struct qw_time lasted = qw_time_sub(seen->time, session->start);
	/* A visit of somebody has its own record; a script's that comes every minute has one in a while. */
	bool is_visit = lasted.ns >= VISIT_S * QW_NS_PER_S;
	uint64_t what = is_visit ? seen->flow_id : (uint64_t)(session->kind - kinds) + 1;
	struct qw_finding finding = {.row = &findings[ENDED], .seen = seen, .what = what};
	char memory[320];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	text_between(&text, session->kind, seen);
	qw_text_literal(&text, " lasted ");
	qw_text_span(&text, lasted);
	qw_text_literal(&text, ", ");
	qw_text_bytes(&text, seen->flow.bytes[0]);
	qw_text_literal(&text, " to the machine, ");
	qw_text_bytes(&text, seen->flow.bytes[1]);
	qw_text_literal(&text, " back");
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

static void sessions_seen(void *ctx, const struct qw_seen *seen)
{
	struct sessions *state = ctx;
	struct session *session = NULL;

	if (!seen->flow.begins && !seen->flow.ends)
		return;
	session = qw_shelf_find(state->open, &seen->flow_id);
	if ((!session || !session->kind) && is_into_machine(state, seen)) {
		const struct kind *kind = kind_of(seen);
		if (kind)
			began(state, seen, kind);
		session = qw_shelf_find(state->open, &seen->flow_id);
	}
	if (!session || !session->kind || !seen->flow.ends)
		return;
	ended(state, seen, session);
	session->kind = NULL; /* over: the row ages and goes */
}

const struct qw_watcher_ops qw_sessions = {
	.name = "sessions",
	.findings = findings,
	.finding_count = FINDINGS,
	.make = sessions_make,
	.free = sessions_free,
	.seen = sessions_seen,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* zones - conversations across zones that no conduit allows: the log of connections between IT and OT. */
#include "sensor/watch/paths/conduit.h"
#include "sensor/watch/paths/paths.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/app.h"
#include "quaywatch/log.h"

enum { CROSSED, TRIED, FINDINGS };

static const struct qw_finding_row findings[FINDINGS] = {
	[CROSSED] = {QW_FINDING_ZONES, "Two zones talk, and no conduit allows it", "Policy violation", 2, "T0886", "R08"},
	[TRIED] = {QW_FINDING_ZONES + 1, "A host tried to reach another zone, and no conduit allows it", "Policy violation", 3,
		   "T0886", "R08"},
};

struct zones {
	struct qw_world *world;
	bool strict;
	struct qw_zones zones;
};

static enum qw_err read_key(struct zones *state, enum qw_watch_key key,
			    enum qw_err (*take)(struct qw_zones *zones, const char *text, size_t len, const char **why))
{
	const char *const *items, *why = "";
	size_t count = qw_world_list(state->world, key, &items);
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < count && err == QW_OK; i++) {
		err = take(&state->zones, items[i], strlen(items[i]), &why);
		if (err != QW_OK)
			qw_log(QW_LOG_ERROR, "WATCH-ZONES", "%s: \"%s\": %s", qw_watch_settings[key].key, items[i], why);
	}
	return err;
}

static enum qw_err zones_make(void **out, struct qw_world *world)
{
	struct zones *state = calloc(1, sizeof(*state));

	if (!state)
		return QW_ENOMEM;
	state->world = world;
	state->strict = qw_world_bool(world, QW_WATCH_ZONES_STRICT);
	enum qw_err err = read_key(state, QW_WATCH_ZONES, qw_zones_add);
	if (err == QW_OK)
		err = read_key(state, QW_WATCH_CONDUITS, qw_zones_allow);
	if (err != QW_OK) {
		free(state);
		return err;
	}
	*out = state;
	return QW_OK;
}

static struct qw_service service_of(const struct zones *state, const struct qw_seen *seen)
{
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);
	enum qw_app app = qw_app_parse((const char *)seen->app.data, seen->app.len);

	return (struct qw_service){
		.from = (uint8_t)qw_zones_find(&state->zones, &client->address),
		.to = (uint8_t)qw_zones_find(&state->zones, &server->address),
		.app = app < QW_APP_COUNT ? (uint8_t)app : 0,
		.proto = seen->proto,
		.port = server->port,
	};
}

/* A conversation whose begin nobody saw may be told the wrong way round: then its "server" has a port that none serves at. */
static bool is_allowed_back(const struct zones *state, const struct qw_service *service, uint16_t client_port)
{
	enum { SERVED_BELOW = 32768 };
	struct qw_service back = *service;

	if (service->port < SERVED_BELOW || client_port == 0)
		return false;
	back.from = service->to;
	back.to = service->from;
	back.port = client_port;
	return qw_zones_is_allowed(&state->zones, &back);
}

static void tell(struct zones *state, const struct qw_seen *seen, const struct qw_service *service)
{
	struct qw_finding finding = {.row = &findings[seen->flow.verdict == QW_SEEN_SILENT ? TRIED : CROSSED], .seen = seen, .what = service->port};
	char memory[320];
	struct qw_text text;

	qw_text_init(&text, memory, sizeof(memory));
	qw_text_host_of(&text, qw_seen_client(seen));
	qw_text_format(&text, " in zone \"%s\" talks to ", qw_zones_name(&state->zones, service->from));
	qw_text_end(&text, qw_seen_server(seen));
	qw_text_format(&text, " in zone \"%s\"", qw_zones_name(&state->zones, service->to));
	if (service->app > QW_APP_FAILED)
		qw_text_format(&text, " by %s", qw_app_name((enum qw_app)service->app));
	qw_text_literal(&text, "; no line of watch.conduits allows that");
	finding.detail = qw_text_string(&text);
	qw_world_tell(state->world, &finding);
}

static void zones_seen(void *ctx, const struct qw_seen *seen)
{
	struct zones *state = ctx;
	const struct qw_seen_end *client = qw_seen_client(seen), *server = qw_seen_server(seen);

	if (seen->flow.verdict == QW_SEEN_UNDECIDED || state->zones.count == 0 || !client->known || !server->known)
		return;
	if (qw_path_is_group(&client->address) || qw_path_is_group(&server->address))
		return;
	struct qw_service service = service_of(state, seen);
	bool known = service.from != QW_ZONE_OTHER && service.to != QW_ZONE_OTHER;
	if (service.from == service.to || (!known && !state->strict))
		return;
	if (!qw_zones_is_allowed(&state->zones, &service) && !is_allowed_back(state, &service, client->port))
		tell(state, seen, &service);
}

const struct qw_watcher_ops qw_zones_watch = {
	.name = "zones",
	.findings = findings,
	.finding_count = FINDINGS,
	.make = zones_make,
	.free = free,
	.seen = zones_seen,
};

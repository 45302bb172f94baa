/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands_of.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "collector/settings.h"

struct listing {
	struct qw_reply *reply;
	bool json;
};

static enum qw_err list_tenant(void *ctx, const struct qw_tenant_row *row)
{
	const struct listing *listing = ctx;
	char created[QW_COMMAND_TIME_MAX], revoked[QW_COMMAND_TIME_MAX];

	qw_command_time(row->created, created);
	qw_command_time(row->revoked, revoked);
	if (listing->json) {
		struct qw_json json = qw_reply_begin(listing->reply);
		qw_json_text(&json, "tenant", row->name);
		qw_json_i64(&json, "sensors", row->sensors);
		qw_json_text(&json, "created", created);
		qw_json_bool(&json, "revoked", row->revoked.ns != 0);
		qw_reply_end(listing->reply, &json);
	} else {
		qw_reply_line(listing->reply, "%-24s %3lld sensors   since %s%s%s", row->name, (long long)row->sensors,
			      created, row->revoked.ns ? "   revoked " : "", row->revoked.ns ? revoked : "");
	}
	return QW_OK;
}

QW_COMMAND(tenants)
{
	struct listing listing = {reply, request->json};
	enum qw_err err = qw_store_each_tenant(collector->store, list_tenant, &listing);

	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, "tenants");
	if (reply->len == 0 && !request->json)
		qw_reply_line(reply, "no tenant yet; add one with: quaywatchctl tenant add NAME");
	return QW_EXIT_OK;
}

static enum qw_exit done(struct qw_collector *collector, struct qw_reply *reply, enum qw_err err, const char *what)
{
	if (err == QW_OK)
		err = qw_store_commit(collector->store);
	if (err == QW_OK)
		err = qw_registry_load(collector->registry, collector->store);
	if (err == QW_OK)
		return QW_EXIT_OK;
	qw_store_rollback(collector->store);
	return qw_command_failed(collector, reply, err, what);
}

QW_COMMAND(tenant_add)
{
	const char *name = request->count == first + 1 ? request->word[first] : NULL;

	if (!name)
		return qw_command_usage(reply, request, first, NULL);
	if (!qw_name_is_tenant(name))
		return qw_reply_error(
		    reply, QW_EXIT_USAGE,
		    "%s: a tenant's name has letters, digits, '.', '_', '-', at most %d, and is not \"community\"",
		    name, QW_NAME_MAX);
	enum qw_err err = qw_store_add_tenant(collector->store, name, request->now);
	if (err == QW_EEXIST)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: there is such a tenant already", name);
	enum qw_exit status = done(collector, reply, err, name);
	if (status == QW_EXIT_OK && !request->json)
		qw_reply_line(reply, "%s was added; enrol its first sensor with: quaywatchctl enrol %s SENSOR -o FILE",
			      name, name);
	return status;
}

QW_COMMAND(tenant_revoke)
{
	const char *name = request->count == first + 1 ? request->word[first] : NULL;

	if (!name)
		return qw_command_usage(reply, request, first, NULL);
	enum qw_err err = qw_store_revoke_tenant(collector->store, name, request->now);
	if (err == QW_ENOENT)
		return qw_reply_error(reply, QW_EXIT_DATA,
				      "%s: no such tenant, or revoked already; see: quaywatchctl tenants", name);
	enum qw_exit status = done(collector, reply, err, name);
	if (status == QW_EXIT_OK && !request->json)
		qw_reply_line(reply, "%s is revoked: none of its sensors is heard any more", name);
	return status;
}

QW_COMMAND(sensor_revoke)
{
	struct qw_identity who = {0};

	if (request->count != first + 2)
		return qw_command_usage(reply, request, first, NULL);
	snprintf(who.tenant, sizeof(who.tenant), "%s", request->word[first]);
	snprintf(who.sensor, sizeof(who.sensor), "%s", request->word[first + 1]);
	enum qw_err err = qw_store_revoke_sensor(collector->store, &who, request->now);
	if (err == QW_ENOENT)
		return qw_reply_error(reply, QW_EXIT_DATA,
				      "%s/%s: no such sensor, or revoked already; see: quaywatchctl sensors",
				      who.tenant, who.sensor);
	enum qw_exit status = done(collector, reply, err, who.sensor);
	if (status == QW_EXIT_OK && !request->json)
		qw_reply_line(reply, "%s/%s is revoked: it is not heard any more", who.tenant, who.sensor);
	return status;
}

/* ---- enrolment */

/* What a sensor connects to: as configured, else this host's name with the port that we listen on. */
static void address_of(const struct qw_collector *collector, char *out, size_t size)
{
	const char *address = qw_config_text(collector->config, QW_CFG_ADDRESS);
	const char *listen = qw_config_text(collector->config, QW_CFG_LISTEN);
	const char *port = strrchr(listen, ':');
	char host[256] = "localhost";

	if (*address) {
		snprintf(out, size, "%s", address);
		return;
	}
	if (!strstr(listen, "://0.0.0.0:") && !strstr(listen, "://*:") && !strstr(listen, "://[::]:")) {
		snprintf(out, size, "%s", listen);
		return;
	}
	gethostname(host, sizeof(host) - 1);
	snprintf(out, size, "tcp://%s%s", host, port ? port : ":9443");
}

static bool is_key(const char *text)
{
	uint8_t key[QW_CURVE_BYTES];

	return strlen(text) == QW_CURVE_Z85 && zmq_z85_decode(key, text) != NULL;
}

static void write_enrolment(const struct qw_collector *collector, struct qw_reply *reply)
{
	char address[512], root[2 * QW_SIGN_PUBLIC_BYTES];
	struct qw_text hex;
	struct qw_json json = qw_reply_begin(reply);

	address_of(collector, address, sizeof(address));
	qw_text_init(&hex, root, sizeof(root));
	qw_text_hex(&hex, collector->signer.root, QW_SIGN_PUBLIC_BYTES);
	qw_json_text(&json, "address", address);
	qw_json_text(&json, "public_key", collector->keys.public_z85);
	qw_json_string(&json, "root_key", root, hex.len);
	qw_reply_end(reply, &json);
}

/* quaywatchctl made the pair; only its public half comes here, as a third word. */
QW_COMMAND(enrol)
{
	struct qw_identity who = {0};

	if (request->count != first + 3)
		return qw_command_usage(reply, request, first, NULL);
	const char *tenant = request->word[first], *sensor = request->word[first + 1], *key = request->word[first + 2];
	if (!qw_name_is_tenant(tenant) || !qw_name_is_valid(sensor))
		return qw_reply_error(reply, QW_EXIT_USAGE,
				      "%s/%s: names have letters, digits, '.', '_', '-', at most %d", tenant, sensor,
				      QW_NAME_MAX);
	if (!is_key(key))
		return qw_reply_error(reply, QW_EXIT_USAGE, "that is no public key; is quaywatchctl of this version?");
	snprintf(who.tenant, sizeof(who.tenant), "%s", tenant);
	snprintf(who.sensor, sizeof(who.sensor), "%s", sensor);
	enum qw_err err = QW_OK;
	if (!qw_registry_has_tenant(collector->registry, tenant))
		err = qw_store_add_tenant(collector->store, tenant, request->now);
	if (err == QW_EEXIST) {
		qw_store_rollback(collector->store);
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: this tenant is revoked", tenant);
	}
	if (err == QW_OK)
		err = qw_store_put_sensor(collector->store, &who, key, request->now);
	enum qw_exit status = done(collector, reply, err, sensor);
	if (status == QW_EXIT_OK)
		write_enrolment(collector, reply);
	return status;
}

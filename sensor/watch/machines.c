/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/machines.h"

#include <stdlib.h>

#include "quaywatch/app.h"
#include "sensor/watch/shelf.h"

enum { MACHINES_MAX = 16384 };

struct qw_machines {
	struct qw_shelf *shelf;
};

/* What controllers, drives, meters, readers and instruments serve; brokers, name tables and neighbours are not of these. */
static const bool is_machine[QW_APP_COUNT] = {
	[QW_APP_MODBUS] = true,	 [QW_APP_DNP3] = true,	     [QW_APP_ENIP] = true,   [QW_APP_S7COMM] = true,
	[QW_APP_S7COMM_PLUS] = true, [QW_APP_IEC104] = true, [QW_APP_MMS] = true,    [QW_APP_OPCUA] = true,
	[QW_APP_BACNET] = true,	 [QW_APP_PROFINET] = true,   [QW_APP_OMRON_FINS] = true, [QW_APP_HART_IP] = true,
	[QW_APP_C37_118] = true, [QW_APP_SLMP] = true,	     [QW_APP_ADS] = true,    [QW_APP_FOX] = true,
	[QW_APP_LLRP] = true,	 [QW_APP_PROFINET_IO] = true,
};

bool qw_machines_is_app(struct qw_slice name)
{
	enum qw_app app = qw_app_parse((const char *)name.data, name.len);

	return app < QW_APP_COUNT && is_machine[app];
}

enum qw_err qw_machines_new(struct qw_machines **out)
{
	struct qw_shelf_options options = {.key_size = sizeof(struct qw_address), .row_size = sizeof(struct qw_address), .max = MACHINES_MAX};
	struct qw_machines *machines = calloc(1, sizeof(*machines));

	if (!machines)
		return QW_ENOMEM;
	enum qw_err err = qw_shelf_new(&machines->shelf, &options);
	if (err != QW_OK) {
		free(machines);
		return err;
	}
	*out = machines;
	return QW_OK;
}

void qw_machines_free(struct qw_machines *machines)
{
	if (!machines)
		return;
	qw_shelf_free(machines->shelf);
	free(machines);
}

/* The server spoke: an answer, or a flow of such a protocol in which something came back. */
static bool is_served(const struct qw_seen *seen)
{
	if (seen->type == QW_EVENT_OT)
		return seen->ot.response && qw_machines_is_app(seen->ot.protocol);
	return seen->type == QW_EVENT_FLOW && seen->flow.packets[1] > 0 && qw_machines_is_app(seen->app);
}

bool qw_machines_see(struct qw_machines *machines, const struct qw_seen *seen)
{
	const struct qw_seen_end *server = qw_seen_server(seen);
	bool pushed;

	if (!server->known || !is_served(seen))
		return true;
	return qw_shelf_get(machines->shelf, &server->address, &pushed) && !pushed;
}

bool qw_machines_holds(const struct qw_machines *machines, const struct qw_address *address)
{
	return qw_shelf_find(machines->shelf, address) != NULL;
}

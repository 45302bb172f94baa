/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/paths/nets.h"

#include <string.h>

#include "quaywatch/log.h"

enum qw_err qw_nets_add(struct qw_nets *nets, const char *text, size_t len)
{
	if (nets->count == QW_NETS_MAX)
		return QW_ELIMIT;
	if (!qw_prefix_parse(text, len, &nets->prefix[nets->count]))
		return QW_EFORMAT;
	nets->count++;
	return QW_OK;
}

enum qw_err qw_nets_read(struct qw_nets *nets, const struct qw_world *world, enum qw_watch_key key)
{
	const char *const *items;
	size_t count = qw_world_list(world, key, &items);
	enum qw_err err = QW_OK;

	for (size_t i = 0; i < count && err == QW_OK; i++) {
		err = qw_nets_add(nets, items[i], strlen(items[i]));
		if (err != QW_OK)
			qw_log(QW_LOG_ERROR, "WATCH-NETS", "%s: \"%s\": %s", qw_watch_settings[key].key, items[i],
			       err == QW_ELIMIT ? "no more than 256 are taken; give networks instead of hosts" :
						  "neither an address nor a network as in 10.1.2.0/24");
	}
	return err;
}

bool qw_nets_hold(const struct qw_nets *nets, const struct qw_address *address)
{
	for (size_t i = 0; i < nets->count; i++)
		if (qw_prefix_holds(&nets->prefix[i], address))
			return true;
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/live.h"

#include <stdio.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "quaywatch/privilege.h"
#include "sensor/run/event_types.h"
#include "sensor/run/settings.h"
#include "sensor/run/shared.h"
#include "sensor/run/supervisor.h"

/* As asked for, else one per processor; never fewer than interfaces. */
static unsigned worker_count(const struct qw_options *options, const struct qw_config *config, size_t interfaces)
{
	long count = options->workers > 0 ? options->workers : qw_config_int(config, QW_CFG_WORKERS);

	if (count <= 0)
		count = sysconf(_SC_NPROCESSORS_ONLN);
	if (count < (long)interfaces)
		count = (long)interfaces;
	return count > QW_WORKERS_MAX ? QW_WORKERS_MAX : (unsigned)count;
}

enum qw_exit qw_live_run(const struct qw_options *options, const struct qw_config *config)
{
	struct qw_supervisor_options supervisor = {
		.options = options,
		.config = config,
		.interfaces = options->interfaces.item,
		.interface_count = options->interfaces.count,
		.types = qw_event_types_of(options, config),
	};

	if (supervisor.interface_count == 0)
		supervisor.interface_count = qw_config_list(config, QW_CFG_INTERFACES, &supervisor.interfaces);
	if (supervisor.interface_count == 0 || supervisor.interface_count > QW_WORKERS_MAX) {
		fprintf(stderr, "quaywatch-sensor: no interface to listen on: give --interface IF or capture.interfaces (up to %d)\n",
			QW_WORKERS_MAX);
		return QW_EXIT_USAGE;
	}
	supervisor.workers = worker_count(options, config, supervisor.interface_count);
	(void)qw_raise_file_limit();
	qw_log_setup("supervisor", QW_LOG_INFO);
	return qw_supervisor_run(&supervisor);
}

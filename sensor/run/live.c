/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/live.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quaywatch/log.h"
#include "quaywatch/privilege.h"
#include "sensor/run/watching.h"
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

/* Interfaces of the command line, else of the configuration. */
static bool find_interfaces(struct qw_supervisor_options *supervisor)
{
	supervisor->interfaces = supervisor->options->interfaces.item;
	supervisor->interface_count = supervisor->options->interfaces.count;
	if (supervisor->interface_count == 0)
		supervisor->interface_count = qw_config_list(supervisor->config, QW_CFG_INTERFACES, &supervisor->interfaces);
	if (supervisor->interface_count > 0 && supervisor->interface_count <= QW_WORKERS_MAX)
		return true;
	fprintf(stderr, "quaywatch-sensor: no interface to listen on: give --interface IF or capture.interfaces (up to %d)\n",
		QW_WORKERS_MAX);
	return false;
}

static bool is_stream(const char *path)
{
	struct stat status;

	return strcmp(path, "-") == 0 || (stat(path, &status) == 0 && S_ISFIFO(status.st_mode));
}

enum qw_exit qw_live_run(const struct qw_options *options, struct qw_config *config)
{
	struct qw_watching watching = qw_watching_of(options, config);
	struct qw_supervisor_options supervisor = {
		.options = options,
		.config = config,
		.ops = &qw_source_live,
		.types = watching.types,
		.watch = qw_watching_is_on(&watching),
		.workers = 1,
	};

	if (options->captures.count) {
		supervisor.ops = is_stream(options->captures.item[0]) ? &qw_source_pipe : &qw_source_file;
		supervisor.paths = options->captures.item;
		supervisor.path_count = options->captures.count;
	} else {
		if (!find_interfaces(&supervisor))
			return QW_EXIT_USAGE;
		supervisor.workers = worker_count(options, config, supervisor.interface_count);
	}
	(void)qw_raise_file_limit();
	qw_log_setup("supervisor", QW_LOG_INFO);
	return qw_supervisor_run(&supervisor);
}

bool qw_live_wanted(const struct qw_options *options, const struct qw_config *config)
{
	return options->captures.count == 0 || *qw_config_text(config, QW_CFG_COLLECTOR) || is_stream(options->captures.item[0]);
}

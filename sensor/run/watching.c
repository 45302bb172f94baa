/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/watching.h"

#include <string.h>

#include "sensor/run/event_types.h"
#include "sensor/run/settings.h"

struct qw_watching qw_watching_of(const struct qw_options *options, const struct qw_config *config)
{
	uint32_t types = qw_event_types_of(options, config);

	return (struct qw_watching){
		.findings = qw_config_bool(config, QW_CFG_WATCH + QW_WATCH_ENABLED) && !options->learn,
		.learns = options->learn != NULL,
		.inventory = types & 1u << QW_EVENT_ASSET || *qw_config_text(config, QW_CFG_WATCH + QW_WATCH_INVENTORY),
		.types = types,
	};
}

static const char *variable(void *ctx, const char *name)
{
	const struct qw_watching_options *options = ctx;

	return qw_sensor_variable(options->config, name);
}

static struct qw_watch_options watch_of(struct qw_watching_options *options)
{
	return (struct qw_watch_options){
		.config = options->config,
		.first_key = QW_CFG_WATCH,
		.variable = variable,
		.variable_ctx = options,
		.state_folder = options->state_folder,
		.live = options->live,
		.silent = !options->what.findings,
		.types = options->what.types,
		.seen = options->seen,
		.emit = options->emit,
		.ctx = options->ctx,
	};
}

enum qw_err qw_watching_new(struct qw_watch **out, const struct qw_watching_options *options)
{
	struct qw_watching_options own = *options;
	struct qw_watch_options watch = watch_of(&own);

	if (qw_watching_is_on(&options->what))
		return qw_watch_new(out, &watch);
	*out = NULL;
	return QW_OK;
}

enum qw_err qw_watching_check(const struct qw_watching_options *options)
{
	struct qw_watching_options own = *options;
	struct qw_watch_options watch = watch_of(&own);

	return qw_watch_check(&watch);
}

size_t qw_watching_take(struct qw_watch *watch, void *event, size_t size, size_t room)
{
	struct qw_event head;

	if (!watch)
		return size;
	if (!qw_watch_event(watch, event, size))
		return 0;
	if (size < sizeof(head))
		return size;
	memcpy(&head, event, sizeof(head));
	return head.type == QW_EVENT_ALERT ? qw_watch_dress(watch, event, size, room) : size;
}

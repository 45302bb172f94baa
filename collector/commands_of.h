/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands_of - the functions behind the rows of commands.c, and what they share.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "collector/collector.h"

/* One prototype for all rows. */
#define QW_COMMAND(name)                                                                                         \
	enum qw_exit qw_command_##name(struct qw_collector *collector, struct qw_request *request, size_t first, \
				       struct qw_reply *reply, struct qw_job **job)

/* commands_status.c */
QW_COMMAND(status);
QW_COMMAND(receipts);
QW_COMMAND(audit);
QW_COMMAND(alerts);
/* commands_sensors.c */
QW_COMMAND(sensors);
/* commands_tenants.c */
QW_COMMAND(tenants);
QW_COMMAND(tenant_add);
QW_COMMAND(tenant_revoke);
QW_COMMAND(sensor_revoke);
QW_COMMAND(enrol);
/* commands_indicators.c */
QW_COMMAND(indicators_add);
QW_COMMAND(indicators_list);
QW_COMMAND(indicators_show);
QW_COMMAND(indicators_revoke);
/* commands_candidates.c */
QW_COMMAND(candidates);
QW_COMMAND(candidates_promote);
QW_COMMAND(quarantine_list);
QW_COMMAND(quarantine_lift);
QW_COMMAND(false_positive);
/* commands_why.c */
QW_COMMAND(why);
/* commands_channels.c */
QW_COMMAND(channel_term);
/* commands_feeds.c */
QW_COMMAND(feeds);
QW_COMMAND(feeds_show);
QW_COMMAND(feeds_add);
QW_COMMAND(feeds_run);
QW_COMMAND(feeds_remove);
/* commands_incidents.c */
QW_COMMAND(incidents);
QW_COMMAND(incidents_show);
QW_COMMAND(incidents_ack);
QW_COMMAND(incidents_close);
/* export.c, import.c, publish.c */
QW_COMMAND(export);
QW_COMMAND(indicators_export);
QW_COMMAND(indicators_import);
QW_COMMAND(rules_publish);

/* The collector failed at `what`; tells why and what to do. */
enum qw_exit qw_command_failed(struct qw_collector *collector, struct qw_reply *reply, enum qw_err err,
			       const char *what);

/* The request is wrong: its usage line; bad: the word that was not understood, or NULL. */
enum qw_exit qw_command_usage(struct qw_reply *reply, const struct qw_request *request, size_t first, const char *bad);

/* A whole decimal number within bounds. */
bool qw_command_number(const char *text, uint64_t least, uint64_t most, uint64_t *out);

/* "2026-11-22 14:18:47Z", "-" for none. */
enum { QW_COMMAND_TIME_MAX = 24 };
void qw_command_time(struct qw_time at, char out[QW_COMMAND_TIME_MAX]);

/* Confidence, label, source, end, as options give them.  False: an error was told. */
struct qw_indicator_words {
	const char *confidence, *tlp, *until, *source, *tenant, *why;
	bool allow, canary, force, renew;
};
bool qw_command_defaults(const struct qw_indicator_words *words, struct qw_indicator *out, struct qw_reply *reply);

/* What new allow entries cover leaves the tenant's channel (NULL: all); tells how many. */
void qw_command_retire(struct qw_collector *collector, const char *tenant, const struct qw_indicator *allowed,
		       size_t count, const struct qw_request *request, struct qw_reply *reply);

/* The rows of a value in the channels' history, and who saw it. */
enum qw_err qw_command_show(struct qw_collector *collector, const char *value, bool json, struct qw_reply *reply,
			    size_t *rows);

/* The channel that --tenant means; NULL: an error was told. */
const char *qw_command_channel(const struct qw_collector *collector, const char *tenant, struct qw_reply *reply);

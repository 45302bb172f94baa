/* SPDX-License-Identifier: Apache-2.0 */
/* commands_channels - what an operator does with a channel as a whole. */
#include "collector/commands_of.h"

#include <stdio.h>

static enum qw_exit told_right(struct qw_reply *reply, const char *channel)
{
	return qw_reply_error(reply, QW_EXIT_PERMISSION,
			      "%s: the collector's key may not open a term; with the root key at hand: quaywatchctl "
			      "keygen --state FOLDER "
			      "--root FOLDER --rights indicators,allow,signatures,term (and SIGHUP to the collector)",
			      channel);
}

static enum qw_exit told_opened(const struct qw_channel *channel, const struct qw_request *request,
				struct qw_reply *reply)
{
	struct qw_order order = qw_channel_order(channel);

	if (request->json) {
		struct qw_json json = qw_reply_begin(reply);
		qw_json_text(&json, "channel", qw_channel_name(channel));
		qw_json_u64(&json, "term", order.term);
		qw_json_u64(&json, "sequence", order.sequence);
		qw_json_u64(&json, "entries", qw_channel_count(channel));
		qw_reply_end(reply, &json);
	} else {
		qw_reply_line(reply, "%s is at %llu.%llu with %zu entries; every sensor follows",
			      qw_channel_name(channel), (unsigned long long)order.term,
			      (unsigned long long)order.sequence, qw_channel_count(channel));
	}
	return QW_EXIT_OK;
}

QW_COMMAND(channel_term)
{
	const char *tenant = NULL, *to = NULL, *bad = NULL;
	const struct qw_option options[] = {{"--tenant", &tenant, NULL}, {"--to", &to, NULL}};
	struct qw_channel *channel;
	uint64_t term = 0;
	size_t rest;

	if (qw_request_options(request, first, options, 2, &rest, &bad) != QW_OK || rest != 0 ||
	    (to && !qw_command_number(to, 2, 1000000000, &term)))
		return qw_command_usage(reply, request, first, bad ? bad : to);
	const char *name = qw_command_channel(collector, tenant, reply);
	if (!name)
		return QW_EXIT_DATA;
	enum qw_err err = qw_channels_get(&channel, collector->channels, name);
	if (err == QW_OK)
		err = qw_channels_open_term(collector->channels, name, to ? term : qw_channel_order(channel).term + 1,
					    request->now);
	if (err == QW_ESIGN)
		return told_right(reply, name);
	if (err == QW_EORDER)
		return qw_reply_error(reply, QW_EXIT_DATA, "--to %s: %s is at term %llu already", to, name,
				      (unsigned long long)qw_channel_order(channel).term);
	if (err == QW_OK)
		err = qw_channels_get(&channel, collector->channels, name);
	return err == QW_OK ? told_opened(channel, request, reply) : qw_command_failed(collector, reply, err, name);
}

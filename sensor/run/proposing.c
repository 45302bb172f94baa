/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/proposing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_S = 10 };

static const char usage[] = "usage: propose [TYPE] VALUE [--confidence N] [--tlp LABEL] [--why TEXT]";

struct waiting {
	struct qw_job job;
	struct qw_sharing *sharing;
	uint64_t ticket;
	struct qw_time until;
	bool json;
	char value[QW_OBSERVABLE_TEXT_MAX + 1];
};

static void tell(const struct waiting *waiting, const struct qw_sharing_answer *answer, struct qw_reply *reply)
{
	if (!waiting->json) {
		qw_reply_line(reply, "%s: %s: %s", waiting->value, answer->accepted ? "accepted" : "refused", answer->why);
		return;
	}
	struct qw_json json = qw_reply_begin(reply);
	qw_json_text(&json, "value", waiting->value);
	qw_json_bool(&json, "accepted", answer->accepted);
	qw_json_text(&json, "verdict", answer->verdict);
	qw_json_text(&json, "why", answer->why);
	qw_reply_end(reply, &json);
}

static bool step(struct qw_job *job, struct qw_reply *reply, enum qw_exit *status)
{
	struct waiting *waiting = (struct waiting *)job;
	struct qw_sharing_answer answer;

	if (qw_sharing_answer(waiting->sharing, waiting->ticket, &answer)) {
		tell(waiting, &answer, reply);
		*status = answer.accepted ? QW_EXIT_OK : QW_EXIT_DATA;
		return true;
	}
	if (qw_time_before(qw_time_monotonic(), waiting->until))
		return false;
	*status = qw_reply_error(reply, QW_EXIT_UNAVAILABLE,
				 "%s: no answer within %d s; the collector may have it all the same: try again later",
				 waiting->value, WAIT_S);
	return true;
}

static void end(struct qw_job *job)
{
	free(job);
}

struct words {
	const char *confidence, *tlp, *why;
};

static bool read_confidence(const char *text, uint8_t *out)
{
	char *rest;
	unsigned long value = strtoul(text, &rest, 10);

	if (*text < '0' || *text > '9' || *rest != '\0' || value > 100)
		return false;
	*out = (uint8_t)value;
	return true;
}

/* QW_EXIT_OK: *out is what the words say; else an error was told. */
static enum qw_exit read_words(struct qw_indicator *out, struct words *words, struct qw_request *request, size_t first,
			       struct qw_reply *reply)
{
	const struct qw_option options[] = {
		{"--confidence", &words->confidence, NULL}, {"--tlp", &words->tlp, NULL}, {"--why", &words->why, NULL}};
	const char *bad = NULL, *why = "not an observable";
	size_t rest;

	qw_indicator_init(out);
	if (qw_request_options(request, first, options, 3, &rest, &bad) != QW_OK || rest < 1 || rest > 2)
		return qw_reply_error(reply, QW_EXIT_USAGE, "%s", usage);
	if (words->confidence && !read_confidence(words->confidence, &out->confidence))
		return qw_reply_error(reply, QW_EXIT_USAGE, "--confidence %s: a number from 0 to 100", words->confidence);
	if (words->tlp)
		out->tlp = qw_tlp_parse(words->tlp, strlen(words->tlp));
	if (out->tlp == QW_TLP_COUNT)
		return qw_reply_error(reply, QW_EXIT_USAGE, "--tlp %s: one of clear, green, amber, amber+strict, red", words->tlp);
	if (out->tlp == QW_TLP_RED)
		return qw_reply_error(reply, QW_EXIT_DATA, "TLP:RED stays with who got it: it is not sent");
	const char *value = request->word[first + rest - 1];
	enum qw_observable_type type =
		rest == 2 ? qw_observable_type_parse(request->word[first], strlen(request->word[first])) : QW_OBS_COUNT;
	if (qw_observable_parse(&out->observable, type, value, strlen(value), &why) != QW_OK)
		return qw_reply_error(reply, QW_EXIT_DATA, "%s: %s", value, why);
	return QW_EXIT_OK;
}

static enum qw_exit tell_unsent(struct qw_reply *reply, const char *value, enum qw_err err)
{
	if (err == QW_EACCES)
		return qw_reply_error(reply, QW_EXIT_PERMISSION,
				      "%s stays here: release.proposals, release.addresses or release.names of this sensor holds it back", value);
	if (err == QW_EAGAIN)
		return qw_reply_error(reply, QW_EXIT_UNAVAILABLE, "%s: not sent, for the collector is not connected; try again when it is", value);
	return qw_reply_error(reply, QW_EXIT_IO, "%s: not sent, for it cannot be written down in the ledger (%s): is the disk full?", value,
			      qw_strerror(err));
}

static enum qw_exit begin(void *sharing, struct qw_request *request, size_t first, struct qw_reply *reply, struct qw_job **job)
{
	struct words words = {NULL, NULL, NULL};
	struct qw_indicator indicator;
	uint64_t ticket;
	enum qw_exit status = read_words(&indicator, &words, request, first, reply);

	if (status != QW_EXIT_OK)
		return status;
	if (!sharing)
		return qw_reply_error(reply, QW_EXIT_UNAVAILABLE, "this sensor has no collector (collector.address)");
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	if (!waiting)
		return qw_reply_error(reply, QW_EXIT_INTERNAL, "out of memory");
	enum qw_err err = qw_sharing_propose(sharing, &indicator, words.why ? words.why : "", &ticket);
	if (err != QW_OK) {
		free(waiting);
		return tell_unsent(reply, indicator.observable.text, err);
	}
	*waiting = (struct waiting){.job = {step, end}, .sharing = sharing, .ticket = ticket, .json = request->json};
	waiting->until = qw_time_add(qw_time_monotonic(), qw_time_seconds(WAIT_S));
	snprintf(waiting->value, sizeof(waiting->value), "%s", indicator.observable.text);
	*job = &waiting->job;
	return QW_EXIT_OK;
}

static const struct qw_command_row rows[] = {
	{"propose", "[TYPE] VALUE", "offers an indicator to the port, and tells what became of it", NULL, begin},
};

struct qw_command_part qw_proposing_commands(struct qw_sharing *sharing)
{
	return (struct qw_command_part){rows, sizeof(rows) / sizeof(rows[0]), sharing};
}

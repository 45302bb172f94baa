/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export - indicators of a channel as a file for others, as far as their labels let them go.
 *
 * Put together in memory a page of rows a step, without holding up the alerts,
 * and handed over as a descriptor.  Allow entries, and what is over, are left out.
 */
#include "collector/commands_of.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/formats/format.h"
#include "collector/label.h"

enum { PAGE = 500 };

struct qw_export_words {
	const char *tenant, *label, *type;
};

struct export {
	struct qw_job job;
	struct qw_collector *collector;
	char channel[QW_CHANNEL_NAME_MAX + 1];
	enum qw_tlp most; /* QW_TLP_COUNT: what may leave the port */
	enum qw_observable_type type; /* QW_OBS_COUNT: all */
	struct qw_time now;
	struct qw_format_writer writer;
	FILE *file; /* over the memory */
	int fd;     /* the memory */
	struct qw_observable last;
	size_t page;
	uint64_t held; /* by their labels */
};

/* ---- the job */

static enum qw_err see_row(void *ctx, const struct qw_indicator_row *row)
{
	struct export *export = ctx;
	enum qw_tlp tlp = row->indicator.tlp;

	export->page++;
	export->last = row->indicator.observable;
	if (export->type != QW_OBS_COUNT && export->type != row->indicator.observable.type)
		return QW_OK;
	if (export->most == QW_TLP_COUNT ? !qw_label_permits(tlp, QW_PLACE_WORLD) : tlp > export->most) {
		export->held++;
		return QW_OK;
	}
	const struct qw_format_entry entry = {&row->indicator, row->born, row->at};
	qw_format_put(&export->writer, &entry);
	return QW_OK;
}

static enum qw_err tell_end(struct export *export, struct qw_reply *reply)
{
	if (export->held > 0)
		qw_reply_error(reply, QW_EXIT_OK,
			       "%llu indicators are not in it: their TLP label is stricter than %s; --tlp LABEL takes "
			       "more in, where you may hand them on",
			       (unsigned long long)export->held,
			       export->most == QW_TLP_COUNT ? qw_tlp_name(QW_TLP_CLEAR) : qw_tlp_name(export->most));
	if (export->writer.unfit > 0)
		qw_reply_error(reply, QW_EXIT_OK, "%llu indicators are not in it: %s has no place for their types",
			       (unsigned long long)export->writer.unfit, export->writer.format->name);
	int fd = fcntl(export->fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0)
		qw_reply_file(reply, "indicators", fd);
	return fd >= 0 ? QW_OK : qw_err_from_errno(errno);
}

static bool step(struct qw_job *job, struct qw_reply *reply, enum qw_exit *status)
{
	struct export *export = (struct export *)job;

	export->page = 0;
	enum qw_err err = qw_store_each_in_order(export->collector->store, export->channel, &export->last, export->now,
						 PAGE, see_row, export);
	if (err == QW_OK && export->page == PAGE)
		return false;
	if (err == QW_OK)
		qw_format_end(&export->writer);
	if (err == QW_OK && (fflush(export->file) != 0 || ferror(export->file)))
		err = QW_ENOMEM; /* it is memory that it writes to */
	if (err == QW_OK)
		err = tell_end(export, reply);
	*status = err == QW_OK ? QW_EXIT_OK : qw_command_failed(export->collector, reply, err, export->channel);
	return true;
}

static void free_export(struct qw_job *job)
{
	struct export *export = (struct export *)job;

	free(export->writer.source); /* where it did not come to its end */
	if (export->file)
		fclose(export->file); /* and the descriptor */
	else if (export->fd >= 0)
		close(export->fd);
	free(export);
}

static enum qw_err start(struct export **out, struct qw_collector *collector, const char *channel, enum qw_tlp most)
{
	struct export *export = calloc(1, sizeof(*export));

	if (!export)
		return QW_ENOMEM;
	export->job = (struct qw_job){step, free_export};
	export->collector = collector;
	export->fd = memfd_create("quaywatch-export", MFD_CLOEXEC);
	export->file = export->fd >= 0 ? fdopen(export->fd, "w") : NULL;
	export->most = most;
	export->last.type = QW_OBS_COUNT;
	export->now = qw_time_wall();
	snprintf(export->channel, sizeof(export->channel), "%s", channel);
	if (!export->file) {
		enum qw_err err = qw_err_from_errno(errno);
		free_export(&export->job);
		return err;
	}
	*out = export;
	return QW_OK;
}

static bool is_type_good(const struct qw_format *format, const char *type, enum qw_observable_type *out, struct qw_reply *reply)
{
	*out = type ? qw_observable_type_parse(type, strlen(type)) : QW_OBS_COUNT;
	if (type && *out == QW_OBS_COUNT)
		qw_reply_error(reply, QW_EXIT_USAGE, "--type %s: no such type; see: quaywatchctl indicators add --help", type);
	else if (!type && format->typed)
		qw_reply_error(reply, QW_EXIT_USAGE, "%s: a file of it is of one type: --type ip, domain, md5 …", format->name);
	else
		return true;
	return false;
}

static enum qw_exit begin(struct qw_collector *collector, const char *name, const struct qw_export_words *words,
			  struct qw_reply *reply, struct qw_job **job)
{
	const struct qw_format *format = qw_format_find(name);
	enum qw_tlp most = words->label ? qw_tlp_parse(words->label, strlen(words->label)) : QW_TLP_COUNT;
	struct export *export = NULL;
	enum qw_observable_type type;

	if (!format)
		return qw_reply_error(reply, QW_EXIT_USAGE, "%s: no such format; there are csv, plain, stix, misp, suricata", name);
	if (words->label && most == QW_TLP_COUNT)
		return qw_reply_error(reply, QW_EXIT_USAGE, "--tlp %s: one of clear, green, amber, amber+strict, red",
				      words->label);
	if (!is_type_good(format, words->type, &type, reply))
		return QW_EXIT_USAGE;
	const char *channel = qw_command_channel(collector, words->tenant, reply);
	if (!channel)
		return QW_EXIT_DATA;
	enum qw_err err = start(&export, collector, channel, most);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, channel);
	export->type = type;
	qw_format_begin(&export->writer, format, export->file);
	*job = &export->job;
	return QW_EXIT_OK;
}

QW_COMMAND(indicators_export)
{
	struct qw_export_words words = {NULL};
	const char *format = "csv", *bad = NULL;
	const struct qw_option options[] = {{"--tenant", &words.tenant, NULL},
					    {"--format", &format, NULL},
					    {"--tlp", &words.label, NULL},
					    {"--type", &words.type, NULL}};
	size_t rest;

	if (qw_request_options(request, first, options, 4, &rest, &bad) != QW_OK || rest != 0)
		return qw_command_usage(reply, request, first, bad);
	return begin(collector, format, &words, reply, job);
}

QW_COMMAND(export)
{
	struct qw_export_words words = {NULL};
	const char *bad = NULL;
	const struct qw_option options[] = {
	    {"--tenant", &words.tenant, NULL}, {"--tlp", &words.label, NULL}, {"--type", &words.type, NULL}};
	size_t rest;

	if (qw_request_options(request, first, options, 3, &rest, &bad) != QW_OK || rest != 1)
		return qw_command_usage(reply, request, first, bad);
	return begin(collector, request->word[first], &words, reply, job);
}

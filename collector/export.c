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

#include "collector/label.h"

enum { PAGE = 500 };

struct export {
	struct qw_job job;
	struct qw_collector *collector;
	void (*put)(struct export *export, const struct qw_indicator *indicator);
	char channel[QW_CHANNEL_NAME_MAX + 1];
	enum qw_tlp most; /* QW_TLP_COUNT: what may leave the port */
	struct qw_time now;
	FILE *file; /* over the memory */
	int fd;     /* the memory */
	struct qw_observable last;
	size_t page;
	uint64_t written, held; /* held: by their labels */
};

/* ---- writing */

/* RFC 4180: quoted where it must be. */
static void put_field(struct export *export, const char *text, char after)
{
	bool quoted = strpbrk(text, ",\"\r\n") != NULL;

	if (quoted)
		putc('"', export->file);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', export->file);
		putc(*text, export->file);
	}
	if (quoted)
		putc('"', export->file);
	putc(after, export->file);
}

static void put_time(struct export *export, struct qw_time at)
{
	char text[QW_COMMAND_TIME_MAX] = "";

	if (at.ns != 0)
		qw_command_time(at, text);
	put_field(export, text, ',');
}

static void put_csv(struct export *export, const struct qw_indicator *indicator)
{
	char confidence[8];

	snprintf(confidence, sizeof(confidence), "%u", indicator->confidence);
	put_field(export, qw_observable_type_name(indicator->observable.type), ',');
	put_field(export, indicator->observable.text, ',');
	put_field(export, confidence, ',');
	put_field(export, qw_tlp_name(indicator->tlp), ',');
	put_time(export, indicator->valid_from);
	put_time(export, indicator->valid_until);
	put_field(export, indicator->source, ',');
	put_field(export, qw_prevalence_name(indicator->seen), ',');
	put_field(export, indicator->description, '\n');
}

static void put_plain(struct export *export, const struct qw_indicator *indicator)
{
	fprintf(export->file, "%s\n", indicator->observable.text);
}

static const struct {
	const char *name, *head;
	void (*put)(struct export *export, const struct qw_indicator *indicator);
} formats[] = {
    {"csv", "type,value,confidence,tlp,valid_from,valid_until,source,seen,description\n", put_csv},
    {"plain", "", put_plain},
};

/* ---- the job */

static enum qw_err see_row(void *ctx, const struct qw_indicator_row *row)
{
	struct export *export = ctx;
	enum qw_tlp tlp = row->indicator.tlp;

	export->page++;
	export->last = row->indicator.observable;
	if (export->most == QW_TLP_COUNT ? !qw_label_permits(tlp, QW_PLACE_WORLD) : tlp > export->most) {
		export->held++;
		return QW_OK;
	}
	export->put(export, &row->indicator);
	export->written++;
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

QW_COMMAND(indicators_export)
{
	const char *tenant = NULL, *format = "csv", *label = NULL, *bad = NULL;
	const struct qw_option options[] = {
	    {"--tenant", &tenant, NULL}, {"--format", &format, NULL}, {"--tlp", &label, NULL}};
	size_t rest, row = 0;
	struct export *export = NULL;

	if (qw_request_options(request, first, options, 3, &rest, &bad) != QW_OK || rest != 0)
		return qw_command_usage(reply, request, first, bad);
	while (row < sizeof(formats) / sizeof(formats[0]) && strcmp(formats[row].name, format) != 0)
		row++;
	if (row == sizeof(formats) / sizeof(formats[0]))
		return qw_reply_error(reply, QW_EXIT_USAGE, "--format %s: csv or plain", format);
	enum qw_tlp most = label ? qw_tlp_parse(label, strlen(label)) : QW_TLP_COUNT;
	if (label && most == QW_TLP_COUNT)
		return qw_reply_error(reply, QW_EXIT_USAGE, "--tlp %s: one of clear, green, amber, amber+strict, red",
				      label);
	const char *channel = qw_command_channel(collector, tenant, reply);
	if (!channel)
		return QW_EXIT_DATA;
	enum qw_err err = start(&export, collector, channel, most);
	if (err != QW_OK)
		return qw_command_failed(collector, reply, err, channel);
	export->put = formats[row].put;
	fputs(formats[row].head, export->file);
	*job = &export->job;
	return QW_EXIT_OK;
}

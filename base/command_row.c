/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/command_row.h"

#include <string.h>

/* How many words of the row the request begins with, all of them; 0: not this row. */
static size_t match(const char *row, const struct qw_request *request)
{
	size_t used = 0;

	while (*row) {
		size_t len = strcspn(row, " ");
		if (used == request->count || strlen(request->word[used]) != len || memcmp(request->word[used], row, len) != 0)
			return 0;
		used++;
		row += len + (row[len] == ' ');
	}
	return used;
}

static enum qw_exit list(const struct qw_command_part *part, size_t parts, struct qw_reply *reply)
{
	for (size_t i = 0; i < parts; i++) {
		const struct qw_command_row *row = part[i].row;
		for (size_t k = 0; k < part[i].count; k++, row++)
			qw_reply_line(reply, "%s %s\n    %s", row->words, row->arguments, row->help);
	}
	return QW_EXIT_OK;
}

enum qw_exit qw_command_answer(const struct qw_command_part *part, size_t parts, struct qw_request *request, struct qw_reply *reply,
			       struct qw_job **job)
{
	const struct qw_command_row *best = NULL;
	void *state = NULL;
	size_t first = 0;

	for (size_t i = 0; i < parts; i++) {
		for (size_t k = 0; k < part[i].count; k++) {
			size_t used = match(part[i].row[k].words, request);
			if (used <= first)
				continue;
			best = &part[i].row[k];
			state = part[i].state;
			first = used;
		}
	}
	if (best)
		return best->begin ? best->begin(state, request, first, reply, job) : best->run(state, request, first, reply);
	if (request->count && strcmp(request->word[0], "help") == 0)
		return list(part, parts, reply);
	return qw_reply_error(reply, QW_EXIT_USAGE, "%s: a sensor knows no such command; \"help\" lists what it knows",
			      request->count ? request->word[0] : "");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* baseline.json: damaged files are refused with a complaint; what was read is asked for, accepted and forgotten. */
#include <stdlib.h>

#include "sensor/watch/normal/baseline_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct qw_habit_list *list, struct qw_habit_about *about, qw_baseline_command *command, const char *word, bool json)
{
	static struct qw_reply reply;
	struct qw_request request = {.count = 1, .word = {word}, .json = json};
	bool changed = false;

	qw_reply_init(&reply);
	(void)command(list, about, &request, 0, &reply, &changed);
	if (reply.failed)
		abort();
	qw_reply_fini(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_habit_about about = {0};
	struct qw_habit_list *list;
	struct qw_diags diags;
	bool json = size && data[size - 1] & 1;

	if (qw_habit_new(&list, 8) != QW_OK)
		return 0;
	qw_diags_init(&diags);
	enum qw_err err = qw_habit_read("fuzz.json", (const char *)data, size, list, &about, &diags);
	if ((err == QW_OK) != (diags.errors == 0))
		abort();
	ask(list, &about, qw_baseline_show, "--new", json);
	ask(list, &about, qw_baseline_accept, "10.0.0.1", json);
	ask(list, &about, qw_baseline_show, "10.0.0.2", json);
	ask(list, &about, qw_baseline_forget, "10.0.0.2", json);
	ask(list, &about, qw_baseline_accept, "--all", json);
	ask(list, &about, qw_baseline_forget, "--all", json);
	if (qw_habit_count(list))
		abort();
	qw_diags_fini(&diags);
	qw_habit_free(list);
	return 0;
}

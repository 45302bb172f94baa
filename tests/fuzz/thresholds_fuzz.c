/* SPDX-License-Identifier: Apache-2.0 */
/* A file of thresholds: whatever it says, it is read, and the rules with what it says of them make an image that opens. */
#include <stdlib.h>
#include <unistd.h>

#include "quaywatch/signatures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *variable(void *ctx, const char *name)
{
	return name[0] == 'H' ? "[10.0.0.0/8,!$EXTERNAL_NET]" : name[0] == 'E' ? "!$HOME_NET" : NULL;
}

static void match(struct qw_signatures *set)
{
	struct qw_states_options room = {.bytes = 4096};
	struct qw_facts facts = {.proto = 6, .time = qw_time_seconds(1000)};
	struct qw_recall recall = {.flow = 1};
	struct qw_time until;
	struct qw_subject subject = {.facts = &facts, .recall = &recall};
	if (qw_states_new(&recall.shared, &room) != QW_OK)
		return;
	for (uint32_t i = 0; i < 3 * qw_signatures_count(set); i++)
		(void)qw_signatures_limit(set, i % 3, &subject, &until);
	qw_states_free(recall.shared);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char rules[] = "alert tcp any any -> any any (sid:1;)\nalert tcp any any -> any any (gid:2; sid:2;)\n"
				    "alert tcp any any -> any any (threshold:type limit, track by_src, count 1, seconds 1; sid:3;)";
	struct qw_signature_options options = {.variable = variable};
	struct qw_signature_builder *builder;
	struct qw_signatures *set;
	struct qw_diags diags;
	int fd;
	qw_diags_init(&diags);
	if (qw_signature_builder_new(&builder, &options) != QW_OK)
		return 0;
	if (qw_signature_builder_read(builder, "r", rules, sizeof(rules) - 1, &diags) == QW_OK &&
	    qw_signature_builder_thresholds(builder, "t", (const char *)data, size, &diags) == QW_OK &&
	    qw_signature_builder_finish(builder, &fd, &diags) == QW_OK) {
		if (qw_signatures_open(&set, fd) != QW_OK)
			abort();
		match(set);
		qw_signatures_close(set);
		close(fd);
	}
	qw_signature_builder_free(builder);
	qw_diags_fini(&diags);
	return 0;
}

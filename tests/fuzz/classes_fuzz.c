/* SPDX-License-Identifier: Apache-2.0 */
/* classification.config and a list of reputation's categories: a rule that needs neither is accepted whatever they say. */
#include "tests/fuzz/rule_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool no_buffer(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out)
{
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char scores[] = "10.0.0.1,1,50\n10.0.0.0/8,2,60\n";
	char path[RULE_FILE_PATH], list[RULE_FILE_PATH];
	struct qw_signature_options options = {.classification = path, .categories = path, .reputation = list};
	struct qw_facts facts = {.proto = 6, .flags = QW_FACT_FLOW | QW_FACT_PACKET | QW_FACT_TO_SERVER};
	struct qw_subject subject = {.facts = &facts, .buffer = no_buffer};
	int file = rule_file(data, size, path), known = rule_file((const uint8_t *)scores, sizeof(scores) - 1, list);
	if (!rule_try(&options, "alert ip any any -> any any (classtype:misc-attack; sid:1;)", &subject))
		abort();
	(void)rule_try(&options, "alert ip any any -> any any (classtype:own; iprep:any,one,>,3; sid:1;)", &subject);
	close(file);
	close(known);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A list of addresses with scores; whatever it says, a rule can be asked of any address. */
#include <string.h>

#include "tests/fuzz/rule_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool no_buffer(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out)
{
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char categories[] = "1,one,\n2,two,\n";
	char path[RULE_FILE_PATH], names[RULE_FILE_PATH];
	struct qw_signature_options options = {.categories = names, .reputation = path};
	struct qw_facts facts = {.proto = 6, .flags = QW_FACT_FLOW | QW_FACT_PACKET | QW_FACT_TO_SERVER};
	struct qw_subject subject = {.facts = &facts, .buffer = no_buffer};
	int list = rule_file(data, size, path), known = rule_file((const uint8_t *)categories, sizeof(categories) - 1, names);
	memcpy(facts.src.bytes, data, size < 16 ? size : 16);
	facts.dst = qw_address_v4(facts.src.bytes);
	if (!rule_try(&options, "alert ip any any -> any any (iprep:any,one,>,3; iprep:both,two,isnotset; sid:1;)", &subject))
		abort();
	close(list);
	close(known);
	return 0;
}

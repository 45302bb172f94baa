/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says what a set's file holds, the rest is the file; its own bytes are then asked for. */
#include <string.h>

#include "tests/fuzz/rule_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool buffer_of(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out)
{
	*out = *(const struct qw_slice *)ctx;
	return index == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = {
		"dataset:isset,s,type string", "dataset:isnotset,s,type md5", "dataset:isset,s,type sha256",
		"dataset:isset,s,type ip", "datarep:s,>,5,type string", "datarep:s,<,5,type ipv4",
		"datajson:isset,s,type ip,key k", "datajson:isset,s,type string,key k",
		"dataset:isset,s,type string,format json,context_key k,value_key v",
		"dataset:isset,s,type ip,format json,context_key k,value_key a.b,array_key c.d,remove_key",
		"dataset:isset,s,type string,format ndjson,context_key k,value_key v,remove_key",
		"dataset:isset,s,type cidr",
	};
	static const uint8_t address[4] = {10, 0, 0, 1};
	struct qw_signature_options options = {0};
	struct qw_facts facts = {.src = qw_address_v4(address), .dst = qw_address_v4(address), .proto = 6,
				 .flags = QW_FACT_FLOW | QW_FACT_TO_SERVER | QW_FACT_ESTABLISHED};
	char rule[512], path[RULE_FILE_PATH];
	if (size == 0)
		return 0;
	struct qw_slice value = qw_slice(data + 1, size - 1);
	struct qw_subject subject = {.facts = &facts, .buffer = buffer_of, .ctx = &value};
	int fd = rule_file(data + 1, size - 1, path);
	snprintf(rule, sizeof(rule), "alert tcp any any -> any any (%s; %s,load %s; sid:1;)",
		 data[0] & 0x80 ? "ip.src" : "http.uri", kinds[(data[0] & 0x7f) % (sizeof(kinds) / sizeof(kinds[0]))], path);
	(void)rule_try(&options, rule, &subject);
	close(fd);
	return 0;
}

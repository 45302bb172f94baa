/* SPDX-License-Identifier: Apache-2.0 */
/* First line: options of a rule.  The rest: payload, URI and host.  What is confirmed must have been named. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/signatures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool buffer_of(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out)
{
	const struct qw_slice *payload = ctx;
	*out = *payload;
	return index == 0 &&
	       (buffer == QW_BUFFER_PAYLOAD || buffer == QW_BUFFER_HTTP_URI || buffer == QW_BUFFER_DNS_QUERY);
}

/* A match is carried out, counted and tags; then it may match anew. */
static void follow(struct qw_signatures *set, const struct qw_subject *subject)
{
	struct qw_time until;

	for (int i = 0; i < 3; i++) {
		(void)qw_signatures_effects(set, 0, subject);
		(void)qw_signatures_limit(set, 0, subject, &until);
		(void)qw_signatures_tag(set, 0, subject);
		(void)qw_tagged(subject->facts, subject->recall, true);
		(void)qw_signatures_confirm(set, 0, subject);
	}
}

static void match(struct qw_signatures *set, struct qw_slice payload, const struct qw_recall *recall)
{
	static const uint8_t address[4] = {10, 0, 0, 1};
	static const enum qw_buffer buffers[] = {QW_BUFFER_PAYLOAD, QW_BUFFER_HTTP_URI, QW_BUFFER_DNS_QUERY};
	struct qw_facts facts = {.src = qw_address_v4(address), .dst = qw_address_v4(address), .proto = 6,
				 .payload_len = (uint32_t)payload.len,
				 .flags = QW_FACT_PACKET | QW_FACT_FLOW | QW_FACT_TO_SERVER | QW_FACT_ESTABLISHED};
	struct qw_subject subject = {&facts, buffer_of, &payload, recall};
	uint32_t out[4];
	size_t named = qw_signatures_of_packet(set, &facts, out, 4);
	for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		named += qw_signatures_scan(set, buffers[i], &facts, payload.data, payload.len, 0, out, 4);
	if (qw_signatures_confirm(set, 0, &subject) && !named && payload.len)
		abort();
	follow(set, &subject);
}

static void match_remembering(struct qw_signatures *set, struct qw_slice payload)
{
	struct qw_states_options own = {.bytes = 4096, .by_owner = true}, shared = {.bytes = 4096};
	struct qw_recall recall = {.flow = 1, .transaction = 1, .remembered = true, .has_stream = true, .packet_bytes = 60};
	if (qw_states_new(&recall.flows, &own) == QW_OK && qw_states_new(&recall.shared, &shared) == QW_OK)
		match(set, payload, &recall);
	qw_states_free(recall.flows);
	qw_states_free(recall.shared);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qw_signature_options options = {0};
	struct qw_signature_builder *builder;
	struct qw_signatures *set;
	char rule[2048];
	const uint8_t *end = memchr(data, '\n', size);
	int fd;
	if (!end || end - data > 1900 || qw_signature_builder_new(&builder, &options) != QW_OK)
		return 0;
	int len = snprintf(rule, sizeof(rule), "alert tcp any any -> any any (%.*s sid:1;)", (int)(end - data),
			   (const char *)data);
	if (qw_signature_builder_read(builder, "f", rule, (size_t)len, NULL) == QW_OK &&
	    qw_signature_builder_counts(builder)->accepted == 1 &&
	    qw_signature_builder_finish(builder, &fd, NULL) == QW_OK) {
		if (qw_signatures_open(&set, fd) != QW_OK)
			abort();
		match_remembering(set, qw_slice(end + 1, size - (size_t)(end + 1 - data)));
		qw_signatures_close(set);
		close(fd);
	}
	qw_signature_builder_free(builder);
	return 0;
}

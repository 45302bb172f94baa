/* SPDX-License-Identifier: Apache-2.0 */
/* view - the buffers that a rule is confirmed against. */
#include "sensor/detect/inspection.h"
#include "sensor/detect/memory.h"

static bool header_slice(const struct qw_facts *facts, enum qw_buffer buffer, struct qw_slice *out)
{
	static const struct {
		uint8_t buffer, proto, version;
	} wants[] = {
		{QW_BUFFER_IPV4_HDR, 0, 4}, {QW_BUFFER_IPV6_HDR, 0, 6},    {QW_BUFFER_TCP_HDR, QW_PROTO_TCP, 0},
		{QW_BUFFER_UDP_HDR, QW_PROTO_UDP, 0}, {QW_BUFFER_ICMPV4_HDR, QW_PROTO_ICMP, 0},
		{QW_BUFFER_ICMPV6_HDR, QW_PROTO_ICMPV6, 0},
	};

	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		if (wants[i].buffer != buffer)
			continue;
		const struct qw_slice *header = wants[i].version ? &facts->network_header : &facts->transport_header;
		if (header->len == 0 || (wants[i].proto && wants[i].proto != facts->proto) ||
		    (wants[i].version && header->data[0] >> 4 != wants[i].version))
			return false;
		*out = *header;
		return true;
	}
	return false;
}

static bool buffer_of(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out)
{
	const struct qw_view *view = ctx;

	if (buffer == QW_BUFFER_PAYLOAD) {
		if (index != 0 || !view->has_payload)
			return false;
		*out = view->payload;
		return true;
	}
	if (buffer <= QW_BUFFER_ICMPV6_HDR)
		return index == 0 && header_slice(view->facts, buffer, out);
	if (!view->message)
		return false;
	for (unsigned i = 0; i < view->message->count; i++) {
		if (view->message->field[i].buffer != buffer || index-- > 0)
			continue;
		*out = view->message->field[i].value;
		return true;
	}
	return false;
}

/* recall: room for what the rule may ask. */
static struct qw_subject subject_of(const struct qw_inspector *inspector, uint32_t rule, struct qw_view *view,
				    struct qw_recall *recall)
{
	struct qw_subject subject = {.facts = view->facts, .buffer = buffer_of, .ctx = view};

	if (qw_signatures_recalls(inspector->ruleset.signatures, rule)) {
		qw_memory_test_recall(inspector, view->facts, view->message, recall);
		subject.recall = recall;
	}
	return subject;
}

bool qw_view_confirm(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view)
{
	struct qw_recall recall;

	if (view->has_payload && !qw_signatures_begins(inspector->ruleset.signatures, rule, view->payload))
		return false;
	struct qw_subject subject = subject_of(inspector, rule, view, &recall);
	return qw_signatures_confirm(inspector->ruleset.signatures, rule, &subject);
}

bool qw_view_confirm_rest(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view, uint16_t *held)
{
	struct qw_recall recall;
	struct qw_subject subject = subject_of(inspector, rule, view, &recall);

	return qw_signatures_confirm_rest(inspector->ruleset.signatures, rule, &subject, held);
}

bool qw_view_may_wait(struct qw_inspector *inspector, uint32_t rule, struct qw_view *view)
{
	struct qw_recall recall;
	bool settled = view->has_payload && view->payload.len >= QW_HEAD_BYTES;

	if (settled && !qw_signatures_begins(inspector->ruleset.signatures, rule, view->payload))
		return false;
	if (!qw_signatures_recalls(inspector->ruleset.signatures, rule))
		return true;
	struct qw_subject subject = subject_of(inspector, rule, view, &recall);
	return qw_signatures_applies(inspector->ruleset.signatures, rule, &subject);
}

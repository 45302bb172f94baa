/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/facts.h"

void qw_facts_add(void *state, struct qw_facts *facts, enum qw_buffer buffer, enum qw_sight sight,
		  struct qw_slice value)
{
	if (!value.data)
		return;
	if (facts->count == QW_FACTS_MAX) {
		qw_parser_cut(state);
		return;
	}
	uint32_t at = facts->bytes.len;
	if (qw_store_put(state, &facts->bytes, value.data, value.len, QW_FACTS_BYTES_MAX))
		facts->fact[facts->count++] =
		    (struct qw_fact){at, (uint32_t)value.len, (uint8_t)buffer, (uint8_t)sight};
}

static struct qw_slice value_of(const struct qw_facts *facts, const struct qw_fact *fact)
{
	/* The empty value of a store that never needed memory is still a value. */
	return facts->bytes.at ? qw_slice(facts->bytes.at + fact->at, fact->len) : qw_slice("", 0);
}

void qw_facts_tell(struct qw_facts *facts, struct qw_message *message)
{
	for (uint8_t i = 0; i < facts->count; i++) {
		const struct qw_fact *fact = &facts->fact[i];
		qw_message_add(message, fact->buffer, fact->sight, value_of(facts, fact), i >= facts->told);
	}
	facts->told = facts->count;
}

struct qw_slice qw_facts_find(const struct qw_facts *facts, enum qw_buffer buffer)
{
	for (uint8_t i = 0; i < facts->count; i++) {
		if (facts->fact[i].buffer == buffer)
			return value_of(facts, &facts->fact[i]);
	}
	return qw_slice(NULL, 0);
}

void qw_facts_free(void *state, struct qw_facts *facts)
{
	qw_store_free(state, &facts->bytes);
	facts->count = facts->told = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/member.h"

#include <string.h>

#include "quaywatch/digest.h"
#include "quaywatch/hash.h"
#include "quaywatch/text.h"
#include "rules/signature/blocks.h"
#include "rules/signature/dataset.h"
#include "rules/signature/effects.h"
#include "rules/signature/words.h"

/* A digest as bytes, or as the hexadecimal digits that some buffers hold. */
static bool digest_of(struct qw_slice data, size_t size, uint8_t memory[QW_MEMBER_BYTES_MAX], struct qw_slice *out)
{
	*out = data;
	if (data.len == size)
		return true;
	*out = qw_slice(memory, size);
	return data.len == 2 * size && qw_hex_decode((const char *)data.data, data.len, memory);
}

/* Four bytes or sixteen. */
static bool address_of(struct qw_slice data, bool v4, uint8_t memory[QW_MEMBER_BYTES_MAX], struct qw_slice *out)
{
	struct qw_address address;
	if (data.len == 4)
		address = qw_address_v4(data.data);
	else if (data.len == sizeof(address.bytes))
		address = qw_address_v6(data.data);
	else
		return false;
	memcpy(memory, address.bytes, sizeof(address.bytes));
	*out = qw_slice(memory, sizeof(address.bytes));
	return !v4 || qw_address_is_v4(&address);
}

/* A buffer as the set's members were written; false: it can be none of them. */
static bool value_of(enum qw_member_type type, struct qw_slice data, uint8_t memory[QW_MEMBER_BYTES_MAX],
		     struct qw_slice *out)
{
	switch (type) {
	case QW_MEMBER_MD5: return digest_of(data, QW_MD5_BYTES, memory, out);
	case QW_MEMBER_SHA1: return digest_of(data, QW_SHA1_BYTES, memory, out);
	case QW_MEMBER_SHA256: return digest_of(data, QW_SHA256_BYTES, memory, out);
	case QW_MEMBER_IPV4: return address_of(data, true, memory, out);
	case QW_MEMBER_IP: return address_of(data, false, memory, out);
	case QW_MEMBER_CIDR: return address_of(data, false, memory, out);
	default: *out = data; return data.len > 0;
	}
}

/* For the alert: what stands beside the member.  A key that comes twice tells the last. */
static void tell(struct qw_inspection *run, const struct qw_op *op, const struct qw_table *table, uint32_t found)
{
	const char *key = (const char *)run->set->blob + op->member.context;
	uint32_t i = 0;
	if (!table->contexts || *key == '\0')
		return;
	while (i < run->context_count && strcmp(run->contexts[i].key, key) != 0)
		i++;
	if (i == QW_CONTEXTS_MAX)
		return;
	run->contexts[i] = (struct qw_context){key, run->set->contexts + run->set->values[table->values + found]};
	run->context_count += i == run->context_count;
}

/* ---- what rules add and remove: entries of the memory that all workers share, which goes before the file */

enum { ADDED = 1, REMOVED = 2 };

static struct qw_states *memory_of(const struct qw_inspection *run)
{
	return run->subject->recall ? run->subject->recall->shared : NULL;
}

static struct qw_state_key key_of(struct qw_states *states, const struct qw_table *table, struct qw_slice value)
{
	return (struct qw_state_key){qw_states_owner(states, value.data, value.len), qw_mix64(table->name + table->type)};
}

static bool is_member(const struct qw_inspection *run, const struct qw_table *table, struct qw_slice value, bool fixed)
{
	struct qw_states *states = table->changes ? memory_of(run) : NULL;
	struct qw_state state;
	if (!states || !qw_states_get(states, key_of(states, table, value), qw_state_now(run->subject->facts), &state))
		return fixed;
	return state.value == ADDED;
}

static bool note(struct qw_inspection *run, const struct qw_op *op, struct qw_slice value, bool fixed)
{
	struct qw_states *states = memory_of(run);
	uint32_t i = 0;
	/* Tried again with other data, an option notes its last. */
	while (i < run->change_count && run->changes[i].op != op)
		i++;
	if (!states || i == QW_CHANGES_MAX)
		return false;
	run->changes[i] = (struct qw_change){op, key_of(states, &run->set->tables[op->member.table], value), fixed};
	run->change_count += i == run->change_count;
	return true;
}

struct outcome {
	const struct qw_change *change;
	bool changed;
};

static void make_change(void *ctx, struct qw_state *state)
{
	struct outcome *outcome = ctx;
	const struct qw_change *change = outcome->change;
	bool add = change->op->member.verb == QW_MEMBER_SET;
	bool member = state->set ? state->value == ADDED : change->fixed;
	outcome->changed = member != add;
	if (!outcome->changed)
		return;
	/* Nothing needs to be remembered of what is as the file says. */
	state->set = add != change->fixed;
	state->value = add ? ADDED : REMOVED;
	state->expires = 0;
}

bool qw_member_commit(struct qw_inspection *run)
{
	uint32_t now_s = run->change_count ? qw_state_now(run->subject->facts) : 0;
	bool all = true;
	for (uint32_t i = 0; i < run->change_count; i++) {
		struct outcome outcome = {.change = &run->changes[i]};
		all &= qw_states_change(memory_of(run), run->changes[i].key, now_s, make_change, &outcome) && outcome.changed;
	}
	run->change_count = 0;
	return all;
}

/* ---- asking */

/* ---- sets of blocks */

/* The block of so many bits around an address; 0: the address alone. */
static struct qw_prefix block_of(const struct qw_address *address, unsigned mask)
{
	struct qw_prefix out = {.address = *address};
	bool v4 = qw_address_is_v4(address);
	unsigned whole = v4 ? 32 : 128;
	out.bits = (uint8_t)((v4 ? 96 : 0) + (mask && mask < whole ? mask : whole));
	for (unsigned i = 0; i < sizeof(out.address.bytes); i++) {
		unsigned kept = out.bits > 8 * i ? out.bits - 8 * i : 0;
		out.address.bytes[i] &= kept >= 8 ? 0xff : (uint8_t)(0xff00 >> kept);
	}
	return out;
}

/* Within a block that is in the set?  What rules did goes before the file, a smaller block before a larger. */
static bool is_covered(const struct qw_inspection *run, const struct qw_op *op, const struct qw_address *address)
{
	const struct qw_table *table = &run->set->tables[op->member.table];
	struct qw_states *states = table->changes ? memory_of(run) : NULL;
	uint8_t key[QW_PREFIX_KEY_BYTES];
	struct qw_state state;
	unsigned bits = 0;
	bool covered = qw_blocks_find(run->set, QW_BLOCKS_OF_SETS + op->member.table, address) != NULL;
	for (unsigned i = 0; states && i < table->mask_count; i++) {
		struct qw_prefix block = block_of(address, table->masks[i]);
		if (block.bits < bits || !qw_states_get(states, key_of(states, table, qw_prefix_key(&block, key)),
							 qw_state_now(run->subject->facts), &state))
			continue;
		bits = block.bits;
		covered = state.value == ADDED;
	}
	return covered;
}

static bool block_holds(struct qw_inspection *run, const struct qw_op *op, const struct qw_address *address)
{
	const struct qw_signatures *set = run->set;
	const struct qw_table *table = &set->tables[op->member.table];
	struct qw_prefix block = block_of(address, op->member.mask);
	uint8_t memory[QW_PREFIX_KEY_BYTES];
	struct qw_slice key = qw_prefix_key(&block, memory);
	bool fixed = qw_slots_find(table, set->slots, qw_slot_of(set->info->member_keys, key)) != QW_NONE;
	switch ((enum qw_member_verb)op->member.verb) {
	case QW_MEMBER_ISSET: return is_covered(run, op, address);
	case QW_MEMBER_ISNOTSET: return !is_covered(run, op, address);
	case QW_MEMBER_SET: return !is_covered(run, op, address) && note(run, op, key, fixed);
	case QW_MEMBER_UNSET: return is_member(run, table, key, fixed) && note(run, op, key, fixed);
	default: return false;
	}
}

bool qw_member_holds(struct qw_inspection *run, const struct qw_op *op, struct qw_slice data)
{
	const struct qw_signatures *set = run->set;
	const struct qw_table *table = &set->tables[op->member.table];
	uint8_t memory[QW_MEMBER_BYTES_MAX];
	struct qw_slice value;
	if (!value_of((enum qw_member_type)table->type, data, memory, &value))
		return op->member.verb == QW_MEMBER_ISNOTSET;
	if (table->type == QW_MEMBER_CIDR) {
		struct qw_address address = qw_address_v6(value.data);
		return block_holds(run, op, &address);
	}
	uint32_t found = qw_slots_find(table, set->slots, qw_slot_of(set->info->member_keys, value));
	bool fixed = found != QW_NONE, member = is_member(run, table, value, fixed);
	switch ((enum qw_member_verb)op->member.verb) {
	case QW_MEMBER_ISSET:
		if (fixed)
			tell(run, op, table, found);
		return member;
	case QW_MEMBER_ISNOTSET: return !member;
	case QW_MEMBER_SET: return !member && note(run, op, value, fixed);
	case QW_MEMBER_UNSET: return member && note(run, op, value, fixed);
	case QW_MEMBER_VALUE:
		return fixed && member && table->values != QW_NONE &&
		       qw_compare(op->compare, set->values[table->values + found], op->member.value, 0);
	default: return false;
	}
}

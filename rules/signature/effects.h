/* SPDX-License-Identifier: Apache-2.0 */
/*
 * effects - what rules remember: tests of it, and changes after a match.
 *
 * An entry's key is (owner, item).  The owner is a flow, a host, a pair or
 * everybody; the item is the hash of a name or of (gid, sid), never a number
 * of the ruleset: what was remembered stays when the rules change.
 */
#pragma once

#include "quaywatch/states.h"
#include "rules/signature/opened.h"

/* The hash of a name, as in struct qw_op. */
uint64_t qw_state_name(const char *name, size_t len);

/* What an entry of this kind under this name is called. */
uint64_t qw_state_item(enum qw_state_kind kind, uint64_t name);

/* The table and owner that `track` means for this subject.  False: there is none (no flow, not IP, no recall). */
bool qw_state_owner(const struct qw_subject *subject, enum qw_track track, struct qw_states **states, uint64_t *owner);

/* QW_OP_STATE and QW_OP_COUNT among a rule's facts. */
bool qw_state_test(const struct qw_op *op, const struct qw_subject *subject);
bool qw_count_test(const struct qw_op *op, const struct qw_subject *subject);

/* Packet time in whole seconds. */
uint32_t qw_state_now(const struct qw_facts *facts);

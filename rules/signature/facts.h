/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts - tests of a packet's own numbers.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/signatures.h"
#include "rules/signature/layout.h"

/* One op of a rule's facts. */
bool qw_fact_match(const struct qw_op *op, const struct qw_facts *facts);

/* tcp.flags alone: also asked when rules are indexed. */
bool qw_flags_match(const struct qw_op *op, uint8_t flags);

/* A packet's header as a buffer (ipv4.hdr, tcp.hdr …); false: it has none. */
bool qw_fact_header(const struct qw_facts *facts, enum qw_buffer buffer, struct qw_slice *out);

/* SPDX-License-Identifier: Apache-2.0 */
/* view - what one rule is confirmed against: facts, a message's fields, a piece of payload.  One worker. */
#pragma once

#include <stdbool.h>

#include "quaywatch/message.h"
#include "quaywatch/signatures.h"

struct qw_view {
	const struct qw_facts *facts;
	const struct qw_message *message; /* NULL: no application fields */
	struct qw_slice payload;
	bool has_payload;
};

/* Answers a qw_subject; ctx is the view. */
bool qw_view_buffer(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out);

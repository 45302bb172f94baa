/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/gather.h"

const uint8_t *qw_gather_peek(void *state, struct qw_gather *gather, struct qw_bytes *in, size_t want)
{
	struct qw_store *held = &gather->held;
	struct qw_bytes part;

	if (held->len == 0 && in->left >= want)
		return in->at;
	if (held->len < want) {
		size_t lacking = want - held->len;
		if (!qw_bytes_take(in, lacking < in->left ? lacking : in->left, &part))
			return NULL;
		if (!qw_store_put(state, held, part.at, part.left, want)) {
			gather->broken = true;
			qw_bytes_skip(in, in->left);
			qw_store_free(state, held);
			return NULL;
		}
	}
	return held->len >= want ? held->at : NULL;
}

void qw_gather_drop(void *state, struct qw_gather *gather, struct qw_bytes *in, size_t len)
{
	if (gather->held.len == 0)
		qw_bytes_skip(in, len);
	else if (len < gather->held.len)
		qw_store_drop(&gather->held, len);
	else
		qw_store_free(state, &gather->held);
}

void qw_gather_free(void *state, struct qw_gather *gather)
{
	qw_store_free(state, &gather->held);
	gather->broken = false;
}

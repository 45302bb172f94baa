/* SPDX-License-Identifier: Apache-2.0 */
/* tag - which packets after an alert are told of too. */
#include "rules/signature/keyword.h"

enum { DEFAULT_PACKETS = 256 }; /* as in Suricata */

static const struct qw_number_name metrics[] = {{"packets", QW_METRIC_PACKETS},
						{"seconds", QW_METRIC_SECONDS},
						{"bytes", QW_METRIC_BYTES},
						{NULL, 0}};

static enum qw_err read_count(struct qw_parse *parse, struct qw_word count, struct qw_word metric, struct qw_op *op)
{
	uint64_t number, unit;
	if (!qw_word_u64(count, UINT32_MAX, &number) || number == 0)
		return qw_refuse(parse, count.at, "'%.*s' is not a number of packets, seconds or bytes", (int)count.len,
				 count.at);
	if (!qw_number_named(metrics, metric, &unit))
		return qw_refuse(parse, metric.len ? metric.at : count.at, "a tag counts packets, seconds or bytes");
	op->tag.count = (uint32_t)number;
	op->tag.metric = (uint8_t)unit;
	return QW_OK;
}

QW_KEYWORD(tag)
{
	struct qw_word rest = value, scope, count, metric = {value.at, 0}, end;
	struct qw_op *op;
	enum qw_err err = qw_draft_op(parse, QW_DRAFT_EFFECTS, QW_OP_TAG, &op);
	if (err)
		return err;
	(void)qw_word_cut(&rest, ',', &scope);
	bool host = qw_word_is(scope, "host");
	if (!host && !qw_word_is(scope, "session"))
		return qw_refuse(parse, scope.at, "'%.*s' cannot be tagged; session or host", (int)scope.len, scope.at);
	op->tag.track = host ? QW_TRACK_DST : QW_TRACK_FLOW;
	op->tag.count = DEFAULT_PACKETS;
	if (qw_word_cut(&rest, ',', &count)) {
		(void)qw_word_cut(&rest, ',', &metric);
		err = read_count(parse, count, metric, op);
	}
	if (err || !qw_word_cut(&rest, ',', &end))
		return err;
	if (!host || rest.at || (!qw_word_is(end, "src") && !qw_word_is(end, "dst")))
		return qw_refuse(parse, end.at, "'%.*s' is too much; of a host, src or dst may be said", (int)end.len, end.at);
	op->tag.track = qw_word_is(end, "src") ? QW_TRACK_SRC : QW_TRACK_DST;
	return QW_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* counts - what has gone through a conversation so far. */
#include <string.h>

#include "rules/signature/keyword.h"

static const struct qw_number_name sides[] = {{"toserver", QW_SIDE_TO_SERVER}, {"toclient", QW_SIDE_TO_CLIENT},
					      {"both", QW_SIDE_BOTH},	       {"either", QW_SIDE_EITHER},
					      {NULL, 0}};
/* Of streams, who sent them. */
static const struct qw_number_name senders[] = {{"client", QW_SIDE_TO_SERVER}, {"server", QW_SIDE_TO_CLIENT},
						{"both", QW_SIDE_BOTH},	       {"either", QW_SIDE_EITHER},
						{NULL, 0}};

/* at: what a complaint is about; the test may be a copy. */
static enum qw_err add(struct qw_parse *parse, const struct qw_keyword *row, const char *at, struct qw_word test,
		       uint64_t side)
{
	uint64_t max = row->number == QW_COUNT_BYTES ? UINT64_MAX : UINT32_MAX;
	struct qw_op *op;
	enum qw_err err = qw_draft_op(parse, QW_DRAFT_FACTS, QW_OP_COUNT, &op);
	if (err)
		return err;
	op->number.field = row->number;
	op->number.layer = (int32_t)side;
	parse->draft->sig.need |= QW_FACT_FLOW;
	if (!qw_word_test(test, max, op))
		return qw_refuse(parse, at, "'%.*s' is not a test of %s; N, !N, >N, <N or N<>M", (int)test.len,
				 test.at, row->name);
	return QW_OK;
}

QW_KEYWORD(flow_age)
{
	return add(parse, row, value.at, value, QW_SIDE_TO_SERVER);
}

QW_KEYWORD(flow_count_to_server)
{
	return add(parse, row, value.at, value, QW_SIDE_TO_SERVER);
}

QW_KEYWORD(flow_count_to_client)
{
	return add(parse, row, value.at, value, QW_SIDE_TO_CLIENT);
}

/* SIDE,TEST */
QW_KEYWORD(flow_count)
{
	struct qw_word rest = value, word, test = {value.at, 0};
	uint64_t side;
	(void)qw_word_cut(&rest, ',', &word);
	if (!qw_number_named(sides, word, &side))
		return qw_refuse(parse, word.at, "%s is of toserver, toclient, both or either", row->name);
	(void)qw_word_cut(&rest, ',', &test);
	return add(parse, row, value.at, test, side);
}

/* WHO,SIGN,NUMBER */
QW_KEYWORD(stream_size)
{
	struct qw_word rest = value, who, sign, number = {value.at, 0};
	char test[32];
	uint64_t side;
	(void)qw_word_cut(&rest, ',', &who);
	if (!qw_number_named(senders, who, &side))
		return qw_refuse(parse, who.at, "stream_size is of client, server, both or either");
	if (!qw_word_cut(&rest, ',', &sign) || !qw_word_cut(&rest, ',', &number) || rest.at || sign.len > 2 ||
	    number.len > sizeof(test) - 3)
		return qw_refuse(parse, value.at, "stream_size is WHO,SIGN,NUMBER");
	memcpy(test, sign.at, sign.len);
	memcpy(test + sign.len, number.at, number.len);
	if (sign.len && strchr("=!<>", sign.at[0]))
		return add(parse, row, value.at, (struct qw_word){test, sign.len + number.len}, side);
	return qw_refuse(parse, sign.at, "'%.*s' is no sign; =, !=, <, <=, >, >=", (int)sign.len, sign.at);
}

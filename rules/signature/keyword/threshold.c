/* SPDX-License-Identifier: Apache-2.0 */
/* threshold - how often a rule alerts. */
#include "rules/signature/keyword.h"

static const struct qw_number_name types[] = {{"threshold", QW_LIMIT_THRESHOLD},
					      {"limit", QW_LIMIT_LIMIT},
					      {"both", QW_LIMIT_BOTH},
					      {"backoff", QW_LIMIT_BACKOFF},
					      {NULL, 0}};
static const struct qw_number_name tracks[] = {{"by_src", QW_TRACK_SRC},   {"by_dst", QW_TRACK_DST},
					       {"by_both", QW_TRACK_BOTH}, {"by_rule", QW_TRACK_RULE},
					       {"by_flow", QW_TRACK_FLOW}, {NULL, 0}};
static const struct qw_number_name ports[] = {{"src_port", QW_UNIQUE_SRC_PORT},
					      {"dst_port", QW_UNIQUE_DST_PORT},
					      {NULL, 0}};

/* Words that stand for numbers, and numbers. */
static const struct {
	const char *key;
	const struct qw_number_name *names; /* NULL: a number from 1 */
	unsigned given;
	const char *known;
} parts[] = {
	{"type", types, QW_GIVEN_TYPE, "threshold, limit, both or backoff"},
	{"track", tracks, QW_GIVEN_TRACK, "by_src, by_dst, by_both, by_rule or by_flow"},
	{"count", NULL, QW_GIVEN_COUNT, "a number from 1"},
	{"seconds", NULL, QW_GIVEN_SECONDS, "a number from 1"},
	{"multiplier", NULL, QW_GIVEN_MULTIPLIER, "a number from 1"},
	{"unique_on", ports, QW_GIVEN_UNIQUE, "src_port or dst_port"},
};

static void put_number(struct qw_op *op, unsigned given, uint32_t number)
{
	switch ((enum qw_limit_given)given) {
	case QW_GIVEN_TYPE: op->limit.type = (uint8_t)number; break;
	case QW_GIVEN_TRACK: op->limit.track = (uint8_t)number; break;
	case QW_GIVEN_COUNT: op->limit.count = number; break;
	case QW_GIVEN_SECONDS: op->limit.seconds = number; break;
	case QW_GIVEN_MULTIPLIER: op->limit.multiplier = number; break;
	case QW_GIVEN_UNIQUE: op->limit.unique = (uint8_t)number; break;
	}
}

enum qw_err qw_limit_part(struct qw_parse *parse, struct qw_word part, struct qw_op *op, unsigned *given)
{
	struct qw_word key, word = part;
	uint64_t number;
	if (!qw_word_next(&word, &key))
		return qw_refuse(parse, part.at, "something is missing between two commas");
	word = qw_word_trim(word);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!qw_word_is(key, parts[i].key))
			continue;
		bool good = parts[i].names ? qw_number_named(parts[i].names, word, &number)
					   : qw_word_u64(word, UINT32_MAX, &number) && number;
		if (!good)
			return qw_refuse(parse, key.at, "%s is %s, not '%.*s'", parts[i].key, parts[i].known, (int)word.len,
					 word.at);
		if (*given & parts[i].given)
			return qw_refuse(parse, key.at, "%s is given twice", parts[i].key);
		*given |= parts[i].given;
		put_number(op, parts[i].given, (uint32_t)number);
		return QW_OK;
	}
	return QW_EUNKNOWN;
}

static enum qw_err read_parts(struct qw_parse *parse, struct qw_word value, struct qw_op *op, unsigned *given)
{
	struct qw_word part;
	*given = 0;
	while (qw_word_cut(&value, ',', &part)) {
		enum qw_err err = qw_limit_part(parse, part, op, given);
		if (err == QW_EUNKNOWN)
			return qw_refuse(parse, part.at, "'%.*s' is no part of a threshold", (int)part.len, part.at);
		if (err)
			return err;
	}
	return QW_OK;
}

/* The rule's only limit. */
static enum qw_err add(struct qw_parse *parse, struct qw_op **op)
{
	for (uint32_t i = 0; i < parse->draft->op_count; i++)
		if (parse->draft->ops[i].list == QW_DRAFT_LIMITS)
			return qw_refuse(parse, parse->keyword.at, "a rule has one threshold or one detection_filter");
	return qw_draft_op(parse, QW_DRAFT_LIMITS, QW_OP_LIMIT, op);
}

QW_KEYWORD(threshold)
{
	const unsigned always = QW_GIVEN_TYPE | QW_GIVEN_TRACK | QW_GIVEN_COUNT;
	struct qw_op *op;
	unsigned given;
	enum qw_err err = add(parse, &op);
	if (!err)
		err = read_parts(parse, value, op, &given);
	if (err)
		return err;
	bool backoff = op->limit.type == QW_LIMIT_BACKOFF;
	unsigned wanted = always | (backoff ? QW_GIVEN_MULTIPLIER : QW_GIVEN_SECONDS);
	if (given != wanted)
		return qw_refuse(parse, value.at, backoff ? "threshold is type backoff, track by_flow, count N, multiplier N"
							  : "threshold is type T, track T, count N, seconds N");
	if (backoff && op->limit.track != QW_TRACK_FLOW)
		return qw_refuse(parse, value.at, "type backoff needs track by_flow");
	return QW_OK;
}

static bool has_ports(const struct qw_sig *sig)
{
	enum { TCP = 6, UDP = 17, SCTP = 132 };
	uint8_t proto = sig->protos[0];
	return proto == TCP || proto == UDP || proto == SCTP || sig->apps;
}

QW_KEYWORD(detection_filter)
{
	struct qw_op *op;
	unsigned given;
	enum qw_err err = add(parse, &op);
	if (!err)
		err = read_parts(parse, value, op, &given);
	if (err)
		return err;
	op->limit.type = QW_LIMIT_DETECTION;
	if ((given & ~(unsigned)QW_GIVEN_UNIQUE) != (QW_GIVEN_TRACK | QW_GIVEN_COUNT | QW_GIVEN_SECONDS))
		return qw_refuse(parse, value.at, "detection_filter is track T, count N, seconds N[, unique_on PORT]");
	if (op->limit.unique && !has_ports(&parse->draft->sig))
		return qw_refuse(parse, value.at, "unique_on needs a rule on tcp, udp or sctp: others have no ports");
	return QW_OK;
}

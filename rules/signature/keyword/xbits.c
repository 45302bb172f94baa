/* SPDX-License-Identifier: Apache-2.0 */
/* xbits - bits of hosts, pairs of hosts and transactions; hostbits is the older spelling of some. */
#include "rules/signature/keyword.h"

enum { XBITS_EXPIRE_S = 30, HOSTBITS_EXPIRE_S = 300 }; /* as in Suricata */

static const struct qw_number_name verbs[] = {{"set", QW_STATE_SET},       {"unset", QW_STATE_UNSET},
					      {"toggle", QW_STATE_TOGGLE}, {"isset", QW_STATE_ISSET},
					      {"isnotset", QW_STATE_ISNOTSET}, {NULL, 0}};
static const struct qw_number_name tracks[] = {{"ip_src", QW_TRACK_SRC},
					       {"ip_dst", QW_TRACK_DST},
					       {"ip_pair", QW_TRACK_BOTH},
					       {"tx", QW_TRACK_TRANSACTION},
					       {NULL, 0}};
static const struct qw_number_name ends[] = {{"src", QW_TRACK_SRC}, {"dst", QW_TRACK_DST}, {NULL, 0}};

/* VERB,NAME of either keyword; *op NULL: it was noalert. */
static enum qw_err read_start(struct qw_parse *parse, const struct qw_keyword *row, struct qw_word *rest, struct qw_op **op)
{
	struct qw_word word, name;
	uint64_t verb;
	*op = NULL;
	(void)qw_word_cut(rest, ',', &word);
	if (qw_word_is(word, "noalert") && !rest->at) {
		parse->draft->sig.wants |= QW_WANTS_SILENCE;
		return QW_OK;
	}
	if (!qw_number_named(verbs, word, &verb))
		return qw_refuse(parse, word.at, "%s knows no '%.*s'; set, unset, toggle, isset, isnotset", row->name,
				 (int)word.len, word.at);
	if (!qw_word_cut(rest, ',', &name) || name.len == 0)
		return qw_refuse(parse, word.at, "the name of the bit is missing: %s:%.*s,NAME", row->name, (int)word.len,
				 word.at);
	enum qw_err err = qw_draft_state(parse, (enum qw_state_verb)verb, name, op);
	if (!err)
		(*op)->state.kind = QW_STATE_XBIT;
	return err;
}

static enum qw_err read_expire(struct qw_parse *parse, struct qw_word word, struct qw_op *op)
{
	uint64_t seconds;
	if (!qw_word_u64(word, UINT32_MAX, &seconds) || seconds == 0)
		return qw_refuse(parse, word.at, "'%.*s' is not a number of seconds", (int)word.len, word.at);
	op->state.expire = (uint32_t)seconds;
	return QW_OK;
}

QW_KEYWORD(xbits)
{
	struct qw_word rest = value, part, key;
	struct qw_op *op;
	uint64_t track = QW_TRACKS;
	enum qw_err err = read_start(parse, row, &rest, &op);
	if (err || !op)
		return err;
	op->state.expire = XBITS_EXPIRE_S;
	while (!err && qw_word_cut(&rest, ',', &part)) {
		if (!qw_word_next(&part, &key))
			return qw_refuse(parse, value.at, "xbits is VERB,NAME,track WHOM[,expire SECONDS]");
		part = qw_word_trim(part);
		if (qw_word_is(key, "expire"))
			err = read_expire(parse, part, op);
		else if (!qw_word_is(key, "track") || !qw_number_named(tracks, part, &track))
			err = qw_refuse(parse, key.at, "xbits tracks ip_src, ip_dst, ip_pair or tx");
	}
	if (!err && track == QW_TRACKS)
		err = qw_refuse(parse, value.at, "whose bit it is is missing: track ip_src, ip_dst, ip_pair or tx");
	if (err)
		return err;
	op->state.track = (uint8_t)track;
	if (track == QW_TRACK_TRANSACTION)
		op->state.expire = 0;
	return QW_OK;
}

QW_KEYWORD(hostbits)
{
	struct qw_word rest = value, word;
	struct qw_op *op;
	uint64_t track = QW_TRACK_SRC;
	enum qw_err err = read_start(parse, row, &rest, &op);
	if (err || !op)
		return err;
	op->state.expire = HOSTBITS_EXPIRE_S;
	if (qw_word_cut(&rest, ',', &word) && !qw_number_named(ends, word, &track))
		return qw_refuse(parse, word.at, "hostbits are of src or of dst; for pairs there is xbits with track ip_pair");
	op->state.track = (uint8_t)track;
	if (qw_word_cut(&rest, ',', &word))
		err = read_expire(parse, word, op);
	if (!err && rest.at)
		err = qw_refuse(parse, rest.at, "hostbits is VERB,NAME[,src|dst[,SECONDS]]");
	return err;
}

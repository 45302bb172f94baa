/* SPDX-License-Identifier: Apache-2.0 */
/* flowbits - bits of a conversation. */
#include <string.h>

#include "rules/signature/effects.h"
#include "rules/signature/keyword.h"

static const struct qw_number_name verbs[] = {{"set", QW_STATE_SET},       {"unset", QW_STATE_UNSET},
					      {"toggle", QW_STATE_TOGGLE}, {"isset", QW_STATE_ISSET},
					      {"isnotset", QW_STATE_ISNOTSET}, {NULL, 0}};

enum qw_err qw_draft_state(struct qw_parse *parse, enum qw_state_verb verb, struct qw_word name, struct qw_op **op)
{
	enum qw_err err =
	    qw_draft_op(parse, verb < QW_STATE_CHANGES ? QW_DRAFT_FACTS : QW_DRAFT_EFFECTS, QW_OP_STATE, op);
	if (err)
		return err;
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == ' ' || name.at[i] == '\t')
			return qw_refuse(parse, name.at, "'%.*s' is not a name: there is a blank in it", (int)name.len,
					 name.at);
	(*op)->state.verb = (uint8_t)verb;
	(*op)->state.name = qw_state_name(name.at, name.len);
	return qw_draft_text(parse, name, &(*op)->state.text);
}

/* a|b: one of them (tests only); a&b, as Snort writes it: all of them. */
static enum qw_err read_names(struct qw_parse *parse, enum qw_state_verb verb, struct qw_word names)
{
	bool any = names.len && memchr(names.at, '|', names.len);
	struct qw_word name;
	struct qw_op *op = NULL;
	if (any && verb >= QW_STATE_CHANGES)
		return qw_refuse(parse, names.at, "several names with '|' can be tested, not changed; write one flowbits for each");
	while (qw_word_cut(&names, any ? '|' : '&', &name)) {
		if (name.len == 0)
			return qw_refuse(parse, parse->keyword.at, "a name is missing");
		enum qw_err err = qw_draft_state(parse, verb, name, &op);
		if (err)
			return err;
		op->state.kind = QW_STATE_FLOWBIT;
		op->state.track = QW_TRACK_FLOW;
		op->flags |= any && names.at ? QW_OP_OR_NEXT : 0;
	}
	return QW_OK;
}

QW_KEYWORD(flowbits)
{
	struct qw_word rest = value, word, names;
	uint64_t verb;
	(void)qw_word_cut(&rest, ',', &word);
	if (qw_word_is(word, "noalert") && !rest.at) {
		parse->draft->sig.wants |= QW_WANTS_SILENCE;
		return QW_OK;
	}
	if (!qw_number_named(verbs, word, &verb))
		return qw_refuse(parse, word.at, "flowbits knows no '%.*s'; set, unset, toggle, isset, isnotset, noalert",
				 (int)word.len, word.at);
	if (!qw_word_cut(&rest, ',', &names) || names.len == 0)
		return qw_refuse(parse, word.at, "the name of the bit is missing: flowbits:%.*s,NAME", (int)word.len,
				 word.at);
	if (rest.at)
		return qw_refuse(parse, rest.at, "flowbits ends with the name; groups of bits are not supported");
	parse->draft->sig.need |= QW_FACT_FLOW;
	return read_names(parse, (enum qw_state_verb)verb, names);
}

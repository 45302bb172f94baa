/* SPDX-License-Identifier: Apache-2.0 */
/* application - app-layer-protocol:[!]NAME[|NAME…][,SIDE][,exact]. */
#include "rules/signature/keyword.h"

static const char *const modes[] = {
    [QW_APP_MODE_DIRECTION] = "direction", [QW_APP_MODE_FINAL] = "final",	  [QW_APP_MODE_ORIGINAL] = "original",
    [QW_APP_MODE_TO_SERVER] = "to_server", [QW_APP_MODE_TO_CLIENT] = "to_client", [QW_APP_MODE_EITHER] = "either",
    [QW_APP_MODE_BOTH] = "both",
};

/* *exact: http does not stand for http2 too. */
static enum qw_err read_sides(struct qw_parse *parse, struct qw_word rest, uint8_t *mode, bool *exact)
{
	struct qw_word word;
	while (qw_word_cut(&rest, ',', &word)) {
		size_t i = 0;
		*exact |= qw_word_is(word, "exact");
		if (qw_word_is(word, "exact"))
			continue;
		while (i < sizeof(modes) / sizeof(modes[0]) && !qw_word_is(word, modes[i]))
			i++;
		if (i == sizeof(modes) / sizeof(modes[0]))
			return qw_refuse(parse, word.at,
					 "'%.*s' is no side of app-layer-protocol; direction, to_server, to_client, "
					 "either, both, final or original",
					 (int)word.len, word.at);
		*mode = (uint8_t)i;
	}
	return QW_OK;
}

static enum qw_err read_names(struct qw_parse *parse, struct qw_word rest, bool exact, uint64_t *apps)
{
	struct qw_word name;
	while (qw_word_cut(&rest, '|', &name)) {
		enum qw_app app = qw_app_parse(name.at, name.len);
		if (app >= QW_APP_COUNT)
			return qw_refuse(parse, name.at, "protocol '%.*s' is not known", (int)name.len, name.at);
		*apps |= UINT64_C(1) << app;
		if (qw_word_is(name, "http") && !exact)
			*apps |= UINT64_C(1) << QW_APP_HTTP2;
	}
	return *apps ? QW_OK : qw_refuse(parse, rest.at, "no protocol is given");
}

QW_KEYWORD(app_layer_protocol)
{
	struct qw_op *op;
	struct qw_word rest = value, names;
	uint64_t apps = 0;
	uint8_t mode = QW_APP_MODE_DIRECTION;
	bool exact = false;
	(void)qw_word_cut(&rest, ',', &names);
	bool negated = qw_word_eat(&names, '!');
	enum qw_err err = rest.at ? read_sides(parse, rest, &mode, &exact) : QW_OK;
	if (!err)
		err = read_names(parse, names, exact, &apps);
	if (!err && negated && apps & UINT64_C(1) << QW_APP_UNKNOWN)
		err = qw_refuse(parse, names.at, "what is not known yet cannot be negated");
	if (!err)
		err = qw_draft_op(parse, QW_DRAFT_FACTS, QW_OP_APP, &op);
	if (err)
		return err;
	op->flags = negated ? QW_OP_NEGATED : 0;
	op->compare = mode;
	op->apps = apps;
	return QW_OK;
}

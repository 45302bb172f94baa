/* SPDX-License-Identifier: Apache-2.0 */
/* flow - what a rule asks of the conversation. */
#include "rules/signature/keyword.h"

static const struct {
	const char *name;
	uint16_t need, refuse;
} words[] = {
	{"established", QW_FACT_ESTABLISHED, 0},
	{"not_established", QW_FACT_FLOW, QW_FACT_ESTABLISHED},
	{"stateless", 0, 0},
	{"to_server", QW_FACT_TO_SERVER, 0},
	{"from_client", QW_FACT_TO_SERVER, 0},
	{"to_client", QW_FACT_TO_CLIENT, 0},
	{"from_server", QW_FACT_TO_CLIENT, 0},
	{"only_stream", QW_FACT_STREAM, 0},
	{"no_stream", QW_FACT_PACKET, 0},
	{"only_frag", QW_FACT_FRAGMENT, 0},
	{"no_frag", 0, QW_FACT_FRAGMENT},
};

QW_KEYWORD(flow)
{
	struct qw_sig *sig = &parse->draft->sig;
	struct qw_word rest = value, word;
	while (qw_word_cut(&rest, ',', &word)) {
		size_t i = 0;
		while (i < sizeof(words) / sizeof(words[0]) && !qw_word_is(word, words[i].name))
			i++;
		if (i == sizeof(words) / sizeof(words[0]))
			return qw_refuse(parse, word.at, "flow knows no '%.*s'", (int)word.len, word.at);
		sig->need |= words[i].need;
		sig->refuse |= words[i].refuse;
		uint16_t ways = sig->need & (QW_FACT_TO_SERVER | QW_FACT_TO_CLIENT);
		if (sig->need & sig->refuse || ways == (QW_FACT_TO_SERVER | QW_FACT_TO_CLIENT))
			return qw_refuse(parse, word.at, "flow's '%.*s' contradicts what was said before",
					 (int)word.len, word.at);
	}
	return QW_OK;
}

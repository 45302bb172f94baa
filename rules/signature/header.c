/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/header.h"

#include <string.h>

#include "rules/signature/sets.h"

enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58, SCTP = 132 };

static const struct {
	char name[8];
	uint8_t action;
} actions[] = {
	{"alert", QW_ACTION_ALERT},   {"pass", QW_ACTION_PASS}, {"drop", QW_ACTION_DROP},
	{"reject", QW_ACTION_REJECT},
};

static const struct {
	char name[12];
	uint8_t protos[2];
	uint8_t flags;
	uint16_t need;
} protocols[] = {
	{"ip", {0, 0}, 0, 0},
	{"ipv4", {0, 0}, QW_SIG_V4_ONLY, 0},
	{"ip4", {0, 0}, QW_SIG_V4_ONLY, 0},
	{"ipv6", {0, 0}, QW_SIG_V6_ONLY, 0},
	{"ip6", {0, 0}, QW_SIG_V6_ONLY, 0},
	{"tcp", {TCP, TCP}, 0, 0},
	{"tcp-pkt", {TCP, TCP}, 0, QW_FACT_PACKET},
	{"tcp-stream", {TCP, TCP}, 0, QW_FACT_STREAM},
	{"udp", {UDP, UDP}, 0, 0},
	{"icmp", {ICMP, ICMPV6}, 0, 0},
	{"icmpv4", {ICMP, ICMP}, 0, 0},
	{"icmpv6", {ICMPV6, ICMPV6}, 0, 0},
	{"sctp", {SCTP, SCTP}, 0, 0},
	{"pkthdr", {0, 0}, QW_SIG_ANY_PACKET, QW_FACT_PACKET},
};

/* Applications that a name stands for beside its own. */
static const struct {
	char name[8];
	uint8_t app, also;
} families[] = {
	{"http", QW_APP_HTTP, QW_APP_HTTP2},
	{"dcerpc", QW_APP_DCERPC, QW_APP_SMB},
	{"dcerpc", QW_APP_DCERPC, QW_APP_PROFINET_IO},
};

static enum qw_err read_action(struct qw_parse *parse, struct qw_word word)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!qw_word_is(word, actions[i].name))
			continue;
		parse->draft->sig.action = actions[i].action;
		return QW_OK;
	}
	return qw_refuse(parse, word.at, "action '%.*s' is not supported; known are alert, pass, drop, reject",
			 (int)word.len, word.at);
}

static enum qw_err read_app(struct qw_parse *parse, struct qw_word word)
{
	enum qw_app app = qw_app_parse(word.at, word.len);
	if (app >= QW_APP_COUNT || app <= QW_APP_FAILED)
		return qw_refuse(parse, word.at, "protocol '%.*s' is not known", (int)word.len, word.at);
	parse->draft->sig.apps = UINT64_C(1) << app;
	if (qw_app_is_link(app))
		parse->draft->sig.flags |= QW_SIG_ANY_PACKET;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (qw_word_is(word, families[i].name))
			parse->draft->sig.apps |= UINT64_C(1) << families[i].app | UINT64_C(1) << families[i].also;
	return QW_OK;
}

static enum qw_err read_protocol(struct qw_parse *parse, struct qw_word word)
{
	struct qw_sig *sig = &parse->draft->sig;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (!qw_word_is(word, protocols[i].name))
			continue;
		memcpy(sig->protos, protocols[i].protos, 2);
		sig->flags |= protocols[i].flags;
		sig->need |= protocols[i].need;
		return QW_OK;
	}
	return read_app(parse, word);
}

static enum qw_err read_arrow(struct qw_parse *parse, struct qw_word word)
{
	if (qw_word_is(word, "->"))
		return QW_OK;
	if (qw_word_is(word, "<>")) {
		parse->draft->sig.flags |= QW_SIG_EITHER_WAY;
		return QW_OK;
	}
	if (qw_word_is(word, "=>")) {
		parse->draft->sig.flags |= QW_SIG_BOTH;
		return QW_OK;
	}
	return qw_refuse(parse, word.at, "'%.*s' is not a direction; use ->, <> or =>", (int)word.len, word.at);
}

/* The next part of the header; a list in brackets may hold blanks. */
static bool next_part(struct qw_word *rest, struct qw_word *part)
{
	unsigned depth = 0;
	size_t len = 0;
	*rest = qw_word_trim(*rest);
	for (; len < rest->len; len++) {
		char c = rest->at[len];
		if (depth == 0 && (c == ' ' || c == '\t'))
			break;
		if (c == '[')
			depth++;
		else if (c == ']' && depth)
			depth--;
	}
	*part = (struct qw_word){rest->at, len};
	rest->at += len;
	rest->len -= len;
	return len > 0;
}

enum qw_err qw_header_parse(struct qw_parse *parse, struct qw_word text)
{
	static const char *const names[] = {"an action", "a protocol",		  "a source address", "a source port",
					    "'->'",	 "a destination address", "a destination port"};
	enum { PARTS = sizeof(names) / sizeof(names[0]) };
	struct qw_word part[PARTS], rest = text;
	struct qw_sig *sig = &parse->draft->sig;

	for (size_t i = 0; i < PARTS; i++)
		if (!next_part(&rest, &part[i]))
			return qw_refuse(parse, i ? rest.at : text.at, "the header ends where %s is expected",
					 names[i]);
	rest = qw_word_trim(rest);
	if (rest.len)
		return qw_refuse(parse, rest.at, "'%.*s' stands between the header and '('", (int)rest.len, rest.at);

	enum qw_err err = read_action(parse, part[0]);
	if (!err)
		err = read_protocol(parse, part[1]);
	if (!err)
		err = qw_sets_parse(parse, QW_RANGE_ADDRESS, part[2], &sig->src);
	if (!err)
		err = qw_sets_parse(parse, QW_RANGE_PORT, part[3], &sig->sport);
	if (!err)
		err = read_arrow(parse, part[4]);
	if (!err)
		err = qw_sets_parse(parse, QW_RANGE_ADDRESS, part[5], &sig->dst);
	return err ? err : qw_sets_parse(parse, QW_RANGE_PORT, part[6], &sig->dport);
}

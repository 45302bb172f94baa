/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/rule.h"

#include <string.h>

#include "rules/signature/header.h"
#include "rules/signature/keyword.h"

enum { PRIORITY_DEFAULT = 3 };

static void reset(struct qw_draft *draft)
{
	/* The large arrays are written before they are read. */
	draft->list_count = draft->op_count = draft->var_count = draft->blob_len = 0;
	draft->sticky = draft->content = QW_DRAFT_NONE;
	draft->sid_at = NULL;
	draft->has_priority = draft->sticky_set = draft->fresh_list = false;
	draft->sig = (struct qw_sig){.src = QW_NONE, .dst = QW_NONE, .sport = QW_NONE, .dport = QW_NONE, .gid = 1,
				     .priority = PRIORITY_DEFAULT};
	qw_text_init(&draft->metadata, draft->metadata_text, sizeof(draft->metadata_text));
	qw_text_init(&draft->references, draft->references_text, sizeof(draft->references_text));
	draft->blob[draft->blob_len++] = '\0'; /* text 0 is "" */
}

static enum qw_err read_options(struct qw_parse *parse, struct qw_word rest)
{
	struct qw_option option;
	const char *why, *where;
	for (;;) {
		enum qw_err err = qw_option_next(&rest, &option, &why, &where);
		if (err == QW_ENOENT)
			return QW_OK;
		if (err)
			return qw_refuse(parse, where, "%s", why);
		parse->keyword = (struct qw_word){NULL, 0};
		err = qw_keyword_parse(parse, &option);
		if (err)
			return err;
	}
}

enum qw_err qw_rule_parse(struct qw_parse *parse)
{
	struct qw_word text = parse->statement->text;
	const char *open = memchr(text.at, '(', text.len), *close = memrchr(text.at, ')', text.len);
	reset(parse->draft);
	if (!open)
		return qw_refuse(parse, text.at, "this is not a rule: there is no '(' with options");
	if (!close || close < open)
		return qw_refuse(parse, open, "the parenthesis that opens here is not closed");
	struct qw_word after = qw_word_trim((struct qw_word){close + 1, (size_t)(text.at + text.len - close) - 1});
	if (after.len)
		return qw_refuse(parse, after.at, "something follows the closing parenthesis");
	enum qw_err err = qw_header_parse(parse, (struct qw_word){text.at, (size_t)(open - text.at)});
	if (!err)
		err = read_options(parse, (struct qw_word){open + 1, (size_t)(close - open) - 1});
	return err ? err : qw_rule_settle(parse);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* transform - what is done to a buffer before it is looked into. */
#include "rules/signature/keyword.h"

#include "quaywatch/text.h"

static enum qw_err read_key(struct qw_parse *parse, struct qw_word value, struct qw_transform *transform)
{
	uint8_t key[256];
	if (value.len < 2 || value.len % 2 || value.len / 2 > sizeof(key) || !qw_hex_decode(value.at, value.len, key))
		return qw_refuse(parse, value.at,
				 "xor needs a key in hexadecimal; keys taken from the data are not supported");
	transform->len = (uint32_t)(value.len / 2);
	return qw_draft_put(parse, key, transform->len, &transform->data);
}

QW_KEYWORD(transform)
{
	struct qw_draft *draft = parse->draft;
	struct qw_transform transform = {.kind = row->number};
	if (!draft->sticky_set)
		return qw_refuse(parse, parse->keyword.at, "%s needs a sticky buffer before it", row->name);
	enum qw_err err = transform.kind == QW_TRANSFORM_XOR ? read_key(parse, value, &transform) : QW_OK;
	if (err)
		return err;
	struct qw_list *list = &draft->lists[draft->sticky].list;
	/* A list that is in use already stays as it is: this is another view of its buffer. */
	bool used = false;
	for (uint32_t i = 0; i < draft->op_count; i++)
		used |= draft->ops[i].list == draft->sticky;
	if (used) {
		err = qw_draft_new_list(parse, (enum qw_buffer)list->buffer, &draft->sticky);
		list = &draft->lists[draft->sticky].list;
		draft->fresh_list = true;
	}
	if (!err && list->transform_count == QW_TRANSFORMS_MAX)
		err = qw_refuse(parse, parse->keyword.at, "more than %d transforms of one buffer", QW_TRANSFORMS_MAX);
	if (!err)
		list->transforms[list->transform_count++] = transform;
	return err;
}

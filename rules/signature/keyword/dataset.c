/* SPDX-License-Identifier: Apache-2.0 */
/* dataset - is a buffer in a set: dataset, datarep, datajson. */
#include "rules/signature/keyword.h"

#include <string.h>

#include "rules/signature/dataset.h"

enum { NAME_LEN_MAX = 63, VALUE_MAX = 65535 };

/* A rule's mention of a set, while its options are read. */
struct mention {
	struct qw_dataset_request request;
	struct qw_word context, kept; /* kept: the file that Suricata would write to */
	struct qw_word mask_at;       /* NULL: none is given */
	uint8_t mask;
};

struct choice {
	const char *name;
	uint8_t value;
};

static bool choose(struct qw_word word, const struct choice *choices, uint8_t *value)
{
	for (; choices->name; choices++) {
		if (!qw_word_is(word, choices->name))
			continue;
		*value = choices->value;
		return true;
	}
	return false;
}

/* ---- options, each "name value" */

typedef enum qw_err option_fn(struct qw_parse *parse, struct qw_word value, struct mention *mention);

static enum qw_err read_type(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	static const struct choice types[] = {{"string", QW_MEMBER_STRING}, {"md5", QW_MEMBER_MD5},
					      {"sha1", QW_MEMBER_SHA1},     {"sha256", QW_MEMBER_SHA256},
					      {"ipv4", QW_MEMBER_IPV4},	    {"ipv6", QW_MEMBER_IP},
					      {"ip", QW_MEMBER_IP},	    {"cidr", QW_MEMBER_CIDR},
					      {NULL, 0}};
	uint8_t type;
	if (!choose(value, types, &type))
		return qw_refuse(parse, value.at, "'%.*s' is not a type of sets: string, md5, sha1, sha256, ipv4, ip or cidr",
				 (int)value.len, value.at);
	mention->request.type = (enum qw_member_type)type;
	mention->request.has_type = true;
	return QW_OK;
}

static enum qw_err read_load(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	mention->request.file = value;
	return QW_OK;
}

static enum qw_err read_state(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	mention->request.file = mention->kept = value;
	mention->request.optional = true;
	return QW_OK;
}

static enum qw_err read_save(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	mention->kept = value;
	return QW_OK;
}

/* Sizes: ours are counted. */
static enum qw_err read_nothing(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	return QW_OK;
}

static enum qw_err read_format(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	static const struct choice formats[] = {{"csv", QW_DATASET_LINES}, {"json", QW_DATASET_JSON},
						{"ndjson", QW_DATASET_JSON_LINES}, {"jsonline", QW_DATASET_JSON_LINES},
						{NULL, 0}};
	uint8_t format;
	if (!choose(value, formats, &format))
		return qw_refuse(parse, value.at, "'%.*s' is not a format of sets: csv, json or ndjson", (int)value.len,
				 value.at);
	mention->request.format = (enum qw_dataset_format)format;
	return QW_OK;
}

static enum qw_err read_context(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	if (value.len > QW_CONTEXT_KEY_MAX)
		return qw_refuse(parse, value.at, "a key is at most %d letters long", QW_CONTEXT_KEY_MAX);
	mention->context = value;
	return QW_OK;
}

static enum qw_err read_value_key(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	mention->request.value_key = value;
	return QW_OK;
}

static enum qw_err read_array_key(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	mention->request.array_key = value;
	return QW_OK;
}

/* A number of bits, or a netmask of IPv4 as a number. */
static enum qw_err read_mask(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	uint64_t number;
	bool understood = qw_word_u64(value, UINT32_MAX, &number);
	uint32_t rest = ~(uint32_t)number;
	if (understood && number > 128 && (rest & (rest + 1)) == 0)
		number = 32 - (unsigned)__builtin_popcount(rest);
	if (!understood || number == 0 || number > 128)
		return qw_refuse(parse, value.at, "'%.*s' is neither 1 to 128 bits nor a netmask", (int)value.len, value.at);
	mention->mask = (uint8_t)number;
	mention->mask_at = value;
	return QW_OK;
}

static enum qw_err read_remove_key(struct qw_parse *parse, struct qw_word value, struct mention *mention)
{
	mention->request.remove_key = true;
	return QW_OK;
}

static const struct {
	const char *name;
	option_fn *read;
	bool alone; /* no value follows */
} options[] = {
	{"type", read_type, false},		{"load", read_load, false},
	{"state", read_state, false},		{"save", read_save, false},
	{"memcap", read_nothing, false},	{"hashsize", read_nothing, false},
	{"format", read_format, false},		{"context_key", read_context, false},
	{"enrichment_key", read_context, false}, {"key", read_context, false},
	{"mask", read_mask, false},
	{"value_key", read_value_key, false},	{"array_key", read_array_key, false},
	{"remove_key", read_remove_key, true},
};

static enum qw_err read_option(struct qw_parse *parse, struct qw_word piece, struct mention *mention)
{
	struct qw_word rest = piece, name;
	if (!qw_word_next(&rest, &name))
		return qw_refuse(parse, piece.at, "an empty place between commas");
	rest = qw_word_trim(rest);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!qw_word_is(name, options[i].name))
			continue;
		if ((rest.len == 0) != options[i].alone)
			return qw_refuse(parse, name.at, "'%s' %s", options[i].name,
					 options[i].alone ? "takes no value" : "needs a value behind it");
		return options[i].read(parse, rest, mention);
	}
	return qw_refuse(parse, name.at, "'%.*s' is not an option of sets", (int)name.len, name.at);
}

/* ---- the whole */

static enum qw_err check_mention(struct qw_parse *parse, const struct mention *mention)
{
	const struct qw_dataset_request *request = &mention->request;
	bool json = request->format == QW_DATASET_JSON || request->format == QW_DATASET_JSON_LINES;
	if (mention->kept.at && parse->distributed)
		return qw_refuse(parse, mention->kept.at, "a rule that was sent here may name no file to be written");
	if (json && !request->value_key.at)
		return qw_refuse(parse, request->name.at, "a set in JSON needs value_key: under what its members stand");
	if (request->array_key.at && request->format != QW_DATASET_JSON)
		return qw_refuse(parse, request->array_key.at, "array_key goes with 'format json'");
	if (request->has_type && request->type == QW_MEMBER_CIDR && request->format != QW_DATASET_LINES)
		return qw_refuse(parse, request->name.at, "a set of blocks is a file of lines");
	if (mention->kept.at)
		qw_remark(parse, mention->kept.at,
			  "what the set '%.*s' learns stays in memory and is not written to a file",
			  (int)request->name.len, request->name.at);
	return QW_OK;
}

static enum qw_err read_options(struct qw_parse *parse, struct qw_word rest, struct mention *mention)
{
	struct qw_word piece;
	enum qw_err err = QW_OK;
	while (!err && qw_word_cut(&rest, ',', &piece))
		err = read_option(parse, piece, mention);
	return err ? err : check_mention(parse, mention);
}

static enum qw_err read_name(struct qw_parse *parse, struct qw_word *rest, struct mention *mention)
{
	struct qw_word name;
	if (!qw_word_cut(rest, ',', &name) || name.len == 0 || name.len > NAME_LEN_MAX)
		return qw_refuse(parse, parse->keyword.at, "a set needs a name of 1 to %d letters", NAME_LEN_MAX);
	mention->request.name = name;
	return QW_OK;
}

static bool is_change(enum qw_member_verb verb)
{
	return verb == QW_MEMBER_SET || verb == QW_MEMBER_UNSET;
}

static enum qw_err check_changes(struct qw_parse *parse)
{
	const struct qw_draft *draft = parse->draft;
	uint32_t changes = 0;
	for (uint32_t i = 0; i < draft->op_count; i++)
		changes += draft->ops[i].op.kind == QW_OP_MEMBER &&
			   is_change((enum qw_member_verb)draft->ops[i].op.member.verb);
	return changes < QW_CHANGES_MAX ? QW_OK
					: qw_refuse(parse, parse->keyword.at, "a rule changes %d sets at most", QW_CHANGES_MAX);
}

/* The set itself, and an op that asks it of the sticky buffer. */
static enum qw_err put_op(struct qw_parse *parse, const struct mention *mention, enum qw_member_verb verb,
			  struct qw_op **op)
{
	struct qw_draft *draft = parse->draft;
	uint32_t table, context;
	if (!draft->sticky_set)
		return qw_refuse(parse, parse->keyword.at, "a set is asked of a sticky buffer, which must stand before it");
	enum qw_err err = is_change(verb) ? check_changes(parse) : QW_OK;
	if (!err)
		err = qw_dataset_get(parse, &mention->request, &table);
	if (!err)
		err = qw_draft_text(parse, mention->context, &context);
	if (!err)
		err = qw_draft_op(parse, draft->sticky, QW_OP_MEMBER, op);
	if (err)
		return err;
	(*op)->member.table = table;
	(*op)->member.context = context;
	(*op)->member.verb = (uint8_t)verb;
	(*op)->member.mask = mention->mask;
	draft->fresh_list = false;
	return QW_OK;
}

/* That the set changes, and in what blocks. */
static enum qw_err note_change(struct qw_parse *parse, const struct mention *mention, const struct qw_op *op)
{
	struct qw_dataset *set = qw_dataset_at(parse->datasets, op->member.table);
	bool change = is_change((enum qw_member_verb)op->member.verb);
	if (mention->mask_at.at && (!change || set->type != QW_MEMBER_CIDR))
		return qw_refuse(parse, mention->mask_at.at, "a mask goes with set and unset of a set of type cidr");
	set->changes |= change;
	if (!change || set->type != QW_MEMBER_CIDR || memchr(set->masks, mention->mask, set->mask_count))
		return QW_OK;
	if (set->mask_count == QW_MASKS_MAX)
		return qw_refuse(parse, parse->keyword.at, "rules add blocks of %d sizes to one set at most", QW_MASKS_MAX);
	set->masks[set->mask_count++] = mention->mask;
	return QW_OK;
}

/* dataset:set|unset|isset|isnotset,NAME[, option …]; row->number: the format where none is given */
QW_KEYWORD(dataset)
{
	static const struct choice verbs[] = {{"isset", QW_MEMBER_ISSET}, {"isnotset", QW_MEMBER_ISNOTSET},
					      {"set", QW_MEMBER_SET},	  {"unset", QW_MEMBER_UNSET},
					      {NULL, 0}};
	struct mention mention = {.request = {.format = (enum qw_dataset_format)row->number}, .context = {"", 0}};
	struct qw_word rest = value, word;
	struct qw_op *op;
	uint8_t verb;
	if (!qw_word_cut(&rest, ',', &word) || !choose(word, verbs, &verb))
		return qw_refuse(parse, value.at, "what to do with the set comes first: isset, isnotset, set or unset");
	enum qw_err err = read_name(parse, &rest, &mention);
	if (!err)
		err = read_options(parse, rest, &mention);
	if (!err && mention.request.format != QW_DATASET_LINES && is_change((enum qw_member_verb)verb))
		err = qw_refuse(parse, word.at, "a set in JSON can be asked, not changed");
	if (!err)
		err = put_op(parse, &mention, (enum qw_member_verb)verb, &op);
	return err ? err : note_change(parse, &mention, op);
}

enum qw_err qw_dataset_declare(struct qw_parse *parse, struct qw_word text)
{
	struct mention mention = {.context = {"", 0}};
	uint32_t number;
	enum qw_err err = read_name(parse, &text, &mention);
	if (!err)
		err = read_options(parse, text, &mention);
	return err ? err : qw_dataset_get(parse, &mention.request, &number);
}

bool qw_compare_sign(struct qw_word word, uint8_t *compare)
{
	static const struct choice signs[] = {{"=", QW_CMP_EQ},	 {"==", QW_CMP_EQ}, {"!=", QW_CMP_NE}, {"<", QW_CMP_LT},
					      {"<=", QW_CMP_LE}, {">", QW_CMP_GT},  {">=", QW_CMP_GE}, {NULL, 0}};
	return choose(word, signs, compare);
}

/* datarep:NAME,<|>|=,NUMBER[, option …] */
QW_KEYWORD(datarep)
{
	struct mention mention = {.context = {"", 0}};
	struct qw_word rest = value, sign = {NULL, 0}, word = {NULL, 0};
	uint8_t compare;
	uint64_t number;
	struct qw_op *op;
	enum qw_err err = read_name(parse, &rest, &mention);
	if (err)
		return err;
	if (!qw_word_cut(&rest, ',', &sign) || !qw_compare_sign(sign, &compare) || !qw_word_cut(&rest, ',', &word) ||
	    !qw_word_u64(word, VALUE_MAX, &number))
		return qw_refuse(parse, value.at, "datarep is NAME,<|>|=,NUMBER, with a number up to %d", VALUE_MAX);
	err = read_options(parse, rest, &mention);
	if (!err)
		err = put_op(parse, &mention, QW_MEMBER_VALUE, &op);
	if (err)
		return err;
	if (mention.mask_at.at)
		return qw_refuse(parse, mention.mask_at.at, "a mask goes with set and unset of a set of type cidr");
	if (!qw_dataset_at(parse->datasets, op->member.table)->has_values)
		return qw_refuse(parse, mention.request.name.at, "in the set '%.*s' no numbers stand beside the members",
				 (int)mention.request.name.len, mention.request.name.at);
	op->compare = compare;
	op->member.value = number;
	return QW_OK;
}

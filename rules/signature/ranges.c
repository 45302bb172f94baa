/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/address.h"
#include "quaywatch/bytes.h"

enum { DEPTH_MAX = 16, VARIABLE_NAME_MAX = 64 };

typedef unsigned __int128 number;

/* Where the text came from: variables inside variables, down to the rule itself. */
struct reader {
	struct qw_parse *parse;
	enum qw_range_kind kind;
	const char *anchor; /* in the rule; NULL: the text is the rule's own */
	const char *names[DEPTH_MAX];
	unsigned depth;
};

static enum qw_err read_value(struct reader *in, struct qw_word text, struct qw_vector *out);

unsigned __int128 qw_range_address(const struct qw_address *address)
{
	return (number)qw_be64(address->bytes) << 64 | qw_be64(address->bytes + 8);
}

bool qw_ranges_hold(const struct qw_range *ranges, size_t count, unsigned __int128 value)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (ranges[middle].low > value)
			high = middle;
		else if (ranges[middle].high < value)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

static number top_of(const struct reader *in)
{
	return in->kind == QW_RANGE_ADDRESS ? ~(number)0 : 65535;
}

static const char *noun_of(const struct reader *in)
{
	return in->kind == QW_RANGE_ADDRESS ? "address" : "port";
}

static const char *where(const struct reader *in, struct qw_word text)
{
	return in->anchor ? in->anchor : text.at;
}

static enum qw_err add(struct qw_vector *out, number low, number high)
{
	struct qw_range range = {low, high};
	return qw_vector_put(out, &range, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static int by_low(const void *a, const void *b)
{
	const struct qw_range *x = a, *y = b;
	return x->low < y->low ? -1 : x->low > y->low;
}

/* Sorts and joins what touches. */
static void normalise(struct qw_vector *set)
{
	struct qw_range *rows = set->rows;
	size_t kept = 0;
	if (set->count == 0)
		return;
	qsort(rows, set->count, sizeof(*rows), by_low);
	for (size_t i = 1; i < set->count; i++) {
		bool touches = rows[i].low <= rows[kept].high || rows[i].low - 1 == rows[kept].high;
		if (!touches)
			rows[++kept] = rows[i];
		else if (rows[i].high > rows[kept].high)
			rows[kept].high = rows[i].high;
	}
	set->count = kept + 1;
}

/* Everything that a normalised set leaves out. */
static enum qw_err invert(const struct reader *in, const struct qw_vector *set, struct qw_vector *out)
{
	number from = 0;
	enum qw_err err = QW_OK;
	for (size_t i = 0; i < set->count && !err; i++) {
		const struct qw_range *row = qw_vector_at(set, i);
		if (row->low > from)
			err = add(out, from, row->low - 1);
		if (row->high == top_of(in))
			return err;
		from = row->high + 1;
	}
	return err ? err : add(out, from, top_of(in));
}

static enum qw_err intersect(const struct qw_vector *a, const struct qw_vector *b, struct qw_vector *out)
{
	enum qw_err err = QW_OK;
	for (size_t i = 0, j = 0; i < a->count && j < b->count && !err;) {
		const struct qw_range *x = qw_vector_at(a, i), *y = qw_vector_at(b, j);
		number low = x->low > y->low ? x->low : y->low;
		number high = x->high < y->high ? x->high : y->high;
		if (low <= high)
			err = add(out, low, high);
		if (x->high < y->high)
			i++;
		else
			j++;
	}
	return err;
}

static enum qw_err read_ports(struct reader *in, struct qw_word text, struct qw_vector *out)
{
	uint64_t low = 0, high = 65535;
	const char *colon = memchr(text.at, ':', text.len);
	struct qw_word left = text, right = {NULL, 0};
	if (colon) {
		left.len = (size_t)(colon - text.at);
		right = qw_word_trim((struct qw_word){colon + 1, text.len - left.len - 1});
		left = qw_word_trim(left);
	}
	bool good = (colon && left.len == 0) || qw_word_u64(left, 65535, &low);
	if (!colon)
		high = low;
	else if (right.len)
		good = good && qw_word_u64(right, 65535, &high);
	if (!good || low > high)
		return qw_refuse(in->parse, where(in, text), "'%.*s' is not a port or a range of ports", (int)text.len,
				 text.at);
	return add(out, low, high);
}

/* "a/255.255.0.0": the mask as bits of the 128-bit form, or -1. */
static int mask_bits(struct qw_word mask)
{
	struct qw_address address;
	if (!qw_address_parse(mask.at, mask.len, &address) || !qw_address_is_v4(&address))
		return -1;
	uint32_t bits = qw_be32(address.bytes + 12);
	if (bits & (~bits >> 1))
		return -1;
	return 96 + __builtin_popcount(bits);
}

static bool block(struct qw_word text, number *low, number *high)
{
	struct qw_prefix prefix;
	struct qw_address address;
	const char *slash = memchr(text.at, '/', text.len);
	if (!qw_prefix_parse(text.at, text.len, &prefix)) {
		size_t len = slash ? (size_t)(slash - text.at) : text.len;
		int bits = slash ? mask_bits((struct qw_word){slash + 1, text.len - len - 1}) : -1;
		if (bits < 0 || !qw_address_parse(text.at, len, &address))
			return false;
		prefix = (struct qw_prefix){address, (uint8_t)bits};
	}
	number host = prefix.bits >= 128 ? 0 : ~(number)0 >> prefix.bits;
	*low = qw_range_address(&prefix.address) & ~host;
	*high = *low | host;
	return true;
}

static enum qw_err read_addresses(struct reader *in, struct qw_word text, struct qw_vector *out)
{
	number low = 0, high = 0;
	struct qw_address from, to;
	const char *dash = memchr(text.at, '-', text.len);
	bool good;
	if (dash) {
		struct qw_word left = qw_word_trim((struct qw_word){text.at, (size_t)(dash - text.at)});
		struct qw_word right =
		    qw_word_trim((struct qw_word){dash + 1, text.len - (size_t)(dash - text.at) - 1});
		good = qw_address_parse(left.at, left.len, &from) && qw_address_parse(right.at, right.len, &to);
		if (good) {
			low = qw_range_address(&from);
			high = qw_range_address(&to);
		}
	} else {
		good = block(text, &low, &high);
	}
	if (!good || low > high)
		return qw_refuse(in->parse, where(in, text), "'%.*s' is not an address, block or range", (int)text.len,
				 text.at);
	return add(out, low, high);
}

static enum qw_err read_variable(struct reader *in, struct qw_word text, struct qw_vector *out)
{
	char name[VARIABLE_NAME_MAX];
	const struct qw_signature_options *options = in->parse->options;
	if (text.len - 1 >= sizeof(name) || in->depth == DEPTH_MAX)
		return qw_refuse(in->parse, where(in, text),
				 "variables are nested too deeply, or the name is too long");
	memcpy(name, text.at + 1, text.len - 1);
	name[text.len - 1] = '\0';
	for (unsigned i = 0; i < in->depth; i++)
		if (strcmp(in->names[i], name) == 0)
			return qw_refuse(in->parse, where(in, text), "variable $%s contains itself; mend vars.%s", name,
					 name);
	const char *value = options->variable ? options->variable(options->ctx, name) : NULL;
	if (!value)
		return qw_refuse(in->parse, where(in, text), "variable $%s is not defined; set vars.%s", name, name);

	const char *anchor = in->anchor;
	in->anchor = where(in, text);
	in->names[in->depth++] = name;
	enum qw_err err = read_value(in, qw_word_trim((struct qw_word){value, strlen(value)}), out);
	in->depth--;
	in->anchor = anchor;
	return err;
}

/* Cuts the next element of a list off, brackets kept together.  False: they do not pair. */
static bool cut_element(struct qw_word *rest, struct qw_word *element)
{
	unsigned depth = 0;
	size_t i = 0;
	for (; i < rest->len && (depth || rest->at[i] != ','); i++) {
		if (rest->at[i] == '[')
			depth++;
		else if (rest->at[i] == ']' && depth-- == 0)
			return false;
	}
	*element = qw_word_trim((struct qw_word){rest->at, i});
	size_t used = i < rest->len ? i + 1 : i;
	*rest = (struct qw_word){rest->at + used, rest->len - used};
	return depth == 0;
}

/* Joins one element of a list to what is listed, or to what is negated. */
static enum qw_err read_element(struct reader *in, struct qw_word element, struct qw_vector *listed,
				struct qw_vector *negated)
{
	bool minus = element.len && element.at[0] == '!';
	if (minus)
		(void)qw_word_eat(&element, '!');
	if (element.len == 0)
		return qw_refuse(in->parse, where(in, element), "an empty place in a list of %s: a comma too many",
				 in->kind == QW_RANGE_ADDRESS ? "addresses" : "ports");
	return read_value(in, element, minus ? negated : listed);
}

static enum qw_err read_list(struct reader *in, struct qw_word text, struct qw_vector *out)
{
	struct qw_vector listed, negated, rest_of;
	struct qw_word rest = text, element;
	enum qw_err err = QW_OK;
	qw_vector_init(&listed, sizeof(struct qw_range));
	qw_vector_init(&negated, sizeof(struct qw_range));
	qw_vector_init(&rest_of, sizeof(struct qw_range));
	do {
		if (!cut_element(&rest, &element))
			err =
			    qw_refuse(in->parse, where(in, text), "brackets do not pair in a list of %ss", noun_of(in));
		else
			err = read_element(in, element, &listed, &negated);
	} while (!err && rest.len);

	if (!err && listed.count == 0)
		err = add(&listed, 0, top_of(in));
	normalise(&listed);
	normalise(&negated);
	if (!err)
		err = invert(in, &negated, &rest_of);
	if (!err)
		err = intersect(&listed, &rest_of, out);
	qw_vector_fini(&listed);
	qw_vector_fini(&negated);
	qw_vector_fini(&rest_of);
	return err;
}

static enum qw_err read_negated(struct reader *in, struct qw_word text, struct qw_vector *out)
{
	struct qw_vector inside;
	qw_vector_init(&inside, sizeof(struct qw_range));
	enum qw_err err = read_value(in, text, &inside);
	normalise(&inside);
	if (!err)
		err = invert(in, &inside, out);
	qw_vector_fini(&inside);
	return err;
}

/* Appends the ranges of one value; they need not be sorted. */
static enum qw_err read_value(struct reader *in, struct qw_word text, struct qw_vector *out)
{
	if (text.len == 0)
		return qw_refuse(in->parse, where(in, text), "an empty %s", noun_of(in));
	if (in->depth == DEPTH_MAX)
		return qw_refuse(in->parse, where(in, text), "lists are nested too deeply");
	if (qw_word_is(text, "any"))
		return add(out, 0, top_of(in));
	if (text.at[0] == '$')
		return read_variable(in, text, out);

	struct qw_word inner = text;
	in->names[in->depth++] = "";
	enum qw_err err;
	if (qw_word_eat(&inner, '!'))
		err = read_negated(in, inner, out);
	else if (text.at[0] != '[')
		err = in->kind == QW_RANGE_ADDRESS ? read_addresses(in, text, out) : read_ports(in, text, out);
	else if (text.at[text.len - 1] != ']')
		err = qw_refuse(in->parse, where(in, text), "the bracket that opens here is not closed");
	else
		err = read_list(in, qw_word_trim((struct qw_word){text.at + 1, text.len - 2}), out);
	in->depth--;
	return err;
}

enum qw_err qw_ranges_parse(struct qw_parse *parse, enum qw_range_kind kind, struct qw_word text, struct qw_vector *out,
			    bool *any)
{
	struct reader in = {.parse = parse, .kind = kind};
	enum qw_err err = read_value(&in, text, out);
	if (err)
		return err;
	normalise(out);
	const struct qw_range *first = out->rows;
	if (out->count == 0)
		return qw_refuse(parse, text.at, "'%.*s' leaves no %s at all", (int)text.len, text.at, noun_of(&in));
	*any = out->count == 1 && first->low == 0 && first->high == top_of(&in);
	return QW_OK;
}

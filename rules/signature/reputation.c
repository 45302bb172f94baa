/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/signature/reputation.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"
#include "rules/signature/blocks.h"
#include "rules/signature/path.h"
#include "rules/signature/words.h"

enum { NAME_LEN_MAX = 32 };

void qw_reputation_init(struct qw_reputation *reputation)
{
	*reputation = (struct qw_reputation){.read = false};
	qw_names_init(&reputation->categories);
	qw_vector_init(&reputation->singles, sizeof(struct qw_slot_row));
	qw_vector_init(&reputation->blocks, sizeof(struct qw_block));
}

void qw_reputation_fini(struct qw_reputation *reputation)
{
	qw_names_fini(&reputation->categories);
	qw_vector_fini(&reputation->singles);
	qw_vector_fini(&reputation->blocks);
}

void qw_reputation_key(const struct qw_address *address, uint8_t category, uint8_t out[QW_REPUTATION_KEY_BYTES])
{
	memcpy(out, address->bytes, sizeof(address->bytes));
	out[sizeof(address->bytes)] = category;
}

/* ---- files */

typedef enum qw_err line_fn(struct qw_parse *parse, struct qw_word line);

static enum qw_err read_category(struct qw_parse *parse, struct qw_word line)
{
	struct qw_word rest = line, number, name;
	char key[NAME_LEN_MAX];
	uint64_t id;
	int fresh;
	if (!qw_word_cut(&rest, ',', &number) || !qw_word_u64(number, QW_CATEGORY_MAX, &id) ||
	    !qw_word_cut(&rest, ',', &name) || name.len == 0 || name.len > sizeof(key))
		return QW_EFORMAT;
	for (size_t i = 0; i < name.len; i++)
		key[i] = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] | 0x20 : name.at[i]);
	uint32_t *row = qw_names_get(&parse->reputation->categories, key, name.len, &fresh);
	if (!row)
		return QW_ENOMEM;
	*row = (uint32_t)id;
	return QW_OK;
}

static enum qw_err put_single(struct qw_parse *parse, const struct qw_address *address, uint8_t category, uint32_t score)
{
	struct qw_vector *singles = &parse->reputation->singles;
	uint8_t key[QW_REPUTATION_KEY_BYTES];
	qw_reputation_key(address, category, key);
	struct qw_slot_row row = {.slot = qw_slot_of((const uint64_t(*)[2])parse->datasets->keys, qw_slice(key, sizeof(key))),
				  .value = score,
				  .order = UINT32_MAX - (uint32_t)singles->count}; /* the later line counts */
	return qw_vector_put(singles, &row, 1) == UINT32_MAX ? QW_ENOMEM : QW_OK;
}

static enum qw_err read_entry(struct qw_parse *parse, struct qw_word line)
{
	struct qw_word rest = line, address, category, word;
	struct qw_prefix prefix;
	uint64_t id, score;
	if (!qw_word_cut(&rest, ',', &address) || !qw_prefix_parse(address.at, address.len, &prefix) ||
	    !qw_word_cut(&rest, ',', &category) || !qw_word_u64(category, QW_CATEGORY_MAX, &id) ||
	    !qw_word_cut(&rest, ',', &word) || !qw_word_u64(word, QW_REPUTATION_MAX, &score) || rest.at)
		return QW_EFORMAT;
	if (prefix.bits == 128)
		return put_single(parse, &prefix.address, (uint8_t)id, (uint32_t)score);
	return qw_blocks_add(&parse->reputation->blocks, &prefix, (uint32_t)id, (uint32_t)score);
}

/* A line that is not understood is passed over, and said so. */
static enum qw_err read_lines(struct qw_parse *parse, const char *path, struct qw_word text, line_fn *read, const char *form)
{
	struct qw_word line;
	enum qw_err err = QW_OK;
	for (uint32_t number = 1; !err && qw_word_cut(&text, '\n', &line); number++) {
		if (line.len == 0 || line.at[0] == '#')
			continue;
		err = read(parse, line);
		if (err != QW_EFORMAT)
			continue;
		qw_complain(parse->diags, QW_DIAG_ERROR, path, number, 1, "'%.*s' is not \"%s\": passed over",
			    line.len < 60 ? (int)line.len : 60, line.at, form);
		err = QW_OK;
	}
	return err;
}

static enum qw_err read_file(struct qw_parse *parse, const char *path, line_fn *read, const char *form)
{
	char *text;
	size_t len;
	enum qw_err err = qw_file_read(path, QW_RULE_FILE_MAX, &text, &len);
	if (err == QW_ENOMEM)
		return err;
	if (err) {
		qw_complain(parse->diags, QW_DIAG_ERROR, path, 0, 0, "cannot be read: %s",
			    err == QW_ELIMIT ? "it is too large" : strerror(errno));
		return QW_OK;
	}
	err = read_lines(parse, path, (struct qw_word){text, len}, read, form);
	free(text);
	return err;
}

static enum qw_err read_files(struct qw_parse *parse)
{
	const struct qw_signature_options *options = parse->options;
	struct qw_word rest = {options->reputation, options->reputation ? strlen(options->reputation) : 0}, name;
	char path[PATH_MAX];
	enum qw_err err = QW_OK;
	parse->reputation->read = true;
	if (options->categories && *options->categories)
		err = read_file(parse, options->categories, read_category, "number,name,description");
	while (!err && qw_word_cut(&rest, ',', &name)) {
		if (name.len == 0 || name.len >= sizeof(path))
			continue;
		memcpy(path, name.at, name.len);
		path[name.len] = '\0';
		err = read_file(parse, path, read_entry, "address,category's number,score");
	}
	return err;
}

enum qw_err qw_reputation_category(struct qw_parse *parse, struct qw_word name, uint8_t *number)
{
	char key[NAME_LEN_MAX];
	enum qw_err err = parse->reputation->read ? QW_OK : read_files(parse);
	if (err)
		return err;
	for (size_t i = 0; i < name.len && i < sizeof(key); i++)
		key[i] = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] | 0x20 : name.at[i]);
	const uint32_t *known =
	    name.len <= sizeof(key) ? qw_names_find(&parse->reputation->categories, key, name.len) : NULL;
	if (!known)
		return qw_refuse(parse, name.at, "'%.*s' is none of the categories in the file that reputation.categories names",
				 (int)name.len, name.at);
	*number = (uint8_t)*known;
	return QW_OK;
}

/* ---- asking */

static bool score_of(const struct qw_signatures *set, uint8_t category, const struct qw_address *address, uint64_t *score)
{
	uint8_t key[QW_REPUTATION_KEY_BYTES];
	if (set->info->reputation != QW_NONE) {
		const struct qw_table *table = &set->tables[set->info->reputation];
		qw_reputation_key(address, category, key);
		uint32_t found = qw_slots_find(table, set->slots, qw_slot_of(set->info->member_keys, qw_slice(key, sizeof(key))));
		if (found != QW_NONE) {
			*score = set->values[table->values + found];
			return true;
		}
	}
	const struct qw_block *block = qw_blocks_find(set, category, address);
	if (block)
		*score = block->score;
	return block != NULL;
}

static bool holds_of(const struct qw_signatures *set, const struct qw_op *op, const struct qw_address *address)
{
	uint64_t score;
	bool known = score_of(set, op->reputation.category, address, &score);
	if (op->reputation.any)
		return known != !!(op->flags & QW_OP_NEGATED);
	return known && qw_compare(op->compare, score, op->reputation.value, 0);
}

bool qw_reputation_holds(const struct qw_signatures *set, const struct qw_op *op, const struct qw_facts *facts)
{
	if (facts->proto == 0)
		return false;
	switch ((enum qw_reputed)op->reputation.side) {
	case QW_REPUTED_SRC: return holds_of(set, op, &facts->src);
	case QW_REPUTED_DST: return holds_of(set, op, &facts->dst);
	case QW_REPUTED_ANY: return holds_of(set, op, &facts->src) || holds_of(set, op, &facts->dst);
	case QW_REPUTED_BOTH: return holds_of(set, op, &facts->src) && holds_of(set, op, &facts->dst);
	default: return false;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* database - the literals of one buffer as a Hyperscan database, placed in the image. */
#include <hs/hs.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "rules/signature/cache.h"
#include "rules/signature/compile.h"

/* The literals as the compiler takes them. */
struct input {
	const char **text;
	size_t *len;
	unsigned *flags, *ids;
	size_t count;
};

static void input_fini(struct input *in)
{
	free(in->text);
	free(in->len);
	free(in->flags);
	free(in->ids);
}

static enum qw_err input_init(struct input *in, const struct qw_vector *literals)
{
	in->count = literals->count;
	in->text = calloc(in->count, sizeof(*in->text));
	in->len = calloc(in->count, sizeof(*in->len));
	in->flags = calloc(in->count, sizeof(*in->flags));
	in->ids = calloc(in->count, sizeof(*in->ids));
	if (!in->text || !in->len || !in->flags || !in->ids) {
		input_fini(in);
		return QW_ENOMEM;
	}
	for (size_t i = 0; i < in->count; i++) {
		const struct qw_literal *row = qw_vector_at(literals, i);
		in->text[i] = (const char *)row->bytes;
		in->len[i] = row->len;
		in->flags[i] = row->nocase ? HS_FLAG_CASELESS : 0;
		in->ids[i] = (unsigned)i;
	}
	return QW_OK;
}

/* All that the database depends on. */
static enum qw_err key_of(const struct qw_vector *literals, struct qw_cache_key *key)
{
	hs_platform_info_t platform;
	crypto_generichash_state state;
	const char *version = hs_version();
	memset(&platform, 0, sizeof(platform));
	if (hs_populate_platform(&platform) != HS_SUCCESS)
		return QW_EINVAL;
	crypto_generichash_init(&state, NULL, 0, sizeof(key->bytes));
	crypto_generichash_update(&state, (const uint8_t *)version, strlen(version) + 1);
	crypto_generichash_update(&state, (const uint8_t *)&platform, sizeof(platform));
	crypto_generichash_update(&state, literals->rows, literals->count * literals->row_size);
	crypto_generichash_final(&state, key->bytes, sizeof(key->bytes));
	return QW_OK;
}

static enum qw_err compile_literals(struct qw_compile *compile, const struct qw_vector *literals, char **data,
				    size_t *len)
{
	struct input in;
	hs_database_t *database;
	hs_compile_error_t *error;
	enum qw_err err = input_init(&in, literals);
	if (err)
		return err;
	hs_error_t result = hs_compile_lit_multi(in.text, in.flags, in.ids, in.len, (unsigned)in.count, HS_MODE_BLOCK,
						 NULL, &database, &error);
	if (result == HS_SUCCESS) {
		result = hs_serialize_database(database, data, len);
		hs_free_database(database);
		err = result == HS_SUCCESS ? QW_OK : QW_ENOMEM;
	} else {
		qw_complain(compile->diags, QW_DIAG_ERROR, "", 0, 0, "Hyperscan cannot compile the rules' patterns: %s",
			    error->message);
		hs_free_compile_error(error);
		err = result == HS_NOMEM ? QW_ENOMEM : QW_EFORMAT;
	}
	input_fini(&in);
	return err;
}

/*
 * The section holds the database as hs_deserialize_database_at leaves it, not
 * its serialised form: it refers to itself by offsets alone, sections and
 * pages keep its alignment, and so all processes scan with one copy.
 */
static enum qw_err put_database(struct qw_compile *compile, enum qw_buffer buffer, const char *data, size_t len)
{
	size_t size;
	void *place;
	if (hs_serialized_database_size(data, len, &size) != HS_SUCCESS)
		return QW_EFORMAT;
	enum qw_err err = qw_image_section_new(compile->image, QW_SECTION_DATABASE + (unsigned)buffer, size, &place);
	if (err)
		return err;
	return hs_deserialize_database_at(data, len, place) == HS_SUCCESS ? QW_OK : QW_EFORMAT;
}

enum qw_err qw_database_make(struct qw_compile *compile, enum qw_buffer buffer)
{
	const struct qw_vector *literals = &compile->literals[buffer];
	const char *folder = compile->builder->options->cache;
	struct qw_cache_key key;
	char *data;
	size_t len;
	enum qw_err err = key_of(literals, &key);
	if (err)
		return err;
	bool caching = folder && *folder;
	if (caching && qw_cache_get(folder, &key, &data, &len) == QW_OK) {
		err = put_database(compile, buffer, data, len);
		free(data);
		if (err != QW_EFORMAT)
			return err;
	}
	err = compile_literals(compile, literals, &data, &len);
	if (err)
		return err;
	/* A cache that cannot be written costs time at the next start, no more. */
	if (caching && qw_cache_put(folder, &key, data, len) != QW_OK)
		qw_complain(compile->diags, QW_DIAG_WARNING, folder, 0, 0,
			    "compiled rules cannot be kept here; starting takes longer until rules.cache is writable");
	err = put_database(compile, buffer, data, len);
	free(data);
	return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dataset - the named sets that rules ask, while rules are read.
 *
 *	dataset.c       which sets there are, and their files of one member a line
 *	dataset_json.c  files of JSON
 *	member.c        what a rule asks of the finished set
 *
 * A set belongs to all rules of a ruleset; whoever names it first says its
 * type and its file.
 */
#pragma once

#include "rules/signature/parse.h"
#include "rules/signature/slots.h"

enum {
	QW_MEMBER_BYTES_MAX = 32, /* of a canonical value that is not a string */
	QW_DATASET_JSON_MAX = 64 * 1024 * 1024, /* of one document; a file of lines may be larger */
};

struct qw_dataset {
	uint32_t name, file; /* in texts; no file: "" */
	enum qw_member_type type;
	bool has_values; /* a number stands beside each member */
	bool contexts;   /* … or JSON */
	bool changes;
	uint8_t mask_count;
	uint8_t masks[QW_MASKS_MAX];
	struct qw_vector rows;   /* struct qw_slot_row */
	struct qw_vector blocks; /* struct qw_block: of type cidr, beside its rows */
};

struct qw_datasets {
	struct qw_names by_name;
	struct qw_vector rows;     /* struct qw_dataset */
	struct qw_vector texts;
	struct qw_vector contexts; /* JSON, each with a final NUL */
	uint64_t keys[2][2];
};

void qw_datasets_init(struct qw_datasets *sets);
void qw_datasets_fini(struct qw_datasets *sets);

enum qw_dataset_format {
	QW_DATASET_LINES,      /* value[,number] */
	QW_DATASET_JSON,       /* an array of objects, or an object that holds one */
	QW_DATASET_JSON_LINES, /* an object a line */
	QW_DATASET_BESIDE,     /* value,{object} */
};

/* What a rule says of a set. */
struct qw_dataset_request {
	struct qw_word name, file, value_key, array_key;
	bool has_type, optional; /* optional: the file need not be there */
	bool remove_key;
	enum qw_member_type type;
	enum qw_dataset_format format;
};

/* The set's number; it is made, and its file read, where there is none of that name. */
enum qw_err qw_dataset_get(struct qw_parse *parse, const struct qw_dataset_request *request, uint32_t *number) QW_MUSTCHECK;

/* "NAME, type T, load FILE": of the configuration (keyword/dataset.c). */
enum qw_err qw_dataset_declare(struct qw_parse *parse, struct qw_word text) QW_MUSTCHECK;

static inline struct qw_dataset *qw_dataset_at(const struct qw_datasets *sets, uint32_t number)
{
	return qw_vector_at(&sets->rows, number);
}

/* What identifies a block among a set's rows: its address and its bits, of 128. */
enum { QW_PREFIX_KEY_BYTES = 17 };
struct qw_slice qw_prefix_key(const struct qw_prefix *prefix, uint8_t out[QW_PREFIX_KEY_BYTES]);

/* ---- for its readers */

/* A file while it is read. */
struct qw_dataset_reader {
	struct qw_parse *parse;
	const struct qw_dataset_request *request;
	struct qw_dataset *set;
	struct qw_vector *contexts;
	const uint64_t (*keys)[2];
	uint32_t line;
};

/* Complains at the file's name in the rule; the text says where in the file. */
enum qw_err qw_dataset_refuse(struct qw_dataset_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds a value as files and JSON write it; coded: strings are in base64, and decoded in place. */
enum qw_err qw_dataset_add(struct qw_dataset_reader *reader, char *text, size_t len, bool coded, uint32_t value) QW_MUSTCHECK;

/* Keeps JSON; *at is what to add beside the member. */
enum qw_err qw_dataset_context(struct qw_dataset_reader *reader, const char *json, uint32_t *at) QW_MUSTCHECK;

/* dataset_json.c: both read the whole text; the second one line of it. */
enum qw_err qw_dataset_json(struct qw_dataset_reader *reader, const char *text, size_t len) QW_MUSTCHECK;
enum qw_err qw_dataset_json_line(struct qw_dataset_reader *reader, const char *text, size_t len) QW_MUSTCHECK;

/* An object in one line, as it is to stand in alerts.  The caller frees *out.  QW_EFORMAT: it is none. */
enum qw_err qw_dataset_object(const char *text, size_t len, char **out) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/feed_set.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quaywatch/bytes.h"

enum { HEADER = 32, ROW = 24, END = 32, LENT = 1, BODIES_BLOCK = 1 << 20 };

static const char magic[8] = "QWFEED1\n";

struct name {
	char text[QW_ENTRY_KEY_MAX];
	size_t len;
};

static bool name_of(const struct qw_entry *entry, struct name *out)
{
	return qw_entry_key(entry, out->text, &out->len) == QW_OK;
}

/* The kind is part of the key. */
static uint64_t hash_of(struct qw_hash_key key, enum qw_entry_kind kind, const struct name *name)
{
	key.k1 ^= (uint64_t)kind;
	return qw_siphash(key, name->text, name->len);
}

/* The order within one hash. */
static int compare_names(enum qw_entry_kind a_kind, const struct name *a, enum qw_entry_kind b_kind, const struct name *b)
{
	size_t shorter = a->len < b->len ? a->len : b->len;

	if (a_kind != b_kind)
		return a_kind < b_kind ? -1 : 1;
	int order = memcmp(a->text, b->text, shorter);
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* ---- making one */

struct piled {
	uint64_t hash;
	uint8_t *body;
	uint32_t len, nth; /* nth: in which order they came */
	uint8_t kind;
	bool lent;
};

struct qw_feed_pile {
	struct qw_hash_key key;
	struct piled *row;
	size_t count, room, most;
	uint8_t **block; /* bodies lie in these */
	size_t blocks, used;
};

enum qw_err qw_feed_pile_new(struct qw_feed_pile **out, struct qw_hash_key key, size_t most)
{
	struct qw_feed_pile *pile = calloc(1, sizeof(*pile));

	if (!pile)
		return QW_ENOMEM;
	pile->key = key;
	pile->most = most;
	pile->used = BODIES_BLOCK;
	*out = pile;
	return QW_OK;
}

void qw_feed_pile_free(struct qw_feed_pile *pile)
{
	if (!pile)
		return;
	for (size_t i = 0; i < pile->blocks; i++)
		free(pile->block[i]);
	free(pile->block);
	free(pile->row);
	free(pile);
}

static uint8_t *keep_body(struct qw_feed_pile *pile, const uint8_t *body, size_t len)
{
	if (len > BODIES_BLOCK - pile->used) {
		uint8_t **grown = realloc(pile->block, (pile->blocks + 1) * sizeof(*grown));
		if (!grown)
			return NULL;
		pile->block = grown;
		pile->block[pile->blocks] = malloc(BODIES_BLOCK);
		if (!pile->block[pile->blocks])
			return NULL;
		pile->blocks++;
		pile->used = 0;
	}
	uint8_t *at = pile->block[pile->blocks - 1] + pile->used;
	memcpy(at, body, len);
	pile->used += len;
	return at;
}

static bool has_room(struct qw_feed_pile *pile)
{
	if (pile->count < pile->room)
		return true;
	size_t room = pile->room ? pile->room * 2 : 1024;
	struct piled *grown = realloc(pile->row, room * sizeof(*grown));
	if (!grown)
		return false;
	pile->row = grown;
	pile->room = room;
	return true;
}

enum qw_err qw_feed_pile_add(struct qw_feed_pile *pile, const struct qw_entry *entry, bool lent)
{
	struct name name;

	if (pile->count == pile->most)
		return QW_ELIMIT;
	if (entry->body_len > QW_ENTRY_MAX || !name_of(entry, &name))
		return QW_EFORMAT;
	if (!has_room(pile))
		return QW_ENOMEM;
	uint8_t *body = keep_body(pile, entry->body, entry->body_len);
	if (!body)
		return QW_ENOMEM;
	pile->row[pile->count] = (struct piled){hash_of(pile->key, entry->kind, &name), body, (uint32_t)entry->body_len,
						(uint32_t)pile->count, (uint8_t)entry->kind, lent};
	pile->count++;
	return QW_OK;
}

static struct qw_entry entry_of(const struct piled *row)
{
	return (struct qw_entry){(enum qw_entry_kind)row->kind, row->body, row->len, false};
}

static int compare_keys(const struct piled *a, const struct piled *b)
{
	struct qw_entry first = entry_of(a), second = entry_of(b);
	struct name one = {.len = 0}, two = {.len = 0};

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	/* They were read when they were added. */
	(void)name_of(&first, &one);
	(void)name_of(&second, &two);
	return compare_names(first.kind, &one, second.kind, &two);
}

static int by_key_and_age(const void *a, const void *b)
{
	const struct piled *first = a, *second = b;
	int order = compare_keys(first, second);

	return order ? order : (first->nth > second->nth) - (first->nth < second->nth);
}

void qw_feed_pile_finish(struct qw_feed_pile *pile)
{
	size_t kept = 0;

	if (pile->count == 0)
		return;
	qsort(pile->row, pile->count, sizeof(*pile->row), by_key_and_age);
	for (size_t i = 1; i < pile->count; i++) {
		kept += compare_keys(&pile->row[kept], &pile->row[i]) != 0;
		pile->row[kept] = pile->row[i];
	}
	pile->count = kept + 1;
}

size_t qw_feed_pile_count(const struct qw_feed_pile *pile)
{
	return pile->count;
}

/* ---- writing */

struct writer {
	int fd;
	crypto_generichash_state sum;
	uint8_t memory[65536];
	size_t used;
	enum qw_err err;
};

static void flush(struct writer *writer)
{
	if (writer->err == QW_OK && writer->used > 0)
		writer->err = qw_write_all(writer->fd, writer->memory, writer->used);
	writer->used = 0;
}

static void put(struct writer *writer, const void *data, size_t len)
{
	const uint8_t *at = data;

	crypto_generichash_update(&writer->sum, at, len);
	while (len > 0) {
		size_t part = sizeof(writer->memory) - writer->used;
		part = part < len ? part : len;
		memcpy(writer->memory + writer->used, at, part);
		writer->used += part;
		at += part;
		len -= part;
		if (writer->used == sizeof(writer->memory))
			flush(writer);
	}
}

static void put_u64(struct writer *writer, uint64_t value)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	put(writer, bytes, sizeof(bytes));
}

static void write_rows(struct writer *writer, const struct qw_feed_pile *pile)
{
	uint64_t at = HEADER + (uint64_t)pile->count * ROW;

	put(writer, magic, sizeof(magic));
	put_u64(writer, pile->key.k0);
	put_u64(writer, pile->key.k1);
	put_u64(writer, pile->count);
	for (size_t i = 0; i < pile->count; i++) {
		const struct piled *row = &pile->row[i];
		put_u64(writer, row->hash);
		put_u64(writer, at);
		put_u64(writer, row->len | (uint64_t)row->kind << 32 | (uint64_t)(row->lent ? LENT : 0) << 40);
		at += row->len;
	}
	for (size_t i = 0; i < pile->count; i++)
		put(writer, pile->row[i].body, pile->row[i].len);
}

enum qw_err qw_feed_pile_save(const struct qw_feed_pile *pile, const char *path)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	uint8_t sum[END];

	if (!writer)
		return QW_ENOMEM;
	writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	writer->err = writer->fd >= 0 ? QW_OK : qw_err_from_errno(errno);
	crypto_generichash_init(&writer->sum, NULL, 0, sizeof(sum));
	if (writer->fd >= 0) {
		write_rows(writer, pile);
		crypto_generichash_final(&writer->sum, sum, sizeof(sum));
		flush(writer);
		if (writer->err == QW_OK)
			writer->err = qw_write_all(writer->fd, sum, sizeof(sum));
		if (writer->err == QW_OK && fsync(writer->fd) != 0)
			writer->err = qw_err_from_errno(errno);
		close(writer->fd);
	}
	enum qw_err err = writer->err;
	free(writer);
	return err;
}

/* ---- reading one */

static enum qw_err read_header(struct qw_feed_set *set, bool check)
{
	struct qw_bytes in = qw_bytes(set->file.data, set->file.size), end;
	uint8_t word[sizeof(magic)], sum[END];
	uint64_t count;

	if (!qw_bytes_copy(&in, word, sizeof(word)) || memcmp(word, magic, sizeof(magic)) != 0 ||
	    !qw_bytes_le64(&in, &set->key.k0) || !qw_bytes_le64(&in, &set->key.k1) || !qw_bytes_le64(&in, &count) ||
	    in.left < END || count > (in.left - END) / ROW)
		return QW_EFORMAT;
	set->count = (size_t)count;
	if (!check)
		return QW_OK;
	end = qw_bytes(set->file.data + set->file.size - END, END);
	crypto_generichash(sum, sizeof(sum), set->file.data, set->file.size - END, NULL, 0);
	return memcmp(sum, end.at, END) == 0 ? QW_OK : QW_ESIGN;
}

enum qw_err qw_feed_set_open(struct qw_feed_set *out, const char *path, bool check)
{
	struct qw_feed_set set = {0};
	enum qw_err err = qw_mapping_open(&set.file, path);

	if (err != QW_OK)
		return err;
	err = read_header(&set, check);
	if (err != QW_OK) {
		qw_mapping_close(&set.file);
		return err;
	}
	*out = set;
	return QW_OK;
}

void qw_feed_set_close(struct qw_feed_set *set)
{
	if (set->file.data)
		qw_mapping_close(&set->file);
	memset(set, 0, sizeof(*set));
}

/* A row as it lies there, its body not looked into. */
struct raw {
	uint64_t hash, rest;
	struct qw_bytes body;
};

static bool raw_at(const struct qw_feed_set *set, size_t index, struct raw *out)
{
	struct qw_bytes in = qw_bytes(set->file.data, set->file.size);
	uint64_t at;

	if (index >= set->count || !qw_bytes_skip(&in, HEADER + index * ROW) || !qw_bytes_le64(&in, &out->hash) ||
	    !qw_bytes_le64(&in, &at) || !qw_bytes_le64(&in, &out->rest))
		return false;
	in = qw_bytes(set->file.data, set->file.size);
	return at <= in.left && qw_bytes_skip(&in, (size_t)at) && qw_bytes_take(&in, (uint32_t)out->rest, &out->body);
}

bool qw_feed_set_at(const struct qw_feed_set *set, size_t index, struct qw_feed_row *out)
{
	struct raw raw;

	if (!raw_at(set, index, &raw) || qw_entry_read(&out->entry, raw.body.at, raw.body.left) != QW_OK)
		return false;
	out->hash = raw.hash;
	out->lent = raw.rest >> 40 & LENT;
	return (uint8_t)(raw.rest >> 32) == (uint8_t)out->entry.kind;
}

static uint64_t hash_at(const struct qw_feed_set *set, size_t index)
{
	return qw_le64(set->file.data + HEADER + index * ROW);
}

bool qw_feed_set_find(const struct qw_feed_set *set, const struct qw_entry *entry, struct qw_feed_row *out)
{
	struct name wanted, found;
	size_t low = 0, high = set->count;

	if (!name_of(entry, &wanted))
		return false;
	uint64_t hash = hash_of(set->key, entry->kind, &wanted);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (hash_at(set, middle) < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < set->count && hash_at(set, low) == hash; low++)
		if (qw_feed_set_at(set, low, out) && name_of(&out->entry, &found) &&
		    compare_names(entry->kind, &wanted, out->entry.kind, &found) == 0)
			return true;
	return false;
}

/* ---- comparing two */

static int compare_rows(const struct qw_feed_row *a, const struct qw_feed_row *b)
{
	struct name one, two;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (!name_of(&a->entry, &one) || !name_of(&b->entry, &two))
		return -1;
	return compare_names(a->entry.kind, &one, b->entry.kind, &two);
}

/* Most rows of two sets are the same, byte by byte: these need not be understood. */
static bool is_same(const struct qw_feed_diff *diff)
{
	struct raw a, b;

	return diff->before && raw_at(diff->before, diff->i, &a) && raw_at(diff->after, diff->j, &b) && a.hash == b.hash &&
	       a.body.left == b.body.left && memcmp(a.body.at, b.body.at, a.body.left) == 0;
}

/* Damaged rows are passed over: those of `before` come again, those of `after` are not there. */
static bool row_of(const struct qw_feed_set *set, size_t *index, struct qw_feed_row *out)
{
	for (; set && *index < set->count; (*index)++)
		if (qw_feed_set_at(set, *index, out))
			return true;
	return false;
}

enum qw_feed_step qw_feed_diff_next(struct qw_feed_diff *diff, struct qw_feed_row *row)
{
	struct qw_feed_row old, fresh;

	if (is_same(diff)) {
		diff->i++;
		diff->j++;
		return QW_FEED_SAME;
	}
	bool was = row_of(diff->before, &diff->i, &old), is = row_of(diff->after, &diff->j, &fresh);
	if (!was && !is)
		return QW_FEED_END;
	int order = !was ? 1 : !is ? -1 : compare_rows(&old, &fresh);
	*row = order < 0 ? old : fresh;
	diff->i += order <= 0;
	diff->j += order >= 0;
	if (order != 0)
		return order < 0 ? QW_FEED_REMOVED : QW_FEED_ADDED;
	return QW_FEED_CHANGED;
}

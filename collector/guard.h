/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard - what nothing may list, whoever asks and however many agree.
 *
 * Lists of addresses, blocks and names (and digests, where a warning list has
 * them): special address space, crown jewels, allow lists, MISP warning lists.
 * What is asked for is found if it lies in an entry, or if it would cover one:
 * the block around a crown jewel is as bad as the jewel.
 *
 * Filled, then finished, then asked; a finished guard is read by any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "quaywatch/address.h"
#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "quaywatch/observable.h"

/* From the gravest. */
enum qw_guard_kind {
	QW_GUARD_JEWEL,   /* the port's own and its members' critical services */
	QW_GUARD_SPECIAL, /* address space that is nobody's on the Internet */
	QW_GUARD_ALLOW,   /* an operator's exception */
	QW_GUARD_WARNING, /* a MISP warning list */
	QW_GUARD_KINDS
};

enum { QW_GUARD_ENTRIES_MAX = 4000000, QW_GUARD_LISTS_MAX = 256, QW_GUARD_SENTENCE_MAX = 512 };

struct qw_guard_list {
	enum qw_guard_kind kind;
	const char *name;   /* as people know it: "policy.protected", a file, a warning list's title */
	const char *tenant; /* NULL: for all; else only for what this tenant brings */
};

struct qw_guard;

enum qw_err qw_guard_new(struct qw_guard **out) QW_MUSTCHECK;
void qw_guard_free(struct qw_guard *guard); /* NULL is fine */

/* The IANA registries of special-purpose address space. */
enum qw_err qw_guard_add_special(struct qw_guard *guard) QW_MUSTCHECK;

/* The list's texts are copied.  QW_ELIMIT: a bound above is reached. */
enum qw_err qw_guard_add(struct qw_guard *guard, const struct qw_guard_list *list,
			 const struct qw_observable *observable) QW_MUSTCHECK;

/* An address, a block or a name as people write it.  QW_EFORMAT: it is none. */
enum qw_err qw_guard_add_text(struct qw_guard *guard, const struct qw_guard_list *list, const char *text) QW_MUSTCHECK;

/*
 * All of a file (list->name NULL: under its path, or a warning list's own
 * title): one entry a line, or a MISP warning list; a folder's files likewise.
 * QW_EFORMAT: it is neither; complaints were added.
 */
enum qw_err qw_guard_read(struct qw_guard *guard, const struct qw_guard_list *list, const char *path,
			  struct qw_diags *diags) QW_MUSTCHECK;

/* No more entries; now it may be asked. */
void qw_guard_finish(struct qw_guard *guard);

struct qw_guard_hit {
	struct qw_guard_list list;
	char entry[QW_OBSERVABLE_TEXT_MAX + 1];
	bool above; /* what was asked for is wider than the entry */
};

/* The entry that stands against it, the gravest kind first.  tenant NULL: only lists that are for all. */
bool qw_guard_find(const struct qw_guard *guard, const struct qw_observable *observable, const char *tenant,
		   struct qw_guard_hit *out);

size_t qw_guard_count(const struct qw_guard *guard, enum qw_guard_kind kind);

/* "198.51.100.7 lies in 198.51.100.0/24 of policy.protected (crown jewels)". */
void qw_guard_sentence(const struct qw_guard_hit *hit, const struct qw_observable *observable,
		       char out[QW_GUARD_SENTENCE_MAX]);

/* The addresses, or the name, that an observable means, a URL by its host; false: none.  *name points into it. */
bool qw_guard_prefix_of(const struct qw_observable *observable, struct qw_prefix *out) QW_MUSTCHECK;
bool qw_guard_name_of(const struct qw_observable *observable, const char **name, size_t *len) QW_MUSTCHECK;

/* ::ffff:0:0/96 is IPv4's own room in our form: an IPv6 block above it does not mean all of IPv4. */
bool qw_prefix_is_v4(const struct qw_prefix *prefix);

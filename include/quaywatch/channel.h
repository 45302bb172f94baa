/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel - an ordered, signed set of entries, held alike by collector and sensors.
 *
 * A ruleset is the union of channels: "community", and one named after its
 * tenant.  An entry is an indicator, an allow entry, a signature's text or a
 * removal of one of these.  Changes come as deltas in the order (term,
 * sequence); each is signed and names the digest before and after it.
 *
 * The digest is an additive multiset hash (LtHash, Bellare and Micciancio 1997;
 * lanes as in Lewi et al. 2019: 1 024 of 16 bits) kept per bucket, 1 024
 * buckets by the entry's key.  A receipt is the BLAKE2b-256 of a nonce and all
 * buckets: it speaks of the set, not of its history, and two sides that differ
 * find the buckets that do.
 *
 * Signing: an Ed25519 root key, offline, signs a delegation to an online key
 * for a time and for some kinds of entries; the online key signs deltas.
 *
 * One thread per channel object.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/indicator.h"
#include "quaywatch/keys.h"
#include "quaywatch/time.h"

enum {
	QW_CHANNEL_BUCKETS = 1024,
	QW_CHANNEL_LANES = 1024,
	QW_DIGEST_BYTES = 32,
	QW_CHANNEL_NAME_MAX = 64,
	QW_ENTRY_MAX = 64 * 1024,         /* bytes of one entry's body */
	QW_ENTRY_KEY_MAX = 32 + QW_OBSERVABLE_TEXT_MAX,
	QW_DELTA_MAX = (1 << 20) - 1024,  /* bytes of a packed delta: it travels in a frame of QW_WIRE_MAX */
	QW_DELEGATION_MAX = 4096,         /* bytes of a packed delegation */
};

struct qw_digest {
	uint8_t bytes[QW_DIGEST_BYTES];
};

/* (term, sequence): a sensor never goes back in it. */
struct qw_order {
	uint64_t term, sequence;
};

static inline bool qw_order_before(struct qw_order a, struct qw_order b)
{
	return a.term < b.term || (a.term == b.term && a.sequence < b.sequence);
}

static inline bool qw_order_equal(struct qw_order a, struct qw_order b)
{
	return a.term == b.term && a.sequence == b.sequence;
}

/* Whether `next` is what comes right after `order`: the next of its term, or the first of a later one. */
static inline bool qw_order_follows(struct qw_order next, struct qw_order order)
{
	if (next.term == order.term)
		return next.sequence > 0 && next.sequence - 1 == order.sequence;
	return next.term > order.term && next.sequence == 1;
}

enum qw_entry_kind { QW_ENTRY_INDICATOR = 1, QW_ENTRY_ALLOW = 2, QW_ENTRY_SIGNATURE = 3 };

/* What a delegated key may change, bits. */
enum qw_right { QW_RIGHT_INDICATORS = 1, QW_RIGHT_ALLOW = 2, QW_RIGHT_SIGNATURES = 4, QW_RIGHT_TERM = 8 };

/*
 * One entry as it is stored, signed and digested: `key` names it within its
 * kind ("ip\0" "192.0.2.1", or "1:2100498" for gid:sid), `body` is its packed
 * wire form (quaywatch.wire.Entry).  Borrowed.
 */
struct qw_entry {
	enum qw_entry_kind kind;
	const uint8_t *body;
	size_t body_len;
	bool removed; /* the entry of this key is to go */
};

struct qw_channel;

enum qw_err qw_channel_new(struct qw_channel **out, const char *name) QW_MUSTCHECK;
void qw_channel_free(struct qw_channel *channel);

const char *qw_channel_name(const struct qw_channel *channel);
struct qw_order qw_channel_order(const struct qw_channel *channel);
size_t qw_channel_count(const struct qw_channel *channel);

/* Bytes of the table and the entries on the heap; 2 MB of digest lanes come on top. */
size_t qw_channel_bytes(const struct qw_channel *channel);

/* BLAKE2b-256 over the buckets, without a nonce: what deltas name. */
struct qw_digest qw_channel_digest(const struct qw_channel *channel);

/* What a receipt carries: the same with a nonce before it. */
struct qw_digest qw_channel_answer(const struct qw_channel *channel, const uint8_t nonce[16]);

/* Walks the entries in no particular order; an error of visit ends it and is returned. */
enum qw_err qw_channel_each(const struct qw_channel *channel, enum qw_err (*visit)(void *ctx, const struct qw_entry *entry),
			    void *ctx) QW_MUSTCHECK;

/* An entry by kind and key; false: there is none. */
bool qw_channel_find(const struct qw_channel *channel, enum qw_entry_kind kind, const char *key, size_t key_len,
		     struct qw_entry *out);

/* ---- keys that sign */

struct qw_delegation {
	uint8_t online_key[QW_SIGN_PUBLIC_BYTES];
	uint32_t rights; /* enum qw_right */
	struct qw_time not_before, not_after;
};

/* A packed, root-signed delegation in memory that the caller frees. */
enum qw_err qw_delegation_sign(const struct qw_delegation *delegation, const struct qw_sign_pair *root, uint8_t **out,
			       size_t *len) QW_MUSTCHECK;

/* QW_ESIGN: not the root's, or its time is over.  QW_EFORMAT. */
enum qw_err qw_delegation_verify(struct qw_delegation *out, const uint8_t *data, size_t len,
				 const uint8_t root_public[QW_SIGN_PUBLIC_BYTES], struct qw_time now) QW_MUSTCHECK;

/* ---- deltas */

/*
 * Collector: applies the entries as the next sequence of the channel and
 * returns the packed, signed delta (quaywatch.wire.Delta), the caller's to
 * free.  Of an entry with `removed` only the key counts, so what
 * qw_channel_find returned will do.  All or nothing.  QW_ESIGN: the key may
 * not change that kind, or may not sign now.  QW_EFORMAT: not an entry of its
 * kind.  QW_ELIMIT: the delta would exceed QW_DELTA_MAX (about 10 000
 * indicators): commit in several.
 */
enum qw_err qw_channel_commit(struct qw_channel *channel, const struct qw_entry *entries, size_t count,
			      const struct qw_sign_pair *online, const uint8_t *delegation, size_t delegation_len,
			      struct qw_time now, uint8_t **delta, size_t *delta_len) QW_MUSTCHECK;

/*
 * Collector: opens a new term with an empty delta, sequence 1 of it.  The key
 * needs QW_RIGHT_TERM.  QW_EORDER: term is not above ours.
 */
enum qw_err qw_channel_commit_term(struct qw_channel *channel, uint64_t term, const struct qw_sign_pair *online,
				   const uint8_t *delegation, size_t delegation_len, struct qw_time now,
				   uint8_t **delta, size_t *delta_len) QW_MUSTCHECK;

/*
 * Sensor (and a collector that reloads): verifies and applies one delta, all
 * or nothing.  QW_EEXIST: already applied.  QW_EORDER: it leaves a gap, goes
 * back, or its previous digest is not ours.  QW_ESIGN: also for another
 * channel, a right the key does not have, a delegation or delta whose time is
 * over, a digest that does not come out.  QW_EFORMAT.  A new term begins with
 * sequence 1.  changed, if not NULL, is called with each entry of an applied
 * delta.
 */
enum qw_err qw_channel_apply(struct qw_channel *channel, const uint8_t *delta, size_t len,
			     const uint8_t root_public[QW_SIGN_PUBLIC_BYTES], struct qw_time now,
			     void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx) QW_MUSTCHECK;

/* What a delta says of itself, unverified: for logs and indexes. */
struct qw_delta_head {
	char channel[QW_CHANNEL_NAME_MAX + 1];
	struct qw_order order;
	struct qw_digest before, after;
	struct qw_time created;
	struct qw_time good_until; /* the end of the delegation that signed it; 0: it has none that can be read */
	size_t entries;
};
enum qw_err qw_delta_head(struct qw_delta_head *out, const uint8_t *delta, size_t len) QW_MUSTCHECK;

/* ---- which buckets differ */

enum {
	QW_BUCKETS_BYTES = QW_CHANNEL_BUCKETS / 8,
	QW_SUM_BYTES = 8, /* of a bucket's hash: enough to find what differs; that a repair fits is for the digest to say */
	QW_SUMS_BYTES = QW_CHANNEL_BUCKETS * QW_SUM_BYTES,
};

/* Some of the buckets: bit n % 8 of byte n / 8. */
struct qw_buckets {
	uint8_t bits[QW_BUCKETS_BYTES];
};

unsigned qw_buckets_count(const struct qw_buckets *buckets);

void qw_channel_sums(const struct qw_channel *channel, uint8_t out[QW_SUMS_BYTES]);

/* Those whose sums are not ours. */
struct qw_buckets qw_channel_differing(const struct qw_channel *channel, const uint8_t sums[QW_SUMS_BYTES]);

/* ---- snapshots: the whole set, or some of its buckets, in parts of at most QW_SNAPSHOT_PART bytes */

enum { QW_SNAPSHOT_PART = 256 * 1024 };

struct qw_snapshot; /* a frozen copy that parts are cut from */

/* Signed by the online key over order and digest.  buckets: what it is to hold; NULL: all. */
enum qw_err qw_snapshot_new(struct qw_snapshot **out, const struct qw_channel *channel, const struct qw_buckets *buckets,
			    const struct qw_sign_pair *online, const uint8_t *delegation, size_t delegation_len,
			    struct qw_time now) QW_MUSTCHECK;
void qw_snapshot_free(struct qw_snapshot *snapshot);
size_t qw_snapshot_parts(const struct qw_snapshot *snapshot);
struct qw_order qw_snapshot_order(const struct qw_snapshot *snapshot);

/* Packed quaywatch.wire.SnapshotPart, valid until the snapshot is freed or asked for another part. */
enum qw_err qw_snapshot_part(struct qw_snapshot *snapshot, size_t part, const uint8_t **data, size_t *len) QW_MUSTCHECK;

/*
 * Receiver: takes parts in order, from 0; *done once the last one is in and
 * digest and signature fit, when the channel holds the new set, whole.  Until
 * then the channel is as it was, and another 256 KB or so more than the new
 * set is held.  Part 0 of another snapshot begins anew.
 *
 * A snapshot of some buckets is a repair: what it holds takes the place of what
 * we have in these buckets, and all else stays.  changed, if not NULL, is called
 * with each entry that it changed; after a whole snapshot once, with NULL: look
 * at all.
 *
 * QW_EEXIST: this part is in already, or the whole set is (same order and
 * digest).  QW_EORDER: the snapshot is older than what we hold; or the part is
 * not the next: ask for the one that qw_channel_receiving names.  QW_ESIGN:
 * also where the new set differs from ours in entries of a kind that the key
 * may not change (so a fresh sensor takes signatures only from a key that may),
 * or in its term without QW_RIGHT_TERM (a fresh channel takes any).  QW_EFORMAT,
 * and QW_ESIGN at the last part: the attempt is given up.  QW_EIO, QW_ENOSPC
 * …: the disk, where a whole set waits; given up, too.  QW_ENOMEM at the last
 * part of one (or QW_EFORMAT, if its signer put a key in twice): ours had made
 * room for it, and the channel is as a fresh one: ask for all again.
 */
enum qw_err qw_channel_receive(struct qw_channel *channel, const uint8_t *part, size_t len,
			       const uint8_t root_public[QW_SIGN_PUBLIC_BYTES], struct qw_time now, bool *done,
			       void (*changed)(void *ctx, const struct qw_entry *entry), void *ctx) QW_MUSTCHECK;

/* Where the entries of a whole set wait until they are proved; if not said, in the system's folder for temporary files. */
enum qw_err qw_channel_receive_in(struct qw_channel *channel, const char *folder) QW_MUSTCHECK;

/* False: no snapshot is on its way in.  Else its order, the part to ask for next, and how many there are. */
bool qw_channel_receiving(const struct qw_channel *channel, struct qw_order *order, uint32_t *next, uint32_t *parts);

/* Forgets what has come in so far. */
void qw_channel_receive_abandon(struct qw_channel *channel);

/* ---- on disk */

/* Writes the channel durably; the file is replaced as a whole. */
enum qw_err qw_channel_save(const struct qw_channel *channel, const char *path) QW_MUSTCHECK;

/* QW_ENOENT: no such file.  QW_EFORMAT, QW_EVERSION, QW_ESIGN (its checksum): not usable. */
enum qw_err qw_channel_load(struct qw_channel **out, const char *path) QW_MUSTCHECK;

/*
 * Walks the entries of such a file, without holding them: for who only reads.
 * Its checksum is looked at, the digest is not.  Errors as above, and those of
 * visit, which end it.
 */
enum qw_err qw_channel_file_each(const char *path, enum qw_err (*visit)(void *ctx, const struct qw_entry *entry), void *ctx) QW_MUSTCHECK;

/* ---- entries */

/* Packs an indicator (allow or not) as an entry; *body is the caller's to free. */
enum qw_err qw_entry_of_indicator(struct qw_entry *out, uint8_t **body, const struct qw_indicator *indicator) QW_MUSTCHECK;
enum qw_err qw_entry_of_signature(struct qw_entry *out, uint8_t **body, const char *text, uint32_t gid, uint32_t sid) QW_MUSTCHECK;

/* What a packed entry is: kind and whether it removes; the body is borrowed.  QW_EFORMAT. */
enum qw_err qw_entry_read(struct qw_entry *out, const uint8_t *body, size_t len) QW_MUSTCHECK;

/* The key, as qw_channel_find takes it. */
enum qw_err qw_entry_key(const struct qw_entry *entry, char out[QW_ENTRY_KEY_MAX], size_t *len) QW_MUSTCHECK;

/*
 * QW_EFORMAT: not one of that kind, or not canonical.  An indicator that is
 * removed has its observable and `allow`; the rest are defaults.  A signature
 * that is removed has no text.
 */
enum qw_err qw_entry_indicator(const struct qw_entry *entry, struct qw_indicator *out) QW_MUSTCHECK;
enum qw_err qw_entry_signature(const struct qw_entry *entry, const char **text, size_t *len) QW_MUSTCHECK;

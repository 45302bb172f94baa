/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/states.h"

#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "quaywatch/hash.h"

enum {
	SLOTS = 12,
	SPINS = 4000, /* some microseconds: a holder that runs needs a tenth of one */
	YIELDS = 8,   /* times that one who was only put aside gets the processor */
	ROUNDS = 64,  /* times that the lock is seen to change hands before we give up */
	TRIES = 4,    /* changes begun that the lock was taken away from */
};

/* Every word is atomic: a holder whose lock was taken over may still be writing. */
struct slot {
	_Atomic uint64_t owner, item, value;
	_Atomic int64_t since_ns;
	_Atomic uint32_t expires, used;
};

struct bucket {
	_Atomic uint64_t lock;       /* who holds it, and for the how manieth time; 0: free */
	_Atomic uint16_t tag[SLOTS]; /* part of the key's hash; 0: the slot is free.  Written last */
	struct slot slot[SLOTS];
};

_Static_assert(sizeof(struct bucket) == 512, "a bucket is eight cache lines, and its tags are in the first");

struct head {
	alignas(64) _Atomic uint64_t k0;
	_Atomic uint64_t k1;
	_Atomic uint32_t watched_until;
};

struct qw_states {
	struct head *head;
	struct bucket *buckets;
	uint64_t count;
	struct qw_hash_key key;
	size_t own_bytes; /* of memory that is ours; 0: it is another's */
	bool by_owner;
	uint32_t me;      /* not 0 */
	uint32_t turn;
	struct qw_states_counters counters;
};

_Static_assert(QW_STATES_BYTES_MIN >= sizeof(struct head) + sizeof(struct bucket), "room for one bucket");

/* The first who comes makes the secret; memory is shared only after that. */
static void take_secret(struct qw_states *states)
{
	struct qw_hash_key fresh = qw_hash_key_random();

	if (atomic_load(&states->head->k0) == 0) {
		atomic_store(&states->head->k1, fresh.k1);
		atomic_store(&states->head->k0, fresh.k0 | 1);
	}
	states->key = (struct qw_hash_key){atomic_load(&states->head->k0), atomic_load(&states->head->k1)};
	states->me = (uint32_t)qw_hash_key_random().k0 | 1;
}

enum qw_err qw_states_new(struct qw_states **out, const struct qw_states_options *options)
{
	if (options->bytes < QW_STATES_BYTES_MIN)
		return QW_EINVAL;
	struct qw_states *states = calloc(1, sizeof(*states));
	void *memory = options->memory;

	if (states && !memory) {
		memory = mmap(NULL, options->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		states->own_bytes = options->bytes;
	}
	if (!states || memory == MAP_FAILED) {
		free(states);
		return QW_ENOMEM;
	}
	states->head = memory;
	states->buckets = (struct bucket *)(void *)(states->head + 1);
	states->count = (options->bytes - sizeof(struct head)) / sizeof(struct bucket);
	states->by_owner = options->by_owner;
	take_secret(states);
	*out = states;
	return QW_OK;
}

void qw_states_free(struct qw_states *states)
{
	if (states && states->own_bytes)
		munmap(states->head, states->own_bytes);
	free(states);
}

uint64_t qw_states_owner(const struct qw_states *states, const void *data, size_t len)
{
	uint64_t owner = qw_siphash(states->key, data, len);

	return owner ? owner : 1;
}

/* ---- where an entry stands */

struct place {
	struct bucket *bucket;
	uint16_t tag;
};

static struct place place_of(const struct qw_states *states, struct qw_state_key key)
{
	uint64_t both = qw_mix64(key.owner ^ qw_mix64(key.item));
	uint64_t where = states->by_owner ? key.owner : both;
	uint64_t number = (uint64_t)(((unsigned __int128)where * states->count) >> 64);
	uint16_t tag = (uint16_t)both;

	return (struct place){&states->buckets[number], tag ? tag : 1};
}

static uint64_t get64(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static bool has_tag(const struct place *place)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (atomic_load_explicit(&place->bucket->tag[i], memory_order_relaxed) == place->tag)
			return true;
	return false;
}

static struct slot *find(const struct place *place, struct qw_state_key key)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct slot *slot = &place->bucket->slot[i];
		if (atomic_load_explicit(&place->bucket->tag[i], memory_order_acquire) == place->tag &&
		    get64(&slot->owner) == key.owner && get64(&slot->item) == key.item)
			return slot;
	}
	return NULL;
}

static bool is_over(uint32_t expires, uint32_t now_s)
{
	return expires && expires < now_s;
}

static struct qw_state load(const struct slot *slot)
{
	return (struct qw_state){.value = get64(&slot->value),
				 .since_ns = atomic_load_explicit(&slot->since_ns, memory_order_relaxed),
				 .expires = atomic_load_explicit(&slot->expires, memory_order_relaxed),
				 .set = true};
}

static void store(struct slot *slot, const struct qw_state *state, uint32_t now_s)
{
	atomic_store_explicit(&slot->value, state->value, memory_order_relaxed);
	atomic_store_explicit(&slot->since_ns, state->since_ns, memory_order_relaxed);
	atomic_store_explicit(&slot->expires, state->expires, memory_order_relaxed);
	atomic_store_explicit(&slot->used, now_s, memory_order_relaxed);
}

static void set_tag(struct bucket *bucket, const struct slot *slot, uint16_t tag)
{
	atomic_store_explicit(&bucket->tag[slot - bucket->slot], tag, memory_order_release);
}

/* Free, or over, or used longest ago; which of equals, the tag decides, so that no slot is everybody's victim. */
static struct slot *make_room(struct qw_states *states, const struct place *place, uint32_t now_s)
{
	struct bucket *bucket = place->bucket;
	struct slot *oldest = NULL;
	uint32_t least = UINT32_MAX;

	for (unsigned i = 0; i < SLOTS; i++) {
		unsigned at = (place->tag + i) % SLOTS;
		struct slot *slot = &bucket->slot[at];
		if (atomic_load_explicit(&bucket->tag[at], memory_order_relaxed) == 0)
			return slot;
		uint32_t used = atomic_load_explicit(&slot->used, memory_order_relaxed);
		if (is_over(atomic_load_explicit(&slot->expires, memory_order_relaxed), now_s))
			used = 0;
		if (!oldest || used < least)
			oldest = slot, least = used;
	}
	states->counters.given_up += !is_over(atomic_load_explicit(&oldest->expires, memory_order_relaxed), now_s);
	set_tag(bucket, oldest, 0);
	return oldest;
}

/* ---- locks */

/* Waits until `holder` has let go.  False: it is dead, or as good as. */
static bool await(const struct bucket *bucket, uint64_t holder)
{
	for (unsigned yield = 0; yield <= YIELDS; yield++) {
		for (unsigned spin = 0; spin < SPINS; spin++)
			if (get64(&bucket->lock) != holder)
				return true;
		sched_yield();
	}
	return false;
}

/* What the lock holds while it is ours; 0: we do not have it. */
static uint64_t lock(struct qw_states *states, struct bucket *bucket)
{
	uint64_t mine = (uint64_t)states->me << 32 | ++states->turn;

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t holder = get64(&bucket->lock);
		bool over = holder && !await(bucket, holder);
		uint64_t expected = over ? holder : 0;
		if (!atomic_compare_exchange_strong_explicit(&bucket->lock, &expected, mine, memory_order_acquire,
							     memory_order_relaxed))
			continue;
		states->counters.taken_over += over;
		return mine;
	}
	states->counters.busy++;
	return 0;
}

/* It may be another's by now: then it stays so. */
static void unlock(struct bucket *bucket, uint64_t mine)
{
	(void)atomic_compare_exchange_strong_explicit(&bucket->lock, &mine, 0, memory_order_release,
						      memory_order_relaxed);
}

/* ---- entries */

bool qw_states_get(struct qw_states *states, struct qw_state_key key, uint32_t now_s, struct qw_state *out)
{
	struct place place = place_of(states, key);

	if (!has_tag(&place))
		return false;
	uint64_t held = lock(states, place.bucket);
	if (!held)
		return false;
	struct slot *slot = find(&place, key);
	bool found = slot && !is_over(atomic_load_explicit(&slot->expires, memory_order_relaxed), now_s);
	if (found) {
		*out = load(slot);
		atomic_store_explicit(&slot->used, now_s, memory_order_relaxed);
	}
	unlock(place.bucket, held);
	return found;
}

/* slot NULL: there is none yet. */
static void keep(struct qw_states *states, const struct place *place, struct slot *slot, struct qw_state_key key,
		 const struct qw_state *state, uint32_t now_s)
{
	if (!state->set) {
		if (slot)
			set_tag(place->bucket, slot, 0);
		return;
	}
	if (slot) {
		store(slot, state, now_s);
		return;
	}
	slot = make_room(states, place, now_s);
	atomic_store_explicit(&slot->owner, key.owner, memory_order_relaxed);
	atomic_store_explicit(&slot->item, key.item, memory_order_relaxed);
	store(slot, state, now_s);
	set_tag(place->bucket, slot, place->tag);
}

bool qw_states_change(struct qw_states *states, struct qw_state_key key, uint32_t now_s,
		      void (*change)(void *ctx, struct qw_state *state), void *ctx)
{
	struct place place = place_of(states, key);

	for (unsigned try = 0; try < TRIES; try++) {
		struct qw_state state = {0};
		uint64_t held = lock(states, place.bucket);
		if (!held)
			return false;
		struct slot *slot = find(&place, key);
		if (slot && !is_over(atomic_load_explicit(&slot->expires, memory_order_relaxed), now_s))
			state = load(slot);
		change(ctx, &state);
		/* Put aside meanwhile, and another went on without us: what we saw is not what is there. */
		bool ours = get64(&place.bucket->lock) == held;
		if (ours)
			keep(states, &place, slot, key, &state, now_s);
		unlock(place.bucket, held);
		if (ours)
			return true;
	}
	states->counters.busy++;
	return false;
}

/* ---- all of an owner */

void qw_states_each(struct qw_states *states, uint64_t owner, uint32_t now_s,
		    void (*visit)(void *ctx, uint64_t item, const struct qw_state *state), void *ctx)
{
	struct bucket *bucket = place_of(states, (struct qw_state_key){owner, 0}).bucket;

	for (unsigned i = 0; i < SLOTS; i++) {
		struct qw_state state = load(&bucket->slot[i]);
		if (atomic_load_explicit(&bucket->tag[i], memory_order_acquire) &&
		    get64(&bucket->slot[i].owner) == owner && !is_over(state.expires, now_s))
			visit(ctx, get64(&bucket->slot[i].item), &state);
	}
}

void qw_states_forget(struct qw_states *states, uint64_t owner)
{
	struct bucket *bucket = place_of(states, (struct qw_state_key){owner, 0}).bucket;
	uint64_t held = lock(states, bucket);

	for (unsigned i = 0; held && i < SLOTS; i++)
		if (get64(&bucket->slot[i].owner) == owner)
			set_tag(bucket, &bucket->slot[i], 0);
	if (held)
		unlock(bucket, held);
}

void qw_states_watch_until(struct qw_states *states, uint32_t until_s)
{
	uint32_t now = qw_states_watched_until(states);

	while (now < until_s && !atomic_compare_exchange_weak(&states->head->watched_until, &now, until_s))
		;
}

uint32_t qw_states_watched_until(const struct qw_states *states)
{
	return atomic_load_explicit(&states->head->watched_until, memory_order_relaxed);
}

struct qw_states_counters qw_states_counters(const struct qw_states *states)
{
	return states->counters;
}

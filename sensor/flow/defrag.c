/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/defrag.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "quaywatch/hash.h"
#include "sensor/flow/fragment.h"
#include "sensor/flow/pieces.h"

enum {
	NONE = 0,
	IPV4_PROTO_AT = 9,
	REMEMBERED_FOR = 2,   /* seconds: less than any sender takes to come round to a number again */
	FORGOTTEN_AFTER = 15, /* seconds: no stack gives a datagram up earlier (RFC 791 says 15, RFC 8200 60) */
	LAYER_MASK = 0x0f,
};

/* What fragments of one datagram have in common. */
struct key {
	struct qw_address src, dst;
	uint32_t id;
	uint16_t vlan;
	uint8_t proto; /* 0 for IPv6, where only the first fragment's counts */
	uint8_t version_layer;
};
_Static_assert(sizeof(struct key) == 40, "hashed and compared as bytes");

struct datagram {
	struct key key;
	uint32_t chain, older, newer;
	uint32_t fragments; /* that wait */
	uint32_t total;     /* of bytes, once the last fragment is there; else 0 */
	uint32_t reach;     /* end of the furthest fragment */
	struct qw_time first; /* fragment's; when it is done, the last one's */
	struct qw_pieces pieces;
	uint16_t header_len; /* 0: the first fragment is not there */
	uint16_t next_at;    /* IPv6: where in the header the Fragment header was announced */
	bool dead;           /* contradicted itself: takes the rest down with it */
	bool done;           /* became whole; kept for a while, as others may say otherwise */
	uint8_t header[QW_FRAGMENT_HEADER_MOST];
};

/* Datagrams by age. */
struct ages {
	uint32_t oldest, newest;
};

struct qw_defrag {
	struct datagram *datagram; /* 1 … capacity; 0 is nobody */
	uint32_t *slot;
	uint64_t mask;
	struct qw_hash_key secret;
	struct qw_piece_pool pool;
	struct qw_time wait;
	void (*ambiguous)(void *ctx, const struct qw_packet *fragment, struct qw_slice taken, struct qw_slice other);
	void *ctx;
	uint32_t capacity, fresh, unused;
	struct ages waiting, done;
	struct qw_defrag_counters counters;
	unsigned turn; /* the whole that is overwritten next */
	uint8_t whole[QW_DEFRAG_WHOLES][QW_FRAGMENT_HEADER_MOST + QW_DATAGRAM_MOST];
};

enum qw_err qw_defrag_new(struct qw_defrag **out, const struct qw_defrag_options *options)
{
	if (options->datagrams == 0 || options->datagrams > UINT32_MAX / 4)
		return QW_EINVAL;
	struct qw_defrag *defrag = calloc(1, sizeof(*defrag));
	if (!defrag)
		return QW_ENOMEM;
	size_t slots = 1;
	while (slots < options->datagrams * 2)
		slots *= 2;
	defrag->mask = slots - 1;
	defrag->slot = calloc(slots, sizeof(*defrag->slot));
	defrag->datagram = calloc(options->datagrams + 1, sizeof(*defrag->datagram));
	enum qw_err err = qw_piece_pool_init(&defrag->pool, options->bytes);
	if (!defrag->slot || !defrag->datagram || err) {
		qw_defrag_free(defrag);
		return QW_ENOMEM;
	}
	defrag->secret = qw_hash_key_random();
	defrag->capacity = (uint32_t)options->datagrams;
	defrag->fresh = 1;
	defrag->wait = options->wait;
	defrag->ambiguous = options->ambiguous;
	defrag->ctx = options->ctx;
	*out = defrag;
	return QW_OK;
}

void qw_defrag_free(struct qw_defrag *defrag)
{
	if (!defrag)
		return;
	qw_piece_pool_fini(&defrag->pool);
	free(defrag->datagram);
	free(defrag->slot);
	free(defrag);
}

/* ---- the waiting datagrams */

static uint32_t *slot_of(const struct qw_defrag *defrag, const struct key *key)
{
	return &defrag->slot[qw_siphash(defrag->secret, key, sizeof(*key)) & defrag->mask];
}

static struct ages *ages_of(struct qw_defrag *defrag, const struct datagram *gram)
{
	return gram->done ? &defrag->done : &defrag->waiting;
}

static void list_remove(struct qw_defrag *defrag, const struct datagram *gram)
{
	struct ages *ages = ages_of(defrag, gram);
	if (gram->older)
		defrag->datagram[gram->older].newer = gram->newer;
	else
		ages->oldest = gram->newer;
	if (gram->newer)
		defrag->datagram[gram->newer].older = gram->older;
	else
		ages->newest = gram->older;
}

static void list_append(struct qw_defrag *defrag, uint32_t index)
{
	struct datagram *gram = &defrag->datagram[index];
	struct ages *ages = ages_of(defrag, gram);
	gram->older = ages->newest;
	gram->newer = NONE;
	if (ages->newest)
		defrag->datagram[ages->newest].newer = index;
	else
		ages->oldest = index;
	ages->newest = index;
}

static void forget(struct qw_defrag *defrag, uint32_t index)
{
	struct datagram *gram = &defrag->datagram[index];
	uint32_t *at = slot_of(defrag, &gram->key);
	while (*at != index)
		at = &defrag->datagram[*at].chain;
	*at = gram->chain;
	list_remove(defrag, gram);
	qw_pieces_clear(&defrag->pool, &gram->pieces);
	defrag->counters.waiting_fragments -= gram->fragments;
	gram->chain = defrag->unused;
	defrag->unused = index;
}

/* Its fragments are given up, under the counter that says why. */
static void give_up(struct qw_defrag *defrag, uint32_t index, uint64_t *why)
{
	*why += defrag->datagram[index].fragments;
	forget(defrag, index);
}

static void crowd_out(struct qw_defrag *defrag, uint32_t index)
{
	bool inner = (defrag->datagram[index].key.version_layer & LAYER_MASK) != 0;
	give_up(defrag, index, inner ? &defrag->counters.crowded_out_inner : &defrag->counters.crowded_out);
}

static bool is_due(const struct qw_defrag *defrag, uint32_t index, int64_t wait, struct qw_time now)
{
	int64_t age = index ? now.ns - defrag->datagram[index].first.ns : 0;
	/* A clock that leapt back further is another capture. */
	return age > wait || age < -wait;
}

void qw_defrag_expire(struct qw_defrag *defrag, struct qw_time now)
{
	while (is_due(defrag, defrag->waiting.oldest, defrag->wait.ns, now))
		give_up(defrag, defrag->waiting.oldest, &defrag->counters.timed_out);
	while (is_due(defrag, defrag->done.oldest, REMEMBERED_FOR * QW_NS_PER_S, now))
		forget(defrag, defrag->done.oldest);
}

void qw_defrag_clear(struct qw_defrag *defrag)
{
	while (defrag->waiting.oldest)
		give_up(defrag, defrag->waiting.oldest, &defrag->counters.timed_out);
	while (defrag->done.oldest)
		forget(defrag, defrag->done.oldest);
}

/* Room is needed, not the datagram's `index` own.  False: there is nobody else. */
static bool make_room(struct qw_defrag *defrag, uint32_t index)
{
	uint32_t victim = defrag->waiting.oldest;
	if (defrag->done.oldest) {
		forget(defrag, defrag->done.oldest);
		return true;
	}
	if (victim == index && victim)
		victim = defrag->datagram[victim].newer;
	if (victim)
		crowd_out(defrag, victim);
	return victim != NONE;
}

static uint32_t begin(struct qw_defrag *defrag, const struct key *key, struct qw_time now)
{
	if (!defrag->unused && defrag->fresh > defrag->capacity)
		(void)make_room(defrag, NONE);
	uint32_t index = defrag->unused;
	if (index)
		defrag->unused = defrag->datagram[index].chain;
	else
		index = defrag->fresh++;
	struct datagram *gram = &defrag->datagram[index];
	uint32_t *slot = slot_of(defrag, key);
	memset(gram, 0, offsetof(struct datagram, header));
	gram->key = *key;
	gram->first = now;
	gram->chain = *slot;
	*slot = index;
	list_append(defrag, index);
	return index;
}

/* The datagram of that key that waits, or the one that was done last. */
static uint32_t find(const struct qw_defrag *defrag, const struct key *key, bool done)
{
	uint32_t index = *slot_of(defrag, key);
	while (index && (defrag->datagram[index].done != done ||
			 memcmp(&defrag->datagram[index].key, key, sizeof(*key)) != 0))
		index = defrag->datagram[index].chain;
	return index;
}

/* It became whole. */
static void finish(struct qw_defrag *defrag, uint32_t index, struct qw_time now)
{
	struct datagram *gram = &defrag->datagram[index];
	list_remove(defrag, gram);
	defrag->counters.waiting_fragments -= gram->fragments;
	gram->fragments = 0;
	gram->done = true;
	gram->first = now;
	list_append(defrag, index);
}

/* ---- one fragment */

static struct key key_of(const struct qw_packet *packet)
{
	return (struct key){
	    .src = packet->src,
	    .dst = packet->dst,
	    .id = packet->fragment_id,
	    .vlan = packet->vlan_count ? packet->vlan[0] : 0,
	    .proto = packet->version == 4 ? packet->net[IPV4_PROTO_AT] : 0,
	    .version_layer = (uint8_t)(packet->version << 4 | packet->layer),
	};
}

/* The end that it announces fits what is there. */
static bool end_agrees(const struct datagram *gram, const struct qw_fragment *part)
{
	uint32_t end = part->at + part->len;
	if (!part->more)
		return (gram->total == 0 || gram->total == end) && gram->reach <= end;
	return gram->total == 0 || end <= gram->total;
}

static void note(struct datagram *gram, const struct qw_packet *packet, const struct qw_fragment *part)
{
	uint32_t end = part->at + part->len;
	if (!part->more)
		gram->total = end;
	if (end > gram->reach)
		gram->reach = end;
	if (part->at != 0 || gram->header_len != 0)
		return;
	gram->header_len = (uint16_t)part->header_len;
	gram->next_at = (uint16_t)part->next_at;
	memcpy(gram->header, packet->net, part->header_len);
	if (packet->version == 6)
		gram->header[part->next_at] = part->next;
}

/* ---- the whole */

/* RFC 5722: the datagram goes, and what comes of it later. */
static enum qw_defrag_result discard(struct qw_defrag *defrag, struct datagram *gram)
{
	defrag->counters.discarded += gram->fragments;
	defrag->counters.waiting_fragments -= gram->fragments;
	defrag->counters.bad++;
	gram->fragments = 0;
	gram->dead = true;
	qw_pieces_clear(&defrag->pool, &gram->pieces);
	return QW_DEFRAG_BAD;
}

static enum qw_defrag_result assemble(struct qw_defrag *defrag, uint32_t index, struct qw_time now, const uint8_t **data,
				      uint32_t *len)
{
	struct datagram *gram = &defrag->datagram[index];
	bool v4 = gram->key.version_layer >> 4 == 4;
	uint32_t all = (uint32_t)gram->header_len + gram->total;
	/* The first fragment's header may be longer than the others'. */
	if (all > QW_DATAGRAM_MOST + (v4 ? 0 : QW_IPV6_LEN)) {
		gram->fragments--;
		defrag->counters.waiting_fragments--;
		return discard(defrag, gram);
	}
	uint8_t *whole = defrag->whole[defrag->turn++ % QW_DEFRAG_WHOLES];
	memcpy(whole, gram->header, gram->header_len);
	for (const struct qw_piece *piece = gram->pieces.first; piece; piece = piece->next)
		memcpy(whole + gram->header_len + piece->at, piece->data, piece->len);
	if (v4)
		qw_fragment_whole_v4(whole, gram->header_len, all);
	else
		qw_fragment_whole_v6(whole, all);
	finish(defrag, index, now);
	defrag->counters.whole++;
	*data = whole;
	*len = all;
	return QW_DEFRAG_WHOLE;
}

static void tell(const struct qw_defrag *defrag, const struct qw_packet *fragment, struct qw_slice taken,
		 struct qw_slice other)
{
	if (defrag->ambiguous)
		defrag->ambiguous(defrag->ctx, fragment, taken, other);
}

/* Others, the oldest first, make room for the piece; alone, it gives up. */
static bool fill(struct qw_defrag *defrag, uint32_t index, const struct qw_fragment *part)
{
	struct qw_pieces *pieces = &defrag->datagram[index].pieces;
	while (qw_pieces_fill(&defrag->pool, pieces, part->at, part->data, part->len))
		if (!make_room(defrag, index))
			return false;
	return true;
}

static enum qw_defrag_result put(struct qw_defrag *defrag, uint32_t index, const struct qw_packet *fragment,
				 const struct qw_fragment *part, const uint8_t **data, uint32_t *len)
{
	struct datagram *gram = &defrag->datagram[index];
	struct qw_conflict conflict;
	if (part->at < gram->reach && qw_pieces_differ(&gram->pieces, part->at, part->data, part->len, &conflict)) {
		defrag->counters.overlaps++;
		tell(defrag, fragment, qw_slice(conflict.taken, conflict.len), qw_slice(conflict.other, conflict.len));
		if (fragment->version == 6)
			return discard(defrag, gram);
		qw_pieces_remove_covered(&defrag->pool, &gram->pieces, part->at, part->len);
	}
	note(gram, fragment, part);
	gram->fragments++;
	defrag->counters.waiting_fragments++;
	if (!fill(defrag, index, part)) {
		gram->fragments--;
		defrag->counters.waiting_fragments--;
		crowd_out(defrag, index);
		defrag->counters.no_room++;
		return QW_DEFRAG_NO_ROOM;
	}
	if (gram->total == 0 || gram->header_len == 0 || gram->pieces.filled != gram->total)
		return QW_DEFRAG_WAITS;
	if (fragment->time.ns - gram->first.ns > FORGOTTEN_AFTER * QW_NS_PER_S) {
		defrag->counters.late++;
		tell(defrag, fragment, qw_slice(gram->pieces.first->data, gram->pieces.first->len),
		     qw_slice(part->data, part->len));
	}
	return assemble(defrag, index, fragment->time, data, len);
}

/* Its datagram became whole a moment ago, perhaps of fragments that the receiver never got. */
static void compare_done(struct qw_defrag *defrag, const struct datagram *done, const struct qw_packet *fragment,
			 const struct qw_fragment *part)
{
	struct qw_conflict conflict;
	bool beyond = part->at + part->len > done->total;
	if (!qw_pieces_differ(&done->pieces, part->at, part->data, part->len, &conflict) && !beyond)
		return;
	defrag->counters.overlaps++;
	if (beyond)
		conflict = (struct qw_conflict){.other = part->data, .len = 0};
	tell(defrag, fragment, qw_slice(conflict.taken, conflict.len), qw_slice(part->data, part->len));
}

enum qw_defrag_result qw_defrag_add(struct qw_defrag *defrag, const struct qw_packet *fragment, const uint8_t **data,
				    uint32_t *len)
{
	struct qw_fragment part;
	qw_defrag_expire(defrag, fragment->time);
	if (!qw_fragment_read(fragment, &part)) {
		defrag->counters.bad++;
		return QW_DEFRAG_BAD;
	}
	struct key key = key_of(fragment);
	uint32_t before = find(defrag, &key, true), index = find(defrag, &key, false);
	if (before)
		compare_done(defrag, &defrag->datagram[before], fragment, &part);
	if (!index)
		index = begin(defrag, &key, fragment->time);
	struct datagram *gram = &defrag->datagram[index];
	if (!gram->dead && !end_agrees(gram, &part)) {
		defrag->counters.overlaps++;
		tell(defrag, fragment, qw_slice(NULL, 0), qw_slice(part.data, part.len));
	}
	if (gram->dead || !end_agrees(gram, &part)) {
		defrag->counters.bad++;
		return QW_DEFRAG_BAD;
	}
	return put(defrag, index, fragment, &part, data, len);
}

void qw_defrag_counters(const struct qw_defrag *defrag, struct qw_defrag_counters *out)
{
	*out = defrag->counters;
}

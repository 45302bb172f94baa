/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/defrag.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/bytes.h"
#include "quaywatch/hash.h"
#include "sensor/flow/pieces.h"

enum {
	NONE = 0,
	HEADER_MOST = 256, /* IPv4 with options; IPv6 with what stands before its Fragment header */
	DATAGRAM_MOST = 65535,
	IPV4_LEAST = 20,
	IPV4_PROTO_AT = 9,
	IPV6_LEN = 40,
	IPV6_NEXT_AT = 6,
	FRAGMENT_LEN = 8,
	UNIT = 8, /* offsets count in these */
	REMEMBERED_FOR = 2,   /* seconds: less than any sender takes to come round to a number again */
	FORGOTTEN_AFTER = 15, /* seconds: no stack gives a datagram up earlier (RFC 791 says 15, RFC 8200 60) */
	LAYER_MASK = 0x0f,
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AUTHENTICATION = 51,
	NEXT_OPTIONS = 60,
	NEXT_MOBILITY = 135,
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
	uint8_t header[HEADER_MOST];
};

/* One fragment, as far as this module cares. */
struct part {
	const uint8_t *data;
	uint32_t at, len;
	uint32_t header_len; /* without the Fragment header */
	uint32_t next_at;
	bool more;
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
	uint8_t whole[HEADER_MOST + DATAGRAM_MOST];
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

static bool may_stand_before_fragment(uint8_t next)
{
	return next == NEXT_HOP_BY_HOP || next == NEXT_ROUTING || next == NEXT_AUTHENTICATION || next == NEXT_OPTIONS ||
	       next == NEXT_MOBILITY;
}

/* IPv6: the Fragment header, behind the headers that every fragment repeats. */
static bool find_fragment_header(const struct qw_packet *packet, struct part *part)
{
	struct qw_bytes in = qw_bytes(packet->net, packet->net_len);
	uint8_t next = packet->net_len > IPV6_NEXT_AT ? packet->net[IPV6_NEXT_AT] : NEXT_FRAGMENT;
	part->next_at = IPV6_NEXT_AT;
	if (!qw_bytes_skip(&in, IPV6_LEN))
		return false;
	while (may_stand_before_fragment(next)) {
		uint8_t type = next, units;
		part->next_at = (uint32_t)(in.at - packet->net);
		if (!qw_bytes_u8(&in, &next) || !qw_bytes_u8(&in, &units))
			return false;
		if (!qw_bytes_skip(&in, type == NEXT_AUTHENTICATION ? 6 + units * 4u : 6 + units * 8u))
			return false;
	}
	part->header_len = (uint32_t)(in.at - packet->net);
	if (next != NEXT_FRAGMENT || !qw_bytes_skip(&in, FRAGMENT_LEN))
		return false;
	part->data = in.at;
	part->len = (uint32_t)in.left;
	return true;
}

static bool find_part(const struct qw_packet *packet, struct part *part)
{
	*part = (struct part){.at = packet->fragment_offset, .more = packet->fragment_more};
	if (packet->version == 4) {
		part->header_len = packet->net_len ? (packet->net[0] & 0x0fu) * 4u : 0;
		if (part->header_len < IPV4_LEAST || part->header_len > packet->net_len)
			return false;
		part->data = packet->net + part->header_len;
		part->len = packet->net_len - part->header_len;
	} else if (!find_fragment_header(packet, part)) {
		return false;
	}
	/* What a snap length cut off cannot be known; the rest keeps to units. */
	if (part->more && (packet->flags & QW_PACKET_CUT))
		part->len -= part->len % UNIT;
	bool in_units = !part->more || part->len % UNIT == 0;
	uint32_t most =
	    packet->version == 4 ? DATAGRAM_MOST - part->header_len : DATAGRAM_MOST - (part->header_len - IPV6_LEN);
	return part->len > 0 && in_units && part->at + part->len <= most && part->header_len <= HEADER_MOST;
}

/* The end that it announces fits what is there. */
static bool end_agrees(const struct datagram *gram, const struct part *part)
{
	uint32_t end = part->at + part->len;
	if (!part->more)
		return (gram->total == 0 || gram->total == end) && gram->reach <= end;
	return gram->total == 0 || end <= gram->total;
}

static void note(struct datagram *gram, const struct qw_packet *packet, const struct part *part)
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
		gram->header[part->next_at] = part->data[-FRAGMENT_LEN];
}

/* ---- the whole */

static void fix_ipv4(uint8_t *header, uint32_t header_len, uint32_t len)
{
	header[2] = (uint8_t)(len >> 8);
	header[3] = (uint8_t)len;
	header[6] = header[7] = 0; /* flags and offset */
	header[10] = header[11] = 0;
	uint32_t sum = 0;
	for (uint32_t at = 0; at < header_len; at += 2)
		sum += qw_be16(header + at);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16)) & 0xffff;
	header[10] = (uint8_t)(sum >> 8);
	header[11] = (uint8_t)sum;
}

static void fix_ipv6(uint8_t *header, uint32_t len)
{
	header[4] = (uint8_t)((len - IPV6_LEN) >> 8);
	header[5] = (uint8_t)(len - IPV6_LEN);
}

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
	if (all > DATAGRAM_MOST + (v4 ? 0 : IPV6_LEN)) {
		gram->fragments--;
		defrag->counters.waiting_fragments--;
		return discard(defrag, gram);
	}
	memcpy(defrag->whole, gram->header, gram->header_len);
	for (const struct qw_piece *piece = gram->pieces.first; piece; piece = piece->next)
		memcpy(defrag->whole + gram->header_len + piece->at, piece->data, piece->len);
	if (v4)
		fix_ipv4(defrag->whole, gram->header_len, all);
	else
		fix_ipv6(defrag->whole, all);
	finish(defrag, index, now);
	defrag->counters.whole++;
	*data = defrag->whole;
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
static bool fill(struct qw_defrag *defrag, uint32_t index, const struct part *part)
{
	struct qw_pieces *pieces = &defrag->datagram[index].pieces;
	while (qw_pieces_fill(&defrag->pool, pieces, part->at, part->data, part->len))
		if (!make_room(defrag, index))
			return false;
	return true;
}

static enum qw_defrag_result put(struct qw_defrag *defrag, uint32_t index, const struct qw_packet *fragment,
				 const struct part *part, const uint8_t **data, uint32_t *len)
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
			 const struct part *part)
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
	struct part part;
	qw_defrag_expire(defrag, fragment->time);
	if (!find_part(fragment, &part)) {
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

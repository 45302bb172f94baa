/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources - who speaks under whose name, and where to.
 *
 * A name is what stands in front of the sentence (system function id, IEC
 * 61162-450), or else the talker, for one destination.  Its sources, by address
 * and MAC, are learnt for watch.positions.learn; a system function id belongs to
 * one device of a network (IEC 61162-450, 4.3.3), so five minutes do for it,
 * which redundant gateways have shown themselves in.  Then a new one
 *  - beside one that spoke within 75 s (what repeats is told once a minute), and
 *    with three sentences at least: a second host under the same name;
 *  - after that: a spare took over, told as such.
 *
 * Groups of IEC 61162-450: 239.192.0.1 to .64, and the port 60000 more than the
 * last number.  Other multicast is not its business.
 */
#include "sensor/watch/positions/positions.h"

#include <string.h>

#include "quaywatch/text.h"

enum { SOURCES_MAX = 8192, SENDERS_MAX = 4096, AT_ONCE = 6 };
enum { NAMED_LEARN_S = 300, ACTIVE_S = 75, SENTENCES = 3 };

struct key {
	struct qw_address destination;
	uint16_t port;
	char sender[15];
	char talker[2];
	char zero;
};

struct source {
	struct qw_address address;
	uint8_t mac[6];
	bool is_new;      /* it came after the learning time, and was not told yet */
	uint64_t sentences;
	struct qw_time last; /* 0: the place is free */
};

struct name {
	struct key key;
	struct qw_time begun;
	struct source source[AT_ONCE];
};

enum qw_err qw_sources_new(struct qw_shelf **out)
{
	static const struct qw_shelf_options options = {
		.key_size = sizeof(struct key), .row_size = sizeof(struct name), .max = SOURCES_MAX,
	};

	return qw_shelf_new(out, &options);
}

/* ---- who speaks */

static struct source *source_of(struct name *name, const struct qw_seen *seen, bool *is_found)
{
	struct source *oldest = &name->source[0];

	*is_found = true;
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct source *source = &name->source[i];
		if (source->last.ns && memcmp(&source->address, &seen->src.address, sizeof(source->address)) == 0 &&
		    memcmp(source->mac, seen->src.mac, sizeof(source->mac)) == 0)
			return source;
		if (source->last.ns < oldest->last.ns)
			oldest = source;
	}
	*is_found = false;
	return oldest;
}

static const struct source *other_active(const struct name *name, const struct source *than, struct qw_time now)
{
	for (size_t i = 0; i < AT_ONCE; i++) {
		const struct source *source = &name->source[i];
		if (source != than && source->last.ns && !source->is_new && qw_time_sub(now, source->last).ns <= ACTIVE_S * QW_NS_PER_S)
			return source;
	}
	return NULL;
}

static bool is_learning(const struct qw_positions *state, const struct name *name, struct qw_time now)
{
	int64_t learn = state->learn.ns, named = NAMED_LEARN_S * QW_NS_PER_S;

	if (name->key.sender[0] && learn > named)
		learn = named;
	return qw_time_sub(now, name->begun).ns < learn;
}

static void tell_source(struct qw_positions *state, const struct name *name, const struct source *other, const struct qw_seen *seen)
{
	char memory[QW_ADDRESS_TEXT_MAX + 16], called[sizeof(name->key.sender) + 1] = {0};
	bool is_same_address = other && memcmp(&other->address, &seen->src.address, sizeof(other->address)) == 0;
	struct qw_text text;

	memcpy(called, name->key.sender[0] ? name->key.sender : name->key.talker,
	       name->key.sender[0] ? sizeof(name->key.sender) : sizeof(name->key.talker));
	qw_text_init(&text, memory, sizeof(memory));
	if (other)
		qw_text_address(&text, &other->address);
	if (other)
		qw_positions_tell(state, QW_POSITION_SECOND_SOURCE, seen, 0, "\"%s\" is spoken for by %s, which goes on%s", called,
				  qw_text_string(&text), is_same_address ? "; now another network card uses its address" : "");
	else
		qw_positions_tell(state, QW_POSITION_OTHER_SOURCE, seen, 0, "\"%s\" came from another host, which fell silent", called);
}

static void see_name(struct qw_positions *state, const struct qw_seen *seen)
{
	struct key key = {.destination = seen->dst.address, .port = seen->to_server ? seen->dst.port : 0};
	bool is_found;

	qw_seen_name(key.sender, sizeof(key.sender), &seen->ot.sender);
	qw_seen_name(key.talker, sizeof(key.talker), &seen->ot.talker);
	struct name *name = qw_positions_row(state, state->sources, &key);
	if (!name)
		return;
	if (!name->begun.ns)
		name->begun = seen->time;
	struct source *source = source_of(name, seen, &is_found);
	if (!is_found) {
		*source = (struct source){.address = seen->src.address, .is_new = !is_learning(state, name, seen->time)};
		memcpy(source->mac, seen->src.mac, sizeof(source->mac));
	}
	source->last = seen->time;
	source->sentences += qw_seen_count(seen);
	if (!source->is_new || source->sentences < SENTENCES)
		return;
	source->is_new = false;
	tell_source(state, name, other_active(name, source, seen->time), seen);
}

/* ---- names and files that were never there, and groups */

/* Who said something of a kind on a network: a sender's name to a group, or a file from a host. */
struct sender_key {
	struct qw_address address; /* of the group; of the host */
	char name[16];             /* "": files */
};

struct sender {
	struct sender_key key;
	bool known;
};

enum qw_err qw_senders_new(struct qw_shelf **out)
{
	static const struct qw_shelf_options options = {
		.key_size = sizeof(struct sender_key), .row_size = sizeof(struct sender), .max = SENDERS_MAX,
	};

	return qw_shelf_new(out, &options);
}

/* In 239.192.0.0/24, that standard's. */
static bool is_ship_group(const struct qw_address *address)
{
	static const uint8_t net[] = {239, 192, 0};
	enum { AT = 12 };

	return qw_address_is_v4(address) && memcmp(address->bytes + AT, net, sizeof(net)) == 0;
}

static bool is_planned(const struct qw_seen_end *to)
{
	enum { LAST = 15, GROUPS = 64, PORTS = 60000 };
	uint8_t last = to->address.bytes[LAST];

	return last >= 1 && last <= GROUPS && to->port == PORTS + last;
}

/* Is it there for the first time, after the learning time? */
static bool is_new(struct qw_positions *state, const struct sender_key *key, struct qw_time now)
{
	struct sender *sender = qw_positions_row(state, state->senders, key);

	if (!sender || sender->known)
		return false;
	sender->known = true;
	return qw_time_sub(now, state->ship_begun).ns >= state->learn.ns;
}

static void see_group(struct qw_positions *state, const struct qw_seen *seen)
{
	struct sender_key key = {.address = seen->dst.address};
	int len = (int)seen->ot.sender.len;

	if (!is_planned(&seen->dst))
		qw_positions_tell(state, QW_POSITION_OTHER_GROUP, seen, 0, "IEC 61162-450 uses 239.192.0.1 to .64, with ports 60001 to 60064 in the same order");
	qw_seen_name(key.name, sizeof(key.name), &seen->ot.sender);
	if (len && is_new(state, &key, seen->time))
		qw_positions_tell(state, QW_POSITION_UNKNOWN_SENDER, seen, 0, "\"%.*s\" was never heard in this group", len, (const char *)seen->ot.sender.data);
}

static bool is_file(const struct qw_seen *seen)
{
	return qw_seen_is(&seen->ot.kind, "binary_file") || qw_seen_is(&seen->ot.kind, "retransmittable_binary_file");
}

static void see_file(struct qw_positions *state, const struct qw_seen *seen)
{
	struct sender_key key = {.address = seen->src.address};

	if (is_new(state, &key, seen->time))
		qw_positions_tell(state, QW_POSITION_BINARY, seen, 0, "a file of IEC 61162-450 (binary image), %llu bytes in this packet",
				  (unsigned long long)seen->ot.quantity);
}

void qw_sources_see(struct qw_positions *state, const struct qw_seen *seen)
{
	if (!seen->dst.known)
		return;
	if (is_ship_group(&seen->dst.address)) {
		if (!state->ship_begun.ns)
			state->ship_begun = seen->time;
		if (!is_file(seen))
			see_group(state, seen);
		else
			see_file(state, seen);
	}
	if (!is_file(seen) && seen->ot.talker.len && !seen->ot.failed)
		see_name(state, seen);
}

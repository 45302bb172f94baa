/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/expect.h"

#include <stdlib.h>
#include <string.h>

#include "quaywatch/hash.h"

enum {
	ROWS = 128, /* a power of two */
	PLACES = 4,
};
static const int64_t LIFE_NS = INT64_C(60) * 1000 * 1000 * 1000;

struct entry {
	struct qw_expected_place place; /* port 0: free */
	struct qw_time since;
	struct qw_expected what;
};

struct qw_expectations {
	struct qw_hash_key key;
	uint32_t count;
	uint64_t taken_away;
	struct entry row[ROWS][PLACES];
};

enum qw_err qw_expectations_new(struct qw_expectations **out)
{
	struct qw_expectations *expectations = calloc(1, sizeof(*expectations));
	if (!expectations)
		return QW_ENOMEM;
	expectations->key = qw_hash_key_random();
	*out = expectations;
	return QW_OK;
}

void qw_expectations_free(struct qw_expectations *expectations)
{
	free(expectations);
}

static struct entry *row_of(struct qw_expectations *expectations, const struct qw_expected_place *place)
{
	uint8_t bytes[sizeof(place->address) + 2];
	memcpy(bytes, &place->address, sizeof(place->address));
	bytes[16] = (uint8_t)(place->port >> 8);
	bytes[17] = (uint8_t)place->port;
	uint64_t hash = qw_siphash(expectations->key, bytes, sizeof(bytes));
	return expectations->row[hash & (ROWS - 1)];
}

static bool is_of(const struct entry *entry, const struct qw_expected_place *place, uint8_t proto)
{
	return entry->place.port == place->port && entry->what.proto == proto &&
	       qw_address_equal(&entry->place.address, &place->address);
}

static bool is_over(const struct entry *entry, struct qw_time now)
{
	return now.ns - entry->since.ns > LIFE_NS;
}

/* The same place, else a free one, else the eldest. */
static struct entry *room_in(struct entry *row, const struct qw_expected_place *place, uint8_t proto)
{
	struct entry *room = row;
	for (int i = 0; i < PLACES; i++) {
		if (is_of(&row[i], place, proto))
			return &row[i];
		if (row[i].place.port == 0 || (room->place.port && row[i].since.ns < room->since.ns))
			room = &row[i];
	}
	return room;
}

void qw_expect(struct qw_expectations *expectations, const struct qw_expected_place *place,
	       const struct qw_expected *what, struct qw_time now)
{
	struct entry *room = room_in(row_of(expectations, place), place, what->proto);
	if (room->place.port == 0)
		expectations->count++;
	else if (!is_of(room, place, what->proto) && !is_over(room, now))
		expectations->taken_away++;
	*room = (struct entry){*place, now, *what};
}

static struct entry *at_place(struct qw_expectations *expectations, const struct qw_expected_place *place,
			      uint8_t proto, struct qw_time now)
{
	struct entry *row = row_of(expectations, place);
	for (int i = 0; i < PLACES; i++)
		if (is_of(&row[i], place, proto) && !is_over(&row[i], now))
			return &row[i];
	return NULL;
}

/* Of a connection picked up in its middle it is not sure who listened. */
static struct entry *find(struct qw_expectations *expectations, const struct qw_flow *flow)
{
	struct qw_expected_place server = {*qw_flow_server(flow), qw_flow_server_port(flow)};
	struct qw_expected_place client = {*qw_flow_client(flow), qw_flow_client_port(flow)};
	if (expectations->count == 0)
		return NULL;
	struct entry *entry = server.port ? at_place(expectations, &server, flow->key.proto, flow->last) : NULL;
	if (!entry && client.port && flow->flags & QW_FLOW_MIDSTREAM)
		entry = at_place(expectations, &client, flow->key.proto, flow->last);
	return entry;
}

const struct qw_expected *qw_expected_find(struct qw_expectations *expectations, const struct qw_flow *flow)
{
	const struct entry *entry = find(expectations, flow);
	return entry ? &entry->what : NULL;
}

bool qw_expected_take(struct qw_expectations *expectations, const struct qw_flow *flow, struct qw_expected *out)
{
	struct entry *entry = find(expectations, flow);
	if (!entry)
		return false;
	*out = entry->what;
	entry->place.port = 0;
	expectations->count--;
	return true;
}

uint64_t qw_expectations_taken_away(const struct qw_expectations *expectations)
{
	return expectations->taken_away;
}

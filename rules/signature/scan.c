/* SPDX-License-Identifier: Apache-2.0 */
/* scan - candidates: rules whose literal occurs, or that have none, and whose header fits. */
#include <string.h>

#include "rules/signature/opened.h"
#include "rules/signature/ranges.h"
#include "rules/signature/record.h"

static bool in_set(const struct qw_signatures *set, uint32_t number, unsigned __int128 value)
{
	const struct qw_run *run = &set->sets[number];
	return qw_ranges_hold(set->ranges + run->first, run->count, value);
}

static bool ends_fit(const struct qw_signatures *set, const struct qw_sig *sig, const struct qw_facts *facts,
		     bool turned)
{
	const struct qw_address *src = turned ? &facts->dst : &facts->src, *dst = turned ? &facts->src : &facts->dst;
	uint16_t sport = turned ? facts->dport : facts->sport, dport = turned ? facts->sport : facts->dport;
	if (sig->dport != QW_NONE && !in_set(set, sig->dport, dport))
		return false;
	if (sig->sport != QW_NONE && !in_set(set, sig->sport, sport))
		return false;
	if (sig->dst != QW_NONE && !in_set(set, sig->dst, qw_range_address(dst)))
		return false;
	return sig->src == QW_NONE || in_set(set, sig->src, qw_range_address(src));
}

static bool both_ends_fit(const struct qw_signatures *set, const struct qw_sig *sig, const struct qw_facts *facts)
{
	if (sig->flags & QW_SIG_BOTH)
		return ends_fit(set, sig, facts, facts->flags & QW_FACT_TO_CLIENT);
	return ends_fit(set, sig, facts, false) || (sig->flags & QW_SIG_EITHER_WAY && ends_fit(set, sig, facts, true));
}

static bool ends_known_to_fit(const struct qw_signatures *set, const struct qw_sig *sig, const struct qw_facts *facts)
{
	struct qw_ends *ends = facts->ends;
	uint32_t bit = UINT32_C(1) << sig->ends;
	if (!(ends->known & bit)) {
		ends->known |= bit;
		ends->fit |= both_ends_fit(set, sig, facts) ? bit : 0;
	}
	return ends->fit & bit;
}

bool qw_header_fits(const struct qw_signatures *set, const struct qw_sig *sig, const struct qw_facts *facts)
{
	uint32_t need = sig->need & ~(uint32_t)(QW_FACT_PACKET | QW_FACT_STREAM);
	if ((facts->flags & need) != need || facts->flags & sig->refuse)
		return false;
	if (sig->protos[0] && facts->proto != sig->protos[0] && facts->proto != sig->protos[1])
		return false;
	if (sig->apps && !(sig->apps >> facts->app & 1))
		return false;
	if (facts->proto == 0)
		return sig->flags & QW_SIG_ANY_PACKET;
	if (sig->flags & (QW_SIG_V4_ONLY | QW_SIG_V6_ONLY) &&
	    qw_address_is_v4(&facts->src) != !!(sig->flags & QW_SIG_V4_ONLY))
		return false;
	if ((sig->src & sig->dst & sig->sport & sig->dport) == QW_NONE)
		return true;
	return facts->ends && sig->ends < QW_ENDS_KEPT ? ends_known_to_fit(set, sig, facts) : both_ends_fit(set, sig, facts);
}

/* ---- one scan */

struct scan {
	struct qw_signatures *set;
	const struct qw_facts *facts; /* NULL: to be asked for */
	struct qw_scan_source source;
	uint32_t first; /* pattern of this buffer */
	size_t old;
	uint32_t *out;
	size_t count, max;
};

static void begin(struct qw_signatures *set)
{
	if (++set->scan == 0) {
		memset(set->seen, 0, set->sig_count * sizeof(*set->seen));
		memset(set->hit, 0, set->pattern_count * sizeof(*set->hit));
		set->scan = 1;
	}
}

static void put(struct scan *scan, uint32_t number)
{
	if (scan->count == scan->max) {
		scan->set->counters.candidates_shed++;
		return;
	}
	scan->out[scan->count++] = number;
}

/* Shell's way: most lists are short, and nothing is allocated. */
static void sort(uint32_t *out, size_t count)
{
	for (size_t gap = count / 2; gap; gap /= 2)
		for (size_t i = gap; i < count; i++) {
			uint32_t number = out[i];
			size_t at = i;
			for (; at >= gap && out[at - gap] > number; at -= gap)
				out[at] = out[at - gap];
			out[at] = number;
		}
}

size_t qw_signatures_sort(uint32_t *numbers, size_t count)
{
	size_t kept = 0;
	sort(numbers, count);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || numbers[kept - 1] != numbers[i])
			numbers[kept++] = numbers[i];
	return kept;
}

static size_t finish(struct scan *scan)
{
	sort(scan->out, scan->count);
	scan->set->counters.candidates += scan->count;
	return scan->count;
}

static const struct qw_facts *facts_of(struct scan *scan)
{
	if (!scan->facts)
		scan->facts = scan->source.facts(scan->source.ctx);
	return scan->facts;
}

static void name_all(struct scan *scan, struct qw_run run)
{
	struct qw_signatures *set = scan->set;
	const uint32_t *members = set->members + run.first;
	for (uint32_t i = 0; i < run.count; i++) {
		uint32_t number = members[i];
		if (set->seen[number] == set->scan)
			continue;
		set->seen[number] = set->scan;
		if (!qw_header_fits(set, &set->sigs[number], facts_of(scan)))
			continue;
		put(scan, number);
	}
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
	struct scan *scan = ctx;
	struct qw_signatures *set = scan->set;
	uint32_t number = scan->first + id;
	(void)from;
	(void)flags;
	/*
	 * What ends in the old bytes was reported when they were new.  Databases
	 * are made without SINGLEMATCH: with it, such a hit would hide a later one.
	 */
	if (to <= scan->old || set->hit[number] == set->scan)
		return 0;
	set->hit[number] = set->scan;
	name_all(scan, set->patterns[number].members);
	return 0;
}

static const struct qw_key *find_key(const struct qw_signatures *set, struct qw_run keys, uint32_t key)
{
	const struct qw_key *rows = set->keys + keys.first;
	uint32_t low = 0, high = keys.count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (rows[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < keys.count && rows[low].key == key ? &rows[low] : NULL;
}

/* The interval that an address lies in. */
static void name_interval(struct scan *scan, struct qw_run starts, const struct qw_address *address)
{
	const struct qw_start *rows = scan->set->starts + starts.first;
	unsigned __int128 value = qw_range_address(address);
	uint32_t low = 0, high = starts.count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (rows[middle].low <= value)
			low = middle + 1;
		else
			high = middle;
	}
	if (low)
		name_all(scan, rows[low - 1].members);
}

static void name_ported(struct scan *scan, struct qw_run keys, const uint64_t *bits, uint16_t port)
{
	if (!(bits[port / 64 % QW_PORT_WORDS] >> port % 64 & 1))
		return;
	const struct qw_key *key = find_key(scan->set, keys, (uint32_t)scan->facts->proto << 16 | port);
	if (key)
		name_all(scan, key->members);
}

static bool has_number(const uint64_t *bits, uint32_t value)
{
	uint32_t bit = qw_number_bit(value);
	return bits[bit / 64] >> bit % 64 & 1;
}

bool qw_signatures_may_name(const struct qw_signatures *set, enum qw_buffer buffer, struct qw_slice value)
{
	uint32_t values[QW_RECORD_KEYS_MAX];
	if (set->naming[buffer] != QW_NAMED_BY_NUMBERS)
		return set->naming[buffer] == QW_NAMED_BY_MORE;
	const uint64_t *bits = set->indexes[set->groups[buffer].index].number_bits;
	unsigned count = qw_record_keys(buffer, value, values);
	bool may = false;
	for (unsigned i = 0; i < count; i++)
		may |= has_number(bits, values[i]);
	return may;
}

/* The field is a number, or a record that has some: those that ask for this value. */
static void name_numbered(struct scan *scan, struct qw_run keys, const uint64_t *bits, enum qw_buffer buffer,
			  struct qw_slice data)
{
	uint32_t values[QW_RECORD_KEYS_MAX];
	unsigned count = qw_record_keys(buffer, data, values);
	for (unsigned i = 0; i < count; i++) {
		if (!has_number(bits, values[i]))
			continue;
		const struct qw_key *key = find_key(scan->set, keys, values[i]);
		if (key)
			name_all(scan, key->members);
	}
}

static bool has(const struct qw_index *index, enum qw_found_by by)
{
	return index->kinds >> by & 1;
}

/* By the first bytes of what they will be held against. */
static void name_headed(struct scan *scan, const struct qw_index *index)
{
	for (unsigned i = 0; i < 2; i++)
		if (i == 0 || scan->source.head[1] != scan->source.head[0])
			name_all(scan, index->heads[scan->source.head[i]]);
}

static void name_indexed(struct scan *scan, const struct qw_index *index)
{
	const struct qw_facts *facts = facts_of(scan);
	if (has(index, QW_BY_NOTHING))
		name_all(scan, index->any);
	if (has(index, QW_BY_PROTO))
		name_all(scan, index->protos[facts->proto]);
	if (has(index, QW_BY_APP))
		name_all(scan, index->apps[facts->app]);
	if (has(index, QW_BY_ICMP) && (facts->proto == 1 || facts->proto == 58))
		name_all(scan, index->icmp[facts->icmp_type]);
	if (has(index, QW_BY_FLAGS) && facts->proto == 6)
		name_all(scan, index->tcp_flags[facts->tcp_flags]);
	if (has(index, QW_BY_PORT))
		name_ported(scan, index->dports, index->dport_bits, facts->dport);
	if (has(index, QW_BY_SOURCE_PORT))
		name_ported(scan, index->sports, index->sport_bits, facts->sport);
	if (!(facts->flags & QW_FACT_FIRST) && facts->flags & QW_FACT_FLOW)
		return;
	if (index->sources.count)
		name_interval(scan, index->sources, &facts->src);
	if (index->destinations.count)
		name_interval(scan, index->destinations, &facts->dst);
}

void qw_signatures_packet_wants(const struct qw_signatures *set, struct qw_packet_wants *out)
{
	enum { TCP = 6 };
	const uint32_t plain = UINT32_C(1) << QW_BY_FLAGS | UINT32_C(1) << QW_BY_PROTO | UINT32_C(1) << QW_BY_APP |
			       UINT32_C(1) << QW_BY_ICMP;
	*out = (struct qw_packet_wants){0};
	if (set->info->packet_index == QW_NONE)
		return;
	const struct qw_index *index = &set->indexes[set->info->packet_index];
	out->all = index->kinds & ~plain || index->sources.count || index->destinations.count || index->protos[TCP].count;
	for (unsigned flags = 0; flags < 256; flags++)
		out->flags[flags] = index->tcp_flags[flags].count > 0;
	for (unsigned app = 0; app < QW_APP_COUNT; app++)
		out->apps |= (uint64_t)(index->apps[app].count > 0) << app;
}

size_t qw_signatures_of_packet(struct qw_signatures *set, const struct qw_facts *facts, uint32_t *out, size_t max)
{
	struct scan scan = {.set = set, .facts = facts, .out = out, .max = max};
	if (set->info->packet_index == QW_NONE)
		return 0;
	begin(set);
	name_indexed(&scan, &set->indexes[set->info->packet_index]);
	return finish(&scan);
}

size_t qw_signatures_of_events(struct qw_signatures *set, const struct qw_facts *facts, uint32_t *out, size_t max)
{
	struct scan scan = {.set = set, .facts = facts, .out = out, .max = max};
	if (set->info->event_index == QW_NONE || !facts->events)
		return 0;
	struct qw_run keys = set->indexes[set->info->event_index].events;
	begin(set);
	for (uint32_t word = 0; word < QW_PE_WORDS; word++) {
		for (uint64_t left = facts->events->word[word]; left; left &= left - 1) {
			const struct qw_key *key = find_key(set, keys, word * 64 + (uint32_t)__builtin_ctzll(left));
			if (key)
				name_all(&scan, key->members);
		}
	}
	set->counters.candidates += scan.count;
	return scan.count;
}

static size_t scan_buffer(struct scan *scan, enum qw_buffer buffer, const uint8_t *data, size_t len)
{
	struct qw_signatures *set = scan->set;
	const struct qw_group *group = &set->groups[buffer];
	scan->first = group->patterns.first;
	begin(set);
	if (set->databases[buffer] && len) {
		set->counters.scanned_bytes += len;
		/* What can fail was checked on opening; the callback never ends a scan. */
		(void)hs_scan(set->databases[buffer], (const char *)data, (unsigned)len, 0, set->scratch, on_match,
			      scan);
	}
	if (group->index != QW_NONE) {
		const struct qw_index *index = &set->indexes[group->index];
		if (has(index, QW_BY_NUMBER))
			name_numbered(scan, index->numbers, index->number_bits, buffer, qw_slice(data, len));
		if (has(index, QW_BY_HEAD))
			name_headed(scan, index);
		if (index->kinds & ~(UINT32_C(1) << QW_BY_NUMBER | UINT32_C(1) << QW_BY_HEAD) || index->sources.count || index->destinations.count)
			name_indexed(scan, index);
	}
	return finish(scan);
}

size_t qw_signatures_scan(struct qw_signatures *set, enum qw_buffer buffer, const struct qw_facts *facts,
			  const uint8_t *data, size_t len, size_t old, uint32_t *out, size_t max)
{
	struct scan scan = {.set = set, .facts = facts, .old = old, .out = out, .max = max};
	scan.source.head[0] = scan.source.head[1] = old || len == 0 ? QW_HEAD_ANY : data[0];
	return scan_buffer(&scan, buffer, data, len);
}

size_t qw_signatures_scan_for(struct qw_signatures *set, enum qw_buffer buffer, struct qw_scan_source source,
			      const uint8_t *data, size_t len, size_t old, uint32_t *out, size_t max)
{
	struct scan scan = {.set = set, .source = source, .old = old, .out = out, .max = max};
	return scan_buffer(&scan, buffer, data, len);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matrix - every cell, in every manner, for every kind of rule, on every way it
 * makes sense on; and each once more without what the rule looks for.
 *
 * QW_EVASION_ONLY: play only cells whose name contains it; QW_EVASION_SHOW:
 * name every miss, not the first ones alone.
 */
#include "tests/evasion/cells.h"

#include <stdio.h>
#include <stdlib.h>

#include "quaywatch/hash.h"

enum { CASES_MAX = 60000, SEEN = 1 << 18, NAMED_MAX = 20, WAY_WORDS = 64 };

static const struct setting plain[] = {{"", false}, {"", true}};

static const struct setting tunnels[] = {
    {"vlan", false},
    {"vlan vlan", false},
    {"vlan vlan vlan", true},
    {"vlan vlan vlan vlan", false},
    {"88a8 vlan", false},
    {"9100 vlan", false},
    {"9200 vlan", true},
    {"88a8 88a8 9100", false},
    {"mpls", false},
    {"label label mpls", true},
    {"vlan mpls", false},
    {"pppoe", false},
    {"vlan pppoe", true},
    {"snap", false},
    {"gre", false},
    {"gre", true},
    {"gre-full", false},
    {"gre6", true},
    {"gre-ethernet vlan", false},
    {"ip4", false},
    {"ip4", true},
    {"ip6", false},
    {"ip6", true},
    {"teredo", true},
    {"teredo-origin", true},
    {"vxlan", false},
    {"vxlan vlan", true},
    {"vxlan6", false},
    {"geneve", false},
    {"geneve-options", true},
    {"gtpu", false},
    {"gtpu-ext", true},
    {"erspan-1", false},
    {"erspan-2", false},
    {"erspan-3", true},
    {"erspan-3-sub vlan", false},
    {"vlan gre ip6", false},
    {"mpls vxlan geneve", false},
    {"gre vxlan ip4", true},
};

enum { PLAINS = sizeof(plain) / sizeof(plain[0]), TUNNELS = sizeof(tunnels) / sizeof(tunnels[0]) };

struct planned {
	const struct cell *cell;
	const struct setting *setting;
	enum goods_kind kind;
	uint32_t variant;
};

struct matrix {
	struct stage rehearsal, stage;
	struct planned *planned;
	uint32_t count, same;
	uint64_t *seen;
	uint32_t alerted, ambiguous, missed, woken;
};

/* False: these very packets are played already. */
static bool is_new(struct matrix *matrix, uint64_t digest)
{
	uint32_t at = (uint32_t)digest & (SEEN - 1);

	while (matrix->seen[at] && matrix->seen[at] != digest)
		at = (at + 1) & (SEEN - 1);
	if (matrix->seen[at])
		return false;
	matrix->seen[at] = digest;
	return true;
}

static void plan(struct matrix *matrix, const struct cell *cell, const struct setting *setting, enum goods_kind kind)
{
	struct goods goods;

	goods_make(&goods, kind, true);
	for (uint32_t variant = 0; variant < cell->variants; variant++) {
		stage_begin(&matrix->rehearsal, setting, kind, 1);
		cell->play(&matrix->rehearsal, &goods, variant);
		uint64_t place = (uint64_t)(uintptr_t)setting << 4 | kind | (uint64_t)cell->flags << 57;
		if (matrix->rehearsal.digest == 0) /* it has no such variant */
			continue;
		if (!is_new(matrix, matrix->rehearsal.digest ^ qw_mix64(place))) {
			matrix->same++;
			continue;
		}
		assert_true(matrix->count < CASES_MAX);
		matrix->planned[matrix->count++] = (struct planned){cell, setting, kind, variant};
	}
}

static bool makes_sense(const struct cell *cell, const struct setting *setting)
{
	return !(cell->flags & (setting->ipv6 ? CELL_IPV4 : CELL_IPV6));
}

/* The full product of variants on plain ways; on a tunnel one kind a cell, in turn, so that each meets each. */
static void plan_cell(struct matrix *matrix, const struct cell *cell, uint32_t number)
{
	for (uint32_t kind = 0; kind < GOODS_KINDS; kind++) {
		if (!(cell->kinds & 1u << kind))
			continue;
		for (uint32_t i = 0; i < PLAINS; i++)
			if (makes_sense(cell, &plain[i]))
				plan(matrix, cell, &plain[i], (enum goods_kind)kind);
		for (uint32_t i = 0; i < TUNNELS && cell->flags & CELL_TUNNELS; i++)
			if ((i + kind + number) % 5 == 0 && makes_sense(cell, &tunnels[i]))
				plan(matrix, cell, &tunnels[i], (enum goods_kind)kind);
	}
}

static void play(struct matrix *matrix, uint32_t i, bool planted)
{
	const struct planned *planned = &matrix->planned[i];
	struct goods goods;

	goods_make(&goods, planned->kind, planted);
	stage_begin(&matrix->stage, planned->setting, planned->kind, 1 + i * 2 + !planted);
	planned->cell->play(&matrix->stage, &goods, planned->variant);
	stage_wait(&matrix->stage, 0.01);
}

static void name(const struct planned *planned, const char *what, uint32_t said)
{
	print_message("%s: %s, variant %u, kind %d, way \"%s\" IPv%d, said %x\n", what, planned->cell->name,
		      planned->variant, planned->kind, planned->setting->way, planned->setting->ipv6 ? 6 : 4, said);
}

static void judge(struct matrix *matrix, uint32_t i)
{
	const struct planned *planned = &matrix->planned[i];
	uint32_t said = matrix->stage.said[1 + i * 2], control = matrix->stage.said[2 + i * 2];
	bool alarm = planned->cell->flags & CELL_ALARM, ambiguous = alarm || planned->cell->flags & CELL_AMBIGUOUS;
	bool all = getenv("QW_EVASION_SHOW") != NULL;

	if (said & 1u << planned->kind && !alarm)
		matrix->alerted++;
	else if (ambiguous && said & STAGE_ALARM)
		matrix->ambiguous++;
	else if (matrix->missed++ < NAMED_MAX || all)
		name(planned, "missed", said);
	if ((control & ~(ambiguous ? STAGE_ALARM : 0)) && (matrix->woken++ < NAMED_MAX || all))
		name(planned, "alerts without cause", control);
}

static void plan_all(struct matrix *matrix, const struct cells *const *groups, uint32_t flags)
{
	const char *only = getenv("QW_EVASION_ONLY");

	matrix->planned = calloc(CASES_MAX, sizeof(*matrix->planned));
	matrix->seen = calloc(SEEN, sizeof(*matrix->seen));
	assert_true(matrix->planned && matrix->seen);
	for (; *groups; groups++)
		for (uint32_t i = 0; i < (*groups)->count; i++) {
			const struct cell *cell = &(*groups)->cell[i];
			bool wanted = !only || strstr(cell->name, only);
			if (wanted && (cell->flags & (CELL_MIDSTREAM | CELL_UNCHECKED)) == flags)
				plan_cell(matrix, cell, i);
		}
}

static void run(const struct cells *const *groups, uint32_t flags, const char *const *settings, uint32_t at_least)
{
	struct matrix *matrix = calloc(1, sizeof(*matrix));

	assert_non_null(matrix);
	plan_all(matrix, groups, flags);
	stage_raise(&matrix->stage, settings, matrix->count * 2);
	for (uint32_t i = 0; i < matrix->count; i++) {
		play(matrix, i, true);
		play(matrix, i, false);
	}
	stage_end(&matrix->stage);
	for (uint32_t i = 0; i < matrix->count; i++)
		judge(matrix, i);
	print_message("%u cases (%u more were the same packets): %u alert, %u as ambiguous, %u missed; of %u controls %u alert\n",
		      matrix->count, matrix->same, matrix->alerted, matrix->ambiguous, matrix->missed, matrix->count,
		      matrix->woken);
	assert_int_equal(matrix->missed, 0);
	assert_int_equal(matrix->woken, 0);
	assert_true(matrix->count >= at_least || getenv("QW_EVASION_ONLY"));
	stage_strike(&matrix->stage);
	free(matrix->planned);
	free(matrix->seen);
	free(matrix);
}

static const char *const usual[] = {"flow.count=65536", NULL};

static void segments_are_seen_however_they_come(void **state)
{
	run((const struct cells *const[]){&order_cells, &handshake_cells, NULL}, 0, usual, 2000);
}

static void no_forged_segment_hides_anything(void **state)
{
	run((const struct cells *const[]){&forgery_cells, NULL}, 0, usual, 1500);
}

static void overlapping_segments_hide_nothing(void **state)
{
	run((const struct cells *const[]){&overlap_cells, NULL}, 0, usual, 3000);
}

static void fragments_are_seen_however_they_come(void **state)
{
	run((const struct cells *const[]){&fragment_cells, NULL}, 0, usual, 2000);
}

static void overlapping_fragments_hide_nothing(void **state)
{
	run((const struct cells *const[]){&fragment_overlap_cells, NULL}, 0, usual, 3000);
}

static void nothing_is_hidden_by_depth(void **state)
{
	run((const struct cells *const[]){&nest_cells, NULL}, 0, usual, 1000);
}

static void encodings_of_applications_hide_nothing(void **state)
{
	run((const struct cells *const[]){&application_cells, NULL}, 0, usual, 600);
}

static void conversations_without_their_beginning_are_seen(void **state)
{
	static const char *const settings[] = {"flow.count=65536", "stream.midstream=true", NULL};
	run((const struct cells *const[]){&order_cells, NULL}, CELL_MIDSTREAM, settings, 50);
}

static void wrong_checksums_hide_nothing_where_they_are_not_looked_at(void **state)
{
	static const char *const settings[] = {"flow.count=65536", "capture.checksums=\"ignore\"", NULL};
	run((const struct cells *const[]){&forgery_cells, NULL}, CELL_UNCHECKED, settings, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(segments_are_seen_however_they_come),
	    cmocka_unit_test(no_forged_segment_hides_anything),
	    cmocka_unit_test(overlapping_segments_hide_nothing),
	    cmocka_unit_test(fragments_are_seen_however_they_come),
	    cmocka_unit_test(overlapping_fragments_hide_nothing),
	    cmocka_unit_test(nothing_is_hidden_by_depth),
	    cmocka_unit_test(encodings_of_applications_hide_nothing),
	    cmocka_unit_test(conversations_without_their_beginning_are_seen),
	    cmocka_unit_test(wrong_checksums_hide_nothing_where_they_are_not_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

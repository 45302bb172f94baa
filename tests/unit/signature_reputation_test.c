/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of addresses with scores, and what iprep asks of them. */
#include "signature_sets_kit.h"

#include "rules/signature/blocks.h"

static bool rep_fires(const char *test, const char *source, const char *destination)
{
	char rule[256];
	struct kit kit;
	struct scene scene = scene_tcp();
	assert_true(qw_address_parse(source, strlen(source), &scene.facts.src));
	assert_true(qw_address_parse(destination, strlen(destination), &scene.facts.dst));
	snprintf(rule, sizeof(rule), "alert ip any any -> any any (iprep:%s; sid:1;)", test);
	open_rules(&kit, rule);
	scene.facts.flags |= QW_FACT_FIRST;
	bool fired = scene_fires(&kit, &scene, 0);
	kit_end(&kit);
	return fired;
}

static void an_address_has_the_score_of_the_closest_line(void **state)
{
	put("categories", "# number,name,text\n1,Test,Testing\n2,Other,\n");
	put("first.list", "10.0.0.0/8,1,10\n10.1.0.0/16,1,20\n10.1.2.3,1,30\n10.1.2.3,2,99\n2001:db8::/32,1,40\n");
	put("second.list", "10.1.2.4,1,50\n10.1.2.4,1,51\n10.2.0.77/16,1,60\n");
	assert_true(rep_fires("src,test,=,10", "10.9.9.9", "8.8.8.8"));
	assert_true(rep_fires("src,test,=,20", "10.1.9.9", "8.8.8.8"));
	assert_true(rep_fires("src,TEST,=,30", "10.1.2.3", "8.8.8.8"));
	assert_true(rep_fires("src,other,>,98", "10.1.2.3", "8.8.8.8"));
	assert_false(rep_fires("src,other,>=,0", "10.1.2.4", "8.8.8.8"));
	assert_true(rep_fires("src,test,=,51", "10.1.2.4", "8.8.8.8"));
	assert_true(rep_fires("src,test,=,60", "10.2.3.4", "8.8.8.8"));
	assert_true(rep_fires("src,test,=,40", "2001:db8:ffff::1", "8.8.8.8"));
	assert_false(rep_fires("src,test,isset", "2001:db9::1", "8.8.8.8"));
	assert_false(rep_fires("src,test,isset", "11.0.0.0", "8.8.8.8"));
	assert_true(rep_fires("src,test,isset", "10.255.255.255", "8.8.8.8"));
}

static void iprep_asks_the_sides_it_names(void **state)
{
	put("categories", "1,test,\n");
	put("first.list", "10.0.0.1,1,5\n");
	put("second.list", "10.0.0.2,1,9\n");
	assert_true(rep_fires("dst,test,=,5", "8.8.8.8", "10.0.0.1"));
	assert_false(rep_fires("src,test,=,5", "8.8.8.8", "10.0.0.1"));
	assert_true(rep_fires("any,test,=,5", "8.8.8.8", "10.0.0.1"));
	assert_false(rep_fires("both,test,>,1", "8.8.8.8", "10.0.0.1"));
	assert_true(rep_fires("both,test,>,1", "10.0.0.2", "10.0.0.1"));
	assert_false(rep_fires("both,test,>,5", "10.0.0.2", "10.0.0.1"));
	assert_true(rep_fires("any,test,!=,5", "10.0.0.2", "10.0.0.1"));
	assert_true(rep_fires("any,test,isnotset", "8.8.8.8", "10.0.0.1"));
	assert_false(rep_fires("both,test,isnotset", "8.8.8.8", "10.0.0.1"));
	assert_true(rep_fires("src,test,<=,9", "10.0.0.2", "10.0.0.1"));
}

static void a_wrong_line_of_a_reputation_file_is_named_and_passed_over(void **state)
{
	struct kit kit;
	put("categories", "1,test,\n61,toomuch,\n");
	put("first.list", "10.0.0.1,1,5\n10.0.0.300,1,5\n10.0.0.2,1,128\n10.0.0.2,99,1\n10.0.0.2\n");
	begin(&kit);
	kit_read(&kit, "alert ip any any -> any any (iprep:src,test,=,5; sid:1;)");
	assert_int_equal(qw_signature_builder_counts(kit.builder)->accepted, 1);
	assert_int_equal(kit.diags.errors, 6);
	assert_string_equal(kit.diags.rows[0].file, "categories");
	assert_int_equal(kit.diags.rows[0].line, 2);
	assert_string_equal(kit.diags.rows[1].file, "first.list");
	assert_int_equal(kit.diags.rows[1].line, 2);
	assert_string_equal(kit.diags.rows[5].file, "second.list");
	assert_string_equal(kit.diags.rows[5].text, "cannot be read: No such file or directory");
	kit_end(&kit);
}

/* Blocks against the plain meaning: the smallest block around, of equal ones the later. */
static void flattened_blocks_say_what_the_list_says(void **state)
{
	uint32_t seed = 7;
	for (unsigned round = 0; round < 300; round++) {
		struct qw_vector blocks, out;
		struct qw_block list[24];
		unsigned count = 1 + round % 24;
		qw_vector_init(&blocks, sizeof(struct qw_block));
		qw_vector_init(&out, sizeof(struct qw_block));
		for (unsigned i = 0; i < count; i++) {
			seed = seed * 1664525 + 1013904223;
			unsigned bits = seed >> 29, at = (seed >> 20 & 0xff) >> bits << bits;
			unsigned __int128 base = round % 2 ? ~(unsigned __int128)0xff : 0; /* at both ends of all addresses */
			list[i] = (struct qw_block){.low = base + at, .high = base + at + (1u << bits) - 1,
						    .category = 1 + (seed >> 12 & 1), .score = i, .unused = i};
			assert_int_not_equal(qw_vector_put(&blocks, &list[i], 1), UINT32_MAX);
		}
		assert_int_equal(qw_blocks_flatten(&blocks, &out), QW_OK);
		for (unsigned probe = 0; probe < 512; probe++) {
			unsigned __int128 value = (round % 2 ? ~(unsigned __int128)0xff : 0) + probe / 2;
			uint32_t category = 1 + probe % 2, hits = 0;
			const struct qw_block *best = NULL, *found = NULL;
			for (unsigned i = 0; i < count; i++)
				if (list[i].category == category && list[i].low <= value && value <= list[i].high &&
				    (!best || list[i].high - list[i].low <= best->high - best->low))
					best = &list[i];
			for (size_t i = 0; i < out.count; i++) {
				const struct qw_block *row = qw_vector_at(&out, i);
				if (row->category != category || row->low > value || value > row->high)
					continue;
				found = row;
				hits++;
			}
			assert_int_equal(hits, best ? 1 : 0);
			if (best)
				assert_int_equal(found->score, best->score);
		}
		for (size_t i = 1; i < out.count; i++) {
			const struct qw_block *row = qw_vector_at(&out, i), *before = row - 1;
			assert_true(before->category < row->category ||
				    (before->category == row->category && before->high < row->low));
		}
		qw_vector_fini(&blocks);
		qw_vector_fini(&out);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(an_address_has_the_score_of_the_closest_line),
		TEST(iprep_asks_the_sides_it_names),
		TEST(a_wrong_line_of_a_reputation_file_is_named_and_passed_over),
		TEST(flattened_blocks_say_what_the_list_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

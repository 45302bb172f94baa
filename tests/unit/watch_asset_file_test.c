/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/watch_kit.h"

#include "quaywatch/file.h"
#include "sensor/watch/assets/asset_file.h"
#include "sensor/watch/assets/asset_watch.h"
#include "sensor/watch/assets/roles.h"

struct file_kit {
	struct watch_kit watch;
	char folder[32], path[64];
};

static void start(struct file_kit *kit)
{
	memset(&kit->watch, 0, sizeof(kit->watch));
	kit->watch.watch.state_folder = kit->folder;
	assert_int_equal(watch_kit_make(&kit->watch, &qw_asset_watch, "watch = { makers = \"\"; };"), QW_OK);
}

static void make_folder(struct file_kit *kit)
{
	strcpy(kit->folder, "asset_file.XXXXXX");
	assert_non_null(mkdtemp(kit->folder));
	snprintf(kit->path, sizeof(kit->path), "%s/assets.json", kit->folder);
}

static void clean(struct file_kit *kit)
{
	char aside[96];

	snprintf(aside, sizeof(aside), "%s.refused", kit->path);
	unlink(aside);
	unlink(kit->path);
	assert_int_equal(rmdir(kit->folder), 0);
}

/* Two hosts, one of which asked the other for registers. */
static void fill(struct file_kit *kit)
{
	struct qw_seen seen;

	watch_kit_flow(&kit->watch, "10.0.0.1", "10.0.0.2", 502, "modbus");
	seen = watch_kit_ot(&kit->watch, "10.0.0.1", "10.0.0.2", 502, "modbus", 16);
	seen.ot.name = watch_kit_slice("write_multiple_registers");
	seen.ot.has_unit = seen.ot.has_address = true;
	seen.ot.unit = 7;
	seen.ot.address = 100;
	seen.ot.quantity = 20;
	watch_kit_show(&kit->watch, &seen);
}

static char *contents(const struct file_kit *kit, size_t *len)
{
	char *data;

	assert_int_equal(qw_file_read(kit->path, 1 << 20, &data, len), QW_OK);
	return data;
}

static const struct qw_asset *find(const struct file_kit *kit, const char *text)
{
	struct qw_host host;

	assert_true(qw_host_parse(text, strlen(text), &host));
	return qw_assets_find(qw_world_assets(kit->watch.world), &host);
}

static void what_was_known_is_known_after_a_restart(void **state)
{
	struct file_kit kit = {0};
	size_t len, again;

	(void)state;
	make_folder(&kit);
	start(&kit);
	fill(&kit);
	watch_kit_stop(&kit.watch);
	char *data = contents(&kit, &len);
	assert_memory_equal(data, "{\"quaywatch_assets\":1}\n", 23);

	start(&kit);
	assert_string_equal(qw_role_name((enum qw_role)find(&kit, "10.0.0.2")->role), "PLC");
	assert_string_equal(qw_role_name((enum qw_role)find(&kit, "10.0.0.1")->role), "HMI");
	const struct qw_talk **talks = qw_assets_talks_sorted(qw_world_assets(kit.watch.world));
	assert_int_equal(talks[0]->functions, 1);
	assert_int_equal(talks[0]->function[0].unit, 7);
	assert_int_equal(talks[0]->function[0].range[0].first, 100);
	assert_int_equal(talks[0]->function[0].range[0].last, 119);
	free(talks);
	watch_kit_stop(&kit.watch);
	char *same = contents(&kit, &again);
	assert_int_equal(again, len);
	assert_memory_equal(data, same, len);
	free(data);
	free(same);
	clean(&kit);
}

static void what_is_remembered_is_no_news(void **state)
{
	struct file_kit kit = {0};

	(void)state;
	make_folder(&kit);
	start(&kit);
	fill(&kit);
	watch_kit_stop(&kit.watch);
	kit.watch = (struct watch_kit){0};
	kit.watch.watch.state_folder = kit.folder;
	kit.watch.watch.types = 1u << QW_EVENT_ASSET;
	assert_int_equal(watch_kit_make(&kit.watch, &qw_asset_watch, "watch = { makers = \"\"; };"), QW_OK);
	fill(&kit);
	watch_kit_pass(&kit.watch, 2);
	assert_int_equal(kit.watch.events[QW_EVENT_ASSET], 0);
	watch_kit_stop(&kit.watch);
	clean(&kit);
}

static void a_damaged_file_is_refused_whole_and_kept(void **state)
{
	static const char damaged[] = "{\"quaywatch_assets\":1}\n{\"asset\":{\"host\":\"10.0.0.2\",\"first_ns\":1,\"last_ns\":2}}\n{\"asset\":3}\n";
	struct file_kit kit = {0};
	char aside[96];

	(void)state;
	make_folder(&kit);
	assert_int_equal(qw_file_replace(kit.path, damaged, sizeof(damaged) - 1, 0600), QW_OK);
	start(&kit);
	assert_null(find(&kit, "10.0.0.2"));
	watch_kit_stop(&kit.watch);
	snprintf(aside, sizeof(aside), "%s.refused", kit.path);
	assert_int_equal(access(aside, F_OK), 0);
	clean(&kit);
}

static bool none(void *ctx, const struct qw_address *address)
{
	return ctx && address;
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static enum qw_err read_part(const char *data, size_t len, uint32_t *line)
{
	struct qw_assets_options options = {16, 16, none, nothing, NULL};
	struct qw_assets *assets;
	struct qw_words *words;
	struct qw_diags diags;

	qw_diags_init(&diags);
	assert_int_equal(qw_assets_new(&assets, &options), QW_OK);
	assert_int_equal(qw_words_new(&words, assets, NULL), QW_OK);
	enum qw_err err = qw_asset_file_read("assets.json", data, len, assets, words, &diags);
	*line = err == QW_OK ? 0 : diags.rows[0].line;
	qw_words_free(words);
	qw_assets_free(assets);
	qw_diags_fini(&diags);
	return err;
}

static void a_file_that_breaks_off_is_refused_wherever_it_does(void **state)
{
	struct file_kit kit = {0};
	size_t len;
	uint32_t line;

	(void)state;
	make_folder(&kit);
	start(&kit);
	fill(&kit);
	watch_kit_stop(&kit.watch);
	char *data = contents(&kit, &len);
	for (size_t i = 0; i < len; i++)
		if (i == 0 || data[i - 1] != '\n')
			assert_int_not_equal(read_part(data, i, &line), QW_OK);
	assert_int_equal(read_part(data, len, &line), QW_OK);
	free(data);
	clean(&kit);
}

static void what_is_wrong_is_told_by_its_line(void **state)
{
	static const char *const bad[] = {
		"{\"asset\":{}}\n",
		"{\"asset\":{\"host\":\"10.0.0.256\",\"first_ns\":1,\"last_ns\":2}}\n",
		"{\"asset\":{\"host\":\"10.0.0.2\",\"first_ns\":1,\"last_ns\":2,\"protocols_served\":[\"nonsense\"]}}\n",
		"{\"asset\":{\"host\":\"10.0.0.2\",\"first_ns\":1,\"last_ns\":2},\"talk\":{}}\n",
		"{\"talk\":{\"client\":\"10.0.0.2\",\"server\":\"10.0.0.3\",\"protocol\":\"modbus\",\"port\":65536,\"first_ns\":1,\"last_ns\":2}}\n",
		"{\"done\":{\"by\":\"10.0.0.2\",\"to\":\"10.0.0.3\",\"gid\":-1,\"sid\":1}}\n",
		"[1]\n", "3\n", "{\"other\":1}\n",
	};
	uint32_t line;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text), "{\"quaywatch_assets\":1}\n%s", bad[i]);
		assert_int_equal(read_part(text, strlen(text), &line), QW_EFORMAT);
		assert_int_equal(line, 2);
	}
	assert_int_equal(read_part("{\"quaywatch_assets\":2}\n", 23, &line), QW_EVERSION);
	assert_int_equal(read_part("{}\n", 3, &line), QW_EFORMAT);
	assert_int_equal(read_part("", 0, &line), QW_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_known_is_known_after_a_restart),
		cmocka_unit_test(what_is_remembered_is_no_news),
		cmocka_unit_test(a_damaged_file_is_refused_whole_and_kept),
		cmocka_unit_test(a_file_that_breaks_off_is_refused_wherever_it_does),
		cmocka_unit_test(what_is_wrong_is_told_by_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Public rules of the corpus, where there is one: how many load is a floor that must not sink. */
#include "signature_kit.h"

#include <dirent.h>

#include "quaywatch/file.h"

enum { RULES_MAX = 64 << 20, PUBLIC_FLOOR = 11300, FOLDERS_FLOOR = 90 };

static const char *corpus_of(const char *below, char *path, size_t room)
{
	const char *root = getenv("QW_CORPUS");
	if (!root)
		return NULL;
	snprintf(path, room, "%s/corpus/%s", root, below);
	return access(path, R_OK) == 0 ? path : NULL;
}

static enum qw_err read_file(void *ctx, const char *path)
{
	struct kit *kit = ctx;
	char *text;
	size_t len;
	const char *dot = strrchr(path, '.');
	if (!dot || strcmp(dot, ".rules") != 0)
		return QW_OK;
	enum qw_err err = qw_file_read(path, RULES_MAX, &text, &len);
	if (err)
		return err;
	err = qw_signature_builder_read(kit->builder, path, text, len, &kit->diags);
	free(text);
	return err;
}

static void public_rules_load(void **state)
{
	char path[512];
	struct kit kit;
	if (!corpus_of("rules", path, sizeof(path)))
		skip();
	kit_begin(&kit);
	assert_int_equal(qw_walk_files(path, read_file, &kit), QW_OK);
	kit_open(&kit);
	const struct qw_signature_counts *counts = qw_signature_builder_counts(kit.builder);
	print_message("public rules: %llu accepted, %llu refused\n", (unsigned long long)counts->accepted,
		      (unsigned long long)counts->rejected);
	assert_true(counts->accepted >= PUBLIC_FLOOR);
	for (size_t i = 0; i < kit.diags.count; i++)
		if (!strstr(kit.diags.rows[i].text, "not supported") && !strstr(kit.diags.rows[i].text, "revision") &&
		    !strstr(kit.diags.rows[i].text, "asks whether"))
			fail_msg("%s:%u:%u: %s", kit.diags.rows[i].file, kit.diags.rows[i].line,
				 kit.diags.rows[i].column, kit.diags.rows[i].text);
	kit_end(&kit);
}

static void whole_test_folders_load(void **state)
{
	char path[512], file[1024];
	unsigned loaded = 0, all = 0;
	if (!corpus_of("verify", path, sizeof(path)))
		skip();
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));) {
		struct kit kit;
		snprintf(file, sizeof(file), "%s/%s/test.rules", path, entry->d_name);
		if (entry->d_name[0] == '.' || access(file, R_OK) != 0)
			continue;
		kit_begin(&kit);
		assert_int_equal(read_file(&kit, file), QW_OK);
		kit_open(&kit);
		all++;
		loaded += kit.diags.errors == 0;
		kit_end(&kit);
	}
	closedir(dir);
	print_message("test folders: %u of %u load fully\n", loaded, all);
	assert_true(loaded >= FOLDERS_FLOOR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(public_rules_load),
					   cmocka_unit_test(whole_test_folders_load)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

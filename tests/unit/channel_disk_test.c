/* SPDX-License-Identifier: Apache-2.0 */
#include "channel_kit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "rules/channel/disk.h"

struct shelf {
	struct port port;
	struct qw_channel *channel;
	char folder[64], path[96];
};

static int shelf_up(void **state)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));
	port_init(&shelf->port, ALL_RIGHTS);
	assert_int_equal(qw_channel_new(&shelf->channel, "community"), QW_OK);
	snprintf(shelf->folder, sizeof(shelf->folder), "channel-disk-XXXXXX");
	assert_non_null(mkdtemp(shelf->folder));
	snprintf(shelf->path, sizeof(shelf->path), "%s/community", shelf->folder);
	*state = shelf;
	return 0;
}

static int shelf_down(void **state)
{
	struct shelf *shelf = *state;
	qw_channel_free(shelf->channel);
	port_fini(&shelf->port);
	unlink(shelf->path);
	assert_int_equal(rmdir(shelf->folder), 0); /* nothing else is left there */
	free(shelf);
	return 0;
}

struct tally {
	size_t of[4]; /* by enum qw_entry_kind */
};

static enum qw_err count_kind(void *ctx, const struct qw_entry *entry)
{
	((struct tally *)ctx)->of[entry->kind]++;
	return QW_OK;
}

static enum qw_err give_up(void *ctx, const struct qw_entry *entry)
{
	(void)ctx;
	(void)entry;
	return QW_ELIMIT;
}

static void a_saved_channel_is_walked_without_being_held(void **state)
{
	struct shelf *shelf = *state;
	struct tally tally = {{0}};
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_INDICATOR, 0, 2000);
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_ALLOW, 0, 3);
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_SIGNATURE, 0, 4);
	assert_int_equal(qw_channel_file_each(shelf->path, count_kind, &tally), QW_ENOENT);
	assert_int_equal(qw_channel_save(shelf->channel, shelf->path), QW_OK);
	assert_int_equal(qw_channel_file_each(shelf->path, count_kind, &tally), QW_OK);
	assert_int_equal(tally.of[QW_ENTRY_INDICATOR], 2000);
	assert_int_equal(tally.of[QW_ENTRY_ALLOW], 3);
	assert_int_equal(tally.of[QW_ENTRY_SIGNATURE], 4);
	assert_int_equal(qw_channel_file_each(shelf->path, give_up, NULL), QW_ELIMIT);
	assert_int_equal(truncate(shelf->path, 5000), 0);
	assert_int_equal(qw_channel_file_each(shelf->path, count_kind, &tally), QW_ESIGN);
}

static void a_saved_channel_loads_as_it_was(void **state)
{
	struct shelf *shelf = *state;
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_INDICATOR, 0, 2000);
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_ALLOW, 0, 3);
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_SIGNATURE, 0, 3);
	assert_int_equal(qw_channel_save(shelf->channel, shelf->path), QW_OK);
	struct qw_channel *loaded;
	assert_int_equal(qw_channel_load(&loaded, shelf->path), QW_OK);
	struct fingerprint saved = fingerprint(shelf->channel);
	assert_unchanged(loaded, &saved);
	assert_string_equal(qw_channel_name(loaded), "community");

	uint8_t *delta;
	size_t len;
	assert_int_equal(port_commit(&shelf->port, shelf->channel, QW_ENTRY_INDICATOR, 0, 9, true, &delta, &len),
			 QW_OK);
	assert_int_equal(port_apply(&shelf->port, loaded, delta, len), QW_OK);
	free(delta);
	assert_true(same_digest(loaded, shelf->channel));
	qw_channel_free(loaded);
}

static void a_save_replaces_the_file_and_leaves_no_other(void **state)
{
	struct shelf *shelf = *state;
	assert_int_equal(qw_channel_save(shelf->channel, shelf->path), QW_OK);
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_INDICATOR, 0, 20);
	assert_int_equal(qw_channel_save(shelf->channel, shelf->path), QW_OK);
	struct stat info;
	assert_int_equal(stat(shelf->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	struct qw_channel *loaded;
	assert_int_equal(qw_channel_load(&loaded, shelf->path), QW_OK);
	assert_int_equal(qw_channel_count(loaded), 20);
	qw_channel_free(loaded);
}

static void a_save_that_was_cut_short_is_no_obstacle(void **state)
{
	struct shelf *shelf = *state;
	assert_int_equal(qw_channel_save(shelf->channel, shelf->path), QW_OK);
	char beside[128];
	snprintf(beside, sizeof(beside), "%s.new", shelf->path);
	FILE *file = fopen(beside, "w");
	assert_non_null(file);
	fputs("QWCHAN half of it", file);
	fclose(file);
	struct qw_channel *loaded;
	assert_int_equal(qw_channel_load(&loaded, shelf->path), QW_OK);
	qw_channel_free(loaded);
	assert_int_equal(qw_channel_save(shelf->channel, shelf->path), QW_OK);
}

static void a_missing_file_and_a_missing_folder_are_told(void **state)
{
	struct shelf *shelf = *state;
	struct qw_channel *none;
	assert_int_equal(qw_channel_load(&none, shelf->path), QW_ENOENT);
	assert_int_equal(qw_channel_save(shelf->channel, "no-such-folder/community"), QW_ENOENT);
}

static uint8_t *slurp(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	uint8_t *data = malloc(1 << 20);
	*len = fread(data, 1, 1 << 20, file);
	fclose(file);
	return data;
}

static void damage_at_any_byte_is_noticed(void **state)
{
	struct shelf *shelf = *state;
	struct qw_channel *none;
	size_t len;
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_INDICATOR, 0, 3);
	assert_int_equal(qw_channel_save(shelf->channel, shelf->path), QW_OK);
	uint8_t *data = slurp(shelf->path, &len);
	for (size_t at = 0; at < len; at++) {
		data[at] ^= (uint8_t)(1 << at % 8);
		enum qw_err err = qw_channel_decode(&none, data, len);
		assert_int_equal(err, at < 8 ? QW_EFORMAT : at < 12 ? QW_EVERSION : QW_ESIGN);
		data[at] ^= (uint8_t)(1 << at % 8);
		uint8_t *cut = malloc(at ? at : 1);
		memcpy(cut, data, at);
		err = qw_channel_decode(&none, cut, at);
		assert_true(err == QW_EFORMAT || err == QW_ESIGN);
		free(cut);
	}
	free(data);
}

/* A file whose checksum is right and whose content is not: the digest tells. */
static void entries_that_do_not_make_the_digest_are_refused(void **state)
{
	struct shelf *shelf = *state;
	struct qw_channel *none;
	size_t len;
	commit_ok(&shelf->port, shelf->channel, QW_ENTRY_INDICATOR, 0, 3);
	assert_int_equal(qw_channel_save(shelf->channel, shelf->path), QW_OK);
	uint8_t *data = slurp(shelf->path, &len);
	data[len - QW_DIGEST_BYTES - 1] ^= 1; /* of the last entry's body */
	struct qw_digest sum = qw_channel_checksum(data, len - QW_DIGEST_BYTES);
	memcpy(data + len - QW_DIGEST_BYTES, sum.bytes, sizeof(sum.bytes));
	assert_int_equal(qw_channel_decode(&none, data, len), QW_EFORMAT);
	free(data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shelf_up, shelf_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_saved_channel_loads_as_it_was),
	    TEST(a_saved_channel_is_walked_without_being_held),
	    TEST(a_save_replaces_the_file_and_leaves_no_other),
	    TEST(a_save_that_was_cut_short_is_no_obstacle),
	    TEST(a_missing_file_and_a_missing_folder_are_told),
	    TEST(damage_at_any_byte_is_noticed),
	    TEST(entries_that_do_not_make_the_digest_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

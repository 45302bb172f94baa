/* SPDX-License-Identifier: Apache-2.0 */
#include "spool_kit.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "quaywatch/log.h"
#include "sensor/export/segment.h"

static void cut_by(const char *path, void *ctx)
{
	const off_t *by = ctx;
	struct stat info;
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(truncate(path, info.st_size > *by ? info.st_size - *by : 0), 0);
}

static void a_torn_tail_is_cut_wherever_it_tore(void **state)
{
	struct bench *bench = *state;
	size_t last = QW_SPOOL_SEGMENT_RECORD_HEAD + 32 + 5 * 7;
	uint64_t epoch = FIRST_EPOCH;
	for (off_t by = 1; by <= (off_t)last; by++) {
		append(bench->spool, epoch, 1, 5);
		qw_spool_close(bench->spool);
		bench->spool = NULL;
		each_file(bench->folder, cut_by, &by);
		reopen(bench, epoch + 1);
		struct qw_spool_stats stats = qw_spool_stats(bench->spool);
		assert_int_equal(stats.torn_bytes, (off_t)last - by);
		assert_int_equal(stats.pending, 4);
		reopen(bench, ++epoch + 1);
		assert_int_equal(qw_spool_stats(bench->spool).torn_bytes, 0); /* cut for good */
		expect(bench->spool, epoch - 1, 1, 4);
		expect_none(bench->spool);
		assert_int_equal(qw_spool_acknowledge(bench->spool, epoch - 1, 5), QW_OK); /* it had been sent */
		assert_int_equal(qw_spool_stats(bench->spool).segments, 0);
		epoch++;
	}
}

struct flip {
	off_t at;
	bool done;
};

static void flip_byte(const char *path, void *ctx)
{
	struct flip *flip = ctx;
	uint8_t byte;
	int fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	if (pread(fd, &byte, 1, flip->at) == 1) {
		byte ^= (uint8_t)(1 << flip->at % 8);
		assert_int_equal(pwrite(fd, &byte, 1, flip->at), 1);
		flip->done = true;
	}
	close(fd);
}

static void damage_costs_what_lies_behind_it_and_no_more(void **state)
{
	struct bench *bench = *state;
	uint64_t epoch = FIRST_EPOCH;
	for (struct flip flip = {0, true}; flip.done; flip.at++, epoch++) {
		append(bench->spool, epoch, 1, 3);
		qw_spool_close(bench->spool);
		bench->spool = NULL;
		flip.done = false;
		each_file(bench->folder, flip_byte, &flip);
		reopen(bench, epoch + 1);
		uint64_t kept = qw_spool_stats(bench->spool).pending;
		if (!flip.done)
			break;
		assert_in_range(kept, 0, 2);
		expect(bench->spool, epoch, 1, kept);
		expect_none(bench->spool);
		(void)!qw_spool_acknowledge(bench->spool, epoch, 3);
		each_file(bench->folder, remove_file, NULL); /* a segment of another version is left alone */
	}
	assert_in_range(epoch, FIRST_EPOCH + 150, FIRST_EPOCH + 500);
}

static void damage_that_comes_later_is_noticed_when_read(void **state)
{
	struct bench *bench = *state;
	struct flip flip = {QW_SPOOL_SEGMENT_HEAD + QW_SPOOL_SEGMENT_RECORD_HEAD + 39 + 3, false};
	append(bench->spool, FIRST_EPOCH, 1, 10);
	each_file(bench->folder, flip_byte, &flip);
	expect(bench->spool, FIRST_EPOCH, 1, 1);
	expect_none(bench->spool);
	assert_int_equal(qw_spool_stats(bench->spool).damaged, 9);
	append(bench->spool, FIRST_EPOCH, 11, 5);
	expect(bench->spool, FIRST_EPOCH, 11, 5);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 15), QW_OK);
	assert_int_equal(qw_spool_stats(bench->spool).pending, 0);
}

/* A child appends and dies without a word; it tells in shared memory what it was promised. */
static void what_was_appended_survives_a_kill(void **state)
{
	struct bench *bench = *state;
	volatile uint64_t *promised = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(promised != MAP_FAILED);
	qw_spool_close(bench->spool);
	bench->spool = NULL;
	bench->options.bytes_max = 8 << 20;
	for (unsigned round = 0; round < 20; round++) {
		uint64_t epoch = 1000 + 2 * round;
		bench->options.epoch = epoch;
		*promised = 0;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			char text[256];
			struct qw_spool *spool;
			if (qw_spool_open(&spool, &bench->options))
				_exit(1);
			for (uint64_t n = 1;; n++) {
				uint64_t sequence;
				if (round % 2 && n == 1 + round * 13)
					_exit(0);
				if (qw_spool_append(spool, content(text, epoch, n), &sequence))
					_exit(1);
				*promised = sequence;
			}
		}
		int status;
		while (round % 2 == 0 && *promised < 50 + round * 31)
			sched_yield();
		if (round % 2 == 0)
			kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
		reopen(bench, epoch + 1);
		struct qw_spool_stats stats = qw_spool_stats(bench->spool);
		/* One more may be whole on the disk than was promised. */
		assert_in_range(stats.pending + stats.shed, *promised, *promised + 1);
		assert_int_equal(stats.torn_bytes, 0);
		expect(bench->spool, epoch, 1, stats.pending);
		assert_int_equal(qw_spool_acknowledge(bench->spool, epoch, *promised + 1), QW_OK);
		qw_spool_close(bench->spool);
		bench->spool = NULL;
	}
	munmap((void *)(uintptr_t)promised, 4096);
}

/* The disk "is full": no file may grow beyond that. */
static void set_file_limit(rlim_t bytes)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_survived_in_memory(void **state)
{
	struct bench *bench = *state;
	signal(SIGXFSZ, SIG_IGN);
	append(bench->spool, FIRST_EPOCH, 1, 3);
	set_file_limit(500);
	append(bench->spool, FIRST_EPOCH, 4, 10);
	struct qw_spool_stats stats = qw_spool_stats(bench->spool);
	assert_int_equal(stats.pending, 13);
	assert_in_range(stats.queued, 5, 10);
	/* With a collector at hand nothing is lost: they are read from memory, */
	expect(bench->spool, FIRST_EPOCH, 1, 13);
	assert_int_equal(qw_spool_acknowledge(bench->spool, FIRST_EPOCH, 10), QW_OK);
	qw_spool_rewind(bench->spool);
	expect(bench->spool, FIRST_EPOCH, 11, 2);
	/* and not a second time when they are on the disk at last. */
	set_file_limit(RLIM_INFINITY);
	qw_spool_tick(bench->spool);
	assert_int_equal(qw_spool_stats(bench->spool).queued, 0);
	expect(bench->spool, FIRST_EPOCH, 13, 1);
	append(bench->spool, FIRST_EPOCH, 14, 1);
	expect(bench->spool, FIRST_EPOCH, 14, 1);
	expect_none(bench->spool);
	reopen(bench, 8);
	expect(bench->spool, FIRST_EPOCH, 11, 4);
	expect_none(bench->spool);
}

static void half_a_record_is_taken_back(void **state)
{
	struct bench *bench = *state;
	signal(SIGXFSZ, SIG_IGN);
	append(bench->spool, FIRST_EPOCH, 1, 3);
	set_file_limit(300); /* in the middle of the fourth */
	append(bench->spool, FIRST_EPOCH, 4, 2);
	assert_int_equal(qw_spool_stats(bench->spool).queued, 2);
	set_file_limit(RLIM_INFINITY);
	append(bench->spool, FIRST_EPOCH, 6, 2);
	expect(bench->spool, FIRST_EPOCH, 1, 7);
	reopen(bench, 8);
	assert_int_equal(qw_spool_stats(bench->spool).torn_bytes, 0);
	expect(bench->spool, FIRST_EPOCH, 1, 7);
}

static void a_full_memory_sheds_the_oldest_and_counts(void **state)
{
	struct bench *bench = *state;
	signal(SIGXFSZ, SIG_IGN);
	append(bench->spool, FIRST_EPOCH, 1, 3);
	set_file_limit(10);
	append(bench->spool, FIRST_EPOCH, 4, 197);
	struct qw_spool_stats stats = qw_spool_stats(bench->spool);
	set_file_limit(RLIM_INFINITY);
	assert_int_equal(stats.shed, 0);
	assert_int_equal(stats.queued, stats.pending - 3);
	assert_int_equal(stats.pending + stats.shed_queue, 200);
	assert_in_range(stats.queued, 10, 60);
	append(bench->spool, FIRST_EPOCH, 201, 1);
	expect(bench->spool, FIRST_EPOCH, 1, 3);
	expect(bench->spool, FIRST_EPOCH, 4 + stats.shed_queue, 201 - 3 - stats.shed_queue);
	expect_none(bench->spool);
	assert_int_equal(qw_spool_stats(bench->spool).queued, 0);
	reopen(bench, 8);
	expect(bench->spool, FIRST_EPOCH, 1, 3);
	expect(bench->spool, FIRST_EPOCH, 4 + stats.shed_queue, 201 - 3 - stats.shed_queue);
}

/* A mount namespace of our own; who is not root becomes it in a user namespace first.  False: not here. */
static bool enter_namespace(void)
{
	if (unshare(CLONE_NEWNS) == 0)
		return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	char map[32];
	int len = snprintf(map, sizeof(map), "0 %u 1", (unsigned)geteuid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	int fd = open("/proc/self/uid_map", O_WRONLY);
	bool mapped = fd >= 0 && write(fd, map, (size_t)len) == len;
	return mapped && close(fd) == 0;
}

/* A file system of 64 KB, filled up by somebody else. */
static int run_on_small_disk(const char *folder)
{
	if (!enter_namespace() || mount("none", folder, "tmpfs", 0, "size=64k") != 0)
		return 77;
	char path[512], text[256];
	struct qw_spool *spool;
	snprintf(path, sizeof(path), "%s/ballast", folder);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		return 77;
	memset(text, 0, sizeof(text));
	while (write(fd, text, sizeof(text)) > 0)
		continue;
	struct qw_spool_options options = {.folder = folder, .epoch = 3, .queue_bytes = 16 * 1024};
	uint64_t sequence;
	if (qw_spool_open(&spool, &options))
		return 1;
	for (uint64_t n = 1; n <= 20; n++) {
		if (qw_spool_append(spool, content(text, 3, n), &sequence))
			return 2;
	}
	if (qw_spool_stats(spool).queued != 20 || ftruncate(fd, 0) != 0)
		return 3;
	qw_spool_tick(spool);
	if (qw_spool_stats(spool).queued != 0 || qw_spool_stats(spool).pending != 20)
		return 4;
	qw_spool_close(spool);
	close(fd);
	return 0;
}

static void a_disk_without_room_is_survived(void **state)
{
	struct bench *bench = *state;
	char folder[96];
	snprintf(folder, sizeof(folder), "%s-disk", bench->folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(run_on_small_disk(folder));
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	rmdir(folder);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	qw_log_setup("spool_test", QW_LOG_ERROR);
	const struct CMUnitTest tests[] = {
	    TEST(a_torn_tail_is_cut_wherever_it_tore),
	    TEST(damage_costs_what_lies_behind_it_and_no_more),
	    TEST(damage_that_comes_later_is_noticed_when_read),
	    TEST(what_was_appended_survives_a_kill),
	    TEST(a_full_disk_is_survived_in_memory),
	    TEST(half_a_record_is_taken_back),
	    TEST(a_full_memory_sheds_the_oldest_and_counts),
	    TEST(a_disk_without_room_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

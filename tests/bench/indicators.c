/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicators - what a set of indicators costs: to read, to build, to keep, to ask.
 *
 *	bench_indicators FILE   a plain list of a million; without FILE one is made up
 *
 * Prints key=value lines.  "bytes" is the slope of the peak of anonymous and
 * shared memory between half of the list and all of it.  Where
 * QW_FLOOR_LOOKUP names the program floor_lookup, it runs first, and the
 * look-ups are given as multiples of its best figures.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "quaywatch/file.h"
#include "quaywatch/indicators.h"

enum { QUERIES = 1 << 20, BATCH = 32, RUNS = 5, MADE_UP = 1000000, LINE = 96, CHUNK = 1 << 20 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* As floor_lookup measures: waiting for a processor is not counted. */
static double cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9E3779B97F4A7C15);
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

static void die(const char *what, enum qw_err err)
{
	fprintf(stderr, "bench_indicators: %s: %s\n", what, qw_strerror(err));
	exit(1);
}

/* ---- the list */

static size_t make_line(char *out, uint64_t n)
{
	uint64_t a = n * 2 + 1, b = n * 2 + 2, x = next_random(&a), y = next_random(&b);
	unsigned long p = (unsigned long)x, q = (unsigned long)y;
	int len;

	if (n % 10 < 4)
		len =
			snprintf(out, LINE, "%lu.%lu.%lu.%lu\n", 240 + p % 15, p >> 8 & 255, p >> 16 & 255, p >> 24 & 255);
	else if (n % 10 < 8)
		len = snprintf(out, LINE, "%010lx.%03lx.invalid\n", p >> 24, q & 0xfff);
	else if (n % 10 == 8)
		len = snprintf(out, LINE, "http://%08lx.invalid/%012lx/%016lx%04lx.php\n", p >> 32, q >> 16, p,
			       q & 0xffff);
	else
		len = snprintf(out, LINE, "%016lx%016lx%016lx%016lx\n", p, q, p ^ q, p + q);
	return (size_t)len;
}

/* A list read in pieces of whole lines, so that it is never in memory itself. */
struct list {
	int fd; /* -1: made up */
	uint64_t lines, max;
	size_t kept; /* bytes of an unfinished line at the start of text */
	char text[CHUNK];
};

static struct list *list_open(const char *path, uint64_t max)
{
	struct list *list = malloc(sizeof(*list));
	if (!list)
		die("list", QW_ENOMEM);
	list->fd = path ? open(path, O_RDONLY) : -1;
	list->lines = list->kept = 0;
	list->max = max;
	if (path && list->fd < 0)
		die(path, QW_ENOENT);
	return list;
}

static void list_close(struct list *list)
{
	if (list->fd >= 0)
		close(list->fd);
	free(list);
}

static size_t make_chunk(struct list *list)
{
	size_t len = 0;
	while (list->lines < list->max && len + LINE < CHUNK)
		len += make_line(list->text + len, list->lines++);
	return len;
}

static size_t read_chunk(struct list *list, size_t *next)
{
	ssize_t got = read(list->fd, list->text + list->kept, CHUNK - list->kept);
	size_t len = list->kept + (got > 0 ? (size_t)got : 0), used = 0;
	for (size_t i = 0; i < len && list->lines < list->max; i++) {
		if (list->text[i] != '\n')
			continue;
		used = i + 1;
		list->lines++;
	}
	*next = used;
	list->kept = len - used;
	return used;
}

typedef void visitor(void *ctx, struct qw_slice lines);

static void list_each(struct list *list, visitor *visit, void *ctx)
{
	for (;;) {
		size_t used = 0, len = list->fd < 0 ? make_chunk(list) : read_chunk(list, &used);
		if (len == 0)
			return;
		visit(ctx, qw_slice(list->text, len));
		memmove(list->text, list->text + used, list->kept);
	}
}

/* ---- reading and building */

struct load {
	struct qw_indicator_builder *builder; /* NULL: only read */
	struct qw_feed_counts counts;
};

static enum qw_err take(void *ctx, const struct qw_indicator *indicator)
{
	struct load *load = ctx;
	return load->builder ? qw_indicator_builder_add(load->builder, indicator) : QW_OK;
}

static void load_lines(void *ctx, struct qw_slice lines)
{
	struct load *load = ctx;
	struct qw_indicator defaults;
	struct qw_feed_counts counts;
	qw_indicator_init(&defaults);
	snprintf(defaults.source, sizeof(defaults.source), "bench");
	enum qw_err err =
		qw_feed_read(QW_FEED_PLAIN, "list", lines.data, lines.len, &defaults, take, load, NULL, &counts);
	if (err != QW_OK)
		die("reading", err);
	load->counts.accepted += counts.accepted;
	load->counts.rejected += counts.rejected;
}

static struct qw_indicator_images build(const char *path, uint64_t max, struct load *load, double *seconds)
{
	struct qw_indicator_images images;
	struct list *list = list_open(path, max);
	enum qw_err err = qw_indicator_builder_new(&load->builder);
	if (err != QW_OK)
		die("builder", err);
	list_each(list, load_lines, load);
	double start = now();
	err = qw_indicator_builder_finish_parts(load->builder, &images);
	if (err != QW_OK)
		die("finish", err);
	*seconds = now() - start;
	qw_indicator_builder_free(load->builder);
	list_close(list);
	return images;
}

/* The peak of a child that reads, builds and opens; in bytes. */
static double peak_of(const char *path, uint64_t max)
{
	int status;
	struct rusage usage;
	pid_t child = fork();
	if (child == 0) {
		struct load load = {0};
		struct qw_indicators *set;
		double seconds;
		struct qw_indicator_images images = build(path, max, &load, &seconds);
		_exit(qw_indicators_open(&set, &images) == QW_OK ? 0 : 1);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0)
		die("child", QW_EIO);
	return (double)usage.ru_maxrss * 1024;
}

static void measure_read(const char *path)
{
	struct load load = {0};
	struct list *list = list_open(path, MADE_UP);
	double start = now();
	list_each(list, load_lines, &load);
	double seconds = now() - start;
	printf("read lines=%llu seconds=%.3f rejected=%llu\n", (unsigned long long)list->lines, seconds,
	       (unsigned long long)load.counts.rejected);
	list_close(list);
}

static struct qw_indicators *measure_build(const char *path)
{
	struct load load = {0};
	struct qw_indicators *set;
	double finish;
	double start = now();
	struct qw_indicator_images images = build(path, MADE_UP, &load, &finish);
	double all = now() - start;
	start = now();
	enum qw_err err = qw_indicators_open(&set, &images);
	if (err != QW_OK)
		die("open", err);
	double opened = now() - start, bytes = 0;
	for (unsigned part = 0; part < images.parts; part++)
		bytes += (double)lseek(images.part[part], 0, SEEK_END);
	printf("build entries=%zu seconds=%.3f finish=%.3f open=%.3f image_bytes_each=%.1f\n", qw_indicators_count(set),
	       all, finish, opened, bytes / (double)qw_indicators_count(set));
	qw_indicator_images_close(&images);
	return set;
}

/* ---- asking: uniformly random, one in a hundred is there */

struct queries {
	struct qw_address *address;
	char (*name)[64];
	size_t addresses, names; /* that are in the set */
};

static void pick_lines(void *ctx, struct qw_slice lines)
{
	struct queries *queries = ctx;
	for (const uint8_t *end; (end = memchr(lines.data, '\n', lines.len));) {
		size_t len = (size_t)(end - lines.data);
		struct qw_address address;
		if (qw_address_parse((const char *)lines.data, len, &address)) {
			if (queries->addresses < QUERIES / 100)
				queries->address[queries->addresses++ * 100] = address;
		} else if (len < 48 && queries->names < QUERIES / 100) {
			snprintf(queries->name[queries->names++ * 100], 64, "%.*s", (int)len, (const char *)lines.data);
		}
		lines = qw_slice(end + 1, lines.len - len - 1);
	}
}

static void random_name(char *out, uint64_t *state)
{
	static const char *const TOPS[] = {"com", "net", "org", "info", "ru", "cn", "top", "xyz", "co.uk", "com.br"};
	for (uint64_t labels = 1 + next_random(state) % 3; labels > 0; labels--) {
		for (uint64_t n = 3 + next_random(state) % 12; n > 0; n--)
			*out++ = "abcdefghijklmnopqrstuvwxyz0123456789"[next_random(state) % 36];
		*out++ = '.';
	}
	snprintf(out, 8, "%s", TOPS[next_random(state) % 10]);
}

static void make_queries(struct queries *queries, const char *path)
{
	uint64_t state = 1;
	queries->address = malloc(QUERIES * sizeof(*queries->address));
	queries->name = malloc(QUERIES * sizeof(*queries->name));
	if (!queries->address || !queries->name)
		die("queries", QW_ENOMEM);
	for (size_t i = 0; i < QUERIES; i++) {
		uint32_t bits = (uint32_t)next_random(&state);
		queries->address[i] = qw_address_v4((const uint8_t *)&bits);
		random_name(queries->name[i], &state);
	}
	queries->addresses = queries->names = 0;
	struct list *list = list_open(path, MADE_UP / 10);
	list_each(list, pick_lines, queries);
	list_close(list);
}

static size_t ask_addresses(const struct qw_indicators *set, const struct queries *queries)
{
	struct qw_moment at = {qw_time_seconds(1700000000), QW_CLOCK_LIVE};
	struct qw_hit hit;
	size_t hits = 0;
	for (size_t i = 0; i < QUERIES; i += BATCH) {
		for (size_t j = i; j < i + BATCH; j++)
			qw_indicators_prefetch(set, &queries->address[j]);
		for (size_t j = i; j < i + BATCH; j++)
			hits += qw_indicators_address(set, at, &queries->address[j], 443, &hit);
	}
	return hits;
}

static size_t ask_names(const struct qw_indicators *set, const struct queries *queries)
{
	struct qw_moment at = {qw_time_seconds(1700000000), QW_CLOCK_LIVE};
	struct qw_hit hit;
	size_t hits = 0;
	for (size_t i = 0; i < QUERIES; i++)
		hits += qw_indicators_name(set, at, queries->name[i], strlen(queries->name[i]), &hit);
	return hits;
}

static double measure_asking(const char *what, const struct qw_indicators *set, const struct queries *queries,
			     size_t (*ask)(const struct qw_indicators *, const struct queries *))
{
	double best = 1e9;
	size_t hits = 0;
	for (int run = 0; run < 3 * RUNS; run++) {
		double start = cpu();
		hits = ask(set, queries);
		double ns = (cpu() - start) / QUERIES * 1e9;
		best = ns < best ? ns : best;
	}
	printf("ask what=%s ns=%.1f hits=%.2f%%\n", what, best, 100.0 * (double)hits / QUERIES);
	return best;
}

/* ---- the floor beside it */

struct floor {
	double ip, name; /* ns; 0: not measured */
};

static struct floor measure_floor(void)
{
	struct floor floor = {0};
	const char *program = getenv("QW_FLOOR_LOOKUP");
	char command[512], line[256], set[32];
	double ns;
	if (!program)
		return floor;
	snprintf(command, sizeof(command), "%s %d %d", program, RUNS, MADE_UP);
	FILE *out = popen(command, "r");
	while (out && fgets(line, sizeof(line), out)) {
		if (sscanf(line, "floor_lookup set=%31s n=%*s hits=%*s ns=%lf", set, &ns) != 2)
			continue;
		if (strncmp(set, "ip.", 3) == 0 && (floor.ip == 0 || ns < floor.ip))
			floor.ip = ns;
		if (strcmp(set, "dom.suffix") == 0)
			floor.name = ns;
	}
	if (out)
		pclose(out);
	return floor;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : NULL;
	if (sodium_init() < 0)
		return 1;
	double half = peak_of(path, MADE_UP / 2), whole = peak_of(path, MADE_UP);
	printf("resident bytes_each=%.1f half_mb=%.1f whole_mb=%.1f\n", (whole - half) / (MADE_UP / 2), half / 1e6,
	       whole / 1e6);
	struct floor floor = measure_floor();
	measure_read(path);
	struct qw_indicators *set = measure_build(path);
	struct queries queries;
	make_queries(&queries, path);
	double ip = measure_asking("address", set, &queries, ask_addresses);
	double name = measure_asking("name", set, &queries, ask_names);
	if (floor.ip > 0 && floor.name > 0)
		printf("floor ip_ns=%.1f name_ns=%.1f address_times=%.2f name_times=%.2f\n", floor.ip, floor.name,
		       ip / floor.ip, name / floor.name);
	qw_indicators_close(set);
	free(queries.address);
	free(queries.name);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sets - what a large set costs that a rule asks: to read, to keep, to ask.
 *
 *	bench_sets [MEMBERS]   a million strings of 22 letters, made up
 *
 * Prints key=value lines.  bytes is the slope of the image between half of the
 * members and all of them; a lookup is fingerprint and search, members and
 * strangers in turn, in an order that no cache can foresee.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "quaywatch/image.h"
#include "quaywatch/text.h"
#include "rules/signature/opened.h"
#include "rules/signature/slots.h"

enum { MEMBERS = 1000000, QUERIES = 1 << 21, NAME = 22, LINE = 64 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The i-th name; members are even. */
static void name_of(uint64_t i, char out[NAME + 1])
{
	uint64_t mixed = i * UINT64_C(0x9E3779B97F4A7C15);
	snprintf(out, NAME + 1, "%016llx.test.", (unsigned long long)(mixed ^ mixed >> 29));
}

static void write_file(const char *path, uint64_t members)
{
	char name[NAME + 1], line[LINE];
	FILE *file = fopen(path, "w");
	if (!file)
		exit(1);
	for (uint64_t i = 0; i < members; i++) {
		struct qw_text text;
		name_of(2 * i, name);
		qw_text_init(&text, line, sizeof(line));
		qw_text_base64(&text, (const uint8_t *)name, strlen(name));
		qw_text_char(&text, '\n');
		fwrite(text.at, 1, text.len, file);
	}
	if (fclose(file) != 0)
		exit(1);
}

/* The image of one rule that asks this set. */
static int build(const char *path, double *seconds)
{
	char rule[512];
	struct qw_signature_options options = {0};
	struct qw_signature_builder *builder;
	int fd;
	snprintf(rule, sizeof(rule), "alert tcp any any -> any any (http.host; dataset:isset,s,type string,load %s; sid:1;)", path);
	double from = now();
	if (qw_signature_builder_new(&builder, &options) != QW_OK ||
	    qw_signature_builder_read(builder, "bench", rule, strlen(rule), NULL) != QW_OK ||
	    qw_signature_builder_finish(builder, &fd, NULL) != QW_OK)
		exit(1);
	*seconds = now() - from;
	qw_signature_builder_free(builder);
	return fd;
}

static double size_of(int fd)
{
	struct stat status;
	return fstat(fd, &status) == 0 ? (double)status.st_size : 0;
}

static void ask(int fd, uint64_t members)
{
	struct qw_signatures *set;
	char (*names)[NAME + 1] = malloc((size_t)QUERIES * (NAME + 1));
	uint64_t found = 0, state = 1;
	if (!names || qw_signatures_open(&set, fd) != QW_OK)
		exit(1);
	for (size_t i = 0; i < QUERIES; i++) {
		state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
		name_of((state >> 20) % (2 * members), names[i]);
	}
	double from = now();
	for (size_t i = 0; i < QUERIES; i++)
		found += qw_slots_find(&set->tables[0], set->slots,
				       qw_slot_of(set->info->member_keys, qw_slice(names[i], strlen(names[i])))) != QW_NONE;
	printf("lookup_ns=%.1f\nfound=%.4f\n", (now() - from) * 1e9 / QUERIES, (double)found / QUERIES);
	qw_signatures_close(set);
	free(names);
}

int main(int argc, char **argv)
{
	uint64_t members = argc > 1 ? strtoull(argv[1], NULL, 10) : MEMBERS;
	char path[] = "bench-sets-XXXXXX";
	double half_seconds, seconds;
	int made = mkstemp(path);
	if (made < 0 || members < 2)
		return 1;
	write_file(path, members / 2);
	int half = build(path, &half_seconds);
	write_file(path, members);
	int whole = build(path, &seconds);
	unlink(path);
	printf("members=%llu\nbuild_seconds=%.2f\nbytes=%.2f\n", (unsigned long long)members, seconds,
	       (size_of(whole) - size_of(half)) / (double)(members - members / 2));
	ask(whole, members);
	close(half);
	close(whole);
	close(made);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_channel - what a channel costs: entries a second, bytes an entry, digests.
 *
 *	bench_channel [ENTRIES]      default 1 000 000; 40 % ip, 40 % domain (22), 10 % url (60), 10 % sha256
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quaywatch/channel.h"

enum { BATCH = 7000, ROUNDS = 200 };

struct bench {
	struct qw_sign_pair root, online;
	uint8_t *delegation;
	size_t delegation_len;
	struct qw_time now;
	struct qw_channel *collector, *sensor;
};

static double seconds(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void must(enum qw_err err, const char *what)
{
	if (err == QW_OK)
		return;
	fprintf(stderr, "%s: %s\n", what, qw_strerror(err));
	exit(1);
}

static void name(struct qw_observable *out, unsigned n)
{
	static const enum qw_observable_type mix[10] = {QW_OBS_IP,     QW_OBS_DOMAIN, QW_OBS_IP,     QW_OBS_DOMAIN,
							QW_OBS_URL,    QW_OBS_IP,     QW_OBS_DOMAIN, QW_OBS_IP,
							QW_OBS_DOMAIN, QW_OBS_SHA256};
	size_t size = sizeof(out->text);
	int len = 0;
	out->type = mix[n % 10];
	if (out->type == QW_OBS_IP)
		len = snprintf(out->text, size, "%u.%u.%u.%u", 11 + (n >> 24), n >> 16 & 255, n >> 8 & 255, n & 255);
	else if (out->type == QW_OBS_DOMAIN)
		len = snprintf(out->text, size, "h%09u.example.org", n);
	else if (out->type == QW_OBS_URL)
		len = snprintf(out->text, size, "h%09u.example.org/download/payload/%020u.bin", n, n);
	else
		len = snprintf(out->text, size, "%064x", n);
	out->len = (uint16_t)len;
}

static struct qw_entry entry(unsigned n)
{
	struct qw_entry out;
	struct qw_indicator indicator;
	uint8_t *body;
	qw_indicator_init(&indicator);
	name(&indicator.observable, n);
	indicator.valid_from = qw_time_seconds(1700000000);
	snprintf(indicator.source, sizeof(indicator.source), "community");
	must(qw_entry_of_indicator(&out, &body, &indicator), "entry");
	return out;
}

/* Commits count entries from first on, applies the delta, and adds to both clocks. */
static void step(struct bench *bench, unsigned first, unsigned count, double *commit, double *apply)
{
	static struct qw_entry entries[BATCH];
	for (unsigned at = 0; at < count; at++)
		entries[at] = entry(first + at);
	uint8_t *delta;
	size_t len;
	double start = seconds();
	must(qw_channel_commit(bench->collector, entries, count, &bench->online, bench->delegation,
			       bench->delegation_len, bench->now, &delta, &len),
	     "commit");
	double middle = seconds();
	must(qw_channel_apply(bench->sensor, delta, len, bench->root.public_key, bench->now, NULL, NULL), "apply");
	*commit += middle - start;
	*apply += seconds() - middle;
	free(delta);
	for (unsigned at = 0; at < count; at++)
		free((uint8_t *)(uintptr_t)entries[at].body);
}

static void fill(struct bench *bench, unsigned total)
{
	double commit = 0, apply = 0;
	for (unsigned at = 0; at < total; at += BATCH)
		step(bench, at, total - at < BATCH ? total - at : BATCH, &commit, &apply);
	printf("entries=%u batch=%u commit_per_s=%.0f apply_per_s=%.0f apply_delta_ms=%.1f\n", total, BATCH,
	       total / commit, total / apply, apply * 1e3 / ((total + BATCH - 1) / BATCH));
	printf("bytes_per_entry=%.1f\n",
	       (double)qw_channel_bytes(bench->sensor) / (double)qw_channel_count(bench->sensor));
}

static void small_deltas(struct bench *bench, unsigned total)
{
	double commit = 0, apply = 0;
	for (unsigned round = 0; round < ROUNDS; round++)
		step(bench, total + round, 1, &commit, &apply);
	printf("one_entry_commit_us=%.0f one_entry_apply_us=%.0f\n", commit * 1e6 / ROUNDS, apply * 1e6 / ROUNDS);
}

static void digests(struct bench *bench)
{
	uint8_t nonce[16] = {0};
	double start = seconds();
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct qw_digest answer = qw_channel_answer(bench->sensor, nonce);
		memcpy(nonce, answer.bytes, sizeof(nonce));
	}
	printf("answer_us=%.1f\n", (seconds() - start) * 1e6 / ROUNDS);
}

static void snapshot(struct bench *bench)
{
	struct qw_snapshot *frozen;
	struct qw_channel *fresh;
	bool done = false;
	double start = seconds();
	must(qw_snapshot_new(&frozen, bench->collector, NULL, &bench->online, bench->delegation, bench->delegation_len,
			     bench->now),
	     "snapshot");
	must(qw_channel_new(&fresh, "community"), "channel");
	double middle = seconds();
	for (size_t part = 0; part < qw_snapshot_parts(frozen); part++) {
		const uint8_t *data;
		size_t len;
		must(qw_snapshot_part(frozen, part, &data, &len), "part");
		must(qw_channel_receive(fresh, data, len, bench->root.public_key, bench->now, &done, NULL, NULL), "receive");
	}
	printf("snapshot_freeze_s=%.2f snapshot_parts=%zu snapshot_receive_s=%.2f done=%d\n", middle - start,
	       qw_snapshot_parts(frozen), seconds() - middle, done);
	qw_snapshot_free(frozen);
	qw_channel_free(fresh);
}

static void disk(struct bench *bench)
{
	char path[] = "channel-bench-XXXXXX";
	int fd = mkstemp(path);
	if (fd < 0)
		return perror(path);
	close(fd);
	struct qw_channel *loaded;
	double start = seconds();
	must(qw_channel_save(bench->sensor, path), "save");
	double middle = seconds();
	must(qw_channel_load(&loaded, path), "load");
	printf("save_s=%.2f load_s=%.2f\n", middle - start, seconds() - middle);
	qw_channel_free(loaded);
	unlink(path);
}

int main(int argc, char **argv)
{
	unsigned total = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
	struct bench bench = {.now = qw_time_seconds(1500)};
	struct qw_delegation delegation = {
	    .rights = QW_RIGHT_INDICATORS, .not_before = qw_time_seconds(1000), .not_after = qw_time_seconds(2000)};
	must(qw_keys_start(), "keys");
	qw_sign_generate(&bench.root);
	qw_sign_generate(&bench.online);
	memcpy(delegation.online_key, bench.online.public_key, sizeof(delegation.online_key));
	must(qw_delegation_sign(&delegation, &bench.root, &bench.delegation, &bench.delegation_len), "delegation");
	must(qw_channel_new(&bench.collector, "community"), "channel");
	must(qw_channel_new(&bench.sensor, "community"), "channel");
	fill(&bench, total);
	small_deltas(&bench, total);
	digests(&bench);
	snapshot(&bench);
	disk(&bench);
	struct mallinfo2 heap = mallinfo2();
	printf("heap_mb_both_ends=%.1f\n", (double)(heap.uordblks + heap.hblkhd) / 1e6);
	qw_channel_free(bench.collector);
	qw_channel_free(bench.sensor);
	free(bench.delegation);
	return 0;
}

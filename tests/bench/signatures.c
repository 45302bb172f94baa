/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signatures RULES… [-p CAPTURE] [-c CACHE]: what loading rules and looking for
 * them costs.
 *
 * Loading is parse, compile and open.  With a capture (pcap, Ethernet, IPv4)
 * every TCP and UDP payload is scanned by itself, and every candidate is
 * confirmed; the clock is the thread's CPU time, five passes, the median.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "quaywatch/file.h"
#include "quaywatch/signatures.h"

enum { RULES_MAX = 64 << 20, CANDIDATES_MAX = 256, PASSES = 5, PIECES_MAX = 4 << 20 };

struct piece {
	const uint8_t *data;
	uint32_t len;
	struct qw_facts facts;
};

static double cpu(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* As Suricata ships them. */
static const char *variable(void *ctx, const char *name)
{
	static const struct {
		const char *name, *value;
	} rows[] = {{"HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]"},
		    {"EXTERNAL_NET", "!$HOME_NET"},
		    {"HTTP_PORTS", "80"},
		    {"SHELLCODE_PORTS", "!80"},
		    {"ORACLE_PORTS", "1521"},
		    {"SSH_PORTS", "22"},
		    {"DNP3_PORTS", "20000"},
		    {"MODBUS_PORTS", "502"},
		    {"FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]"},
		    {"FTP_PORTS", "21"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].value;
	return "$HOME_NET";
}

static int load(struct qw_signatures **set, char *const *files, int count, const char *cache)
{
	struct qw_signature_options options = {.variable = variable, .cache = cache};
	struct qw_signature_builder *builder;
	struct qw_diags diags;
	double start = cpu();
	int fd = -1;
	qw_diags_init(&diags);
	if (qw_signature_builder_new(&builder, &options))
		return 1;
	for (int i = 0; i < count; i++) {
		char *text;
		size_t len;
		enum qw_err err = qw_file_read(files[i], RULES_MAX, &text, &len);
		if (!err)
			err = qw_signature_builder_read(builder, files[i], text, len, &diags);
		if (err)
			return fprintf(stderr, "%s: %s\n", files[i], qw_strerror(err)), 1;
		free(text);
	}
	double parsed = cpu();
	if (qw_signature_builder_finish(builder, &fd, &diags))
		return qw_diags_print(&diags, stderr), 1;
	double compiled = cpu();
	enum qw_err err = qw_signatures_open(set, fd);
	if (err)
		return fprintf(stderr, "open: %s\n", qw_strerror(err)), 1;
	const struct qw_signature_counts *counts = qw_signature_builder_counts(builder);
	if (getenv("COMPLAINTS"))
		qw_diags_print(&diags, stderr);
	printf("load accepted=%llu rejected=%llu parse_s=%.3f compile_s=%.3f open_s=%.3f image_bytes=%lld tail=%zu\n",
	       (unsigned long long)counts->accepted, (unsigned long long)counts->rejected, parsed - start,
	       compiled - parsed, cpu() - compiled, (long long)lseek(fd, 0, SEEK_END), qw_signatures_tail(*set));
	qw_signature_builder_free(builder);
	qw_diags_fini(&diags);
	close(fd);
	return 0;
}

/* TCP and UDP over IPv4 over Ethernet; anything else is left out. */
static bool decode(const uint8_t *frame, uint32_t len, struct piece *out)
{
	if (len < 34 || frame[12] != 8 || frame[13] != 0)
		return false;
	const uint8_t *ip = frame + 14;
	uint32_t ip_len = (ip[0] & 15u) * 4u, total = qw_be16(ip + 2), proto = ip[9];
	if (total > len - 14 || (proto != 6 && proto != 17) || total < ip_len + 20)
		return false;
	const uint8_t *transport = ip + ip_len;
	uint32_t head = proto == 6 ? (transport[12] >> 4) * 4u : 8;
	if (total <= ip_len + head)
		return false;
	*out =
	    (struct piece){transport + head, total - ip_len - head, {.proto = (uint8_t)proto, .app = QW_APP_UNKNOWN}};
	out->facts.src = qw_address_v4(ip + 12);
	out->facts.dst = qw_address_v4(ip + 16);
	out->facts.sport = qw_be16(transport);
	out->facts.dport = qw_be16(transport + 2);
	out->facts.payload_len = out->len;
	out->facts.flags = QW_FACT_PACKET | QW_FACT_FLOW | QW_FACT_ESTABLISHED | QW_FACT_TO_SERVER;
	out->facts.network_header = qw_slice(ip, ip_len);
	out->facts.transport_header = qw_slice(transport, head);
	return true;
}

static size_t collect(const struct qw_mapping *file, struct piece *pieces)
{
	struct qw_bytes in = qw_bytes(file->data, file->size), frame;
	size_t count = 0;
	uint32_t word, len;
	if (!qw_bytes_skip(&in, 24))
		return 0;
	while (count < PIECES_MAX && qw_bytes_skip(&in, 8) && qw_bytes_le32(&in, &len) && qw_bytes_le32(&in, &word) &&
	       qw_bytes_take(&in, len, &frame))
		count += decode(frame.at, len, &pieces[count]);
	return count;
}

static bool payload(void *ctx, enum qw_buffer buffer, unsigned index, struct qw_slice *out)
{
	const struct piece *piece = ctx;
	*out = qw_slice(piece->data, piece->len);
	return buffer == QW_BUFFER_PAYLOAD && index == 0;
}

struct pass {
	double scan, packets;
	uint64_t candidates, matches;
};

static struct pass run(struct qw_signatures *set, struct piece *pieces, size_t count)
{
	uint32_t out[CANDIDATES_MAX];
	struct pass pass = {0};
	double start = cpu();
	for (size_t i = 0; i < count; i++) {
		struct piece *piece = &pieces[i];
		size_t found = qw_signatures_scan(set, QW_BUFFER_PAYLOAD, &piece->facts, piece->data, piece->len, 0,
						  out, CANDIDATES_MAX);
		struct qw_subject subject = {&piece->facts, payload, piece};
		pass.candidates += found;
		for (size_t j = 0; j < found; j++)
			pass.matches += qw_signatures_confirm(set, out[j], &subject);
	}
	pass.scan = cpu() - start;
	start = cpu();
	for (size_t i = 0; i < count; i++)
		pass.candidates += qw_signatures_of_packet(set, &pieces[i].facts, out, CANDIDATES_MAX);
	pass.packets = cpu() - start;
	return pass;
}

static int by_scan(const void *a, const void *b)
{
	double x = ((const struct pass *)a)->scan, y = ((const struct pass *)b)->scan;
	return x < y ? -1 : x > y;
}

static int measure(struct qw_signatures *set, const char *path)
{
	struct qw_mapping file;
	struct pass passes[PASSES];
	uint64_t bytes = 0;
	if (qw_mapping_open(&file, path))
		return fprintf(stderr, "%s: cannot be read\n", path), 1;
	struct piece *pieces = calloc(PIECES_MAX, sizeof(*pieces));
	if (!pieces)
		return 1;
	size_t count = collect(&file, pieces);
	for (size_t i = 0; i < count; i++)
		bytes += pieces[i].len;
	for (int i = 0; i < PASSES; i++)
		passes[i] = run(set, pieces, count);
	qsort(passes, PASSES, sizeof(passes[0]), by_scan);
	const struct pass *middle = &passes[PASSES / 2];
	printf("scan payloads=%zu payload_mb=%.1f candidates=%llu matches=%llu ns_byte=%.3f best_ns_byte=%.3f "
	       "ns_payload=%.0f "
	       "of_packet_ns=%.1f\n",
	       count, (double)bytes * 1e-6, (unsigned long long)middle->candidates, (unsigned long long)middle->matches,
	       middle->scan / (double)bytes * 1e9, passes[0].scan / (double)bytes * 1e9,
	       middle->scan / (double)count * 1e9, middle->packets / (double)count * 1e9);
	free(pieces);
	qw_mapping_close(&file);
	return 0;
}

int main(int argc, char **argv)
{
	struct qw_signatures *set;
	const char *capture = NULL, *cache = NULL;
	for (int option; (option = getopt(argc, argv, "p:c:")) != -1;) {
		if (option == 'p')
			capture = optarg;
		else if (option == 'c')
			cache = optarg;
		else
			return fprintf(stderr, "usage: signatures [-p CAPTURE] [-c CACHE] RULES…\n"), 64;
	}
	if (load(&set, argv + optind, argc - optind, cache))
		return 1;
	int result = capture ? measure(set, capture) : 0;
	qw_signatures_close(set);
	return result;
}

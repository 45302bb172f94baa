/* SPDX-License-Identifier: Apache-2.0 */
/* forge - writes a small capture of an attack, for the quickstart and for demonstrations. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/forge/bytes.h"
#include "tests/forge/forge.h"

struct demo {
	const char *attacker, *victim, *resolver, *domain, *host, *path, *file;
};

static const char usage[] =
    "usage: forge [options] FILE\n"
    "Writes a pcap of a DNS query for a bad name and an HTTP request with an attack in it.\n"
    "  -a, --attacker ADDRESS  who asks and attacks, default 198.51.100.66\n"
    "  -v, --victim ADDRESS    the web server, default 10.20.0.10\n"
    "  -r, --resolver ADDRESS  the DNS server, default 10.20.0.53\n"
    "  -d, --domain NAME       the name asked for, default c2.evil.example\n"
    "  -H, --host NAME         of the request, default evil.example\n"
    "  -p, --path PATH         of the request, default /cgi-bin/.%2e/.%2e/bin/sh?quaywatch-demo\n"
    "All addresses are IPv4 or all are IPv6.  The times of the packets are now.\n";

/* A query for an address: header, the name's labels, type A, class IN. */
static size_t dns_query(uint8_t *out, size_t room, const char *name, bool answer)
{
	static const uint8_t question[] = {0, 1, 0, 1},
			     record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 66};
	size_t len = 12;

	forge_require(strlen(name) + 64 < room);
	memcpy(out, answer ? "\x51\x57\x81\x80\0\1\0\1\0\0\0\0" : "\x51\x57\1\0\0\1\0\0\0\0\0\0", 12);
	while (*name) {
		size_t label = strcspn(name, ".");
		forge_require(label > 0 && label < 64);
		out[len++] = (uint8_t)label;
		memcpy(out + len, name, label);
		len += label;
		name += label + (name[label] == '.');
	}
	out[len++] = 0;
	memcpy(out + len, question, sizeof(question));
	len += sizeof(question);
	if (answer) {
		memcpy(out + len, record, sizeof(record));
		len += sizeof(record);
	}
	return len;
}

static void put_dns(struct forge_capture *capture, const struct demo *demo)
{
	uint8_t message[512];
	size_t len = dns_query(message, sizeof(message), demo->domain, false);

	forge_datagram(capture, demo->attacker, 50123, demo->resolver, 53, message, len);
	len = dns_query(message, sizeof(message), demo->domain, true);
	forge_datagram(capture, demo->resolver, 53, demo->attacker, 50123, message, len);
}

static void put_http(struct forge_capture *capture, const struct demo *demo)
{
	struct forge_talk talk;
	char request[2048];

	int len = snprintf(request, sizeof(request),
			   "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: quaywatch-demo/1.0\r\nAccept: */*\r\n\r\n",
			   demo->path, demo->host);
	forge_require(len > 0 && (size_t)len < sizeof(request));
	forge_talk_init(&talk, capture, demo->attacker, 50124, demo->victim, 80);
	forge_talk_open(&talk);
	/* In two segments, so that what is looked for lies across their border. */
	forge_talk_say(&talk, FORGE_CLIENT, request, (size_t)len, (size_t)len / 3 + 1);
	forge_talk_text(&talk, FORGE_SERVER, "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot here\n");
	forge_talk_close(&talk);
}

static bool same_family(const struct demo *demo)
{
	struct in6_addr six;
	struct in_addr four;
	const char *const all[] = {demo->attacker, demo->victim, demo->resolver};
	int fours = 0, sixes = 0;

	for (int i = 0; i < 3; i++) {
		fours += inet_pton(AF_INET, all[i], &four);
		sixes += inet_pton(AF_INET6, all[i], &six);
	}
	return fours == 3 || sixes == 3;
}

static bool parse(struct demo *demo, int argc, char **argv)
{
	static const struct option options[] = {
	    {"attacker", required_argument, NULL, 'a'},
	    {"victim", required_argument, NULL, 'v'},
	    {"resolver", required_argument, NULL, 'r'},
	    {"domain", required_argument, NULL, 'd'},
	    {"host", required_argument, NULL, 'H'},
	    {"path", required_argument, NULL, 'p'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "a:v:r:d:H:p:", options, NULL)) != -1)
		switch (option) {
		case 'a': demo->attacker = optarg; break;
		case 'v': demo->victim = optarg; break;
		case 'r': demo->resolver = optarg; break;
		case 'd': demo->domain = optarg; break;
		case 'H': demo->host = optarg; break;
		case 'p': demo->path = optarg; break;
		default: return false;
		}
	if (optind + 1 != argc)
		return false;
	demo->file = argv[optind];
	return same_family(demo) && strlen(demo->domain) < 254;
}

int main(int argc, char **argv)
{
	struct demo demo = {
	    .attacker = "198.51.100.66",
	    .victim = "10.20.0.10",
	    .resolver = "10.20.0.53",
	    .domain = "c2.evil.example",
	    .host = "evil.example",
	    .path = "/cgi-bin/.%2e/.%2e/bin/sh?quaywatch-demo",
	};
	struct forge_capture capture;

	if (!parse(&demo, argc, argv)) {
		fputs(usage, stderr);
		return 64;
	}
	forge_capture_init(&capture, (struct forge_format){.link = 1});
	capture.ns = (uint64_t)time(NULL) * 1000000000u;
	put_dns(&capture, &demo);
	put_http(&capture, &demo);
	forge_capture_save(&capture, demo.file);
	printf("%u packets written to %s\n", capture.packets, demo.file);
	forge_capture_fini(&capture);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/evasion/goods.h"

#include <string.h>

#include "tests/forge/bytes.h"

#define FILLER_20 "the quay is asleep, "
#define FILLER_80 FILLER_20 FILLER_20 FILLER_20 FILLER_20

const char goods_rules[] =
    "alert tcp any any -> any any (content:\"EVIL-CRANE-17\"; sid:1;)\n"
    "alert tcp any any -> any any (content:\"hoist-free\"; content:\"slack-rope\"; distance:60; within:100; sid:2;)\n"
    "alert tcp any any -> any any (content:\"PLC-\"; pcre:\"/PLC-[0-9]{4}:stop!/\"; sid:3;)\n"
    "alert http any any -> any any (http.uri; content:\"/evil-crane-17\"; sid:4;)\n"
    "alert udp any any -> any any (content:\"EVIL-CRANE-17\"; sid:6;)\n"
    "alert udp any any -> any any (content:\"hoist-free\"; content:\"slack-rope\"; distance:60; within:100; sid:7;)\n"
    "alert udp any any -> any any (content:\"PLC-\"; pcre:\"/PLC-[0-9]{4}:stop!/\"; sid:8;)\n"
    "alert http any any -> any any (http.header; content:\"X-Crane|3a| evil 17\"; nocase; sid:10;)\n"
    "alert http any any -> any any (http.request_body; content:\"EVIL-CRANE-17\"; sid:11;)\n"
    "alert http any any -> any any (http.response_body; content:\"EVIL-CRANE-17\"; sid:12;)\n"
    "alert tls any any -> any any (tls.sni; content:\"bad.crane.example\"; sid:13;)\n"
    "alert dns any any -> any any (dns.query; content:\"bad.crane.example\"; nocase; sid:14;)\n"
    "alert http any any -> any any (http.uri; content:\"/yard/evil-crane-17\"; startswith; endswith; sid:15;)\n"
    "alert http any any -> any any (http.uri; content:\"/yard/%65vil-crane-17\"; startswith; endswith; sid:16;)\n"
    "alert http any any -> any any (http.uri.raw; content:\"65vil-crane%2d17\"; sid:17;)\n"
    "alert http any any -> any any (http.uri; content:\"/yard?do=evil-crane-17\"; startswith; endswith; sid:18;)\n"
    "alert smb any any -> any any (file.data; content:\"EVIL-CRANE-17\"; sid:19;)\n"
    "alert smb any any -> any any (dcerpc.stub_data; content:\"EVIL-CRANE-17\"; sid:20;)\n"
    "alert dcerpc any any -> any any (dcerpc.stub_data; content:\"EVIL-CRANE-17\"; sid:21;)\n";

/* The letter at `spoil` of what is looked for makes the difference. */
static const struct {
	const char *before, *wanted, *after;
	uint32_t spoil;
} kinds[GOODS_KINDS] = {
    [GOODS_SINGLE] = {FILLER_20, "EVIL-CRANE-17", FILLER_20, 6},
    [GOODS_PAIR] = {FILLER_20, "hoist-free" FILLER_80 "slack-rope", FILLER_20, 94},
    [GOODS_PCRE] = {FILLER_20, "PLC-2291:stop!", FILLER_20, 5},
    [GOODS_HTTP] = {"GET /yard/moves", "/evil-crane-17", " HTTP/1.1\r\nHost: tos.example\r\nAccept: */*\r\n\r\n", 7},
    [GOODS_INDICATOR] = {"GET /yard HTTP/1.1\r\nHost: ", "bad.crane.example", "\r\nAccept: */*\r\n\r\n", 5},
    [GOODS_DATAGRAM] = {FILLER_20, "EVIL-CRANE-17", FILLER_20, 6},
    [GOODS_DATAGRAM_PAIR] = {FILLER_20, "hoist-free" FILLER_80 "slack-rope", FILLER_20, 94},
    [GOODS_DATAGRAM_PCRE] = {FILLER_20, "PLC-2291:stop!", FILLER_20, 5},
};

static void add(struct goods *goods, const void *bytes, size_t len)
{
	forge_require(len <= GOODS_MAX - goods->len);
	memcpy(goods->bytes + goods->len, bytes, len);
	goods->len += (uint32_t)len;
}

static void make_dns(struct goods *goods, bool planted)
{
	add(goods, "\x12\x34\1\0\0\1\0\0\0\0\0\0", 12);
	goods->from = goods->len;
	add(goods, planted ? "\3bad\5crane\7example" : "\3bad\5crine\7example", 19);
	goods->until = goods->len;
	add(goods, "\0\1\0\1", 5);
}

void goods_make(struct goods *goods, enum goods_kind kind, bool planted)
{
	*goods = (struct goods){.kind = kind, .planted = planted};
	if (kind > GOODS_DNS)
		return;
	if (kind == GOODS_DNS) {
		make_dns(goods, planted);
		return;
	}
	add(goods, kinds[kind].before, strlen(kinds[kind].before));
	goods->from = goods->len;
	add(goods, kinds[kind].wanted, strlen(kinds[kind].wanted));
	goods->until = goods->len;
	add(goods, kinds[kind].after, strlen(kinds[kind].after));
	if (!planted)
		goods->bytes[goods->from + kinds[kind].spoil] = 'o';
}

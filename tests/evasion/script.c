/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/evasion/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/forge/bytes.h"

void text_put(struct text *text, const void *data, size_t len)
{
	forge_require(len <= TEXT_MAX - text->len);
	memcpy(text->at + text->len, data, len);
	text->len += (uint32_t)len;
}

void text_say(struct text *text, const char *format, ...)
{
	char line[TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	int len = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	forge_require(len >= 0 && (size_t)len < sizeof(line));
	text_put(text, line, (size_t)len);
}

void text_turn(struct text *text)
{
	forge_require(text->turns < TURNS_MAX);
	text->until[text->turns++] = text->len;
}

void text_clear(struct text *text)
{
	text->len = text->turns = 0;
}

bool script_write(struct script *script, const struct goods *goods, unsigned form)
{
	text_clear(&script->client);
	text_clear(&script->server);
	switch (goods->kind) {
	case GOODS_HTTP:
	case GOODS_INDICATOR: return script_http_uri(script, goods, form);
	case GOODS_HEADER: return script_http_header(script, goods, form);
	case GOODS_REQUEST: return script_http_request(script, goods, form);
	case GOODS_RESPONSE: return script_http_response(script, goods, form);
	case GOODS_PATH:
	case GOODS_PATH_TWICE:
	case GOODS_PATH_RAW:
	case GOODS_QUERY: return script_path(script, goods, form);
	case GOODS_SMB: return script_smb(script, goods, form);
	case GOODS_PIPE: return script_pipe(script, goods, form);
	case GOODS_DCERPC: return script_dcerpc(script, goods, form);
	case GOODS_SNI: return script_tls(script, goods, form);
	case GOODS_DNS_TCP: return script_dns_tcp(script, goods, form);
	default: return false;
	}
}

/* ---- TLS: a ClientHello, cut into records */

static void put_extension(struct text *hello, const char *name)
{
	uint8_t head[9];
	size_t len = strlen(name);

	forge_put16(head, 0);
	forge_put16(head + 2, (uint32_t)len + 5);
	forge_put16(head + 4, (uint32_t)len + 3);
	head[6] = 0;
	forge_put16(head + 7, (uint32_t)len);
	text_put(hello, head, sizeof(head));
	text_put(hello, name, len);
}

static void write_hello(struct text *hello, const char *name, bool padded)
{
	static const uint8_t suites[] = {0, 4, 0x13, 1, 0x13, 2, 1, 0};
	uint8_t head[4 + 2 + 32 + 1] = {1, 0, 0, 0, 3, 3}, padding[4 + 600] = {0, 21, 600 >> 8, 600 & 255}, len[2] = {0};

	hello->len = 0;
	text_put(hello, head, sizeof(head));
	text_put(hello, suites, sizeof(suites));
	text_put(hello, len, 2);
	if (padded)
		text_put(hello, padding, sizeof(padding));
	put_extension(hello, name);
	forge_put16(hello->at + sizeof(head) + sizeof(suites),
		    hello->len - (uint32_t)sizeof(head) - (uint32_t)sizeof(suites) - 2);
	forge_put16(hello->at + 2, hello->len - 4);
}

bool script_tls(struct script *script, const struct goods *goods, unsigned form)
{
	static const uint16_t sizes[] = {4000, 1, 2, 3, 5, 16, 40, 60, 64, 100};
	static struct text hello;
	bool padded = form >= 10;

	if (form >= 20)
		return false;
	write_hello(&hello, goods->planted ? "bad.crane.example" : "bad.crine.example", padded);
	uint32_t size = sizes[form % 10];
	for (uint32_t at = 0; at < hello.len; at += size) {
		uint32_t part = hello.len - at < size ? hello.len - at : size;
		uint8_t record[5] = {22, 3, 1};
		forge_put16(record + 3, part);
		text_put(&script->client, record, sizeof(record));
		text_put(&script->client, hello.at + at, part);
	}
	return true;
}

/* ---- DNS */

/* A query of a message whose first `prefix` bytes are there already. */
static bool write_query(struct text *text, bool planted, unsigned form)
{
	const char *name = planted ? "\3bad\5crane\7example" : "\3bad\5crine\7example", *type = "\0\1\0\1";
	static const char mixed[] = "\3bAd\5CrAnE\7eXaMpLe", mixed_not[] = "\3bAd\5CrInE\7eXaMpLe";

	text_put(text, "\x12\x34\1\0\0\1\0\0\0\0\0\0", 12);
	switch (form) {
	case 0: text_put(text, name, 19); break;
	case 1: text_put(text, planted ? mixed : mixed_not, 19); break;
	case 2: /* "bad.crane" and a pointer to "example" behind the question */
		text_put(text, name, 10);
		text_put(text, "\xc0\x1c", 2);
		text_put(text, type, 4);
		text_put(text, "\7example\0", 9);
		return true;
	case 3: /* a pointer to a pointer */
		text_put(text, name, 10);
		text_put(text, "\xc0\x1c", 2);
		text_put(text, type, 4);
		text_put(text, "\xc0\x1e", 2);
		text_put(text, "\7example\0", 9);
		return true;
	case 4: /* a query for any type, of class chaos */
		text_put(text, name, 18);
		text_put(text, "\0\0\xff\0\3", 5);
		return true;
	case 5: /* with an additional record whose name is a loop */
		text->at[text->len - 1] = 1;
		text_put(text, name, 18);
		text_put(text, "\0\0\1\0\1\xc0\x23\0\1\0\1\0\0\0\1\0\4\1\2\3\4", 21);
		return true;
	case 6: /* bytes behind the message */
		text_put(text, name, 18);
		text_put(text, "\0\0\1\0\1garbage", 12);
		return true;
	default: return false;
	}
	text_put(text, type, 4);
	return true;
}

bool script_write_dns(struct script *script, const struct goods *goods, unsigned form)
{
	text_clear(&script->client);
	return write_query(&script->client, goods->planted, form);
}

static void put_framed(struct text *out, const struct text *message)
{
	uint8_t len[2];

	forge_put16(len, message->len);
	text_put(out, len, 2);
	text_put(out, message->at, message->len);
}

/* Of several messages in a row the last one, first one, or middle one matters. */
bool script_dns_tcp(struct script *script, const struct goods *goods, unsigned form)
{
	static struct text query, other;

	query.len = other.len = 0;
	if (form >= 18 || !write_query(&query, goods->planted, form % 6))
		return false;
	(void)write_query(&other, false, 0);
	if (form >= 6)
		put_framed(&script->client, &other);
	put_framed(&script->client, &query);
	if (form >= 12)
		put_framed(&script->client, &other);
	return true;
}

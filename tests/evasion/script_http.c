/* SPDX-License-Identifier: Apache-2.0 */
/* script_http - requests and responses in the forms that servers and clients take. */
#include "tests/evasion/script.h"

#include <string.h>
#include <zlib.h>

#include "tests/forge/bytes.h"

#define END "\r\n\r\n"

/* The form, with @ and # replaced. */
static void text_fill(struct text *text, const char *form, const char *at, const char *hash)
{
	for (; *form; form++) {
		if (*form == '@')
			text_put(text, at, strlen(at));
		else if (*form == '#')
			text_put(text, hash, strlen(hash));
		else
			text_put(text, form, 1);
	}
}

static void answer(struct script *script)
{
	text_say(&script->server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

/* ---- where the request goes */

static const char *const uris[] = {
    "GET @ HTTP/1.1\r\nHost: #" END,
    "GET http://tos.example@ HTTP/1.1\r\nHost: #" END,
    "GET @ HTTP/1.1\nHost: #\n\n",
    "GET @ HTTP/1.1\r\nHost:#" END,
    "GET @ HTTP/1.1\r\nHost: \t # \t" END,
    "GET @ HTTP/1.1\r\nhOsT: #" END,
    "GET\t@\tHTTP/1.1\r\nHost: #" END,
    "GET   @   HTTP/1.1\r\nHost: #" END,
    "\r\n\r\nGET @ HTTP/1.1\r\nHost: #" END,
    "CRANE @ HTTP/1.1\r\nHost: #" END,
    "get @ HTTP/1.1\r\nHost: #" END,
    "GET @ HTTP/1.0\r\nHost: #" END,
    "GET @ HTTP/3.7\r\nHost: #" END,
    "GET / HTTP/1.1\r\nHost: tos.example\r\n\r\nGET @ HTTP/1.1\r\nHost: #" END,
    "POST / HTTP/1.1\r\nHost: tos.example\r\nContent-Length: 4\r\n\r\nbodyGET @ HTTP/1.1\r\nHost: #" END,
    "POST / HTTP/1.1\r\nHost: tos.example\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\nGET @ HTTP/1.1\r\n"
    "Host: #" END,
    "GET /./yard/..@ HTTP/1.1\r\nHost: #" END,
    "GET @ HTTP/1.1\r\nA: 1\r\n  folded\r\nHost: #" END,
};

/* The same path, and those that a server makes the same of. */
static const char *const paths[] = {"/@evil-crane-17", "/@%65vil-crane-17", "/@%65%76%69%6c-%63%72ane-17",
				    "/yard/../@evil-crane-17"};

bool script_http_uri(struct script *script, const struct goods *goods, unsigned form)
{
	enum { URIS = sizeof(uris) / sizeof(uris[0]), PATHS = sizeof(paths) / sizeof(paths[0]) };
	const char *host = goods->kind == GOODS_INDICATOR && goods->planted ? "bad.crane.example" : "tos.crane.example";
	const char *spoil = goods->kind == GOODS_HTTP && goods->planted ? "" : "n";
	static struct text path;

	if (form >= URIS + PATHS)
		return false;
	path.len = 0;
	text_fill(&path, form >= URIS ? paths[form - URIS] : paths[0], spoil, "");
	text_put(&path, "", 1);
	text_fill(&script->client, form >= URIS ? uris[0] : uris[form], (const char *)path.at, host);
	if (form == 14 || form == 15 || form == 13)
		answer(script);
	answer(script);
	return true;
}

/* ---- headers: X-Crane: evil 17 */

static const char *const headers[] = {
    "X-Crane: @ 17\r\n",
    "x-CRANE: @ 17\r\n",
    "X-Crane: @\r\n 17\r\n",
    "X-Crane:\r\n @ 17\r\n",
    "X-Crane:@ 17\n",
    "X-Crane:     @ 17   \r\n",
    "A: b\nX-Crane: @ 17\nC: d\r\n",
};

bool script_http_header(struct script *script, const struct goods *goods, unsigned form)
{
	if (form >= sizeof(headers) / sizeof(headers[0]))
		return false;
	text_say(&script->client, "GET / HTTP/1.1\r\nHost: tos.example\r\n");
	text_fill(&script->client, headers[form], goods->planted ? "evil" : "good", "");
	text_say(&script->client, "Accept: */*" END);
	answer(script);
	return true;
}

/* ---- bodies */

#define BODY_HEAD "the quay is asleep, "

static void body_of(const struct goods *goods, struct text *body)
{
	body->len = 0;
	for (int i = 0; i < 5; i++)
		text_say(body, BODY_HEAD);
	text_say(body, "EVIL-CR%cNE-17", goods->planted ? 'A' : 'O');
	for (int i = 0; i < 5; i++)
		text_say(body, BODY_HEAD);
}

struct chunking {
	uint32_t size;
	const char *coding;
	enum { SMALL, LARGE, WIDE } number;
	const char *behind; /* the number */
	const char *end;
};

static void put_chunks(struct text *out, const struct text *body, const struct chunking *how)
{
	for (uint32_t at = 0; at < body->len; at += how->size) {
		uint32_t part = body->len - at < how->size ? body->len - at : how->size;
		if (how->number == WIDE)
			text_say(out, "%08x", part);
		else if (how->number == LARGE)
			text_say(out, "%X", part);
		else
			text_say(out, "%x", part);
		text_say(out, "%s", how->behind);
		text_put(out, body->at + at, part);
		text_say(out, "\r\n");
	}
	text_say(out, "%s", how->end);
}

enum { SQUEEZED = 15, OPEN_ENDED = 2 };

enum squeezing { GZIP = 15 + 16, ZLIB = 15, RAW = -15, BROTLI = 0, MEMBERS = 1, NOT_AT_ALL = 2 };

static void squeeze(struct text *out, const struct text *body, enum squeezing how)
{
	z_stream stream = {0};

	forge_require(deflateInit2(&stream, 9, Z_DEFLATED, how, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)body->at;
	stream.avail_in = body->len;
	stream.next_out = out->at + out->len;
	stream.avail_out = TEXT_MAX - out->len;
	forge_require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
	out->len = TEXT_MAX - stream.avail_out;
	deflateEnd(&stream);
}

static const struct chunking chunkings[] = {
    {1000, "Transfer-Encoding: chunked", SMALL, "\r\n", "0\r\n\r\n"},
    {1, "Transfer-Encoding: chunked", SMALL, "\r\n", "0\r\n\r\n"},
    {7, "Transfer-Encoding: chunked", SMALL, "\r\n", "0\r\n\r\n"},
    {105, "Transfer-Encoding: chunked", LARGE, "\r\n", "0\r\n\r\n"},
    {50, "Transfer-Encoding: CHUNKED", SMALL, "\r\n", "0\r\n\r\n"},
    {50, "transfer-encoding:chunked", WIDE, "\r\n", "0\r\n\r\n"},
    {50, "Transfer-Encoding: chunked", SMALL, ";name=value\r\n", "0\r\n\r\n"},
    {50, "Transfer-Encoding: chunked", SMALL, "  \r\n", "0\r\n\r\n"},
    {50, "Transfer-Encoding: chunked", SMALL, "\n", "0\r\n\r\n"},
    {50, "Transfer-Encoding: chunked", SMALL, "\r\n", "000\r\nTrailer: yes\r\n\r\n"},
    {50, "Transfer-Encoding: \t chunked ", SMALL, "\r\n", "0\r\n\r\n"},
    {50, "Transfer-Encoding: chunked\r\nContent-Length: 3", SMALL, "\r\n", "0\r\n\r\n"},
    {50, "Content-Length: 3\r\nTransfer-Encoding: chunked", SMALL, "\r\n", "0\r\n\r\n"},
};

enum { CHUNKINGS = sizeof(chunkings) / sizeof(chunkings[0]) };

static void put_body(struct text *out, const struct text *body, unsigned form)
{
	if (form == 0) {
		text_say(out, "Content-Length: %u" END, body->len);
		text_put(out, body->at, body->len);
		return;
	}
	text_say(out, "%s" END, chunkings[form - 1].coding);
	put_chunks(out, body, &chunkings[form - 1]);
}

bool script_http_request(struct script *script, const struct goods *goods, unsigned form)
{
	static struct text body;

	if (form > CHUNKINGS)
		return false;
	body_of(goods, &body);
	text_say(&script->client, "POST /yard HTTP/1.1\r\nHost: tos.example\r\n");
	put_body(&script->client, &body, form);
	answer(script);
	return true;
}

/* RFC 7932 without squeezing: one uncompressed meta-block, and an empty last one. */
static void write_brotli(struct text *out, const struct text *body)
{
	uint32_t head = (body->len - 1) << 4 | 1u << 20;
	const uint8_t bytes[3] = {(uint8_t)head, (uint8_t)(head >> 8), (uint8_t)(head >> 16)};

	text_put(out, bytes, sizeof(bytes));
	text_put(out, body->at, body->len);
	text_put(out, "\3", 1);
}

/* Members of gzip in a row, each of some of the body. */
static void squeeze_members(struct text *out, const struct text *body)
{
	static struct text part;

	for (uint32_t at = 0; at < body->len; at += 105) {
		part.len = body->len - at < 105 ? body->len - at : 105;
		memcpy(part.at, body->at + at, part.len);
		squeeze(out, &part, GZIP);
	}
}

static void put_squeezed(struct text *out, const struct text *body, unsigned form)
{
	static const struct {
		enum squeezing how;
		const char *coding;
		bool chunked;
	} rows[SQUEEZED] = {
	    {GZIP, "gzip", false}, {GZIP, "x-gzip", false}, {GZIP, "GZIP", true}, {ZLIB, "deflate", false},
	    {RAW, "deflate", false}, {ZLIB, "deflate", true}, {GZIP, "gzip, gzip", false}, {BROTLI, "br", false},
	    {BROTLI, "br", true},    {BROTLI, "br, gzip", true}, {MEMBERS, "gzip", false},  {MEMBERS, "gzip", true},
	    {NOT_AT_ALL, "gzip", false}, {NOT_AT_ALL, "br", false}, {NOT_AT_ALL, "deflate", true},
	};
	static struct text once, twice;

	once.len = twice.len = 0;
	if (rows[form].how == BROTLI)
		write_brotli(&once, body);
	else if (rows[form].how == MEMBERS)
		squeeze_members(&once, body);
	else if (rows[form].how == NOT_AT_ALL)
		once = *body;
	else
		squeeze(&once, body, rows[form].how);
	squeeze(&twice, &once, GZIP);
	const struct text *wire = strchr(rows[form].coding, ',') ? &twice : &once;
	text_say(out, "Content-Encoding: %s\r\n", rows[form].coding);
	put_body(out, wire, rows[form].chunked ? 3 : 0);
}

bool script_http_response(struct script *script, const struct goods *goods, unsigned form)
{
	static struct text body;

	if (form > CHUNKINGS + SQUEEZED + OPEN_ENDED)
		return false;
	body_of(goods, &body);
	text_say(&script->client, "GET /yard HTTP/1.1\r\nHost: tos.example" END);
	if (form == CHUNKINGS + SQUEEZED + 2)
		text_say(&script->server, "HTTP/1.1 100 Continue" END);
	text_say(&script->server, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n");
	if (form <= CHUNKINGS) {
		put_body(&script->server, &body, form);
	} else if (form <= CHUNKINGS + SQUEEZED) {
		put_squeezed(&script->server, &body, form - CHUNKINGS - 1);
	} else {
		text_say(&script->server, "\r\n"); /* to the end of the connection */
		text_put(&script->server, body.at, body.len);
	}
	return true;
}

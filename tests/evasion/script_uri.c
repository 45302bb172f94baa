/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_uri - one path, in the many ways that http.uri makes the same of, as libhtp does for Suricata:
 * decoded once (%65, %u0065), overlong and fullwidth UTF-8 as the letter that it stands for, backslashes
 * as slashes, these compressed, dot segments gone; and http.uri.raw as it was sent.
 */
#include "tests/evasion/script.h"

#include <string.h>

/* @: what makes the difference; #: its second character. */
static const char *const paths[] = {
    "/yard/@vil-crane-17",
    "/yard/./@vil-crane-17",
    "/./yard/././@vil-crane-17",
    "//yard///@vil-crane-17",
    "/yard/gate/../@vil-crane-17",
    "/../../yard/@vil-crane-17",
    "/a/b/../../yard/c/.././@vil-crane-17",
    "/yard/%2e/@vil-crane-17",
    "/yard/gate/%2e%2E/@vil-crane-17",
    "/yard/gate/.%2e/%2e./.././yard/@vil-crane-17",
    "\\yard\\@vil-crane-17",
    "/yard\\.\\@vil-crane-17",
    "/gate\\..\\yard/@vil-crane-17",
    "/yard%2f@vil-crane-17",
    "/yard%5c@vil-crane-17",
    "/yard%2F%5C%2f@vil-crane-17",
    "/%79%61%72%64/@vil%2dcrane%2D17",
    "/%u0079ard/@vil%u002dcrane-17",
    "/%U0079ard/@vil-crane-17",
    "/yard%u002f@vil-crane-17",
    "/%c1%b9ard/@vil-crane-17",
    "/%e0%81%b9ard/@vil-crane-17",
    "/\xc1\xb9\x61rd/@vil-crane-17",
    "/yard%c0%af@vil-crane-17",
    "/yard/gate/%c0%ae%c0%ae/@vil-crane-17",
    "/%ef%bd%99ard/@vil-crane-17",
    "/%uff59ard/@vil-crane-17",
    "http://tos.example/yard/gate/..//@vil-crane-17",
};

/* Decoded once, a percent sign and two digits are left. */
static const char *const twice[] = {
    "/yard/%25@vil-crane-17",
    "/yard/%25%36%3#vil-crane-17",
    "/yard/%%36%3#vil-crane-17",
    "/yard/%u0025@vil-crane-17",
    "/yard/%25%u0036%3#vil-crane-17",
    "/yard/gate/..//%25@vil-crane-17",
    "/yard/%c0%a5@vil-crane-17",
    "/yard%2f%25@vil-crane-17",
};

static const char *const raw[] = {
    "/yard/%@vil-crane%2d17",
    "/yard/./%@vil-crane%2d17",
    "//yard/gate/../%@vil-crane%2d17",
    "\\yard\\%25@vil-crane%2d17",
    "/yard%2f%@vil-crane%2d17?a=b",
    "http://tos.example/yard/%@vil-crane%2d17",
    "/yard?do=%@vil-crane%2d17",
};

static const char *const queries[] = {
    "/yard?do=@vil-crane-17",
    "/yard?%64%6f=@vil%2Dcrane-17",
    "/%79ard?do=@vil-crane%2d17",
    "/gate/../yard?do=@vil-crane-17",
    "/yard?do%3d@vil-crane-17",
};

#define ROWS(t) t, sizeof(t) / sizeof(t[0])

static const struct {
	enum goods_kind kind;
	const char *const *path;
	size_t count;
	const char *letter, *other; /* planted, and not */
} tables[] = {
    {GOODS_PATH, ROWS(paths), "e", "u"},
    {GOODS_PATH_TWICE, ROWS(twice), "65", "66"},
    {GOODS_PATH_RAW, ROWS(raw), "65", "66"},
    {GOODS_QUERY, ROWS(queries), "e", "u"},
};

static void put_path(struct text *text, const char *path, const char *letter)
{
	for (; *path; path++) {
		if (*path == '@')
			text_put(text, letter, strlen(letter));
		else
			text_put(text, *path == '#' ? letter + 1 : path, 1);
	}
}

bool script_path(struct script *script, const struct goods *goods, unsigned form)
{
	size_t i = 0;

	while (tables[i].kind != goods->kind)
		i++;
	if (form >= tables[i].count)
		return false;
	text_say(&script->client, "GET ");
	put_path(&script->client, tables[i].path[form], goods->planted ? tables[i].letter : tables[i].other);
	text_say(&script->client, " HTTP/1.1\r\nHost: tos.example\r\n\r\n");
	text_say(&script->server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	return true;
}

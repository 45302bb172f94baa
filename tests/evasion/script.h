/* SPDX-License-Identifier: Apache-2.0 */
/* script - what client and server say in an application's protocol, in the many forms that mean the same. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/evasion/goods.h"

enum { TEXT_MAX = 32768, SCRIPT_FORMS = 32, TURNS_MAX = 32 };

/* What one side says.  In turns: the other side's first comes after this one's, and so on; without, all is one. */
struct text {
	uint32_t len;
	uint32_t turns, until[TURNS_MAX];
	uint8_t at[TEXT_MAX];
};

struct script {
	struct text client, server;
};

void text_put(struct text *text, const void *data, size_t len);
/* What was said since the last turn is one. */
void text_turn(struct text *text);
void text_clear(struct text *text);
void text_say(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The form of that number for the kind of goods.  False: there is none. */
bool script_write(struct script *script, const struct goods *goods, unsigned form);

/* A DNS query in a datagram. */
bool script_write_dns(struct script *script, const struct goods *goods, unsigned form);

/* By kind of goods, what script_write() calls. */
bool script_http_uri(struct script *script, const struct goods *goods, unsigned form);
bool script_http_header(struct script *script, const struct goods *goods, unsigned form);
bool script_http_request(struct script *script, const struct goods *goods, unsigned form);
bool script_http_response(struct script *script, const struct goods *goods, unsigned form);
bool script_path(struct script *script, const struct goods *goods, unsigned form);
bool script_smb(struct script *script, const struct goods *goods, unsigned form);
bool script_pipe(struct script *script, const struct goods *goods, unsigned form);
bool script_dcerpc(struct script *script, const struct goods *goods, unsigned form);
bool script_tls(struct script *script, const struct goods *goods, unsigned form);
bool script_dns_tcp(struct script *script, const struct goods *goods, unsigned form);

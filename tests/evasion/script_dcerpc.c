/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_dcerpc - calls whose stub data come in fragments (PFC_FIRST_FRAG, PFC_LAST_FRAG), of either byte
 * order, amid other calls, over TCP and through pipes of SMB 1 and 2, where the PDUs are cut once more.
 */
#include "tests/evasion/script.h"

#include <string.h>

#include "tests/forge/smb.h"

enum { TREE = 5, PIPE = 2, PIPE_1 = 21, PIPE_2 = 22, CUT = 26, OPNUM = 15, FRAGMENTS = 10, CARRIERS = 8 };

static const uint8_t svcctl[1][16] = {
    {0x36, 0x7a, 0xbb, 0x81, 0x98, 0x44, 0x35, 0xf1, 0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03}};

static struct forge_blob pdus, blob; /* too large for the stack */

struct stub {
	char bytes[64];
	uint16_t len;
};

static struct stub stub_of(bool planted)
{
	struct stub stub = {"the quay is asleep, EVIL-CRANE-17 asleep", 40};

	if (!planted)
		stub.bytes[27] = 'O';
	return stub;
}

/* ---- PDUs */

static void put_request(const struct stub *stub, const struct forge_pdu *call, uint32_t from, uint32_t until)
{
	struct forge_pdu pdu = *call;

	pdu.flags = (uint8_t)((from == 0 ? FORGE_PDU_FIRST : 0) | (until == stub->len ? FORGE_PDU_LAST : 0));
	forge_pdu_request(&pdus, &pdu, 0, OPNUM, stub->bytes + from, until - from);
}

static void put_bind(const struct forge_pdu *call)
{
	const struct forge_pdu pdu = {.flags = FORGE_PDU_WHOLE, .big = call->big, .call = 1};

	forge_pdu_bind(&pdus, &pdu, svcctl, 2, 1);
}

static void put_bind_answer(const struct forge_pdu *call)
{
	const struct forge_pdu pdu = {.flags = FORGE_PDU_WHOLE, .big = call->big, .call = 1};

	forge_pdu_bind_answer(&pdus, &pdu, (const uint16_t[]){0}, 1);
}

/* In fragments of `size` bytes. */
static void put_fragments(const struct stub *stub, const struct forge_pdu *call, uint32_t size)
{
	for (uint32_t at = 0; at < stub->len; at += size)
		put_request(stub, call, at, at + size < stub->len ? at + size : stub->len);
}

/* A trailer of authentication, which is no stub data, behind each fragment. */
static void put_signed(const struct stub *stub, const struct forge_pdu *call)
{
	uint8_t body[8 + 64 + 2 + 8 + 16];

	for (uint32_t from = 0; from < stub->len; from += CUT) {
		uint32_t len = from ? stub->len - CUT : CUT;
		struct forge_pdu pdu = *call;
		size_t at = pdus.len;
		memset(body, 0, sizeof(body));
		body[4 + 2 + call->big] = OPNUM;
		memcpy(body + 8, stub->bytes + from, len);
		memset(body + 8 + len, 'p', 2); /* padding, which the trailer counts */
		memcpy(body + 8 + len + 2, "\x0a\5\2\0\0\0\0\0", 8);
		pdu.flags = from ? FORGE_PDU_LAST : FORGE_PDU_FIRST;
		forge_pdu(&pdus, &pdu, body, 8 + len + 2 + 8 + 16);
		pdus.at[at + 10 + call->big] = 16; /* the length of what authenticates */
	}
}

/* The calls of the form; true: it is the server that says it. */
static bool put_form(const struct stub *stub, const struct forge_pdu *call, unsigned form)
{
	const struct stub nothing = stub_of(false);
	const struct forge_pdu other = {.big = !call->big, .call = 8};
	struct forge_pdu answer = *call;

	switch (form) {
	case 0: put_fragments(stub, call, stub->len); break;
	case 1: put_fragments(stub, call, CUT); break;
	case 2: put_fragments(stub, call, 3); break;
	case 3: put_fragments(stub, call, 1); break;
	case 4: /* two calls at once, a fragment each in turn, of either byte order */
		for (uint32_t at = 0; at < stub->len; at += 8) {
			put_request(stub, call, at, at + 8);
			put_request(&nothing, &other, at, at + 8);
		}
		break;
	case 5: /* behind a whole call, and before another */
		put_fragments(&nothing, &other, nothing.len);
		put_fragments(stub, call, CUT);
		put_fragments(&nothing, &other, nothing.len);
		break;
	case 6: put_signed(stub, call); break;
	case 7: /* the last fragment never comes */
		put_request(stub, call, 0, CUT);
		put_request(stub, call, CUT, stub->len - 1u);
		break;
	case 8:
	case 9: /* the answer: whole, in fragments */
		answer.flags = form == 8 ? FORGE_PDU_WHOLE : FORGE_PDU_FIRST;
		forge_pdu_response(&pdus, &answer, 0, stub->bytes, form == 8 ? stub->len : CUT);
		answer.flags = FORGE_PDU_LAST;
		if (form == 9)
			forge_pdu_response(&pdus, &answer, 0, stub->bytes + CUT, stub->len - CUT);
		return true;
	default: break;
	}
	return false;
}

/* ---- over TCP */

static void say_pdus(struct text *text)
{
	text_put(text, pdus.at, pdus.len);
	text_turn(text);
	pdus.len = 0;
}

bool script_dcerpc(struct script *script, const struct goods *goods, unsigned form)
{
	const struct forge_pdu call = {.big = form % 2, .call = 7};
	const struct stub stub = stub_of(goods->planted), nothing = stub_of(false);

	if (form >= FRAGMENTS * 2)
		return false;
	pdus.len = 0;
	put_bind(&call);
	say_pdus(&script->client);
	put_bind_answer(&call);
	say_pdus(&script->server);
	bool served = put_form(&stub, &call, form / 2);
	if (!served) {
		say_pdus(&script->client);
		return true;
	}
	blob = pdus;
	pdus.len = 0;
	put_fragments(&nothing, &call, nothing.len);
	say_pdus(&script->client);
	pdus = blob;
	say_pdus(&script->server);
	return true;
}

/* ---- through pipes */

struct way {
	uint32_t piece;  /* bytes of PDUs that a write carries; 0: all of them */
	bool transceive; /* the request of its own, with its answer */
	bool old;        /* SMB 1 */
	bool compound;   /* all writes in one message */
	bool two;        /* another pipe's call is written between */
	bool big;
	uint8_t form;    /* of the call */
};

static const struct way ways[] = {
    {.form = 0},
    {.form = 1, .big = true},
    {.piece = 7, .form = 0},
    {.piece = 1, .form = 1},
    {.piece = 11, .form = 2, .big = true},
    {.piece = 33, .form = 4},
    {.form = 2, .transceive = true},
    {.form = 0, .transceive = true, .big = true},
    {.piece = 29, .form = 1, .compound = true},
    {.piece = 29, .form = 1, .two = true},
    {.piece = 5, .form = 4, .two = true, .big = true},
    {.form = 6, .two = true},
    {.form = 7},
    {.form = 0, .old = true},
    {.piece = 9, .form = 1, .old = true},
    {.piece = 9, .form = 2, .old = true, .two = true},
    {.form = 1, .old = true, .transceive = true},
    {.form = 0, .old = true, .transceive = true, .big = true},
};

static void say_message(struct text *text)
{
	forge_smb_end(&blob);
	text_put(text, blob.at, blob.len);
	forge_smb_begin(&blob);
}

/* The tree of pipes, and both of them opened. */
static void open_pipes(struct script *script)
{
	forge_smb_begin(&blob);
	forge_smb2_tree(&blob, &(struct forge_smb2){.message = 1}, "\\\\srv\\IPC$");
	say_message(&script->client);
	text_turn(&script->client);
	forge_smb2_tree_answer(&blob, &(struct forge_smb2){.message = 1, .tree = TREE, .response = true}, PIPE);
	say_message(&script->server);
	text_turn(&script->server);
	for (uint16_t pipe = PIPE_1; pipe <= PIPE_2; pipe++) {
		forge_smb2_create(&blob, &(struct forge_smb2){.message = pipe, .tree = TREE}, "svcctl");
		say_message(&script->client);
		text_turn(&script->client);
		forge_smb2_create_answer(&blob, &(struct forge_smb2){.message = pipe, .tree = TREE, .response = true}, pipe, 0);
		say_message(&script->server);
		text_turn(&script->server);
	}
}

static void old_write(uint16_t pipe, const uint8_t *data, size_t len)
{
	const uint8_t words[28] = {0xff, 0, 0, 0, (uint8_t)pipe, 0x40, [20] = (uint8_t)len, [21] = (uint8_t)(len >> 8), [22] = 63};

	forge_smb1(&blob, 0x2f, false, 3, TREE, words, sizeof(words), data, len);
}

/* TRANS with TransactNmPipe: 16 words, the data right behind. */
static void old_transaction(uint16_t pipe, const uint8_t *data, size_t len)
{
	const uint8_t words[32] = {[2] = (uint8_t)len,	[3] = (uint8_t)(len >> 8),  [22] = (uint8_t)len,
				   [23] = (uint8_t)(len >> 8), [24] = 32 + 1 + 32 + 2, [26] = 2,
				   [28] = 0x26,		[30] = (uint8_t)pipe,	    [31] = 0x40};

	forge_smb1(&blob, 0x25, false, 4, TREE, words, sizeof(words), data, len);
}

static void put_data(const struct way *way, uint16_t pipe, uint64_t place, const uint8_t *data, size_t len)
{
	const struct forge_smb2 request = {.message = 100 + place, .tree = TREE};

	if (way->old && way->transceive)
		old_transaction(pipe, data, len);
	else if (way->old)
		old_write(pipe, data, len);
	else if (way->transceive)
		forge_smb2_transceive(&blob, &request, pipe, data, len);
	else
		forge_smb2_write(&blob, &request, pipe, 0, data, len);
}

/* What the first pipe carries, in pieces; the second one's own call goes in the same pieces. */
static void write_pieces(struct script *script, const struct way *way, const struct forge_blob *first,
			 const struct forge_blob *second)
{
	size_t piece = way->piece ? way->piece : first->len;

	for (size_t at = 0; at < first->len || (way->two && at < second->len); at += piece) {
		size_t left = at < first->len ? first->len - at : 0, rest = at < second->len ? second->len - at : 0;
		if (left)
			put_data(way, PIPE_1, at, first->at + at, left < piece ? left : piece);
		if (left && !way->compound)
			say_message(&script->client);
		if (way->two && rest) {
			put_data(way, PIPE_2, at, second->at + at, rest < piece ? rest : piece);
			say_message(&script->client);
		}
	}
	if (way->compound)
		say_message(&script->client);
}

bool script_pipe(struct script *script, const struct goods *goods, unsigned form)
{
	static struct forge_blob first, second;
	const struct stub stub = stub_of(goods->planted), nothing = stub_of(false);

	if (form >= sizeof(ways) / sizeof(ways[0]))
		return false;
	const struct way *way = &ways[form];
	const struct forge_pdu call = {.big = way->big, .call = 7}, other = {.big = !way->big, .call = 7};
	pdus.len = 0;
	put_bind(&other);
	put_fragments(&nothing, &other, CUT);
	second = pdus;
	pdus.len = 0;
	put_bind(&call);
	(void)put_form(&stub, &call, way->form);
	first = pdus;
	forge_smb_begin(&blob);
	if (!way->old)
		open_pipes(script);
	write_pieces(script, way, &first, &second);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcerpc - interfaces and operation numbers of DCE/RPC.
 *
 * An interface is a record (struct qw_dcerpc_iface of sensor/protocol/dcerpc.h): its UUID is a content
 * that the prefilter can use, its version and flags are bytes to test.
 */
#include "rules/signature/keyword.h"

enum {
	UUID_BYTES = 16,
	UUID_TEXT = 36,
	VERSION_AT = 16, /* in the record: two bytes, big end first */
	FIRST_AT = 18,
	ANSWER_AT = 19,
	ACCEPTED = 1, /* values of the answer */
	REFUSED = 2,
};

struct iface {
	struct qw_word uuid, version;
	bool any_frag, before_answer;
};

/* "367abb81-9844-35f1-ad32-98f038001003" */
static bool read_uuid(struct qw_word word, uint8_t out[UUID_BYTES])
{
	static const uint8_t groups[] = {8, 4, 4, 4, 12};
	size_t at = 0, done = 0;
	if (word.len != UUID_TEXT)
		return false;
	for (size_t i = 0; i < sizeof(groups); i++) {
		if (i > 0 && word.at[at++] != '-')
			return false;
		if (!qw_hex_decode(word.at + at, groups[i], out + done))
			return false;
		at += groups[i];
		done += groups[i] / 2;
	}
	return true;
}

static enum qw_err read_parts(struct qw_parse *parse, struct qw_word value, struct iface *out)
{
	struct qw_word piece, name;
	while (qw_word_cut(&value, ',', &piece)) {
		struct qw_word rest = piece;
		bool named = qw_word_next(&rest, &name);
		if (named && qw_word_is(name, "any_frag"))
			out->any_frag = true;
		else if (named && qw_word_is(name, "preack"))
			out->before_answer = true;
		else if (!out->uuid.at)
			out->uuid = named && qw_word_is(name, "uuid") ? qw_word_trim(rest) : piece;
		else if (!out->version.at)
			out->version = named && qw_word_is(name, "version") ? qw_word_trim(rest) : piece;
		else
			return qw_refuse(parse, piece.at, "'%.*s' is none of UUID, a test of the version, any_frag, preack",
					 (int)piece.len, piece.at);
	}
	return QW_OK;
}

/* A test of a number of the record. */
static enum qw_err test(struct qw_parse *parse, uint32_t list, int32_t at, uint8_t width, enum qw_compare compare,
			uint64_t value)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_op(parse, list, QW_OP_BYTE_TEST, &op);
	if (err)
		return err;
	op->compare = (uint8_t)compare;
	op->bytes.offset = at;
	op->bytes.width = width;
	op->bytes.value = value;
	return QW_OK;
}

static enum qw_err put_uuid(struct qw_parse *parse, uint32_t list, struct qw_word word)
{
	struct qw_op *op;
	uint8_t uuid[UUID_BYTES];
	if (!word.at || !read_uuid(word, uuid))
		return qw_refuse(parse, word.at ? word.at : parse->keyword.at,
				 "an interface is a UUID like 367abb81-9844-35f1-ad32-98f038001003");
	enum qw_err err = qw_draft_op(parse, list, QW_OP_CONTENT, &op);
	if (err)
		return err;
	op->flags = QW_OP_STARTS;
	op->content.len = UUID_BYTES;
	return qw_draft_put(parse, uuid, UUID_BYTES, &op->content.data);
}

static enum qw_err put_version(struct qw_parse *parse, uint32_t list, struct qw_word word)
{
	struct qw_op read = {0};
	if (!word.at)
		return QW_OK;
	if (!qw_word_test(word, UINT16_MAX, &read) || read.compare == QW_CMP_BETWEEN || read.compare == QW_CMP_OUTSIDE)
		return qw_refuse(parse, word.at, "'%.*s' is not a test of the interface's version; =N, !N, >N or <N",
				 (int)word.len, word.at);
	return test(parse, list, VERSION_AT, 2, (enum qw_compare)read.compare, read.number.a);
}

QW_KEYWORD(dce_iface)
{
	struct iface iface = {0};
	uint32_t list;
	enum qw_err err = read_parts(parse, value, &iface);
	if (!err)
		err = qw_draft_new_list(parse, QW_BUFFER_DCE_IFACE, &list);
	if (!err)
		err = put_uuid(parse, list, iface.uuid);
	if (!err)
		err = put_version(parse, list, iface.version);
	if (!err && !iface.any_frag)
		err = test(parse, list, FIRST_AT, 1, QW_CMP_EQ, 1);
	if (!err)
		err = test(parse, list, ANSWER_AT, 1, iface.before_answer ? QW_CMP_NE : QW_CMP_EQ,
			   iface.before_answer ? REFUSED : ACCEPTED);
	return err;
}

/* N,N-M,… or one test: >N, <N, !N */
QW_KEYWORD(dce_opnum)
{
	bool tests = value.len && (value.at[0] == '<' || value.at[0] == '>' || value.at[0] == '=');
	return tests ? qw_number_test(parse, QW_BUFFER_DCE_OPNUM, value, NULL, UINT16_MAX)
		     : qw_number_list(parse, QW_BUFFER_DCE_OPNUM, value, NULL, UINT16_MAX);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* nfs - procedures by number, or by the name they have in versions 3 and 4. */
#include "rules/signature/keyword.h"

enum { NONE = 0xff };

#define VERSION_4 (UINT64_C(1) << 32) /* as in QW_BUFFER_NFS_OPERATION */

struct procedure {
	const char *name;
	uint8_t v3, v4;
};

/* RFC 1813; RFC 7530 and 5661. */
static const struct procedure PROCEDURES[] = {
	{"null", 0, 0},
	{"getattr", 1, 9},
	{"setattr", 2, 34},
	{"lookup", 3, 15},
	{"access", 4, 3},
	{"readlink", 5, 27},
	{"read", 6, 25},
	{"write", 7, 38},
	{"create", 8, 6},
	{"mkdir", 9, NONE},
	{"symlink", 10, NONE},
	{"mknod", 11, NONE},
	{"remove", 12, 28},
	{"rmdir", 13, NONE},
	{"rename", 14, 29},
	{"link", 15, 11},
	{"readdir", 16, 26},
	{"readdirplus", 17, NONE},
	{"fsstat", 18, NONE},
	{"fsinfo", 19, NONE},
	{"pathconf", 20, NONE},
	{"commit", 21, 5},
	{"close", NONE, 4},
	{"delegpurge", NONE, 7},
	{"delegreturn", NONE, 8},
	{"getfh", NONE, 10},
	{"lock", NONE, 12},
	{"lockt", NONE, 13},
	{"locku", NONE, 14},
	{"lookupp", NONE, 16},
	{"nverify", NONE, 17},
	{"open", NONE, 18},
	{"openattr", NONE, 19},
	{"open_confirm", NONE, 20},
	{"open_downgrade", NONE, 21},
	{"putfh", NONE, 22},
	{"putpubfh", NONE, 23},
	{"putrootfh", NONE, 24},
	{"renew", NONE, 30},
	{"restorefh", NONE, 31},
	{"savefh", NONE, 32},
	{"secinfo", NONE, 33},
	{"setclientid", NONE, 35},
	{"setclientid_confirm", NONE, 36},
	{"verify", NONE, 37},
	{"release_lockowner", NONE, 39},
	{"exchange_id", NONE, 42},
	{"create_session", NONE, 43},
	{"destroy_session", NONE, 44},
	{"layoutget", NONE, 50},
	{"layoutreturn", NONE, 51},
	{"secinfo_no_name", NONE, 52},
	{"sequence", NONE, 53},
	{"destroy_clientid", NONE, 57},
};

static enum qw_err by_name(struct qw_parse *parse, const struct procedure *procedure, bool negated)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_NFS_OPERATION, &op);
	if (!err && procedure->v3 != NONE)
		err = qw_number_range(parse, op, procedure->v3, procedure->v3);
	if (!err && procedure->v4 != NONE)
		err = qw_number_range(parse, op, VERSION_4 | procedure->v4, VERSION_4 | procedure->v4);
	if (!err)
		op->flags |= negated ? QW_OP_NEGATED : 0;
	return err;
}

/* Ranges include their ends, unlike those of other keywords. */
static enum qw_err by_number(struct qw_parse *parse, struct qw_word value)
{
	struct qw_op *op;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_NFS_PROCEDURE, &op);
	if (err)
		return err;
	if (!qw_word_test(value, UINT32_MAX, op))
		return qw_refuse(parse, value.at, "'%.*s' is no procedure of NFS; a name, N, !N, >N, <N or N<>M",
				 (int)value.len, value.at);
	if (op->compare != QW_CMP_BETWEEN && op->compare != QW_CMP_OUTSIDE)
		return QW_OK;
	op->flags |= op->compare == QW_CMP_OUTSIDE ? QW_OP_NEGATED : 0;
	return qw_number_range(parse, op, op->number.a, op->number.b);
}

QW_KEYWORD(nfs_procedure)
{
	struct qw_word word = value;
	bool negated = qw_word_eat(&word, '!');
	for (size_t i = 0; i < sizeof(PROCEDURES) / sizeof(*PROCEDURES); i++) {
		if (qw_word_is(word, PROCEDURES[i].name))
			return by_name(parse, &PROCEDURES[i], negated);
	}
	return by_number(parse, value);
}

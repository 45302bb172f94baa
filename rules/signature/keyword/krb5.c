/* SPDX-License-Identifier: Apache-2.0 */
/* krb5 - messages and methods of encryption, by number or name. */
#include "rules/signature/keyword.h"

static const struct qw_number_name MESSAGES[] = {
	{"AS_REQ", 10}, {"AS_REP", 11}, {"TGS_REQ", 12}, {"TGS_REP", 13}, {"AP_REQ", 14}, {"AP_REP", 15},
	{"SAFE", 20},   {"PRIV", 21},   {"CRED", 22},    {"ERROR", 30},   {NULL, 0},
};

struct method {
	const char *name;
	int16_t number;
};

/* IANA, "Kerberos Encryption Type Numbers"; those below 0 are Microsoft's. */
static const struct method METHODS[] = {
	{"des-cbc-crc", 1},
	{"des-cbc-md4", 2},
	{"des-cbc-md5", 3},
	{"des3-cbc-md5", 5},
	{"des3-cbc-sha1", 7},
	{"dsaWithSHA1-CmsOID", 9},
	{"md5WithRSAEncryption-CmsOID", 10},
	{"sha1WithRSAEncryption-CmsOID", 11},
	{"rc2CBC-EnvOID", 12},
	{"rsaEncryption-EnvOID", 13},
	{"rsaES-OAEP-ENV-OID", 14},
	{"des-ede3-cbc-Env-OID", 15},
	{"des3-cbc-sha1-kd", 16},
	{"aes128-cts-hmac-sha1-96", 17},
	{"aes256-cts-hmac-sha1-96", 18},
	{"aes128-cts-hmac-sha256-128", 19},
	{"aes256-cts-hmac-sha384-192", 20},
	{"rc4-hmac", 23},
	{"rc4-hmac-exp", 24},
	{"camellia128-cts-cmac", 25},
	{"camellia256-cts-cmac", 26},
	{"subkey-keymaterial", 65},
	{"rc4-md4", -128},
	{"rc4-plain2", -129},
	{"rc4-lm", -130},
	{"rc4-sha", -131},
	{"des-plain", -132},
	{"rc4-hmac-OLD", -133},
	{"rc4-plain-OLD", -134},
	{"rc4-hmac-OLD-exp", -135},
	{"rc4-plain-OLD-exp", -136},
	{"rc4-plain", -140},
	{"rc4-plain-exp", -141},
};

/* All that is not weak, as ranges. */
enum { AES_FIRST = 17, AES_LAST = 20, CAMELLIA_FIRST = 25, CAMELLIA_LAST = 26 };

QW_KEYWORD(krb5_msg_type)
{
	return qw_number_test(parse, QW_BUFFER_KRB5_MSG_TYPE, value, MESSAGES, UINT32_MAX);
}

static bool method(struct qw_word word, int64_t *out)
{
	for (size_t i = 0; i < sizeof(METHODS) / sizeof(*METHODS); i++) {
		if (!qw_word_is(word, METHODS[i].name))
			continue;
		*out = METHODS[i].number;
		return true;
	}
	return qw_word_i64(word, INT64_C(1) << 31, out);
}

static enum qw_err methods(struct qw_parse *parse, struct qw_word value, struct qw_op *op)
{
	struct qw_word piece, word;
	while (qw_word_cut(&value, ',', &piece)) {
		while (qw_word_next(&piece, &word)) {
			int64_t number;
			if (!method(word, &number))
				return qw_refuse(parse, word.at, "'%.*s' is no method of encryption of Kerberos",
						 (int)word.len, word.at);
			enum qw_err err = qw_number_range(parse, op, (uint64_t)number, (uint64_t)number);
			if (err)
				return err;
		}
	}
	return op->kind == QW_OP_AMONG ? QW_OK : qw_refuse(parse, parse->keyword.at, "no method of encryption is given");
}

/* weak, !weak, or a list of names and numbers */
QW_KEYWORD(krb5_ticket_encryption)
{
	struct qw_op *op;
	struct qw_word rest = value;
	enum qw_err err = qw_draft_number(parse, QW_BUFFER_KRB5_TICKET_ENCRYPTION, &op);
	if (err)
		return err;
	bool strong = qw_word_eat(&rest, '!');
	if (!qw_word_is(rest, "weak"))
		return strong ? qw_refuse(parse, value.at, "only 'weak' can be negated") : methods(parse, value, op);
	op->flags |= strong ? 0 : QW_OP_NEGATED;
	err = qw_number_range(parse, op, AES_FIRST, AES_LAST);
	return err ? err : qw_number_range(parse, op, CAMELLIA_FIRST, CAMELLIA_LAST);
}

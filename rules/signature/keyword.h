/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyword - the options of rules, one row each.
 *
 * A row without a parser is a keyword that is known and refused; the reason
 * stands beside it.  rules/README.md is checked against this table by a test.
 */
#pragma once

#include "rules/signature/parse.h"

enum qw_value_kind {
	QW_VALUE_NONE,   /* no value may be given */
	QW_VALUE_NEEDED, /* unquoted before it is parsed */
	QW_VALUE_MAYBE,  /* likewise */
	QW_VALUE_RAW,    /* needed; the parser minds the quotes itself */
};

struct qw_keyword {
	const char *name;
	enum qw_err (*parse)(struct qw_parse *parse, const struct qw_keyword *row, struct qw_word value);
	uint8_t value;      /* enum qw_value_kind */
	uint8_t number;     /* what the parser is told: a buffer, a field, a transform */
	uint16_t max;       /* largest number, where the parser asks; 0: 32 bits */
	const char *remark; /* why it is refused, or has no effect */
};

/* All rows, sorted by name. */
const struct qw_keyword *qw_keywords(size_t *count);

/* NULL: unknown. */
const struct qw_keyword *qw_keyword_find(struct qw_word name);

/* Reads one option into the draft. */
enum qw_err qw_keyword_parse(struct qw_parse *parse, const struct qw_option *option) QW_MUSTCHECK;

#define QW_KEYWORD(name) \
	enum qw_err qw_keyword_##name(struct qw_parse *parse, const struct qw_keyword *row, struct qw_word value)

/* keyword/meta.c */
QW_KEYWORD(msg);
QW_KEYWORD(id);
QW_KEYWORD(classtype);
QW_KEYWORD(priority);
QW_KEYWORD(reference);
QW_KEYWORD(metadata);
QW_KEYWORD(target);
QW_KEYWORD(noalert);
QW_KEYWORD(nothing);
enum qw_keyword_id { QW_ID_SID, QW_ID_GID, QW_ID_REV };

/* keyword/flow.c */
QW_KEYWORD(flow);

/* keyword/content.c */
QW_KEYWORD(content);
QW_KEYWORD(position);
QW_KEYWORD(content_flag);
QW_KEYWORD(fast_pattern);

/* keyword/pcre.c */
QW_KEYWORD(pcre);

/* keyword/size.c */
QW_KEYWORD(bsize);
QW_KEYWORD(urilen);
QW_KEYWORD(isdataat);
QW_KEYWORD(absent);

/* keyword/bytes.c */
QW_KEYWORD(byte_test);
QW_KEYWORD(byte_jump);
QW_KEYWORD(byte_extract);
QW_KEYWORD(byte_math);

/* keyword/base64.c */
QW_KEYWORD(base64_decode);
QW_KEYWORD(base64_data);

/* keyword/buffer.c */
QW_KEYWORD(sticky);
QW_KEYWORD(modifier);
QW_KEYWORD(pkt_data);
QW_KEYWORD(random_part);
QW_KEYWORD(buffer_content);
QW_KEYWORD(fingerprint);

/* keyword/file.c */
QW_KEYWORD(filename);
QW_KEYWORD(fileext);
QW_KEYWORD(filesize);
QW_KEYWORD(filestore);
QW_KEYWORD(filedigest); /* row->number: the buffer; row->max: bytes of the digest */
QW_KEYWORD(ftpdata_command);
QW_KEYWORD(ftp_mode);
QW_KEYWORD(ftp_bounce);
QW_KEYWORD(ftp_reply_received);

/* keyword/transform.c */
QW_KEYWORD(transform);

/* keyword/packet.c */
QW_KEYWORD(field);
QW_KEYWORD(tcp_flags);
QW_KEYWORD(fragbits);
QW_KEYWORD(sameip);
QW_KEYWORD(ip_proto);
QW_KEYWORD(ipopts);
QW_KEYWORD(app_layer_protocol);
QW_KEYWORD(vlan_id);

/* keyword/number.c: row->number is a buffer of numbers, row->max the largest */
QW_KEYWORD(number);  /* N, !N, >N, <N, N<>M */
QW_KEYWORD(numbers); /* [!]N,N-M,…: one of them */
QW_KEYWORD(flag);    /* no value: it is row->max */

/* keyword/dns.c */
QW_KEYWORD(dns_rrtype);
QW_KEYWORD(dns_rcode);

/* keyword/snmp.c */
QW_KEYWORD(snmp_pdu_type);
QW_KEYWORD(snmp_trap_type);

/* keyword/krb5.c */
QW_KEYWORD(krb5_msg_type);
QW_KEYWORD(krb5_ticket_encryption);

/* keyword/mqtt.c */
QW_KEYWORD(mqtt_type);
QW_KEYWORD(mqtt_reason_code);
QW_KEYWORD(mqtt_flags);
QW_KEYWORD(mqtt_session_present);

/* What parsers of several files share. */

/* A name for a number; a table ends with name NULL. */
struct qw_number_name {
	const char *name;
	uint64_t value;
};

/* A new list of a buffer that is a number, with one op QW_OP_NUMBER that is still empty. */
enum qw_err qw_draft_number(struct qw_parse *parse, enum qw_buffer buffer, struct qw_op **op) QW_MUSTCHECK;

/* The two forms above, with names (or NULL) beside numbers up to max. */
enum qw_err qw_number_test(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;
enum qw_err qw_number_list(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;

/* "flag,!flag" by the names of bits, or a test. */
enum qw_err qw_number_flags(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			    const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;

/* A test of a buffer of several numbers: TEST[,INDEX]. */
enum qw_err qw_number_many(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;

/* A number, or the index of a variable (then *is_var). */
enum qw_err qw_number_or_var(struct qw_parse *parse, struct qw_word word, int64_t limit, int32_t *out,
			     bool *is_var) QW_MUSTCHECK;

/* Decodes |41 42| and escapes of a content into the blob. */
enum qw_err qw_content_decode(struct qw_parse *parse, struct qw_word text, struct qw_op *op) QW_MUSTCHECK;

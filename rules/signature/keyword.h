/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyword - the options of rules, one row each.
 *
 * A row without a parser is a keyword that is known and refused; the reason
 * stands beside it.  rules/README.md is checked against this table by a test.
 */
#pragma once

#include <stddef.h>

#include "quaywatch/names.h"
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

/* keyword/dataset.c: row->number is an enum qw_dataset_format */
QW_KEYWORD(dataset);
QW_KEYWORD(datarep);

/* keyword/iprep.c */
QW_KEYWORD(iprep);

/* keyword/entropy.c */
QW_KEYWORD(entropy);

/* keyword/packet.c */
QW_KEYWORD(field);
QW_KEYWORD(tcp_flags);
QW_KEYWORD(fragbits);
QW_KEYWORD(sameip);
QW_KEYWORD(ip_proto);
QW_KEYWORD(ipopts);
QW_KEYWORD(vlan_id);

/* keyword/application.c */
QW_KEYWORD(app_layer_protocol);

/* keyword/event.c */
QW_KEYWORD(decode_event);
QW_KEYWORD(stream_event);
QW_KEYWORD(app_layer_event);
/* keyword/flowbits.c, flowint.c, xbits.c */
QW_KEYWORD(flowbits);
QW_KEYWORD(flowint);
QW_KEYWORD(xbits);
QW_KEYWORD(hostbits);

/* keyword/threshold.c */
QW_KEYWORD(threshold);
QW_KEYWORD(detection_filter);

/* keyword/tag.c */
QW_KEYWORD(tag);

/* keyword/counts.c: row->number is what is counted; the second names its direction in the keyword */
QW_KEYWORD(flow_age);
QW_KEYWORD(flow_count);
QW_KEYWORD(flow_count_to_server);
QW_KEYWORD(flow_count_to_client);
QW_KEYWORD(stream_size);

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

/* keyword/dcerpc.c */
QW_KEYWORD(dce_iface);
QW_KEYWORD(dce_opnum);

/* keyword/krb5.c */
QW_KEYWORD(krb5_msg_type);
QW_KEYWORD(krb5_ticket_encryption);

/* keyword/mqtt.c */
QW_KEYWORD(mqtt_type);
QW_KEYWORD(mqtt_reason_code);
QW_KEYWORD(mqtt_flags);
QW_KEYWORD(mqtt_session_present);

/* keyword/tls.c */
QW_KEYWORD(tls_version);
QW_KEYWORD(ssl_version);
QW_KEYWORD(ssl_state);
QW_KEYWORD(tls_date);

/* keyword/iec104.c */
QW_KEYWORD(iec104_apci_type);
QW_KEYWORD(iec104_asdu_func);
QW_KEYWORD(iec104_control);
QW_KEYWORD(iec104_cause);
QW_KEYWORD(iec104_flags);

/* keyword/field.c */
QW_KEYWORD(field_number); /* row->number: a buffer */

/* keyword/marine.c */
QW_KEYWORD(ais_type);
QW_KEYWORD(rtcm_type);

/* keyword/mms.c */
QW_KEYWORD(mms_func);

/* keyword/s7comm.c */
QW_KEYWORD(s7comm_area);
QW_KEYWORD(s7comm_func);
QW_KEYWORD(s7comm_group);
QW_KEYWORD(s7comm_type);

/* keyword/s7plus.c */
QW_KEYWORD(s7commplus_func);
QW_KEYWORD(s7commplus_opcode);

/* keyword/opcua.c */
QW_KEYWORD(opcua_msg_type);
QW_KEYWORD(opcua_msg_service);
QW_KEYWORD(opcua_status);
QW_KEYWORD(opcua_security_mode);

/* keyword/bacnet.c */
QW_KEYWORD(bacnet_number); /* row->number: a buffer */
QW_KEYWORD(bacnet_object);
QW_KEYWORD(bacnet_property);
QW_KEYWORD(bacnet_priority);

/* keyword/nfs.c */
QW_KEYWORD(nfs_procedure);

/* keyword/cip.c */
enum qw_cip_part { QW_CIP_CLASS, QW_CIP_INSTANCE, QW_CIP_ATTRIBUTE, QW_CIP_STATUS, QW_CIP_EXTENDED_STATUS };
QW_KEYWORD(cip_member);  /* row->number is one of the above */
QW_KEYWORD(cip_service);
QW_KEYWORD(cip_pccc);
QW_KEYWORD(cip_way); /* row->number: 1 response */

/* keyword/dnp3.c */
QW_KEYWORD(dnp3_func);
QW_KEYWORD(dnp3_ind);
QW_KEYWORD(dnp3_obj);
QW_KEYWORD(dnp3_cmd_fc);
QW_KEYWORD(dnp3_cmd_ot);

/* keyword/enip.c */
enum qw_enip_part {
	QW_ENIP_REVISION,
	QW_ENIP_IDENTITY_STATUS,
	QW_ENIP_STATE,
	QW_ENIP_SERIAL,
	QW_ENIP_PRODUCT_CODE,
	QW_ENIP_DEVICE_TYPE,
	QW_ENIP_VENDOR_ID
};
QW_KEYWORD(enip_command);
QW_KEYWORD(enip_status);
QW_KEYWORD(enip_identity); /* row->number is one of the above */
QW_KEYWORD(enip_way); /* row->number: 1 answer */

/* keyword/modbus.c */
QW_KEYWORD(modbus);
QW_KEYWORD(modbus_func);
QW_KEYWORD(modbus_unit);

/* What parsers of several files share. */

/* Finds a word in such a table, case ignored. */
bool qw_number_named(const struct qw_number_name *names, struct qw_word word, uint64_t *value);

/* A test or a change of what is remembered under a name, at the end of `list`; for the verbs of a keyword. */
enum qw_err qw_draft_state(struct qw_parse *parse, enum qw_state_verb verb, struct qw_word name,
			   struct qw_op **op) QW_MUSTCHECK;

/*
 * One part of "type limit, track by_src, count 1, seconds 60": of thresholds in
 * rules and in files.  QW_EUNKNOWN: it is none of these, and nothing was said.
 */
enum qw_err qw_limit_part(struct qw_parse *parse, struct qw_word part, struct qw_op *op, unsigned *given) QW_MUSTCHECK;
enum qw_limit_given {
	QW_GIVEN_TYPE = 1,
	QW_GIVEN_TRACK = 2,
	QW_GIVEN_COUNT = 4,
	QW_GIVEN_SECONDS = 8,
	QW_GIVEN_MULTIPLIER = 16,
	QW_GIVEN_UNIQUE = 32
};

/* A new list of a buffer that is a number, with one op QW_OP_NUMBER that is still empty. */
enum qw_err qw_draft_number(struct qw_parse *parse, enum qw_buffer buffer, struct qw_op **op) QW_MUSTCHECK;

/* The two forms above, with names (or NULL) beside numbers up to max. */
enum qw_err qw_number_test(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;
enum qw_err qw_number_list(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;

/* An op QW_OP_RECORD on a member of a record; its test is still to be set.  `member`: offset and size. */
struct qw_member_at {
	uint16_t offset;
	uint8_t bytes;
};
#define QW_MEMBER_AT(type, member) ((struct qw_member_at){offsetof(type, member), sizeof(((type *)0)->member)})
enum qw_err qw_draft_member(struct qw_parse *parse, uint32_t list, struct qw_member_at member, struct qw_op **op) QW_MUSTCHECK;

/* … with its test. */
enum qw_err qw_member_test(struct qw_parse *parse, uint32_t list, struct qw_member_at member, enum qw_compare compare,
			   uint64_t value) QW_MUSTCHECK;

/* Reads "[!]N", ">N", a name … into an op that compares a number. */
enum qw_err qw_number_read(struct qw_parse *parse, struct qw_op *op, struct qw_word value, const char *what,
			   const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;

/* Makes an op one of closed ranges (QW_OP_AMONG), or adds one to it; nothing else may be put in between. */
enum qw_err qw_number_range(struct qw_parse *parse, struct qw_op *op, uint64_t low, uint64_t high) QW_MUSTCHECK;

/* "flag,!flag" by the names of bits, or a test. */
enum qw_err qw_number_flags(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			    const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;

/* A test of a buffer of several numbers: TEST[,INDEX]. */
enum qw_err qw_number_many(struct qw_parse *parse, enum qw_buffer buffer, struct qw_word value,
			   const struct qw_number_name *names, uint64_t max) QW_MUSTCHECK;

/* "=", "<" and the like: an enum qw_compare.  False: none of them. */
bool qw_compare_sign(struct qw_word word, uint8_t *compare);

/* A number, or the index of a variable (then *is_var). */
enum qw_err qw_number_or_var(struct qw_parse *parse, struct qw_word word, int64_t limit, int32_t *out,
			     bool *is_var) QW_MUSTCHECK;

/* Decodes |41 42| and escapes of a content into the blob. */
enum qw_err qw_content_decode(struct qw_parse *parse, struct qw_word text, struct qw_op *op) QW_MUSTCHECK;

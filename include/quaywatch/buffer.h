/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buffer - the pieces of traffic that signatures look into.
 *
 * Parsers fill them, signatures name them, and both mean the same by this
 * list.  Suricata's "sticky buffers" are the model; names are theirs.  A row
 * whose parser does not exist yet is simply never filled: the keyword table
 * (rules/signature/table.c) decides what a signature may use.
 *
 * "number": the value is a uint64_t in host order (qw_message_number), which
 * QW_OP_NUMBER and QW_OP_AMONG look at.  "record": a small struct with a
 * layout of its own, described where it is made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum qw_buffer {
	QW_BUFFER_PAYLOAD, /* of the packet, or the reassembled stream */
	QW_BUFFER_IPV4_HDR,
	QW_BUFFER_IPV6_HDR,
	QW_BUFFER_TCP_HDR,
	QW_BUFFER_UDP_HDR,
	QW_BUFFER_ICMPV4_HDR,
	QW_BUFFER_ICMPV6_HDR,
	QW_BUFFER_HTTP_METHOD,
	QW_BUFFER_HTTP_URI,     /* normalised, with the query */
	QW_BUFFER_HTTP_URI_RAW, /* as on the wire */
	QW_BUFFER_HTTP_HOST,    /* lower case, without port */
	QW_BUFFER_HTTP_HOST_RAW,
	QW_BUFFER_HTTP_USER_AGENT,
	QW_BUFFER_HTTP_REFERER,
	QW_BUFFER_HTTP_COOKIE,
	QW_BUFFER_HTTP_HEADER, /* all headers "Name: value\r\n", cookies left out */
	QW_BUFFER_HTTP_HEADER_RAW,
	QW_BUFFER_HTTP_HEADER_NAMES, /* "\r\nName\r\nName\r\n\r\n" */
	QW_BUFFER_HTTP_REQUEST_HEADER, /* one at a time, "Name: value" */
	QW_BUFFER_HTTP_RESPONSE_HEADER,
	QW_BUFFER_HTTP_ACCEPT,
	QW_BUFFER_HTTP_ACCEPT_ENC,
	QW_BUFFER_HTTP_ACCEPT_LANG,
	QW_BUFFER_HTTP_CONNECTION,
	QW_BUFFER_HTTP_CONTENT_LEN,
	QW_BUFFER_HTTP_CONTENT_TYPE,
	QW_BUFFER_HTTP_START, /* first line and headers */
	QW_BUFFER_HTTP_REQUEST_LINE,
	QW_BUFFER_HTTP_RESPONSE_LINE,
	QW_BUFFER_HTTP_PROTOCOL,
	QW_BUFFER_HTTP_STAT_CODE,
	QW_BUFFER_HTTP_STAT_MSG,
	QW_BUFFER_HTTP_SERVER,
	QW_BUFFER_HTTP_LOCATION,
	QW_BUFFER_HTTP_REQUEST_BODY,  /* de-chunked */
	QW_BUFFER_HTTP_RESPONSE_BODY, /* de-chunked, decompressed */
	QW_BUFFER_FILE_DATA,          /* a file's content, whatever carried it */
	QW_BUFFER_FILE_NAME,
	QW_BUFFER_DNS_QUERY, /* one name at a time, lower case kept as sent */
	QW_BUFFER_DNS_ANSWER_NAME,
	QW_BUFFER_TLS_SNI,
	QW_BUFFER_TLS_ALPN,
	QW_BUFFER_TLS_CERTS, /* DER, one at a time, the server's first */
	QW_BUFFER_TLS_CERT_SUBJECT,
	QW_BUFFER_TLS_CERT_ISSUER,
	QW_BUFFER_TLS_CERT_SERIAL,
	QW_BUFFER_TLS_CERT_FINGERPRINT, /* "aa:bb:…", SHA-1 of the DER */
	QW_BUFFER_TLS_VERSION, /* number: 0x0303 */
	QW_BUFFER_TLS_RANDOM, /* 32 bytes */
	QW_BUFFER_JA3_HASH,   /* 32 hexadecimal digits */
	QW_BUFFER_JA3_STRING,
	QW_BUFFER_JA3S_HASH,
	QW_BUFFER_JA3S_STRING,
	QW_BUFFER_JA4_HASH,
	QW_BUFFER_QUIC_SNI,
	QW_BUFFER_QUIC_UA,
	QW_BUFFER_QUIC_VERSION,
	QW_BUFFER_SSH_PROTO,
	QW_BUFFER_SSH_SOFTWARE,
	QW_BUFFER_SSH_HASSH,
	QW_BUFFER_SSH_HASSH_STRING,
	QW_BUFFER_SSH_HASSH_SERVER,
	QW_BUFFER_SSH_HASSH_SERVER_STRING,
	QW_BUFFER_SMTP_HELO,
	QW_BUFFER_SMTP_MAIL_FROM,
	QW_BUFFER_SMTP_RCPT_TO,
	QW_BUFFER_FTP_COMMAND,
	QW_BUFFER_FTP_COMMAND_DATA,
	QW_BUFFER_FTP_REPLY,
	/* events: numbers of enum qw_app_event */
	QW_BUFFER_APP_EVENT,

	/* the packet's own, taken from its facts */
	QW_BUFFER_ETHER_HDR,
	QW_BUFFER_IP_SRC, /* 4 bytes, or 16 of IPv6 */
	QW_BUFFER_IP_DST,

	/* files, whatever carried them */
	QW_BUFFER_FILE_SIZE, /* number, when the file is whole */
	QW_BUFFER_FILE_SEEN, /* number: bytes so far; the file is at least so large */
	QW_BUFFER_FILE_MD5,  /* the digest's bytes */
	QW_BUFFER_FILE_SHA1,
	QW_BUFFER_FILE_SHA256,

	/* dns */
	QW_BUFFER_DNS_OPCODE, /* numbers */
	QW_BUFFER_DNS_RCODE,
	QW_BUFFER_DNS_RRTYPE,
	QW_BUFFER_DNS_AUTHORITY_NAME,
	QW_BUFFER_DNS_ADDITIONAL_NAME,
	QW_BUFFER_DNS_QUESTION_NAME, /* of queries and responses alike */
	QW_BUFFER_DNS_RESPONSE_NAME, /* every name of a response, in whatever section, and in rdata */

	/* tls and quic */
	QW_BUFFER_TLS_CHAIN_LEN, /* number */
	QW_BUFFER_TLS_SAN,
	QW_BUFFER_TLS_STATE,      /* number: bits */
	QW_BUFFER_TLS_NOT_BEFORE, /* numbers: seconds since 1970 */
	QW_BUFFER_TLS_NOT_AFTER,
	QW_BUFFER_TLS_EXPIRED, /* number: 1 when it was shown after its time, else 0 */
	QW_BUFFER_QUIC_CYU_HASH,
	QW_BUFFER_QUIC_CYU_STRING,

	/* smb and dcerpc */
	QW_BUFFER_SMB_NAMED_PIPE,
	QW_BUFFER_SMB_SHARE,
	QW_BUFFER_SMB_NTLMSSP_USER,
	QW_BUFFER_SMB_NTLMSSP_DOMAIN,
	QW_BUFFER_SMB_VERSION, /* number: 1 or 2 */
	QW_BUFFER_DCE_IFACE,   /* record: sensor/protocol/dcerpc.h */
	QW_BUFFER_DCE_OPNUM,   /* number */
	QW_BUFFER_DCE_STUB_DATA,
	QW_BUFFER_DCE_ORDER, /* number: 1 where the stub's integers have their little end first */

	/* snmp */
	QW_BUFFER_SNMP_VERSION, /* number */
	QW_BUFFER_SNMP_PDU_TYPE, /* number */
	QW_BUFFER_SNMP_COMMUNITY,
	QW_BUFFER_SNMP_USM,
	QW_BUFFER_SNMP_TRAP_OID,     /* dotted text */
	QW_BUFFER_SNMP_TRAP_ADDRESS, /* text */
	QW_BUFFER_SNMP_TRAP_TYPE,    /* number: the generic one of version 1 */

	/* mqtt */
	QW_BUFFER_MQTT_TYPE, /* numbers */
	QW_BUFFER_MQTT_PROTOCOL_VERSION,
	QW_BUFFER_MQTT_FLAGS,
	QW_BUFFER_MQTT_QOS,
	QW_BUFFER_MQTT_REASON_CODE,
	QW_BUFFER_MQTT_CONNECT_FLAGS,
	QW_BUFFER_MQTT_SESSION_PRESENT,
	QW_BUFFER_MQTT_CONNECT_CLIENTID, /* texts from here */
	QW_BUFFER_MQTT_CONNECT_USERNAME,
	QW_BUFFER_MQTT_CONNECT_PASSWORD,
	QW_BUFFER_MQTT_CONNECT_PROTOCOL,
	QW_BUFFER_MQTT_CONNECT_WILLTOPIC,
	QW_BUFFER_MQTT_CONNECT_WILLMESSAGE,
	QW_BUFFER_MQTT_PUBLISH_TOPIC,
	QW_BUFFER_MQTT_PUBLISH_MESSAGE,
	QW_BUFFER_MQTT_SUBSCRIBE_TOPIC,
	QW_BUFFER_MQTT_UNSUBSCRIBE_TOPIC,

	/* krb5 and nfs */
	QW_BUFFER_KRB5_MSG_TYPE, /* numbers */
	QW_BUFFER_KRB5_ERR_CODE,
	QW_BUFFER_KRB5_TICKET_ENCRYPTION,
	QW_BUFFER_KRB5_WEAK_ENCRYPTION, /* 1: the method of the reply is weak */
	QW_BUFFER_KRB5_CNAME,
	QW_BUFFER_KRB5_SNAME,
	QW_BUFFER_NFS_PROCEDURE, /* numbers */
	QW_BUFFER_NFS_VERSION,
	QW_BUFFER_NFS_OPERATION, /* the procedure, and above it (bit 32) whether it is one of version 4 */

	/* mail */
	QW_BUFFER_EMAIL_FROM,
	QW_BUFFER_EMAIL_TO,
	QW_BUFFER_EMAIL_CC,
	QW_BUFFER_EMAIL_SUBJECT,
	QW_BUFFER_EMAIL_DATE,
	QW_BUFFER_EMAIL_MESSAGE_ID,
	QW_BUFFER_EMAIL_X_MAILER,
	QW_BUFFER_EMAIL_RECEIVED,
	QW_BUFFER_EMAIL_URL,

	/* ftp */
	QW_BUFFER_FTP_COMPLETION_CODE, /* text */
	QW_BUFFER_FTP_DYNAMIC_PORT,    /* numbers */
	QW_BUFFER_FTP_MODE,
	QW_BUFFER_FTP_REPLY_RECEIVED,
	QW_BUFFER_FTP_BOUNCE,
	QW_BUFFER_FTPDATA_COMMAND,

	/* modbus: records of quaywatch/ot_record.h */
	QW_BUFFER_MODBUS,     /* of requests */
	QW_BUFFER_MODBUS_ANY, /* of both directions */
	QW_BUFFER_MODBUS_DATA, /* behind the function code */

	/* dnp3 */
	QW_BUFFER_DNP3_FUNC, /* numbers */
	QW_BUFFER_DNP3_IND,
	QW_BUFFER_DNP3_OBJ,  /* group << 8 | variation */
	QW_BUFFER_DNP3_DATA, /* reassembled application data, without checksums */

	/* enip and cip */
	QW_BUFFER_ENIP_COMMAND, /* numbers */
	QW_BUFFER_ENIP_STATUS,
	QW_BUFFER_ENIP_PROTOCOL_VERSION,
	QW_BUFFER_ENIP_CAPABILITIES,
	QW_BUFFER_ENIP_PRODUCT_NAME, /* texts */
	QW_BUFFER_ENIP_SERVICE_NAME,
	QW_BUFFER_ENIP_IDENTITY, /* records of quaywatch/ot_record.h */
	QW_BUFFER_CIP_SERVICE,

	/* other OT protocols */
	QW_BUFFER_IEC104_APCI_TYPE, /* numbers */
	QW_BUFFER_IEC104_ASDU_FUNC,
	QW_BUFFER_IEC104_CONTROL, /* first control octet of U-format */
	QW_BUFFER_IEC104_CAUSE,
	QW_BUFFER_IEC104_COMMON_ADDRESS,
	QW_BUFFER_IEC104_IOA,
	QW_BUFFER_IEC104_FLAGS, /* enum qw_iec104_flag of ot_record.h */
	QW_BUFFER_IEC104_ASDU, /* bytes */
	QW_BUFFER_S7COMM_TYPE, /* numbers */
	QW_BUFFER_S7COMM_FUNC,
	QW_BUFFER_S7COMM_GROUP, /* of userdata */
	QW_BUFFER_S7COMM_SUBFUNCTION,
	QW_BUFFER_S7COMM_SZL, /* number of the system status list that is asked for */
	QW_BUFFER_S7COMM_BLOCK_TYPE, /* as in its name: 'A' a data block */
	QW_BUFFER_S7COMM_AREA,
	QW_BUFFER_S7COMM_DB,
	QW_BUFFER_S7COMM_SERVICE, /* text: "P_PROGRAM" */
	QW_BUFFER_S7COMMPLUS_FUNC,
	QW_BUFFER_S7COMMPLUS_OPCODE,
	QW_BUFFER_S7COMMPLUS_CONTENT,
	QW_BUFFER_OPCUA_MSG_TYPE, /* numbers: enum qw_opcua_type of ot_record.h */
	QW_BUFFER_OPCUA_MSG_SERVICE, /* node id of a message's type, where its namespace is 0 */
	QW_BUFFER_OPCUA_NODE_ID,
	QW_BUFFER_OPCUA_NODE_NAMESPACE,
	QW_BUFFER_OPCUA_STATUS,
	QW_BUFFER_OPCUA_SECURITY_MODE,
	QW_BUFFER_OPCUA_SECURITY_POLICY, /* texts */
	QW_BUFFER_OPCUA_ENDPOINT_URL,
	QW_BUFFER_OPCUA_APPLICATION_NAME,
	QW_BUFFER_OPCUA_USER,
	QW_BUFFER_OPCUA_NODE, /* that a service is about: "ns=2;s=Crane.Hoist" */
	QW_BUFFER_OPCUA_DATA, /* body behind the type */
	QW_BUFFER_MMS_FUNC,
	QW_BUFFER_MMS_DATA,

	/* bacnet */
	QW_BUFFER_BACNET_FUNCTION, /* numbers: of BVLC */
	QW_BUFFER_BACNET_NETWORK_MESSAGE,
	QW_BUFFER_BACNET_TYPE, /* of APDU */
	QW_BUFFER_BACNET_CONFIRMED, /* services */
	QW_BUFFER_BACNET_UNCONFIRMED,
	QW_BUFFER_BACNET_ERROR, /* its code */
	QW_BUFFER_BACNET_ITEM, /* records of quaywatch/ot_record.h */
	QW_BUFFER_BACNET_DEVICE, /* what it says of itself, from here: numbers */
	QW_BUFFER_BACNET_VENDOR_ID,
	QW_BUFFER_BACNET_TEXT, /* character strings: names, passwords */
	QW_BUFFER_BACNET_DATA, /* behind the service */

	/* field devices and small controllers: numbers */
	QW_BUFFER_HART_MESSAGE,
	QW_BUFFER_HART_COMMAND,
	QW_BUFFER_FINS_COMMAND,
	QW_BUFFER_FINS_END_CODE,
	QW_BUFFER_C37118_FRAME,
	QW_BUFFER_C37118_COMMAND,
	QW_BUFFER_SLMP_COMMAND,
	QW_BUFFER_SLMP_END_CODE,
	QW_BUFFER_ADS_COMMAND,
	QW_BUFFER_ADS_INDEX_GROUP,
	QW_BUFFER_FOX_COMMAND, /* text */
	QW_BUFFER_LLRP_TYPE,
	QW_BUFFER_LLRP_STATUS,

	/* profinet: numbers */
	QW_BUFFER_PROFINET_DCP_SERVICE,
	QW_BUFFER_PROFINET_DCP_OPTION, /* that a frame is about, option in the high byte */
	QW_BUFFER_PROFINET_OPERATION,  /* of the context manager */
	QW_BUFFER_PROFINET_RECORD,     /* its index */
	QW_BUFFER_PROFINET_CONTROL,    /* bits */
	QW_BUFFER_PROFINET_ALARM,
	QW_BUFFER_PROFINET_STATION,    /* name, a text */

	/* nmea, ais, rtcm */
	QW_BUFFER_NMEA_TALKER, /* texts */
	QW_BUFFER_NMEA_FORMATTER,
	QW_BUFFER_NMEA_DATA, /* fields, with their commas */
	QW_BUFFER_AIS_MMSI, /* numbers */
	QW_BUFFER_AIS_TYPE,
	QW_BUFFER_RTCM_TYPE,

	QW_BUFFER_COUNT
};

_Static_assert(QW_BUFFER_COUNT < 256, "fields and keywords keep it in one byte");

/* Filled by parsers of industrial protocols alone.  Theirs are the last of the list: others stand before them. */
static inline bool qw_buffer_is_industrial(enum qw_buffer buffer)
{
	return buffer >= QW_BUFFER_MODBUS && buffer < QW_BUFFER_COUNT;
}

/* Values of buffers that are numbers, where parsers and keywords share them. */
enum qw_ftp_mode { QW_FTP_ACTIVE = 1, QW_FTP_PASSIVE };
enum qw_ftp_transfer { QW_FTP_RETR = 1, QW_FTP_STOR };

/* The canonical keyword ("http.uri"); never NULL. */
const char *qw_buffer_name(enum qw_buffer buffer);

/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords that compare numbers of applications: what they mean, and what they refuse. */
#include "signature_kit.h"

#define RULE(options) "alert ip any any -> any any (" options " sid:1;)"

enum { NUMBERS_MAX = 4 };

/* Options, the buffer's numbers in their order, and whether they fit. */
static const struct {
	const char *options;
	enum qw_buffer buffer;
	unsigned count;
	uint64_t numbers[NUMBERS_MAX];
	bool fits;
} cases[] = {
	{"dns.opcode:4;", QW_BUFFER_DNS_OPCODE, 1, {4}, true},
	{"dns.opcode:!4;", QW_BUFFER_DNS_OPCODE, 1, {4}, false},
	{"dns.opcode:7-15;", QW_BUFFER_DNS_OPCODE, 1, {8}, true},
	{"dns.opcode:7-15;", QW_BUFFER_DNS_OPCODE, 1, {7}, false},
	{"dns.opcode:!7-15;", QW_BUFFER_DNS_OPCODE, 1, {15}, true},
	{"dns.rcode:nxdomain;", QW_BUFFER_DNS_RCODE, 1, {3}, true},
	{"dns.rcode:!NXDOMAIN;", QW_BUFFER_DNS_RCODE, 1, {3}, false},
	{"dns.rcode:>=3;", QW_BUFFER_DNS_RCODE, 1, {2}, false},
	{"dns.rrtype:AAAA;", QW_BUFFER_DNS_RRTYPE, 2, {5, 28}, true},
	{"dns.rrtype:28,all;", QW_BUFFER_DNS_RRTYPE, 2, {5, 28}, false},
	{"dns.rrtype:28,all;", QW_BUFFER_DNS_RRTYPE, 2, {28, 28}, true},
	{"dns.rrtype:28,0;", QW_BUFFER_DNS_RRTYPE, 2, {5, 28}, false},
	{"dns.rrtype:28,1;", QW_BUFFER_DNS_RRTYPE, 2, {5, 28}, true},
	{"dns.rrtype:28,-1;", QW_BUFFER_DNS_RRTYPE, 2, {5, 28}, true},
	{"dns.rrtype:28,-2;", QW_BUFFER_DNS_RRTYPE, 2, {5, 28}, false},
	{"dns.rrtype:28,-3;", QW_BUFFER_DNS_RRTYPE, 2, {28, 28}, false},
	{"dns.rrtype:28,2;", QW_BUFFER_DNS_RRTYPE, 2, {28, 28}, false},
	{"snmp.version:<3;", QW_BUFFER_SNMP_VERSION, 1, {2}, true},
	{"snmp.pdu_type:set_request;", QW_BUFFER_SNMP_PDU_TYPE, 1, {3}, true},
	{"mqtt.type:!CONNECT;", QW_BUFFER_MQTT_TYPE, 1, {1}, false},
	{"mqtt.flags:dup,!retain;", QW_BUFFER_MQTT_FLAGS, 1, {0x0a}, true},
	{"mqtt.flags:dup,!retain;", QW_BUFFER_MQTT_FLAGS, 1, {0x0b}, false},
	{"mqtt.flags:!dup;", QW_BUFFER_MQTT_FLAGS, 1, {0x0a}, false},
	{"mqtt.connect.flags:username,password,!will;", QW_BUFFER_MQTT_CONNECT_FLAGS, 1, {0xc2}, true},
	{"mqtt.connect.flags:username,!password;", QW_BUFFER_MQTT_CONNECT_FLAGS, 1, {0xc2}, false},
	{"mqtt.connect.flags:&0xc0=0x80;", QW_BUFFER_MQTT_CONNECT_FLAGS, 1, {0x82}, true},
	{"mqtt.connect.flags:&0xc0!=0;", QW_BUFFER_MQTT_CONNECT_FLAGS, 1, {2}, false},
	{"mqtt.connack.session_present:true;", QW_BUFFER_MQTT_SESSION_PRESENT, 1, {1}, true},
	{"mqtt.connack.session_present:no;", QW_BUFFER_MQTT_SESSION_PRESENT, 1, {1}, false},
	{"mqtt.connack.return_code:5;", QW_BUFFER_MQTT_REASON_CODE, 1, {5}, true},
	{"krb5_msg_type:30;", QW_BUFFER_KRB5_MSG_TYPE, 2, {10, 30}, true},
	{"krb5.ticket_encryption:weak;", QW_BUFFER_KRB5_TICKET_ENCRYPTION, 1, {23}, true},
	{"krb5.ticket_encryption:weak;", QW_BUFFER_KRB5_TICKET_ENCRYPTION, 1, {18}, false},
	{"krb5.ticket_encryption:!weak;", QW_BUFFER_KRB5_TICKET_ENCRYPTION, 1, {26}, true},
	{"krb5.ticket_encryption: des-cbc-crc , -128,2 257;", QW_BUFFER_KRB5_TICKET_ENCRYPTION, 1, {1}, true},
	{"krb5.ticket_encryption: des-cbc-crc , -128,2 257;", QW_BUFFER_KRB5_TICKET_ENCRYPTION, 1, {257}, true},
	{"krb5.ticket_encryption:rc4-md4;", QW_BUFFER_KRB5_TICKET_ENCRYPTION, 1, {(uint64_t)-128}, true},
	{"krb5.ticket_encryption: des-cbc-crc , -128,2 257;", QW_BUFFER_KRB5_TICKET_ENCRYPTION, 1, {3}, false},
	{"krb5.weak_encryption;", QW_BUFFER_KRB5_WEAK_ENCRYPTION, 1, {0}, false},
	{"nfs_procedure:4<>7;", QW_BUFFER_NFS_PROCEDURE, 1, {7}, true},
	{"nfs_procedure:4<>7;", QW_BUFFER_NFS_PROCEDURE, 1, {8}, false},
	{"nfs_procedure:!4-7;", QW_BUFFER_NFS_PROCEDURE, 1, {4}, false},
	{"nfs_procedure:getattr;", QW_BUFFER_NFS_OPERATION, 1, {1}, true},
	{"nfs_procedure:getattr;", QW_BUFFER_NFS_OPERATION, 1, {UINT64_C(1) << 32 | 9}, true},
	{"nfs_procedure:getattr;", QW_BUFFER_NFS_OPERATION, 1, {9}, false},
	{"tls.version:1.2;", QW_BUFFER_TLS_VERSION, 1, {0x0303}, true},
	{"tls.version:1.3;", QW_BUFFER_TLS_VERSION, 1, {0x7f12}, true},
	{"tls.version:0x7f12;", QW_BUFFER_TLS_VERSION, 1, {0x7f13}, false},
	{"ssl_version:sslv2, sslv3;", QW_BUFFER_TLS_VERSION, 1, {0x0300}, true},
	{"ssl_version:!tls1.2,!tls1.3;", QW_BUFFER_TLS_VERSION, 1, {0x0304}, false},
	{"ssl_version:!tls1.2,!tls1.3;", QW_BUFFER_TLS_VERSION, 1, {0x0301}, true},
	{"ssl_state:client_hello|server_keyx;", QW_BUFFER_TLS_STATE, 1, {8}, true},
	{"ssl_state:!client_hello;", QW_BUFFER_TLS_STATE, 1, {1}, false},
	{"tls_cert_valid;", QW_BUFFER_TLS_EXPIRED, 1, {0}, true},
	{"tls_cert_expired;", QW_BUFFER_TLS_EXPIRED, 1, {0}, false},
	/* 2015-10-22T23:59:59Z is 1445558399 */
	{"tls_cert_notafter:2015-10-22 23:59:59;", QW_BUFFER_TLS_NOT_AFTER, 1, {1445558399}, true},
	{"tls_cert_notafter:1445558399;", QW_BUFFER_TLS_NOT_AFTER, 1, {1445558399}, true},
	{"tls_cert_notafter:<2015-10-22T23;", QW_BUFFER_TLS_NOT_AFTER, 1, {1445558399}, false},
	{"tls_cert_notafter:>2015;", QW_BUFFER_TLS_NOT_AFTER, 1, {1445558399}, true},
	{"tls_cert_notafter:>2015;", QW_BUFFER_TLS_NOT_AFTER, 1, {1400000000}, false},
	{"tls_cert_notbefore:2015-10<>2015-11;", QW_BUFFER_TLS_NOT_BEFORE, 1, {1445558399}, true},
	{"tls_cert_notbefore:1998-05-01<>2008-05-01;", QW_BUFFER_TLS_NOT_BEFORE, 1, {1445558399}, false},
	{"tls.cert_chain_len:>1;", QW_BUFFER_TLS_CHAIN_LEN, 1, {2}, true},
};

static void numbers_fit_as_suricata_documents_it(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];
		struct kit kit;
		struct scene scene = scene_tcp();
		snprintf(text, sizeof(text), RULE("%s"), cases[i].options);
		kit_one(&kit, text);
		for (unsigned j = 0; j < cases[i].count; j++)
			scene.values[j] = (struct value){cases[i].buffer, (const char *)&cases[i].numbers[j],
							 sizeof(cases[i].numbers[j])};
		if (scene_fires(&kit, &scene, 0) != cases[i].fits)
			fail_msg("%s: %s", cases[i].options, cases[i].fits ? "does not fit" : "fits");
		kit_end(&kit);
	}
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const char *const refused[] = {
		"dns.opcode:256;", "dns.opcode:x;", "dns.rrtype:A,last;", "dns.rrtype:A,all,0:1;", "dns.rrtype:70000;",
		"mqtt.qos:3;", "mqtt.flags:dup,qos;", "mqtt.connect.flags:&0xc0=2;", "mqtt.type:GREETING;",
		"mqtt.connack.session_present:maybe;", "krb5.ticket_encryption:rot13;", "krb5.ticket_encryption:!18;",
		"tls.version:2.0;", "tls.version:771;", "ssl_version:tls1.9;", "ssl_version:!sslv2,sslv3;",
		"ssl_state:client_hello|;", "tls_cert_notafter:2015-13;", "tls_cert_notafter:2015-02-30;",
		"tls_cert_notafter:>2015<>2016;", "tls_cert_notbefore:2016<>2015;", "tls_cert_notbefore:yesterday;",
		"nfs_procedure:defenestrate;", "krb5.weak_encryption:1;",
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char text[256];
		struct kit kit;
		snprintf(text, sizeof(text), RULE("%s"), refused[i]);
		kit_begin(&kit);
		kit_read(&kit, text);
		if (kit.diags.errors != 1)
			fail_msg("%s is not refused", refused[i]);
		kit_end(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_fit_as_suricata_documents_it),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

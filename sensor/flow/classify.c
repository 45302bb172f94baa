/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nDPI 4.2.  What later versions change, all of it here: 4.6 adds an argument
 * to ndpi_detection_process_packet, 4.10 gives initialisation a global context
 * and moves the result to .proto, 5.0 has no bitmasks.
 */
#include "sensor/flow/classify.h"

#include <stdlib.h>
#include <string.h>

/* nDPI's headers are not held to our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wundef"
#include <ndpi/ndpi_api.h>
#pragma GCC diagnostic pop

#include "quaywatch/bytes.h"
#include "sensor/flow/recognise.h"

enum {
	GIVEN_TCP = 24, /* of ndpiReader's 80 and 24: what comes later named no flow of any capture tried */
	GIVEN_UDP = 12,
	GIVEN_OTHER = 8,
	HOST_MAX = 256,
	FLOWS_MAX = 65536, /* that are being classified at once; beyond, a flow is guessed from its ends */
};

struct qw_classifier {
	struct ndpi_detection_module_struct *module;
	uint32_t flow_bytes;
	struct qw_classifier_counters counters;
};

/* What a row of recognise.c is called. */
static const uint16_t known_ids[] = {
    [QW_KNOWN_NOT] = NDPI_PROTOCOL_UNKNOWN,      [QW_KNOWN_UNNAMED] = NDPI_PROTOCOL_UNKNOWN,
    [QW_KNOWN_HTTP] = NDPI_PROTOCOL_HTTP,        [QW_KNOWN_TLS] = NDPI_PROTOCOL_TLS,
    [QW_KNOWN_DNS] = NDPI_PROTOCOL_DNS,          [QW_KNOWN_MDNS] = NDPI_PROTOCOL_MDNS,
    [QW_KNOWN_LLMNR] = NDPI_PROTOCOL_LLMNR,      [QW_KNOWN_NETBIOS] = NDPI_PROTOCOL_NETBIOS,
    [QW_KNOWN_SSDP] = NDPI_PROTOCOL_SSDP,        [QW_KNOWN_NTP] = NDPI_PROTOCOL_NTP,
    [QW_KNOWN_DHCP] = NDPI_PROTOCOL_DHCP,        [QW_KNOWN_SSH] = NDPI_PROTOCOL_SSH,
    [QW_KNOWN_MODBUS] = NDPI_PROTOCOL_MODBUS,    [QW_KNOWN_DNP3] = NDPI_PROTOCOL_DNP3,
    [QW_KNOWN_S7COMM] = NDPI_PROTOCOL_S7COMM,    [QW_KNOWN_ENIP] = NDPI_PROTOCOL_ETHERNET_IP,
    [QW_KNOWN_IEC104] = NDPI_PROTOCOL_IEC60870,  [QW_KNOWN_ICMP] = NDPI_PROTOCOL_IP_ICMP,
    [QW_KNOWN_ICMPV6] = NDPI_PROTOCOL_IP_ICMPV6, [QW_KNOWN_IGMP] = NDPI_PROTOCOL_IP_IGMP,
    [QW_KNOWN_GRE] = NDPI_PROTOCOL_IP_GRE,       [QW_KNOWN_IPSEC] = NDPI_PROTOCOL_IP_IPSEC,
    [QW_KNOWN_OSPF] = NDPI_PROTOCOL_IP_OSPF,     [QW_KNOWN_SCTP] = NDPI_PROTOCOL_IP_SCTP,
    [QW_KNOWN_VRRP] = NDPI_PROTOCOL_IP_VRRP,
};
_Static_assert(sizeof(known_ids) / sizeof(known_ids[0]) == QW_KNOWN_COUNT, "every recognised protocol has a name");

/* What signatures call it. */
static const uint8_t apps[NDPI_LAST_IMPLEMENTED_PROTOCOL] = {
    [NDPI_PROTOCOL_HTTP] = QW_APP_HTTP,
    [NDPI_PROTOCOL_HTTP_CONNECT] = QW_APP_HTTP,
    [NDPI_PROTOCOL_HTTP_PROXY] = QW_APP_HTTP,
    [NDPI_PROTOCOL_TLS] = QW_APP_TLS,
    [NDPI_PROTOCOL_MAIL_SMTPS] = QW_APP_TLS,
    [NDPI_PROTOCOL_MAIL_IMAPS] = QW_APP_TLS,
    [NDPI_PROTOCOL_MAIL_POPS] = QW_APP_TLS,
    [NDPI_PROTOCOL_DNS] = QW_APP_DNS,
    [NDPI_PROTOCOL_MDNS] = QW_APP_DNS,
    [NDPI_PROTOCOL_LLMNR] = QW_APP_DNS,
    [NDPI_PROTOCOL_QUIC] = QW_APP_QUIC,
    [NDPI_PROTOCOL_SSH] = QW_APP_SSH,
    [NDPI_PROTOCOL_MAIL_SMTP] = QW_APP_SMTP,
    [NDPI_PROTOCOL_FTP_CONTROL] = QW_APP_FTP,
    [NDPI_PROTOCOL_FTP_DATA] = QW_APP_FTP_DATA,
    [NDPI_PROTOCOL_SMBV1] = QW_APP_SMB,
    [NDPI_PROTOCOL_SMBV23] = QW_APP_SMB,
    [NDPI_PROTOCOL_DCERPC] = QW_APP_DCERPC,
    [NDPI_PROTOCOL_MAIL_IMAP] = QW_APP_IMAP,
    [NDPI_PROTOCOL_MAIL_POP] = QW_APP_POP3,
    [NDPI_PROTOCOL_NTP] = QW_APP_NTP,
    [NDPI_PROTOCOL_DHCP] = QW_APP_DHCP,
    [NDPI_PROTOCOL_SNMP] = QW_APP_SNMP,
    [NDPI_PROTOCOL_TFTP] = QW_APP_TFTP,
    [NDPI_PROTOCOL_KERBEROS] = QW_APP_KRB5,
    [NDPI_PROTOCOL_NFS] = QW_APP_NFS,
    [NDPI_PROTOCOL_RDP] = QW_APP_RDP,
    [NDPI_PROTOCOL_VNC] = QW_APP_RFB,
    [NDPI_PROTOCOL_SIP] = QW_APP_SIP,
    [NDPI_PROTOCOL_MQTT] = QW_APP_MQTT,
    [NDPI_PROTOCOL_TELNET] = QW_APP_TELNET,
    [NDPI_PROTOCOL_LDAP] = QW_APP_LDAP,
    [NDPI_PROTOCOL_BITTORRENT] = QW_APP_BITTORRENT,
    [NDPI_PROTOCOL_MODBUS] = QW_APP_MODBUS,
    [NDPI_PROTOCOL_DNP3] = QW_APP_DNP3,
    [NDPI_PROTOCOL_ETHERNET_IP] = QW_APP_ENIP,
    [NDPI_PROTOCOL_IEC60870] = QW_APP_IEC104,
};

enum qw_err qw_classifier_new(struct qw_classifier **out)
{
	struct qw_classifier *classifier = calloc(1, sizeof(*classifier));
	if (!classifier)
		return QW_ENOMEM;
	classifier->module = ndpi_init_detection_module(ndpi_no_prefs);
	if (!classifier->module) {
		free(classifier);
		return QW_ENOMEM;
	}
	NDPI_PROTOCOL_BITMASK all;
	NDPI_BITMASK_SET_ALL(all);
	ndpi_set_protocol_detection_bitmask2(classifier->module, &all);
	ndpi_finalize_initialization(classifier->module);
	classifier->flow_bytes = ndpi_detection_get_sizeof_ndpi_flow_struct();
	*out = classifier;
	return QW_OK;
}

void qw_classifier_free(struct qw_classifier *classifier)
{
	if (!classifier)
		return;
	ndpi_exit_detection_module(classifier->module);
	free(classifier);
}

static void forget(struct qw_classifier *classifier, struct qw_flow *flow)
{
	if (!flow->ndpi)
		return;
	ndpi_flow_free(flow->ndpi);
	flow->ndpi = NULL;
	classifier->counters.flows--;
}

/* The parsers may know better, and sooner: what they said stays. */
static void settle(struct qw_classifier *classifier, struct qw_flow *flow, uint16_t master, uint16_t app)
{
	flow->ndpi_master = master;
	flow->ndpi_app = app;
	flow->flags |= QW_FLOW_CLASSIFIED;
	forget(classifier, flow);
	uint16_t carrier = master ? master : app;
	if (flow->app == QW_APP_UNKNOWN && carrier < NDPI_LAST_IMPLEMENTED_PROTOCOL)
		flow->app = apps[carrier];
}

/* From addresses and ports alone, in nDPI's way. */
static void guess(struct qw_classifier *classifier, struct qw_flow *flow)
{
	const struct qw_address *client = qw_flow_client(flow), *server = qw_flow_server(flow);
	bool v4 = qw_address_is_v4(client) && qw_address_is_v4(server);
	ndpi_protocol found = ndpi_guess_undetected_protocol(
	    classifier->module, NULL, flow->key.proto, v4 ? qw_be32(client->bytes + 12) : 0, qw_flow_client_port(flow),
	    v4 ? qw_be32(server->bytes + 12) : 0, qw_flow_server_port(flow));
	settle(classifier, flow, found.master_protocol, found.app_protocol);
}

static void give_up(struct qw_classifier *classifier, struct qw_flow *flow)
{
	if (!flow->ndpi) {
		guess(classifier, flow);
		return;
	}
	uint8_t guessed;
	ndpi_protocol found = ndpi_detection_giveup(classifier->module, flow->ndpi, 1, &guessed);
	settle(classifier, flow, found.master_protocol, found.app_protocol);
}

static bool remember(struct qw_classifier *classifier, struct qw_flow *flow)
{
	if (flow->ndpi)
		return true;
	if (classifier->counters.flows >= FLOWS_MAX)
		return false;
	flow->ndpi = ndpi_flow_malloc(classifier->flow_bytes);
	if (!flow->ndpi)
		return false;
	memset(flow->ndpi, 0, classifier->flow_bytes);
	classifier->counters.flows++;
	return true;
}

static unsigned packet_limit(uint8_t proto)
{
	if (proto == QW_PROTO_TCP)
		return GIVEN_TCP;
	return proto == QW_PROTO_UDP ? GIVEN_UDP : GIVEN_OTHER;
}

/* Both guards of nDPI: the flow's own transport protocol, and its header complete. */
static bool may_be_given(const struct qw_flow *flow, const struct qw_packet *packet)
{
	return packet->proto == flow->key.proto && (packet->flags & QW_PACKET_TRANSPORT) &&
	       packet->net_len <= UINT16_MAX;
}

/* nDPI wants lower case, and dots between a question's labels. */
static size_t plain_host(struct qw_slice host, bool labels, char out[HOST_MAX])
{
	if (labels && host.len > 2)
		host = qw_slice(host.data + 1, host.len - 2);
	size_t len = host.len < HOST_MAX - 1 ? host.len : HOST_MAX - 1;
	for (size_t at = 0; at < len; at++) {
		uint8_t c = host.data[at];
		bool upper = c >= 'A' && c <= 'Z';
		out[at] = (char)(labels && c < ' ' ? '.' : upper ? c | 0x20 : c);
	}
	out[len] = 0;
	return len;
}

/* The service behind a name, as nDPI's list has it. */
static uint16_t service_of(struct qw_classifier *classifier, struct qw_slice host, bool labels)
{
	char name[HOST_MAX];
	size_t len = plain_host(host, labels, name);
	if (len == 0)
		return NDPI_PROTOCOL_UNKNOWN;
	ndpi_protocol_match_result match;
	memset(&match, 0, sizeof(match));
	return (uint16_t)ndpi_match_string_subprotocol(classifier->module, name, (u_int)len, &match);
}

/* By the server's address, where no name tells. */
static uint16_t service_at(struct qw_classifier *classifier, const struct qw_flow *flow)
{
	struct in_addr address;
	const struct qw_address *server = qw_flow_server(flow);
	if (!qw_address_is_v4(server))
		return NDPI_PROTOCOL_UNKNOWN;
	memcpy(&address, server->bytes + 12, sizeof(address));
	return ndpi_network_port_ptree_match(classifier->module, &address, htons(qw_flow_server_port(flow)));
}

/* False: nDPI must see the packet, since it knows other flows by what this one tells. */
static bool settle_known(struct qw_classifier *classifier, struct qw_flow *flow, enum qw_known known,
			 struct qw_slice host)
{
	bool labels = known == QW_KNOWN_DNS || known == QW_KNOWN_MDNS || known == QW_KNOWN_LLMNR;
	uint16_t carrier = known_ids[known], service = service_of(classifier, host, labels);
	if (service == NDPI_PROTOCOL_UNKNOWN && (known == QW_KNOWN_TLS || known == QW_KNOWN_HTTP))
		service = service_at(classifier, flow);
	if (service == NDPI_PROTOCOL_ZOOM)
		return false;
	classifier->counters.recognised++;
	if (service == NDPI_PROTOCOL_UNKNOWN || service == carrier)
		settle(classifier, flow, NDPI_PROTOCOL_UNKNOWN, carrier);
	else
		settle(classifier, flow, carrier, service);
	return true;
}

static void give(struct qw_classifier *classifier, struct qw_flow *flow, const struct qw_packet *packet)
{
	if (!may_be_given(flow, packet)) {
		classifier->counters.guarded++;
		return;
	}
	if (!remember(classifier, flow)) {
		guess(classifier, flow);
		return;
	}
	classifier->counters.given++;
	flow->given++;
	uint64_t ms = (uint64_t)(packet->time.ns / QW_NS_PER_MS);
	ndpi_protocol found = ndpi_detection_process_packet(classifier->module, flow->ndpi, packet->net,
							    (unsigned short)packet->net_len, ms);
	if (found.app_protocol != NDPI_PROTOCOL_UNKNOWN)
		settle(classifier, flow, found.master_protocol, found.app_protocol);
	else if (flow->given >= packet_limit(flow->key.proto))
		give_up(classifier, flow);
}

void qw_classify(struct qw_classifier *classifier, struct qw_flow *flow, enum qw_direction direction,
		 const struct qw_packet *packet)
{
	(void)direction;
	/* Handshakes and acknowledgements teach nDPI nothing; ports are guessed from at the end. */
	if (packet->payload_len == 0 && packet->proto == QW_PROTO_TCP)
		return;
	struct qw_slice host;
	enum qw_known known = flow->ndpi ? QW_KNOWN_NOT : qw_recognise(packet, &host);
	if (known == QW_KNOWN_NOT || !settle_known(classifier, flow, known, host))
		give(classifier, flow, packet);
}

void qw_classify_end(struct qw_classifier *classifier, struct qw_flow *flow)
{
	if (!(flow->flags & QW_FLOW_CLASSIFIED))
		give_up(classifier, flow);
	forget(classifier, flow);
}

void qw_class_name(const struct qw_classifier *classifier, const struct qw_flow *flow, char out[QW_CLASS_NAME_MAX])
{
	ndpi_protocol protocol = {.master_protocol = flow->ndpi_master, .app_protocol = flow->ndpi_app};
	ndpi_protocol2name(classifier->module, protocol, out, QW_CLASS_NAME_MAX);
}

void qw_classifier_counters(const struct qw_classifier *classifier, struct qw_classifier_counters *out)
{
	*out = classifier->counters;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app - the application protocols that signatures and events name.
 *
 * One row each: the name in rule headers and in EVE's app_proto.  What nDPI
 * calls a flow is kept beside it, in nDPI's own words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum qw_app {
	QW_APP_UNKNOWN, /* not known yet */
	QW_APP_FAILED,  /* inspected, and none of these */
	QW_APP_HTTP,
	QW_APP_TLS,
	QW_APP_DNS,
	QW_APP_QUIC,
	QW_APP_SSH,
	QW_APP_SMTP,
	QW_APP_FTP,
	QW_APP_FTP_DATA,
	QW_APP_SMB,
	QW_APP_DCERPC,
	QW_APP_HTTP2,
	QW_APP_IMAP,
	QW_APP_POP3,
	QW_APP_NTP,
	QW_APP_DHCP,
	QW_APP_SNMP,
	QW_APP_TFTP,
	QW_APP_KRB5,
	QW_APP_NFS,
	QW_APP_RDP,
	QW_APP_RFB,
	QW_APP_SIP,
	QW_APP_MQTT,
	QW_APP_TELNET,
	QW_APP_LDAP,
	QW_APP_BITTORRENT,
	QW_APP_MODBUS,
	QW_APP_DNP3,
	QW_APP_ENIP,
	QW_APP_S7COMM,
	QW_APP_S7COMM_PLUS,
	QW_APP_IEC104,
	QW_APP_MMS,
	QW_APP_OPCUA,
	QW_APP_BACNET,
	QW_APP_PROFINET,
	QW_APP_OMRON_FINS,
	QW_APP_HART_IP,
	QW_APP_C37_118,
	QW_APP_NMEA,
	QW_APP_SLMP,
	QW_APP_ADS,
	QW_APP_FOX,
	QW_APP_LLRP,
	QW_APP_GOOSE,
	QW_APP_PROFINET_IO, /* its context manager, over UDP */
	QW_APP_SV,
	QW_APP_LLDP,
	QW_APP_ARP,
	QW_APP_RTCM,
	QW_APP_NTRIP,
	QW_APP_COUNT
};

/* "http", "tls", …; "unknown" and "failed" for the first two.  Never NULL. */
const char *qw_app_name(enum qw_app app);

/* The protocol of a rule header's or keyword's name ("http1" is http); QW_APP_COUNT: none. */
enum qw_app qw_app_parse(const char *name, size_t len);

/* What frames of an Ethernet type carry, where no IP is between; QW_APP_UNKNOWN: none of these. */
enum qw_app qw_app_of_ether_type(uint16_t type);

/* Is it one of those? */
bool qw_app_is_link(enum qw_app app);

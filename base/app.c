/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/app.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static const char *const NAMES[] = {
	[QW_APP_UNKNOWN] = "unknown",
	[QW_APP_FAILED] = "failed",
	[QW_APP_HTTP] = "http",
	[QW_APP_TLS] = "tls",
	[QW_APP_DNS] = "dns",
	[QW_APP_QUIC] = "quic",
	[QW_APP_SSH] = "ssh",
	[QW_APP_SMTP] = "smtp",
	[QW_APP_FTP] = "ftp",
	[QW_APP_FTP_DATA] = "ftp-data",
	[QW_APP_SMB] = "smb",
	[QW_APP_DCERPC] = "dcerpc",
	[QW_APP_HTTP2] = "http2",
	[QW_APP_IMAP] = "imap",
	[QW_APP_POP3] = "pop3",
	[QW_APP_NTP] = "ntp",
	[QW_APP_DHCP] = "dhcp",
	[QW_APP_SNMP] = "snmp",
	[QW_APP_TFTP] = "tftp",
	[QW_APP_KRB5] = "krb5",
	[QW_APP_NFS] = "nfs",
	[QW_APP_RDP] = "rdp",
	[QW_APP_RFB] = "rfb",
	[QW_APP_SIP] = "sip",
	[QW_APP_MQTT] = "mqtt",
	[QW_APP_TELNET] = "telnet",
	[QW_APP_LDAP] = "ldap",
	[QW_APP_BITTORRENT] = "bittorrent-dht",
	[QW_APP_MODBUS] = "modbus",
	[QW_APP_DNP3] = "dnp3",
	[QW_APP_ENIP] = "enip",
	[QW_APP_S7COMM] = "s7comm",
	[QW_APP_S7COMM_PLUS] = "s7comm-plus",
	[QW_APP_IEC104] = "iec104",
	[QW_APP_MMS] = "mms",
	[QW_APP_OPCUA] = "opcua",
	[QW_APP_BACNET] = "bacnet",
	[QW_APP_PROFINET] = "profinet",
	[QW_APP_OMRON_FINS] = "omron-fins",
	[QW_APP_HART_IP] = "hart-ip",
	[QW_APP_C37_118] = "c37.118",
	[QW_APP_NMEA] = "nmea",
	[QW_APP_SLMP] = "slmp",
	[QW_APP_ADS] = "ads",
	[QW_APP_FOX] = "fox",
	[QW_APP_LLRP] = "llrp",
	[QW_APP_GOOSE] = "goose",
	[QW_APP_PROFINET_IO] = "profinet-io",
	[QW_APP_SV] = "sv",
	[QW_APP_LLDP] = "lldp",
	[QW_APP_ARP] = "arp",
	[QW_APP_RTCM] = "rtcm",
	[QW_APP_NTRIP] = "ntrip",
};
static_assert(sizeof(NAMES) / sizeof(NAMES[0]) == QW_APP_COUNT, "each protocol has its name");

/* What rules also say. */
static const struct {
	const char *name;
	enum qw_app app;
} ALIASES[] = {
	{"http1", QW_APP_HTTP},
	{"ssl", QW_APP_TLS},
	{"ftpdata", QW_APP_FTP_DATA},
	{"bittorrent", QW_APP_BITTORRENT},
	{"opc-ua", QW_APP_OPCUA},
	{"profinet-dcp", QW_APP_PROFINET},
	{"vnc", QW_APP_RFB},
};

/* IEEE 802 numbers of what stands right above Ethernet. */
static const struct {
	uint16_t type;
	enum qw_app app;
} LINKS[] = {
	{0x0806, QW_APP_ARP}, {0x8892, QW_APP_PROFINET}, {0x88b8, QW_APP_GOOSE}, {0x88ba, QW_APP_SV}, {0x88cc, QW_APP_LLDP},
};

const char *qw_app_name(enum qw_app app)
{
	return (unsigned)app < QW_APP_COUNT ? NAMES[app] : NAMES[QW_APP_UNKNOWN];
}

static bool same(const char *a, const char *name, size_t len)
{
	return strlen(a) == len && strncasecmp(a, name, len) == 0;
}

enum qw_app qw_app_parse(const char *name, size_t len)
{
	for (unsigned i = 0; i < QW_APP_COUNT; i++) {
		if (same(NAMES[i], name, len))
			return (enum qw_app)i;
	}
	for (size_t i = 0; i < sizeof(ALIASES) / sizeof(ALIASES[0]); i++) {
		if (same(ALIASES[i].name, name, len))
			return ALIASES[i].app;
	}
	return QW_APP_COUNT;
}

enum qw_app qw_app_of_ether_type(uint16_t type)
{
	for (size_t i = 0; i < sizeof(LINKS) / sizeof(LINKS[0]); i++) {
		if (LINKS[i].type == type)
			return LINKS[i].app;
	}
	return QW_APP_UNKNOWN;
}

bool qw_app_is_link(enum qw_app app)
{
	for (size_t i = 0; i < sizeof(LINKS) / sizeof(LINKS[0]); i++) {
		if (LINKS[i].app == app)
			return true;
	}
	return false;
}

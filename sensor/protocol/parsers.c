/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/parsers.h"

const struct qw_parser_ops *const qw_parsers[] = {
	&qw_parser_http,
	&qw_parser_tls,
	&qw_parser_quic,
	&qw_parser_dns_udp,
	&qw_parser_dns_tcp,
	&qw_parser_ssh,
	&qw_parser_smtp,
	&qw_parser_ftp,
	&qw_parser_ftp_data,
	&qw_parser_smb,
	&qw_parser_dcerpc,
	&qw_parser_modbus,
	&qw_parser_dnp3_tcp,
	&qw_parser_dnp3_udp,
	&qw_parser_enip_tcp,
	&qw_parser_enip_udp,
	&qw_parser_iec104,
	&qw_parser_bacnet,
	&qw_parser_cotp,
	&qw_parser_mms,
	&qw_parser_opcua,
	&qw_parser_hart_ip_tcp,
	&qw_parser_hart_ip_udp,
	&qw_parser_fins_tcp,
	&qw_parser_fins_udp,
	&qw_parser_c37118_tcp,
	&qw_parser_c37118_udp,
	&qw_parser_slmp_tcp,
	&qw_parser_slmp_udp,
	&qw_parser_ads,
	&qw_parser_fox,
	&qw_parser_llrp,
	&qw_parser_profinet_io,
	&qw_parser_nmea_tcp,
	&qw_parser_nmea_udp,
	&qw_parser_rtcm_tcp,
	&qw_parser_rtcm_udp,
	&qw_parser_snmp,
	&qw_parser_krb5_udp,
	&qw_parser_krb5_tcp,
	&qw_parser_mqtt,
	&qw_parser_nfs_udp,
	&qw_parser_nfs_tcp,
	&qw_parser_tftp,
};

const size_t qw_parser_count = sizeof(qw_parsers) / sizeof(*qw_parsers);

/* pool.c keeps one bit for each. */
_Static_assert(sizeof(qw_parsers) / sizeof(*qw_parsers) <= 64, "probes are remembered in 64 bits");

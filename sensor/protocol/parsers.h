/* SPDX-License-Identifier: Apache-2.0 */
/* parsers - the rows of the table of parsers; each in the file of its name. */
#pragma once

#include "sensor/protocol/parser.h"

extern const struct qw_parser_ops qw_parser_http;
extern const struct qw_parser_ops qw_parser_tls;
extern const struct qw_parser_ops qw_parser_dns_udp;
extern const struct qw_parser_ops qw_parser_dns_tcp;
extern const struct qw_parser_ops qw_parser_quic;
extern const struct qw_parser_ops qw_parser_ssh;
extern const struct qw_parser_ops qw_parser_smtp;
extern const struct qw_parser_ops qw_parser_ftp;
extern const struct qw_parser_ops qw_parser_ftp_data;
extern const struct qw_parser_ops qw_parser_smb;
extern const struct qw_parser_ops qw_parser_dcerpc;
extern const struct qw_parser_ops qw_parser_modbus;
extern const struct qw_parser_ops qw_parser_modbus_udp;
extern const struct qw_parser_ops qw_parser_dnp3_tcp;
extern const struct qw_parser_ops qw_parser_dnp3_udp;
extern const struct qw_parser_ops qw_parser_enip_tcp;
extern const struct qw_parser_ops qw_parser_enip_udp;
extern const struct qw_parser_ops qw_parser_iec104;
extern const struct qw_parser_ops qw_parser_opcua;
extern const struct qw_parser_ops qw_parser_bacnet;
extern const struct qw_parser_ops qw_parser_cotp;
extern const struct qw_parser_ops qw_parser_mms;
extern const struct qw_parser_ops qw_parser_snmp;
extern const struct qw_parser_ops qw_parser_krb5_udp;
extern const struct qw_parser_ops qw_parser_krb5_tcp;
extern const struct qw_parser_ops qw_parser_mqtt;
extern const struct qw_parser_ops qw_parser_nfs_udp;
extern const struct qw_parser_ops qw_parser_nfs_tcp;
extern const struct qw_parser_ops qw_parser_tftp;
extern const struct qw_parser_ops qw_parser_hart_ip_tcp;
extern const struct qw_parser_ops qw_parser_hart_ip_udp;
extern const struct qw_parser_ops qw_parser_fins_tcp;
extern const struct qw_parser_ops qw_parser_fins_udp;
extern const struct qw_parser_ops qw_parser_c37118_tcp;
extern const struct qw_parser_ops qw_parser_c37118_udp;
extern const struct qw_parser_ops qw_parser_slmp_tcp;
extern const struct qw_parser_ops qw_parser_slmp_udp;
extern const struct qw_parser_ops qw_parser_ads;
extern const struct qw_parser_ops qw_parser_fox;
extern const struct qw_parser_ops qw_parser_llrp;
extern const struct qw_parser_ops qw_parser_profinet_io;
extern const struct qw_parser_ops qw_parser_nmea_tcp;
extern const struct qw_parser_ops qw_parser_nmea_udp;
extern const struct qw_parser_ops qw_parser_ntrip;
extern const struct qw_parser_ops qw_parser_rtcm_tcp;
extern const struct qw_parser_ops qw_parser_rtcm_udp;

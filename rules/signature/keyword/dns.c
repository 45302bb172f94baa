/* SPDX-License-Identifier: Apache-2.0 */
/* dns - the numbers of DNS messages, by IANA's names where they have one. */
#include "rules/signature/keyword.h"

/* IANA, "Domain Name System (DNS) Parameters". */
static const struct qw_number_name RECORD_TYPES[] = {
	{"A", 1},	   {"NS", 2},	      {"MD", 3},	  {"MF", 4},	   {"CNAME", 5},     {"SOA", 6},
	{"MB", 7},	   {"MG", 8},	      {"MR", 9},	  {"NULL", 10},	   {"WKS", 11},	     {"PTR", 12},
	{"HINFO", 13},	   {"MINFO", 14},     {"MX", 15},	  {"TXT", 16},	   {"RP", 17},	     {"AFSDB", 18},
	{"X25", 19},	   {"ISDN", 20},      {"RT", 21},	  {"NSAP", 22},	   {"NSAPPTR", 23},  {"SIG", 24},
	{"KEY", 25},	   {"PX", 26},	      {"GPOS", 27},	  {"AAAA", 28},	   {"LOC", 29},	     {"NXT", 30},
	{"SRV", 33},	   {"ATMA", 34},      {"NAPTR", 35},	  {"KX", 36},	   {"CERT", 37},     {"A6", 38},
	{"DNAME", 39},	   {"OPT", 41},	      {"APL", 42},	  {"DS", 43},	   {"SSHFP", 44},    {"IPSECKEY", 45},
	{"RRSIG", 46},	   {"NSEC", 47},      {"DNSKEY", 48},	  {"DHCID", 49},   {"NSEC3", 50},    {"NSEC3PARAM", 51},
	{"TLSA", 52},	   {"SMIMEA", 53},    {"HIP", 55},	  {"CDS", 59},	   {"CDNSKEY", 60},  {"OPENPGPKEY", 61},
	{"CSYNC", 62},	   {"ZONEMD", 63},    {"SVCB", 64},	  {"HTTPS", 65},   {"SPF", 99},	     {"TKEY", 249},
	{"TSIG", 250},	   {"IXFR", 251},     {"AXFR", 252},	  {"MAILB", 253},  {"MAILA", 254},   {"ANY", 255},
	{"URI", 256},	   {"CAA", 257},      {NULL, 0},
};

static const struct qw_number_name RESPONSE_CODES[] = {
	{"NOERROR", 0}, {"FORMERR", 1}, {"SERVFAIL", 2}, {"NXDOMAIN", 3}, {"NOTIMP", 4}, {"REFUSED", 5},
	{"YXDOMAIN", 6}, {"YXRRSET", 7}, {"NXRRSET", 8}, {"NOTAUTH", 9}, {"NOTZONE", 10}, {NULL, 0},
};

QW_KEYWORD(dns_rrtype)
{
	return qw_number_many(parse, QW_BUFFER_DNS_RRTYPE, value, RECORD_TYPES, UINT16_MAX);
}

QW_KEYWORD(dns_rcode)
{
	return qw_number_test(parse, QW_BUFFER_DNS_RCODE, value, RESPONSE_CODES, UINT16_MAX);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* snmp - what a message asks for, by number or name. */
#include "rules/signature/keyword.h"

static const struct qw_number_name PDU_TYPES[] = {
	{"get_request", 0}, {"get_next_request", 1}, {"response", 2}, {"set_request", 3}, {"trap_v1", 4},
	{"get_bulk_request", 5}, {"inform_request", 6}, {"trap_v2", 7}, {"report", 8},
	{"GetRequest", 0}, {"GetNextRequest", 1}, {"SetRequest", 3}, {"TrapV1", 4}, {"GetBulkRequest", 5},
	{"InformRequest", 6}, {"TrapV2", 7}, {NULL, 0},
};

static const struct qw_number_name TRAP_TYPES[] = {
	{"cold_start", 0}, {"warm_start", 1}, {"link_down", 2}, {"link_up", 3}, {"authentication_failure", 4},
	{"egp_neighbor_loss", 5}, {"enterprise_specific", 6}, {NULL, 0},
};

QW_KEYWORD(snmp_pdu_type)
{
	return qw_number_test(parse, QW_BUFFER_SNMP_PDU_TYPE, value, PDU_TYPES, UINT32_MAX);
}

QW_KEYWORD(snmp_trap_type)
{
	return qw_number_test(parse, QW_BUFFER_SNMP_TRAP_TYPE, value, TRAP_TYPES, UINT8_MAX);
}

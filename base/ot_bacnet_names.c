/* SPDX-License-Identifier: Apache-2.0 */
/* Source: ANSI/ASHRAE 135, clauses 20 and 21, annex J; names as in its ASN.1. */
#include "base/ot_tables.h"

#include <stddef.h>

const struct qw_number_name qw_ot_bacnet_functions[] = {
	{"bvlc-result", 0}, {"write-broadcast-distribution-table", 1}, {"read-broadcast-distribution-table", 2},
	{"read-broadcast-distribution-table-ack", 3}, {"forwarded-npdu", 4}, {"register-foreign-device", 5},
	{"read-foreign-device-table", 6}, {"read-foreign-device-table-ack", 7},
	{"delete-foreign-device-table-entry", 8}, {"distribute-broadcast-to-network", 9},
	{"original-unicast-npdu", 10}, {"original-broadcast-npdu", 11}, {"secured-bvll", 12}, {NULL, 0},
};

const struct qw_number_name qw_ot_bacnet_results[] = {
	{"write-broadcast-distribution-table-nak", 0x10}, {"read-broadcast-distribution-table-nak", 0x20},
	{"register-foreign-device-nak", 0x30}, {"read-foreign-device-table-nak", 0x40},
	{"delete-foreign-device-table-entry-nak", 0x50}, {"distribute-broadcast-to-network-nak", 0x60}, {NULL, 0},
};

const struct qw_number_name qw_ot_bacnet_network_messages[] = {
	{"who-is-router-to-network", 0}, {"i-am-router-to-network", 1}, {"i-could-be-router-to-network", 2},
	{"reject-message-to-network", 3}, {"router-busy-to-network", 4}, {"router-available-to-network", 5},
	{"initialize-routing-table", 6}, {"initialize-routing-table-ack", 7}, {"establish-connection-to-network", 8},
	{"disconnect-connection-to-network", 9}, {"challenge-request", 10}, {"security-payload", 11},
	{"security-response", 12}, {"request-key-update", 13}, {"update-key-set", 14},
	{"update-distribution-key", 15}, {"request-master-key", 16}, {"set-master-key", 17},
	{"what-is-network-number", 18}, {"network-number-is", 19}, {NULL, 0},
};

const struct qw_number_name qw_ot_bacnet_types[] = {
	{"confirmed-request", 0}, {"unconfirmed-request", 1}, {"simple-ack", 2}, {"complex-ack", 3},
	{"segment-ack", 4}, {"error", 5}, {"reject", 6}, {"abort", 7}, {NULL, 0},
};

const struct qw_number_name qw_ot_bacnet_confirmed[] = {
	{"acknowledgeAlarm", 0}, {"confirmedCOVNotification", 1}, {"confirmedEventNotification", 2},
	{"getAlarmSummary", 3}, {"getEnrollmentSummary", 4}, {"subscribeCOV", 5}, {"atomicReadFile", 6},
	{"atomicWriteFile", 7}, {"addListElement", 8}, {"removeListElement", 9}, {"createObject", 10},
	{"deleteObject", 11}, {"readProperty", 12}, {"readPropertyConditional", 13}, {"readPropertyMultiple", 14},
	{"writeProperty", 15}, {"writePropertyMultiple", 16}, {"deviceCommunicationControl", 17},
	{"confirmedPrivateTransfer", 18}, {"confirmedTextMessage", 19}, {"reinitializeDevice", 20}, {"vtOpen", 21},
	{"vtClose", 22}, {"vtData", 23}, {"authenticate", 24}, {"requestKey", 25}, {"readRange", 26},
	{"lifeSafetyOperation", 27}, {"subscribeCOVProperty", 28}, {"getEventInformation", 29},
	{"subscribeCovPropertyMultiple", 30}, {"confirmedCovNotificationMultiple", 31},
	{"confirmedAuditNotification", 32}, {"auditLogQuery", 33}, {NULL, 0},
};

const struct qw_number_name qw_ot_bacnet_unconfirmed[] = {
	{"i-Am", 0}, {"i-Have", 1}, {"unconfirmedCOVNotification", 2}, {"unconfirmedEventNotification", 3},
	{"unconfirmedPrivateTransfer", 4}, {"unconfirmedTextMessage", 5}, {"timeSynchronization", 6}, {"who-Has", 7},
	{"who-Is", 8}, {"utcTimeSynchronization", 9}, {"writeGroup", 10}, {"unconfirmedCovNotificationMultiple", 11},
	{"unconfirmedAuditNotification", 12}, {"who-am-I", 13}, {"you-are", 14}, {NULL, 0},
};

const struct qw_number_name qw_ot_bacnet_rejects[] = {
	{"other", 0}, {"buffer-overflow", 1}, {"inconsistent-parameters", 2}, {"invalid-parameter-data-type", 3},
	{"invalid-tag", 4}, {"missing-required-parameter", 5}, {"parameter-out-of-range", 6},
	{"too-many-arguments", 7}, {"undefined-enumeration", 8}, {"unrecognized-service", 9}, {NULL, 0},
};

const struct qw_number_name qw_ot_bacnet_aborts[] = {
	{"other", 0}, {"buffer-overflow", 1}, {"invalid-apdu-in-this-state", 2},
	{"preempted-by-higher-priority-task", 3}, {"segmentation-not-supported", 4}, {"security-error", 5},
	{"insufficient-security", 6}, {"window-size-out-of-range", 7}, {"application-exceeded-reply-time", 8},
	{"out-of-resources", 9}, {"tsm-timeout", 10}, {"apdu-too-long", 11}, {NULL, 0},
};

const struct qw_number_name qw_ot_bacnet_objects[] = {
	{"analog-input", 0}, {"analog-output", 1}, {"analog-value", 2}, {"binary-input", 3}, {"binary-output", 4},
	{"binary-value", 5}, {"calendar", 6}, {"command", 7}, {"device", 8}, {"event-enrollment", 9}, {"file", 10},
	{"group", 11}, {"loop", 12}, {"multi-state-input", 13}, {"multi-state-output", 14},
	{"notification-class", 15}, {"program", 16}, {"schedule", 17}, {"averaging", 18}, {"multi-state-value", 19},
	{"trend-log", 20}, {"life-safety-point", 21}, {"life-safety-zone", 22}, {"accumulator", 23},
	{"pulse-converter", 24}, {"event-log", 25}, {"global-group", 26}, {"trend-log-multiple", 27},
	{"load-control", 28}, {"structured-view", 29}, {"access-door", 30}, {"timer", 31}, {"access-credential", 32},
	{"access-point", 33}, {"access-rights", 34}, {"access-user", 35}, {"access-zone", 36},
	{"credential-data-input", 37}, {"network-security", 38}, {"bitstring-value", 39},
	{"characterstring-value", 40}, {"date-pattern-value", 41}, {"date-value", 42},
	{"datetime-pattern-value", 43}, {"datetime-value", 44}, {"integer-value", 45}, {"large-analog-value", 46},
	{"octetstring-value", 47}, {"positive-integer-value", 48}, {"time-pattern-value", 49}, {"time-value", 50},
	{"notification-forwarder", 51}, {"alert-enrollment", 52}, {"channel", 53}, {"lighting-output", 54},
	{"binary-lighting-output", 55}, {"network-port", 56}, {"elevator-group", 57}, {"escalator", 58},
	{"lift", 59}, {"staging", 60}, {"audit-log", 61}, {"audit-reporter", 62}, {"color", 63},
	{"color-temperature", 64}, {NULL, 0},
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cip - the Common Industrial Protocol inside EtherNet/IP: services on objects.
 *
 * A message is one service; a multiple service packet and an unconnected send
 * carry others, which are taken apart too, one level deep each.
 * Source: CIP Networks Library volume 1, as public descriptions give it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "quaywatch/bytes.h"

enum { QW_CIP_SERVICES_MAX = 48, QW_CIP_ATTRIBUTES_MAX = 8 };

struct qw_cip_path {
	uint8_t has; /* enum qw_cip_has: class, instance, attribute */
	uint32_t class, instance, attribute;
	uint32_t member;
	uint16_t slot;           /* of a port segment that leads to a backplane; QW_CIP_NO_SLOT */
	struct qw_slice symbol;  /* a tag's name */
};

enum { QW_CIP_NO_SLOT = 0xffff };

struct qw_cip_service {
	uint8_t service; /* without the response's bit */
	bool response;
	uint8_t status;  /* of a response */
	bool has_extended;
	uint16_t extended;
	bool embedded;   /* carried by another service */
	bool carrier;    /* carries others */
	struct qw_cip_path path; /* of a request */
	uint8_t attributes;      /* that a list names, beside the path */
	uint16_t attribute[QW_CIP_ATTRIBUTES_MAX];
	int16_t pccc_command, pccc_function; /* of execute PCCC; -1: none */
	struct qw_slice data;    /* behind path or status */
};

struct qw_cip {
	uint16_t services;
	bool cut;       /* more than have room */
	bool malformed; /* some of it could not be read */
	struct qw_cip_service service[QW_CIP_SERVICES_MAX];
};

/* Reads all services that can be read. */
void qw_cip_parse(struct qw_cip *cip, struct qw_bytes data);

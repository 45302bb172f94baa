/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opcua_body - the body of a message of OPC UA: which service, on what, how it ended.
 *
 * Only what events and rules name is read; the rest of a body is left.
 * Source: OPC UA part 4 (services), part 6 (encoding).
 */
#pragma once

#include "sensor/protocol/opcua_value.h"

enum { QW_OPCUA_NODES_MAX = 24 };

enum qw_opcua_service {
	QW_OPCUA_FAULT = 397,
	QW_OPCUA_OPEN_REQUEST = 446,
	QW_OPCUA_CLOSE_REQUEST = 452,
};

enum qw_opcua_token { QW_OPCUA_NO_TOKEN, QW_OPCUA_ANONYMOUS, QW_OPCUA_NAME, QW_OPCUA_CERTIFICATE, QW_OPCUA_ISSUED };

struct qw_opcua_body {
	struct qw_opcua_node type; /* of the body */
	bool known;                /* a service of the standard; what follows is there */
	bool response;
	bool headed;               /* handle and, in a response, status are there */
	uint32_t handle, status;
	bool malformed, cut;       /* what was looked for does not fit; more nodes than have room */
	uint32_t count;            /* of what the service works on */
	uint8_t nodes;
	struct qw_opcua_node node[QW_OPCUA_NODES_MAX];
	int64_t attribute;         /* of the first node; -1: none */
	int64_t mode;              /* of security; -1: none */
	uint8_t token;             /* enum qw_opcua_token */
	struct qw_slice user, token_policy;
	struct qw_slice url, application, product;
	bool valued;               /* the first value that is written is there */
	struct qw_opcua_variant value;
	struct qw_slice data;      /* behind the type */
};

/* in: a whole message behind its sequence header.  False: it does not begin with a type. */
bool qw_opcua_body_parse(struct qw_opcua_body *body, struct qw_bytes in);

/* Does it begin as nothing but a readable body does? */
bool qw_opcua_is_readable(struct qw_bytes in);

static inline bool qw_opcua_is_bad(uint32_t status)
{
	return status & 0x80000000;
}

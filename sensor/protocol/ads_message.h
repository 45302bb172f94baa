/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ads_message - one message of Beckhoff's ADS (AMS over TCP) taken apart.
 *
 * Slices point into the message.  No state; any thread.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

enum {
	QW_ADS_TCP_HEAD = 6,
	QW_ADS_HEAD = 38, /* both heads */
	QW_ADS_FRAME_MAX = 4096,
	QW_ADS_FRAME_MOST = 16 << 20,
	QW_ADS_NET_BYTES = 6,
};

enum qw_ads_command {
	QW_ADS_INVALID,
	QW_ADS_DEVICE_INFO,
	QW_ADS_READ,
	QW_ADS_WRITE,
	QW_ADS_READ_STATE,
	QW_ADS_WRITE_CONTROL,
	QW_ADS_ADD_NOTIFICATION,
	QW_ADS_DELETE_NOTIFICATION,
	QW_ADS_NOTIFICATION,
	QW_ADS_READ_WRITE,
	QW_ADS_COMMANDS
};

struct qw_ads_message {
	bool response;
	uint8_t command;
	const uint8_t *target, *source; /* net ids */
	uint16_t target_port, source_port;
	uint32_t error;   /* of the head, or of the answer itself; 0: none */
	bool undelivered; /* it is the head's: nobody but the router has seen the request */
	uint32_t invoke;
	bool indexed;     /* what follows is there */
	uint32_t group, offset, bytes; /* bytes: to be read, or written where nothing is read */
	bool stated;
	uint16_t state, device_state;
	bool handled;
	uint32_t handle;  /* of a notification */
	bool counted;
	uint32_t samples; /* stamps of a notification */
	struct qw_slice name;    /* of a symbol that is asked for by its name */
	struct qw_slice written; /* what is written */
	struct qw_slice device;  /* its name */
	uint8_t major, minor;
	uint16_t build;
};

/* Bytes of the message whose first QW_ADS_HEAD these are; negative: none begins so. */
int32_t qw_ads_length(const uint8_t *head);

/* A message whose head is whole; what is cut behind it is told as far as it goes. */
void qw_ads_parse(struct qw_ads_message *message, struct qw_bytes in);

/* "5.13.117.96.1.1" */
void qw_ads_put_net(struct qw_text *text, const uint8_t *net);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposing - "propose [TYPE] VALUE": what a person at the tenant offers to the port.
 *
 * Goes over the sensor's one connection; whoever asked waits for the
 * collector's answer.  One thread.
 */
#pragma once

#include "quaywatch/control.h"
#include "sensor/run/uplink.h"

enum { QW_PROPOSING_WAIT_S = 10 };

/* Sends it and sets *job, which ends with the answer.  The words from `first` on are the arguments. */
enum qw_exit qw_proposing_begin(void *uplink, struct qw_request *request, size_t first, struct qw_reply *reply,
				struct qw_job **job);

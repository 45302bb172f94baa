/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposing - "propose [TYPE] VALUE": what a person at the tenant offers to the port.
 *
 * Goes over the sensor's one connection; whoever asked waits for the
 * collector's answer.  One thread.
 */
#pragma once

#include "quaywatch/command_row.h"
#include "sensor/run/sharing.h"

/* Its row; NULL: this sensor has no collector. */
struct qw_command_part qw_proposing_commands(struct qw_sharing *sharing);

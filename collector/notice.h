/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notice - what the collector itself has to tell, as an alert in its log.
 *
 * gid 4 like the engine's own; without epoch and sequence, for no sensor sent it.
 */
#pragma once

#include <stdint.h>

#include "collector/journal.h"
#include "collector/name.h"

/* Numbers stay; new ones are added before QW_NOTICE_COUNT. */
enum qw_notice { QW_NOTICE_FLOOD, QW_NOTICE_LEAK, QW_NOTICE_INCIDENT, QW_NOTICE_COUNT };

enum { QW_NOTICE_SID = 9001 }; /* of the first; above the engine's own */

/* About a sensor, or (sensor "") a tenant.  QW_EAGAIN: the journal has no room; the collector's own log has it all the same. */
enum qw_err qw_notice_write(struct qw_journal *journal, enum qw_notice notice, const struct qw_identity *who,
			    const char *sentence, struct qw_time wall) QW_MUSTCHECK;

/* SPDX-License-Identifier: Apache-2.0 */
/* marks - what rules remember of a flow, as event fields. */
#pragma once

#include "quaywatch/event.h"
#include "quaywatch/signatures.h"

/* Flow bits and numbers under metadata; bits called traffic/id/NAME and traffic/label/NAME as Suricata has them. */
void qw_record_marks(struct qw_event_writer *writer, const struct qw_mark *marks, size_t count);

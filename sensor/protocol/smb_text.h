/* SPDX-License-Identifier: Apache-2.0 */
/* smb_text - names as SMB and NTLM write them: UTF-16, little end first, or bytes of some code page. */
#pragma once

#include "quaywatch/text.h"
#include "sensor/protocol/store.h"

/* The name up to a final NUL as UTF-8, as much as fits (text->cut tells); bytes of a code page stay as they are. */
void qw_smb_text(struct qw_text *text, struct qw_slice raw, bool unicode);

/* SPDX-License-Identifier: Apache-2.0 */
/* script_smb - what the scripts of SMB 1 and 2 share. */
#pragma once

#include "tests/evasion/script.h"

enum { SMB_TREE = 5, SMB_CUT = 26 /* in the middle of what is looked for */, SMB_OLD_FORMS = 7 };

/* A file's bytes: 20, what is looked for, 7 more. */
struct smb_content {
	char bytes[64];
	uint16_t len;
};

/* script_smb1.c: the file is written or read in SMB 1, in the manner of that number. */
void script_smb1(struct script *script, const struct smb_content *content, unsigned form);

/* SPDX-License-Identifier: Apache-2.0 */
/* ntlmssp - who logs on, out of NTLM's third message, bare or inside SPNEGO or GSSAPI. */
#pragma once

#include "sensor/protocol/store.h"

struct qw_ntlmssp {
	struct qw_slice user, domain; /* as on the wire */
	bool unicode;                 /* UTF-16; else bytes of a code page */
};

/* Looks for an AUTHENTICATE message in a security blob.  False: there is none that is whole. */
bool qw_ntlmssp_find(struct qw_slice blob, struct qw_ntlmssp *out);

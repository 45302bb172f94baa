/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ftp_address - where FTP's data connection goes, as commands and replies say it.
 */
#pragma once

#include "quaywatch/bytes.h"
#include "sensor/protocol/expect.h"

/* "h1,h2,h3,h4,p1,p2", first in PORT and anywhere in the reply 227.  False: there is none. */
bool qw_ftp_numbers(struct qw_slice text, struct qw_expected_place *out);

/*
 * "|1|192.0.2.1|2121|" or "|2|2001:db8::1|2121|" (EPRT), anywhere in the text,
 * and "|||2121|" (the reply 229), which leaves the address as it is.
 */
bool qw_ftp_extended(struct qw_slice text, struct qw_expected_place *inout);

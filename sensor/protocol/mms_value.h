/* SPDX-License-Identifier: Apache-2.0 */
/* mms_value - data of MMS as text. */
#pragma once

#include "quaywatch/bytes.h"
#include "quaywatch/text.h"

/*
 * "true, 5, 1.5": each value of a list, those inside of structures and arrays
 * in their order, as many as there is room for and at most so many.
 */
void qw_mms_put_values(struct qw_text *text, struct qw_bytes list, unsigned most);

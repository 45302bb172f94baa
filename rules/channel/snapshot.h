/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot - the bounds that both ends of a snapshot share.
 */
#pragma once

enum {
	QW_SNAPSHOT_HEAD_MAX = 512, /* bytes of a part beside its entries and delegation: head, signature, number */
	QW_SNAPSHOT_PARTS_MAX = 1 << 16,
};

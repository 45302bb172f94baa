/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fox_frame - one frame of Niagara Fox taken apart: its head, and what its body says of a host.
 *
 *	fox a 1 -1 fox hello
 *	{
 *	hostName=s:roof
 *	};;
 *
 * Slices point into the frame.  No state; any thread.
 */
#pragma once

#include "quaywatch/bytes.h"

enum { QW_FOX_FRAME_MAX = 4096, QW_FOX_HEAD = 7 };

struct qw_fox_frame {
	char kind;            /* 'a', 's', … */
	int32_t number;       /* -1: none */
	int32_t reply;        /* number of the frame that it answers; -1: none */
	struct qw_slice channel, command;
	struct qw_slice host, address, station, app, version, os, os_version, vm, vm_version, id, brand;
	struct qw_slice method, user; /* how, and as whom, somebody logs in */
};

/* Does a frame begin so?  1 yes, 0 no, -1 there is too little to tell. */
int qw_fox_begins(const uint8_t *data, size_t len);

/* A frame from its head to before its end, as much as was kept.  False: its head is none. */
bool qw_fox_parse(struct qw_fox_frame *frame, struct qw_bytes in);

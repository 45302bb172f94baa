/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader - the frames of a capture that lies in memory, pcap or pcapng.
 *
 * A reader borrows the memory, and its frames point into it.  It reads up to
 * the first thing that cannot be right, and says there what that is.  One
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/bytes.h"
#include "quaywatch/err.h"
#include "quaywatch/frame.h"

/* As Wireshark's limit for ordinary link types: what announces more is damaged. */
enum { QW_CAPTURE_FRAME_MAX = 262144 };

/* Bytes that are enough for qw_reader_recognises. */
enum { QW_CAPTURE_HEADER_MAX = 28 };

struct qw_reader;

struct qw_capture_format {
	const char *name;
	/* The first bytes of a file, at least QW_CAPTURE_HEADER_MAX of them unless it has fewer: a whole header? */
	bool (*recognises)(struct qw_bytes start);
	/* Reads the header that was recognised. */
	void (*start)(struct qw_reader *reader);
	/* Up to max frames; fewer: the end, or damage. */
	size_t (*read)(struct qw_reader *reader, struct qw_frame *frames, size_t max);
};

/* An interface of a pcapng section, and the only one of a pcap file. */
struct qw_capture_interface {
	uint16_t link;
	uint32_t snap;
	uint64_t ticks_per_s; /* decimal resolution; 0: binary */
	uint8_t shift;        /* binary resolution: 2^-shift seconds */
	int64_t offset_s;
};

/* Fields are the formats' own business, except damage. */
struct qw_reader {
	const struct qw_capture_format *format;
	struct qw_bytes left;
	bool big_endian;    /* numbers are big-endian */
	uint16_t interface; /* what the frames are to say; the reader's owner sets it */
	const char *damage; /* why reading ended before the end, static text; NULL: it did not */
	/* pcap */
	uint32_t record_len; /* bytes of a record's header */
	uint32_t tick_ns;
	uint16_t link;
	uint8_t lengths_swapped; /* files of version 2.2 and older; 2.3: perhaps */
	/* pcapng: of the section */
	struct qw_capture_interface *interfaces;
	size_t interface_count, interface_room;
};

/* The format that a file beginning with these bytes has; NULL: none that is read here. */
const struct qw_capture_format *qw_reader_recognise(struct qw_bytes start);

/* QW_EFORMAT: no capture's header.  End with qw_reader_fini. */
enum qw_err qw_reader_init(struct qw_reader *reader, const uint8_t *data, size_t len) QW_MUSTCHECK;
void qw_reader_fini(struct qw_reader *reader);

/* Up to max frames, which is at least 1; 0: no more, and damage says whether that is the end. */
static inline size_t qw_reader_read(struct qw_reader *reader, struct qw_frame *frames, size_t max)
{
	return reader->format->read(reader, frames, max);
}

extern const struct qw_capture_format qw_capture_pcap;
extern const struct qw_capture_format qw_capture_pcapng;

static inline uint16_t qw_reader_u16(const struct qw_reader *reader, const uint8_t *at)
{
	return reader->big_endian ? qw_be16(at) : qw_le16(at);
}

static inline uint32_t qw_reader_u32(const struct qw_reader *reader, const uint8_t *at)
{
	return reader->big_endian ? qw_be32(at) : qw_le32(at);
}

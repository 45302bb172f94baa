/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcap - the classic capture file (draft-ietf-opsawg-pcap), in either byte order.
 *
 *	file:    [ header, 24 ][ record, 16 or 24 | bytes ][ record | bytes ] …
 *	record:  seconds | micro- or nanoseconds | bytes here | bytes on the wire
 */
#include "sensor/capture/reader.h"

enum { HEADER_LEN = 24, RECORD_LEN = 16, RECORD_LEN_MODIFIED = 24 };

/* The chain of lengths is one dependent load a frame: run well ahead of it. */
enum { AHEAD = 8192, CACHE_LINE = 64 };

static const struct {
	uint32_t magic;
	uint32_t tick_ns;
	uint32_t record_len;
} kinds[] = {
    {0xa1b2c3d4, 1000, RECORD_LEN},
    {0xa1b23c4d, 1, RECORD_LEN},
    {0xa1b2cd34, 1000, RECORD_LEN_MODIFIED}, /* Kuznetzov's, of old Red Hat systems: 8 bytes more a record */
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static unsigned kind_of(uint32_t magic)
{
	unsigned kind = 0;

	while (kind < KINDS && kinds[kind].magic != magic)
		kind++;
	return kind;
}

static bool recognises(struct qw_bytes start)
{
	if (start.left < HEADER_LEN)
		return false;
	if (kind_of(qw_le32(start.at)) < KINDS)
		return qw_le16(start.at + 4) == 2;
	return kind_of(qw_be32(start.at)) < KINDS && qw_be16(start.at + 4) == 2;
}

static void start(struct qw_reader *reader)
{
	const uint8_t *header = reader->left.at;

	reader->big_endian = kind_of(qw_le32(header)) == KINDS;
	unsigned kind = kind_of(qw_reader_u32(reader, header));
	reader->tick_ns = kinds[kind].tick_ns;
	reader->record_len = kinds[kind].record_len;
	/* The upper bits tell of frame check sequences; they trail behind the IP packet and do not matter. */
	reader->link = (uint16_t)qw_reader_u32(reader, header + 20);
	uint16_t minor = qw_reader_u16(reader, header + 6);
	reader->lengths_swapped = minor < 3 ? 2 : minor == 3;
	reader->left = qw_bytes(header + HEADER_LEN, reader->left.left - HEADER_LEN);
}

/* Writers disagreed about which of the two lengths comes first until version 2.4. */
static void put_right(const struct qw_reader *reader, struct qw_frame *frame)
{
	if (reader->lengths_swapped == 2 || (reader->lengths_swapped == 1 && frame->len > frame->wire_len)) {
		uint32_t len = frame->len;
		frame->len = frame->wire_len;
		frame->wire_len = len;
	}
}

/* As much as this record has, of what comes later: between them all of it is asked for. */
static void ask_ahead(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i += CACHE_LINE)
		__builtin_prefetch(at + AHEAD + i);
}

static bool read_record(struct qw_reader *reader, struct qw_frame *frame)
{
	const uint8_t *at = reader->left.at;
	size_t left = reader->left.left;

	if (left < reader->record_len) {
		reader->damage = left ? "it ends inside a record's header" : NULL;
		return false;
	}
	frame->time.ns =
	    (int64_t)qw_reader_u32(reader, at) * QW_NS_PER_S + (int64_t)qw_reader_u32(reader, at + 4) * reader->tick_ns;
	frame->len = qw_reader_u32(reader, at + 8);
	frame->wire_len = qw_reader_u32(reader, at + 12);
	if (reader->lengths_swapped)
		put_right(reader, frame);
	if (frame->len > QW_CAPTURE_FRAME_MAX) {
		reader->damage = "a record announces more bytes than a frame can have";
		return false;
	}
	if (frame->len > left - reader->record_len) {
		reader->damage = "it ends inside a frame";
		return false;
	}
	ask_ahead(at, reader->record_len + frame->len);
	frame->data = at + reader->record_len;
	frame->link = reader->link;
	frame->interface = reader->interface;
	reader->left = qw_bytes(frame->data + frame->len, left - reader->record_len - frame->len);
	return true;
}

static size_t read_frames(struct qw_reader *reader, struct qw_frame *frames, size_t max)
{
	size_t count = 0;

	while (count < max && !reader->damage && read_record(reader, &frames[count]))
		count++;
	return count;
}

const struct qw_capture_format qw_capture_pcap = {
    .name = "pcap",
    .recognises = recognises,
    .start = start,
    .read = read_frames,
};

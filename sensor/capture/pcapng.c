/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng - capture files made of blocks (draft-ietf-opsawg-pcapng).
 *
 *	file:   [ section header ][ interface ][ packet ] … [ section header ] …
 *	block:  type | length | body, padded to 4 | length again
 *
 * Each section has its own byte order and numbers its interfaces from 0.
 * Blocks without packets (names, statistics, comments …) are passed over.
 */
#include "sensor/capture/reader.h"

#include <stdlib.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
};

enum { BYTE_ORDER_MAGIC = 0x1a2b3c4d, FRAME_LEN = 12, SECTION_MIN = 28, INTERFACES_MAX = 4096 };

enum { OPTION_END = 0, OPTION_RESOLUTION = 9, OPTION_OFFSET = 14 };

static bool recognises(struct qw_bytes start)
{
	if (start.left < SECTION_MIN || qw_le32(start.at) != BLOCK_SECTION)
		return false;
	return qw_le32(start.at + 8) == BYTE_ORDER_MAGIC || qw_be32(start.at + 8) == BYTE_ORDER_MAGIC;
}

/* The first section header is read as every other. */
static void start(struct qw_reader *reader)
{
	reader->interface_count = 0;
}

static bool damaged(struct qw_reader *reader, const char *why)
{
	reader->damage = why;
	return false;
}

static bool read_section(struct qw_reader *reader, struct qw_bytes body)
{
	if (body.left < 16)
		return damaged(reader, "a section header is too short");
	if (qw_reader_u16(reader, body.at + 4) != 1)
		return damaged(reader, "a section is of a version that is not known");
	reader->interface_count = 0;
	return true;
}

/* if_tsresol: a power of ten, or with the high bit of two; what is finer than 64 bits can tell counts as 0. */
static void set_resolution(struct qw_capture_interface *interface, uint8_t resolution)
{
	interface->shift = resolution & 0x7f;
	interface->ticks_per_s = 0;
	if (resolution & 0x80)
		return;
	interface->ticks_per_s = 1;
	for (unsigned i = 0; i < interface->shift && interface->ticks_per_s <= UINT64_MAX / 10; i++)
		interface->ticks_per_s *= 10;
}

static void read_options(const struct qw_reader *reader, struct qw_capture_interface *interface, struct qw_bytes in)
{
	struct qw_bytes header, value;

	while (qw_bytes_take(&in, 4, &header)) {
		uint16_t code = qw_reader_u16(reader, header.at);
		uint16_t len = qw_reader_u16(reader, header.at + 2);
		if (code == OPTION_END || !qw_bytes_take(&in, len, &value))
			return;
		if (code == OPTION_RESOLUTION && len >= 1)
			set_resolution(interface, value.at[0]);
		if (code == OPTION_OFFSET && len >= 8)
			interface->offset_s = (int64_t)(reader->big_endian ? qw_be64(value.at) : qw_le64(value.at));
		qw_bytes_skip(&in, (4 - len % 4u) % 4);
	}
}

static bool grow(struct qw_reader *reader)
{
	if (reader->interface_count < reader->interface_room)
		return true;
	if (reader->interface_room >= INTERFACES_MAX)
		return damaged(reader, "a section has more interfaces than are kept (4096)");
	size_t room = reader->interface_room ? reader->interface_room * 2 : 8;
	struct qw_capture_interface *grown = realloc(reader->interfaces, room * sizeof(*grown));
	if (!grown)
		return damaged(reader, "there is no memory for its interfaces");
	reader->interfaces = grown;
	reader->interface_room = room;
	return true;
}

static bool read_interface(struct qw_reader *reader, struct qw_bytes body)
{
	if (body.left < 8)
		return damaged(reader, "an interface description is too short");
	if (!grow(reader))
		return false;
	struct qw_capture_interface *interface = &reader->interfaces[reader->interface_count++];
	*interface = (struct qw_capture_interface){
	    .link = qw_reader_u16(reader, body.at),
	    .snap = qw_reader_u32(reader, body.at + 4),
	    .ticks_per_s = 1000000,
	};
	read_options(reader, interface, qw_bytes(body.at + 8, body.left - 8));
	return true;
}

/* In 128 bits nothing overflows; what is beyond the year 2262 wraps, as unsigned numbers do. */
static struct qw_time time_of(const struct qw_capture_interface *interface, uint64_t ticks)
{
	unsigned __int128 ns = (unsigned __int128)ticks * (uint64_t)QW_NS_PER_S;

	if (interface->ticks_per_s)
		ns /= interface->ticks_per_s;
	else
		ns >>= interface->shift;
	return qw_time_ns((int64_t)((uint64_t)ns + (uint64_t)interface->offset_s * (uint64_t)QW_NS_PER_S));
}

static bool fill(struct qw_reader *reader, struct qw_frame *frame, size_t interface, struct qw_bytes body)
{
	if (frame->len > QW_CAPTURE_FRAME_MAX)
		return damaged(reader, "a block announces more bytes than a frame can have");
	if (frame->len > body.left)
		return damaged(reader, "a frame is longer than its block");
	frame->data = body.at;
	frame->link = reader->interfaces[interface].link;
	frame->interface = reader->interface;
	return true;
}

/* Enhanced packets and the obsolete ones differ in the width of the interface's number only. */
static bool read_packet(struct qw_reader *reader, struct qw_frame *frame, struct qw_bytes body, bool obsolete)
{
	struct qw_bytes header;

	if (!qw_bytes_take(&body, 20, &header))
		return damaged(reader, "a packet block is too short");
	size_t interface = obsolete ? qw_reader_u16(reader, header.at) : qw_reader_u32(reader, header.at);
	if (interface >= reader->interface_count)
		return damaged(reader, "a packet names an interface that was not described");
	uint64_t ticks = (uint64_t)qw_reader_u32(reader, header.at + 4) << 32 | qw_reader_u32(reader, header.at + 8);
	frame->time = time_of(&reader->interfaces[interface], ticks);
	frame->len = qw_reader_u32(reader, header.at + 12);
	frame->wire_len = qw_reader_u32(reader, header.at + 16);
	return fill(reader, frame, interface, body);
}

/* No time, no interface but the first, and the length here is only to be reckoned. */
static bool read_simple(struct qw_reader *reader, struct qw_frame *frame, struct qw_bytes body)
{
	if (reader->interface_count == 0)
		return damaged(reader, "a packet comes before its interface was described");
	if (!qw_bytes_skip(&body, 4))
		return damaged(reader, "a packet block is too short");
	uint32_t snap = reader->interfaces[0].snap;
	frame->wire_len = qw_reader_u32(reader, body.at - 4);
	frame->len = snap && snap < frame->wire_len ? snap : frame->wire_len;
	frame->time = qw_time_ns(0);
	return fill(reader, frame, 0, body);
}

/* Cuts the next block off.  False: the end, or damage. */
static bool take_block(struct qw_reader *reader, uint32_t *type, struct qw_bytes *body)
{
	struct qw_bytes block = reader->left;

	if (block.left == 0)
		return false;
	if (block.left < FRAME_LEN)
		return damaged(reader, "it ends inside a block");
	if (qw_le32(block.at) == BLOCK_SECTION)
		reader->big_endian = qw_be32(block.at + 8) == BYTE_ORDER_MAGIC;
	*type = qw_reader_u32(reader, block.at);
	uint32_t len = qw_reader_u32(reader, block.at + 4);
	if (len < FRAME_LEN || len % 4 != 0)
		return damaged(reader, "a block's length cannot be right");
	if (!qw_bytes_take(&reader->left, len, &block))
		return damaged(reader, "it ends inside a block");
	__builtin_prefetch(reader->left.at + 512);
	if (qw_reader_u32(reader, block.at + len - 4) != len)
		return damaged(reader, "a block's two lengths differ");
	*body = qw_bytes(block.at + 8, len - FRAME_LEN);
	return true;
}

/* True: *frame is one more frame. */
static bool read_block(struct qw_reader *reader, uint32_t type, struct qw_bytes body, struct qw_frame *frame)
{
	switch (type) {
	case BLOCK_SECTION: read_section(reader, body); return false;
	case BLOCK_INTERFACE: read_interface(reader, body); return false;
	case BLOCK_PACKET: return read_packet(reader, frame, body, true);
	case BLOCK_SIMPLE: return read_simple(reader, frame, body);
	case BLOCK_ENHANCED: return read_packet(reader, frame, body, false);
	default: return false;
	}
}

static size_t read_frames(struct qw_reader *reader, struct qw_frame *frames, size_t max)
{
	size_t count = 0;
	uint32_t type;
	struct qw_bytes body;

	while (count < max && !reader->damage && take_block(reader, &type, &body))
		if (read_block(reader, type, body, &frames[count]))
			count++;
	return count;
}

const struct qw_capture_format qw_capture_pcapng = {
    .name = "pcapng",
    .recognises = recognises,
    .start = start,
    .read = read_frames,
};

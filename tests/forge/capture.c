/* SPDX-License-Identifier: Apache-2.0 */
/* capture - pcap and pcapng, in either byte order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/forge/bytes.h"
#include "tests/forge/forge.h"

enum { NS_PER_S = 1000000000, FIRST_SECOND = 1700000000 };

static void put(struct forge_capture *capture, const void *data, size_t len)
{
	if (capture->room - capture->len < len) {
		capture->room = (capture->room + len) * 2;
		capture->data = realloc(capture->data, capture->room);
		forge_require(capture->data != NULL);
	}
	if (len)
		memcpy(capture->data + capture->len, data, len);
	capture->len += len;
}

static void put16(struct forge_capture *capture, uint16_t value)
{
	uint8_t at[2] = {(uint8_t)value, (uint8_t)(value >> 8)};

	if (capture->format.big_endian)
		forge_put16(at, value);
	put(capture, at, sizeof(at));
}

static void put32(struct forge_capture *capture, uint32_t value)
{
	uint8_t at[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};

	if (capture->format.big_endian)
		forge_put32(at, value);
	put(capture, at, sizeof(at));
}

static void pad(struct forge_capture *capture, size_t len)
{
	put(capture, "\0\0\0", (4 - len % 4) % 4);
}

void forge_capture_block(struct forge_capture *capture, uint32_t type, const void *body, size_t len)
{
	uint32_t total = (uint32_t)(12 + (len + 3) / 4 * 4);

	put32(capture, type);
	put32(capture, total);
	put(capture, body, len);
	pad(capture, len);
	put32(capture, total);
}

static void put_section(struct forge_capture *capture)
{
	put32(capture, 0x0a0d0d0a);
	put32(capture, 28);
	put32(capture, 0x1a2b3c4d);
	put16(capture, 1);
	put16(capture, 0);
	put32(capture, 0xffffffff);
	put32(capture, 0xffffffff);
	put32(capture, 28);
}

void forge_capture_interface(struct forge_capture *capture, uint16_t link, uint8_t resolution, int64_t offset_s)
{
	enum { LEN = 20 + 8 + 12 + 4 };
	uint32_t low = (uint32_t)offset_s, high = (uint32_t)((uint64_t)offset_s >> 32);
	uint8_t value[4] = {resolution};

	put32(capture, 1);
	put32(capture, LEN);
	put16(capture, link);
	put16(capture, 0);
	put32(capture, capture->format.snap);
	put16(capture, 9); /* if_tsresol */
	put16(capture, 1);
	put(capture, value, sizeof(value));
	put16(capture, 14); /* if_tsoffset */
	put16(capture, 8);
	put32(capture, capture->format.big_endian ? high : low);
	put32(capture, capture->format.big_endian ? low : high);
	put32(capture, 0); /* end of options */
	put32(capture, LEN);
}

static void put_header(struct forge_capture *capture)
{
	put32(capture, capture->format.nano ? 0xa1b23c4d : 0xa1b2c3d4);
	put16(capture, 2);
	put16(capture, 4);
	put32(capture, 0);
	put32(capture, 0);
	put32(capture, capture->format.snap ? capture->format.snap : 262144);
	put32(capture, capture->format.link);
}

void forge_capture_init(struct forge_capture *capture, struct forge_format format)
{
	*capture = (struct forge_capture){
	    .format = format,
	    .ns = (uint64_t)FIRST_SECOND * NS_PER_S,
	    .step_ns = 1000000,
	};
	if (!format.pcapng) {
		put_header(capture);
		return;
	}
	put_section(capture);
	forge_capture_interface(capture, format.link, format.nano ? 9 : 6, 0);
}

static void put_enhanced(struct forge_capture *capture, const void *data, size_t len, size_t wire_len)
{
	uint64_t ticks = capture->format.nano ? capture->ns : capture->ns / 1000;
	uint32_t total = (uint32_t)(32 + (len + 3) / 4 * 4);

	put32(capture, 6);
	put32(capture, total);
	put32(capture, 0);
	put32(capture, (uint32_t)(ticks >> 32));
	put32(capture, (uint32_t)ticks);
	put32(capture, (uint32_t)len);
	put32(capture, (uint32_t)wire_len);
	put(capture, data, len);
	pad(capture, len);
	put32(capture, total);
}

static void put_record(struct forge_capture *capture, const void *data, size_t len, size_t wire_len)
{
	put32(capture, (uint32_t)(capture->ns / NS_PER_S));
	put32(capture, (uint32_t)(capture->ns % NS_PER_S / (capture->format.nano ? 1 : 1000)));
	put32(capture, (uint32_t)len);
	put32(capture, (uint32_t)wire_len);
	put(capture, data, len);
}

void forge_capture_frame(struct forge_capture *capture, const void *data, size_t len, size_t wire_len)
{
	if (capture->format.pcapng)
		put_enhanced(capture, data, len, wire_len);
	else
		put_record(capture, data, len, wire_len);
	capture->ns += capture->step_ns;
	capture->packets++;
}

void forge_capture_add(struct forge_capture *capture, const struct forge_packet *packet)
{
	uint32_t snap = capture->format.snap;

	forge_capture_frame(capture, packet->data, snap && snap < packet->len ? snap : packet->len, packet->len);
}

void forge_capture_save(const struct forge_capture *capture, const char *path)
{
	FILE *file = fopen(path, "wb");

	forge_require(file != NULL);
	forge_require(fwrite(capture->data, 1, capture->len, file) == capture->len);
	forge_require(fclose(file) == 0);
}

void forge_capture_fini(struct forge_capture *capture)
{
	free(capture->data);
	capture->data = NULL;
}

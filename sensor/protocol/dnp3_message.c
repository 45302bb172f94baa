/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/dnp3_message.h"

#include "sensor/protocol/dnp3_object.h"

enum {
	RESPONSE_FIRST = 129, /* response, unsolicited, authentication */
	RESPONSE_LAST = 131,
	FUNCTION_READ = 1,
	FUNCTION_FREEZE_FIRST = 7,
	FUNCTION_FREEZE_LAST = 12,
	FUNCTION_UNSOLICITED_FIRST = 20, /* enable, disable */
	FUNCTION_ASSIGN_CLASS = 22,
	GROUP_TIME = 50,
	POINTS_MAX = 16384, /* of one object; no real fragment has so many */
	HEADERS_MAX = 2048,
};

struct header {
	uint8_t group, variation, qualifier;
	bool ranged, free_format;
	uint32_t first, count;
};

/* ---- ranges: table 4-5 */

static bool read_number(struct qw_bytes *in, unsigned bytes, uint32_t *out)
{
	uint8_t byte;
	uint16_t half;
	switch (bytes) {
	case 1:
		if (!qw_bytes_u8(in, &byte))
			return false;
		*out = byte;
		return true;
	case 2:
		if (!qw_bytes_le16(in, &half))
			return false;
		*out = half;
		return true;
	default: return qw_bytes_le32(in, out);
	}
}

static bool read_range(struct header *header, struct qw_bytes *in)
{
	static const struct {
		uint8_t bytes;
		bool pair, none;
	} ranges[16] = {
		[0] = {1, true, false}, [1] = {2, true, false}, [2] = {4, true, false}, [3] = {1, true, false},
		[4] = {2, true, false}, [5] = {4, true, false}, [6] = {0, false, true}, [7] = {1, false, false},
		[8] = {2, false, false}, [9] = {4, false, false}, [11] = {1, false, false},
	};
	unsigned code = header->qualifier & 0x0f;
	uint32_t last;
	header->free_format = code == 11;
	header->count = 0;
	if (ranges[code].none)
		return true;
	if (!ranges[code].bytes)
		return false;
	if (!ranges[code].pair)
		return read_number(in, ranges[code].bytes, &header->count);
	if (!read_number(in, ranges[code].bytes, &header->first) || !read_number(in, ranges[code].bytes, &last) ||
	    last < header->first || last - header->first == UINT32_MAX)
		return false;
	header->ranged = true;
	header->count = last - header->first + 1;
	return true;
}

/* ---- points */

/* Bytes before each point: an index, or (*is_size) how long the point is. */
static unsigned prefix_of(const struct header *header, bool *is_size)
{
	static const uint8_t bytes[8] = {0, 1, 2, 4, 1, 2, 4, 0};
	unsigned code = header->qualifier >> 4 & 7;
	*is_size = code >= 4 && code <= 6;
	return bytes[code];
}

static bool skip_sized(struct qw_bytes *in, uint32_t count, unsigned prefix)
{
	uint32_t len;
	while (count--)
		if (!read_number(in, prefix, &len) || !qw_bytes_skip(in, len))
			return false;
	return true;
}

static bool skip_attributes(struct qw_bytes *in, uint32_t count, unsigned prefix)
{
	uint8_t len;
	while (count--)
		if (!qw_bytes_skip(in, prefix + 1) || !qw_bytes_u8(in, &len) || !qw_bytes_skip(in, len))
			return false;
	return true;
}

static uint8_t skip_points(const struct header *header, struct qw_bytes *in)
{
	bool is_size;
	unsigned prefix = prefix_of(header, &is_size);
	int size = qw_dnp3_point_size(header->group, header->variation);
	uint64_t bytes;
	if (is_size)
		return skip_sized(in, header->count, prefix) ? 0 : QW_DNP3_MALFORMED;
	if (size == QW_DNP3_SIZE_ATTRIBUTE)
		return skip_attributes(in, header->count, prefix) ? 0 : QW_DNP3_MALFORMED;
	if (size == QW_DNP3_SIZE_UNKNOWN)
		return QW_DNP3_UNKNOWN_OBJECT;
	if (size >= 0 || prefix)
		bytes = (uint64_t)header->count * (prefix + (size < 0 ? 1u : (unsigned)size));
	else
		bytes = ((uint64_t)header->count * (size == QW_DNP3_SIZE_BITS ? 1 : 2) + 7) / 8;
	return qw_bytes_skip(in, bytes) ? 0 : QW_DNP3_MALFORMED;
}

/* What only names points has no data for them, at most their indices. */
static bool names_points(uint8_t function, uint8_t group)
{
	if (function >= FUNCTION_FREEZE_FIRST && function <= FUNCTION_FREEZE_LAST)
		return group != GROUP_TIME;
	return function == FUNCTION_READ ||
	       (function >= FUNCTION_UNSOLICITED_FIRST && function <= FUNCTION_ASSIGN_CLASS);
}

static uint8_t skip_names(const struct header *header, struct qw_bytes *in)
{
	bool is_size;
	unsigned prefix = prefix_of(header, &is_size);
	if (is_size)
		return skip_sized(in, header->count, prefix) ? 0 : QW_DNP3_MALFORMED;
	return qw_bytes_skip(in, (uint64_t)header->count * prefix) ? 0 : QW_DNP3_MALFORMED;
}

/* ---- the walk */

static void note(struct qw_dnp3_message *message, const struct header *header)
{
	uint16_t object = (uint16_t)(header->group << 8 | header->variation);
	if (header->ranged && !message->ranged) {
		message->ranged = true;
		message->first = header->first;
		message->last = header->first + header->count - 1;
	}
	for (uint16_t i = 0; i < message->objects; i++)
		if (message->object[i] == object)
			return;
	if (message->objects < QW_DNP3_OBJECTS_MAX)
		message->object[message->objects++] = object;
	else
		message->cut = true;
}

static void walk(struct qw_dnp3_message *message, struct qw_bytes in)
{
	for (unsigned headers = 0; in.left; headers++) {
		struct header header = {0};
		if (headers == HEADERS_MAX) {
			message->flaws |= QW_DNP3_MANY_OBJECTS;
			return;
		}
		if (!qw_bytes_u8(&in, &header.group) || !qw_bytes_u8(&in, &header.variation) ||
		    !qw_bytes_u8(&in, &header.qualifier)) {
			message->flaws |= QW_DNP3_MALFORMED;
			return;
		}
		bool whole = read_range(&header, &in);
		note(message, &header);
		if (!whole)
			message->flaws |= QW_DNP3_MALFORMED;
		else if (header.count > POINTS_MAX)
			message->flaws |= QW_DNP3_MANY_POINTS;
		else
			message->flaws |= names_points(message->function, header.group) ? skip_names(&header, &in)
											: skip_points(&header, &in);
		if (message->flaws)
			return;
	}
}

bool qw_dnp3_message_parse(struct qw_dnp3_message *message, const uint8_t *data, size_t len)
{
	struct qw_bytes in = qw_bytes(data, len);
	message->flaws = 0;
	message->cut = message->ranged = false;
	message->objects = message->indications = 0;
	if (!qw_bytes_u8(&in, &message->control) || !qw_bytes_u8(&in, &message->function))
		return false;
	message->response = message->function >= RESPONSE_FIRST && message->function <= RESPONSE_LAST;
	if (message->response && !qw_bytes_be16(&in, &message->indications)) {
		message->flaws |= QW_DNP3_MALFORMED;
		return true;
	}
	walk(message, in);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* smb_kit - conversations of SMB 2, a command a line. */
#pragma once

#include "sensor/protocol/smb.h"
#include "tests/unit/blob_kit.h"

enum { PORT = 445, DISK = 1, PIPE = 2, REFUSED = 0xc0000022, TREE = 5, FILE_1 = 9 };

static inline void begin(struct talk *talk)
{
	forge_smb_begin(&talk->blob);
}

static inline void send_request(struct talk *talk)
{
	forge_smb_end(&talk->blob);
	say(talk, QW_TO_SERVER);
}

static inline void send_answer(struct talk *talk)
{
	forge_smb_end(&talk->blob);
	say(talk, QW_TO_CLIENT);
}

static inline struct forge_smb2 ask(uint64_t message)
{
	return (struct forge_smb2){.message = message, .tree = TREE};
}

static inline struct forge_smb2 answer(uint64_t message, uint32_t status)
{
	return (struct forge_smb2){.response = true, .message = message, .tree = TREE, .status = status};
}

static inline void connect_tree(struct talk *talk, const char *path, uint8_t type, uint32_t status)
{
	begin(talk);
	forge_smb2_tree(&talk->blob, &(struct forge_smb2){.message = 1}, path);
	send_request(talk);
	begin(talk);
	forge_smb2_tree_answer(
		&talk->blob,
		&(struct forge_smb2){.response = true, .message = 1, .tree = TREE, .status = status}, type);
	send_answer(talk);
}

static inline void open_file(struct talk *talk, const char *name, uint16_t file, uint64_t size)
{
	struct forge_smb2 request = ask(1000 + file), reply = answer(1000 + file, 0);
	begin(talk);
	forge_smb2_create(&talk->blob, &request, name);
	send_request(talk);
	begin(talk);
	forge_smb2_create_answer(&talk->blob, &reply, file, size);
	send_answer(talk);
}

static inline void write_file(struct talk *talk, uint16_t file, uint64_t offset, const char *data)
{
	struct forge_smb2 request = ask(2000 + offset);
	begin(talk);
	forge_smb2_write(&talk->blob, &request, file, offset, data, strlen(data));
	send_request(talk);
}

static inline void ask_read(struct talk *talk, uint16_t file, uint64_t offset, uint32_t len)
{
	struct forge_smb2 request = ask(3000 + offset);
	begin(talk);
	forge_smb2_read(&talk->blob, &request, file, offset, len);
	send_request(talk);
}

static inline void answer_read(struct talk *talk, uint64_t offset, const char *data)
{
	struct forge_smb2 reply = answer(3000 + offset, 0);
	begin(talk);
	forge_smb2_read_answer(&talk->blob, &reply, data, strlen(data));
	send_answer(talk);
}

static inline void close_file(struct talk *talk, uint16_t file)
{
	struct forge_smb2 request = ask(4000 + file);
	begin(talk);
	forge_smb2_close(&talk->blob, &request, file);
	send_request(talk);
}

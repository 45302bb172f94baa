/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb - what the parsers of SMB1 and SMB2 share: one connection's trees, files and requests.
 *
 *	smb.c       messages out of the stream, and who reads them
 *	smb1.c      SMB1: messages, chains of commands
 *	smb2.c      SMB2 and 3: messages, compounds
 *	smb_tell.c  what goes out: versions, log-ons, trees
 *	smb_table.c trees, requests that wait for their answer
 *	smb_file.c  open files: their names, and where their data go
 *	smb_transfer.c  the data of one file, one way
 *
 * Everything is bounded; a full table gives its oldest row up, and counts it.
 */
#pragma once

#include "sensor/protocol/content.h"
#include "sensor/protocol/dcerpc.h"
#include "sensor/protocol/netbios.h"
#include "sensor/protocol/parser.h"

enum {
	QW_SMB_NAME_MAX = 480,
	QW_SMB_REQUESTS = 64, /* that wait for their answer */
	QW_SMB_TREES = 16,
	QW_SMB_FILES = 64,    /* open at once */
	QW_SMB_GATHER_MAX = 68 * 1024,  /* of a command that is read in one piece */
	QW_SMB_ENCRYPTED_ROW = 32, /* messages of one direction, none plain between, until it is no longer read */
};

struct qw_smb_name {
	uint16_t len;
	char text[QW_SMB_NAME_MAX];
};

/* ---- trees */

enum qw_smb_tree_kind { QW_SMB_TREE_UNKNOWN, QW_SMB_TREE_DISK, QW_SMB_TREE_PIPE };

struct qw_smb_tree {
	struct qw_smb_tree *next; /* older */
	uint64_t request;         /* that connected it */
	uint32_t id;
	uint8_t kind; /* enum qw_smb_tree_kind */
	uint8_t version;
	bool answered;
	struct qw_smb_name name;
};

/* ---- requests that wait for their answer */

enum qw_smb_request_kind { QW_SMB_REQUEST_NONE, QW_SMB_REQUEST_CREATE, QW_SMB_REQUEST_READ, QW_SMB_REQUEST_PIPE };

struct qw_smb_request {
	uint64_t id;     /* SMB2: of the message; SMB1: of process and message */
	uint64_t offset; /* of a read */
	uint32_t file;   /* its serial number */
	uint8_t kind;    /* enum qw_smb_request_kind */
};

/* ---- files */

/* EITHER: its tree was not seen, and the first write or read is too short to tell; it is read as both. */
enum qw_smb_file_kind { QW_SMB_FILE_UNKNOWN, QW_SMB_FILE_DISK, QW_SMB_FILE_PIPE, QW_SMB_FILE_EITHER };

struct qw_smb_file_id {
	uint64_t word[2]; /* SMB1: the FID, and all ones */
};

struct qw_smb_chunk; /* data ahead of their place */

/* One way of a file's data.  All zero: none went. */
struct qw_smb_transfer {
	struct qw_content content;
	struct qw_smb_chunk *ahead; /* by offset */
	uint64_t transaction;
	uint64_t begin; /* offset of what the content keeps */
	uint64_t next;  /* offset of the next byte in order */
	uint64_t rewritten; /* offset behind what was last written over */
	uint32_t ahead_bytes;
	uint8_t ahead_count, jumps, rewrites;
	bool done;
	bool rewriting; /* … and the write that does it is not whole */
};

struct qw_smb_file {
	struct qw_smb_file *next; /* older */
	struct qw_smb_file_id id;
	uint64_t size; /* where it is known */
	uint32_t serial, tree;
	uint8_t kind; /* enum qw_smb_file_kind */
	uint8_t version;
	bool has_id, has_size;
	struct qw_smb_transfer transfer[2]; /* what was written, what was read: by the way they go */
	struct qw_dcerpc *rpc; /* of a pipe */
	/* While it is unknown what it is: how a read or write of it begins, up to what tells. */
	uint64_t head_at;
	uint8_t head_way, head_len, head[QW_DCERPC_HEAD];
	struct qw_smb_name name;
};

/* ---- a connection */

/* Where the data go that follow a command's fixed part. */
struct qw_smb_data {
	uint32_t file; /* serial number; 0: to nobody */
	uint8_t way;   /* enum qw_direction */
	uint64_t offset;
	uint32_t before, left, after; /* bytes: to pass over, of data, to pass over */
};

struct qw_smb_side {
	struct qw_netbios netbios;
	struct qw_smb_data data;
	uint32_t related;  /* serial number of the file that the last command of this message named */
	uint8_t encrypted; /* messages in a row */
	uint8_t version;   /* of the message: 1, 2; 0: not looked at yet */
};

struct qw_smb {
	struct qw_smb_side side[2];
	uint64_t transactions;
	uint32_t serial, files, trees;
	bool asked_in_smb1; /* the first answer may be in SMB2 */
	bool begun, turned; /* turned: the flow's client is the server here */
	uint8_t next_request;
	struct qw_smb_tree *tree;   /* newest first */
	struct qw_smb_file *newest;
	struct qw_smb_request request[QW_SMB_REQUESTS];
};

/* What is being served; handed down everywhere. */
struct qw_smb_call {
	struct qw_smb *smb;
	struct qw_flow *flow;
	enum qw_direction direction; /* of the bytes */
	const struct qw_message_sink *sink;
};

static inline struct qw_smb_side *qw_smb_side(const struct qw_smb_call *call)
{
	return &call->smb->side[call->direction];
}

/* The direction of the flow in which requests (or responses) go. */
static inline enum qw_direction qw_smb_way(const struct qw_smb *smb, bool request)
{
	return request != smb->turned ? QW_TO_SERVER : QW_TO_CLIENT;
}

/* ---- smb1.c, smb2.c: the next part of a message; `in` moves on */

void qw_smb1_read(const struct qw_smb_call *call, struct qw_bytes *in);
void qw_smb2_read(const struct qw_smb_call *call, struct qw_bytes *in);

/* ---- smb_tell.c */

/* A message of a new transaction (0) or a known one, with the version in it. */
void qw_smb_message(struct qw_message *message, struct qw_smb *smb, bool request, uint64_t transaction,
		    uint8_t version);
void qw_smb_publish(const struct qw_smb_call *call, const struct qw_message *message);

/* A command, of which nothing more is to be said. */
void qw_smb_tell_command(const struct qw_smb_call *call, bool request, uint8_t version);

/* A session setup: who logs on, where the blob says so. */
void qw_smb_tell_session(const struct qw_smb_call *call, struct qw_slice blob, uint8_t version);

void qw_smb_tell_tree(const struct qw_smb_call *call, const struct qw_smb_tree *tree);

/* ---- smb_table.c */

/* NULL: the pool has no room. */
struct qw_smb_tree *qw_smb_tree_new(const struct qw_smb_call *call, uint64_t request);
struct qw_smb_tree *qw_smb_tree_of_request(struct qw_smb *smb, uint64_t request);
enum qw_smb_tree_kind qw_smb_tree_kind(const struct qw_smb *smb, uint32_t id);

/* The answer came: the tree has a number and a kind (UNKNOWN: it was refused), and is told. */
void qw_smb_tree_answer(const struct qw_smb_call *call, struct qw_smb_tree *tree, uint32_t id,
			enum qw_smb_tree_kind kind);

/* No answer will come: those that wait for one are told. */
void qw_smb_trees_close(const struct qw_smb_call *call);
void qw_smb_trees_free(struct qw_smb *smb);

void qw_smb_ask(struct qw_smb *smb, const struct qw_smb_request *request);

/* Takes the request out.  False: there is none. */
bool qw_smb_answered(struct qw_smb *smb, uint64_t id, enum qw_smb_request_kind kind, struct qw_smb_request *out);

/* ---- smb_file.c */

/* A file that is being opened; NULL: no room. */
struct qw_smb_file *qw_smb_file_new(const struct qw_smb_call *call, uint32_t tree, uint8_t version);
struct qw_smb_file *qw_smb_file_by_serial(struct qw_smb *smb, uint32_t serial);

/* The file of that number; one whose opening was not seen is made.  NULL: no room. */
struct qw_smb_file *qw_smb_file_get(const struct qw_smb_call *call, struct qw_smb_file_id id, uint32_t tree,
				    uint8_t version);

/* It has this number now; an earlier file that had it is closed. */
void qw_smb_file_set_id(const struct qw_smb_call *call, struct qw_smb_file *file, struct qw_smb_file_id id);

/*
 * Bytes of it went this way, from this offset on; last: the read or write ends
 * with them.  file NULL: nothing happens.
 */
void qw_smb_file_data(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way, uint64_t offset,
		      struct qw_slice data, bool last);

/* The end was read. */
void qw_smb_file_end(const struct qw_smb_call *call, struct qw_smb_file *file);

/* Tells what is not told yet, and forgets it.  NULL is fine. */
void qw_smb_file_close(const struct qw_smb_call *call, struct qw_smb_file *file);

/* No more comes this way: what is half there is told. */
void qw_smb_files_close(const struct qw_smb_call *call, enum qw_direction way);
void qw_smb_files_free(struct qw_smb *smb);

/* ---- smb_transfer.c */

void qw_smb_transfer_put(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way,
			 uint64_t offset, struct qw_slice data, bool last);

/* whole: nothing is missing at its end. */
void qw_smb_transfer_finish(const struct qw_smb_call *call, struct qw_smb_file *file, enum qw_direction way,
			    bool whole);
void qw_smb_transfer_free(struct qw_smb *smb, struct qw_smb_transfer *transfer);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control - the Unix socket that operators' commands come by.
 *
 * One request per connection (request.h), then the reply (reply.h).  Whoever
 * may open the socket (mode 0660) may command; the collector's audit log has who it was.
 * Bounded: QW_CONTROL_CLIENTS at once, a request line, a reply's size.
 *
 * Work that takes long is done in steps between which alerts are taken.
 *
 * One thread; never blocks.
 */
#pragma once

#include <stdbool.h>

#include "quaywatch/err.h"
#include "quaywatch/reply.h"
#include "quaywatch/request.h"

enum { QW_CONTROL_CLIENTS = 32 };

/* Work under way for a client. */
struct qw_job {
	/* Does a little.  True: done, *status is set. */
	bool (*step)(struct qw_job *job, struct qw_reply *reply, enum qw_exit *status);
	void (*free)(struct qw_job *job);
	bool waits; /* for something else: no need to ask again at once */
};

/* Answers a request, or sets *job for what takes longer; then the result does not count. */
typedef enum qw_exit qw_control_run(void *ctx, struct qw_request *request, struct qw_reply *reply, struct qw_job **job);

struct qw_control;

/* A socket that a dead process left is replaced.  QW_EEXIST: a living one answers there. */
enum qw_err qw_control_open(struct qw_control **out, const char *path, qw_control_run *run, void *ctx) QW_MUSTCHECK;
void qw_control_close(struct qw_control *control); /* NULL is fine */

/* Readable when there is something to do; then call qw_control_serve. */
int qw_control_fd(const struct qw_control *control);
void qw_control_serve(struct qw_control *control);

/* One step of each job.  False: there are none that could do more at once. */
bool qw_control_work(struct qw_control *control);

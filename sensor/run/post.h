/* SPDX-License-Identifier: Apache-2.0 */
/*
 * post - small messages with descriptors between the sensor's own processes.
 *
 * Sequenced-packet Unix sockets made before fork: no name, no network.  A
 * message is a kind, three numbers, up to QW_POST_BYTES bytes and descriptors:
 * room for all images of a ruleset.  The receiver owns the descriptors it gets.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "quaywatch/err.h"
#include "quaywatch/indicators.h"

enum { QW_POST_BYTES = 32 * 1024, QW_POST_FDS = QW_INDICATOR_PARTS + 2 };

enum qw_post_kind {
	QW_POST_NONE,
	QW_POST_REBUILD,  /* exporter → builder: read files and channels again; number: ticket */
	QW_POST_ENTRIES,  /* exporter → builder: fresh entries (bytes: length-prefixed packed Entry); number: ticket */
	QW_POST_RULESET,  /* builder → supervisor → workers: number: generation, second and fds: sensor/run/images,
			     bytes: struct qw_rulebook_counts */
	QW_POST_BUILT,    /* builder → exporter: number: ticket, second: generation that holds it, third: 0 or qw_err */
};

struct qw_post {
	enum qw_post_kind kind;
	uint32_t number, second;
	int32_t third;
	int fds[QW_POST_FDS]; /* -1: none */
	size_t len;
	uint8_t bytes[QW_POST_BYTES];
};

/* An empty message; bytes are not touched. */
void qw_post_begin(struct qw_post *post, enum qw_post_kind kind, uint32_t number);

/* Two connected ends, non-blocking, closed on exec. */
enum qw_err qw_post_pair(int ends[2]) QW_MUSTCHECK;

/* QW_EAGAIN: the other side does not read; QW_EPEER: it is gone. */
enum qw_err qw_post_send(int end, const struct qw_post *post) QW_MUSTCHECK;

/* QW_EAGAIN: nothing there; QW_EPEER: the other side is gone; QW_EFORMAT: no message of ours. */
enum qw_err qw_post_receive(int end, struct qw_post *post) QW_MUSTCHECK;

/* Closes the descriptors a message brought. */
void qw_post_close(struct qw_post *post);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source - a place frames come from: a capture file, a folder of them, an interface.
 *
 * One table of functions per kind, one loop over them in the worker.  A source
 * belongs to one worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quaywatch/diag.h"
#include "quaywatch/err.h"
#include "quaywatch/frame.h"

struct qw_source;

/* How long to wait where no frame is there. */
struct qw_wait {
	int ms;   /* at most; 0: not at all */
	int wake; /* descriptor: readable ends it, too; -1: none */
};

struct qw_source_counters {
	uint64_t received;      /* handed to us, before drops below are taken off */
	uint64_t kernel_drops;  /* the ring was full (live) */
	uint64_t interface_drops;
	uint64_t filtered;      /* of those received, left out by the filter (files) */
	uint64_t damaged;       /* captures whose end could not be read (files) */
	uint64_t lag_ns;        /* live: age of the last packet when it was received; 0: nothing waited */
};

struct qw_source_spec {
	const char *const *paths; /* files: captures or folders of them, in this order */
	size_t path_count;
	const char *interface;    /* live */
	const char *filter;       /* BPF expression; NULL or "": everything */
	size_t ring_bytes;        /* live: of the kernel's ring */
	uint32_t snap_bytes;
	uint16_t fanout_group;    /* live: 0: none */
	bool held;                /* live: receives nothing yet; to be the heir of replace() */
	struct qw_diags *diags;   /* complaints about what is missing or damaged */
};

/* What all kinds offer.  Of one thread, except where said. */
struct qw_source_ops {
	const char *name;

	/*
	 * Opens what the spec names; no frame is read yet.  Called with
	 * privilege.  QW_ENOENT: no such file or interface; QW_EACCES: not
	 * permitted; QW_EFORMAT: no capture, or a filter that is not understood
	 * (complaint added in all cases).
	 */
	enum qw_err (*open)(struct qw_source **out, const struct qw_source_spec *spec);

	/*
	 * Up to max frames; 0 with QW_OK: none for now (live: after the
	 * wait).  QW_ENOENT: the end of all files.  The frames' bytes stay
	 * valid until release(), which comes before the next receive().  What
	 * the filter leaves out of a file is counted and not handed out.
	 * QW_EIO: the interface is down or gone; if it comes back, calls that
	 * follow work again.
	 */
	enum qw_err (*receive)(struct qw_source *source, struct qw_frame *frames, size_t max, struct qw_wait wait,
			       size_t *count);
	void (*release)(struct qw_source *source);

	/* The interface's or file's name behind frame.interface; never NULL. */
	const char *(*interface)(const struct qw_source *source, uint16_t number);

	void (*counters)(const struct qw_source *source, struct qw_source_counters *out);
	void (*close)(struct qw_source *source);

	/*
	 * Live, by the process that opened it, when its reader is gone: heir,
	 * opened with `held` and otherwise alike, receives from now on, and
	 * source is closed.  *last: all that source received after its reader
	 * last asked.  An error: heir could not, and is closed too.  NULL in
	 * the table: close and open again.
	 */
	enum qw_err (*replace)(struct qw_source *source, struct qw_source *heir, struct qw_source_counters *last);
};

extern const struct qw_source_ops qw_source_file; /* mapped where it is a plain pcap */
extern const struct qw_source_ops qw_source_pipe; /* one FIFO, or "-": standard input */
extern const struct qw_source_ops qw_source_live;

/*
 * Live sources are opened by the supervisor and handed to workers over fork,
 * so that capture outlives a worker: all sockets of a fanout group must have
 * joined before the first is read.
 */

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live - an interface as a source of frames: libpcap over TPACKET_V3.
 *
 * Never in immediate mode, which would silently choose TPACKET_V2.  A blocking
 * dispatch does not come back while no packet arrives, so that the handle does
 * not block and the wait is our own.
 *
 * Frames are copied.  libpcap hands a block of the ring back to the kernel as
 * soon as its last packet was dispatched, inside pcap_dispatch, and the kernel
 * may then write to it.  The copy goes to the same few kilobytes each time, and
 * warms what the decoder reads next.
 */
#include "sensor/capture/source.h"

#include <fcntl.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sensor/capture/gate.h"
#include "sensor/capture/reader.h"

enum {
	BLOCK_TIMEOUT_MS = 10, /* how long a block that is not full waits for more packets */
	ARENA = 2 << 20,
	ALIGNMENT = 64,
	LINK_RAW = 101,
	EMPTY_MS = 200, /* for what came before the gate was closed; a block is ours two timeouts later */
	EMPTY_BATCH = 64,
};

/* libpcap counts in 32 bits. */
struct totals {
	struct pcap_stat last;
	uint64_t received, kernel_drops, interface_drops;
};

struct qw_source {
	pcap_t *pcap;
	char *name;
	struct totals *totals; /* apart, for they change when they are read */
	uint8_t *arena;
	uint64_t lag_ns;
	struct qw_time joined; /* what came before came to the others of the group, too; 0: that is over */
	uint16_t link, group;
	bool filtered;
	struct bpf_program code; /* if filtered */
	/* while pcap_dispatch runs */
	struct qw_frame *frames;
	size_t used, count;
};

static void live_close(struct qw_source *source)
{
	if (source->filtered)
		pcap_freecode(&source->code);
	if (source->pcap)
		pcap_close(source->pcap);
	free(source->arena);
	free(source->totals);
	free(source->name);
	free(source);
}

/* What a pcap_activate that failed means, and what to do. */
static enum qw_err complain_activation(const struct qw_source *source, int status, struct qw_diags *diags)
{
	static const struct {
		int status;
		enum qw_err err;
		const char *text;
	} rows[] = {
	    {PCAP_ERROR_NO_SUCH_DEVICE, QW_ENOENT, "there is no interface of this name; \"ip link\" lists them"},
	    {PCAP_ERROR_PERM_DENIED, QW_EACCES, "not permitted to listen; run as root or with CAP_NET_RAW"},
	    {PCAP_ERROR_PROMISC_PERM_DENIED, QW_EACCES, "not permitted to listen to all; give CAP_NET_RAW"},
	    {PCAP_ERROR_IFACE_NOT_UP, QW_ENOENT, "the interface is down; bring it up with \"ip link set … up\""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status) {
			qw_complain(diags, QW_DIAG_ERROR, source->name, 0, 0, "%s", rows[i].text);
			return rows[i].err;
		}
	const char *error = pcap_geterr(source->pcap);
	qw_complain(diags, QW_DIAG_ERROR, source->name, 0, 0, "cannot listen: %s",
		    error[0] ? error : pcap_statustostr(status));
	return QW_EIO;
}

static enum qw_err activate(struct qw_source *source, const struct qw_source_spec *spec)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	uint32_t snap =
	    spec->snap_bytes && spec->snap_bytes < QW_CAPTURE_FRAME_MAX ? spec->snap_bytes : QW_CAPTURE_FRAME_MAX;
	int ring = spec->ring_bytes > INT32_MAX ? INT32_MAX : (int)spec->ring_bytes;

	source->pcap = pcap_create(source->name, error);
	if (!source->pcap) {
		qw_complain(spec->diags, QW_DIAG_ERROR, source->name, 0, 0, "cannot listen: %s", error);
		return QW_EIO;
	}
	/* These fail only on handles that are active already. */
	(void)pcap_set_snaplen(source->pcap, (int)snap);
	(void)pcap_set_promisc(source->pcap, 1);
	(void)pcap_set_timeout(source->pcap, BLOCK_TIMEOUT_MS);
	(void)pcap_set_tstamp_precision(source->pcap, PCAP_TSTAMP_PRECISION_NANO);
	if (ring)
		(void)pcap_set_buffer_size(source->pcap, ring);

	int status = pcap_activate(source->pcap);
	if (status < 0)
		return complain_activation(source, status, spec->diags);
	if (status == PCAP_WARNING_PROMISC_NOTSUP)
		qw_complain(spec->diags, QW_DIAG_WARNING, source->name, 0, 0,
			    "the interface cannot listen to all traffic (promiscuous mode)");
	return QW_OK;
}

static enum qw_err compile_filter(struct qw_source *source, const struct qw_source_spec *spec)
{
	if (!spec->filter || !spec->filter[0])
		return QW_OK;
	if (pcap_compile(source->pcap, &source->code, spec->filter, 1, PCAP_NETMASK_UNKNOWN) == 0) {
		source->filtered = true;
		return QW_OK;
	}
	qw_complain(spec->diags, QW_DIAG_ERROR, source->name, 0, 0,
		    "the filter \"%s\" is not understood: %s; see pcap-filter(7) for the language", spec->filter,
		    pcap_geterr(source->pcap));
	return QW_EFORMAT;
}

/* Only at first; a clock that was set back meanwhile ends it too. */
static bool is_of_others(struct qw_source *source, struct qw_time time)
{
	int64_t before = source->joined.ns - time.ns;

	if (before > 0 && before < QW_NS_PER_S)
		return true;
	source->joined.ns = 0;
	return false;
}

static void take(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct qw_source *source = (struct qw_source *)(void *)user;
	struct qw_time time = {(int64_t)header->ts.tv_sec * QW_NS_PER_S + header->ts.tv_usec}; /* nanoseconds, as was asked */

	if (source->joined.ns && is_of_others(source, time))
		return;
	struct qw_frame *frame = &source->frames[source->count++];
	uint8_t *copy = source->arena + source->used;
	memcpy(copy, bytes, header->caplen);
	*frame = (struct qw_frame){
	    .data = copy,
	    .len = header->caplen,
	    .wire_len = header->len,
	    .time = time,
	    .link = source->link,
	};
	source->used += (header->caplen + ALIGNMENT - 1u) & ~(size_t)(ALIGNMENT - 1);
	if (ARENA - source->used < QW_CAPTURE_FRAME_MAX)
		pcap_breakloop(source->pcap);
}

/* A loop that was broken because the arena is full gives its packets all the same. */
static enum qw_err dispatch(struct qw_source *source, struct qw_frame *frames, size_t max)
{
	source->frames = frames;
	source->used = source->count = 0;
	int status = pcap_dispatch(source->pcap, max > INT32_MAX ? INT32_MAX : (int)max, take, (u_char *)source);
	return status >= 0 || status == PCAP_ERROR_BREAK || source->count ? QW_OK : QW_EIO;
}

/* Lets packets in, and joins the group; what comes between the two comes to two of its sockets, and is passed over. */
static enum qw_err admit(struct qw_source *source)
{
	int fd = pcap_fileno(source->pcap);
	enum qw_err err = QW_OK;

	if (source->filtered)
		err = pcap_setfilter(source->pcap, &source->code) == 0 ? QW_OK : QW_EIO;
	else
		err = qw_gate_open(fd);
	if (err != QW_OK || !source->group)
		return err;
	source->joined = qw_time_wall();
	return qw_gate_join(fd, source->group);
}

/* Throws away what was received before the gate was closed: it is in the ring, some of it in a block still open. */
static void empty_ring(struct qw_source *source)
{
	struct qw_time until = qw_time_add(qw_time_monotonic(), qw_time_ns(EMPTY_MS * QW_NS_PER_MS));
	struct qw_frame frames[EMPTY_BATCH];
	uint64_t seen = 0;

	do {
		struct pollfd ready = {.fd = pcap_get_selectable_fd(source->pcap), .events = POLLIN};
		if (pcap_stats(source->pcap, &source->totals->last) != 0)
			return;
		if (seen + source->totals->last.ps_drop >= source->totals->last.ps_recv)
			return;
		if (dispatch(source, frames, EMPTY_BATCH) != QW_OK)
			return;
		seen += source->count;
		if (source->count == 0)
			poll(&ready, 1, BLOCK_TIMEOUT_MS);
	} while (qw_time_before(qw_time_monotonic(), until));
}

static enum qw_err set_up(struct qw_source *source, const struct qw_source_spec *spec)
{
	char error[PCAP_ERRBUF_SIZE] = "";

	source->name = strdup(spec->interface);
	source->totals = calloc(1, sizeof(*source->totals));
	source->arena = aligned_alloc(ALIGNMENT, ARENA);
	if (!source->name || !source->totals || !source->arena)
		return QW_ENOMEM;
	source->group = spec->fanout_group;
	enum qw_err err = activate(source, spec);
	if (err == QW_OK)
		err = compile_filter(source, spec);
	if (err != QW_OK)
		return err;
	int link = pcap_datalink(source->pcap);
	source->link = (uint16_t)(link == DLT_RAW ? LINK_RAW : link);
	err = qw_gate_close(pcap_fileno(source->pcap));
	if (err == QW_OK && pcap_setnonblock(source->pcap, 1, error) != 0)
		err = QW_EIO;
	if (err == QW_OK)
		empty_ring(source);
	if (err == QW_OK && !spec->held)
		err = admit(source);
	if (err != QW_OK)
		qw_complain(spec->diags, QW_DIAG_ERROR, source->name, 0, 0,
			    "its traffic cannot be filtered, or shared among workers: %s %s; try with one worker (-w 1)",
			    qw_strerror(err), error);
	return err;
}

static enum qw_err live_open(struct qw_source **out, const struct qw_source_spec *spec)
{
	struct qw_source *source = calloc(1, sizeof(*source));

	if (!source)
		return QW_ENOMEM;
	enum qw_err err = set_up(source, spec);
	if (err != QW_OK) {
		live_close(source);
		return err;
	}
	*out = source;
	return QW_OK;
}

static enum qw_err live_receive(struct qw_source *source, struct qw_frame *frames, size_t max, struct qw_wait wait,
				size_t *count)
{
	enum qw_err err = dispatch(source, frames, max);

	if (err == QW_OK && source->count == 0 && wait.ms != 0) {
		struct pollfd ready[] = {{pcap_get_selectable_fd(source->pcap), POLLIN, 0}, {wait.wake, POLLIN, 0}};
		if (poll(ready, 2, wait.ms) > 0 && ready[0].revents)
			err = dispatch(source, frames, max);
	}
	source->lag_ns = 0;
	if (err == QW_OK && source->count) {
		int64_t lag = qw_time_sub(qw_time_wall(), frames[source->count - 1].time).ns;
		source->lag_ns = lag > 0 ? (uint64_t)lag : 0;
	}
	if (err == QW_OK)
		*count = source->count;
	return err;
}

/* The arena is written again by the next receive. */
static void live_release(struct qw_source *source)
{
}

static const char *live_interface(const struct qw_source *source, uint16_t number)
{
	return source->name;
}

static void live_counters(const struct qw_source *source, struct qw_source_counters *out)
{
	struct totals *totals = source->totals;
	struct pcap_stat now;

	if (pcap_stats(source->pcap, &now) == 0) {
		totals->received += now.ps_recv - totals->last.ps_recv;
		totals->kernel_drops += now.ps_drop - totals->last.ps_drop;
		totals->interface_drops += now.ps_ifdrop - totals->last.ps_ifdrop;
		totals->last = now;
	}
	*out = (struct qw_source_counters){
	    .received = totals->received,
	    .kernel_drops = totals->kernel_drops,
	    .interface_drops = totals->interface_drops,
	    .lag_ns = source->lag_ns,
	};
}

/*
 * The old ring takes milliseconds to unmap.  A second descriptor keeps its
 * socket alive meanwhile, which receives and counts what is hashed to it, to the
 * moment when the heir takes over.  The heir joins the group before the old
 * socket leaves: then it gets the old one's place, and the others keep theirs.
 */
static enum qw_err live_replace(struct qw_source *source, struct qw_source *heir, struct qw_source_counters *last)
{
	int fd = fcntl(pcap_fileno(source->pcap), F_DUPFD_CLOEXEC, 0);

	live_counters(source, last);
	live_close(source);
	if (fd >= 0 && !heir->group)
		qw_gate_count(fd, &last->received, &last->kernel_drops);
	enum qw_err err = admit(heir);
	if (fd >= 0 && heir->group)
		qw_gate_count(fd, &last->received, &last->kernel_drops);
	if (fd >= 0)
		close(fd);
	if (err != QW_OK)
		live_close(heir);
	return err;
}

const struct qw_source_ops qw_source_live = {
    .name = "live",
    .open = live_open,
    .receive = live_receive,
    .release = live_release,
    .interface = live_interface,
    .counters = live_counters,
    .close = live_close,
    .replace = live_replace,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/decode/decode.h"

#include "sensor/decode/walk.h"

static enum qw_step (*const steps[QW_STEP_COUNT])(struct qw_walk *walk) = {
    [QW_STEP_TYPE] = qw_walk_type,
    [QW_STEP_OTHER] = qw_walk_other,
    [QW_STEP_ETHERNET] = qw_walk_ethernet,
    [QW_STEP_NULL] = qw_walk_null,
    [QW_STEP_LOOP] = qw_walk_loop,
    [QW_STEP_SLL] = qw_walk_sll,
    [QW_STEP_SLL2] = qw_walk_sll2,
    [QW_STEP_HDLC] = qw_walk_hdlc,
    [QW_STEP_VLAN] = qw_walk_vlan,
    [QW_STEP_VNTAG] = qw_walk_vntag,
    [QW_STEP_HSR] = qw_walk_hsr,
    [QW_STEP_BACKBONE] = qw_walk_backbone,
    [QW_STEP_FABRIC] = qw_walk_fabric,
    [QW_STEP_LLC] = qw_walk_llc,
    [QW_STEP_MPLS] = qw_walk_mpls,
    [QW_STEP_PPPOE] = qw_walk_pppoe,
    [QW_STEP_PPP] = qw_walk_ppp,
    [QW_STEP_NSH] = qw_walk_nsh,
    [QW_STEP_IP] = qw_walk_ip,
    [QW_STEP_IPV4] = qw_walk_ipv4,
    [QW_STEP_IPV6] = qw_walk_ipv6,
    [QW_STEP_GRE] = qw_walk_gre,
    [QW_STEP_ERSPAN_2] = qw_walk_erspan_2,
    [QW_STEP_ERSPAN_3] = qw_walk_erspan_3,
    [QW_STEP_WCCP] = qw_walk_wccp,
    [QW_STEP_ETHERIP] = qw_walk_etherip,
    [QW_STEP_VXLAN] = qw_walk_vxlan,
    [QW_STEP_VXLAN_GPE] = qw_walk_vxlan_gpe,
    [QW_STEP_GENEVE] = qw_walk_geneve,
    [QW_STEP_GTPU] = qw_walk_gtpu,
    [QW_STEP_TEREDO] = qw_walk_teredo,
};

/* LINKTYPE_ values (tcpdump.org/linktypes.html); 12 and 14 are raw IP on systems that wrote their own numbers. */
static const struct {
	uint16_t link;
	uint8_t step;
} links[] = {
    {1, QW_STEP_ETHERNET}, {0, QW_STEP_NULL},  {108, QW_STEP_LOOP}, {113, QW_STEP_SLL},  {276, QW_STEP_SLL2},
    {101, QW_STEP_IP},     {12, QW_STEP_IP},   {14, QW_STEP_IP},    {228, QW_STEP_IPV4}, {229, QW_STEP_IPV6},
    {9, QW_STEP_PPP},      {50, QW_STEP_HDLC}, {51, QW_STEP_PPPOE}, {104, QW_STEP_HDLC},
};

static enum qw_step first_step(uint16_t link)
{
	for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].link == link)
			return links[i].step;
	return QW_STEP_FAILED;
}

static void note(struct qw_decoded *out, uint32_t view, enum qw_packet_event event)
{
	if (view >= QW_LAYERS_MAX)
		view = QW_LAYERS_MAX - 1;
	if (!(out->eventful >> view & 1))
		memset(&out->events[view], 0, sizeof(out->events[view]));
	out->eventful |= UINT32_C(1) << view;
	qw_packet_events_add(&out->events[view], event);
}

void qw_walk_event(struct qw_walk *walk, enum qw_packet_event event)
{
	note(walk->out, walk->out->count, event);
}

void qw_walk_carrier_event(struct qw_walk *walk, enum qw_packet_event event)
{
	note(walk->out, walk->out->count ? walk->out->count - 1 : 0, event);
}

/* What was noted of a view that was not kept in the end goes to what carried it. */
static void settle_events(struct qw_decoded *out)
{
	uint32_t stray = out->count;
	if (stray == 0 || stray >= QW_LAYERS_MAX || !(out->eventful >> stray & 1))
		return;
	out->eventful &= ~(UINT32_C(1) << stray);
	if (out->eventful >> (stray - 1) & 1)
		qw_packet_events_join(&out->events[stray - 1], &out->events[stray]);
	else
		out->events[stray - 1] = out->events[stray];
	out->eventful |= UINT32_C(1) << (stray - 1);
}

/* What could be read of a packet that is dropped: its link, and its addresses if only what they carry is broken. */
static void leave_remains(struct qw_walk *walk, enum qw_drop drop)
{
	if (drop <= QW_DROP_NET_BAD) {
		(void)qw_walk_view(walk);
		return;
	}
	struct qw_packet *view = &walk->out->view[0];
	view->flags &= ~(uint32_t)(QW_PACKET_TRANSPORT | QW_PACKET_FRAGMENT);
	view->transport = view->payload = NULL;
	view->transport_len = view->payload_len = 0;
}

enum qw_step qw_walk_fail(struct qw_walk *walk, enum qw_drop drop)
{
	if (walk->out->count) {
		qw_walk_anomaly(walk, QW_ANOMALY_INNER_BAD);
		return QW_STEP_FAILED;
	}
	walk->out->drop = drop;
	if (qw_drop_is_malformed(drop) || drop == QW_DROP_LINK_SHORT)
		leave_remains(walk, drop);
	return QW_STEP_FAILED;
}

enum qw_step qw_walk_fail_event(struct qw_walk *walk, enum qw_drop drop, enum qw_packet_event event)
{
	qw_walk_event(walk, event);
	return qw_walk_fail(walk, drop);
}

enum qw_step qw_walk_tunnel_event(struct qw_walk *walk, enum qw_packet_event event)
{
	qw_walk_carrier_event(walk, event);
	return qw_walk_tunnel_bad(walk);
}

enum qw_step qw_walk_tunnel_bad(struct qw_walk *walk)
{
	qw_walk_anomaly(walk, QW_ANOMALY_TUNNEL_BAD);
	return walk->out->count ? QW_STEP_DONE : QW_STEP_OTHER;
}

/*
 * Field by field: of a compound literal the compiler makes "rep stos", which
 * alone took 10 ns a packet; of these it makes a dozen vector stores.
 */
static void blank(struct qw_packet *view)
{
	view->net = view->transport = view->payload = NULL;
	view->net_len = view->net_header_len = view->transport_len = view->payload_len = 0;
	memset(&view->src, 0, sizeof(view->src));
	memset(&view->dst, 0, sizeof(view->dst));
	view->sport = view->dport = 0;
	view->version = view->proto = view->ttl = 0;
	view->tcp_flags = view->icmp_type = view->icmp_code = 0;
	view->tcp_seq = view->tcp_ack = 0;
	view->tcp_window = 0;
	view->fragment_id = 0;
	view->fragment_offset = 0;
	view->fragment_more = false;
	view->fragment_proto = 0;
}

struct qw_packet *qw_walk_view(struct qw_walk *walk)
{
	if (walk->layer >= QW_LAYERS_MAX) {
		qw_walk_anomaly(walk, QW_ANOMALY_LAYER_DEPTH);
		qw_walk_carrier_event(walk, QW_PE_TOO_MANY_LAYERS);
		return NULL;
	}
	struct qw_packet *view = &walk->out->view[walk->out->count];
	blank(view);
	view->mac = walk->mac;
	view->wire_len = walk->wire_len;
	view->flags = walk->flags | (walk->mac ? QW_PACKET_ETHERNET : 0);
	view->time = walk->time;
	view->ether_type = walk->ether_type;
	view->interface = walk->interface;
	view->layer = walk->layer;
	view->vlan_count = walk->vlan_count;
	memcpy(view->vlan, walk->vlan, sizeof(view->vlan));
	return view;
}

void qw_walk_keep(struct qw_walk *walk)
{
	walk->out->count++;
	walk->layer++;
	walk->flags = QW_PACKET_TUNNELED;
	walk->mac = NULL;
	walk->ether_type = 0;
	walk->made = false;
}

enum qw_step qw_walk_other(struct qw_walk *walk)
{
	struct qw_packet *view = qw_walk_view(walk);

	if (!view)
		return QW_STEP_DONE;
	if (walk->ether_type == QW_ETHER_ARP)
		qw_walk_arp_events(walk);
	else
		qw_walk_anomaly(walk, QW_ANOMALY_NOT_IP);
	view->payload = walk->in.at;
	view->payload_len = (uint32_t)walk->in.left;
	qw_walk_keep(walk);
	return QW_STEP_DONE;
}

static void run(struct qw_walk *walk, enum qw_step step)
{
	while (step > QW_STEP_DONE)
		step = steps[step](walk);
	if (__builtin_expect(walk->out->eventful != 0, 0))
		settle_events(walk->out);
}

void qw_decode(struct qw_decoded *out, const struct qw_frame *frame, const struct qw_decode_options *options)
{
	enum qw_step step = first_step(frame->link);
	struct qw_walk walk = {
	    .in = qw_bytes(frame->data, frame->len),
	    .out = out,
	    .options = options,
	    .time = frame->time,
	    .wire_len = frame->wire_len,
	    .interface = frame->interface,
	    .cut = frame->len < frame->wire_len,
	};

	out->drop = step == QW_STEP_FAILED ? QW_DROP_LINK_UNKNOWN : QW_DROP_NONE;
	out->anomalies = walk.cut ? UINT32_C(1) << QW_ANOMALY_CAPTURE_CUT : 0;
	out->count = 0;
	out->eventful = 0;
	run(&walk, step);
}

void qw_decode_reassembled(struct qw_decoded *out, const uint8_t *data, uint32_t len, const struct qw_packet *like,
			   const struct qw_decode_options *options)
{
	struct qw_walk walk = {
	    .in = qw_bytes(data, len),
	    .out = out,
	    .options = options,
	    .mac = like->mac,
	    .time = like->time,
	    .wire_len = like->wire_len,
	    .flags = (like->flags & QW_PACKET_TUNNELED) | QW_PACKET_REASSEMBLED,
	    .interface = like->interface,
	    .ether_type = like->ether_type,
	    .vlan_count = like->vlan_count,
	    .layer = like->layer,
	    .made = true,
	};

	memcpy(walk.vlan, like->vlan, sizeof(walk.vlan));
	out->drop = QW_DROP_NONE;
	out->anomalies = 0;
	out->count = 0;
	out->eventful = 0;
	run(&walk, QW_STEP_IP);
}

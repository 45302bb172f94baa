/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/flow/stream_event.h"

#include "sensor/flow/sequence.h"

static void note(const struct qw_stream_push *push, enum qw_packet_event event)
{
	qw_stream_event(push->streams, event);
}

static const struct qw_tcp_end *sender(const struct qw_stream_push *push)
{
	return &push->flow->tcp[push->direction];
}

static const struct qw_tcp_end *receiver(const struct qw_stream_push *push)
{
	return &push->flow->tcp[qw_direction_other(push->direction)];
}

static bool has(const struct qw_stream_push *push, uint8_t flags)
{
	return (push->packet->tcp_flags & flags) == flags;
}

/* ---- SYN where a connection stands */

static void note_answer(const struct qw_stream_push *push, uint8_t before)
{
	bool up = push->direction == QW_TO_SERVER;
	bool other_seq = push->packet->tcp_seq != sender(push)->first;
	bool other_ack = push->packet->tcp_ack != receiver(push)->first + 1;

	switch ((enum qw_tcp_state)before) {
	case QW_TCP_SYN_SENT:
		note(push, up ? QW_PE_STREAM_3WHS_SYNACK_IN_WRONG_DIRECTION : QW_PE_STREAM_3WHS_SYNACK_WITH_WRONG_ACK);
		break;
	case QW_TCP_SYN_RECEIVED:
		if (up)
			note(push, QW_PE_STREAM_3WHS_SYNACK_TOSERVER_ON_SYN_RECV);
		else if (other_ack)
			note(push, QW_PE_STREAM_3WHS_SYNACK_RESEND_WITH_DIFF_ACK);
		else if (other_seq)
			note(push, QW_PE_STREAM_3WHS_SYNACK_RESEND_WITH_DIFF_SEQ);
		break;
	case QW_TCP_ESTABLISHED:
		note(push, up	       ? QW_PE_STREAM_EST_SYNACK_TOSERVER
			   : other_ack ? QW_PE_STREAM_EST_SYNACK_RESEND_WITH_DIFF_ACK
			   : other_seq ? QW_PE_STREAM_EST_SYNACK_RESEND_WITH_DIFF_SEQ
				       : QW_PE_STREAM_EST_SYNACK_RESEND);
		break;
	case QW_TCP_FIN_ONE:
	case QW_TCP_FIN_BOTH: note(push, QW_PE_STREAM_SHUTDOWN_SYN_RESEND); break;
	default: break;
	}
}

static void note_call(const struct qw_stream_push *push, uint8_t before)
{
	bool down = push->direction == QW_TO_CLIENT;
	bool other_seq = push->packet->tcp_seq != sender(push)->first;

	switch ((enum qw_tcp_state)before) {
	case QW_TCP_SYN_RECEIVED:
		if (down)
			note(push, QW_PE_STREAM_3WHS_SYN_TOCLIENT_ON_SYN_RECV);
		else if (other_seq)
			note(push, QW_PE_STREAM_3WHS_SYN_RESEND_DIFF_SEQ_ON_SYN_RECV);
		break;
	case QW_TCP_ESTABLISHED:
		note(push, down	       ? QW_PE_STREAM_EST_SYN_TOCLIENT
			   : other_seq ? QW_PE_STREAM_EST_SYN_RESEND_DIFF_SEQ
				       : QW_PE_STREAM_EST_SYN_RESEND);
		break;
	case QW_TCP_FIN_ONE:
	case QW_TCP_FIN_BOTH: note(push, QW_PE_STREAM_SHUTDOWN_SYN_RESEND); break;
	default: break;
	}
}

/* ---- segments that were not believed, or seen before */

/* How a connection stands, in the words of its events. */
enum phase { PHASE_OPEN, PHASE_FIN1, PHASE_FIN2, PHASE_CLOSE_WAIT, PHASE_LAST_ACK, PHASE_TIME_WAIT, PHASES };

enum fault { FAULT_WINDOW, FAULT_FIN_WINDOW, FAULT_ACK, FAULT_FIN_ACK, FAULT_OLD, FAULTS };

static enum phase phase_of(const struct qw_flow *flow, uint8_t before)
{
	const struct qw_tcp_end *client = &flow->tcp[QW_TO_SERVER], *server = &flow->tcp[QW_TO_CLIENT];
	bool client_acked = client->acked == client->next, server_acked = server->acked == server->next;

	if (before == QW_TCP_FIN_ONE)
		return client->fin ? PHASE_CLOSE_WAIT : server_acked ? PHASE_FIN2 : PHASE_FIN1;
	if (before == QW_TCP_FIN_BOTH)
		return client_acked && server_acked ? PHASE_TIME_WAIT : PHASE_LAST_ACK;
	return PHASE_OPEN;
}

static const uint8_t faults[PHASES][FAULTS] = {
    [PHASE_OPEN] = {QW_PE_STREAM_EST_PACKET_OUT_OF_WINDOW, QW_PE_STREAM_FIN_OUT_OF_WINDOW, QW_PE_STREAM_EST_INVALID_ACK,
		    QW_PE_STREAM_FIN_INVALID_ACK, QW_PE_STREAM_EST_PKT_BEFORE_LAST_ACK},
    [PHASE_FIN1] = {QW_PE_STREAM_FIN1_ACK_WRONG_SEQ, QW_PE_STREAM_FIN1_FIN_WRONG_SEQ, QW_PE_STREAM_FIN1_INVALID_ACK,
		    QW_PE_STREAM_FIN1_INVALID_ACK, QW_PE_STREAM_EST_PKT_BEFORE_LAST_ACK},
    [PHASE_FIN2] = {QW_PE_STREAM_FIN2_ACK_WRONG_SEQ, QW_PE_STREAM_FIN2_FIN_WRONG_SEQ, QW_PE_STREAM_FIN2_INVALID_ACK,
		    QW_PE_STREAM_FIN2_INVALID_ACK, QW_PE_STREAM_EST_PKT_BEFORE_LAST_ACK},
    [PHASE_CLOSE_WAIT] = {QW_PE_STREAM_CLOSEWAIT_ACK_OUT_OF_WINDOW, QW_PE_STREAM_CLOSEWAIT_FIN_OUT_OF_WINDOW,
			  QW_PE_STREAM_CLOSEWAIT_INVALID_ACK, QW_PE_STREAM_CLOSEWAIT_INVALID_ACK,
			  QW_PE_STREAM_CLOSEWAIT_PKT_BEFORE_LAST_ACK},
    [PHASE_LAST_ACK] = {QW_PE_STREAM_LASTACK_ACK_WRONG_SEQ, QW_PE_STREAM_LASTACK_ACK_WRONG_SEQ,
			QW_PE_STREAM_LASTACK_INVALID_ACK, QW_PE_STREAM_LASTACK_INVALID_ACK,
			QW_PE_STREAM_EST_PKT_BEFORE_LAST_ACK},
    [PHASE_TIME_WAIT] = {QW_PE_STREAM_TIMEWAIT_ACK_WRONG_SEQ, QW_PE_STREAM_TIMEWAIT_ACK_WRONG_SEQ,
			 QW_PE_STREAM_TIMEWAIT_INVALID_ACK, QW_PE_STREAM_TIMEWAIT_INVALID_ACK,
			 QW_PE_STREAM_EST_PKT_BEFORE_LAST_ACK},
};

static void note_fault(const struct qw_stream_push *push, uint8_t before, enum fault fault)
{
	note(push, (enum qw_packet_event)faults[phase_of(push->flow, before)][fault]);
}

/* An acknowledgement of what the other end has not sent is told apart from a sequence number out of the window. */
static void note_unbelieved(const struct qw_stream_push *push, uint8_t before)
{
	const struct qw_tcp_end *other = receiver(push);
	bool fin = has(push, QW_TCP_FIN);
	bool ack = has(push, QW_TCP_ACK) && other->known && qw_seq_before(other->next, push->packet->tcp_ack);

	if (before < QW_TCP_ESTABLISHED || before > QW_TCP_FIN_BOTH || !has(push, QW_TCP_ACK))
		return;
	if (ack)
		note(push, QW_PE_STREAM_PKT_INVALID_ACK);
	note_fault(push, before, ack ? (fin ? FAULT_FIN_ACK : FAULT_ACK) : fin ? FAULT_FIN_WINDOW : FAULT_WINDOW);
}

static void note_repeated(const struct qw_stream_push *push, uint8_t before)
{
	uint32_t after = push->packet->tcp_seq + push->packet->payload_len;

	if (push->packet->payload_len == 0 || before < QW_TCP_ESTABLISHED)
		return;
	note(push, QW_PE_STREAM_PKT_RETRANSMISSION);
	if (!qw_seq_at_most(after, sender(push)->acked))
		return;
	note(push, QW_PE_STREAM_PKT_SPURIOUS_RETRANSMISSION);
	note_fault(push, before, FAULT_OLD);
}

/* ---- the handshake's third packet */

static void note_third(const struct qw_stream_push *push)
{
	const struct qw_tcp_end *client = sender(push), *server = receiver(push);
	uint32_t ack = push->packet->tcp_ack;

	if (push->direction == QW_TO_CLIENT) {
		if (push->packet->payload_len == 0 && !has(push, QW_TCP_FIN))
			note(push, QW_PE_STREAM_3WHS_ACK_IN_WRONG_DIR);
		return;
	}
	if (qw_seq_before(server->first, ack) && qw_seq_at_most(ack, server->next))
		return;
	note(push, push->packet->tcp_seq == client->first + 1 ? QW_PE_STREAM_3WHS_RIGHT_SEQ_WRONG_ACK_EVASION
							      : QW_PE_STREAM_3WHS_WRONG_SEQ_WRONG_ACK);
}

static void note_stateless(const struct qw_stream_push *push)
{
	if (has(push, QW_TCP_SYN))
		return;
	if (has(push, QW_TCP_RST))
		note(push, QW_PE_STREAM_RST_BUT_NO_SESSION);
	else if (has(push, QW_TCP_FIN))
		note(push, QW_PE_STREAM_FIN_BUT_NO_SESSION);
}

void qw_stream_note(const struct qw_stream_push *push, uint8_t before, enum qw_stream_result result)
{
	bool refused = result == QW_STREAM_INVALID || result == QW_STREAM_OLD;

	if (has(push, QW_TCP_SYN | QW_TCP_FIN))
		note(push, QW_PE_STREAM_FIN_SYN);
	if (!has(push, QW_TCP_ACK) && push->packet->tcp_ack != 0)
		note(push, QW_PE_STREAM_PKT_BROKEN_ACK);
	if (before == QW_TCP_NONE)
		note_stateless(push);
	else if (has(push, QW_TCP_RST) && result == QW_STREAM_INVALID)
		note(push, QW_PE_STREAM_RST_INVALID_ACK);
	else if (has(push, QW_TCP_SYN | QW_TCP_ACK) && refused)
		note_answer(push, before);
	else if (has(push, QW_TCP_SYN) && refused)
		note_call(push, before);
	else if (before == QW_TCP_RESET && push->flow->tcp_state != QW_TCP_RESET && result == QW_STREAM_TAKEN)
		note(push, QW_PE_STREAM_SUSPECTED_RST_INJECT);
	else if (has(push, QW_TCP_SYN) || has(push, QW_TCP_RST))
		return;
	else if (before == QW_TCP_SYN_RECEIVED)
		note_third(push);
	else if (before == QW_TCP_RESET && push->flow->tcp_state == QW_TCP_ESTABLISHED)
		note(push, QW_PE_STREAM_SUSPECTED_RST_INJECT);
	else if (result == QW_STREAM_INVALID)
		note_unbelieved(push, before);
	else if (result == QW_STREAM_OLD)
		note_repeated(push, before);
}

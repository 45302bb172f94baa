/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_ntrip - sessions of NTRIP inside HTTP.
 *
 * They stay HTTP for whoever asks for that, and are told as what they are
 * beside it: who asks for which mount point, the answer, and the corrections
 * in its body.  NTRIP 1 answers "ICY 200 OK": from there on it is no HTTP, but
 * corrections one way and the client's own position, as sentences, the other.
 */
#include "sensor/protocol/http_state.h"
#include "sensor/protocol/nmea_talk.h"
#include "sensor/protocol/ntrip.h"

enum { LINE_MAX_LEN = 256 };

static const char icy[] = "ICY ";

/* The answer's first line, while it comes in pieces; then its corrections. */
struct qw_http_ntrip {
	struct qw_ntrip ntrip;
	struct qw_lines lines;
	struct qw_nmea_talk sentences; /* of the client */
	uint8_t matched; /* bytes of "ICY " that the answer begins with */
	bool other;      /* it begins with something else */
};

static bool is_icy(const struct qw_http_ntrip *kept)
{
	return kept->matched == sizeof(icy) - 1;
}

static struct qw_ot_guest guest_of(struct qw_http *http, enum qw_direction direction)
{
	return (struct qw_ot_guest){http, &http->transactions, http->flow, direction, http->sink};
}

static struct qw_slice header(const htp_tx_t *tx, const char *name)
{
	const htp_header_t *found = tx->request_headers ? htp_table_get_c(tx->request_headers, name) : NULL;
	return found ? qw_slice(bstr_ptr(found->value), bstr_len(found->value)) : qw_slice(NULL, 0);
}

static struct qw_slice text_of(const bstr *text)
{
	return text ? qw_slice(bstr_ptr(text), bstr_len(text)) : qw_slice(NULL, 0);
}

static void tell_request(struct qw_http *http, const htp_tx_t *tx, struct qw_slice agent, struct qw_slice version)
{
	const struct qw_ot_guest guest = guest_of(http, QW_TO_SERVER);
	struct qw_slice mount = text_of(tx->request_uri);
	struct qw_ot_detail detail;
	bool delivers = tx->request_method_number == HTP_M_POST;
	qw_ot_begin(&detail, "ntrip", QW_OT_NO_NUMBER, NULL, false);
	detail.kind = delivers ? "delivery" : mount.len > 1 ? "request" : "source_table";
	qw_ot_text(&detail, QW_KEY_OT_MOUNT_POINT, mount);
	qw_ot_text(&detail, QW_KEY_OT_USER, text_of(tx->request_auth_username));
	qw_ot_text(&detail, QW_KEY_OT_PRODUCT, agent);
	qw_ot_text(&detail, QW_KEY_OT_REVISION, version);
	qw_ntrip_publish(&guest, &detail);
}

void qw_http_ntrip_request(struct qw_http *http, const htp_tx_t *tx)
{
	if (!qw_parser_ot_wants(http))
		return;
	struct qw_slice version = header(tx, "Ntrip-Version"), agent = header(tx, "User-Agent");
	if (!version.data && !qw_line_begins(agent.data, agent.len, "NTRIP"))
		return;
	if (!http->ntrip) {
		http->ntrip = qw_parser_take(http, sizeof(*http->ntrip));
		if (http->ntrip)
			*http->ntrip = (struct qw_http_ntrip){0};
	}
	tell_request(http, tx, agent, version);
}

void qw_http_ntrip_response(struct qw_http *http, const htp_tx_t *tx)
{
	if (!http->ntrip || !qw_parser_ot_wants(http) || !tx->response_line || tx->is_protocol_0_9)
		return;
	const struct qw_ot_guest guest = guest_of(http, QW_TO_CLIENT);
	struct qw_slice line = text_of(tx->response_line);
	while (line.len && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
		line.len--;
	qw_ntrip_answer(&guest, &http->ntrip->ntrip, line);
}

static void take_answer(const struct qw_ot_guest *guest, struct qw_http_ntrip *kept, struct qw_bytes in)
{
	struct qw_line line;
	while (!kept->ntrip.answered && qw_line_next(guest->state, &kept->lines, &in, LINE_MAX_LEN, &line))
		qw_ntrip_answer(guest, &kept->ntrip, line.text);
	if (!kept->ntrip.answered)
		return;
	qw_lines_free(guest->state, &kept->lines);
	qw_ntrip_take(guest, &kept->ntrip, in);
}

void qw_http_ntrip_body(struct qw_http *http, enum qw_direction direction, const void *data, size_t len)
{
	const struct qw_ot_guest guest = guest_of(http, direction);
	if (!qw_parser_ot_wants(http) || is_icy(http->ntrip))
		return;
	if (direction == QW_TO_CLIENT)
		take_answer(&guest, http->ntrip, qw_bytes(data, len));
	else
		qw_ntrip_take(&guest, &http->ntrip->ntrip, qw_bytes(data, len));
}

/* Does the answer go on as "ICY "?  Up to the byte that settles it, libhtp has it, too. */
static void match(struct qw_http_ntrip *kept, struct qw_bytes *in)
{
	while (!kept->other && !is_icy(kept) && in->left) {
		kept->other = *in->at != (uint8_t)icy[kept->matched];
		kept->matched += !kept->other;
		(void)qw_bytes_skip(in, 1);
	}
}

bool qw_http_ntrip_takes(struct qw_http *http, struct qw_bytes in)
{
	struct qw_http_ntrip *kept = http->ntrip;
	const struct qw_ot_guest guest = guest_of(http, http->direction);
	if (http->direction == QW_TO_CLIENT && !is_icy(kept)) {
		match(kept, &in);
		if (is_icy(kept))
			take_answer(&guest, kept, qw_bytes(icy, sizeof(icy) - 1));
	}
	if (!is_icy(kept))
		return false;
	if (!qw_parser_ot_wants(http))
		qw_http_ntrip_lose(http);
	else if (http->direction == QW_TO_CLIENT)
		take_answer(&guest, kept, in);
	else
		qw_nmea_take(&guest, &kept->sentences, in);
	return true;
}

bool qw_http_ntrip_lose(struct qw_http *http)
{
	qw_ntrip_free(http, &http->ntrip->ntrip);
	qw_nmea_free(http, &http->ntrip->sentences);
	return is_icy(http->ntrip);
}

void qw_http_ntrip_free(struct qw_http *http)
{
	if (!http->ntrip)
		return;
	(void)qw_http_ntrip_lose(http);
	qw_lines_free(http, &http->ntrip->lines);
	qw_parser_give(http, http->ntrip);
	http->ntrip = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/opcua_body.h"

enum {
	TOKEN_ANONYMOUS = 321,
	TOKEN_NAME = 324,
	TOKEN_CERTIFICATE = 327,
	TOKEN_ISSUED = 940,
	TIME_BYTES = 8,
	DOUBLE_BYTES = 8,
};

typedef bool reader(struct qw_opcua_body *body, struct qw_bytes *in);

/* ---- parts */

static void note_node(struct qw_opcua_body *body, const struct qw_opcua_node *node)
{
	if (body->nodes < QW_OPCUA_NODES_MAX)
		body->node[body->nodes++] = *node;
	else
		body->cut = true;
}

static bool take_node(struct qw_opcua_body *body, struct qw_bytes *in)
{
	struct qw_opcua_node node;
	if (!qw_opcua_node(in, &node))
		return false;
	note_node(body, &node);
	return true;
}

static bool skip_node(struct qw_bytes *in)
{
	struct qw_opcua_node node;
	return qw_opcua_node(in, &node);
}

static bool skip_string(struct qw_bytes *in)
{
	struct qw_slice text;
	return qw_opcua_string(in, &text);
}

static bool skip_extension(struct qw_bytes *in)
{
	struct qw_opcua_node type;
	struct qw_bytes inner;
	return qw_opcua_extension(in, &type, &inner);
}

static bool take_attribute(struct qw_opcua_body *body, struct qw_bytes *in)
{
	uint32_t attribute;
	if (!qw_bytes_le32(in, &attribute))
		return false;
	if (body->attribute < 0)
		body->attribute = attribute;
	return true;
}

static bool take_mode(struct qw_opcua_body *body, struct qw_bytes *in)
{
	uint32_t mode;
	if (!qw_bytes_le32(in, &mode))
		return false;
	body->mode = mode;
	return true;
}

/* An array of what `each` reads. */
static bool read_array(struct qw_opcua_body *body, struct qw_bytes *in, reader *each)
{
	uint32_t count;
	if (!qw_opcua_count(in, &count))
		return false;
	body->count = count;
	while (count--)
		if (!each(body, in))
			return false;
	return true;
}

/* URIs of application and product, name, type, gateway, profile, URLs for discovery. */
static bool read_application(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return skip_string(in) && qw_opcua_string(in, &body->product) && qw_opcua_localized(in, &body->application) &&
	       qw_bytes_skip(in, 4) && skip_string(in) && skip_string(in) && qw_opcua_skip_strings(in);
}

/* The first of an array says who this is. */
static bool read_endpoint(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return qw_opcua_string(in, &body->url) && read_application(body, in) && skip_string(in) && take_mode(body, in);
}

/* ---- services */

static bool read_url(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return qw_opcua_string(in, &body->url);
}

static bool read_first_endpoint(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return qw_opcua_count(in, &body->count) && (body->count == 0 || read_endpoint(body, in));
}

static bool read_first_application(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return qw_opcua_count(in, &body->count) && (body->count == 0 || read_application(body, in));
}

/* Protocol version, issue or renew, mode. */
static bool read_open(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return qw_bytes_skip(in, 8) && take_mode(body, in);
}

/* Who asks, the server, the URL that it was found under. */
static bool read_create_session(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_application(body, in) && skip_string(in) && qw_opcua_string(in, &body->url);
}

/* Session, token, time-out, nonce, certificate, endpoints. */
static bool read_session(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return skip_node(in) && skip_node(in) && qw_bytes_skip(in, DOUBLE_BYTES) && skip_string(in) && skip_string(in) &&
	       read_first_endpoint(body, in);
}

static bool read_certificate(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return skip_string(in) && skip_string(in);
}

static bool read_token(struct qw_opcua_body *body, struct qw_bytes *in)
{
	static const struct {
		uint16_t type;
		uint8_t token;
	} tokens[] = {
		{TOKEN_ANONYMOUS, QW_OPCUA_ANONYMOUS},
		{TOKEN_NAME, QW_OPCUA_NAME},
		{TOKEN_CERTIFICATE, QW_OPCUA_CERTIFICATE},
		{TOKEN_ISSUED, QW_OPCUA_ISSUED},
	};
	struct qw_opcua_node type;
	struct qw_bytes inner;
	if (!qw_opcua_extension(in, &type, &inner))
		return false;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
		if (type.space == 0 && type.kind == QW_OPCUA_NUMERIC && type.number == tokens[i].type)
			body->token = tokens[i].token;
	if (body->token == QW_OPCUA_NO_TOKEN || inner.left == 0)
		return true;
	return qw_opcua_string(&inner, &body->token_policy) &&
	       (body->token != QW_OPCUA_NAME || qw_opcua_string(&inner, &body->user));
}

/* Signature, certificates of software, locales, token. */
static bool read_activate(struct qw_opcua_body *body, struct qw_bytes *in)
{
	bool read = skip_string(in) && skip_string(in) && read_array(body, in, read_certificate) &&
		    qw_opcua_skip_strings(in) && read_token(body, in);
	body->count = 0;
	return read;
}

/* Node, direction, kind of reference, subtypes, masks. */
static bool read_browsed(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return take_node(body, in) && qw_bytes_skip(in, 4) && skip_node(in) && qw_bytes_skip(in, 9);
}

static bool read_browse(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return skip_node(in) && qw_bytes_skip(in, TIME_BYTES + 8) && read_array(body, in, read_browsed);
}

/* Node, attribute, range, encoding. */
static bool read_value_id(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return take_node(body, in) && take_attribute(body, in) && skip_string(in) && qw_opcua_skip_qualified(in);
}

static bool read_read(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return qw_bytes_skip(in, DOUBLE_BYTES + 4) && read_array(body, in, read_value_id);
}

static bool note_value(struct qw_opcua_body *body, const struct qw_opcua_variant *value)
{
	if (!body->valued)
		body->value = *value;
	body->valued = true;
	return true;
}

static bool read_written(struct qw_opcua_body *body, struct qw_bytes *in)
{
	struct qw_opcua_variant value;
	return take_node(body, in) && take_attribute(body, in) && skip_string(in) && qw_opcua_data_value(in, &value) &&
	       note_value(body, &value);
}

static bool read_write(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_array(body, in, read_written);
}

static bool read_argument(struct qw_opcua_body *body, struct qw_bytes *in)
{
	struct qw_opcua_variant value;
	return qw_opcua_variant(in, &value) && note_value(body, &value);
}

/* Object, method, arguments. */
static bool read_called(struct qw_opcua_body *body, struct qw_bytes *in)
{
	uint32_t count = body->count;
	bool read = take_node(body, in) && take_node(body, in) && read_array(body, in, read_argument);
	body->count = count;
	return read;
}

static bool read_call(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_array(body, in, read_called);
}

/* What is watched, mode, the client's handle, interval, filter, queue. */
static bool read_monitored(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_value_id(body, in) && qw_bytes_skip(in, 8 + DOUBLE_BYTES) && skip_extension(in) && qw_bytes_skip(in, 5);
}

static bool read_monitor(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return qw_bytes_skip(in, 8) && read_array(body, in, read_monitored);
}

/* Node, range, encoding, where to go on. */
static bool read_history_node(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return take_node(body, in) && skip_string(in) && qw_opcua_skip_qualified(in) && skip_string(in);
}

static bool read_history(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return skip_extension(in) && qw_bytes_skip(in, 5) && read_array(body, in, read_history_node);
}

/* Kind of reference, direction, subtypes, name. */
static bool read_path_element(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return skip_node(in) && qw_bytes_skip(in, 2) && qw_opcua_skip_qualified(in);
}

static bool read_path(struct qw_opcua_body *body, struct qw_bytes *in)
{
	uint32_t count = body->count;
	bool read = take_node(body, in) && read_array(body, in, read_path_element);
	body->count = count;
	return read;
}

static bool read_translate(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_array(body, in, read_path);
}

static bool read_nodes(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_array(body, in, take_node);
}

static bool read_deleted(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return take_node(body, in) && qw_bytes_skip(in, 1);
}

static bool read_delete_nodes(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_array(body, in, read_deleted);
}

/* Parent, reference, the new node's id, name, class, attributes, type: the parent is what is changed. */
static bool read_added(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return take_node(body, in) && skip_node(in) && take_node(body, in) && qw_opcua_skip_qualified(in) &&
	       qw_bytes_skip(in, 4) && skip_extension(in) && skip_node(in);
}

static bool read_add_nodes(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_array(body, in, read_added);
}

/* A status each: the first that is bad is the answer's. */
static bool read_result(struct qw_opcua_body *body, struct qw_bytes *in)
{
	uint32_t status;
	if (!qw_bytes_le32(in, &status))
		return false;
	if (qw_opcua_is_bad(status) && !qw_opcua_is_bad(body->status))
		body->status = status;
	return true;
}

static bool read_results(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return read_array(body, in, read_result);
}

/* The results of arguments and what was given back are left. */
static bool read_first_result(struct qw_opcua_body *body, struct qw_bytes *in)
{
	return qw_opcua_count(in, &body->count) && (body->count == 0 || read_result(body, in));
}

enum way { WAY_NONE, WAY_REQUEST, WAY_RESPONSE };

/* In the order of their types. */
static const struct service {
	uint16_t type;
	uint8_t way;
	reader *read; /* behind the header; NULL: nothing of it is told */
} services[] = {
	{397, WAY_RESPONSE, NULL},
	{410, WAY_REQUEST, NULL}, {413, WAY_RESPONSE, NULL}, {416, WAY_REQUEST, NULL}, {419, WAY_RESPONSE, NULL},
	{422, WAY_REQUEST, read_url}, {425, WAY_RESPONSE, read_first_application},
	{428, WAY_REQUEST, read_url}, {431, WAY_RESPONSE, read_first_endpoint},
	{437, WAY_REQUEST, NULL}, {440, WAY_RESPONSE, NULL},
	{446, WAY_REQUEST, read_open}, {449, WAY_RESPONSE, NULL},
	{452, WAY_REQUEST, NULL}, {455, WAY_RESPONSE, NULL},
	{461, WAY_REQUEST, read_create_session}, {464, WAY_RESPONSE, read_session},
	{467, WAY_REQUEST, read_activate}, {470, WAY_RESPONSE, NULL},
	{473, WAY_REQUEST, NULL}, {476, WAY_RESPONSE, NULL},
	{479, WAY_REQUEST, NULL}, {482, WAY_RESPONSE, NULL},
	{488, WAY_REQUEST, read_add_nodes}, {491, WAY_RESPONSE, read_first_result},
	{494, WAY_REQUEST, NULL}, {497, WAY_RESPONSE, read_results},
	{500, WAY_REQUEST, read_delete_nodes}, {503, WAY_RESPONSE, read_results},
	{506, WAY_REQUEST, NULL}, {509, WAY_RESPONSE, read_results},
	{527, WAY_REQUEST, read_browse}, {530, WAY_RESPONSE, read_first_result},
	{533, WAY_REQUEST, NULL}, {536, WAY_RESPONSE, read_first_result},
	{554, WAY_REQUEST, read_translate}, {557, WAY_RESPONSE, read_first_result},
	{560, WAY_REQUEST, read_nodes}, {563, WAY_RESPONSE, NULL},
	{566, WAY_REQUEST, read_nodes}, {569, WAY_RESPONSE, NULL},
	{615, WAY_REQUEST, NULL}, {618, WAY_RESPONSE, NULL}, {621, WAY_REQUEST, NULL}, {624, WAY_RESPONSE, NULL},
	{631, WAY_REQUEST, read_read}, {634, WAY_RESPONSE, NULL},
	{664, WAY_REQUEST, read_history}, {667, WAY_RESPONSE, read_first_result},
	{673, WAY_REQUEST, read_write}, {676, WAY_RESPONSE, read_results},
	{700, WAY_REQUEST, NULL}, {703, WAY_RESPONSE, read_first_result},
	{712, WAY_REQUEST, read_call}, {715, WAY_RESPONSE, read_first_result},
	{751, WAY_REQUEST, read_monitor}, {754, WAY_RESPONSE, read_first_result},
	{763, WAY_REQUEST, NULL}, {766, WAY_RESPONSE, read_first_result},
	{769, WAY_REQUEST, NULL}, {772, WAY_RESPONSE, read_results},
	{775, WAY_REQUEST, NULL}, {778, WAY_RESPONSE, read_results},
	{781, WAY_REQUEST, NULL}, {784, WAY_RESPONSE, read_results},
	{787, WAY_REQUEST, NULL}, {790, WAY_RESPONSE, NULL},
	{793, WAY_REQUEST, NULL}, {796, WAY_RESPONSE, NULL},
	{799, WAY_REQUEST, NULL}, {802, WAY_RESPONSE, read_results},
	{826, WAY_REQUEST, NULL}, {829, WAY_RESPONSE, NULL}, {832, WAY_REQUEST, NULL}, {835, WAY_RESPONSE, NULL},
	{841, WAY_REQUEST, NULL}, {844, WAY_RESPONSE, read_first_result},
	{847, WAY_REQUEST, NULL}, {850, WAY_RESPONSE, read_results},
	{12208, WAY_REQUEST, NULL}, {12209, WAY_RESPONSE, NULL}, {12211, WAY_REQUEST, NULL}, {12212, WAY_RESPONSE, NULL},
};

static const struct service *service_of(const struct qw_opcua_node *type)
{
	size_t low = 0, high = sizeof(services) / sizeof(*services);
	if (type->space || type->kind != QW_OPCUA_NUMERIC)
		return NULL;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (services[middle].type < type->number)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < sizeof(services) / sizeof(*services) && services[low].type == type->number;
	return found ? &services[low] : NULL;
}

/* ---- headers */

/* Token, time, handle, diagnostics, audit, time-out, more. */
static bool read_request_header(struct qw_opcua_body *body, struct qw_bytes *in)
{
	if (!skip_node(in) || !qw_bytes_skip(in, TIME_BYTES) || !qw_bytes_le32(in, &body->handle))
		return false;
	body->headed = true;
	return qw_bytes_skip(in, 4) && skip_string(in) && qw_bytes_skip(in, 4) && skip_extension(in);
}

/* Time, handle, result, diagnostics, their strings, more. */
static bool read_response_header(struct qw_opcua_body *body, struct qw_bytes *in)
{
	if (!qw_bytes_skip(in, TIME_BYTES) || !qw_bytes_le32(in, &body->handle) || !qw_bytes_le32(in, &body->status))
		return false;
	body->headed = true;
	return qw_opcua_skip_diagnostics(in) && qw_opcua_skip_strings(in) && skip_extension(in);
}

bool qw_opcua_body_parse(struct qw_opcua_body *body, struct qw_bytes in)
{
	body->known = body->response = body->headed = body->malformed = body->cut = body->valued = false;
	body->handle = body->status = body->count = 0;
	body->nodes = 0;
	body->attribute = body->mode = -1;
	body->token = QW_OPCUA_NO_TOKEN;
	body->user = body->token_policy = body->url = body->application = body->product = qw_slice(NULL, 0);
	if (!qw_opcua_node(&in, &body->type))
		return false;
	body->data = qw_slice(in.at, in.left);
	const struct service *service = service_of(&body->type);
	if (!service)
		return true;
	body->known = true;
	body->response = service->way == WAY_RESPONSE;
	bool read = body->response ? read_response_header(body, &in) : read_request_header(body, &in);
	body->malformed = !read || (service->read && in.left && !service->read(body, &in));
	return true;
}

/* A type of a service, and a header that fits: of what is encrypted, less than one in 2^30 is like this. */
bool qw_opcua_is_readable(struct qw_bytes in)
{
	struct qw_opcua_body body;
	struct qw_opcua_node type;
	struct qw_bytes head = in;
	if (!qw_opcua_node(&head, &type))
		return false;
	const struct service *service = service_of(&type);
	if (!service)
		return false;
	return service->way == WAY_RESPONSE ? read_response_header(&body, &head) : read_request_header(&body, &head);
}

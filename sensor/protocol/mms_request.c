/* SPDX-License-Identifier: Apache-2.0 */
/* mms_request - what confirmed services of MMS are asked about. */
#include "sensor/protocol/ber.h"
#include "sensor/protocol/mms_message.h"

enum { PRIMITIVE = 0x80 };

static struct qw_slice slice_of(struct qw_bytes in)
{
	return qw_slice(in.at, in.left);
}

static void add_item(struct qw_mms_message *message, struct qw_bytes item)
{
	qw_mms_add(message, qw_slice(NULL, 0), slice_of(item));
}

/* A choice: of the whole device, of a domain, of this association. */
static bool read_object(struct qw_mms_message *message, struct qw_bytes in)
{
	enum { OF_DEVICE = PRIMITIVE, OF_DOMAIN = QW_BER_CONTEXT(1), OF_ASSOCIATION = PRIMITIVE | 2 };
	struct qw_ber name, domain, item;
	if (!qw_ber_open_next(&in, &name))
		return false;
	if (name.tag == OF_DEVICE || name.tag == OF_ASSOCIATION) {
		add_item(message, name.body);
		return true;
	}
	if (name.tag != OF_DOMAIN || !qw_ber_open_next(&name.body, &domain) || !qw_ber_open_next(&name.body, &item))
		return false;
	qw_mms_add(message, slice_of(domain.body), slice_of(item.body));
	return true;
}

static void read_objects(struct qw_mms_message *message, struct qw_bytes list)
{
	struct qw_ber object;
	while (list.left && !message->malformed) {
		struct qw_bytes at = list;
		message->malformed = !qw_ber_open_next(&list, &object) || !read_object(message, at);
	}
}

/* A list of variables: each by its name, or by an address that is not told. */
static bool read_list(struct qw_mms_message *message, struct qw_bytes list)
{
	enum { BY_NAME = QW_BER_CONTEXT(0) };
	struct qw_ber variable, how;
	for (message->quantity = 0; list.left; message->quantity++) {
		if (!qw_ber_open_next(&list, &variable) || !qw_ber_open_next(&variable.body, &how))
			return false;
		if (how.tag == BY_NAME && !read_object(message, how.body))
			return false;
	}
	return true;
}

bool qw_mms_read_variables(struct qw_mms_message *message, struct qw_bytes *in)
{
	enum { LISTED = QW_BER_CONTEXT(0), NAMED = QW_BER_CONTEXT(1) };
	struct qw_ber access;
	if (!qw_ber_open_next(in, &access))
		return false;
	if (access.tag == NAMED)
		return read_object(message, access.body);
	return access.tag == LISTED && read_list(message, access.body);
}

/* ---- services that are like no other */

static void read_read(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes access;
	qw_ber_open_pass(&in, PRIMITIVE); /* with the variables' own names in the answer? */
	message->malformed = !qw_ber_open_take(&in, QW_BER_CONTEXT(1), &access) || !qw_mms_read_variables(message, &access);
}

static void read_write(struct qw_mms_message *message, struct qw_bytes in)
{
	message->malformed =
	    !qw_mms_read_variables(message, &in) || !qw_ber_open_take(&in, QW_BER_CONTEXT(0), &message->values);
}

/* Which class of objects, where, and after which name. */
static void read_name_list(struct qw_mms_message *message, struct qw_bytes in)
{
	enum { CLASS = QW_BER_CONTEXT(0), SCOPE = QW_BER_CONTEXT(1), OF_DOMAIN = PRIMITIVE | 1 };
	struct qw_bytes class, scope, domain;
	if (!qw_ber_open_take(&in, CLASS, &class) || !qw_ber_open_take(&in, SCOPE, &scope)) {
		message->malformed = true;
		return;
	}
	message->numbered = qw_ber_integer(&class, PRIMITIVE, &message->number);
	if (qw_ber_open_take(&scope, OF_DOMAIN, &domain))
		add_item(message, domain);
}

static void read_deleted_lists(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes lists;
	qw_ber_open_pass(&in, PRIMITIVE); /* scope */
	if (qw_ber_open_take(&in, QW_BER_CONTEXT(1), &lists))
		read_objects(message, lists);
}

/* The list's name and its variables. */
static void read_defined_list(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes list;
	struct qw_ber name;
	message->malformed = !read_object(message, in) || !qw_ber_open_next(&in, &name);
	if (!message->malformed && qw_ber_open_take(&in, QW_BER_CONTEXT(0), &list))
		message->malformed = !read_list(message, list);
}

/* ---- those that are like others */

/* The body is the name. */
static void read_identifier(struct qw_mms_message *message, struct qw_bytes in)
{
	add_item(message, in);
}

/* The first member is the name. */
static void read_first(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes name;
	message->malformed = !qw_ber_open_take(&in, PRIMITIVE, &name);
	if (!message->malformed)
		add_item(message, name);
}

/* The body is an object's name, or in the first member there is one. */
static void read_named(struct qw_mms_message *message, struct qw_bytes in)
{
	message->malformed = !read_object(message, in);
}

static void read_first_named(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_bytes name;
	if (qw_ber_open_take(&in, QW_BER_CONTEXT(0), &name))
		read_named(message, name);
}

/* The body is a number: that of a state machine. */
static void read_number(struct qw_mms_message *message, struct qw_bytes in)
{
	enum { BYTES_MAX = 5 };
	uint64_t value = in.left && in.at[0] & 0x80 ? UINT64_MAX : 0;
	message->malformed = in.left == 0 || in.left > BYTES_MAX;
	for (size_t i = 0; i < in.left && !message->malformed; i++)
		value = value << 8 | in.at[i];
	message->numbered = !message->malformed;
	message->number = (int64_t)value;
}

/* A file's name is a list of words; there is one as a rule. */
static void read_file(struct qw_mms_message *message, struct qw_bytes in)
{
	struct qw_ber word;
	while (qw_ber_open_next(&in, &word))
		add_item(message, word.body);
	message->malformed |= in.left != 0;
}

/* All members that are files' names: what is opened; from where, to where. */
static void read_files(struct qw_mms_message *message, struct qw_bytes in)
{
	enum { SERVER = QW_BER_CONTEXT(0), FIRST = QW_BER_CONTEXT(0), LAST = QW_BER_CONTEXT(2) };
	struct qw_ber member;
	while (qw_ber_open_next(&in, &member)) {
		if (member.tag >= FIRST && member.tag <= LAST)
			read_file(message, member.body);
	}
	message->malformed |= in.left != 0;
}

/* A domain, and the file that it is loaded from. */
static void read_domain_and_file(struct qw_mms_message *message, struct qw_bytes in)
{
	enum { STORED_AS = QW_BER_CONTEXT(1), LOADED_FROM = QW_BER_CONTEXT(4) };
	struct qw_ber member;
	bool stores = message->service == QW_MMS_REQUEST_UPLOAD || message->service == QW_MMS_STORE_DOMAIN;
	read_first(message, in);
	while (qw_ber_open_next(&in, &member)) {
		if (member.tag == (stores ? STORED_AS : LOADED_FROM))
			read_file(message, member.body);
	}
}

/* ---- the table */

typedef void reader(struct qw_mms_message *message, struct qw_bytes body);

/* Rows that are not there have nothing to tell, or nothing that is in use. */
static reader *const readers[] = {
    [QW_MMS_GET_NAME_LIST] = read_name_list,
    [3] = read_first_named, /* rename */
    [QW_MMS_READ] = read_read,
    [QW_MMS_WRITE] = read_write,
    [6] = read_first_named, /* attributes of a variable */
    [11] = read_defined_list,
    [12] = read_named, /* attributes of a list */
    [13] = read_deleted_lists,
    [15] = read_named, /* attributes of a type */
    [19] = read_first_named, /* semaphores: take and relinquish */
    [20] = read_first_named,
    [26] = read_first, /* a download: begin, segment, end */
    [27] = read_identifier,
    [28] = read_first,
    [QW_MMS_INITIATE_UPLOAD] = read_identifier,
    [30] = read_number,
    [31] = read_number,
    [32] = read_domain_and_file, /* request download and upload, load, store */
    [QW_MMS_REQUEST_UPLOAD] = read_domain_and_file,
    [34] = read_domain_and_file,
    [QW_MMS_STORE_DOMAIN] = read_domain_and_file,
    [36] = read_identifier, /* a domain: delete, attributes */
    [37] = read_identifier,
    [38] = read_first, /* a program: create, delete, start, stop, resume, reset, kill, attributes */
    [39] = read_identifier,
    [40] = read_first,
    [41] = read_first,
    [42] = read_first,
    [43] = read_first,
    [44] = read_first,
    [45] = read_identifier,
    [46] = read_files, /* obtain */
    [65] = read_first_named, /* journals */
    [66] = read_first_named,
    [67] = read_first_named,
    [68] = read_named,
    [69] = read_first_named,
    [70] = read_first_named,
    [QW_MMS_FILE_OPEN] = read_files,
    [73] = read_number, /* read and close */
    [74] = read_number,
    [75] = read_files,
    [76] = read_file,
    [QW_MMS_FILE_DIRECTORY] = read_files,
};

void qw_mms_read_request(struct qw_mms_message *message, struct qw_bytes body)
{
	size_t service = (size_t)message->service;
	if (service < sizeof(readers) / sizeof(*readers) && readers[service])
		readers[service](message, body);
}

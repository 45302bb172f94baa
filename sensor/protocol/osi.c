/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/protocol/osi.h"

#include "sensor/protocol/ber.h"
#include "sensor/protocol/mms_message.h"

/* ---- session */

enum {
	USER_DATA = 0xc1, /* parameters */
	USER_DATA_LONG = 0xc2,
	REASON = 0x32,
	LONG_LENGTH = 0xff,
};

/* A number and a length: of an SPDU or of a parameter. */
static bool take_unit(struct qw_bytes *in, uint8_t *number, struct qw_bytes *body)
{
	struct qw_bytes at = *in;
	uint8_t len;
	uint16_t longer;
	if (!qw_bytes_u8(&at, number) || !qw_bytes_u8(&at, &len))
		return false;
	longer = len;
	if ((len == LONG_LENGTH && !qw_bytes_be16(&at, &longer)) || !qw_bytes_take(&at, longer, body))
		return false;
	*in = at;
	return true;
}

static bool is_spdu(uint8_t number)
{
	return number == QW_OSI_DATA || (number >= QW_OSI_FINISH && number <= QW_OSI_ACCEPT && number != 11) ||
	       number == QW_OSI_ABORT;
}

/* The user's data are a parameter. */
static void read_parameters(struct qw_osi *osi, struct qw_bytes in, struct qw_bytes *user)
{
	struct qw_bytes value;
	uint8_t number;
	while (take_unit(&in, &number, &value)) {
		if (number == USER_DATA || number == USER_DATA_LONG)
			*user = value;
		else if (number == REASON && osi->spdu == QW_OSI_REFUSE && value.left)
			osi->result = value.at[0];
	}
}

/* Data come behind a token that is given, and up to the end. */
static bool read_session(struct qw_osi *osi, struct qw_bytes in, struct qw_bytes *user)
{
	struct qw_bytes body;
	*user = qw_bytes(NULL, 0);
	if (!take_unit(&in, &osi->spdu, &body) || !is_spdu(osi->spdu))
		return false;
	if (osi->spdu != QW_OSI_DATA) {
		read_parameters(osi, body, user);
		return true;
	}
	uint8_t second;
	if (!take_unit(&in, &second, &body) || second != QW_OSI_DATA)
		return false;
	*user = in;
	return true;
}

static bool is_session(struct qw_bytes in)
{
	struct qw_bytes body;
	uint8_t number;
	if (!take_unit(&in, &number, &body) || !is_spdu(number))
		return false;
	if (number != QW_OSI_DATA)
		return in.left == 0;
	return body.left == 0 && take_unit(&in, &number, &body) && number == QW_OSI_DATA && body.left == 0;
}

/* ---- ACSE */

enum {
	PASSWORD_BYTES = 3,
	RESULT = QW_BER_CONTEXT(2),
	CALLED_TITLE = QW_BER_CONTEXT(2),
	RESPONDING_TITLE = QW_BER_CONTEXT(4),
	CALLING_TITLE = QW_BER_CONTEXT(6),
	MECHANISM = 0x8b,
	AUTHENTICATION = QW_BER_CONTEXT(12),
	USER_INFORMATION = QW_BER_CONTEXT(30),
	EXTERNAL = 0x28,
	SINGLE_TYPE = QW_BER_CONTEXT(0),
	OCTETS = 0x81,
};

static void add_part(struct qw_osi *osi, struct qw_bytes part)
{
	if (osi->parts == QW_OSI_PARTS_MAX)
		osi->cut = true;
	else
		osi->part[osi->parts++] = part;
}

/* What a list of values carries: each in a context, its syntax in front or not. */
static bool take_value(struct qw_bytes *in, uint32_t tag, struct qw_bytes *value)
{
	struct qw_bytes item;
	if (!qw_ber_open_take(in, tag, &item))
		return false;
	qw_ber_open_pass(&item, QW_BER_OID);
	qw_ber_open_pass(&item, QW_BER_INTEGER);
	return qw_ber_open_take(&item, SINGLE_TYPE, value) || qw_ber_open_take(&item, OCTETS, value);
}

static void read_user_information(struct qw_osi *osi, struct qw_bytes in)
{
	struct qw_bytes value;
	while (take_value(&in, EXTERNAL, &value))
		add_part(osi, value);
}

static void read_result(struct qw_osi *osi, struct qw_bytes in)
{
	int64_t result;
	if (qw_ber_integer(&in, QW_BER_INTEGER, &result) || qw_ber_integer(&in, 0x80, &result))
		osi->result = (int16_t)(result & INT16_MAX);
}

static void read_title(struct qw_bytes *title, struct qw_bytes in)
{
	(void)qw_ber_open_take(&in, QW_BER_OID, title);
}

static void read_associate(struct qw_osi *osi, const struct qw_ber *member)
{
	if (member->tag == CALLED_TITLE)
		read_title(&osi->called, member->body);
	else if (member->tag == CALLING_TITLE)
		read_title(&osi->calling, member->body);
	else if (member->tag == MECHANISM || member->tag == AUTHENTICATION)
		osi->password = true;
}

static void read_associated(struct qw_osi *osi, const struct qw_ber *member)
{
	if (member->tag == RESULT)
		read_result(osi, member->body);
	else if (member->tag == RESPONDING_TITLE)
		read_title(&osi->called, member->body);
}

static void read_acse(struct qw_osi *osi, const struct qw_ber *apdu)
{
	struct qw_bytes in = apdu->body;
	struct qw_ber member;
	osi->acse = (uint8_t)(apdu->tag - QW_BER_APPLICATION(0));
	while (qw_ber_open_next(&in, &member)) {
		if (osi->acse == QW_ACSE_ASSOCIATE)
			read_associate(osi, &member);
		else if (osi->acse == QW_ACSE_ASSOCIATED)
			read_associated(osi, &member);
		if (member.tag == USER_INFORMATION)
			read_user_information(osi, member.body);
	}
}

/* ---- presentation */

enum { USER = QW_BER_APPLICATION(1), NORMAL = QW_BER_CONTEXT(2), MODE = QW_BER_CONTEXT(0) };

static void read_part(struct qw_osi *osi, struct qw_bytes in)
{
	struct qw_bytes at = in;
	struct qw_ber apdu;
	if (!qw_ber_open_next(&at, &apdu))
		return;
	if (apdu.tag >= QW_BER_APPLICATION(QW_ACSE_ASSOCIATE) && apdu.tag <= QW_BER_APPLICATION(QW_ACSE_ABORT))
		read_acse(osi, &apdu);
	else
		add_part(osi, in);
}

static void read_user_data(struct qw_osi *osi, struct qw_bytes in)
{
	struct qw_bytes value;
	while (take_value(&in, QW_BER_SEQUENCE, &value))
		read_part(osi, value);
}

/* Connections have them among other members, and within those of the mode that everybody uses; so do aborts. */
static void read_presentation(struct qw_osi *osi, struct qw_bytes in)
{
	enum { DEPTH_MAX = 3 };
	struct qw_ber element;
	for (unsigned depth = 0; depth < DEPTH_MAX && qw_ber_open_next(&in, &element);) {
		if (element.tag == USER) {
			read_user_data(osi, element.body);
			return;
		}
		bool inside = element.tag == QW_BER_SET || element.tag == QW_BER_SEQUENCE || element.tag == NORMAL ||
			      (element.tag == MODE && osi->spdu == QW_OSI_ABORT);
		if (inside) {
			in = element.body;
			depth++;
		}
	}
}

/* ---- all of it */

bool qw_osi_is_message(struct qw_bytes in)
{
	return is_session(in) || qw_mms_is_pdu(in);
}

bool qw_osi_parse(struct qw_osi *osi, struct qw_bytes in)
{
	struct qw_bytes user;
	*osi = (struct qw_osi){.acse = QW_ACSE_NONE, .result = -1};
	if (qw_mms_is_pdu(in)) {
		add_part(osi, in);
		return true;
	}
	if (!is_session(in) || !read_session(osi, in, &user))
		return false;
	read_presentation(osi, user);
	return true;
}

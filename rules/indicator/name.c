/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/indicator/name.h"

#include <idn2.h>

static bool has_foreign_letters(struct qw_slice text)
{
	uint8_t all = 0;
	for (size_t i = 0; i < text.len; i++)
		all |= text.data[i];
	return all & 0x80;
}

/* The byte in canonical form; 0: not allowed in a label. */
static char canonical(uint8_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
		return (char)c;
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : 0;
}

static enum qw_err refuse(const char **why, const char *reason)
{
	*why = reason;
	return QW_EFORMAT;
}

static enum qw_err make_plain(struct qw_text *out, struct qw_slice text, const char **why)
{
	size_t label = 0;
	bool digits = true; /* the label so far */

	if (text.len && text.data[text.len - 1] == '.')
		text.len--;
	if (text.len == 0)
		return refuse(why, "an empty name");
	if (text.len > QW_NAME_MAX)
		return refuse(why, "a name of more than 253 characters");
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (c == '.' && label == 0)
			return refuse(why, "an empty label between two dots");
		if (c == '.') {
			qw_text_char(out, '.');
			label = 0;
			digits = true;
			continue;
		}
		char good = canonical(c);
		if (!good)
			return refuse(why,
				      c <= ' ' ? "a name with a blank in it" : "a character that no host name holds");
		if (++label > QW_LABEL_MAX)
			return refuse(why, "a label of more than 63 characters");
		digits = digits && c >= '0' && c <= '9';
		qw_text_char(out, good);
	}
	if (digits)
		return refuse(why, "it ends in a number: a mistyped address?");
	return QW_OK;
}

static enum qw_err make_international(struct qw_text *out, struct qw_slice text, const char **why)
{
	char utf8[4 * QW_NAME_MAX + 1];
	if (text.len >= sizeof(utf8) || memchr(text.data, 0, text.len))
		return refuse(why, "a name of more than 253 characters");
	memcpy(utf8, text.data, text.len);
	utf8[text.len] = 0;

	char *ascii = NULL;
	int rc = idn2_to_ascii_8z(utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return refuse(why, "letters beyond ASCII that IDNA does not allow in a name");
	enum qw_err err = make_plain(out, qw_slice_text(ascii), why);
	idn2_free(ascii);
	return err;
}

enum qw_err qw_name_make(struct qw_text *out, struct qw_slice text, const char **why)
{
	return has_foreign_letters(text) ? make_international(out, text, why) : make_plain(out, text, why);
}

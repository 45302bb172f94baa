/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/indicator.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "quaywatch/bytes.h"

static const char *const TLP[QW_TLP_COUNT] = {
	[QW_TLP_CLEAR] = "CLEAR", [QW_TLP_GREEN] = "GREEN",
	[QW_TLP_AMBER] = "AMBER", [QW_TLP_AMBER_STRICT] = "AMBER+STRICT",
	[QW_TLP_RED] = "RED",
};

const char *qw_tlp_name(enum qw_tlp tlp)
{
	return tlp < QW_TLP_COUNT ? TLP[tlp] : "unknown";
}

static bool equals(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && strncasecmp(name, text, len) == 0;
}

const char *qw_prevalence_name(enum qw_prevalence seen)
{
	static const char *const NAME[QW_PREVALENCE_COUNT] = {[QW_PREVALENCE_FEW] = "1-2", [QW_PREVALENCE_MANY] = "3+"};

	return seen < QW_PREVALENCE_COUNT && NAME[seen] ? NAME[seen] : "";
}

enum qw_tlp qw_tlp_parse(const char *text, size_t len)
{
	if (len > 4 && strncasecmp(text, "TLP:", 4) == 0) {
		text += 4;
		len -= 4;
	}
	for (unsigned tlp = 0; tlp < QW_TLP_COUNT; tlp++)
		if (equals(TLP[tlp], text, len))
			return (enum qw_tlp)tlp;
	return equals("WHITE", text, len) ? QW_TLP_CLEAR : QW_TLP_COUNT;
}

/* Field by field: the text buffers are large and need no clearing. */
void qw_indicator_init(struct qw_indicator *indicator)
{
	indicator->observable.type = QW_OBS_COUNT;
	indicator->observable.len = 0;
	indicator->observable.text[0] = 0;
	indicator->allow = false;
	indicator->confidence = 50;
	indicator->tlp = QW_TLP_GREEN;
	indicator->valid_from = indicator->valid_until = indicator->seen_at = qw_time_ns(0);
	indicator->seen = QW_PREVALENCE_UNTOLD;
	indicator->source[0] = 0;
	indicator->description[0] = 0;
}

uint64_t qw_indicator_id(enum qw_observable_type type, const char *text, size_t len)
{
	const char *name = qw_observable_type_name(type);
	size_t name_len = strlen(name) + 1;
	uint8_t message[32 + QW_OBSERVABLE_TEXT_MAX], digest[8];

	if (len > QW_OBSERVABLE_TEXT_MAX)
		len = QW_OBSERVABLE_TEXT_MAX;
	memcpy(message, name, name_len);
	memcpy(message + name_len, text, len);
	crypto_generichash_blake2b(digest, sizeof(digest), message, name_len + len, NULL, 0);
	return qw_be64(digest);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/notice.h"

#include <string.h>

#include "quaywatch/json.h"

enum { LINE_MAX_BYTES = 8192, SENTENCE_MAX = 1024 };

static const char *const titles[QW_NOTICE_COUNT] = {
    [QW_NOTICE_FLOOD] = "QUAYWATCH a sensor floods proposals and is in quarantine",
    [QW_NOTICE_INCIDENT] = "QUAYWATCH the same attack at several tenants",
    [QW_NOTICE_LEAK] = "QUAYWATCH a canary came back from elsewhere: a channel leaks",
};

static void write_alert(struct qw_json *json, enum qw_notice notice)
{
	qw_json_open(json, "alert", '{');
	qw_json_text(json, "action", "allowed");
	qw_json_u64(json, "gid", 4);
	qw_json_u64(json, "signature_id", QW_NOTICE_SID + (uint64_t)notice);
	qw_json_u64(json, "rev", 1);
	qw_json_text(json, "signature", titles[notice]);
	qw_json_text(json, "category", "Misc Attack");
	qw_json_u64(json, "severity", 1);
	qw_json_close(json, '}');
}

static void write_own(struct qw_json *json, const struct qw_identity *who, const char *sentence)
{
	qw_json_open(json, "quaywatch", '{');
	qw_json_text(json, "origin", "engine");
	qw_json_text(json, "tenant", who->tenant);
	qw_json_text(json, "sensor", who->sensor);
	qw_json_u64(json, "count", 1);
	qw_json_string(json, "text", sentence, strnlen(sentence, SENTENCE_MAX));
	qw_json_close(json, '}');
}

enum qw_err qw_notice_write(struct qw_journal *journal, enum qw_notice notice, const struct qw_identity *who,
			    const char *sentence, struct qw_time wall)
{
	char at[QW_TIME_EVE_LEN + 1];
	struct qw_text *text = qw_journal_line(journal, LINE_MAX_BYTES);

	if (!text)
		return QW_EAGAIN;
	qw_time_eve(wall, at);
	qw_text_char(text, '{');
	struct qw_json json = {text, false};
	qw_json_text(&json, "timestamp", at);
	qw_json_text(&json, "event_type", "alert");
	write_alert(&json, notice);
	write_own(&json, who, sentence);
	qw_text_literal(text, "}\n");
	qw_journal_end_line(journal, qw_time_monotonic());
	return QW_OK;
}

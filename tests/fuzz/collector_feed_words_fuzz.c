/* SPDX-License-Identifier: Apache-2.0 */
/* A feed's words, or what a run of it says: what is taken comes back the same. */
#include <stdlib.h>
#include <string.h>

#include "collector/feed_outcome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_words(const char *list)
{
	char why[QW_FEED_WHY_MAX], words[QW_FEED_WORDS][QW_FEED_WORD_MAX];
	struct qw_feed_spec spec, again;

	if (!qw_feed_spec_init(&spec, "feed") || !qw_feed_spec_init(&again, "feed"))
		abort();
	if (!qw_feed_spec_list(&spec, list, why))
		return;
	size_t count = qw_feed_spec_words(&spec, words);
	for (size_t i = 0; i < count; i++)
		if (!qw_feed_spec_word(&again, words[i], why))
			abort();
	if (qw_feed_spec_check(&spec, why) != qw_feed_spec_check(&again, why) || strcmp(spec.place, again.place) != 0 ||
	    spec.every != again.every || spec.tlp != again.tlp)
		abort();
}

static void read_outcome(const char *data, size_t len)
{
	static char memory[1 << 20];
	struct qw_feed_outcome outcome, again;
	struct qw_text text;

	if (qw_feed_outcome_read(&outcome, data, len) != QW_OK)
		return;
	qw_text_init(&text, memory, sizeof(memory));
	qw_feed_outcome_write(&outcome, &text);
	if (text.cut || outcome.result >= QW_FEED_RESULTS)
		abort();
	/* A text may have been cut within a character, which is then written otherwise. */
	if (qw_feed_outcome_read(&again, text.at, text.len) != QW_OK || again.entries != outcome.entries)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	read_words(text);
	read_outcome(text, size);
	free(text);
	return 0;
}

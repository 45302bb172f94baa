/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/capture/filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>

#include "sensor/capture/reader.h"

enum { LINKS_MAX = 16, LINK_ETHERNET = 1, LINK_RAW = 101 };

struct program {
	uint16_t link;
	bool usable;
	struct bpf_program code;
};

/* A capture has one link type, rarely two or three; the most recent one is tried first. */
struct qw_filter {
	const char *expression;
	unsigned count, recent;
	struct program programs[LINKS_MAX];
};

/* Files number some link types otherwise than the machine does. */
static int dlt_of(uint16_t link)
{
	return link == LINK_RAW ? DLT_RAW : link;
}

/* error may be NULL. */
static bool compile(const char *expression, uint16_t link, struct bpf_program *code, char *error)
{
	pcap_t *dead = pcap_open_dead(dlt_of(link), QW_CAPTURE_FRAME_MAX);

	if (!dead)
		return false;
	bool done = pcap_compile(dead, code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!done && error)
		snprintf(error, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(dead));
	pcap_close(dead);
	return done;
}

enum qw_err qw_filter_new(struct qw_filter **out, const char *expression, struct qw_diags *diags)
{
	char error[PCAP_ERRBUF_SIZE] = "out of memory";
	struct bpf_program code;

	if (!compile(expression, LINK_ETHERNET, &code, error) && !compile(expression, LINK_RAW, &code, NULL)) {
		qw_complain(diags, QW_DIAG_ERROR, "", 0, 0,
			    "the filter \"%s\" is not understood: %s; see pcap-filter(7) for the language", expression,
			    error);
		return QW_EFORMAT;
	}
	pcap_freecode(&code);
	struct qw_filter *filter = calloc(1, sizeof(*filter));
	if (!filter)
		return QW_ENOMEM;
	filter->expression = expression;
	*out = filter;
	return QW_OK;
}

void qw_filter_free(struct qw_filter *filter)
{
	if (!filter)
		return;
	for (unsigned i = 0; i < filter->count; i++)
		if (filter->programs[i].usable)
			pcap_freecode(&filter->programs[i].code);
	free(filter);
}

/* NULL: more link types than are kept. */
static struct program *program_of(struct qw_filter *filter, uint16_t link)
{
	for (unsigned i = 0; i < filter->count; i++)
		if (filter->programs[i].link == link) {
			filter->recent = i;
			return &filter->programs[i];
		}
	if (filter->count == LINKS_MAX)
		return NULL;
	struct program *program = &filter->programs[filter->count];
	filter->recent = filter->count++;
	program->link = link;
	program->usable = compile(filter->expression, link, &program->code, NULL);
	return program;
}

bool qw_filter_passes(struct qw_filter *filter, const struct qw_frame *frame)
{
	struct program *program = &filter->programs[filter->recent];

	if (filter->count == 0 || program->link != frame->link)
		program = program_of(filter, frame->link);
	return program && program->usable &&
	       bpf_filter(program->code.bf_insns, frame->data, frame->wire_len, frame->len) != 0;
}

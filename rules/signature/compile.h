/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile - the tables of an image while they are made.
 *
 *	compile.c   rules → sections
 *	order.c     in which order rules are tried, and what they remember
 *	choose.c    which literal stands for a rule in the prefilter
 *	head.c      what must stand in a payload's first bytes
 *	ends.c      which addresses and ports many rules ask for alike
 *	index.c     where rules without a literal are found
 *	intervals.c … those on addresses alone
 *	cost.c      … and why they have none, for who wrote them
 *	tables.c    sets and reputations
 *	database.c  literals → Hyperscan, by way of the cache
 */
#pragma once

#include "rules/signature/builder.h"

/* A rule's literal: where it was chosen from. */
struct qw_choice {
	uint16_t buffer;
	bool nocase;
	uint8_t len; /* 0: none is usable */
	uint8_t bytes[QW_PIECE_MAX];
};

/* One literal of a group, while it is compiled. */
struct qw_literal {
	uint8_t len;
	bool nocase;
	uint8_t bytes[QW_PIECE_MAX];
};

/* A rule under a key: of a pattern or of an index. */
struct qw_member {
	uint64_t key;
	uint32_t number;
};

/* Rules without a literal: on each buffer, on packets, on packets' events. */
enum { QW_PLAIN_PACKETS = QW_BUFFER_COUNT, QW_PLAIN_EVENTS, QW_PLAIN_KINDS };

struct qw_compile {
	struct qw_signature_builder *builder;
	struct qw_image_builder *image;
	struct qw_diags *diags;
	struct qw_vector sigs; /* those that stay */
	struct qw_vector members;
	struct qw_vector patterns;
	struct qw_vector groups; /* QW_BUFFER_COUNT */
	struct qw_vector indexes, keys, starts;
	struct qw_vector names; /* struct qw_name_row */
	struct qw_vector literals[QW_BUFFER_COUNT];
	struct qw_vector pairs[QW_BUFFER_COUNT]; /* struct qw_member: pattern → rule */
	struct qw_names known;                   /* literal → number within its group */
	struct qw_vector plain[QW_PLAIN_KINDS]; /* uint32_t: rules without a literal */
	struct qw_vector tables, slots, values, blocks; /* sets and reputation (tables.c) */
	struct qw_info info;
};

/* The builder's rules that stay, in the order of their numbers in the image. */
enum qw_err qw_order_make(const struct qw_signature_builder *builder, struct qw_vector *numbers) QW_MUSTCHECK;

/* Names that these rules remember something under; warns of those that are asked for and never set. */
enum qw_err qw_names_make(struct qw_compile *compile, const struct qw_vector *numbers) QW_MUSTCHECK;

/* Finds the best literal of a rule. */
void qw_choose(const struct qw_signature_builder *builder, const struct qw_sig *sig, struct qw_choice *out);

enum { QW_LITERAL_TELLING = 2 /* bytes of a literal that must not be zero */ };

/* Bytes that a content on this buffer must have to be a literal. */
static inline uint8_t qw_literal_least(enum qw_buffer buffer)
{
	/* Two bytes occur everywhere in binary data: they would cost every packet more than they save a few rules. */
	return buffer == QW_BUFFER_PAYLOAD ? 3 : 2;
}

/* Does a list's transform leave no literal recognisable? */
bool qw_list_is_coded(const struct qw_list *list);

/* Fills in what the rule says of the payload's first bytes. */
void qw_head_make(const struct qw_signature_builder *builder, struct qw_sig *sig);

/* The first byte that a list asks its buffer for; -1: any.  nocase: or the letter's other case. */
int qw_head_byte(const struct qw_signature_builder *builder, const struct qw_list *list, bool *nocase);

/* Numbers the kinds of ends that most rules share, once all rules are placed. */
enum qw_err qw_ends_make(struct qw_compile *compile) QW_MUSTCHECK;

/* The buffer whose coming makes a rule without a literal worth a look; QW_BUFFER_COUNT: any packet. */
unsigned qw_carrier(const struct qw_signature_builder *builder, const struct qw_sig *sig);

/* The first op of a rule on a packet's event; NULL: it has none. */
const struct qw_op *qw_event_op(const struct qw_signature_builder *builder, const struct qw_sig *sig);

/* The most telling property of a rule without a literal: where it stands in its index. */
enum qw_found_by qw_index_by(const struct qw_signature_builder *builder, const struct qw_sig *sig);

/* The IP protocol that a rule for any asks for by ip_proto; 0: none. */
uint8_t qw_proto_asked(const struct qw_signature_builder *builder, const struct qw_sig *sig);

/* Intervals of the addresses that these rules ask for at one end; run: of compile->starts. */
enum qw_err qw_intervals_make(struct qw_compile *compile, const struct qw_vector *numbers, bool source, struct qw_run *run) QW_MUSTCHECK;

/* Makes the index of some rules; its number is the count of compile->indexes before. */
enum qw_err qw_index_make(struct qw_compile *compile, const struct qw_vector *numbers) QW_MUSTCHECK;

/* Sets and reputations as rows of the image; what they were made of goes. */
enum qw_err qw_tables_make(struct qw_compile *compile) QW_MUSTCHECK;

/* Appends members sorted by key; visit is called with each key's run. */
enum qw_err qw_members_group(struct qw_compile *compile, struct qw_vector *pairs,
			     enum qw_err (*visit)(void *ctx, uint64_t key, struct qw_run run), void *ctx) QW_MUSTCHECK;

/* Compiles one group's literals into the image's section for its buffer, or takes them from the cache. */
enum qw_err qw_database_make(struct qw_compile *compile, enum qw_buffer buffer) QW_MUSTCHECK;

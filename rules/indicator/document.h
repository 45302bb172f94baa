/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document - a JSON feed, parsed whole, and small tools to look into it.
 *
 * jansson keeps about ten times the text while a reader runs; one thread.
 */
#pragma once

#include <jansson.h>

#include "rules/indicator/reader.h"

/* QW_EFORMAT: complained about.  The caller drops *out with json_decref. */
enum qw_err qw_document_parse(json_t **out, struct qw_reader *reader) QW_MUSTCHECK;

/* The string of a member; empty where it is none. */
struct qw_slice qw_document_text(const json_t *object, const char *key);
struct qw_slice qw_document_string(const json_t *value);

/* The value of quaywatch:NAME="…" among such tags, as our own export writes them; empty: it is not there. */
struct qw_slice qw_document_own_tag(const json_t *tags, const char *name);

/* Takes "tlp:…" from an array of {"name": …} objects, if one is there. */
void qw_document_tlp(struct qw_reader *reader, const json_t *tags);

/* SPDX-License-Identifier: Apache-2.0 */
/* smb_table - trees of an SMB connection, and requests that wait for their answer. */
#include "sensor/protocol/smb.h"

#include <strings.h>

/* ---- trees */

/* Is it "…\IPC$"?  For trees whose answer was not seen. */
static bool looks_like_pipe(const struct qw_smb_name *name)
{
	return name->len >= 4 && strncasecmp(name->text + name->len - 4, "IPC$", 4) == 0;
}

static void tell_unanswered(const struct qw_smb_call *call, struct qw_smb_tree *tree)
{
	if (tree->answered)
		return;
	tree->answered = true;
	tree->kind = looks_like_pipe(&tree->name) ? QW_SMB_TREE_PIPE : QW_SMB_TREE_UNKNOWN;
	qw_smb_tell_tree(call, tree);
}

static void drop_oldest(const struct qw_smb_call *call)
{
	struct qw_smb *smb = call->smb;
	struct qw_smb_tree **at = &smb->tree;
	while ((*at)->next)
		at = &(*at)->next;
	qw_parser_cut(smb);
	tell_unanswered(call, *at);
	qw_parser_give(smb, *at);
	*at = NULL;
	smb->trees--;
}

struct qw_smb_tree *qw_smb_tree_new(const struct qw_smb_call *call, uint64_t request)
{
	struct qw_smb *smb = call->smb;
	if (smb->trees == QW_SMB_TREES)
		drop_oldest(call);
	struct qw_smb_tree *tree = qw_parser_take(smb, sizeof(*tree));
	if (!tree)
		return NULL;
	*tree = (struct qw_smb_tree){.next = smb->tree, .request = request};
	smb->tree = tree;
	smb->trees++;
	return tree;
}

struct qw_smb_tree *qw_smb_tree_of_request(struct qw_smb *smb, uint64_t request)
{
	for (struct qw_smb_tree *tree = smb->tree; tree; tree = tree->next)
		if (!tree->answered && tree->request == request)
			return tree;
	return NULL;
}

enum qw_smb_tree_kind qw_smb_tree_kind(const struct qw_smb *smb, uint32_t id)
{
	for (const struct qw_smb_tree *tree = smb->tree; tree; tree = tree->next)
		if (tree->answered && tree->id == id)
			return (enum qw_smb_tree_kind)tree->kind;
	return QW_SMB_TREE_UNKNOWN;
}

void qw_smb_tree_answer(const struct qw_smb_call *call, struct qw_smb_tree *tree, uint32_t id,
			enum qw_smb_tree_kind kind)
{
	tree->answered = true;
	tree->id = id;
	tree->kind = (uint8_t)kind;
	qw_smb_tell_tree(call, tree);
}

void qw_smb_trees_close(const struct qw_smb_call *call)
{
	for (struct qw_smb_tree *tree = call->smb->tree; tree; tree = tree->next)
		tell_unanswered(call, tree);
}

void qw_smb_trees_free(struct qw_smb *smb)
{
	while (smb->tree) {
		struct qw_smb_tree *tree = smb->tree;
		smb->tree = tree->next;
		qw_parser_give(smb, tree);
	}
	smb->trees = 0;
}

/* ---- requests */

void qw_smb_ask(struct qw_smb *smb, const struct qw_smb_request *request)
{
	struct qw_smb_request *place = &smb->request[smb->next_request];
	smb->next_request = (uint8_t)((smb->next_request + 1) % QW_SMB_REQUESTS);
	if (place->kind)
		qw_parser_cut(smb);
	*place = *request;
}

bool qw_smb_answered(struct qw_smb *smb, uint64_t id, enum qw_smb_request_kind kind, struct qw_smb_request *out)
{
	for (size_t i = 0; i < QW_SMB_REQUESTS; i++) {
		struct qw_smb_request *request = &smb->request[i];
		if (request->kind != kind || request->id != id)
			continue;
		*out = *request;
		request->kind = QW_SMB_REQUEST_NONE;
		return true;
	}
	return false;
}

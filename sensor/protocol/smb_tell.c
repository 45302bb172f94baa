/* SPDX-License-Identifier: Apache-2.0 */
/* smb_tell - what SMB's parsers publish beside files and calls. */
#include "sensor/protocol/smb.h"

#include "sensor/protocol/ntlmssp.h"
#include "sensor/protocol/smb_text.h"

void qw_smb_message(struct qw_message *message, struct qw_smb *smb, bool request, uint64_t transaction,
		    uint8_t version)
{
	*message = (struct qw_message){.app = QW_APP_SMB};
	message->direction = qw_smb_way(smb, request);
	message->transaction = transaction ? transaction : ++smb->transactions;
	message->last = true;
	qw_message_number(message, QW_BUFFER_SMB_VERSION, version, true);
}

void qw_smb_publish(const struct qw_smb_call *call, const struct qw_message *message)
{
	call->sink->publish(call->sink->ctx, call->flow, message);
}

void qw_smb_tell_command(const struct qw_smb_call *call, bool request, uint8_t version)
{
	struct qw_message message;
	qw_smb_message(&message, call->smb, request, 0, version);
	qw_smb_publish(call, &message);
}

static void add_text(struct qw_smb *smb, struct qw_message *message, enum qw_buffer buffer, struct qw_text *text)
{
	if (text->cut)
		qw_parser_cut(smb);
	if (text->len)
		qw_message_add(message, buffer, QW_SIGHT_NONE, qw_slice(text->at, text->len), true);
}

void qw_smb_tell_session(const struct qw_smb_call *call, struct qw_slice blob, uint8_t version)
{
	struct qw_ntlmssp found;
	struct qw_message message;
	char user[QW_SMB_NAME_MAX], domain[QW_SMB_NAME_MAX];
	struct qw_text text;
	qw_smb_message(&message, call->smb, true, 0, version);
	if (qw_ntlmssp_find(blob, &found)) {
		qw_text_init(&text, user, sizeof(user));
		qw_smb_text(&text, found.user, found.unicode);
		add_text(call->smb, &message, QW_BUFFER_SMB_NTLMSSP_USER, &text);
		qw_text_init(&text, domain, sizeof(domain));
		qw_smb_text(&text, found.domain, found.unicode);
		add_text(call->smb, &message, QW_BUFFER_SMB_NTLMSSP_DOMAIN, &text);
	}
	qw_smb_publish(call, &message);
}

void qw_smb_tell_tree(const struct qw_smb_call *call, const struct qw_smb_tree *tree)
{
	struct qw_message message;
	enum qw_buffer buffer = tree->kind == QW_SMB_TREE_PIPE ? QW_BUFFER_SMB_NAMED_PIPE : QW_BUFFER_SMB_SHARE;
	qw_smb_message(&message, call->smb, true, 0, tree->version);
	if (tree->name.len)
		qw_message_add(&message, buffer, QW_SIGHT_NONE, qw_slice(tree->name.text, tree->name.len), true);
	qw_smb_publish(call, &message);
}

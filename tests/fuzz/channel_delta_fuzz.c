/* SPDX-License-Identifier: Apache-2.0 */
/* First byte even: a packed Delta as it comes.  Odd: a DeltaBody, which is signed and made to follow. */
#include "channel_port.h"
#include "quaywatch/wire.h"
#include "rules/channel/delta.h"
#include "rules/channel/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sign_and_apply(const struct fuzz_port *port, struct qw_channel *channel, const uint8_t *data, size_t size)
{
	Quaywatch__Wire__DeltaBody *body = quaywatch__wire__delta_body__unpack(NULL, size, data);
	if (!body)
		return;
	struct qw_slice *entries = calloc(body->n_entries + 1, sizeof(*entries));
	must(entries);
	for (size_t at = 0; at < body->n_entries; at++)
		entries[at] = qw_slice(body->entries[at].data, body->entries[at].len);
	struct qw_delta says = {.channel = "community",
				.order = {1, 1},
				.before = qw_channel_digest(channel),
				.created = port->now,
				.entries = entries,
				.count = body->n_entries};
	uint8_t *delta;
	size_t len;
	if (qw_delta_pack(&delta, &len, &says, &port->online, qw_slice(port->delegation, port->delegation_len)) ==
	    QW_OK) {
		/* The digest after it is wrong: what was applied must be taken back without a trace. */
		must(qw_channel_apply(channel, delta, len, port->root.public_key, port->now, NULL, NULL) != QW_OK);
		struct qw_digest after = qw_channel_digest(channel);
		must(qw_digest_equal(&after, &says.before) && qw_channel_count(channel) == 0);
		free(delta);
	}
	free(entries);
	quaywatch__wire__delta_body__free_unpacked(body, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_port port;
	struct qw_channel *channel;
	struct qw_delta_head head;
	if (size == 0)
		return 0;
	fuzz_port_init(&port);
	must(qw_channel_new(&channel, "community") == QW_OK);
	if (data[0] & 1) {
		sign_and_apply(&port, channel, data + 1, size - 1);
	} else {
		enum qw_err told = qw_delta_head(&head, data + 1, size - 1);
		enum qw_err err =
		    qw_channel_apply(channel, data + 1, size - 1, port.root.public_key, port.now, NULL, NULL);
		must(err != QW_OK || told == QW_OK);
	}
	qw_channel_free(channel);
	fuzz_port_fini(&port);
	return 0;
}

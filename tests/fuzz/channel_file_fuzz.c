/* SPDX-License-Identifier: Apache-2.0 */
/* First byte even: a channel file as it comes.  Odd: without its checksum, which is added. */
#include "channel_port.h"
#include "rules/channel/disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum qw_err count_one(void *ctx, const struct qw_entry *entry)
{
	(void)entry;
	++*(size_t *)ctx;
	return QW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	must(qw_keys_start() == QW_OK);
	struct qw_channel *channel;
	uint8_t *file = malloc(size + QW_DIGEST_BYTES);
	must(file);
	size_t len = size - 1;
	memcpy(file, data + 1, len);
	if (data[0] & 1) {
		struct qw_digest sum = qw_channel_checksum(file, len);
		memcpy(file + len, sum.bytes, sizeof(sum.bytes));
		len += sizeof(sum.bytes);
	}
	size_t count = 0;
	enum qw_err walked = qw_channel_walk(file, len, count_one, &count);
	if (qw_channel_decode(&channel, file, len) == QW_OK) {
		must(walked == QW_OK && count == qw_channel_count(channel));
		qw_channel_free(channel);
	}
	free(file);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/hash.h"

#include <stdlib.h>
#include <unistd.h>

struct qw_hash_key qw_hash_key_random(void)
{
	struct qw_hash_key key;
	/* Fails on kernels only that lack getrandom(2): no table is safe there. */
	if (getentropy(&key, sizeof(key)) != 0)
		abort();
	return key;
}

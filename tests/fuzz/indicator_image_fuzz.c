/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image of indicators with bytes changed: what opens must answer without a
 * stray read.  The input is triples of a place (two bytes) and a value, applied
 * to a small image that is the same in every run but for its seed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fcntl.h>

#include "quaywatch/indicators.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IMAGE_MAX = 1 << 17, SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL };

static const char *const VALUES[] = {"192.0.2.1",
				     "2001:db8::1",
				     "192.0.2.1:443",
				     "10.0.0.0/8",
				     "2001:db8::/32",
				     "evil.example",
				     "a.example/x",
				     "/y",
				     "d41d8cd98f00b204e9800998ecf8427e",
				     "00:1b:1b",
				     "t13d1516h2_8daaf6152771_e5627efa2ab1"};

static size_t make_image(uint8_t *out)
{
	struct qw_indicator_builder *builder;
	struct qw_indicator indicator;
	int fd;
	qw_indicator_init(&indicator);
	if (qw_indicator_builder_new(&builder) != QW_OK)
		abort();
	for (size_t i = 0; i < sizeof(VALUES) / sizeof(*VALUES); i++) {
		indicator.allow = i % 4 == 3;
		if (qw_observable_parse(&indicator.observable, QW_OBS_COUNT, VALUES[i], strlen(VALUES[i]), NULL) !=
			QW_OK ||
			qw_indicator_builder_add(builder, &indicator) != QW_OK)
			abort();
	}
	if (qw_indicator_builder_finish(builder, &fd) != QW_OK)
		abort();
	qw_indicator_builder_free(builder);
	ssize_t len = pread(fd, out, IMAGE_MAX, 0);
	close(fd);
	if (len <= 0 || len == IMAGE_MAX)
		abort();
	return (size_t)len;
}

static void ask_all(const struct qw_indicators *set)
{
	static const struct qw_moment AT = {{0}, QW_CLOCK_LIVE};
	uint8_t bytes[32] = {0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0, 0xb2, 4, 0xe9, 0x80, 9, 0x98, 0xec, 0xf8, 0x42, 0x7e};
	struct qw_hit hit;
	struct qw_address address;
	for (size_t i = 0; i < sizeof(VALUES) / sizeof(*VALUES); i++) {
		size_t len = strlen(VALUES[i]);
		if (qw_address_parse(VALUES[i], len, &address))
			qw_indicators_address(set, AT, &address, 443, &hit);
		qw_indicators_name(set, AT, VALUES[i], len, &hit);
		qw_indicators_url(set, AT, qw_slice_text("a.example"), qw_slice_text(VALUES[i]), &hit);
		qw_indicators_text(set, AT, QW_OBS_JA4, VALUES[i], len, &hit);
	}
	qw_indicators_digest(set, AT, QW_OBS_MD5, bytes, &hit);
	qw_indicators_mac(set, AT, (const uint8_t[]){0, 0x1b, 0x1b, 1, 2, 3}, &hit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t image[IMAGE_MAX];
	struct qw_indicators *set;
	size_t len = make_image(image);
	for (; size >= 3; data += 3, size -= 3)
		image[(size_t)(data[0] << 8 | data[1]) % len] ^= data[2];
	int fd = memfd_create("fuzz", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (fd < 0 || write(fd, image, len) != (ssize_t)len || fcntl(fd, F_ADD_SEALS, SEALS) != 0)
		abort();
	struct qw_indicator_images images = qw_indicator_images_one(fd, image[len - 1] & 1 ? fd : -1);
	if (qw_indicators_open(&set, &images) == QW_OK) {
		ask_all(set);
		qw_indicators_close(set);
	}
	close(fd);
	return 0;
}

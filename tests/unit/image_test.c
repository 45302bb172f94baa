/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/image.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL };

static struct qw_image_builder *builder(void)
{
	struct qw_image_builder *out;
	assert_int_equal(qw_image_builder_new(&out, "test"), QW_OK);
	return out;
}

static int finished(struct qw_image_builder *made)
{
	int fd;
	assert_int_equal(qw_image_finish(made, &fd), QW_OK);
	qw_image_builder_free(made);
	return fd;
}

/* Two sections, the second so large that the memory has to grow. */
static int small_image(void)
{
	void *data;
	struct qw_image_builder *made = builder();
	assert_int_equal(qw_image_section_new(made, 3, 5, &data), QW_OK);
	memcpy(data, "hello", 5);
	assert_int_equal(qw_image_section_new(made, 95, 3 << 20, &data), QW_OK);
	memset(data, 7, 3 << 20);
	return finished(made);
}

static void sections_read_back_as_they_were_written(void **state)
{
	int fd = small_image();
	struct qw_image *image;
	size_t size;
	assert_int_equal(qw_image_open(&image, fd, "test"), QW_OK);
	close(fd);
	const char *first = qw_image_section(image, 3, &size);
	assert_int_equal(size, 5);
	assert_memory_equal(first, "hello", 5);
	assert_int_equal((uintptr_t)first % 64, 0);
	const uint8_t *second = qw_image_section(image, 95, &size);
	assert_int_equal(size, 3 << 20);
	assert_int_equal((uintptr_t)second % 64, 0);
	assert_int_equal(second[0] + second[size - 1], 14);
	assert_null(qw_image_section(image, 4, &size));
	assert_int_equal(size, 0);
	assert_null(qw_image_section(image, QW_IMAGE_SECTIONS_MAX, &size));
	assert_true(qw_image_bytes(image) > (3 << 20));
	qw_image_close(image);
}

static void a_section_can_be_found_and_changed_until_the_end(void **state)
{
	void *data;
	size_t size;
	struct qw_image *image;
	struct qw_image_builder *made = builder();
	assert_null(qw_image_section_of(made, 1, &size));
	assert_int_equal(qw_image_section_new(made, 1, 8, &data), QW_OK);
	assert_memory_equal(data, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(qw_image_section_new(made, 1, 8, &data), QW_EEXIST);
	assert_int_equal(qw_image_section_new(made, QW_IMAGE_SECTIONS_MAX, 8, &data), QW_EINVAL);
	assert_int_equal(qw_image_section_new(made, 2, 1 << 20, &data), QW_OK);
	assert_int_equal(qw_image_section_new(made, 5, 0, &data), QW_OK);
	memcpy(qw_image_section_of(made, 1, &size), "changed", 8);
	assert_int_equal(size, 8);
	int fd = finished(made);
	assert_int_equal(qw_image_open(&image, fd, "test"), QW_OK);
	assert_string_equal(qw_image_section(image, 1, &size), "changed");
	assert_non_null(qw_image_section(image, 5, &size));
	assert_int_equal(size, 0);
	qw_image_close(image);
	close(fd);
}

static void a_finished_image_cannot_be_changed_by_anyone(void **state)
{
	int fd = small_image();
	assert_int_equal(fcntl(fd, F_GET_SEALS) & SEALS, SEALS);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
}

/* A copy of an image with one byte changed, sealed or not. */
static int forged(size_t at, uint8_t change, size_t cut, int seals)
{
	int from = small_image(), to = memfd_create("forged", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	struct stat status;
	assert_int_equal(fstat(from, &status), 0);
	size_t size = (size_t)status.st_size - cut;
	char *data = malloc((size_t)status.st_size);
	assert_int_equal(pread(from, data, (size_t)status.st_size, 0), status.st_size);
	data[at] = (char)(data[at] ^ change);
	assert_int_equal(write(to, data, size), size);
	assert_int_equal(fcntl(to, F_ADD_SEALS, seals), 0);
	free(data);
	close(from);
	return to;
}

static enum qw_err opened(int fd, const char *kind)
{
	struct qw_image *image;
	enum qw_err err = qw_image_open(&image, fd, kind);
	if (!err)
		qw_image_close(image);
	close(fd);
	return err;
}

static void damaged_foreign_and_unsealed_images_are_refused(void **state)
{
	enum { VERSION_AT = 8, BYTES_AT = 16, SECTION_AT = 24 + 16 * 95, SMALL_AT = 24 + 16 * 3 };
	assert_int_equal(opened(forged(0, 0, 0, SEALS), "test"), QW_OK);
	assert_int_equal(opened(forged(0, 0, 0, 0), "test"), QW_EFORMAT);
	assert_int_equal(opened(forged(0, 0, 0, SEALS & ~F_SEAL_WRITE), "test"), QW_EFORMAT);
	assert_int_equal(opened(forged(0, 1, 0, SEALS), "test"), QW_EFORMAT);
	assert_int_equal(opened(forged(VERSION_AT, 2, 0, SEALS), "test"), QW_EVERSION);
	assert_int_equal(opened(forged(0, 0, 0, SEALS), "tesu"), QW_EFORMAT);
	assert_int_equal(opened(forged(0, 0, 0, SEALS), "te"), QW_EFORMAT);
	assert_int_equal(opened(forged(BYTES_AT, 64, 0, SEALS), "test"), QW_EFORMAT);
	assert_int_equal(opened(forged(0, 0, 64, SEALS), "test"), QW_EFORMAT);
	assert_int_equal(opened(forged(0, 0, (3 << 20) + 200, SEALS), "test"), QW_EFORMAT);
	assert_int_equal(opened(forged(SMALL_AT, 1, 0, SEALS), "test"), QW_EFORMAT);        /* not on a boundary */
	assert_int_equal(opened(forged(SECTION_AT + 7, 0x80, 0, SEALS), "test"), QW_EFORMAT);  /* far beyond */
	assert_int_equal(opened(forged(SECTION_AT + 8, 1, 0, SEALS), "test"), QW_EFORMAT);  /* a byte too long */
	assert_int_equal(opened(forged(SECTION_AT + 15, 0xff, 0, SEALS), "test"), QW_EFORMAT); /* wraps round */
	assert_int_equal(opened(open("/dev/null", O_RDONLY), "test"), QW_EFORMAT);
}

static void a_spent_or_odd_builder_says_so(void **state)
{
	void *data;
	int fd, again;
	struct qw_image_builder *made = builder(), *odd;
	assert_int_equal(qw_image_builder_new(&odd, "toolong"), QW_EINVAL);
	assert_int_equal(qw_image_finish(made, &fd), QW_OK);
	assert_int_equal(qw_image_finish(made, &again), QW_EINVAL);
	assert_int_equal(qw_image_section_new(made, 1, 1, &data), QW_EINVAL);
	qw_image_builder_free(made);
	close(fd);
	made = builder();
	assert_int_equal(qw_image_section_new(made, 1, SIZE_MAX - 10, &data), QW_ENOMEM);
	qw_image_builder_free(made);
	qw_image_builder_free(NULL);
	qw_image_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_read_back_as_they_were_written),
		cmocka_unit_test(a_section_can_be_found_and_changed_until_the_end),
		cmocka_unit_test(a_finished_image_cannot_be_changed_by_anyone),
		cmocka_unit_test(damaged_foreign_and_unsealed_images_are_refused),
		cmocka_unit_test(a_spent_or_odd_builder_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/image.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	IMAGE_VERSION = 1,
	SECTION_ALIGN = 64,
	KIND_LEN = 4,
	SEAL_TRIES = 16,
	SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL,
};

static const char MAGIC[8] = {'q', 'u', 'a', 'y', 'i', 'm', 'g', '\n'};

struct section {
	uint64_t offset; /* 0: no such section */
	uint64_t size;
};

struct header {
	char magic[sizeof(MAGIC)];
	uint32_t version;
	char kind[KIND_LEN];
	uint64_t bytes; /* of the whole image */
	struct section sections[QW_IMAGE_SECTIONS_MAX];
};

struct qw_image_builder {
	int fd;
	struct header *header; /* the mapping; NULL once finished */
	size_t bytes;          /* mapped, and the file's size */
};

struct qw_image {
	const struct header *header;
};

static size_t aligned(size_t size)
{
	return (size + SECTION_ALIGN - 1) & ~(size_t)(SECTION_ALIGN - 1);
}

/* The pages stay where they are in the memfd; only where we see them may move. */
static enum qw_err grow(struct qw_image_builder *builder, size_t bytes)
{
	if (bytes > INT64_MAX)
		return QW_ENOMEM;
	if (ftruncate(builder->fd, (off_t)bytes) != 0)
		return qw_err_from_errno(errno);
	void *moved = mremap(builder->header, builder->bytes, bytes, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED)
		return QW_ENOMEM;
	builder->header = moved;
	builder->bytes = bytes;
	return QW_OK;
}

static enum qw_err begin(struct qw_image_builder *builder, const char *kind)
{
	size_t bytes = aligned(sizeof(struct header));
	builder->fd = memfd_create("quaywatch-image", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (builder->fd < 0 || ftruncate(builder->fd, (off_t)bytes) != 0)
		return qw_err_from_errno(errno);
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, builder->fd, 0);
	if (memory == MAP_FAILED)
		return qw_err_from_errno(errno);
	builder->header = memory;
	builder->bytes = bytes;
	memcpy(builder->header->magic, MAGIC, sizeof(MAGIC));
	memcpy(builder->header->kind, kind, KIND_LEN);
	builder->header->version = IMAGE_VERSION;
	return QW_OK;
}

enum qw_err qw_image_builder_new(struct qw_image_builder **out, const char *kind)
{
	if (strlen(kind) != KIND_LEN)
		return QW_EINVAL;
	struct qw_image_builder *builder = malloc(sizeof(*builder));
	if (!builder)
		return QW_ENOMEM;
	*builder = (struct qw_image_builder){.fd = -1};
	enum qw_err err = begin(builder, kind);
	if (err) {
		qw_image_builder_free(builder);
		return err;
	}
	*out = builder;
	return QW_OK;
}

void qw_image_builder_free(struct qw_image_builder *builder)
{
	if (!builder)
		return;
	if (builder->header)
		munmap(builder->header, builder->bytes);
	if (builder->fd >= 0)
		close(builder->fd);
	free(builder);
}

enum qw_err qw_image_section_new(struct qw_image_builder *builder, unsigned id, size_t size, void **data)
{
	if (id >= QW_IMAGE_SECTIONS_MAX || !builder->header)
		return QW_EINVAL;
	if (builder->header->sections[id].offset != 0)
		return QW_EEXIST;
	size_t offset = builder->bytes;
	if (size > SIZE_MAX - SECTION_ALIGN - offset)
		return QW_ENOMEM;
	enum qw_err err = grow(builder, offset + aligned(size));
	if (err)
		return err;
	builder->header->sections[id] = (struct section){offset, size};
	*data = (char *)builder->header + offset;
	return QW_OK;
}

void *qw_image_section_of(struct qw_image_builder *builder, unsigned id, size_t *size)
{
	*size = 0;
	if (id >= QW_IMAGE_SECTIONS_MAX || !builder->header || builder->header->sections[id].offset == 0)
		return NULL;
	*size = builder->header->sections[id].size;
	return (char *)builder->header + builder->header->sections[id].offset;
}

/* The kernel says EBUSY while it moves a page about; it waits a little itself. */
static int seal(int fd)
{
	int result = -1;

	for (unsigned i = 0; i < SEAL_TRIES && result != 0; i++) {
		result = fcntl(fd, F_ADD_SEALS, SEALS);
		if (result != 0 && errno != EBUSY)
			break;
	}
	return result;
}

/* Seals against writing are refused while a writable mapping exists: ours goes first. */
enum qw_err qw_image_finish(struct qw_image_builder *builder, int *fd)
{
	if (!builder->header)
		return QW_EINVAL;
	builder->header->bytes = builder->bytes;
	munmap(builder->header, builder->bytes);
	builder->header = NULL;
	if (seal(builder->fd) != 0)
		return qw_err_from_errno(errno);
	*fd = builder->fd;
	builder->fd = -1;
	return QW_OK;
}

static bool sections_fit(const struct header *header, size_t bytes)
{
	for (unsigned i = 0; i < QW_IMAGE_SECTIONS_MAX; i++) {
		struct section section = header->sections[i];
		if (section.offset == 0 && section.size == 0)
			continue;
		if (section.offset < sizeof(*header) || section.offset % SECTION_ALIGN != 0 || section.offset > bytes ||
		    section.size > bytes - section.offset)
			return false;
	}
	return true;
}

static enum qw_err check(const struct header *header, size_t bytes, const char *kind)
{
	if (memcmp(header->magic, MAGIC, sizeof(MAGIC)) != 0)
		return QW_EFORMAT;
	if (header->version != IMAGE_VERSION)
		return QW_EVERSION;
	if (strlen(kind) != KIND_LEN || memcmp(header->kind, kind, KIND_LEN) != 0 || header->bytes != bytes)
		return QW_EFORMAT;
	return sections_fit(header, bytes) ? QW_OK : QW_EFORMAT;
}

static enum qw_err map_checked(const struct header **out, int fd, const char *kind)
{
	struct stat status;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS)
		return QW_EFORMAT;
	if (fstat(fd, &status) != 0)
		return qw_err_from_errno(errno);
	size_t bytes = (size_t)status.st_size;
	if (bytes < sizeof(struct header))
		return QW_EFORMAT;
	void *memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return qw_err_from_errno(errno);
	enum qw_err err = check(memory, bytes, kind);
	if (err)
		munmap(memory, bytes);
	else
		*out = memory;
	return err;
}

enum qw_err qw_image_open(struct qw_image **out, int fd, const char *kind)
{
	struct qw_image *image = malloc(sizeof(*image));
	if (!image)
		return QW_ENOMEM;
	enum qw_err err = map_checked(&image->header, fd, kind);
	if (err)
		free(image);
	else
		*out = image;
	return err;
}

void qw_image_close(struct qw_image *image)
{
	if (!image)
		return;
	munmap((void *)(uintptr_t)image->header, image->header->bytes);
	free(image);
}

const void *qw_image_section(const struct qw_image *image, unsigned id, size_t *size)
{
	*size = 0;
	if (id >= QW_IMAGE_SECTIONS_MAX || image->header->sections[id].offset == 0)
		return NULL;
	*size = image->header->sections[id].size;
	return (const char *)image->header + image->header->sections[id].offset;
}

size_t qw_image_bytes(const struct qw_image *image)
{
	return image->header->bytes;
}

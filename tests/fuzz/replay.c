/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay - runs a fuzz target over the files of a folder, and over every cut of each.
 *
 * A corpus file that once crashed a parser is a regression test from then on.
 * Each input is put into memory of exactly its size, so that a sanitizer sees
 * the first byte read beyond it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20, CUTS_MAX = 512 };

static void try(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact)
		abort();
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		return 1;
	}
	uint8_t *data = malloc(INPUT_MAX);
	if (!data)
		abort();
	size_t size = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	size_t step = size / CUTS_MAX + 1;
	for (size_t cut = 0; cut < size; cut += step)
		try(data, cut);
	try(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 64;
	}
	DIR *folder = opendir(argv[1]);
	if (!folder) {
		perror(argv[1]);
		return 66;
	}
	int failed = 0;
	unsigned files = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		failed |= replay(path);
		files++;
	}
	closedir(folder);
	printf("%u files\n", files);
	return failed || files == 0;
}

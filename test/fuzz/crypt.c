/*-------------------------------------------------------------------------
 *
 * crypt.c
 *	  Any bytes as what the kernel tells of mounts, processors and a device:
 *	  there is always an answer, and it says why.
 *
 * fuzzes: src/health/crypt.c
 *
 *-------------------------------------------------------------------------
 */
#include "health/crypt.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char place[] = "/tmp/fuzz-crypt-XXXXXX";

static void
put(const char *name, const uint8_t *data, size_t size)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place, name);
	file = fopen(path, "w");
	if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		abort();
}

static void
make_folder(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", place, name);
	if (mkdir(path, 0700) != 0)
		abort();
}

static void
clean_up(void)
{
	static const char *const names[] = {"dev/block/7:1/loop/backing_file", "dev/block/7:1/loop",
										"dev/block/7:1/dm/uuid", "dev/block/7:1/dm",
										"dev/block/7:1", "dev/block", "dev", "said", ""};
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
	{
		snprintf(path, sizeof(path), "%s/%s", place, names[i]);
		(void) remove(path);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char said[256] = "";
	CryptHost host = {place, said, said};
	char why[256];

	if (said[0] == '\0')
	{
		if (mkdtemp(place) == NULL)
			abort();
		(void) atexit(clean_up);
		make_folder("dev");
		make_folder("dev/block");
		make_folder("dev/block/7:1");
		make_folder("dev/block/7:1/dm");
		make_folder("dev/block/7:1/loop");
		snprintf(said, sizeof(said), "%s/said", place);
	}
	put("said", data, size);
	put("dev/block/7:1/dm/uuid", data, size);
	put("dev/block/7:1/loop/backing_file", data, size);
	for (unsigned int major = 0; major <= 7; major += 7)
	{
		Encryption found = mo_crypt_device(&host, major, 1, why, sizeof(why));

		if (memchr(why, '\0', sizeof(why)) == NULL || why[0] == '\0' ||
			(unsigned int) found > ENCRYPTION_OFF)
			abort();
	}
	return 0;
}

/*-------------------------------------------------------------------------
 *
 * crypt.c
 *	  Is a device encrypted, as the kernel tells?
 *
 * A device-mapper device says in dm/uuid what it is: "CRYPT-LUKS2-..." is
 * dm-crypt.  If it is not, what it is made of lies in slaves/, and all of it has
 * to be encrypted: a logical volume on two disks, one of them plain, is not.
 * A partition is as its disk; a loop device as the file behind it.
 *
 * A disk without dm-crypt is plain, unless the machine is a virtual one: what
 * a host does below its volumes cannot be seen from inside.  Nor can what lies
 * under a file system without a device: a container's layers, ZFS, a network's.
 *
 *-------------------------------------------------------------------------
 */
#include "health/crypt.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MAX_DEPTH 16 /* partition, RAID, volume, cache: real stacks have five */

const CryptHost mo_crypt_host = {"/sys", "/proc/self/mountinfo", "/proc/cpuinfo"};

static Encryption judge(const CryptHost *host, const char *dir, int depth, char *why,
						size_t why_len);

/* The first line of a small file, without its end; false: not there. */
static bool
read_line(const char *dir, const char *name, char *line, size_t line_len)
{
	char path[PATH_MAX];
	FILE *file;
	bool found;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	found = fgets(line, (int) line_len, file) != NULL;
	fclose(file);
	if (found)
		line[strcspn(line, "\n")] = '\0';
	return found;
}

static bool
exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

/* Does a file have a line that begins with "key" and holds "word"? */
static bool
has_word(const char *path, const char *key, const char *word)
{
	char line[16 * 1024];
	FILE *file = fopen(path, "re");
	bool found = false;

	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL)
		found = strncmp(line, key, strlen(key)) == 0 && strstr(line, word) != NULL;
	if (file != NULL)
		fclose(file);
	return found;
}

/* Does this machine run on another one? */
static bool
is_virtual(const CryptHost *host)
{
	return exists(host->sys, "hypervisor/type") || has_word(host->cpuinfo, "flags", " hypervisor");
}

static const char *
name_of(const char *dir)
{
	const char *slash = strrchr(dir, '/');

	return slash == NULL ? dir : slash + 1;
}

/*
 * The devices that a device is made of; true if there are any, with the worst
 * of them in "found".
 */
static bool
judge_slaves(const CryptHost *host, const char *dir, int depth, Encryption *found, char *why,
			 size_t why_len)
{
	char path[PATH_MAX];
	char below[PATH_MAX];
	char reason[256];
	DIR *slaves;
	struct dirent *entry;
	bool any = false;

	snprintf(path, sizeof(path), "%s/slaves", dir);
	slaves = opendir(path);
	/* cppcheck-suppress readdirCalled ; of a stream that is ours alone */
	while (slaves != NULL && (entry = readdir(slaves)) != NULL)
	{
		char link[PATH_MAX + 256];
		Encryption one;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(link, sizeof(link), "%s/%s", path, entry->d_name);
		if (realpath(link, below) != NULL)
			one = judge(host, below, depth + 1, reason, sizeof(reason));
		else
		{
			one = ENCRYPTION_ERROR;
			snprintf(reason, sizeof(reason), "%s: what it is made of cannot be looked at",
					 name_of(dir));
		}
		if (!any || one > *found)
		{
			*found = one;
			snprintf(why, why_len, "%s", reason);
		}
		any = true;
	}
	if (slaves != NULL)
		closedir(slaves);
	return any;
}

/* The file behind a loop device; false: it is none. */
static bool
judge_loop(const CryptHost *host, const char *dir, int depth, Encryption *found, char *why,
		   size_t why_len)
{
	char file[PATH_MAX];
	char below[PATH_MAX];
	char link[PATH_MAX];
	struct stat st;

	if (!read_line(dir, "loop/backing_file", file, sizeof(file)))
		return false;
	*found = ENCRYPTION_HIDDEN;
	snprintf(why, why_len, "%s: the file behind it cannot be looked at", name_of(dir));
	if (stat(file, &st) == 0)
	{
		snprintf(link, sizeof(link), "%s/dev/block/%u:%u", host->sys, major(st.st_dev),
				 minor(st.st_dev));
		if (realpath(link, below) != NULL)
			*found = judge(host, below, depth + 1, why, why_len);
	}
	return true;
}

/*
 * Judges a device by its directory in sysfs, a path without links.
 */
static Encryption
judge(const CryptHost *host, const char *dir, int depth, char *why, size_t why_len)
{
	char uuid[256];
	Encryption found = ENCRYPTION_ERROR;

	if (depth > MAX_DEPTH)
	{
		snprintf(why, why_len, "%s: more than %d devices on top of each other", name_of(dir),
				 MAX_DEPTH);
		return ENCRYPTION_ERROR;
	}
	if (read_line(dir, "dm/uuid", uuid, sizeof(uuid)) && strncmp(uuid, "CRYPT-", 6) == 0)
	{
		snprintf(why, why_len, "%s is %.*s", name_of(dir), (int) strcspn(uuid + 6, "-") + 6, uuid);
		return ENCRYPTION_ON;
	}
	if (judge_slaves(host, dir, depth, &found, why, why_len) ||
		judge_loop(host, dir, depth, &found, why, why_len))
		return found;
	if (exists(dir, "partition"))
	{
		char disk[PATH_MAX];

		snprintf(disk, sizeof(disk), "%.*s", (int) (name_of(dir) - dir - 1), dir);
		return judge(host, disk, depth + 1, why, why_len);
	}
	if (is_virtual(host))
	{
		snprintf(why, why_len, "%s is a volume of the host's", name_of(dir));
		return ENCRYPTION_HIDDEN;
	}
	snprintf(why, why_len, "%s has no dm-crypt on it", name_of(dir));
	return ENCRYPTION_OFF;
}

/*
 * A file system without a device of its own: which type it has, and the block
 * device it names as its source, if any (btrfs does).
 */
static bool
find_source(const CryptHost *host, unsigned int major_no, unsigned int minor_no, char *type,
			size_t type_len, struct stat *st)
{
	char line[8 * 1024];
	FILE *file = fopen(host->mountinfo, "re");
	bool found = false;

	snprintf(type, type_len, "an unknown type");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
	{
		unsigned int a;
		unsigned int b;
		char kind[64];
		char source[PATH_MAX];
		const char *rest = strstr(line, " - ");

		if (sscanf(line, "%*u %*u %u:%u", &a, &b) != 2 || a != major_no || b != minor_no ||
			rest == NULL || sscanf(rest, " - %63s %4095s", kind, source) != 2)
			continue;
		snprintf(type, type_len, "%s", kind);
		found = source[0] == '/' && stat(source, st) == 0 && S_ISBLK(st->st_mode);
		break;
	}
	if (file != NULL)
		fclose(file);
	return found;
}

Encryption
mo_crypt_device(const CryptHost *host, unsigned int major_no, unsigned int minor_no, char *why,
				size_t why_len)
{
	char link[PATH_MAX];
	char dir[PATH_MAX];
	struct stat st;

	if (major_no == 0)
	{
		char type[64];

		if (!find_source(host, major_no, minor_no, type, sizeof(type), &st))
		{
			snprintf(why, why_len, "a file system of type %s has no device", type);
			return ENCRYPTION_HIDDEN;
		}
		major_no = major(st.st_rdev);
		minor_no = minor(st.st_rdev);
	}
	snprintf(link, sizeof(link), "%s/dev/block/%u:%u", host->sys, major_no, minor_no);
	if (realpath(link, dir) == NULL)
	{
		snprintf(why, why_len, "device %u:%u is not in sysfs", major_no, minor_no);
		return ENCRYPTION_HIDDEN;
	}
	return judge(host, dir, 0, why, why_len);
}

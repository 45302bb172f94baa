/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/privilege.h"

#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* So that a later exec of a file with capabilities gains nothing.  Needs CAP_SETPCAP itself, and so goes first. */
static enum qw_err empty_bounding_set(void)
{
	for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
			return QW_EACCES;
	}
	return QW_OK;
}

static enum qw_err become(const char *user)
{
	errno = 0;
	const struct passwd *entry = getpwnam(user);
	if (!entry)
		return QW_ENOENT;
	uid_t uid = entry->pw_uid;
	gid_t gid = entry->pw_gid;
	/* Groups while we still may; the user last. */
	if (initgroups(user, gid) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		return QW_EACCES;
	/* Trusted only once seen: a way back would be worth more to an attacker than the drop to us. */
	if (uid != 0 && setuid(0) == 0)
		return QW_EACCES;
	return QW_OK;
}

static enum qw_err drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
	/* The ambient set goes with the permitted one. */
	return syscall(SYS_capset, &header, none) == 0 ? QW_OK : QW_EACCES;
}

enum qw_err qw_privilege_drop(const char *user)
{
	enum qw_err err = QW_OK;
	if (geteuid() == 0 && user[0]) {
		err = empty_bounding_set();
		if (!err)
			err = become(user);
	}
	if (!err)
		err = drop_capabilities();
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		err = QW_EACCES;
	return err;
}

long qw_raise_file_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return -1;
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		limit.rlim_cur = before;
	return limit.rlim_cur > LONG_MAX ? LONG_MAX : (long)limit.rlim_cur;
}

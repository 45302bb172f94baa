/* SPDX-License-Identifier: Apache-2.0 */
#include "quaywatch/err.h"

#include <stddef.h>

/* No default: a new code without its text fails the build. */
const char *qw_strerror(enum qw_err err)
{
	switch (err) {
	case QW_OK: return "no error";
	case QW_ENOENT: return "no such file or name";
	case QW_EIO: return "input/output error";
	case QW_EAGAIN: return "try again later";
	case QW_ENOMEM: return "out of memory";
	case QW_EACCES: return "permission denied";
	case QW_EEXIST: return "exists already";
	case QW_EINVAL: return "invalid argument";
	case QW_ENOSPC: return "no space left";
	case QW_ETIMEDOUT: return "timed out";
	case QW_ETRUNC: return "input ends too early";
	case QW_EFORMAT: return "malformed input";
	case QW_EVERSION: return "incompatible version";
	case QW_ELIMIT: return "a limit is reached";
	case QW_EUNKNOWN: return "unknown name";
	case QW_ESIGN: return "signature, digest or key does not fit";
	case QW_EORDER: return "out of order";
	case QW_EPEER: return "refused by the other side";
	}
	return "unknown error";
}

enum qw_err qw_err_from_errno(int number)
{
	static const struct {
		int number;
		enum qw_err err;
	} table[] = {
		{ENOENT, QW_ENOENT},
		{ENOTDIR, QW_ENOENT},
		{ELOOP, QW_ENOENT},
		{EAGAIN, QW_EAGAIN},
		{ENOMEM, QW_ENOMEM},
		{EACCES, QW_EACCES},
		{EPERM, QW_EACCES},
		{EROFS, QW_EACCES},
		{EEXIST, QW_EEXIST},
		{EINVAL, QW_EINVAL},
		{EISDIR, QW_EINVAL},
		{ENAMETOOLONG, QW_EINVAL},
		{ENOSPC, QW_ENOSPC},
		{EDQUOT, QW_ENOSPC},
		{ETIMEDOUT, QW_ETIMEDOUT},
		{EMFILE, QW_ELIMIT},
		{ENFILE, QW_ELIMIT},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].number == number)
			return table[i].err;
	}
	return QW_EIO;
}

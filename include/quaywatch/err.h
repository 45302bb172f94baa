/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err - the results of every function that can fail.
 *
 * Codes shared with errno keep its number, ours lie below -1000.  Functions
 * that can fail return one of these and write their out-parameters only on
 * QW_OK; lookups return a pointer or NULL; everything else cannot fail.
 */
#pragma once

#include <errno.h>

/* A caller that drops the result gets a warning, and warnings are errors. */
#define QW_MUSTCHECK __attribute__((warn_unused_result))

enum qw_err {
	QW_OK = 0,
	QW_ENOENT = -ENOENT, /* no such file, row or name */
	QW_EIO = -EIO,
	QW_EAGAIN = -EAGAIN, /* full or empty for now; try again later */
	QW_ENOMEM = -ENOMEM,
	QW_EACCES = -EACCES, /* the system's permissions refuse it */
	QW_EEXIST = -EEXIST,
	QW_EINVAL = -EINVAL,
	QW_ENOSPC = -ENOSPC,
	QW_ETIMEDOUT = -ETIMEDOUT,
	QW_ETRUNC = -1001,   /* input ends before the field it announces */
	QW_EFORMAT = -1002,  /* input is not what its header says it is */
	QW_EVERSION = -1003, /* written by an incompatible version */
	QW_ELIMIT = -1004,   /* a configured or built-in bound is reached */
	QW_EUNKNOWN = -1005, /* a name, type or keyword that is not known */
	QW_ESIGN = -1006,    /* a signature, digest or key does not fit */
	QW_EORDER = -1007,   /* a sequence went back, or left a gap */
	QW_EPEER = -1008,    /* the other side answered with a refusal */
};

/* Never NULL; static text, nothing to free. */
const char *qw_strerror(enum qw_err err);

/* The qw_err of an errno value; QW_EIO where none fits. */
enum qw_err qw_err_from_errno(int number);

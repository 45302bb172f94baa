/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/run/child.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "quaywatch/log.h"
#include "quaywatch/privilege.h"

enum { COMM_BYTES = 16 };

void qw_child_name(const char *name)
{
	char comm[COMM_BYTES];

	snprintf(comm, sizeof(comm), "qw-%s", name);
	(void)prctl(PR_SET_NAME, comm);
	qw_log_setup(name, QW_LOG_INFO);
}

enum qw_err qw_child_settle(const char *user)
{
	enum qw_err err = qw_privilege_drop(user);

	if (err != QW_OK)
		qw_log(QW_LOG_ERROR, "PRIVILEGE", "cannot become user '%s'; check the key user", user);
	/* Only now: the kernel forgets it when the user changes. */
	else if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		err = QW_EACCES;
	return err;
}

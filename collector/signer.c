/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/channels.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quaywatch/file.h"

enum { DELEGATION_MAX = 4096 };

enum qw_err qw_signer_load(struct qw_signer *out, const char *folder, struct qw_time now)
{
	struct qw_signer signer = {.delegation = NULL};
	char path[PATH_MAX];
	char *data = NULL;

	snprintf(path, sizeof(path), "%s/online.secret", folder);
	enum qw_err err = qw_sign_load(&signer.online, path);
	if (err != QW_OK)
		return err;
	snprintf(path, sizeof(path), "%s/root.public", folder);
	err = qw_sign_load_public(signer.root, path);
	snprintf(path, sizeof(path), "%s/online.delegation", folder);
	if (err == QW_OK)
		err = qw_file_read(path, DELEGATION_MAX, &data, &signer.delegation_len);
	signer.delegation = (uint8_t *)data;
	if (err == QW_OK)
		err = qw_delegation_verify(&signer.terms, signer.delegation, signer.delegation_len, signer.root, now);
	if (err == QW_OK && memcmp(signer.terms.online_key, signer.online.public_key, QW_SIGN_PUBLIC_BYTES) != 0)
		err = QW_ESIGN;
	if (err != QW_OK) {
		qw_signer_wipe(&signer);
		return err;
	}
	*out = signer;
	return QW_OK;
}

void qw_signer_wipe(struct qw_signer *signer)
{
	qw_wipe(&signer->online, sizeof(signer->online));
	free(signer->delegation);
	signer->delegation = NULL;
}

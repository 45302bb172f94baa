/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local - the commands of which quaywatchctl does a part itself.
 *
 * words[0…] are the words behind the command's own.
 */
#pragma once

#include "collector/ctl/client.h"

enum qw_exit qw_ctl_keygen(const struct qw_client *client, const char *const *words, size_t count);
enum qw_exit qw_ctl_enrol(const struct qw_client *client, const char *const *words, size_t count);
enum qw_exit qw_ctl_alerts(const struct qw_client *client, const char *const *words, size_t count);
enum qw_exit qw_ctl_import(const struct qw_client *client, const char *const *words, size_t count);
enum qw_exit qw_ctl_export(const struct qw_client *client, const char *const *words, size_t count);
enum qw_exit qw_ctl_indicators_export(const struct qw_client *client, const char *const *words, size_t count);
enum qw_exit qw_ctl_publish(const struct qw_client *client, const char *const *words, size_t count);
enum qw_exit qw_ctl_version(const struct qw_client *client, const char *const *words, size_t count);

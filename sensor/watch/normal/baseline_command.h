/* SPDX-License-Identifier: Apache-2.0 */
/* baseline_command - quaywatchctl baseline show, accept, forget: for people or as JSON. */
#pragma once

#include "quaywatch/exit.h"
#include "quaywatch/reply.h"
#include "quaywatch/request.h"
#include "sensor/watch/normal/habit_file.h"

/* The request's words from `first` on are the arguments.  *changed: the list is not as it was. */
typedef enum qw_exit qw_baseline_command(struct qw_habit_list *list, struct qw_habit_about *about, struct qw_request *request,
					 size_t first, struct qw_reply *reply, bool *changed);

qw_baseline_command qw_baseline_show, qw_baseline_accept, qw_baseline_forget;

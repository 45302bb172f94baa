/* SPDX-License-Identifier: Apache-2.0 */
/* modems - makers of cellular modems and routers, as the list of network cards' makers spells them. */
#pragma once

#include <stdbool.h>

/* By the begin of the maker's name, in any case of letters. */
bool qw_modems_is_maker(const char *maker);

/* SPDX-License-Identifier: Apache-2.0 */
/* packs - where the rules lie that ship with the sensor. */
#pragma once

/*
 * The source tree's folder for a program that lies in the build folder, else the installed one: the default of
 * rules.packs_folder.  Static text, never NULL.
 */
const char *qw_packs_folder(void);

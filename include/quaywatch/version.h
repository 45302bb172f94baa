/* SPDX-License-Identifier: Apache-2.0 */
/* version - what this build calls itself. */
#pragma once

#define QW_VERSION "0.1.0"

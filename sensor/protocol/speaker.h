/* SPDX-License-Identifier: Apache-2.0 */
/* speaker - whose words the first bytes of a conversation are, where its beginning was not seen. */
#pragma once

enum qw_speaker { QW_SPEAKER_UNKNOWN, QW_SPEAKER_CLIENT, QW_SPEAKER_SERVER };

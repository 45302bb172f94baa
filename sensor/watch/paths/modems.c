/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/watch/paths/modems.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/*
 * Makers whose cards stand in modems and cellular routers above all.  Those
 * that also make the switches and serial servers of every plant are left out:
 * they would be told everywhere.
 */
static const char *const makers[] = {
	"airlink",	   "casa systems",	"cradlepoint",	   "digicom",		 "fibocom",	 "gemalto m2m",
	"gl technologies", "guangzhou robustel", "huawei device",  "inhand electronics", "insys",	 "mc technologies",
	"milesight",	   "multitech",		"netcomm wireless", "netmodule",	 "novatel wireless", "peplink",
	"proscend",	   "quectel",		"sierra wireless", "simcom",		 "shanghai simcom",  "telit wireless",
	"telit communication", "teltonika",	"uab teltonika",   "u-blox",		 "xiamen four-faith", "xiamen milesight",
	"zte corporation",
};

bool qw_modems_is_maker(const char *maker)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (strncasecmp(maker, makers[i], strlen(makers[i])) == 0)
			return true;
	return false;
}

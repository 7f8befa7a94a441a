#pragma once

#include <stdbool.h>

/*
 * Whether two names may be of one machine. Letters count as of one case (RFC 1035 2.3.3); a name without a domain is that of
 * any; and Windows' own name is the first 15 characters of the host's (learn.microsoft.com, "Naming conventions in Active
 * Directory", NetBIOS computer names). NULL: not told, which may be any.
 */
bool host_name_may_be(const char *one, const char *other);

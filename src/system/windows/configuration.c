#include "system/configuration.h"

#include "base/language.h"
#include "system/windows/elevation.h"
#include "system/windows/error_text.h"
#include "system/windows/program_data.h"
#include "system/windows/trust.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <windows.h>

static const char *folder(void)
{
	static char path[1000];

	program_data_path(path, sizeof path, "portroom");
	return path;
}

const char *configuration_path(void)
{
	static char path[1024];

	program_data_path(path, sizeof path, "portroom\\portroom.conf");
	return path;
}

/* By /reset a file and a folder have what the folder above hands down: of %ProgramData% that others read, and put files
 * beside it. */
static int refuse(const char *path, enum trust_wish wish, struct error *error)
{
	wchar_t *wide = wide_path(path);
	enum trust trust = trust_look(wide, wish);
	DWORD failed = GetLastError();

	free(wide);
	switch (trust) {
	case TRUST_OURS:
		return 0;
	case TRUST_LINK:
		return error_set(error,
				 _("%s leads elsewhere, and whoever made it may turn it; with "
				   "an administrator's rights it is not followed: remove it"),
				 path);
	case TRUST_OTHERS:
		return error_set(
			error,
			_("%s: others than administrators own it or may change it, so that "
			  "it is not believed with an administrator's rights; remove it, or "
			  "see that it says what you want, and then: takeown /A /F %s, "
			  "icacls %s /reset"),
			path, path, path);
	default:
		return error_set(error, "%s: %s", path, error_text(failed));
	}
}

/* The folder first: of a file in one that is somebody else's nothing is sure. */
int configuration_refuse_foreign(struct error *error)
{
	if (!elevation_is_full())
		return 0;
	return refuse(folder(), TRUST_HOLDS, error) ||
			       refuse(configuration_path(), TRUST_CLOSED, error) ?
		       -1 :
		       0;
}

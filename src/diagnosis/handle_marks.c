#include "diagnosis/handle_marks.h"

#include "snapshot/process.h"

#include <stddef.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool is_like(const char *name, const char *expected)
{
	while (*expected && lower(*name) == *expected) {
		name++;
		expected++;
	}
	if (*expected)
		return false;
	return !*name || (lower(name[0]) == '.' && lower(name[1]) == 'e' &&
			  lower(name[2]) == 'x' && lower(name[3]) == 'e' && !name[4]);
}

bool handle_marks_except(const struct process *process)
{
	static const char *const names[] = { "system", "lsass", "store", "sqlservr" };

	for (size_t i = 0; process->name && i < sizeof names / sizeof names[0]; i++)
		if (is_like(process->name, names[i]))
			return true;
	return false;
}

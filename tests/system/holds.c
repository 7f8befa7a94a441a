#include "holds.h"

#include "suite.h"
#include "system/file.h"

#include <string.h>

void assert_holds(const char *path, const char *text)
{
	char bytes[256];
	enum file_kind kind;
	int file = file_open(path, &kind);

	assert_true(file >= 0);
	assert_int_equal(file_read(file, bytes, sizeof bytes), strlen(text));
	assert_memory_equal(bytes, text, strlen(text));
	file_close(file);
}

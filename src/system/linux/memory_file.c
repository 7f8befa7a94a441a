#include "system/memory_file.h"

#include "base/arena.h"

#include <stdlib.h>

void memory_file_open(struct memory_file *file)
{
	*file = (struct memory_file){ NULL };
	file->out = open_memstream(&file->text, &file->size);
	if (!file->out)
		memory_exhausted(BUFSIZ);
}

void memory_file_flush(struct memory_file *file)
{
	if (fflush(file->out))
		memory_exhausted(file->size);
}

void memory_file_clear(struct memory_file *file)
{
	rewind(file->out);
}

void memory_file_close(struct memory_file *file)
{
	fclose(file->out);
	free(file->text);
	*file = (struct memory_file){ NULL };
}

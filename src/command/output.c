#include "command/output.h"

#include "base/language.h"
#include "system/stream.h"

#include <errno.h>
#include <stdio.h>

/* A reader that is gone is seen now, not when the next line fails: that may be days later. */
int output_flush(struct error *error)
{
	error->text[0] = '\0';
	if (fflush(stdout) || ferror(stdout))
		return -1; /* commands.c tells it */
	if (stream_reader_is_gone())
		return error_set(error, _("cannot write to standard output: %s"),
				 language_errno(EPIPE));
	return 0;
}

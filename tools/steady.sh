#!/bin/sh
# steady.sh COMMAND [WORD...]: run Wine's programs with memory laid out the same each time, not at random. Wine 8 wants a page at
# 0x7ffe0000 (dlls/ntdll/unix/virtual.c, virtual_alloc_first_teb); Linux puts the heap anywhere in the GiB behind the program,
# which is at 0x7d000000. One program in some thousands finds it there and ends before it begins, with exit status 1 and
# hardly a word. Where a sandbox forbids the change, the command is run all the same.
if setarch -R true 2>/dev/null; then
	exec setarch -R "$@"
fi
exec "$@"

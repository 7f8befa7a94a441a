/*
 * console_mode: how the console of standard output is set, and in which colours it writes.
 */
#include <stdio.h>
#include <windows.h>

int main(void)
{
	HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
	CONSOLE_SCREEN_BUFFER_INFO info;
	DWORD mode;

	if (!GetConsoleMode(console, &mode) || !GetConsoleScreenBufferInfo(console, &info)) {
		puts("no console");
		return 1;
	}
	printf("console mode %lu, colours %u, code page %u.\n", mode, info.wAttributes,
	       GetConsoleOutputCP());
	return 0;
}

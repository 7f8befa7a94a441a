#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <windows.h>
#include <winternl.h>

/*
 * What the look at processes and their handles asks the kernel: functions of ntdll.dll, which no import library of ours has, and
 * what else is put between us and other processes, so that a test can be the system.
 */
struct nt_route {
	NTSTATUS(WINAPI *query_system)(ULONG about, void *bytes, ULONG size, ULONG *needed);
	NTSTATUS(WINAPI *query_process)
	(HANDLE process, ULONG about, void *bytes, ULONG size, ULONG *needed);
	NTSTATUS(WINAPI *query_object)
	(HANDLE object, ULONG about, void *bytes, ULONG size, ULONG *needed);
	NTSTATUS(WINAPI *query_file)
	(HANDLE file, IO_STATUS_BLOCK *result, void *bytes, ULONG size, ULONG about);
	NTSTATUS(WINAPI *control)
	(HANDLE file, HANDLE event, void *routine, void *context, IO_STATUS_BLOCK *result,
	 ULONG code, void *in, ULONG in_size, void *out, ULONG out_size);
	NTSTATUS(WINAPI *cancel)(HANDLE file, IO_STATUS_BLOCK *result);
	HANDLE(WINAPI *open_process)(DWORD access, BOOL inherited, DWORD pid);
	BOOL(WINAPI *duplicate)
	(HANDLE from, HANDLE handle, HANDLE to, HANDLE *copy, DWORD access, BOOL inherited,
	 DWORD options);
	BOOL(WINAPI *close)(HANDLE handle);
	BOOL(WINAPI *session_of)(DWORD pid, DWORD *session);
	HANDLE (*open_file)(void); /* some file, whose type is that of all files */
};

/* What is not there is NULL. */
void nt_find(struct nt_route *route);

enum { NT_PROCESSES = 5, NT_HANDLES = 64 }; /* what query_system() is asked about */

/* A table of the system's, which grows while it is read. */
struct nt_table {
	uint8_t *bytes;
	size_t size;
};

/* 0, or -1 with why not. Freed by nt_table_free(). */
int nt_table_read(const struct nt_route *route, ULONG about, struct nt_table *table,
		  struct error *error);
void nt_table_free(struct nt_table *table);

/* Valid until the next call of the same thread. */
const char *nt_status_text(NTSTATUS status);

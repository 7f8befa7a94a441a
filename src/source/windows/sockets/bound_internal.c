#include "source/windows/sockets/bound_internal.h"

#include "base/language.h"
#include "source/artefact/windows/mib_table.h"
#include "system/windows/error_text.h"
#include "system/windows/library.h"

/*
 * System Informer (SystemInformer/netprv.c) calls them from Windows 10 version 1809 on, build 17763, and so does portroom:
 * before, what they do is not known. As the size of the table is not told, the heap is asked how large the piece is.
 */
enum { FIRST_BUILD = 17763 };

void bound_internal_find(struct bound_internal_route *route, int build)
{
	static const char iphlpapi[] = "iphlpapi.dll";

	*route = (struct bound_internal_route){
		.build = build,
		.heap = GetProcessHeap(),
	};
	(void)library_find(route->get4, iphlpapi, "InternalGetBoundTcpEndpointTable");
	(void)library_find(route->get6, iphlpapi, "InternalGetBoundTcp6EndpointTable");
}

/* Whatever state the row says: it is not in the other tables for that. */
static void take(const struct mib_table *table, struct rows *rows)
{
	struct dossier_socket row;

	for (size_t i = 0; i < table->count; i++) {
		mib_table_row(table, i, &row);
		row.state = SOCKET_BOUND;
		row.age = AGE_NONE;
		row.remote = (struct address){ 0 };
		row.remote_port = 0;
		row.pid = row.pid > 0 ? row.pid : -1;
		if (row.local_port)
			rows_add(rows, &row);
	}
}

static int read_table(const struct bound_internal_route *route, bool is_ipv6,
		      struct rows *rows, struct error *error)
{
	struct mib_table table;
	void *bytes = NULL;
	ULONG failed = (is_ipv6 ? route->get6 : route->get4)(&bytes, route->heap, 0);
	SIZE_T size = bytes ? HeapSize(route->heap, 0, bytes) : 0;
	int result = 0;

	if (failed == ERROR_NO_DATA || failed == ERROR_NOT_FOUND)
		failed = 0; /* none is bound */
	else if (!failed &&
		 (!bytes || size == (SIZE_T)-1 ||
		  !mib_table_open(&table, is_ipv6 ? MIB_TABLE_TCP6_2 : MIB_TABLE_TCP4_2, bytes,
				  size) ||
		  table.missing))
		failed = ERROR_INVALID_DATA;
	else if (!failed)
		take(&table, rows);
	if (failed)
		result = error_set(error, "%s", error_text(failed));
	if (bytes)
		HeapFree(route->heap, 0, bytes);
	return result;
}

int bound_internal_read(const struct bound_internal_route *route, struct rows *rows,
			struct error *error)
{
	size_t before = rows->count;

	if (!route->get4 || !route->get6)
		return error_set(error, "%s", error_text(ERROR_PROC_NOT_FOUND));
	if (route->build < FIRST_BUILD)
		return error_set(error, _("it is known from build %d on, and this is %d"),
				 FIRST_BUILD, route->build);
	if (read_table(route, false, rows, error) || read_table(route, true, rows, error)) {
		rows->count = before;
		return -1;
	}
	return 0;
}

#include "source/windows/sockets/bound_wmi.h"

#include "base/language.h"
#include "source/artefact/windows/net_connection.h"
#include "source/windows/wmi.h"
#include "system/windows/error_text.h"

enum { LIMIT_MS = 10000 };
enum { PORT, STATE, PID };

static const wchar_t space[] = L"ROOT\\StandardCimv2";

static const struct wmi_query queries[WMI_TABLES + 1] = {
	{ .text = L"SELECT LocalAddress, LocalPort, State, OwningProcess "
		  L"FROM MSFT_NetTCPConnection WHERE State > 12",
	  .columns = { [PORT] = L"LocalPort", [STATE] = L"State", [PID] = L"OwningProcess" },
	  .text_column = L"LocalAddress" },
	{ .text = NULL },
};

static void take(const struct wmi_table *table, struct rows *rows)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct net_connection connection = {
			.address = table->texts[i],
			.port = table->rows[i][PORT],
			.state = table->rows[i][STATE],
			.pid = table->rows[i][PID],
		};
		struct dossier_socket row;

		if (net_connection_bound(&connection, &row))
			rows_add(rows, &row);
	}
}

int bound_wmi_read(const struct wmi_route *route, struct rows *rows, struct error *error)
{
	struct wmi_table tables[WMI_TABLES] = { { .count = 0 } };
	struct wmi_job *job;
	double milliseconds;

	if (!route)
		return error_set(error, "%s", error_text(ERROR_PROC_NOT_FOUND));
	job = wmi_ask(route, space, queries);
	if (!job)
		return error_set(error, _("no thread could be started to ask WMI"));
	if (wmi_answer(job, LIMIT_MS, tables, &milliseconds, error))
		return -1;
	take(&tables[0], rows);
	wmi_tables_free(tables);
	return 0;
}

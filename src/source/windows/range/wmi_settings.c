#include "source/windows/range/wmi_settings.h"

#include "base/language.h"

static const wchar_t space[] = L"ROOT\\StandardCimv2";

static const struct wmi_query queries[WMI_TABLES + 1] = {
	{ .text = L"SELECT * FROM MSFT_NetTCPSetting",
	  .columns = { L"DynamicPortRangeStartPort", L"DynamicPortRangeNumberOfPorts",
		       L"AutoReusePortRangeStartPort", L"AutoReusePortRangeNumberOfPorts" } },
	{ .text = L"SELECT * FROM MSFT_NetUDPSetting",
	  .columns = { L"DynamicPortRangeStartPort", L"DynamicPortRangeNumberOfPorts" } },
	{ .text = NULL },
};

struct wmi_job *wmi_settings_ask(const struct wmi_route *route)
{
	return wmi_ask(route, space, queries);
}

static void take(const struct wmi_table *table, struct net_settings *settings)
{
	for (size_t i = 0; i < table->count; i++)
		net_settings_take(settings, &(struct net_setting){
						    .first = table->rows[i][0],
						    .count = table->rows[i][1],
						    .reuse_first = table->rows[i][2],
						    .reuse_count = table->rows[i][3],
					    });
}

int wmi_settings_answer(struct wmi_job *job, unsigned limit_ms, struct wmi_settings *settings,
			struct error *error)
{
	struct wmi_table tables[WMI_TABLES] = { { .count = 0 } };

	*settings = (struct wmi_settings){ .tcp = { .instances = 0 } };
	if (!job)
		return error_set(error, _("no thread could be started to ask WMI"));
	if (wmi_answer(job, limit_ms, tables, &settings->milliseconds, error))
		return -1;
	take(&tables[0], &settings->tcp);
	take(&tables[1], &settings->udp);
	wmi_tables_free(tables);
	if (!port_range_known(settings->tcp.dynamic) &&
	    !port_range_known(settings->udp.dynamic))
		return error_set(error, _("WMI answered, and told no range"));
	return 0;
}

#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/records.h"
#include "source/artefact/windows/told_setting.h"

/*
 * Get-NetTCPSetting and Get-NetUDPSetting, the registry's Tcpip\Parameters by Get-ItemProperty, and what tells of the
 * machine: Get-ComputerInfo, Win32_OperatingSystem.
 */
static bool is_tcp_setting(const struct record *record, const struct prompt *prompt)
{
	(void)prompt;
	return record_has(record, "AutoReusePortRangeNumberOfPorts") ||
	       record_has(record, "DynamicPortRangeNumberOfPorts");
}

static bool is_parameters(const struct record *record, const struct prompt *prompt)
{
	(void)prompt;
	return record_has(record, "TcpTimedWaitDelay") || record_has(record, "MaxUserPort") ||
	       (record_has(record, "Hostname") && record_has(record, "DataBasePath"));
}

static bool is_computer(const struct record *record, const struct prompt *prompt)
{
	(void)prompt;
	return record_has(record, "OsBuildNumber") || record_has(record, "WindowsVersion") ||
	       (record_has(record, "BuildNumber") && record_has(record, "Version")) ||
	       (record_has(record, "BuildNumber") && record_has(record, "CSName"));
}

/* ---- Get-NetTCPSetting ---- */

static bool read_range(const struct record *record, const char *first_name,
		       const char *count_name, uint64_t *first, uint64_t *count)
{
	return record_number(record, first_name, 65535, first) &&
	       record_number(record, count_name, 65536, count) && *first + *count <= 65536 &&
	       (*first || !*count);
}

/* There is one row for each template, and each has the same range. The row Automatic has none. It is no news where netsh
 * has told. */
static void set_dynamic(struct dossier *dossier, const struct record *record,
			enum protocol protocol)
{
	struct windows *windows;
	uint64_t first, count;

	if (!read_range(record, "DynamicPortRangeStartPort", "DynamicPortRangeNumberOfPorts",
			&first, &count) ||
	    !count)
		return;
	windows = dossier_windows(dossier);
	for (int i = 0; i < 2; i++)
		if (!port_range_known(windows->ranges[protocol][i].range)) {
			windows->ranges[protocol][i].range =
				(struct port_range){ (uint16_t)first,
						     (uint16_t)(first + count - 1) };
			windows->ranges[protocol][i].family_unsaid = true;
		}
}

static bool take_setting(struct records *records, struct dossier *dossier,
			 const struct record *record)
{
	/* Get-NetUDPSetting has these two properties and no other. */
	const bool udp = !record_has(record, "SettingName") &&
			 !record_has(record, "AutoReusePortRangeNumberOfPorts");
	struct windows *windows;
	uint64_t first, count;

	(void)records;
	set_dynamic(dossier, record, udp ? PROTOCOL_UDP : PROTOCOL_TCP);
	if (!read_range(record, "AutoReusePortRangeStartPort",
			"AutoReusePortRangeNumberOfPorts", &first, &count))
		return true;
	windows = dossier_windows(dossier);
	windows->auto_reuse_known = true;
	if (count)
		windows->auto_reuse =
			(struct port_range){ (uint16_t)first, (uint16_t)(first + count - 1) };
	return true;
}

/* ---- the registry, the machine ---- */

static bool take_parameters(struct records *records, struct dossier *dossier,
			    const struct record *record)
{
	uint64_t number;

	(void)records;
	if (record_number(record, "TcpTimedWaitDelay", UINT32_MAX, &number))
		told_setting_delay(dossier, number);
	if (record_number(record, "MaxUserPort", UINT32_MAX, &number))
		told_setting_max_user_port(dossier, number);
	told_setting_host(dossier, record_value(record, "Hostname"));
	return true;
}

static bool take_computer(struct records *records, struct dossier *dossier,
			  const struct record *record)
{
	static const char *const builds[] = { "OsBuildNumber", "BuildNumber" },
				 *const hosts[] = { "CsName", "CsDNSHostName",
						    "PSComputerName" };
	uint64_t build;

	(void)records;
	for (size_t i = 0; i < sizeof builds / sizeof builds[0]; i++)
		if (record_number(record, builds[i], INT32_MAX, &build))
			told_setting_build(dossier, build);
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		told_setting_host(dossier, record_value(record, hosts[i]));
	return true;
}

const struct record_kind record_kind_tcp_settings = {
	.name = "Get-NetTCPSetting",
	.is = is_tcp_setting,
	.take = take_setting,
	.used_for = N_("settings"),
};

const struct record_kind record_kind_tcp_parameters = {
	.name = "Tcpip\\Parameters",
	.is = is_parameters,
	.take = take_parameters,
	.used_for = N_("settings"),
};

const struct record_kind record_kind_computer = {
	.name = "Get-ComputerInfo",
	.is = is_computer,
	.take = take_computer,
	.used_for = N_("the machine"),
};

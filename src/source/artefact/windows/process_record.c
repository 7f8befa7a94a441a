#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/records.h"
#include "source/artefact/windows/told_process.h"

/*
 * Get-Process, Win32_Process and Win32_Service of Get-CimInstance and wmic. Handles are what of Linux are descriptors:
 * sockets are among them.
 */
static bool is_process(const struct record *record, const struct prompt *prompt)
{
	if (!record_has(record, "Id"))
		return false;
	return record_has(record, "Handles") || record_has(record, "HandleCount") ||
	       record_has(record, "ProcessName") ||
	       (prompt->subject == SUBJECT_PROCESS && record_has(record, "Name"));
}

static bool is_cim_process(const struct record *record, const struct prompt *prompt)
{
	(void)prompt;
	return record_has(record, "ProcessId") &&
	       (record_has(record, "Name") || record_has(record, "HandleCount") ||
		record_has(record, "Caption"));
}

static bool is_service(const struct record *record, const struct prompt *prompt)
{
	return is_cim_process(record, prompt) && record_has(record, "StartMode");
}

static struct span first_of(const struct record *record, const char *const *names)
{
	struct span value = { NULL, 0 };

	for (; *names && !value.length; names++)
		value = record_value(record, *names);
	return value;
}

/* Win32_Process has Path, Get-Process too; who owns it costs a call each, so that it is seldom there. */
static bool take_process(struct records *records, struct dossier *dossier,
			 const struct record *record)
{
	static const char *const pids[] = { "Id", "ProcessId", NULL },
				 *const names[] = { "Name", "ProcessName", "Caption", NULL },
				 *const handles[] = { "Handles", "HandleCount", NULL };
	struct span count = first_of(record, handles);
	uint64_t number;
	int32_t pid;

	(void)records;
	if (!told_process_pid(first_of(record, pids), &pid))
		return false;
	if (count.length && !span_number(count, INT32_MAX, &number))
		return false;
	dossier_speaks_for(dossier, FROM_WINDOWS);
	told_process_name(dossier, pid, first_of(record, names));
	told_process_user(dossier, pid, record_value(record, "UserName"));
	if (count.length)
		told_process_handles(dossier, pid, (int64_t)number);
	return true;
}

static bool take_service(struct records *records, struct dossier *dossier,
			 const struct record *record)
{
	int32_t pid;

	(void)records;
	if (!told_process_pid(record_value(record, "ProcessId"), &pid))
		return false;
	dossier_speaks_for(dossier, FROM_WINDOWS);
	told_process_services(dossier, pid, record_value(record, "Name"));
	return true;
}

const struct record_kind record_kind_processes = {
	.name = "Get-Process",
	.is = is_process,
	.take = take_process,
	.used_for = N_("processes"),
};

const struct record_kind record_kind_cim_processes = {
	.name = "Win32_Process",
	.is = is_cim_process,
	.take = take_process,
	.used_for = N_("processes"),
};

const struct record_kind record_kind_services = {
	.name = "Win32_Service",
	.is = is_service,
	.take = take_service,
	.used_for = N_("services"),
};

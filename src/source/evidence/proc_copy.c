#include "source/evidence/proc_copy.h"

#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/linux/sysctl_fact.h"
#include "system/file.h"

#include <stdio.h>
#include <string.h>

static bool exists(const char *folder, const char *below)
{
	char path[4096];

	return snprintf(path, sizeof path, "%s/%s", folder, below) < (int)sizeof path &&
	       file_kind(path) != FILE_NONE;
}

static bool has_tables(const char *folder)
{
	return exists(folder, "net/tcp") || exists(folder, "self/net/tcp") ||
	       exists(folder, "1/net/tcp");
}

/* Whether a name in a folder is none that /proc could have: its files have no dots, config.gz apart. */
static bool is_strange(const char *name)
{
	return name[0] != '.' && strchr(name, '.') && strcmp(name, "config.gz");
}

static bool is_other_than_proc(const char *name)
{
	return name[0] != '.' && strcmp(name, "proc");
}

static bool has_any(const char *folder, bool (*is)(const char *name))
{
	struct file_names names;
	bool found = false;

	if (file_names(&names, folder))
		return true;
	for (size_t i = 0; i < names.count && !found; i++)
		found = is(names.items[i]);
	file_names_free(&names);
	return found;
}

bool proc_copy_is(const char *folder)
{
	char inner[4096];

	if (exists(folder, "proc"))
		return snprintf(inner, sizeof inner, "%s/proc", folder) < (int)sizeof inner &&
		       has_tables(inner) && !has_any(folder, is_other_than_proc);
	return has_tables(folder) && !has_any(folder, is_strange);
}

/* ---- settings ---- */

/* What lies below /proc/sys, by its path; NULL: it does not. */
static const char *below_sys(const char *path)
{
	static const char sys[] = "/sys/";
	const char *found = strstr(path, sys);
	char folder[4096];

	if (!strncmp(path, "proc/sys/", 9))
		return path + 9;
	for (; found; found = strstr(found + 1, sys)) {
		const size_t length = (size_t)(found - path);

		if (length >= 5 && !memcmp(found - 5, "/proc", 5))
			return found + strlen(sys);
		if (length >= sizeof folder)
			break;
		memcpy(folder, path, length);
		folder[length] = '\0';
		if (has_tables(folder))
			return found + strlen(sys);
	}
	return NULL;
}

/* As Linux writes it, wherever the copy lies; a longer one is none of its. */
static const char *with_slashes(char *slashed, size_t size, const char *name)
{
	if (snprintf(slashed, size, "%s", name) >= (int)size)
		return "";
	for (char *at = slashed; *at; at++)
		if (*at == '\\')
			*at = '/';
	return slashed;
}

bool proc_copy_take_setting(struct dossier *dossier, const struct artefact_input *input)
{
	char name[256], slashed[4096];
	const char *path = below_sys(with_slashes(slashed, sizeof slashed, input->name));
	struct span setting = { name, path ? strlen(path) : 0 };
	const struct line line = { .text = (const char *)input->bytes, .length = input->size };
	struct span value;

	if (!path)
		return false;
	if (setting.length >= sizeof name)
		return true;
	for (size_t i = 0; i < setting.length; i++)
		name[i] = (char)(path[i] == '/' ? '.' : path[i]);
	if (!sysctl_fact_is_known(setting))
		return true;
	value = line_trimmed(&line);
	while (value.length && value.text[value.length - 1] == '\n')
		value.length--;
	dossier_open(dossier, input->name, input->modified_ms);
	dossier_name_part(dossier, "proc_sys");
	if (sysctl_fact(dossier, setting, value)) {
		dossier_speaks_for(dossier, FROM_LINUX);
		dossier_count_records(dossier, 1);
		dossier_used_for(dossier, N_("settings"));
	} else {
		dossier_refuse(dossier, _("it has a value that Linux never gives it"));
	}
	dossier_close(dossier);
	return true;
}

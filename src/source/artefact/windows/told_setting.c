#include "source/artefact/windows/told_setting.h"

#include "base/language.h"
#include "source/artefact/dossier.h"

/* 30 to 300 on Windows 2000, 0 to 300 later (learn.microsoft.com, cc938217 and cc757512); Windows itself minds no other
 * number, and what the registry has is told as it is. */
enum { LONGEST_DELAY = 86400 };

void told_setting_delay(struct dossier *dossier, uint64_t seconds)
{
	if (seconds > LONGEST_DELAY)
		dossier_note(dossier, _("TcpTimedWaitDelay cannot be %llu seconds"),
			     (unsigned long long)seconds);
	else
		dossier_windows(dossier)->timed_wait_delay_s = (int)seconds;
}

void told_setting_max_user_port(struct dossier *dossier, uint64_t port)
{
	if (!port || port > 65535)
		dossier_note(dossier, _("MaxUserPort cannot be %llu"),
			     (unsigned long long)port);
	else
		dossier_windows(dossier)->max_user_port = (int)port;
}

void told_setting_build(struct dossier *dossier, uint64_t build)
{
	if (build && build < 1000000)
		dossier_windows(dossier)->build = (int)build;
}

void told_setting_host(struct dossier *dossier, struct span name)
{
	dossier_speaks_for(dossier, FROM_WINDOWS);
	dossier_host(dossier, name);
}

#include "source/windows/trace/watched.h"

#include "base/language.h"
#include "source/artefact/etl/afd.h"
#include "source/artefact/etl/providers.h"
#include "source/artefact/etl/tcpip.h"
#include "source/windows/trace/etw_route.h"
#include "source/windows/trace/session.h"
#include "system/windows/error_text.h"

/*
 * All that is read here is of level 4, information; send and receive are 5 in AFD (learn.microsoft.com, "Winsock Tracing
 * Levels"). TCP/IP has an event for each segment in that level, with the keyword ut:SendPath or ut:ReceivePath, bits 32
 * and 33. So events of any other keyword are asked for, but not those by bits that are Microsoft's to use for all providers:
 * 48 to 63 (learn.microsoft.com, "Defining Keywords Used to Classify Types of Events").
 */
#define TCPIP_KEYWORDS UINT64_C(0x0000fffcffffffff)

/* WINEVENT_KEYWORD_PROCESS, of the provider's manifest. */
enum { PROCESS_KEYWORD = 0x10 };

static unsigned long enable_afd(const struct session *session)
{
	struct session_provider afd = { .guid = provider_guid(PROVIDER_AFD) };

	afd.ids = afd_events(&afd.id_count);
	return session_enable(session, &afd);
}

static unsigned long enable_tcpip(const struct session *session)
{
	struct session_provider tcpip = { .guid = provider_guid(PROVIDER_TCPIP),
					  .keywords = TCPIP_KEYWORDS };

	tcpip.ids = tcpip_events(&tcpip.id_count);
	return session_enable(session, &tcpip);
}

/* Without it processes that end at once have no name, and all is well else. */
static void enable_names(const struct session *session, bool rundown)
{
	const struct session_provider names = { .guid = provider_guid(PROVIDER_PROCESS),
						.keywords = PROCESS_KEYWORD,
						.rundown = rundown };

	(void)session_enable(session, &names);
}

int watched_enable(const struct session *session, bool cheap, bool rundown,
		   struct watched *watched, struct error *error)
{
	unsigned long afd = 0, tcpip;

	if (cheap && !session->route->takes_ids)
		return error_set(error, _("event tracing: --cheap needs Windows 8.1 or later, "
					  "which leaves out events by their numbers"));
	tcpip = enable_tcpip(session);
	if (!cheap)
		afd = enable_afd(session);
	*watched = (struct watched){ .afd = !cheap && !afd, .tcpip = !tcpip };
	if (!watched->afd && !watched->tcpip)
		return error_set(error,
				 _("event tracing: Winsock-AFD and TCPIP give no events: %s"),
				 error_text(afd ? afd : tcpip));
	if (!cheap)
		enable_names(session, rundown);
	return 0;
}

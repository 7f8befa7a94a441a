#include "command/probe_words.h"

#include "action/probe.h"
#include "base/language.h"

const char *probe_words(const struct probe_attempt *attempt)
{
	switch (attempt->outcome) {
	case PROBE_CLASH:
		return _(
			"the port that Windows chose has a connection to this destination, or had "
			"one a short time ago: too many connections in a row (event 4227)");
	case PROBE_NO_DESCRIPTOR:
		return _("portroom itself gets no further socket handle; not a lack of ports");
	case PROBE_NO_MEMORY:
		return _(
			"Windows has no memory for the socket (non-paged pool); not a lack of "
			"ports");
	case PROBE_FORBIDDEN:
		return _(
			"the firewall or another filter of this machine forbids it; not a lack of "
			"ports");
	case PROBE_NOT_OURS:
		return _("the source address is none of this machine's, or its adapter is "
			 "disconnected; not a lack of ports");
	default:
		return NULL;
	}
}

bool probe_reaches_wildcard(void)
{
	return false;
}

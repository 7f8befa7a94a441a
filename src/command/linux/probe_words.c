#include "command/probe_words.h"

#include "action/probe.h"
#include "base/language.h"

#include <errno.h>

const char *probe_words(const struct probe_attempt *attempt)
{
	switch (attempt->outcome) {
	case PROBE_CLASH:
		return _("the very same pair of addresses and ports is in use");
	case PROBE_NO_DESCRIPTOR:
		return attempt->error == ENFILE ?
			       _("the machine has no file left (fs.file-max); portroom check says "
				 "who has them") :
			       _("portroom itself may open no more here (ulimit -n); not a lack of "
				 "ports");
	case PROBE_NO_MEMORY:
		return _("the kernel or the control group has no memory for it; not a lack of "
			 "ports");
	case PROBE_FORBIDDEN:
		return _(
			"a firewall of this host, a route or a security policy forbids it; a full "
			"connection tracking table looks so to UDP");
	case PROBE_NOT_OURS:
		return _(
			"the source address is none of this host's, or its interface is down");
	default:
		return NULL;
	}
}

bool probe_reaches_wildcard(void)
{
	return true;
}

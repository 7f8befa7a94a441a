#include "snapshot/holding.h"

bool owner_is_process(unsigned owner_kind)
{
	return owner_kind == OWNER_PROCESS || owner_kind == OWNER_RECORDED ||
	       owner_kind == OWNER_INFERRED;
}

const char *owner_how(unsigned owner_kind)
{
	switch (owner_kind) {
	case OWNER_PROCESS:
		return "observed";
	case OWNER_RECORDED:
		return "recorded";
	case OWNER_INFERRED:
		return "inferred";
	default:
		return "unknown";
	}
}

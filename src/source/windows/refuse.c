#include "source/windows/refuse.h"

#include "base/language.h"
#include "source/source.h"

int refuse_request(const struct source_request *request, struct error *error)
{
	if (request->root)
		return error_set(error,
				 _("'%s': a copied /proc is read by portroom on Linux only"),
				 request->root);
	if (request->scope == SCOPE_ONE)
		return error_set(
			error,
			_("--netns %s: Windows has no network namespaces; leave it out"),
			request->netns);
	return 0;
}

#include "diagnosis/clashes.h"

#include "base/language.h"
#include "diagnosis/remedy.h"

enum { MANY = 100 };

bool clashes_are_many(const struct netns_conntrack *table)
{
	return table->insert_failed >= MANY && table->drops >= MANY;
}

struct finding *clashes_remark(const struct rule *rule, struct diagnosis *diagnosis,
			       uint32_t netns, const char *subject, const char *reason)
{
	const struct netns_conntrack *table =
		&diagnosis->snapshot->namespaces[netns].conntrack;
	struct finding *remark = rule_add_remark(diagnosis, rule, netns);

	remark->subject = subject;
	remark->title = arena_print(
		&diagnosis->arena,
		_("connection tracking has dropped %s packets since this namespace began, "
		  "with room in its table"),
		words_count(diagnosis, (uint64_t)table->insert_failed));
	remark->reason = reason;
	rule_add_remedy(remark,
			remedy_aside(_("see whether the numbers grow"),
				     remedy_command_in(diagnosis, netns, "conntrack -S")));
	rule_add_evidence(remark, "insert_failed", table->insert_failed, "packets");
	rule_add_evidence(remark, "drops", table->drops, "packets");
	return remark;
}

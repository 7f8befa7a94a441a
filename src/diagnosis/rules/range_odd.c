#include "base/language.h"
#include "diagnosis/remedy.h"

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		struct port_range range = diagnosis->snapshot->namespaces[i].settings.range;
		unsigned size = port_range_size(range);
		struct finding *remark;

		if (!port_range_known(range) || size < 2 || size % 2 == 0)
			continue;
		remark = rule_add_remark(diagnosis, rule, i);
		remark->subject = arena_print(&diagnosis->arena, "tcp range %u-%u",
					      range.first, range.last);
		remark->title = arena_print(
			&diagnosis->arena, _("the range %u-%u has an odd size, %s"),
			range.first, range.last, words_ports(diagnosis, size));
		remark->reason = _(
			"connect() looks at an even number of ports: each call leaves out the "
			"first or the last, and room cannot be told to the port");
		rule_add_evidence(remark, "ports", size, "ports");
		/* Who widens a narrow range makes it even as well. */
		if (rule_remarked(diagnosis, "range_narrow", i))
			continue;
		rule_add_remedy(
			remark,
			remedy_aside(_("give the range an even size"),
				     remedy_sysctl(diagnosis, i,
						   arena_print(&diagnosis->arena,
							       "net.ipv4.ip_local_port_range="
							       "'%u %u'",
							       range.first, range.last - 1))));
	}
}

const struct rule rule_range_odd = {
	.id = "range_odd",
	.title = N_("The port range has an odd size"),
	.systems = RULE_LINUX,
	.check = check,
};

#include "base/language.h"
#include "diagnosis/kubernetes.h"
#include "diagnosis/remedy.h"

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns,
		   const struct process *process, const struct port_set *ports)
{
	struct finding *remark = rule_add_remark(diagnosis, rule, netns);

	remark->subject = "tcp range 30000-32767";
	remark->title = arena_print(
		&diagnosis->arena,
		_("%s of Kubernetes' NodePorts (30000-32767) lie in the ephemeral port range"),
		words_ports(diagnosis, ports->count));
	remark->reason = arena_print(
		&diagnosis->arena,
		_("%s runs here; outgoing connections may take these ports, and packets for a "
		  "service with that NodePort then go astray; reserve them"),
		process->name);
	rule_add_evidence(remark, "node_ports", ports->count, "ports");
	remedy_reserve(diagnosis, remark, netns, ports);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	for (uint32_t i = 0; i < snapshot->namespace_count; i++) {
		const struct netns_settings *settings = &snapshot->namespaces[i].settings;
		const struct process *process = kubernetes_find(snapshot, i);
		struct port_set ports = { 0 };

		if (!process || !port_range_known(settings->range) ||
		    !settings->reserved_known)
			continue;
		for (unsigned port = kubernetes_node_ports.first;
		     port <= kubernetes_node_ports.last; port++)
			if (port_range_contains(settings->range, (uint16_t)port) &&
			    !port_set_has(&settings->reserved, (uint16_t)port))
				port_set_add(&ports, (uint16_t)port);
		if (ports.count)
			report(rule, diagnosis, i, process, &ports);
		port_set_free(&ports);
	}
}

const struct rule rule_nodeports_in_range = {
	.id = "nodeports_in_range",
	.title = N_("Kubernetes' NodePorts lie in the ephemeral range"),
	.systems = RULE_LINUX,
	.check = check,
};

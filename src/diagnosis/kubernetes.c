#include "diagnosis/kubernetes.h"

#include <string.h>

const struct port_range kubernetes_node_ports = { 30000, 32767 };

static bool is_kubernetes(const struct process *process)
{
	static const char *const names[] = { "kubelet",	     "kube-proxy",   "k3s-server",
					     "k3s-agent",    "k3s",	     "rke2",
					     "kubelite",     "cilium-agent", "kube-router",
					     "kube-proxy-li" };

	for (size_t i = 0; process->name && i < sizeof names / sizeof names[0]; i++)
		if (!strcmp(process->name, names[i]))
			return true;
	return false;
}

const struct process *kubernetes_find(const struct snapshot *snapshot, uint32_t netns)
{
	snapshot_each_holding(holding, snapshot, netns) {
		const struct process *process = snapshot_owner(snapshot, holding);

		if (process && is_kubernetes(process))
			return process;
	}
	return NULL;
}

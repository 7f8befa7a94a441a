#pragma once

#include "snapshot/snapshot.h"

/*
 * Kubernetes' NodePorts: kube-apiserver --service-node-port-range, 30000-32767 by default (kubernetes.io,
 * "Service", type NodePort). Where kube-proxy uses iptables, IPVS or nftables nobody listens on these ports, so that
 * nothing but a reservation keeps them.
 */
extern const struct port_range kubernetes_node_ports;

/* The first of its processes that has a socket in the namespace; NULL: none. */
const struct process *kubernetes_find(const struct snapshot *snapshot, uint32_t netns);

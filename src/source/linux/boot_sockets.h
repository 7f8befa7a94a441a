#pragma once

struct snapshot;

/*
 * Ports that systemd will listen on for services that are enabled, whether they run now or not:
 * systemd.socket(5). Into snapshot->boot_sockets; what cannot be read is left out, since most machines
 * have none.
 */
void boot_sockets_read(struct snapshot *snapshot);

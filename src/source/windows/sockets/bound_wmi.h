#pragma once

#include "base/error.h"
#include "source/windows/rows.h"

struct wmi_route;

/*
 * Bound TCP ports as WMI lists them, ROOT\StandardCimv2, MSFT_NetTCPConnection, since Windows 8: slow where there are many
 * (all rows come from another process, one by one), so the last of the ways.
 */

/* 0, and rows of SOCKET_BOUND behind the others; -1 with why not. `route` NULL: this Windows has it not. */
int bound_wmi_read(const struct wmi_route *route, struct rows *rows, struct error *error);

#pragma once

#include "base/error.h"
#include "source/artefact/windows/net_setting.h"
#include "source/windows/wmi.h"

/*
 * The dynamic ranges in ROOT\StandardCimv2, which came with Windows 8 and Server 2012 (learn.microsoft.com,
 * "MSFT_NetTCPSetting class", "Set-NetUDPSetting"). It does not tell IPv4 and IPv6 apart.
 */
struct wmi_settings {
	struct net_settings tcp, udp;
	double milliseconds;
};

/* So that netsh runs meanwhile. NULL: it could not be asked. */
struct wmi_job *wmi_settings_ask(const struct wmi_route *route);

/* -1 with a sentence. NULL job: the same. */
int wmi_settings_answer(struct wmi_job *job, unsigned limit_ms, struct wmi_settings *settings,
			struct error *error);

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * toy dhcp: what the command and its hook agree on, by the environment.
 */
#ifndef TOY_DHCP_H
#define TOY_DHCP_H

#define DHCP_ENV_STATE	"TOY_DHCP_STATE"	/* file: what was configured */
#define DHCP_ENV_RESOLV	"TOY_DHCP_RESOLV"	/* file for name servers */

/* Does udhcpc run this program as its hook? If so the return value of
 * dhcp_hook() is the exit status.
 */
int dhcp_is_hook(void);
int dhcp_hook(const char *event);

/* Takes back what the state file says; quiet without one. */
void dhcp_deconfig(const char *state, const char *dev);

#endif /* TOY_DHCP_H */

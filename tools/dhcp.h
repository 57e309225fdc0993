/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * toy dhcp: what is common to DHCP and DHCPv6, and what the command and its hook
 * agree on, by the environment.
 */
#ifndef TOY_DHCP_H
#define TOY_DHCP_H

#include <limits.h>
#include <stdbool.h>

#define DHCP_RUN_DIR	"/run/toy"

#define DHCP_ENV_STATE	"TOY_DHCP_STATE"	/* file: what was configured */
#define DHCP_ENV_RESOLV	"TOY_DHCP_RESOLV"	/* file for name servers */

/* Does udhcpc run this program as its hook? If so the return value of
 * dhcp_hook() is the exit status.
 */
int dhcp_is_hook(void);
int dhcp_hook(const char *event);

/* Takes back what the state file says; quiet without one. */
void dhcp_deconfig(const char *state, const char *dev);

/* Name servers and search list, blanks between them, in place of what @file says;
 * unless there are no servers. @by is the protocol.
 */
void dhcp_write_resolv(const char *file, const char *by, const char *dev,
		       const char *servers, const char *search);

/**
 * struct dhcp_options - the words of toy dhcp
 * @dev: device
 * @resolv: file for name servers, an absolute path, or NULL
 * @v6: DHCPv6
 * @once: end with what was obtained
 * @background: keep it in the background
 * @stop: end whoever does
 * @state: file, see DHCP_ENV_STATE
 * @pidfile: who keeps it
 */
struct dhcp_options {
	const char	*dev;
	const char	*resolv;
	bool		v6;
	bool		once;
	bool		background;
	bool		stop;
	char		state[PATH_MAX];
	char		pidfile[PATH_MAX];
};

/* Both return an exit code. */
int dhcp6_run(const struct dhcp_options *o);
int dhcp6_stop(const struct dhcp_options *o);

#endif /* TOY_DHCP_H */

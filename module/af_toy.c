// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading: a ladder up and its mirror down.
 *
 * Each rung is a room's init function; a rung that fails takes down those
 * below it. On the way down nobody can open a socket or attach a device any
 * more before the device notifier goes; its going replays DOWN and UNREGISTER
 * for every device and so detaches them all while the tables above still
 * stand. The namespaces' own state goes last.
 */
#include <linux/module.h>

#include "ctl/ctl.h"
#include "napi/dev.h"
#include "proto/acd.h"
#include "proto/addr.h"
#include "proto/arp.h"
#include "proto/frag.h"
#include "proto/icmp.h"
#include "proto/icmp6.h"
#include "proto/nd.h"
#include "proto/mcast.h"
#include "proto/neigh.h"
#include "proto/forward.h"
#include "proto/ping.h"
#include "proto/raw.h"
#include "proto/ra.h"
#include "proto/route.h"
#include "proto/tcp/tcp.h"
#include "proto/udp.h"
#include "sock/sock.h"

int toy_family = AF_TOY;
EXPORT_SYMBOL_GPL(toy_family);
module_param_named(family, toy_family, int, 0444);
MODULE_PARM_DESC(family, "address family number (default 18, AF_TOY)");

static const struct toy_rung {
	int (*up)(void);
	void (*down)(void);
} toy_ladder[] = {
	{ toy_napi_init,	toy_napi_exit },
	{ toy_tcp_caches_init,	toy_tcp_caches_exit },
	{ toy_frag_init,	toy_frag_exit },
	{ toy_netns_init,	toy_netns_exit },
	{ toy_neigh_init,	toy_neigh_exit },
	{ toy_route_init,	toy_route_exit },
	{ toy_addr_init,	toy_addr_exit },
	{ toy_acd_init,		toy_acd_exit },
	{ toy_ra_init,		toy_ra_exit },
	{ toy_arp_init,		toy_arp_exit },
	{ toy_forward_init,	toy_forward_exit },
	{ toy_nd_init,		toy_nd_exit },
	{ toy_ipv4_init,	toy_ipv4_exit },
	{ toy_ipv6_init,	toy_ipv6_exit },
	{ toy_icmp_init,	toy_icmp_exit },
	{ toy_icmp6_init,	toy_icmp6_exit },
	{ toy_mcast_init,	toy_mcast_exit },
	{ toy_igmp_init,	toy_igmp_exit },
	{ toy_udp_init,		toy_udp_exit },
	{ toy_ping_init,	toy_ping_exit },
	{ toy_raw_init,		toy_raw_exit },
	{ toy_tcp_init,		toy_tcp_exit },
	{ toy_dev_init,		toy_dev_exit },
	{ toylo_init,		toylo_exit },
	{ toy_genl_init,	toy_genl_exit },
	{ toy_diag_init,	toy_diag_exit },
	{ toy_family_register,	toy_family_unregister },
};

static void toy_climb_down(int rung)
{
	while (rung--)
		toy_ladder[rung].down();
	/* RCU callbacks run in module text. */
	rcu_barrier();
}

static int __init toy_init(void)
{
	for (int i = 0; i < ARRAY_SIZE(toy_ladder); i++) {
		int err = toy_ladder[i].up();

		if (err) {
			toy_climb_down(i);
			return err;
		}
	}
	return 0;
}

static void __exit toy_exit(void)
{
	toy_climb_down(ARRAY_SIZE(toy_ladder));
}

module_init(toy_init);
module_exit(toy_exit);

MODULE_DESCRIPTION("AF_TOY: a protocol family with a TCP/IP stack of its own");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NETPROTO(PF_TOY);

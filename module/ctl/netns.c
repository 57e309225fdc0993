// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network namespace comes and goes.
 *
 * Every room has a part of struct toy_net. The ladder below builds them in
 * order and takes them down in the opposite one; a step that fails takes down
 * those before it.
 *
 *	new namespace		counters -> steps, downwards
 *	namespace goes		devices -> steps, upwards -> RCU -> counters
 *
 * Devices are unhooked before anything else, because they are what brings
 * traffic in; after that nobody looks at the tables. What the steps have left
 * to RCU is waited for at the end, once for all namespaces that die together:
 * the core frees struct toy_net as soon as the exit functions return, and a
 * callback may still count in it.
 *
 * register_pernet_subsys(), not _device(): net devices leave a namespace
 * before these exit functions run.
 */
#include <linux/rcupdate.h>

#include "ctl.h"
#include "../napi/dev.h"
#include "../proto/addr.h"
#include "../proto/frag.h"
#include "../proto/icmp_out.h"
#include "../proto/mcast.h"
#include "../proto/neigh.h"
#include "../proto/ping.h"
#include "../proto/raw.h"
#include "../proto/ra.h"
#include "../proto/route.h"
#include "../proto/tcp/tcp.h"
#include "../proto/udp.h"
#include "../sock/flowlabel.h"

unsigned int toy_net_id;
EXPORT_SYMBOL_GPL(toy_net_id);

struct toy_net_step {
	int (*init)(struct toy_net *tn);
	void (*exit)(struct toy_net *tn);
};

static const struct toy_net_step toy_net_steps[] = {
	{ toy_sysctl_net_init,		toy_sysctl_net_exit },
	{ toy_route_net_init,		toy_route_net_exit },
	{ toy_neigh_net_init,		toy_neigh_net_exit },
	{ toy_loop_net_init,		toy_loop_net_exit },
	{ toy_addr_net_init,		toy_addr_net_exit },
	{ toy_mcast_net_init,		toy_mcast_net_exit },
	{ toy_ra_net_init,		toy_ra_net_exit },
	{ toy_icmp_net_init,		toy_icmp_net_exit },
	{ toy_frag_net_init,		toy_frag_net_exit },
	{ toy_fl_net_init,		toy_fl_net_exit },
	{ toy_udp_net_init,		toy_udp_net_exit },
	{ toy_ping_net_init,		toy_ping_net_exit },
	{ toy_raw_net_init,		toy_raw_net_exit },
	{ toy_tcp_net_init,		toy_tcp_net_exit },
	{ toy_stat_proc_net_init,	toy_stat_proc_net_exit },
};

static void toy_net_unwind(struct toy_net *tn, unsigned int done)
{
	while (done--)
		toy_net_steps[done].exit(tn);
}

static int __net_init toy_net_init(struct net *net)
{
	struct toy_net *tn = toy_net(net);
	unsigned int i;
	int err;

	tn->net = net;
	INIT_LIST_HEAD(&tn->devs);
	INIT_LIST_HEAD(&tn->socks);
	spin_lock_init(&tn->socks_lock);
	atomic_set(&tn->path_gen, 1);

	err = toy_stat_net_init(tn);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(toy_net_steps); i++) {
		err = toy_net_steps[i].init(tn);
		if (err)
			goto unwind;
	}
	return 0;

unwind:
	toy_net_unwind(tn, i);
	rcu_barrier();
	toy_frag_net_free(tn);
	toy_stat_net_exit(tn);
	return err;
}

/* The core waits for a grace period after this. */
static void __net_exit toy_net_pre_exit(struct net *net)
{
	toy_frag_net_pre_exit(toy_net(net));
}

static void __net_exit toy_net_exit(struct net *net)
{
	struct toy_net *tn = toy_net(net);

	toy_dev_net_exit(tn);
	toy_net_unwind(tn, ARRAY_SIZE(toy_net_steps));
}

static void __net_exit toy_net_exit_batch(struct list_head *nets)
{
	struct net *net;

	rcu_barrier();
	list_for_each_entry(net, nets, exit_list) {
		toy_frag_net_free(toy_net(net));
		toy_stat_net_exit(toy_net(net));
	}
}

static struct pernet_operations toy_net_ops = {
	.init = toy_net_init,
	.pre_exit = toy_net_pre_exit,
	.exit = toy_net_exit,
	.exit_batch = toy_net_exit_batch,
	.id = &toy_net_id,
	.size = sizeof(struct toy_net),
};

/**
 * toy_netns_init() - give every network namespace its struct toy_net
 *
 * Context: process. Namespaces that exist get theirs before this returns.
 * Return: 0 or a negative errno.
 */
int toy_netns_init(void)
{
	return register_pernet_subsys(&toy_net_ops);
}

/**
 * toy_netns_exit() - take struct toy_net away from every network namespace
 *
 * Context: process. Waits for RCU callbacks. Also the mirror of a load that
 * has failed half-way.
 */
void toy_netns_exit(void)
{
	unregister_pernet_subsys(&toy_net_ops);
}

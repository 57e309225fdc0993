/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes that somebody may want to hear of. The rooms below announce them
 * here; ctl/ subscribes and tells the monitor group of generic netlink.
 */
#ifndef _TOY_EVENT_H
#define _TOY_EVENT_H

#include <linux/netlink.h>
#include <linux/notifier.h>

#include "toy.h"

enum toy_event {			/* the object that goes with it */
	TOY_EV_DEV_SET,			/* struct toy_dev */
	TOY_EV_DEV_GONE,
	TOY_EV_ADDR_SET,		/* struct toy_addr */
	TOY_EV_ADDR_GONE,
	TOY_EV_ROUTE_SET,		/* struct toy_route */
	TOY_EV_ROUTE_GONE,
	TOY_EV_NEIGH_SET,		/* struct toy_neigh */
	TOY_EV_NEIGH_GONE,
	TOY_EV_SOCK_STATE,		/* struct sock, locked */
	TOY_EV_SOCK_GONE,
};

struct toy_event_info {
	struct toy_net *tn;
	const void *object;
};

/* Any context. The object need only live through the call. */
void toy_event(struct toy_net *tn, enum toy_event what, const void *object);

/* Sockets come and go by the thousand: a look is all that it costs when nobody
 * listens. The number of their netlink group; 0: there is none yet.
 */
extern unsigned int toy_event_sock_group;

static inline void toy_event_sock(struct toy_net *tn, enum toy_event what,
				  const struct sock *sk)
{
	if (unlikely(netlink_has_listeners(tn->net->genl_sock,
					   toy_event_sock_group)))
		toy_event(tn, what, sk);
}

int toy_event_register(struct notifier_block *nb);
void toy_event_unregister(struct notifier_block *nb);

#endif /* _TOY_EVENT_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What changes is told to the multicast groups of the namespace: sockets to
 * "sockets", because they come and go by the thousand, all else to "monitor".
 *
 * A row per event: the command of the message and the function that writes the
 * object's attributes, the one that dumps use. Events come in any context, a
 * neighbour's perhaps with its lock held, so messages are built without
 * sleeping and without the stack's locks. A message that cannot be built is a
 * gap in the reader's stream: its next read says ENOBUFS.
 */
#include "genl.h"
#include "../event.h"

struct toy_notice {
	u8 cmd;
	u8 group;
	toy_fill_t fill;
};

static const struct toy_notice toy_notices[] = {
#define ROW(cmd, object)	{ cmd, TOY_GROUP_MONITOR, toy_genl_##object##_fill }
	[TOY_EV_DEV_SET]    = ROW(TOY_CMD_DEV_GET, dev),
	[TOY_EV_DEV_GONE]   = ROW(TOY_CMD_DEV_DETACH, dev),
	[TOY_EV_ADDR_SET]   = ROW(TOY_CMD_ADDR_GET, addr),
	[TOY_EV_ADDR_GONE]  = ROW(TOY_CMD_ADDR_DEL, addr),
	[TOY_EV_ROUTE_SET]  = ROW(TOY_CMD_ROUTE_GET, route),
	[TOY_EV_ROUTE_GONE] = ROW(TOY_CMD_ROUTE_DEL, route),
	[TOY_EV_NEIGH_SET]  = ROW(TOY_CMD_NEIGH_GET, neigh),
	[TOY_EV_NEIGH_GONE] = ROW(TOY_CMD_NEIGH_DEL, neigh),
#undef ROW
	[TOY_EV_SOCK_STATE] = { TOY_CMD_SOCK_GET, TOY_GROUP_SOCKETS,
				toy_genl_sock_event_fill },
	[TOY_EV_SOCK_GONE]  = { TOY_CMD_SOCK_KILL, TOY_GROUP_SOCKETS,
				toy_genl_sock_event_fill },
};

/* Enough for the attributes of any of these objects. */
#define TOY_NOTICE_SIZE	1024

static void toy_notify_send(struct net *net, const struct toy_notice *notice,
			    const void *object)
{
	struct sk_buff *skb = genlmsg_new(TOY_NOTICE_SIZE, GFP_ATOMIC);
	int err = -ENOBUFS;

	if (!skb)
		goto lost;
	err = toy_genl_put(skb, 0, 0, notice->cmd, notice->fill, object);
	if (err) {
		nlmsg_free(skb);
		goto lost;
	}
	/* Tells readers about lost messages by itself. */
	genlmsg_multicast_netns(&toy_genl_family, net, skb, 0, notice->group,
				GFP_ATOMIC);
	return;

lost:
	genl_set_err(&toy_genl_family, net, 0, notice->group, err);
}

static int toy_notify_event(struct notifier_block *nb, unsigned long what,
			    void *data)
{
	const struct toy_event_info *info = data;
	struct net *net = info->tn->net;

	if (what < ARRAY_SIZE(toy_notices) &&
	    genl_has_listeners(&toy_genl_family, net, toy_notices[what].group))
		toy_notify_send(net, &toy_notices[what], info->object);
	return NOTIFY_DONE;
}

static struct notifier_block toy_notify_nb = {
	.notifier_call = toy_notify_event,
};

/**
 * toy_notify_init() - start to tell; the family is registered
 *
 * Return: 0 or a negative errno.
 */
int toy_notify_init(void)
{
	toy_event_sock_group = toy_genl_family.mcgrp_offset + TOY_GROUP_SOCKETS;
	return toy_event_register(&toy_notify_nb);
}

/**
 * toy_notify_exit() - stop to tell; waits for messages under way
 */
void toy_notify_exit(void)
{
	toy_event_unregister(&toy_notify_nb);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What changes is told to the multicast group "monitor" of the namespace.
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
	toy_fill_t fill;
};

static const struct toy_notice toy_notices[] = {
	[TOY_EV_DEV_SET]    = { TOY_CMD_DEV_GET,	toy_genl_dev_fill },
	[TOY_EV_DEV_GONE]   = { TOY_CMD_DEV_DETACH,	toy_genl_dev_fill },
	[TOY_EV_ADDR_SET]   = { TOY_CMD_ADDR_GET,	toy_genl_addr_fill },
	[TOY_EV_ADDR_GONE]  = { TOY_CMD_ADDR_DEL,	toy_genl_addr_fill },
	[TOY_EV_ROUTE_SET]  = { TOY_CMD_ROUTE_GET,	toy_genl_route_fill },
	[TOY_EV_ROUTE_GONE] = { TOY_CMD_ROUTE_DEL,	toy_genl_route_fill },
	[TOY_EV_NEIGH_SET]  = { TOY_CMD_NEIGH_GET,	toy_genl_neigh_fill },
	[TOY_EV_NEIGH_GONE] = { TOY_CMD_NEIGH_DEL,	toy_genl_neigh_fill },
};

/* Enough for the attributes of any of these objects. */
#define TOY_NOTICE_SIZE	512

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
	genlmsg_multicast_netns(&toy_genl_family, net, skb, 0, 0, GFP_ATOMIC);
	return;

lost:
	genl_set_err(&toy_genl_family, net, 0, 0, err);
}

static int toy_notify_event(struct notifier_block *nb, unsigned long what,
			    void *data)
{
	const struct toy_event_info *info = data;
	struct net *net = info->tn->net;

	if (what < ARRAY_SIZE(toy_notices) &&
	    genl_has_listeners(&toy_genl_family, net, 0))
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
	return toy_event_register(&toy_notify_nb);
}

/**
 * toy_notify_exit() - stop to tell; waits for messages under way
 */
void toy_notify_exit(void)
{
	toy_event_unregister(&toy_notify_nb);
}

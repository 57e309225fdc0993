// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family "toy": one row a command.
 *
 * Who may: reading is everybody's, as with ip(8) and ss(8). Changing needs
 * CAP_NET_ADMIN in the user namespace that owns the network namespace
 * (GENL_UNS_ADMIN_PERM), so that a container's root configures its own.
 *
 * What may be said: each command has the policy of its object. All attributes
 * are validated strictly: unknown ones, wrong lengths and numbers out of range
 * are refused by the core, which names the attribute in its answer.
 *
 * The core serialises requests (no parallel_ops); changes take RTNL besides,
 * because devices, addresses and routes change with the net devices.
 */
#include <linux/module.h>

#include "ctl.h"
#include "genl.h"

/* Refuses every attribute: no type is set. */
static const struct nla_policy toy_none_policy[2];

#define POLICY(object, OBJECT) \
	.policy = toy_##object##_policy, .maxattr = TOY_##OBJECT##_A_MAX
#define NO_ATTRIBUTES	.policy = toy_none_policy, .maxattr = 1
#define ADMIN		.flags = GENL_UNS_ADMIN_PERM

static const struct genl_ops toy_genl_ops[] = {
	{ .cmd = TOY_CMD_DEV_ATTACH, ADMIN, POLICY(dev, DEV),
	  .doit = toy_genl_dev_attach },
	{ .cmd = TOY_CMD_DEV_DETACH, ADMIN, POLICY(dev, DEV),
	  .doit = toy_genl_dev_detach },
	{ .cmd = TOY_CMD_DEV_GET, POLICY(dev, DEV),
	  .dumpit = toy_genl_dev_dump },

	{ .cmd = TOY_CMD_ADDR_ADD, ADMIN, POLICY(addr, ADDR),
	  .doit = toy_genl_addr_add },
	{ .cmd = TOY_CMD_ADDR_DEL, ADMIN, POLICY(addr, ADDR),
	  .doit = toy_genl_addr_del },
	{ .cmd = TOY_CMD_ADDR_GET, POLICY(addr, ADDR),
	  .dumpit = toy_genl_addr_dump },

	{ .cmd = TOY_CMD_ROUTE_ADD, ADMIN, POLICY(route, ROUTE),
	  .doit = toy_genl_route_add },
	{ .cmd = TOY_CMD_ROUTE_DEL, ADMIN, POLICY(route, ROUTE),
	  .doit = toy_genl_route_del },
	{ .cmd = TOY_CMD_ROUTE_GET, POLICY(route, ROUTE),
	  .doit = toy_genl_route_get, .dumpit = toy_genl_route_dump },

	{ .cmd = TOY_CMD_NEIGH_ADD, ADMIN, POLICY(neigh, NEIGH),
	  .doit = toy_genl_neigh_add },
	{ .cmd = TOY_CMD_NEIGH_DEL, ADMIN, POLICY(neigh, NEIGH),
	  .doit = toy_genl_neigh_del },
	{ .cmd = TOY_CMD_NEIGH_FLUSH, ADMIN, POLICY(neigh, NEIGH),
	  .doit = toy_genl_neigh_flush },
	{ .cmd = TOY_CMD_NEIGH_GET, POLICY(neigh, NEIGH),
	  .start = toy_genl_neigh_start, .dumpit = toy_genl_neigh_dump,
	  .done = toy_genl_neigh_done },

	{ .cmd = TOY_CMD_MADDR_GET, POLICY(maddr, MADDR),
	  .dumpit = toy_genl_maddr_dump },

	{ .cmd = TOY_CMD_SOCK_GET, POLICY(sock, SOCK),
	  .start = toy_genl_sock_start, .dumpit = toy_genl_sock_dump,
	  .done = toy_genl_sock_done },
	{ .cmd = TOY_CMD_SOCK_KILL, ADMIN, POLICY(sock, SOCK),
	  .doit = toy_genl_sock_kill },

	{ .cmd = TOY_CMD_ROUTE_FLUSH, ADMIN, NO_ATTRIBUTES,
	  .doit = toy_genl_route_flush },

	{ .cmd = TOY_CMD_STAT_GET, NO_ATTRIBUTES,
	  .dumpit = toy_genl_stat_dump },
	{ .cmd = TOY_CMD_NAPI_GET, NO_ATTRIBUTES,
	  .dumpit = toy_genl_napi_dump },
	{ .cmd = TOY_CMD_RA_GET, POLICY(ra, RA),
	  .dumpit = toy_genl_ra_dump },
};

static const struct genl_multicast_group toy_genl_groups[] = {
	[TOY_GROUP_MONITOR] = { .name = TOY_GENL_MCGRP },
	[TOY_GROUP_SOCKETS] = { .name = TOY_GENL_MCGRP_SOCKETS },
};

struct genl_family toy_genl_family __ro_after_init = {
	.name = TOY_GENL_NAME,
	.version = TOY_GENL_VERSION,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = toy_genl_ops,
	.n_ops = ARRAY_SIZE(toy_genl_ops),
	.mcgrps = toy_genl_groups,
	.n_mcgrps = ARRAY_SIZE(toy_genl_groups),
	/* From this command on the core refuses NLM_F_REPLACE and its kin,
	 * which ROUTE_ADD and others understand as rtnetlink does.
	 */
	.resv_start_op = __TOY_CMD_MAX,
};

/* ---- messages -------------------------------------------------------- */

static int toy_genl_message(struct sk_buff *skb, u32 portid, u32 seq, int flags,
			    u8 cmd, struct netlink_callback *cb,
			    toy_fill_t fill, const void *object)
{
	void *hdr = genlmsg_put(skb, portid, seq, &toy_genl_family, flags, cmd);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	if (cb)
		genl_dump_check_consistent(cb, hdr);
	err = fill(skb, object);
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * toy_genl_put() - write one message: an answer or a notification
 * @skb: message buffer, borrowed
 * @portid: who asked, or 0
 * @seq: number of the request, or 0
 * @cmd: TOY_CMD_*
 * @fill: writes the attributes
 * @object: of which
 *
 * Return: 0, or -EMSGSIZE with @skb as it was.
 */
int toy_genl_put(struct sk_buff *skb, u32 portid, u32 seq, u8 cmd,
		 toy_fill_t fill, const void *object)
{
	return toy_genl_message(skb, portid, seq, 0, cmd, NULL, fill, object);
}

/**
 * toy_genl_put_dump() - write one message of a dump
 * @skb: message buffer, borrowed
 * @cb: the dump; cb->seq is the generation of what is shown, a change of which
 *	tells the reader that the dump is torn; 0 where that is not known
 * @cmd: TOY_CMD_*
 * @fill: writes the attributes
 * @object: of which
 *
 * Return: 0, or -EMSGSIZE with @skb as it was: the object goes into the next
 * message buffer.
 */
int toy_genl_put_dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		      toy_fill_t fill, const void *object)
{
	return toy_genl_message(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, NLM_F_MULTI, cmd, cb, fill,
				object);
}

/**
 * toy_genl_dump_end() - what a dump function returns
 * @skb: message buffer
 * @err: 0 when all was shown, -EMSGSIZE when the buffer is full, or an error
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_dump_end(const struct sk_buff *skb, int err)
{
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

/**
 * toy_genl_dev() - the attached device that a request names
 * @info: the request
 * @attr: attribute with its index
 *
 * Context: RTNL.
 * Return: the device, borrowed from RTNL, or ERR_PTR(-EINVAL)
 * or ERR_PTR(-ENODEV), explained in the answer.
 */
struct toy_dev *toy_genl_dev(struct genl_info *info, int attr)
{
	struct toy_dev *dev;
	int ifindex;

	if (toy_genl_missing(info, attr, "device index is missing"))
		return ERR_PTR(-EINVAL);
	ifindex = nla_get_u32(info->attrs[attr]);
	dev = toy_dev_find(toy_genl_net(info), ifindex);
	if (dev)
		return dev;
	if (__dev_get_by_index(genl_info_net(info), ifindex))
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
				    "device is not attached to AF_TOY");
	else
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
				    "no such device");
	return ERR_PTR(-ENODEV);
}

/* ---- load and unload ------------------------------------------------- */

/**
 * toy_genl_init() - start to take requests and to send notifications
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int toy_genl_init(void)
{
	int err = genl_register_family(&toy_genl_family);

	if (err)
		return err;
	err = toy_notify_init();
	if (err)
		genl_unregister_family(&toy_genl_family);
	return err;
}

/**
 * toy_genl_exit() - the mirror of toy_genl_init()
 *
 * Context: process. Waits for requests that are under way.
 */
void toy_genl_exit(void)
{
	toy_notify_exit();
	genl_unregister_family(&toy_genl_family);
}

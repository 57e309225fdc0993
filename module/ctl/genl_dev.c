// SPDX-License-Identifier: GPL-2.0-only
/* Generic netlink: devices. */
#include <linux/rtnetlink.h>

#include "genl.h"

const struct nla_policy toy_dev_policy[TOY_DEV_A_MAX + 1] = {
	[TOY_DEV_A_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
	[TOY_DEV_A_NAME]	= { .type = NLA_NUL_STRING,
				    .len = IFNAMSIZ - 1 },
	/* TOY_HOOK_LOOPBACK is made by the namespace, not by request. */
	[TOY_DEV_A_HOOK]	= NLA_POLICY_MAX(NLA_U32, TOY_HOOK_EXCLUSIVE),
};

/* The net device by index or by name. RTNL. */
static struct net_device *toy_genl_netdev(struct genl_info *info)
{
	struct nlattr *index = info->attrs[TOY_DEV_A_IFINDEX];
	struct nlattr *name = info->attrs[TOY_DEV_A_NAME];
	struct net *net = genl_info_net(info);
	struct net_device *dev;

	if (!name &&
	    toy_genl_missing(info, TOY_DEV_A_IFINDEX, "device is missing"))
		return ERR_PTR(-EINVAL);
	if (index)
		dev = __dev_get_by_index(net, nla_get_u32(index));
	else
		dev = __dev_get_by_name(net, nla_data(name));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, index ?: name,
				    "no such device");
		return ERR_PTR(-ENODEV);
	}
	if (index && name && strcmp(dev->name, nla_data(name))) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "index and name are two devices");
		return ERR_PTR(-EINVAL);
	}
	return dev;
}

/**
 * toy_genl_dev_attach() - TOY_CMD_DEV_ATTACH
 * @skb: request
 * @info: its attributes: IFINDEX or NAME; HOOK
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_dev_attach(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *hook = info->attrs[TOY_DEV_A_HOOK];
	struct net_device *dev;
	int err;

	rtnl_lock();
	dev = toy_genl_netdev(info);
	err = PTR_ERR_OR_ZERO(dev);
	if (!err)
		err = toy_dev_attach(dev, hook ? nla_get_u32(hook) :
					  TOY_HOOK_SHARED, info->extack);
	rtnl_unlock();
	return err;
}

/**
 * toy_genl_dev_detach() - TOY_CMD_DEV_DETACH
 * @skb: request
 * @info: its attributes: IFINDEX or NAME
 *
 * Return: 0 or a negative errno.
 */
int toy_genl_dev_detach(struct sk_buff *skb, struct genl_info *info)
{
	struct net_device *dev;
	int err;

	rtnl_lock();
	dev = toy_genl_netdev(info);
	err = PTR_ERR_OR_ZERO(dev);
	if (!err)
		err = toy_dev_detach(dev, info->extack);
	rtnl_unlock();
	return err;
}

static int toy_genl_netdev_fill(struct sk_buff *skb,
				const struct net_device *dev)
{
	return nla_put_u32(skb, TOY_DEV_A_MTU, READ_ONCE(dev->mtu)) ?:
	       nla_put_u16(skb, TOY_DEV_A_TYPE, dev->type) ?:
	       nla_put_u32(skb, TOY_DEV_A_FLAGS, dev_get_flags(dev)) ?:
	       (dev->addr_len ? nla_put(skb, TOY_DEV_A_LLADDR, dev->addr_len,
					dev->dev_addr) : 0);
}

/**
 * toy_genl_dev_fill() - attributes of a device
 * @skb: message buffer, borrowed
 * @object: struct toy_dev; of one that has lost its net device, as much as is
 *	known
 *
 * Return: 0 or -EMSGSIZE.
 */
int toy_genl_dev_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_dev *d = object;
	const struct net_device *dev;
	int err;

	err = nla_put_u32(skb, TOY_DEV_A_IFINDEX, d->ifindex) ?:
	      nla_put_string(skb, TOY_DEV_A_NAME, d->name) ?:
	      nla_put_u32(skb, TOY_DEV_A_HOOK, d->hook);
	if (err)
		return err;
	rcu_read_lock();
	dev = rcu_dereference(d->dev);
	if (dev)
		err = toy_genl_netdev_fill(skb, dev);
	rcu_read_unlock();
	return err;
}

/**
 * toy_genl_dev_dump() - TOY_CMD_DEV_GET
 * @skb: message buffer
 * @cb: the dump; IFINDEX limits it to one device
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_dev_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	int ifindex = toy_genl_dump_ifindex(cb, TOY_DEV_A_IFINDEX);
	struct toy_net *tn = toy_genl_dump_net(cb);
	struct toy_dev *d;
	long index = 0;
	int err = 0;

	rcu_read_lock();
	cb->seq = toy_path_gen(tn);
	list_for_each_entry_rcu(d, &tn->devs, list) {
		if (index++ < cb->args[0])
			continue;
		if (ifindex && d->ifindex != ifindex)
			continue;
		err = toy_genl_put_dump(skb, cb, TOY_CMD_DEV_GET,
					toy_genl_dev_fill, d);
		if (err) {
			index--;
			break;
		}
	}
	rcu_read_unlock();
	cb->args[0] = index;
	return toy_genl_dump_end(skb, err);
}

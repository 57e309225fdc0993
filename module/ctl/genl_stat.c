// SPDX-License-Identifier: GPL-2.0-only
/* Generic netlink: counters, and receive queues (one per device and CPU). */
#include "ctl.h"
#include "genl.h"

struct toy_stat_show {
	const struct toy_net *tn;
	unsigned int which;
};

static int toy_genl_stat_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_stat_show *show = object;

	return nla_put_string(skb, TOY_STAT_A_NAME,
			      toy_stat_name(show->which)) ?:
	       nla_put_u64_64bit(skb, TOY_STAT_A_VALUE,
				 toy_stat_sum(show->tn, show->which),
				 TOY_STAT_A_PAD) ?:
	       nla_put_string(skb, TOY_STAT_A_HELP,
			      toy_stat_help(show->which));
}

/**
 * toy_genl_stat_dump() - TOY_CMD_STAT_GET
 * @skb: message buffer
 * @cb: the dump
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_stat_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_stat_show show = {
		.tn = toy_genl_dump_net(cb),
		.which = cb->args[0],
	};
	int err = 0;

	for (; show.which < TOY_MIB_MAX; show.which++) {
		err = toy_genl_put_dump(skb, cb, TOY_CMD_STAT_GET,
					toy_genl_stat_fill, &show);
		if (err)
			break;
	}
	cb->args[0] = show.which;
	return toy_genl_dump_end(skb, err);
}

struct toy_napi_show {
	const struct toy_dev *dev;
	int cpu;
};

static int toy_genl_napi_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_napi_show *show = object;
	const struct toy_rxq *q = per_cpu_ptr(show->dev->rxq, show->cpu);

	return nla_put_u32(skb, TOY_NAPI_A_IFINDEX, show->dev->ifindex) ?:
	       nla_put_u32(skb, TOY_NAPI_A_CPU, show->cpu) ?:
	       nla_put_u64_64bit(skb, TOY_NAPI_A_PROCESSED,
				 READ_ONCE(q->processed), TOY_NAPI_A_PAD) ?:
	       nla_put_u64_64bit(skb, TOY_NAPI_A_DROPPED,
				 READ_ONCE(q->dropped), TOY_NAPI_A_PAD) ?:
	       nla_put_u64_64bit(skb, TOY_NAPI_A_TIME_SQUEEZE,
				 READ_ONCE(q->time_squeeze), TOY_NAPI_A_PAD) ?:
	       nla_put_u32(skb, TOY_NAPI_A_QLEN, toy_rxq_len(q)) ?:
	       nla_put_u64_64bit(skb, TOY_NAPI_A_POLLS, READ_ONCE(q->polls),
				 TOY_NAPI_A_PAD);
}

/* From CPU *cpu on; leaves there the one that did not fit. */
static int toy_genl_napi_dev(struct sk_buff *skb, struct netlink_callback *cb,
			     const struct toy_dev *dev, long *cpu)
{
	struct toy_napi_show show = { .dev = dev };
	int err;

	for_each_possible_cpu(show.cpu) {
		if (show.cpu < *cpu)
			continue;
		err = toy_genl_put_dump(skb, cb, TOY_CMD_NAPI_GET,
					toy_genl_napi_fill, &show);
		if (err) {
			*cpu = show.cpu;
			return err;
		}
	}
	*cpu = 0;
	return 0;
}

/**
 * toy_genl_napi_dump() - TOY_CMD_NAPI_GET
 * @skb: message buffer
 * @cb: the dump
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_napi_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_net *tn = toy_genl_dump_net(cb);
	const struct toy_dev *dev;
	long index = 0;
	int err = 0;

	rcu_read_lock();
	cb->seq = toy_path_gen(tn);
	list_for_each_entry_rcu(dev, &tn->devs, list) {
		if (index >= cb->args[0]) {
			err = toy_genl_napi_dev(skb, cb, dev, &cb->args[1]);
			if (err)
				break;
		}
		index++;
	}
	rcu_read_unlock();
	cb->args[0] = index;
	return toy_genl_dump_end(skb, err);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic inside AF_TOY: to 127/8 and to the namespace's own addresses.
 *
 *	sender --> toy_loop_xmit() --> this CPU's queue of tn->lo --> layer 3
 *
 * Never by a direct call: the sender holds its socket lock, and two sockets
 * that answer each other would recurse without bound (rxq.c).
 *
 * tn->lo is an ordinary struct toy_dev without hooks. A packet needs a
 * skb->dev, which tells filters and taps the namespace: that is the
 * namespace's loopback device, although the packet never passes through it.
 * AF_INET neither sees such packets nor can stop them by setting lo down. Who
 * wants to see them makes a device for that, which they then pass (toylo.c).
 *
 * tn->lo holds no reference to the loopback device: it could delay the end of
 * the namespace, and it is not needed. Our pernet ops are a subsystem's, so in
 * a new namespace they run before the loopback device is made, and in a dying
 * one after it has gone. The netdev notifier says when: REGISTER fills
 * tn->lo->dev in, UNREGISTER clears it, waits and empties the queues, as for
 * any other device. In between, RCU readers find it valid; outside, sending
 * fails by name (DEV_GONE), but no socket exists then.
 */
#include <linux/errqueue.h>
#include <linux/rtnetlink.h>

#include "internal.h"
#include "../ctl/trace.h"

/* Undo what only means something on the way out. */
static void toy_loop_turn(struct sk_buff *skb, struct net_device *ndev)
{
	skb->dev = ndev;
	/* Both moments of a departure: no queue lies in between. */
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_SCHED_TSTAMP))
		__skb_tstamp_tx(skb, NULL, NULL, skb->sk, SCM_TSTAMP_SCHED);
	skb_tx_timestamp(skb);
	/* A departure time would be taken for the time of arrival. That is now. */
	skb_set_delivery_time(skb, 0, 0);
	if (static_branch_unlikely(&netstamp_needed_key))
		__net_timestamp(skb);
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	if (skb->pkt_type != PACKET_BROADCAST &&
	    skb->pkt_type != PACKET_MULTICAST) {
		skb->pkt_type = PACKET_HOST;
		if (!skb->skb_iif)
			skb->skb_iif = ndev->ifindex;
	}
}

/* Into this CPU's queue. Bottom halves off, RCU. Consumes @skb. */
static int toy_loop_queue(struct toy_net *tn, struct sk_buff *skb)
{
	struct net_device *ndev = rcu_dereference(tn->lo->dev);

	if (unlikely(!ndev)) {
		toy_drop_skb(tn, skb, TOY_DROP_DEV_GONE);
		return -ENODEV;
	}
	toy_loop_turn(skb, ndev);
	trace_toy_tx(ndev, skb);
	return toy_dev_enqueue(tn->lo, skb);
}

/**
 * toy_loop_xmit() - send a packet to this stack itself
 * @tn: network namespace
 * @skb: packet, consumed: data at the network header, skb->protocol set;
 *	PACKET_BROADCAST and PACKET_MULTICAST in skb->pkt_type are kept;
 *	skb->skb_iif is the device by which it seems to come in, 0 for loopback
 *
 * The receiver sees skb->dev as the namespace's loopback device, valid under
 * the poll's RCU section only.
 *
 * Context: process or softirq; sockets may be locked.
 * Return: 0, -ENOBUFS (queue full), -ENOMEM, -ENODEV (namespace goes), or
 * what toylo_send() says.
 */
int toy_loop_xmit(struct toy_net *tn, struct sk_buff *skb)
{
	struct net_device *toylo;
	int err;

	/* Zero-copy data would change under the reader. */
	if (unlikely(skb_orphan_frags_rx(skb, GFP_ATOMIC))) {
		toy_drop_skb(tn, skb, TOY_DROP_NOMEM);
		return -ENOMEM;
	}

	/* The queue is this CPU's; turning bottom halves on again polls it. */
	local_bh_disable();
	rcu_read_lock();
	toylo = rcu_dereference(tn->toylo);
	err = unlikely(toylo) ? toylo_send(tn, toylo, skb) :
				toy_loop_queue(tn, skb);
	rcu_read_unlock();
	local_bh_enable();
	return err;
}

/**
 * toy_loop_netdev_event() - something happens to a loopback device
 * @tn: its network namespace
 * @ndev: the device
 * @event: NETDEV_*
 *
 * Context: process, RTNL; the netdev notifier.
 */
void toy_loop_netdev_event(struct toy_net *tn, struct net_device *ndev,
			   unsigned long event)
{
	struct toy_dev *lo = tn->lo;

	if (ndev->ifindex != lo->ifindex)
		return;
	if (event == NETDEV_REGISTER && !lo->stopped) {
		rcu_assign_pointer(lo->dev, ndev);
	} else if (event == NETDEV_UNREGISTER && rtnl_dereference(lo->dev)) {
		RCU_INIT_POINTER(lo->dev, NULL);
		synchronize_net();
		toy_rxq_stop(lo);
	}
}

/**
 * toy_loop_net_init() - make a namespace's tn->lo
 * @tn: network namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int toy_loop_net_init(struct toy_net *tn)
{
	struct toy_dev *lo;

	rtnl_lock();
	lo = toy_dev_alloc(tn, LOOPBACK_IFINDEX, TOY_HOOK_LOOPBACK);
	if (lo) {
		strscpy(lo->name, "lo", sizeof(lo->name));
		lo->mtu = TOY_LOOP_MTU;
		tn->lo = lo;
		list_add_tail_rcu(&lo->list, &tn->devs);
	}
	rtnl_unlock();
	return lo ? 0 : -ENOMEM;
}

/**
 * toy_loop_net_exit() - let tn->lo go
 * @tn: network namespace, where nobody sends any more
 *
 * Context: process.
 */
void toy_loop_net_exit(struct toy_net *tn)
{
	struct toy_dev *lo = tn->lo;

	rtnl_lock();
	list_del_rcu(&lo->list);
	toy_rxq_stop(lo);	/* a load that failed had no notifier yet */
	rtnl_unlock();
	tn->lo = NULL;
	toy_dev_put(lo);
}

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_NAPI_DEV_H
#define _TOY_NAPI_DEV_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/refcount.h>

#include "../toy.h"

struct netlink_ext_ack;
struct toy_mcast;

/* Rows of the table of network-layer protocols, one packet_type each. */
enum toy_l3 { TOY_L3_IPV4, TOY_L3_ARP, TOY_L3_IPV6, TOY_L3_MAX };

/**
 * struct toy_rxq - receive queue of one device on one CPU
 * @napi: polls this queue on this CPU
 * @queue: packets that have come since the last splice. Its own lock guards it
 *	against CPU hotplug; else uncontended
 * @process: packets that a poll has taken over, belongs to whoever has @napi
 *	scheduled. Both lists together hold at most net.toy.max_backlog
 * @dev: the device, for the poll function
 * @busy: a packet is being received right on this CPU, without the queue
 * @processed: packets polled
 * @dropped: packets refused because the queue was full
 * @time_squeeze: polls that ended with work left
 * @polls: polls in all
 * @good: what proto/ remembers of the packets that it has checked
 *
 * The statistics are written by the owning CPU only and read by anyone.
 */
struct toy_rxq {
	struct napi_struct napi;
	struct sk_buff_head queue;
	struct sk_buff_head process;
	struct toy_dev *dev;
	bool busy;
	unsigned long processed;
	unsigned long dropped;
	unsigned long time_squeeze;
	unsigned long polls;
	struct toy_good_ends {
		__be32 saddr;
		__be32 daddr;
		u32 gen;	/* toy_path_gen() that it was true for */
	} good;
};

/* Packets that wait. Any context; the answer is old when it is given. */
static inline unsigned int toy_rxq_len(const struct toy_rxq *rxq)
{
	return skb_queue_len_lockless(&rxq->queue) +
	       skb_queue_len_lockless(&rxq->process);
}

/**
 * struct toy_nd_link - what IPv6 routers say about a link (RFC 4861 6.3.2)
 * @reachable: ReachableTime in jiffies, randomised; 0: net.toy's
 * @reachable_ms: what that was made from
 * @retrans_ms: RetransTimer; 0: net.toy's
 * @mtu: bound of IPv6's MTU; 0: the device's
 * @hop_limit: of what is sent; 0: net.toy's
 * @rs_sent: solicitations since the device came up; RTNL
 * @rs_interval: jiffies before the next one; RTNL
 * @rs_due: jiffies; RTNL
 * @rs_armed: there is a next one; RTNL
 *
 * Written under RTNL by proto/ra.c; READ_ONCE() elsewhere.
 */
struct toy_nd_link {
	unsigned long reachable;
	u32 reachable_ms;
	u32 retrans_ms;
	u32 mtu;
	u8 hop_limit;
	u8 rs_sent;
	bool rs_armed;
	unsigned long rs_interval;
	unsigned long rs_due;
};

/**
 * struct toy_dev - a net device that AF_TOY is attached to
 * @dev: net device; NULL when it has gone
 * @tn: network namespace
 * @ifindex: index of the net device
 * @name: its name, also when it has gone
 * @mtu: follows the net device; READ_ONCE()
 * @hook: enum toy_hook
 * @has_lladdr: neighbours have to be resolved: Ethernet; READ_ONCE()
 * @stopped: the NAPI instances have ended; RTNL
 * @acd_conflicts: proto/acd.c; RTNL
 * @nd: proto/ra.c
 * @refcnt: toy_dev_hold(), toy_dev_put()
 * @rxq: queues, one per possible CPU
 * @mcast: proto/mcast.c: groups; RTNL writes, RCU reads
 * @list: toy_net.devs
 * @pt: packet types of the shared hook
 * @tracker: of the reference to @dev
 * @rcu: to be freed
 *
 * Lifetime: made by toy_dev_attach(), unhooked by toy_dev_detach() (by
 * request, or because the device or its namespace goes), freed after a grace
 * period when the last of cached paths, neighbours, addresses and packets has
 * let go. A toy_dev may outlive its net_device: @dev is then NULL, so read it
 * under rcu_read_lock() and look. A reference never delays the unregistration
 * of the net_device.
 *
 * Locking: attach, detach and all that changes is under RTNL.
 *
 * toy_net.lo is one too, with TOY_HOOK_LOOPBACK: it has queues but no hook,
 * and is up for as long as its network namespace has a loopback device. What is
 * sent to it may pass a net device of ours on the way (toylo.c).
 */
struct toy_dev {
	struct net_device __rcu *dev;
	struct toy_net *tn;
	int ifindex;
	char name[IFNAMSIZ];
	u32 mtu;
	u8 hook;
	bool has_lladdr;
	bool stopped;
	u8 acd_conflicts;
	struct toy_nd_link nd;
	refcount_t refcnt;
	struct toy_rxq __percpu *rxq;
	struct toy_mcast __rcu *mcast;
	struct list_head list;
	struct packet_type pt[TOY_L3_MAX];
	netdevice_tracker tracker;
	struct rcu_head rcu;
};

/* What happens to devices, for the tables above. All under RTNL, in process
 * context; the data argument is the struct toy_dev. Nothing is told about
 * toy_net.lo. The path generation moves on before and after the event.
 */
enum toy_dev_event {
	TOY_DEV_ATTACHED,	/* up or down: look; no TOY_DEV_UP follows */
	TOY_DEV_UP,
	TOY_DEV_DOWN,
	TOY_DEV_MTU,
	TOY_DEV_LLADDR,		/* another address, or has_lladdr */
	TOY_DEV_NAME,
	TOY_DEV_DETACHED,	/* dev->dev is NULL, no packet is in flight */
};

int toy_dev_notifier_register(struct notifier_block *nb);
void toy_dev_notifier_unregister(struct notifier_block *nb);

int toy_dev_attach(struct net_device *dev, enum toy_hook hook,
		   struct netlink_ext_ack *extack);
int toy_dev_detach(struct net_device *dev, struct netlink_ext_ack *extack);
struct toy_dev *toy_dev_find(struct toy_net *tn, int ifindex);
void toy_dev_free(struct toy_dev *dev);

static inline void toy_dev_hold(struct toy_dev *dev)
{
	refcount_inc(&dev->refcnt);
}

static inline void toy_dev_put(struct toy_dev *dev)
{
	if (dev && refcount_dec_and_test(&dev->refcnt))
		toy_dev_free(dev);
}

/* ---- the way in -------------------------------------------------------- */

static inline bool toy_rx_looped(const struct toy_dev *dev)
{
	return dev->hook == TOY_HOOK_LOOPBACK;
}

/* A network-layer protocol. Consumes @skb when it returns TOY_RX_OK. Called
 * in softirq under rcu_read_lock(), with skb->data at the network header,
 * an unshared skb (its head may be cloned), pkt->tn, pkt->dev and
 * TOY_PKT_LOOPED filled in, ifindex and flags of struct toy_skb_cb likewise.
 */
typedef enum toy_drop (*toy_l3_rcv_t)(struct toy_pkt *pkt, struct sk_buff *skb);

void toy_l3_register(enum toy_l3 row, toy_l3_rcv_t rcv);
void toy_l3_unregister(enum toy_l3 row);

void toy_dev_receive(struct toy_dev *dev, struct sk_buff *skb);
int toy_dev_enqueue(struct toy_dev *dev, struct sk_buff *skb);

/* ---- the way out ------------------------------------------------------- */

int toy_dev_xmit(struct toy_dev *dev, struct sk_buff *skb,
		 __be16 ethertype, const u8 *lladdr);
int toy_loop_xmit(struct toy_net *tn, struct sk_buff *skb);

int toy_loop_net_init(struct toy_net *tn);
void toy_loop_net_exit(struct toy_net *tn);
void toy_dev_net_exit(struct toy_net *tn);

int toy_napi_init(void);
void toy_napi_exit(void);
int toy_dev_init(void);
void toy_dev_exit(void);
int toylo_init(void);
void toylo_exit(void);

#endif /* _TOY_NAPI_DEV_H */

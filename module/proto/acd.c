// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address conflict detection: the driver around acd_state.c (RFC 5227).
 *
 *	toy_acd_start()	    toy_acd_conflict()	    the work
 *	toy_acd_announce()  softirq		    its timer, RTNL
 *	RTNL		         |		        |
 *	       '-----------------+----------------------'
 *	                         v
 *	       acd_state.c: next phase, TOY_ACD_* bits	    acd->lock held
 *	       collect(): timer, and what needs RTNL goes to the work
 *	   ----------------------+-------------------------------------------
 *	       speak(): probes and announcements	    no lock held
 *
 * Only the two upcalls into addr.c need RTNL, so a conflict is judged in
 * softirq and disturbs nobody: of a flood of them the state machine lets one
 * per ten seconds have an effect.
 *
 * toy_acd_stop() runs under RTNL, which the work takes: it cannot wait for
 * the work. So it marks the state as stopped, under the lock, and leaves; a
 * work that is under way sees the mark once it has RTNL. References: the
 * address, and the queued work.
 */
#include <linux/if_arp.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../event.h"
#include "acd.h"
#include "acd_state.h"
#include "arp.h"

/**
 * struct toy_acd - conflict detection of one address of ours
 * @lock: BH-safe; guards what follows up to @rival
 * @state: where we are
 * @stopped: the address lets go; nothing happens any more
 * @armed: the timer runs
 * @expires: till then
 * @pending: TOY_ACD_DONE or TOY_ACD_CONFLICT, for the work
 * @rival: link-layer address of who has our address
 * @addr: the address; valid under RTNL, and until @stopped
 * @dev: its device, referenced
 * @ip: the address
 * @refcnt: references
 * @work: the timer, and what needs RTNL
 * @rcu: it is freed after a grace period
 */
struct toy_acd {
	spinlock_t lock;	/* see above */
	struct toy_acd_state state;
	bool stopped;
	bool armed;
	unsigned long expires;
	unsigned int pending;
	u8 rival[MAX_ADDR_LEN];

	struct toy_addr *addr;
	struct toy_dev *dev;
	__be32 ip;
	refcount_t refcnt;
	struct delayed_work work;
	struct rcu_head rcu;
};

static struct workqueue_struct *acd_wq;

static void acd_put(struct toy_acd *acd)
{
	if (!refcount_dec_and_test(&acd->refcnt))
		return;
	toy_dev_put(acd->dev);
	kfree_rcu(acd, rcu);
}

/* Lock held, not stopped: the work runs at the time that is next. */
static void schedule_work_at(struct toy_acd *acd, unsigned long now)
{
	unsigned long delay = 0;

	if (!acd->pending && !acd->armed)
		return;
	if (!acd->pending && time_after(acd->expires, now))
		delay = acd->expires - now;
	if (!mod_delayed_work(acd_wq, &acd->work, delay))
		refcount_inc(&acd->refcnt);
}

/* Lock held: the state machine has spoken. */
static void collect(struct toy_acd *acd, unsigned int bits,
		    unsigned long expires, unsigned long now)
{
	if (bits & TOY_ACD_TIMER) {
		acd->armed = true;
		acd->expires = expires;
	}
	if (bits & TOY_ACD_CONFLICT)
		acd->armed = false;
	acd->pending |= bits & (TOY_ACD_DONE | TOY_ACD_CONFLICT);
	schedule_work_at(acd, now);
}

static void announce(struct toy_dev *dev, __be32 ip)
{
	toy_count(dev->tn, TOY_MIB_ARP_ANNOUNCES);
	toy_arp_send(dev, ARPOP_REQUEST, ip, ip, NULL, NULL);
}

/* No lock held. RFC 5227 2.1.1, 2.3: both are broadcast requests. */
static void speak(struct toy_dev *dev, __be32 ip, unsigned int bits)
{
	if (bits & TOY_ACD_SEND_PROBE) {
		toy_count(dev->tn, TOY_MIB_ARP_PROBES);
		toy_arp_send(dev, ARPOP_REQUEST, 0, ip, NULL, NULL);
	}
	if (bits & TOY_ACD_SEND_ANNOUNCE)
		announce(dev, ip);
}

/* RTNL. Tell addr.c how it ended. */
static void tell(struct toy_acd *acd, unsigned int result)
{
	/* RFC 5227 2.1.1: conflicts are counted per link, and success ends
	 * the count.
	 */
	if (result & TOY_ACD_CONFLICT) {
		if (acd->dev->acd_conflicts < TOY_ACD_MAX_CONFLICTS)
			acd->dev->acd_conflicts++;
		toy_addr_acd_conflict(acd->addr, acd->rival);
	} else if (result & TOY_ACD_DONE) {
		acd->dev->acd_conflicts = 0;
		toy_addr_acd_done(acd->addr);
	}
}

static void acd_work(struct work_struct *work)
{
	struct toy_acd *acd = container_of(to_delayed_work(work),
					   struct toy_acd, work);
	unsigned long now, expires = 0;
	unsigned int bits = 0, result;
	bool stopped;

	rtnl_lock();
	spin_lock_bh(&acd->lock);
	now = jiffies;
	stopped = acd->stopped;
	if (!stopped && acd->armed && !time_before(now, acd->expires)) {
		acd->armed = false;
		bits = toy_acd_state_timeout(&acd->state, now,
					     get_random_u32(), &expires);
	}
	result = acd->pending | (bits & TOY_ACD_DONE);
	acd->pending = 0;
	if (!stopped)
		collect(acd, bits & ~TOY_ACD_DONE, expires, now);
	spin_unlock_bh(&acd->lock);

	if (!stopped) {
		tell(acd, result);
		speak(acd->dev, acd->ip, bits);
	}
	rtnl_unlock();
	acd_put(acd);
}

static struct toy_acd *acd_new(struct toy_addr *a)
{
	struct toy_acd *acd = kzalloc(sizeof(*acd), GFP_KERNEL_ACCOUNT);

	if (!acd)
		return NULL;
	spin_lock_init(&acd->lock);
	INIT_DELAYED_WORK(&acd->work, acd_work);
	refcount_set(&acd->refcnt, 1);
	acd->addr = a;
	acd->dev = a->dev;
	toy_dev_hold(a->dev);
	acd->ip = toy_v4_of(&a->addr);
	return acd;
}

/**
 * toy_acd_start() - begin to probe for an address
 * @a: IPv4 address on a device that is up and has link-layer addresses
 * @mode: net.toy.acd: 0 announces and does no more, others probe
 *
 * Whether the address is in use meanwhile stands in its flags, TENTATIVE or
 * OPTIMISTIC. Ends with toy_addr_acd_done() or toy_addr_acd_conflict(), never
 * from inside this call. What ran before for this address is stopped.
 *
 * Context: RTNL, may sleep.
 * Return: 0 or -ENOMEM.
 */
int toy_acd_start(struct toy_addr *a, int mode)
{
	unsigned long now = jiffies, expires;
	struct toy_acd *acd;
	unsigned int bits;
	bool optimistic;

	ASSERT_RTNL();
	toy_acd_stop(a);
	if (!mode) {
		announce(a->dev, toy_v4_of(&a->addr));
		return 0;
	}

	acd = acd_new(a);
	if (!acd)
		return -ENOMEM;
	optimistic = !(a->flags & TOY_ADDR_F_TENTATIVE);
	spin_lock_bh(&acd->lock);
	bits = toy_acd_state_start(&acd->state, optimistic,
				   a->dev->acd_conflicts, now,
				   get_random_u32(), &expires);
	collect(acd, bits, expires, now);
	spin_unlock_bh(&acd->lock);

	/* Complete before softirq finds it. */
	smp_store_release(&a->acd, acd);
	speak(a->dev, acd->ip, bits);
	return 0;
}

/**
 * toy_acd_stop() - the address goes, or its device is down
 * @a: address; no upcall about it comes any more
 *
 * Context: RTNL.
 */
void toy_acd_stop(struct toy_addr *a)
{
	struct toy_acd *acd = a->acd;
	bool queued;

	ASSERT_RTNL();
	if (!acd)
		return;
	WRITE_ONCE(a->acd, NULL);
	spin_lock_bh(&acd->lock);
	acd->stopped = true;
	queued = cancel_delayed_work(&acd->work);
	spin_unlock_bh(&acd->lock);
	if (queued)
		acd_put(acd);
	acd_put(acd);
}

/**
 * toy_acd_announce() - the link has changed under an address that is in use
 * @a: IPv4 address on a device that is up and has link-layer addresses
 *
 * RFC 5227 2.3. An address that is still probed goes on with that.
 *
 * Context: RTNL.
 */
void toy_acd_announce(struct toy_addr *a)
{
	unsigned long now = jiffies, expires = 0;
	struct toy_acd *acd = a->acd;
	unsigned int bits;

	ASSERT_RTNL();
	if (!acd) {
		announce(a->dev, toy_v4_of(&a->addr));
		return;
	}
	spin_lock_bh(&acd->lock);
	bits = toy_acd_state_announce(&acd->state, now, &expires);
	collect(acd, bits, expires, now);
	spin_unlock_bh(&acd->lock);
	speak(acd->dev, acd->ip, bits);
}

/* RFC 5227 2.1.1: packets from another interface of this host do not count.
 * RCU.
 */
static bool is_our_lladdr(struct toy_net *tn, const u8 *lladdr)
{
	const struct net_device *ndev;
	struct toy_dev *dev;

	list_for_each_entry_rcu(dev, &tn->devs, list) {
		ndev = rcu_dereference(dev->dev);
		if (ndev && ndev->addr_len &&
		    !memcmp(ndev->dev_addr, lladdr, ndev->addr_len))
			return true;
	}
	return false;
}

/**
 * toy_acd_conflict() - another machine on the link wants an address of ours
 * @dev: device the ARP packet came in by
 * @addr: the address
 * @lladdr: sender's link-layer address, MAX_ADDR_LEN bytes readable
 * @probe: it is probing for it; else it claims to have it
 *
 * Context: softirq, RCU.
 */
void toy_acd_conflict(struct toy_dev *dev, __be32 addr, const u8 *lladdr,
		      bool probe)
{
	struct in6_addr mapped = toy_v4(addr);
	struct toy_addr *a = toy_addr_find(dev->tn, dev, &mapped);
	unsigned long now = jiffies;
	struct toy_acd *acd;
	unsigned int bits = 0;

	if (!a || is_our_lladdr(dev->tn, lladdr))
		return;
	if (!probe)
		toy_count(dev->tn, TOY_MIB_ARP_CONFLICTS);
	acd = READ_ONCE(a->acd);
	if (!acd)
		return;

	spin_lock_bh(&acd->lock);
	if (!acd->stopped)
		bits = toy_acd_state_conflict(&acd->state, probe, now);
	if (bits & TOY_ACD_CONFLICT)
		memcpy(acd->rival, lladdr, MAX_ADDR_LEN);
	if (bits)
		collect(acd, bits, 0, now);
	spin_unlock_bh(&acd->lock);

	speak(dev, addr, bits);
	if (bits & TOY_ACD_DEFENDED) {
		net_warn_ratelimited("af_toy: %s: %pM uses our address %pI4, which we keep\n",
				     dev->name, lladdr, &addr);
		toy_event(dev->tn, TOY_EV_ADDR_SET, a);
	}
}

/**
 * toy_acd_init() - get ready to probe
 *
 * Return: 0 or -ENOMEM.
 */
int toy_acd_init(void)
{
	/* One at a time: they all want RTNL. */
	acd_wq = alloc_workqueue("toy_acd", WQ_UNBOUND, 1);
	return acd_wq ? 0 : -ENOMEM;
}

/**
 * toy_acd_exit() - no device is attached and so no address probed any more
 *
 * Context: process, without RTNL. Waits for works that find they are stopped.
 */
void toy_acd_exit(void)
{
	destroy_workqueue(acd_wq);
}

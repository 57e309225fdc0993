// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address conflict detection: the driver around acd_state.c (RFC 5227, IPv4)
 * and dad_state.c (RFC 4862 5.4, IPv6). A row of acd_versions[] is what they
 * differ in: the state machine and the packets.
 *
 *	toy_acd_start()	    toy_acd_conflict()	    the work
 *	toy_acd_announce()  softirq		    its timer, RTNL
 *	RTNL		         |		        |
 *	       '-----------------+----------------------'
 *	                         v
 *	       *_state.c: next phase, TOY_ACD_* bits	    acd->lock held
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
#include "dad_state.h"
#include "nd.h"

struct toy_acd;

/* What an IP version does; of the first four, with acd->lock held. */
struct acd_version {
	unsigned int (*start)(struct toy_acd *acd, unsigned long now,
			      unsigned long *expires);
	unsigned int (*timeout)(struct toy_acd *acd, unsigned long now,
				unsigned long *expires);
	unsigned int (*conflict)(struct toy_acd *acd, bool probe,
				 unsigned long now);
	unsigned int (*announce)(struct toy_acd *acd, unsigned long now,
				 unsigned long *expires);
	/* No lock held. */
	void (*speak)(struct toy_dev *dev, const struct in6_addr *ip,
		      unsigned int bits, const u8 *nonce);
	enum toy_mib conflicts;
};

/**
 * struct toy_acd - conflict detection of one address of ours
 * @lock: BH-safe; guards what follows up to @nonce
 * @acd: where we are, IPv4
 * @dad: where we are, IPv6
 * @stopped: the address lets go; nothing happens any more
 * @armed: the timer runs
 * @expires: till then
 * @pending: TOY_ACD_DONE or TOY_ACD_CONFLICT, for the work
 * @rival: link-layer address of who has our address
 * @nonce: of the last probe (RFC 7527)
 * @ver: IP version; constant
 * @addr: the address; valid under RTNL, and until @stopped
 * @dev: its device, referenced
 * @ip: the address
 * @refcnt: references
 * @work: the timer, and what needs RTNL
 * @rcu: it is freed after a grace period
 */
struct toy_acd {
	spinlock_t lock;	/* see above */
	union {
		struct toy_acd_state acd;
		struct toy_dad_state dad;
	};
	bool stopped;
	bool armed;
	unsigned long expires;
	unsigned int pending;
	u8 rival[MAX_ADDR_LEN];
	u8 nonce[TOY_ND_NONCE_LEN];

	const struct acd_version *ver;
	struct toy_addr *addr;
	struct toy_dev *dev;
	struct in6_addr ip;
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

/* ---- RFC 5227 ------------------------------------------------------------ */

static unsigned int acd_start(struct toy_acd *acd, unsigned long now,
			      unsigned long *expires)
{
	return toy_acd_state_start(&acd->acd,
				   !(acd->addr->flags & TOY_ADDR_F_TENTATIVE),
				   acd->dev->acd_conflicts, now,
				   get_random_u32(), expires);
}

static unsigned int acd_timeout(struct toy_acd *acd, unsigned long now,
				unsigned long *expires)
{
	return toy_acd_state_timeout(&acd->acd, now, get_random_u32(), expires);
}

static unsigned int acd_conflict(struct toy_acd *acd, bool probe,
				 unsigned long now)
{
	return toy_acd_state_conflict(&acd->acd, probe, now);
}

static unsigned int acd_announce(struct toy_acd *acd, unsigned long now,
				 unsigned long *expires)
{
	return toy_acd_state_announce(&acd->acd, now, expires);
}

/* RFC 5227 2.1.1, 2.3: both are broadcast requests. */
static void acd_speak(struct toy_dev *dev, const struct in6_addr *ip,
		      unsigned int bits, const u8 *nonce)
{
	if (bits & TOY_ACD_SEND_PROBE) {
		toy_count(dev->tn, TOY_MIB_ARP_PROBES);
		toy_arp_send(dev, ARPOP_REQUEST, 0, toy_v4_of(ip), NULL, NULL);
	}
	if (bits & TOY_ACD_SEND_ANNOUNCE) {
		toy_count(dev->tn, TOY_MIB_ARP_ANNOUNCES);
		toy_arp_send(dev, ARPOP_REQUEST, toy_v4_of(ip), toy_v4_of(ip),
			     NULL, NULL);
	}
}

/* ---- RFC 4862 ------------------------------------------------------------ */

static unsigned int dad_start(struct toy_acd *acd, unsigned long now,
			      unsigned long *expires)
{
	return toy_dad_state_start(&acd->dad,
				   READ_ONCE(acd->dev->tn->sysctl.dad_transmits),
				   toy_nd_retrans(acd->dev), now,
				   get_random_u32(), expires);
}

static unsigned int dad_timeout(struct toy_acd *acd, unsigned long now,
				unsigned long *expires)
{
	unsigned int bits = toy_dad_state_timeout(&acd->dad, now, expires);

	if (bits & TOY_ACD_SEND_PROBE)
		get_random_bytes(acd->nonce, sizeof(acd->nonce));
	return bits;
}

static unsigned int dad_conflict(struct toy_acd *acd, bool probe,
				 unsigned long now)
{
	return toy_dad_state_conflict(&acd->dad);
}

/* RFC 4861 7.2.6: once is enough, neighbours find out by themselves. */
static unsigned int dad_announce(struct toy_acd *acd, unsigned long now,
				 unsigned long *expires)
{
	return acd->dad.phase == TOY_DAD_OWNED ? TOY_ACD_SEND_ANNOUNCE : 0;
}

static void dad_speak(struct toy_dev *dev, const struct in6_addr *ip,
		      unsigned int bits, const u8 *nonce)
{
	if (bits & TOY_ACD_SEND_PROBE) {
		toy_count(dev->tn, TOY_MIB_DAD_PROBES);
		toy_nd_probe(dev, ip, nonce);
	}
	if (bits & TOY_ACD_SEND_ANNOUNCE)
		toy_nd_announce(dev, ip);
}

static const struct acd_version acd_versions[2] = {
	{ dad_start, dad_timeout, dad_conflict, dad_announce, dad_speak,
	  TOY_MIB_DAD_CONFLICTS },
	{ acd_start, acd_timeout, acd_conflict, acd_announce, acd_speak,
	  TOY_MIB_ARP_CONFLICTS },
};

static const struct acd_version *version_of(const struct in6_addr *ip)
{
	return &acd_versions[toy_is_v4(ip)];
}

/* ---- the driver ---------------------------------------------------------- */

/* RTNL. Tell addr.c how it ended. */
static void tell(struct toy_acd *acd, unsigned int result)
{
	/* RFC 5227 2.1.1: conflicts are counted per link, and success ends
	 * the count.
	 */
	if (result & TOY_ACD_CONFLICT) {
		if (toy_is_v4(&acd->ip) &&
		    acd->dev->acd_conflicts < TOY_ACD_MAX_CONFLICTS)
			acd->dev->acd_conflicts++;
		toy_addr_acd_conflict(acd->addr, acd->rival);
	} else if (result & TOY_ACD_DONE) {
		if (toy_is_v4(&acd->ip))
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
	u8 nonce[TOY_ND_NONCE_LEN];
	bool stopped;

	rtnl_lock();
	spin_lock_bh(&acd->lock);
	now = jiffies;
	stopped = acd->stopped;
	if (!stopped && acd->armed && !time_before(now, acd->expires)) {
		acd->armed = false;
		bits = acd->ver->timeout(acd, now, &expires);
	}
	result = acd->pending | (bits & TOY_ACD_DONE);
	acd->pending = 0;
	if (!stopped)
		collect(acd, bits & ~TOY_ACD_DONE, expires, now);
	memcpy(nonce, acd->nonce, sizeof(nonce));
	spin_unlock_bh(&acd->lock);

	if (!stopped) {
		acd->ver->speak(acd->dev, &acd->ip,
				bits & TOY_ACD_SEND_PROBE, nonce);
		tell(acd, result);
		/* From an address that is usable by now. */
		acd->ver->speak(acd->dev, &acd->ip,
				bits & TOY_ACD_SEND_ANNOUNCE, nonce);
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
	acd->ip = a->addr;
	acd->ver = version_of(&a->addr);
	return acd;
}

/**
 * toy_acd_start() - begin to probe for an address
 * @a: address on a device that is up and has link-layer addresses
 * @mode: as net.toy.acd: 0 announces and does no more, others probe
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

	ASSERT_RTNL();
	toy_acd_stop(a);
	if (!mode) {
		version_of(&a->addr)->speak(a->dev, &a->addr,
					    TOY_ACD_SEND_ANNOUNCE, NULL);
		return 0;
	}

	acd = acd_new(a);
	if (!acd)
		return -ENOMEM;
	spin_lock_bh(&acd->lock);
	bits = acd->ver->start(acd, now, &expires);
	collect(acd, bits, expires, now);
	spin_unlock_bh(&acd->lock);

	/* Complete before softirq finds it. */
	smp_store_release(&a->acd, acd);
	acd->ver->speak(a->dev, &acd->ip, bits, acd->nonce);
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
 * @a: address on a device that is up and has link-layer addresses
 *
 * RFC 5227 2.3, RFC 4861 7.2.6. An address that is still probed goes on with that.
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
		version_of(&a->addr)->speak(a->dev, &a->addr,
					    TOY_ACD_SEND_ANNOUNCE, NULL);
		return;
	}
	spin_lock_bh(&acd->lock);
	bits = acd->ver->announce(acd, now, &expires);
	collect(acd, bits, expires, now);
	spin_unlock_bh(&acd->lock);
	acd->ver->speak(acd->dev, &acd->ip, bits, NULL);
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
 * @dev: device that the message came in by
 * @addr: the address
 * @lladdr: sender's link-layer address, MAX_ADDR_LEN bytes readable; NULL if
 *	it is not known
 * @probe: it is probing for it; else it claims to have it
 *
 * Context: softirq, RCU.
 */
void toy_acd_conflict(struct toy_dev *dev, const struct in6_addr *addr,
		      const u8 *lladdr, bool probe)
{
	struct toy_addr *a = toy_addr_find(dev->tn, dev, addr);
	static const u8 unknown[MAX_ADDR_LEN];
	unsigned long now = jiffies;
	char buf[TOY_ADDR_STRLEN];
	struct toy_acd *acd;
	unsigned int bits = 0;

	if (!a || (lladdr && is_our_lladdr(dev->tn, lladdr)))
		return;
	if (!probe)
		toy_count(dev->tn, version_of(addr)->conflicts);
	acd = READ_ONCE(a->acd);
	if (!acd)
		return;

	lladdr = lladdr ?: unknown;
	spin_lock_bh(&acd->lock);
	if (!acd->stopped)
		bits = acd->ver->conflict(acd, probe, now);
	if (bits & TOY_ACD_CONFLICT)
		memcpy(acd->rival, lladdr, MAX_ADDR_LEN);
	if (bits)
		collect(acd, bits, 0, now);
	spin_unlock_bh(&acd->lock);

	acd->ver->speak(dev, addr, bits, NULL);
	if (bits & TOY_ACD_DEFENDED) {
		net_warn_ratelimited("af_toy: %s: %pM uses our address %s, which we keep\n",
				     dev->name, lladdr, toy_addr_str(addr, buf));
		toy_event(dev->tn, TOY_EV_ADDR_SET, a);
	}
}

/**
 * toy_acd_looped() - is this probe our own, come back? (RFC 7527)
 * @a: address that it is for
 * @nonce: TOY_ND_NONCE_LEN bytes of it
 *
 * Context: softirq, RCU.
 * Return: true, and there will be more of them.
 */
bool toy_acd_looped(struct toy_addr *a, const u8 *nonce)
{
	struct toy_acd *acd = READ_ONCE(a->acd);
	bool own = false;

	if (!acd || toy_is_v4(&acd->ip))
		return false;
	spin_lock_bh(&acd->lock);
	if (!acd->stopped)
		own = !memcmp(acd->nonce, nonce, sizeof(acd->nonce));
	if (own)
		toy_dad_state_looped(&acd->dad);
	spin_unlock_bh(&acd->lock);
	return own;
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

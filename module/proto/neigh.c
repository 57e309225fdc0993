// SPDX-License-Identifier: GPL-2.0-only
/*
 * A neighbour: from an IP next hop to a link-layer address (RFC 1122 2.3.2,
 * RFC 4861 7).
 *
 *	toy_neigh_output()   toy_neigh_update()   toy_neigh_confirm()   timer
 *	        |                    |                     |              |
 *	        '----------+---------+---------------------+--------------'
 *	                   v
 *	         nud.c: new state, TOY_NUD_* bits          n->lock held
 *	                   |
 *	         collect(): timer, waiting packets
 *	   ----------------+--------------------------------------------------
 *	         finish(): announce, solicit, send or give up   no lock held
 *
 * Sending, solicitations and upcalls to sockets take locks of their own, so
 * they happen after n->lock is released, from what collect() has put aside.
 *
 * A packet for a neighbour whose address is known takes no lock: it reads the
 * state, copies the address under a sequence count, and once per jiffy moves
 * the entry in the table's LRU list.
 *
 * A timer that fires and has to wait for n->lock may have been overtaken by an
 * event that armed it again; it sees that it is pending, and leaves.
 */
#include <linux/jiffies.h>
#include <linux/rcupdate.h>

#include "../ctl/trace.h"
#include "../event.h"
#include "ip.h"
#include "neigh.h"
#include "neigh_table.h"

/* In these a packet may go without telling nud.c about it. */
#define SEND_AT_ONCE (BIT(TOY_NUD_REACHABLE) | BIT(TOY_NUD_DELAY) |	\
		      BIT(TOY_NUD_PROBE) | BIT(TOY_NUD_PERMANENT))

/* What is left to do after n->lock is released. */
struct neigh_todo {
	unsigned int bits;		/* TOY_NUD_* */
	u8 old_state;
	struct in6_addr saddr;		/* who asks, for a solicitation */
	u8 lladdr[MAX_ADDR_LEN];	/* whom, when it is unicast */
	struct sk_buff_head skbs;	/* to be sent, or given up */
};

/* RFC 4861 6.3.4: IPv6 routers tell the times of their link. */
static void params_of_link(const struct toy_dev *dev, struct toy_nud_params *p)
{
	unsigned long reachable = READ_ONCE(dev->nd.reachable);
	u32 retrans_ms = READ_ONCE(dev->nd.retrans_ms);

	if (reachable)
		p->reachable = reachable;
	if (retrans_ms)
		p->retrans = msecs_to_jiffies(retrans_ms);
}

static void params_read(const struct toy_neigh *n, struct toy_nud_params *p)
{
	const struct toy_sysctl *ctl = &n->key.dev->tn->sysctl;

	p->reachable = toy_neigh_reachable(toy_neigh_table(n));
	p->retrans = msecs_to_jiffies(READ_ONCE(ctl->neigh_retrans_ms));
	if (!toy_is_v4(&n->key.addr))
		params_of_link(n->key.dev, p);
	p->delay = msecs_to_jiffies(READ_ONCE(ctl->neigh_delay_probe_ms));
	p->ucast_probes = READ_ONCE(ctl->neigh_ucast_probes);
	p->mcast_probes = READ_ONCE(ctl->neigh_mcast_probes);
}

/* RFC 1122 2.3.2.2 wants the packet's own source in the solicitation: a
 * neighbour may know it already.
 */
static void source_hint(const struct toy_neigh *n, struct in6_addr *saddr)
{
	const struct toy_ip_ops *ip = toy_ip_ops_of(&n->key.addr);
	const struct sk_buff *skb = skb_peek(&n->waiting);
	struct in6_addr daddr;

	*saddr = in6addr_any;
	if (skb && ip)
		ip->addrs(skb, saddr, &daddr);
}

/* Second part of an event: n->lock is held and nud.c has spoken. */
static void collect(struct toy_neigh *n, struct neigh_todo *todo, u8 old_state,
		    unsigned int bits, unsigned long expires)
{
	todo->bits = bits;
	todo->old_state = old_state;
	__skb_queue_head_init(&todo->skbs);

	/* The pending timer holds a reference. */
	if (bits & TOY_NUD_TIMER && !mod_timer(&n->timer, expires))
		toy_neigh_hold(n);
	if (bits & (TOY_NUD_SOLICIT_MCAST | TOY_NUD_SOLICIT_UCAST))
		source_hint(n, &todo->saddr);
	if (bits & TOY_NUD_SOLICIT_UCAST)
		memcpy(todo->lladdr, n->lladdr, n->lladdr_len);
	if (bits & (TOY_NUD_FLUSH | TOY_NUD_GIVE_UP))
		skb_queue_splice_init(&n->waiting, &todo->skbs);
}

/* The question was not put. */
static void unasked(struct toy_neigh *n)
{
	struct toy_nud_params p;
	unsigned long expires;

	params_read(n, &p);
	spin_lock_bh(&n->lock);
	if (!n->dead && toy_nud_unasked(&n->nud, &p, jiffies, &expires) &&
	    !mod_timer(&n->timer, expires))
		toy_neigh_hold(n);
	spin_unlock_bh(&n->lock);
}

static void give_up(struct toy_neigh *n, struct sk_buff *skb)
{
	rcu_read_lock();
	n->ops->failed(n->key.dev, skb);
	rcu_read_unlock();
	toy_drop_skb(n->key.dev->tn, skb, TOY_DROP_NEIGH_FAILED);
}

/* Last part of an event: no lock is held, the caller has a reference. */
static void finish(struct toy_neigh *n, struct neigh_todo *todo)
{
	struct toy_dev *dev = n->key.dev;
	struct sk_buff *skb;
	bool asked;

	if (todo->bits & TOY_NUD_CHANGED) {
		trace_toy_neigh_state(n, todo->old_state);
		toy_event(dev->tn, TOY_EV_NEIGH_SET, n);
	}

	if (todo->bits & (TOY_NUD_SOLICIT_MCAST | TOY_NUD_SOLICIT_UCAST)) {
		rcu_read_lock();
		asked = n->ops->solicit(dev, &n->key.addr, &todo->saddr,
					todo->bits & TOY_NUD_SOLICIT_UCAST ?
					todo->lladdr : NULL);
		rcu_read_unlock();
		if (unlikely(!asked))
			unasked(n);
	}

	if (todo->bits & TOY_NUD_GIVE_UP)
		toy_count(dev->tn, TOY_MIB_NEIGH_RES_FAILED);
	while ((skb = __skb_dequeue(&todo->skbs))) {
		if (todo->bits & TOY_NUD_GIVE_UP)
			give_up(n, skb);
		else
			toy_neigh_output(n, skb);
	}
}

/* A packet waits; returns the one that has to make room for it. */
static struct sk_buff *wait_for_answer(struct toy_neigh *n, struct sk_buff *skb)
{
	int limit = READ_ONCE(n->key.dev->tn->sysctl.neigh_unres_qlen);
	struct sk_buff *oldest = NULL;

	if (limit < 1)
		return skb;
	if (skb_queue_len(&n->waiting) >= limit)
		oldest = __skb_dequeue(&n->waiting);
	/* The device may be gone before the answer comes. */
	skb->dev = NULL;
	__skb_queue_tail(&n->waiting, skb);
	return oldest;
}

static int send_now(struct toy_neigh *n, struct sk_buff *skb)
{
	u8 lladdr[MAX_ADDR_LEN] __aligned(sizeof(unsigned long));
	unsigned int seq;

	do {
		seq = read_seqbegin(&n->ha_lock);
		if (n->lladdr_len <= 8)		/* a constant is one load */
			memcpy(lladdr, n->lladdr, 8);
		else
			memcpy(lladdr, n->lladdr, MAX_ADDR_LEN);
	} while (read_seqretry(&n->ha_lock, seq));

	return toy_dev_xmit(n->key.dev, skb, n->ops->ethertype, lladdr);
}

static void touch(struct toy_neigh *n)
{
	unsigned long now = jiffies;

	if (READ_ONCE(n->lru_stamp) != now)
		toy_neigh_lru_touch(n, now);
}

static int output_slow(struct toy_neigh *n, struct sk_buff *skb, bool retry);

/* The entry was evicted or flushed while a path remembered it: its successor
 * takes the packet. A socket sees that its path is stale by itself.
 */
static int output_dead(struct toy_neigh *n, struct sk_buff *skb, bool retry)
{
	struct toy_dev *dev = n->key.dev;
	struct toy_neigh *successor = NULL;
	int err;

	if (retry)
		successor = toy_neigh_get(dev->tn, dev, &n->key.addr);
	if (!successor) {
		toy_drop_skb(dev->tn, skb, TOY_DROP_NEIGH_DEAD);
		return -EHOSTUNREACH;
	}
	err = output_slow(successor, skb, false);
	toy_neigh_put(successor);
	return err;
}

static int output_slow(struct toy_neigh *n, struct sk_buff *skb, bool retry)
{
	struct sk_buff *loser = NULL;
	struct toy_nud_params p;
	struct neigh_todo todo;
	unsigned long expires;
	unsigned int bits;
	u8 old, state;

	params_read(n, &p);
	spin_lock_bh(&n->lock);
	if (n->dead) {
		spin_unlock_bh(&n->lock);
		return output_dead(n, skb, retry);
	}
	old = n->nud.state;
	bits = toy_nud_use(&n->nud, &p, jiffies, &expires);
	state = n->nud.state;
	if (state == TOY_NUD_INCOMPLETE)
		loser = wait_for_answer(n, skb);
	collect(n, &todo, old, bits, expires);
	spin_unlock_bh(&n->lock);

	touch(n);
	finish(n, &todo);
	if (loser)
		toy_drop_skb(n->key.dev->tn, loser, TOY_DROP_NEIGH_QUEUE);

	switch (state) {
	case TOY_NUD_INCOMPLETE:
		return loser == skb ? -ENOBUFS : 0;
	case TOY_NUD_FAILED:
		give_up(n, skb);
		return -EHOSTUNREACH;
	default:
		return send_now(n, skb);
	}
}

/**
 * toy_neigh_output() - send a packet to a neighbour, now or when it answers
 * @n: neighbour; borrowed
 * @skb: packet, skb->data at the network header, which is set; consumed
 *
 * Context: process or softirq, no lock that the transmit path or a socket's
 * error report could want.
 * Return: 0 when it was sent or waits, -EHOSTUNREACH when nobody is there,
 * -ENOBUFS when packets may not wait, or an errno of toy_dev_xmit().
 */
int toy_neigh_output(struct toy_neigh *n, struct sk_buff *skb)
{
	if (likely(BIT(READ_ONCE(n->nud.state)) & SEND_AT_ONCE)) {
		touch(n);
		return send_now(n, skb);
	}
	return output_slow(n, skb, true);
}

/**
 * toy_neigh_confirm() - an upper layer has proof that the neighbour hears us
 * @n: neighbour; borrowed
 *
 * MSG_CONFIRM, or forward progress of a connection (RFC 4861 7.3.1). Cheap
 * enough to be called for every acknowledgment.
 *
 * Context: process or softirq.
 */
void toy_neigh_confirm(struct toy_neigh *n)
{
	unsigned long now = jiffies, expires;
	u8 old = READ_ONCE(n->nud.state);
	struct toy_nud_params p;
	struct neigh_todo todo;
	unsigned int bits;

	toy_count(n->key.dev->tn, TOY_MIB_NEIGH_CONFIRMS);
	if (old == TOY_NUD_REACHABLE) {
		if (READ_ONCE(n->nud.confirmed) != now)
			WRITE_ONCE(n->nud.confirmed, now);
		return;
	}
	if (old == TOY_NUD_PERMANENT)
		return;

	params_read(n, &p);
	spin_lock_bh(&n->lock);
	old = n->nud.state;
	bits = n->dead ? 0 : toy_nud_confirm(&n->nud, &p, now, &expires);
	collect(n, &todo, old, bits, expires);
	spin_unlock_bh(&n->lock);
	finish(n, &todo);
}

static void store_lladdr(struct toy_neigh *n, const u8 *lladdr)
{
	write_seqlock(&n->ha_lock);
	memcpy(n->lladdr, lladdr, n->lladdr_len);
	write_sequnlock(&n->ha_lock);
}

/* What the flags of a message mean in the state the entry is in. */
static unsigned int update_info(const struct toy_neigh *n, const u8 *lladdr,
				unsigned int flags, unsigned long now)
{
	unsigned int info = 0;

	if (flags & TOY_NEIGH_UPDATE_OVERRIDE)
		info |= TOY_NUD_INFO_OVERRIDE;
	if (flags & TOY_NEIGH_UPDATE_SOLICITED)
		info |= TOY_NUD_INFO_SOLICITED;
	/* RFC 4861 7.2.5: without an address it is about the one we know. */
	if (toy_nud_sendable(&n->nud) &&
	    (!lladdr || !memcmp(n->lladdr, lladdr, n->lladdr_len)))
		info |= TOY_NUD_INFO_SAME;

	if (flags & TOY_NEIGH_UPDATE_UNPROVEN) {
		if (!n->nud.probes)
			info &= ~TOY_NUD_INFO_SOLICITED;
		/* Of two that answer one question, the first wins: proxies
		 * and duplicates must not make the address flap.
		 */
		if (time_before(now, n->nud.updated + TOY_NEIGH_LOCKTIME))
			info &= ~TOY_NUD_INFO_OVERRIDE;
	}
	return info;
}

/* RFC 4861 7.2.5: who was a router and is none any more is worth news. */
static unsigned int update_router(struct toy_neigh *n, unsigned int flags)
{
	bool was = n->router;

	if (flags & TOY_NEIGH_UPDATE_ROUTER)
		WRITE_ONCE(n->router, true);
	else if (flags & TOY_NEIGH_UPDATE_HOST)
		WRITE_ONCE(n->router, false);
	return was && !n->router ? TOY_NUD_CHANGED : 0;
}

/**
 * toy_neigh_lladdr() - the link-layer address of a neighbour
 * @n: neighbour; borrowed
 * @lladdr: result, MAX_ADDR_LEN bytes
 *
 * Context: any but hard interrupts.
 * Return: false while none is known.
 */
bool toy_neigh_lladdr(struct toy_neigh *n, u8 *lladdr)
{
	unsigned int seq;

	if (!toy_nud_sendable(&n->nud))
		return false;
	do {
		seq = read_seqbegin(&n->ha_lock);
		memcpy(lladdr, n->lladdr, MAX_ADDR_LEN);
	} while (read_seqretry(&n->ha_lock, seq));
	return true;
}

/**
 * toy_neigh_update() - a message tells the address of a neighbour
 * @tn: network namespace
 * @dev: device it came in by
 * @addr: the neighbour
 * @lladdr: its link-layer address, of the device's length; NULL if it tells
 *	something else about a neighbour whose address we know
 * @flags: TOY_NEIGH_UPDATE_*
 *
 * RFC 826's merge and RFC 4861 7.2.3 to 7.2.5, told apart by @flags. Does
 * nothing to permanent entries.
 *
 * Context: softirq or process.
 */
void toy_neigh_update(struct toy_net *tn, struct toy_dev *dev,
		      const struct in6_addr *addr, const u8 *lladdr,
		      unsigned int flags)
{
	unsigned long now = jiffies, expires;
	struct toy_nud_params p;
	struct neigh_todo todo;
	unsigned int bits = 0;
	struct toy_neigh *n;
	u8 old;

	n = toy_neigh_find(tn, dev, addr);
	if (!n && flags & TOY_NEIGH_UPDATE_CREATE)
		n = toy_neigh_get(tn, dev, addr);
	if (!n)
		return;

	params_read(n, &p);
	spin_lock_bh(&n->lock);
	old = n->nud.state;
	if (!n->dead && (lladdr || toy_nud_sendable(&n->nud)))
		bits = toy_nud_info(&n->nud, &p,
				    update_info(n, lladdr, flags, now), now,
				    &expires);
	if (bits & TOY_NUD_SET_LLADDR) {
		store_lladdr(n, lladdr);
		bits |= TOY_NUD_CHANGED;	/* worth an announcement */
	}
	if (lladdr || toy_nud_sendable(&n->nud))
		bits |= update_router(n, flags);
	collect(n, &todo, old, bits, expires);
	spin_unlock_bh(&n->lock);
	finish(n, &todo);
	toy_neigh_put(n);
}

/**
 * toy_neigh_set() - an administrator decides
 * @n: neighbour; borrowed
 * @lladdr: its address
 * @state: TOY_NUD_PERMANENT, _REACHABLE or _STALE
 *
 * Context: process.
 * Return: 0, or -ESTALE when the entry was removed in the meantime.
 */
int toy_neigh_set(struct toy_neigh *n, const u8 *lladdr,
		  enum toy_nud_state state)
{
	struct toy_nud_params p;
	struct neigh_todo todo;
	unsigned long expires;
	unsigned int bits;
	u8 old;

	params_read(n, &p);
	spin_lock_bh(&n->lock);
	if (n->dead) {
		spin_unlock_bh(&n->lock);
		return -ESTALE;
	}
	store_lladdr(n, lladdr);
	old = n->nud.state;
	bits = toy_nud_set(&n->nud, &p, state, jiffies, &expires);
	toy_neigh_lru_member(n, state != TOY_NUD_PERMANENT);
	collect(n, &todo, old, bits | TOY_NUD_CHANGED, expires);
	spin_unlock_bh(&n->lock);
	finish(n, &todo);
	return 0;
}

/**
 * toy_neigh_timer() - the timer of an entry
 * @timer: in the entry; its reference is given back
 *
 * Context: softirq.
 */
void toy_neigh_timer(struct timer_list *timer)
{
	struct toy_neigh *n = container_of(timer, struct toy_neigh, timer);
	struct toy_nud_params p;
	struct neigh_todo todo;
	unsigned long expires;
	unsigned int bits;
	u8 old;

	spin_lock(&n->lock);
	if (n->dead || timer_pending(timer)) {
		spin_unlock(&n->lock);
		toy_neigh_put(n);
		return;
	}
	/* The table lives as long as it holds the entry. */
	params_read(n, &p);
	old = n->nud.state;
	bits = toy_nud_timeout(&n->nud, &p, jiffies, &expires);
	collect(n, &todo, old, bits, expires);
	spin_unlock(&n->lock);
	finish(n, &todo);
	toy_neigh_put(n);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "neigh_test.c"
#endif

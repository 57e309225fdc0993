// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP_GRO (udp(7)): a reader takes many datagrams of a flow by one call.
 *
 *	sk_receive_queue	| A A A | B | A A a |  <- A, A: a new buffer
 *							  (a was shorter)
 *
 * The core's GRO asks AF_INET's tables whether a socket wants that, so what
 * comes here is mostly single. They are joined in the receive queue: a datagram
 * joins the one that waits at its end, if that is of the same flow and as long
 * or longer. So nothing is held back to wait for more, and whatever way it came
 * (driver, backlog, loopback) is the same. What GRO or a sender's UDP_SEGMENT
 * has joined already is queued as it is, and goes on to grow.
 *
 * Same flow: what a control message may tell of one must be true of all. What
 * is joined looks as GRO makes it: the first datagram has the others in its
 * frag_list, and gso_size is the length of each.
 */
#include <net/ip.h>
#include <net/ipv6.h>

#include "udp.h"

#define TOY_GRO_SEGS	64	/* as many as AF_INET joins */

DEFINE_STATIC_KEY_FALSE(toy_udp_gro_wanted);

/* skb->cb in the queue of such a socket. @last: end of frag_list; of a buffer
 * that is not marked as several datagrams it means nothing.
 */
struct toy_gro_cb {
	struct toy_skb_cb ip;
	struct sk_buff *last;
};

static struct toy_gro_cb *toy_gro_cb(const struct sk_buff *skb)
{
	/* The core keeps sk_drops at the end of skb->cb. */
	BUILD_BUG_ON(sizeof(struct toy_gro_cb) > SOCK_SKB_CB_OFFSET);
	return (struct toy_gro_cb *)skb->cb;
}

/* One of the core's, whose frag_list ends we do not know where? */
static bool toy_gro_closed(const struct sk_buff *tail)
{
	return skb_has_frag_list(tail) &&
	       !(skb_is_gso(tail) && toy_gro_cb(tail)->last);
}

static bool toy_gro_same_flow(const struct sk_buff *a, const struct sk_buff *b)
{
	const struct toy_skb_cb *ca = toy_skb_cb(a), *cb = toy_skb_cb(b);
	struct in6_addr sa, da, sb, db;

	if (ca->ip != cb->ip || ca->port != cb->port ||
	    ca->ifindex != cb->ifindex || ca->flags != cb->flags ||
	    ca->frag_max || cb->frag_max)
		return false;
	/* No options, no extension headers. */
	if (skb_network_header_len(a) != ca->ip->hdr_len ||
	    skb_network_header_len(b) != ca->ip->hdr_len)
		return false;
	if (ca->ip->ttl(a) != ca->ip->ttl(b) || ca->ip->tos(a) != ca->ip->tos(b))
		return false;
	if (ca->ip->version == 6 &&
	    ip6_flowinfo(ipv6_hdr(a)) != ip6_flowinfo(ipv6_hdr(b)))
		return false;
	ca->ip->addrs(a, &sa, &da);
	ca->ip->addrs(b, &sb, &db);
	return ipv6_addr_equal(&sa, &sb) && ipv6_addr_equal(&da, &db);
}

/* May @skb join @tail? Under the lock of the queue, in which @tail is last. */
static bool toy_gro_fits(const struct sk_buff *tail, const struct sk_buff *skb)
{
	u32 size = skb_shinfo(tail)->gso_size ?: tail->len;

	if (!skb->len || skb->len > size || tail->len % size ||
	    tail->len / size >= TOY_GRO_SEGS ||
	    tail->len + skb->len > IP_MAX_MTU - sizeof(struct ipv6hdr) -
				   sizeof(struct udphdr))
		return false;
	if (skb_is_gso(skb) || skb_has_frag_list(skb) || toy_gro_closed(tail))
		return false;
	/* Somebody peeks at it, or reads its pages elsewhere. */
	if (skb_shared(tail) || skb_cloned(tail))
		return false;
	return toy_gro_same_flow(tail, skb);
}

static bool toy_gro_charge(struct sock *sk, struct sk_buff *skb)
{
	if (atomic_read(&sk->sk_rmem_alloc) >= READ_ONCE(sk->sk_rcvbuf) ||
	    !sk_rmem_schedule(sk, skb, skb->truesize))
		return false;
	atomic_add(skb->truesize, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, skb->truesize);
	return true;
}

static void toy_gro_append(struct sk_buff *tail, struct sk_buff *skb)
{
	struct skb_shared_info *sh = skb_shinfo(tail);

	if (!sh->gso_size) {
		sh->gso_size = tail->len;
		sh->gso_type = SKB_GSO_UDP_L4;
		sh->gso_segs = 1;
		toy_gro_cb(tail)->last = NULL;
	}
	if (toy_gro_cb(tail)->last)
		toy_gro_cb(tail)->last->next = skb;
	else
		sh->frag_list = skb;
	toy_gro_cb(tail)->last = skb;
	sh->gso_segs++;
	tail->len += skb->len;
	tail->data_len += skb->len;
	tail->truesize += skb->truesize;
}

/* Joins @skb, which it then consumes, to the last one in the queue. */
static bool toy_gro_join(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *tail;
	bool joined = false;
	unsigned long flags;

	skb_orphan(skb);
	spin_lock_irqsave(&q->lock, flags);
	tail = skb_peek_tail(q);
	if (tail && toy_gro_fits(tail, skb) && toy_gro_charge(sk, skb)) {
		/* From here on it is a part of @tail. */
		skb->dev = NULL;
		skb_dst_drop(skb);
		skb_mark_not_on_list(skb);
		toy_gro_append(tail, skb);
		joined = true;
	}
	spin_unlock_irqrestore(&q->lock, flags);
	return joined;
}

/**
 * toy_udp_gro_deliver() - give a datagram to a socket with UDP_GRO
 * @sk: socket, under RCU
 * @skb: datagram, or several of the same length, with skb->data at the UDP
 *	header, toy_skb_cb(skb) complete; consumed when TOY_RX_OK is returned
 *
 * Context: softirq.
 * Return: TOY_RX_OK, or the reason why the socket did not take it.
 */
enum toy_drop toy_udp_gro_deliver(struct sock *sk, struct sk_buff *skb)
{
	enum toy_drop why;

	why = toy_dgram_filter(sk, skb, sizeof(struct udphdr));
	if (why)
		return why;
	if (toy_gro_join(sk, skb)) {
		/* The last one had its wake-up; whoever waits for edges wants
		 * one for each.
		 */
		if (!sock_flag(sk, SOCK_DEAD))
			sk->sk_data_ready(sk);
		return TOY_RX_OK;
	}
	toy_gro_cb(skb)->last = NULL;
	return toy_dgram_queue(sk, skb);
}

/**
 * toy_udp_set_gro() - UDP_GRO
 * @sk: socket, not locked
 * @on: on or off; what is joined already stays
 *
 * Context: process.
 */
void toy_udp_set_gro(struct sock *sk, bool on)
{
	struct toy_sock *ts = toy_sk(sk);

	/* As AF_INET's, it stays on: who once wants it wants it again. */
	if (on)
		static_branch_enable(&toy_udp_gro_wanted);
	lock_sock(sk);
	WRITE_ONCE(ts->cmsg_flags, on ? ts->cmsg_flags | TOY_CMSG_UDP_GRO :
					ts->cmsg_flags & ~TOY_CMSG_UDP_GRO);
	release_sock(sk);
}

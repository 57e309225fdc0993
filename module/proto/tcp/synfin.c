// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYN and FIN: each takes a sequence number, so each is queued and sent again
 * as data is (RFC 9293 3.4, 3.10.1, 3.10.4).
 */
#include "../ip.h"
#include "fastopen.h"
#include "tcp.h"

/* A route may ask for ECN where the namespace does not. */
static bool toy_tcp_route_ecn(struct sock *sk)
{
	const struct toy_path *path = toy_tcp_path(sk);

	return path && path->m.flags & TOY_ROUTE_F_ECN;
}

/* The buffer of a FIN alone. It must go: an orphan without it would stay for
 * ever. So it is outside the limits, and waited for where that is possible.
 */
static struct sk_buff *toy_fin_skb(struct sock *sk)
{
	gfp_t gfp = sk->sk_allocation | __GFP_NOWARN;
	struct sk_buff *skb;

	if (gfpflags_allow_blocking(gfp))
		gfp |= __GFP_NOFAIL;
	skb = alloc_skb_fclone(TOY_TCP_HEADROOM, gfp);
	if (!skb)
		return NULL;
	skb_reserve(skb, TOY_TCP_HEADROOM);
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(skb->cb, 0, sizeof(struct toy_tcp_cb));
	return skb;
}

/**
 * toy_tcp_send_fin() - nothing more comes (RFC 9293 3.10.4)
 * @sk: socket, locked, state already moved on
 */
void toy_tcp_send_fin(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb) {
		skb = toy_fin_skb(sk);
		if (skb) {
			toy_tcp_queue_tail(sk, skb);
		} else {
			/* It goes with the next retransmission. */
			skb = toy_tcp_rtx_tail(sk);
			if (!skb)
				return;
			tp->snd_nxt++;
		}
	}
	toy_cb(skb)->flags |= TOY_TCP_FIN;
	toy_cb(skb)->end_seq++;
	tp->write_seq++;
	toy_tcp_push_pending(sk, TOY_NAGLE_OFF);
}

/**
 * toy_tcp_queue_syn() - queue a SYN for sending, and for sending again
 * @sk: socket, locked or new, its variables set
 * @flags: TOY_TCP_SYN and others
 * @gfp: how to allocate
 *
 * Return: the SYN, as if it had been sent; or NULL without memory.
 */
struct sk_buff *toy_tcp_queue_syn(struct sock *sk, u8 flags, gfp_t gfp)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb = toy_tcp_skb_alloc(sk, 0, gfp);

	if (!skb)
		return NULL;
	toy_cb(skb)->seq = tp->write_seq;
	toy_cb(skb)->end_seq = ++tp->write_seq;
	toy_cb(skb)->flags = flags;
	toy_cb(skb)->segs = 1;
	toy_cb(skb)->mss = tp->mss;
	__skb_header_release(skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	toy_tcp_rtx_insert(sk, skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &tp->sent);
	tp->packets_out = 1;
	tp->snd_nxt = tp->write_seq;
	tp->pushed_seq = tp->write_seq;
	return skb;
}

/**
 * toy_tcp_connect_send() - send the SYN (RFC 9293 3.10.1)
 * @sk: socket, locked, in SYN_SENT, its variables set
 *
 * Return: 0; -ENOBUFS without memory. A SYN that the network refuses is sent
 * again by the timer.
 */
int toy_tcp_connect_send(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 flags = TOY_TCP_SYN;
	struct sk_buff *skb;

	/* RFC 3168 6.1.1 */
	if (READ_ONCE(toy_sock_net(sk)->sysctl.tcp_ecn) == 1 ||
	    toy_tcp_route_ecn(sk)) {
		flags |= TOY_TCP_ECE | TOY_TCP_CWR;
		tp->ecn = TOY_ECN_OK;
	}
	toy_tcp_now(tp);
	skb = toy_tcp_queue_syn(sk, flags, sk->sk_allocation);
	if (!skb)
		return -ENOBUFS;
	tp->retrans_ms = toy_tcp_ms(tp) ?: 1;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_ACTIVE_OPENS);

	if (unlikely(tp->fo && tp->fo->asked))
		toy_fo_connect_send(sk, skb);
	else
		toy_tcp_xmit(sk, skb, true);
	toy_xtimer_arm(sk, TOY_XT_RTO, toy_tcp_rto(tp));
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A segment finds its connection (RFC 9293 3.10.7).
 *
 *	header, checksum -> toy_conn_find() by both ends
 *		SOCK	lock; in use? backlog : toy_tcp_do_rcv()
 *		REQ	toy_req_rcv()		half-open
 *		TW	toy_tw_rcv()		TIME_WAIT
 *		none	toy_lookup() by the local end
 *			LISTEN	toy_tcp_listen_rcv()
 *			none	reset (RFC 9293 3.10.7.1)
 *
 * Everything runs under the RCU section of the poll, and sockets are freed by
 * RCU: nothing found here needs a reference.
 */
#include <linux/filter.h>
#include <net/busy_poll.h>

#include "../ip.h"
#include "synack.h"
#include "tcp.h"
#include "timewait.h"

/* What the queues want to know; the view does not outlive the call. */
static void toy_rcv_fill_cb(struct sk_buff *skb, const struct toy_tcp_seg *s)
{
	struct toy_tcp_cb *cb = toy_cb(skb);
	u32 size = skb_shinfo(skb)->gso_size;

	cb->seq = s->seq;
	cb->end_seq = s->end_seq;
	cb->flags = s->flags;
	cb->sacked = 0;
	cb->eor = 0;
	cb->tw_isn = 0;
	if (likely(!size || s->len <= size)) {
		cb->segs = 1;
		cb->mss = min_t(u32, s->len, U16_MAX);
	} else {
		cb->segs = DIV_ROUND_UP(s->len, size);
		cb->mss = size;
	}
}

static bool toy_rcv_filtered(struct sock *sk, struct sk_buff *skb,
			     struct toy_tcp_seg *s)
{
	if (likely(!rcu_access_pointer(sk->sk_filter) && !skb_pfmemalloc(skb)))
		return false;
	if (sk_filter_trim_cap(sk, skb, s->hdr_len)) {
		atomic_inc(&sk->sk_drops);
		return true;
	}
	/* A filter may have cut the end off. */
	toy_tcp_reparse(skb, s);
	toy_rcv_fill_cb(skb, s);
	return false;
}

/**
 * toy_tcp_do_rcv() - process a segment of a socket
 * @sk: socket, locked and not in use by a program, or by the one that gives the
 *	lock back
 * @skb: segment, its header at skb->data; consumed when TOY_RX_OK is returned
 * @s: its view
 *
 * Return: TOY_RX_OK, or why it is dropped.
 */
enum toy_drop toy_tcp_do_rcv(struct sock *sk, struct sk_buff *skb,
			     struct toy_tcp_seg *s)
{
	sk_mark_napi_id_once(sk, skb);
	sock_rps_save_rxhash(sk, skb);
	switch (sk->sk_state) {
	case TCP_CLOSE:
	case TCP_LISTEN:
		return TOY_DROP_TCP_CLOSED;
	case TCP_SYN_SENT:
		return toy_tcp_synsent(sk, skb, s);
	default:
		return toy_tcp_segment(sk, skb, s);
	}
}

/**
 * toy_tcp_backlog_rcv() - prot->backlog_rcv: a segment that had to wait
 * @sk: socket, locked
 * @skb: segment; consumed
 *
 * Return: 0.
 */
int toy_tcp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_seg s;
	enum toy_drop why;

	toy_tcp_reparse(skb, &s);
	why = toy_tcp_do_rcv(sk, skb, &s);
	if (why)
		toy_drop_skb(toy_sock_net(sk), skb, why);
	return 0;
}

/* A program uses the socket: the segment waits, in a bounded queue. */
static enum toy_drop toy_rcv_backlog(struct sock *sk, struct sk_buff *skb)
{
	/* ACKs of what is being sent come while it is: their share. */
	u32 limit = READ_ONCE(sk->sk_rcvbuf) + (READ_ONCE(sk->sk_sndbuf) >> 1) +
		    64 * 1024;

	return sk_add_backlog(sk, skb, limit) ? TOY_DROP_TCP_BACKLOG : TOY_RX_OK;
}

static enum toy_drop toy_rcv_sock(struct sock *sk, struct sk_buff *skb,
				  struct toy_tcp_seg *s)
{
	enum toy_drop why;

	if (unlikely(toy_rcv_filtered(sk, skb, s)))
		return TOY_DROP_SOCK_FILTER;
	skb->dev = NULL;		/* no reference */

	bh_lock_sock_nested(sk);
	if (likely(!sock_owned_by_user(sk)))
		why = toy_tcp_do_rcv(sk, skb, s);
	else
		why = toy_rcv_backlog(sk, skb);
	bh_unlock_sock(sk);
	return why;
}

static enum toy_drop toy_rcv_no_conn(struct toy_pkt *pkt, struct sk_buff *skb,
				     struct toy_tcp_seg *s,
				     const struct toy_tuple4 *t4)
{
	struct toy_tuple t = {
		.laddr = t4->laddr, .raddr = t4->raddr,
		.lport = t4->lport, .rport = t4->rport,
		.ifindex = toy_skb_cb(skb)->ifindex,
	};
	struct sock *sk = toy_lookup(pkt->tn->tcp->ports, &t, skb);

	if (likely(sk)) {
		/* RFC 5082: GTSM. */
		if (unlikely(!toy_sock_ttl_ok(toy_sk(sk), pkt)))
			return TOY_DROP_SOCK_MIN_TTL;
		if (unlikely(toy_rcv_filtered(sk, skb, s)))
			return TOY_DROP_SOCK_FILTER;
		return toy_tcp_listen_rcv(sk, pkt, skb, s);
	}
	toy_tcp_reset_segment(pkt->tn, t4, s, pkt->tos, t4->scope);
	return TOY_DROP_TCP_NO_PORT;
}

/* A link-local peer is another one on each link (RFC 4007). */
static int toy_rcv_scope(const struct toy_pkt *pkt, const struct sk_buff *skb)
{
	return unlikely(toy_addr_linklocal(&pkt->saddr)) ?
	       toy_skb_cb(skb)->ifindex : 0;
}

/**
 * toy_tcp_known() - is it a segment of a connection with a good path?
 * @pkt: what is known of the packet; pkt->conn is set when there is one
 * @skb: packet, borrowed
 * @off: of the TCP header from skb->data
 *
 * While the path that a socket sends by is valid, its own address is still
 * ours and the peer's is not: no route, address or device has changed since.
 *
 * Context: softirq, RCU.
 * Return: true if the addresses need no further check.
 */
bool toy_tcp_known(struct toy_pkt *pkt, const struct sk_buff *skb,
		   unsigned int off)
{
	const struct toy_path_ref *ref;
	const struct toy_sock *ts;
	struct toy_conn *c;
	struct toy_tuple4 t;
	__be16 ports[2];

	if (unlikely(skb_headlen(skb) < off + sizeof(ports)))
		return false;
	memcpy(ports, skb->data + off, sizeof(ports));
	t.laddr = pkt->daddr;
	t.raddr = pkt->saddr;
	t.lport = ntohs(ports[1]);
	t.rport = ntohs(ports[0]);
	t.scope = toy_rcv_scope(pkt, skb);
	c = toy_conn_find(pkt->tn->tcp, &t);
	if (!c)
		return false;
	pkt->conn = c;
	if (c->kind != TOY_CONN_SOCK)
		return false;
	ts = container_of(c, struct toy_sock, conn);
	ref = rcu_dereference(ts->path);
	/* What we say to ourselves does not come from outside. */
	return ref && toy_path_valid(pkt->tn, &ref->path) &&
	       !toy_sock_nonlocal(ts) &&
	       (ref->path.type == TOY_ROUTE_LOCAL) ==
	       !!(pkt->flags & TOY_PKT_LOOPED);
}

/**
 * toy_tcp_rcv() - a segment for this host
 * @pkt: what is known of it
 * @skb: segment, skb->data at its header; consumed when TOY_RX_OK is returned
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK, or why it is dropped.
 */
enum toy_drop toy_tcp_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_tcp_net *tt = pkt->tn->tcp;
	struct toy_tuple4 t;
	struct toy_tcp_seg s;
	struct toy_conn *c;
	enum toy_drop why;
	bool reopen;

	toy_count_add(pkt->tn, TOY_MIB_TCP_IN_SEGS,
		      max_t(u16, skb_shinfo(skb)->gso_segs, 1));
	/* RFC 9293 3.9.2.1: not from or to a group. */
	if (unlikely(pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST)))
		return TOY_DROP_TCP_GROUP;
	why = toy_tcp_parse(skb, &s);
	if (unlikely(why))
		return why;
	if (unlikely(!toy_tcp_csum_ok(pkt, skb)))
		return TOY_DROP_TCP_CSUM;
	toy_rcv_fill_cb(skb, &s);

	t.laddr = pkt->daddr;
	t.raddr = pkt->saddr;
	t.lport = s.dport;
	t.rport = s.sport;
	t.scope = toy_rcv_scope(pkt, skb);
	c = pkt->conn;
again:
	if (!c)
		c = toy_conn_find(tt, &t);
	if (unlikely(!c))
		return toy_rcv_no_conn(pkt, skb, &s, &t);
	if (likely(c->kind == TOY_CONN_SOCK)) {
		struct sock *sk = &container_of(c, struct toy_sock, conn)->sk;

		if (unlikely(sk->sk_bound_dev_if &&
			     sk->sk_bound_dev_if != toy_skb_cb(skb)->ifindex))
			return toy_rcv_no_conn(pkt, skb, &s, &t);
		if (unlikely(!toy_sock_ttl_ok(toy_sk(sk), pkt)))
			return TOY_DROP_SOCK_MIN_TTL;
		return toy_rcv_sock(sk, skb, &s);
	}
	if (c->kind == TOY_CONN_REQ) {
		why = toy_req_rcv(container_of(c, struct toy_req, conn), pkt,
				  skb, &s);
		/* Somebody else has just completed it: there is a socket. */
		if (why == TOY_DROP_TCP_REQ_TAKEN) {
			c = toy_conn_find(tt, &t);
			if (c && c->kind == TOY_CONN_SOCK)
				goto again;
		}
		return why;
	}
	why = toy_tw_rcv(container_of(c, struct toy_tw, conn), pkt, skb, &s,
			 &reopen);
	/* RFC 9293 3.6.1: a new connection may open. */
	return reopen ? toy_rcv_no_conn(pkt, skb, &s, &t) : why;
}

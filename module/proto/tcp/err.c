// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors about our segments (RFC 5461, RFC 5927, RFC 1122 4.2.3.9).
 *
 *	error			connecting		synchronised
 *	fragmentation needed	smaller segments	smaller segments
 *	hard (refused ...)	connect(2) fails	soft: noted only
 *	soft (unreachable ...)	connect(2) fails	noted only; shown by
 *							a later timeout
 *
 * An error that quotes a sequence number which is not in flight is a forgery or
 * too old (RFC 5927 4), and ignored.
 */
#include <linux/icmp.h>

#include "../ip.h"
#include "../pmtu.h"
#include "synack.h"
#include "tcp.h"

/* RFC 1191 6.5: the path to the peer carries less than we thought (pmtu.c). */
static void toy_err_too_big(struct sock *sk, u8 pmtudisc)
{
	if (!toy_pmtu_let_in(pmtudisc))
		return;
	/* IPv4's routers fragment without DF, IPv6's never do. */
	if (pmtudisc == IP_PMTUDISC_DONT && toy_is_v4(&sk->sk_v6_daddr))
		return;
	if (!sock_owned_by_user(sk))
		toy_tcp_mtu_reduced(sk);
	else if (!test_and_set_bit(TOY_DEFER_MTU, &toy_tcp(sk)->deferred))
		sock_hold(sk);
}

/**
 * toy_tcp_mtu_reduced() - segments in flight are too large
 * @sk: socket, locked
 *
 * They are sent again at once, smaller (RFC 1191 6.5).
 */
void toy_tcp_mtu_reduced(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 before = tp->mss;
	struct sk_buff *skb;

	if ((1 << sk->sk_state) & (TCPF_LISTEN | TCPF_CLOSE))
		return;
	toy_tcp_now(tp);
	toy_tcp_sync_mss(sk);
	if (tp->mss >= before)
		return;
	for (skb = toy_tcp_rtx_head(sk); skb; skb = skb_rb_next(skb))
		if (min(skb->len, (u32)toy_cb(skb)->mss) > tp->mss)
			toy_tcp_mark_lost(sk, skb);
	if (tp->lost_out)
		toy_tcp_resend_lost(sk);	/* RFC 1191 6.4 */
}

/* RFC 6069: a long disconnection; the router says that it is not congestion. */
static void toy_err_revert_backoff(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!tp->rtt.backoffs || !tp->retransmits || sock_owned_by_user(sk) ||
	    tp->xtimer != TOY_XT_RTO || !toy_tcp_rtx_head(sk))
		return;
	tp->rtt.backoffs--;
	toy_tcp_rto_update(tp);
	toy_tcp_now(tp);
	toy_xtimer_arm(sk, TOY_XT_RTO, toy_tcp_rto(tp));
}

static void toy_err_report(struct sock *sk, int err)
{
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
}

static void toy_err_sock(struct sock *sk, const struct sk_buff *quoted, u16 port,
			 u32 seq, const struct toy_icmp_err *e)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 pmtudisc = toy_sock_pmtudisc(toy_sk(sk), &e->daddr);
	struct toy_net *tn = toy_sock_net(sk);

	if (sk->sk_state == TCP_CLOSE)
		return;
	/* RFC 5927 4: it must be about something in flight. */
	if (!toy_seq_before(seq, tp->snd_nxt) || toy_seq_before(seq, tp->snd_una)) {
		toy_count(tn, TOY_MIB_TCP_OUT_OF_WINDOW_ICMPS);
		return;
	}
	if (toy_sock_way_err(tn, pmtudisc, e))
		return;
	if (e->err == EMSGSIZE) {
		toy_err_too_big(sk, pmtudisc);
		return;
	}
	if (e->type == ICMP_DEST_UNREACH && (e->code == ICMP_NET_UNREACH ||
					     e->code == ICMP_HOST_UNREACH) &&
	    seq == tp->snd_una)
		toy_err_revert_backoff(sk);

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
		if (sock_owned_by_user(sk)) {
			WRITE_ONCE(sk->sk_err_soft, e->err);
			return;
		}
		if (toy_sock_recverr(toy_sk(sk), &e->daddr))
			toy_sock_error(sk, quoted, sizeof(struct tcphdr), port, e);
		WRITE_ONCE(sk->sk_err, e->err);
		sk_error_report(sk);
		toy_tcp_done(sk);
		return;
	}
	/* RFC 1122 4.2.3.9 would let a hard error end the connection; RFC 5461
	 * and RFC 5927 5.1 tell why it must not.
	 */
	if (toy_sock_recverr(toy_sk(sk), &e->daddr) && !sock_owned_by_user(sk))
		toy_err_report(sk, e->err);
	else
		WRITE_ONCE(sk->sk_err_soft, e->err);
}

/* A half-open connection that cannot be answered makes room; nobody is told, for
 * accept(2) knows no network errors. Which errors those are differs between the
 * IP versions: as AF_INET and AF_INET6 have it.
 */
static bool toy_err_ends_req(const struct toy_icmp_err *e)
{
	if (!toy_is_v4(&e->daddr))
		return e->fatal;
	return e->type == ICMP_PARAMETERPROB || e->type == ICMP_TIME_EXCEEDED ||
	       (e->type == ICMP_DEST_UNREACH && (e->code == ICMP_NET_UNREACH ||
						 e->code == ICMP_HOST_UNREACH));
}

static void toy_err_req(struct toy_net *tn, struct toy_req *req, u32 seq,
			const struct toy_icmp_err *e)
{
	/* Only about our SYN-ACK. */
	if (seq != req->iss || toy_sock_way_err(tn, IP_PMTUDISC_WANT, e))
		return;
	if (toy_err_ends_req(e))
		toy_req_drop(req);
}

/**
 * toy_tcp_err() - an ICMP error about a segment of ours
 * @pkt: the packet that brought it
 * @skb: skb->data at the quoted TCP header, 8 bytes linear; borrowed
 * @e: the error
 *
 * Context: softirq, RCU.
 */
void toy_tcp_err(struct toy_pkt *pkt, struct sk_buff *skb,
		 const struct toy_icmp_err *e)
{
	struct toy_tuple4 t = {
		.laddr = e->saddr, .raddr = e->daddr,
		.scope = toy_addr_linklocal(&e->daddr) ? pkt->dev->ifindex : 0,
	};
	struct toy_conn *c;
	struct sock *sk;
	u32 seq;

	toy_tcp_quoted(skb, &t.lport, &t.rport, &seq);
	c = toy_conn_find(pkt->tn->tcp, &t);
	if (!c) {
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_ERRORS);
		return;
	}
	switch (c->kind) {
	case TOY_CONN_REQ:
		toy_err_req(pkt->tn, container_of(c, struct toy_req, conn), seq,
			    e);
		break;
	case TOY_CONN_SOCK:
		sk = &container_of(c, struct toy_sock, conn)->sk;
		bh_lock_sock(sk);
		if (sock_owned_by_user(sk) && e->err != EMSGSIZE)
			toy_count(pkt->tn, TOY_MIB_TCP_LOCK_DROPPED_ICMPS);
		toy_err_sock(sk, skb, t.rport, seq, e);
		bh_unlock_sock(sk);
		break;
	default:
		break;
	}
}

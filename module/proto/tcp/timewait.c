// SPDX-License-Identifier: GPL-2.0-only
/*
 * TIME_WAIT (RFC 9293 3.6.1, RFC 1337, RFC 6191), and FIN_WAIT_2 without a
 * program.
 *
 * The socket is gone; what remains is as small as can be: both ends, the
 * numbers that an answer needs, and a timer. It keeps its local port, as a
 * lease, and is found like any connection.
 *
 *	in FIN_WAIT_2: FIN		TIME_WAIT, 60 s
 *	               other data	reset
 *	in TIME_WAIT:  RST		ends it (unless net.toy.tcp_rfc1337)
 *	               newer SYN	ends it, and a new connection opens
 *	               anything else	acknowledged; 60 s anew
 */
#include <linux/slab.h>

#include "../ip.h"
#include "accept.h"
#include "timewait.h"

static struct kmem_cache *toy_tw_cache;

/* ---- life ------------------------------------------------------------ */

static void toy_tw_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(toy_tw_cache, container_of(head, struct toy_tw, rcu));
}

static void toy_tw_put(struct toy_tw *tw)
{
	if (refcount_dec_and_test(&tw->refcnt))
		call_rcu(&tw->rcu, toy_tw_free_rcu);
}

static bool toy_tw_claim(struct toy_tw *tw)
{
	return !atomic_xchg(&tw->dead, 1);
}

/* The table's reference and the timer's go; the caller has claimed it. */
static void toy_tw_release(struct toy_tw *tw)
{
	/* The last use of the tables: toy_conn_table_exit() looks. */
	smp_mb__before_atomic();
	atomic_dec(&tw->tt->tw_count);
	if (del_timer(&tw->timer))
		toy_tw_put(tw);
	toy_tw_put(tw);
}

/**
 * toy_tw_end() - it is over: both ends and the port are free
 * @tw: entry, found under RCU
 *
 * Context: process or softirq. Of several callers one ends it.
 */
void toy_tw_end(struct toy_tw *tw)
{
	struct toy_ports *p = tw->tt->ports;

	if (!toy_tw_claim(tw))
		return;
	toy_conn_del(tw->tt, &tw->conn);
	xa_lock_bh(&p->ports);
	toy_lease_end(p, &tw->lease);
	xa_unlock_bh(&p->ports);
	toy_tw_release(tw);
}

static void toy_tw_fired(struct timer_list *t)
{
	struct toy_tw *tw = from_timer(tw, t, timer);

	rcu_read_lock();
	toy_tw_end(tw);
	toy_tw_put(tw);
	rcu_read_unlock();
}

static void toy_tw_stay(struct toy_tw *tw, unsigned long timeout)
{
	tw->timeout = timeout;
	/* A pending timer has a reference; one that is not pending is ending. */
	mod_timer_pending(&tw->timer, jiffies + timeout);
}

static struct toy_tw *toy_tw_new(struct sock *sk, int state)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_tw *tw = kmem_cache_zalloc(toy_tw_cache, GFP_ATOMIC |
					      __GFP_NOWARN);

	if (!tw)
		return NULL;
	tw->conn.kind = TOY_CONN_TW;
	toy_conn_tuple(&tp->ts.conn, &tw->t);
	tw->tt = toy_tcp_net(sk);
	timer_setup(&tw->timer, toy_tw_fired, 0);
	refcount_set(&tw->refcnt, 2);		/* table, timer */
	tw->state = state;
	tw->rcv_nxt = tp->rcv_nxt;
	tw->snd_nxt = tp->snd_nxt;
	tw->rcv_wnd = toy_rwnd_left(&tp->rwnd, tp->rcv_nxt);
	tw->rcv_wscale = tp->rwnd.scale;
	tw->tstamp = tp->tstamp;
	tw->tstamp_ok = tp->tstamp_ok;
	tw->mark = sk->sk_mark;
	tw->ifindex = sk->sk_bound_dev_if;
	tw->ttl = toy_sock_ttl(&tp->ts, &sk->sk_v6_daddr);
	tw->tos = toy_sock_tos(&tp->ts, &sk->sk_v6_daddr);
	return tw;
}

/**
 * toy_tcp_timewait() - a socket leaves its connection to TIME_WAIT
 * @sk: socket, locked
 * @state: TCP_TIME_WAIT or TCP_FIN_WAIT2
 * @timeout: of TCP_FIN_WAIT2, in jiffies
 *
 * The socket is CLOSED afterwards; an orphan is gone with the lock.
 */
void toy_tcp_timewait(struct sock *sk, int state, unsigned long timeout)
{
	struct toy_tcp_net *tt = toy_tcp_net(sk);
	struct toy_net *tn = toy_sock_net(sk);
	struct toy_tw *tw = NULL;
	bool swapped;

	timeout = max(timeout, toy_tcp_rto(toy_tcp(sk)) * 7 / 2);
	if (state == TCP_TIME_WAIT)
		timeout = TOY_TW_LEN;
	if (atomic_read(&tt->tw_count) < READ_ONCE(tn->sysctl.tcp_max_tw_buckets))
		tw = toy_tw_new(sk, state);
	if (!tw) {
		toy_count(tn, TOY_MIB_TCP_TIME_WAIT_OVERFLOW);
		toy_tcp_done(sk);
		return;
	}
	atomic_inc(&tt->tw_count);
	tw->timeout = timeout;
	tw->timer.expires = jiffies + timeout;
	add_timer(&tw->timer);

	xa_lock_bh(&tt->ports->ports);
	if (toy_sk(sk)->port)
		toy_port_lease(sk, &tw->lease, &tw->t.laddr);
	xa_unlock_bh(&tt->ports->ports);
	swapped = !toy_conn_swap(tt, &toy_sk(sk)->conn, &tw->conn);
	if (WARN_ON_ONCE(!swapped))
		toy_tw_end(tw);
	else
		toy_count(tn, TOY_MIB_TCP_TW);
	toy_tcp_done(sk);
}

/* ---- somebody wants the ends anew ------------------------------------ */

/**
 * toy_tw_reusable() - may connect(2) take the ends over? (RFC 6191)
 * @c: entry in TIME_WAIT, under RCU
 * @sk: locked socket that connects
 *
 * Safe only with timestamps: what is still in the network is then refused by
 * PAWS. The new connection goes on where the old one was.
 * Return: true if it may; sequence numbers and timestamps of @sk are set.
 */
bool toy_tw_reusable(struct toy_conn *c, struct sock *sk)
{
	struct toy_tw *tw = container_of(c, struct toy_tw, conn);
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int reuse = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_tw_reuse);

	if (reuse == 2)
		reuse = toy_addr_loopback(&tw->t.laddr) ||
			toy_addr_loopback(&tw->t.raddr);
	if (!reuse || !tw->tstamp.recent_s ||
	    (s32)(toy_tcp_seconds() - tw->tstamp.recent_s) < 1 ||
	    !toy_tw_claim(tw))
		return false;
	tp->write_seq = tw->snd_nxt + 65535 + 2;
	if (!tp->write_seq)
		tp->write_seq = 1;
	tp->tstamp.recent = tw->tstamp.recent;
	tp->tstamp.recent_s = tw->tstamp.recent_s;
	return true;
}

/**
 * toy_tw_replaced() - a socket has taken the place of an entry
 * @c: entry that toy_tw_reusable() has claimed, out of the table; the lock of
 *	the port table is held
 */
void toy_tw_replaced(struct toy_conn *c)
{
	struct toy_tw *tw = container_of(c, struct toy_tw, conn);

	toy_lease_end(tw->tt->ports, &tw->lease);
	toy_tw_release(tw);
}

/* ---- segments -------------------------------------------------------- */

static u32 toy_tw_ms(void)
{
	return div_u64(toy_tcp_clock(), USEC_PER_MSEC);
}

static void toy_tw_ack(struct toy_tw *tw)
{
	struct toy_tcp_opts o = {
		.has = tw->tstamp_ok ? TOY_OPT_TS : 0,
		.tsval = toy_tw_ms() + tw->tstamp.offset,
		.tsecr = tw->tstamp.recent,
	};
	struct toy_tcp_reply r = {
		.t = &tw->t, .seq = tw->snd_nxt, .ack = tw->rcv_nxt,
		.wnd = min_t(u32, tw->rcv_wnd >> tw->rcv_wscale, 65535),
		.flags = TOY_TCP_ACK, .opts = &o, .oif = tw->ifindex,
		.mark = tw->mark, .tos = tw->tos & ~3, .ttl = tw->ttl,
		.any_src = true,
	};

	toy_tcp_reply(tw->tt->tn, &r);
}

/* RFC 5961: not more often than any other answer out of the window. Data and a
 * FIN are no answers themselves.
 */
static void toy_tw_ack_limited(struct toy_tw *tw, const struct toy_tcp_seg *s,
			       enum toy_mib skipped)
{
	struct toy_net *tn = tw->tt->tn;

	if (toy_seg_occupies(s) ||
	    toy_oow_allowed(&tw->oow_ms, toy_tw_ms(),
			    READ_ONCE(tn->sysctl.tcp_invalid_ratelimit)))
		toy_tw_ack(tw);
	else
		toy_count(tn, skipped);
}

static void toy_tw_take_ts(struct toy_tw *tw, const struct toy_tcp_seg *s)
{
	if (!(s->opts.has & TOY_OPT_TS))
		return;
	tw->tstamp.recent = s->opts.tsval;
	tw->tstamp.recent_s = toy_tcp_seconds();
}

static enum toy_drop toy_tw_fin_wait2(struct toy_tw *tw, struct toy_pkt *pkt,
				      const struct toy_tcp_seg *s, bool old)
{
	if (old || !toy_seq_in_window(s->seq, s->end_seq, tw->rcv_nxt,
				      tw->rcv_wnd)) {
		toy_tw_ack_limited(tw, s, TOY_MIB_TCP_ACK_SKIPPED_FIN_WAIT2);
		return TOY_DROP_TCP_SEQUENCE;
	}
	if (s->flags & TOY_TCP_RST) {
		toy_tw_end(tw);
		return TOY_DROP_TCP_RESET;
	}
	if (s->flags & TOY_TCP_SYN && !toy_seq_before(s->seq, tw->rcv_nxt)) {
		toy_tcp_reset_segment(pkt->tn, &tw->t, s, tw->tos, tw->ifindex);
		toy_tw_end(tw);
		return TOY_DROP_TCP_INVALID_SYN;
	}
	if (!(s->flags & TOY_TCP_ACK) || !toy_seq_after(s->end_seq, tw->rcv_nxt) ||
	    s->end_seq == s->seq)
		return TOY_DROP_TCP_TIME_WAIT;
	/* RFC 1122 4.2.2.13: nobody will read it. */
	if (!(s->flags & TOY_TCP_FIN) || s->end_seq != tw->rcv_nxt + 1) {
		toy_count(pkt->tn, TOY_MIB_TCP_ABORT_ON_DATA);
		toy_tcp_reset_segment(pkt->tn, &tw->t, s, tw->tos, tw->ifindex);
		toy_tw_end(tw);
		return TOY_DROP_TCP_ABORT_ON_DATA;
	}
	tw->state = TCP_TIME_WAIT;
	tw->rcv_nxt = s->end_seq;
	toy_tw_take_ts(tw, s);
	toy_tw_stay(tw, TOY_TW_LEN);
	toy_tw_ack(tw);
	return TOY_DROP_TCP_TIME_WAIT;
}

/* RFC 9293 3.6.1, RFC 6191 2: is it newer than all of the old connection? */
static bool toy_tw_newer_syn(const struct toy_tw *tw, const struct toy_tcp_seg *s,
			     bool old)
{
	if ((s->flags & (TOY_TCP_SYN | TOY_TCP_RST | TOY_TCP_ACK)) != TOY_TCP_SYN ||
	    old)
		return false;
	return toy_seq_after(s->seq, tw->rcv_nxt) ||
	       (s->opts.has & TOY_OPT_TS && tw->tstamp_ok &&
		(s32)(tw->tstamp.recent - s->opts.tsval) < 0);
}

/* There must be somebody to take it. */
static bool toy_tw_reopen(struct toy_tw *tw, struct toy_pkt *pkt,
			  struct sk_buff *skb)
{
	struct toy_tuple t = {
		.laddr = tw->t.laddr, .raddr = tw->t.raddr,
		.lport = tw->t.lport, .rport = tw->t.rport,
		.ifindex = toy_skb_cb(skb)->ifindex,
	};
	u32 isn = tw->snd_nxt + 65535 + 2;

	if (!toy_lookup(pkt->tn->tcp->ports, &t, skb))
		return false;
	toy_cb(skb)->tw_isn = isn ? isn : 1;
	toy_tw_end(tw);
	return true;
}

/**
 * toy_tw_rcv() - a segment for a connection in TIME_WAIT
 * @tw: entry, found in the table
 * @pkt: what is known of the packet
 * @skb: segment; never consumed
 * @s: its view
 * @reopen: result: it opens a new connection, @tw is gone
 *
 * Context: softirq, RCU.
 * Return: why it is dropped, unless @reopen.
 */
enum toy_drop toy_tw_rcv(struct toy_tw *tw, struct toy_pkt *pkt,
			 struct sk_buff *skb, struct toy_tcp_seg *s, bool *reopen)
{
	bool rst = s->flags & TOY_TCP_RST, old = false;

	*reopen = false;
	if (s->hdr_len > sizeof(struct tcphdr))
		toy_tcp_parse_opts(skb, s);
	if (s->opts.has & TOY_OPT_TS && tw->tstamp.recent_s)
		old = toy_ts_paws_reject(&tw->tstamp, s->opts.tsval,
					 toy_tcp_seconds(), rst);
	if (tw->state == TCP_FIN_WAIT2)
		return toy_tw_fin_wait2(tw, pkt, s, old);

	/* In the window there can be a bare ACK, or a RST: RFC 1337. */
	if (!old && s->seq == tw->rcv_nxt && (s->seq == s->end_seq || rst)) {
		if (rst) {
			if (!READ_ONCE(pkt->tn->sysctl.tcp_rfc1337)) {
				toy_tw_end(tw);
				return TOY_DROP_TCP_RESET;
			}
		} else {
			toy_tw_stay(tw, TOY_TW_LEN);
		}
		toy_tw_take_ts(tw, s);
		return TOY_DROP_TCP_TIME_WAIT;
	}
	if (toy_tw_newer_syn(tw, s, old) && toy_tw_reopen(tw, pkt, skb)) {
		*reopen = true;
		return TOY_RX_OK;
	}
	if (old)
		toy_count(pkt->tn, TOY_MIB_TCP_PAWS_TIMEWAIT);
	if (!rst) {
		if (old || s->flags & TOY_TCP_ACK)
			toy_tw_stay(tw, TOY_TW_LEN);
		toy_tw_ack_limited(tw, s, TOY_MIB_TCP_ACK_SKIPPED_TIME_WAIT);
	}
	return old ? TOY_DROP_TCP_PAWS : TOY_DROP_TCP_TIME_WAIT;
}

int toy_tw_init(void)
{
	toy_tw_cache = KMEM_CACHE(toy_tw, SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	return toy_tw_cache ? 0 : -ENOMEM;
}

void toy_tw_exit(void)
{
	/* What RCU has still to free. */
	rcu_barrier();
	kmem_cache_destroy(toy_tw_cache);
}

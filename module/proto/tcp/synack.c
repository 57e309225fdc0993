// SPDX-License-Identifier: GPL-2.0-only
/*
 * Half-open connections: SYN-RECEIVED without a socket (RFC 9293 3.10.7.2 and
 * 3.10.7.4).
 *
 *	SYN -> struct toy_req -> SYN-ACK, again after 1, 2, 4 ... s
 *	                 | ACK of it, or RST, or too many tries
 *	                 v
 *	              a socket, or nothing
 *
 * A request is a fraction of a socket's size, because strangers make them. It
 * belongs to its listener: closing that takes all of them away. Whoever turns
 * @state from OPEN to TAKEN decides its end; every other CPU that sees it then
 * leaves it alone.
 */
#include <net/inet_ecn.h>

#include "../../skb/ipv6_exts.h"
#include "../ip.h"
#include "accept.h"
#include "synack.h"

static struct kmem_cache *toy_req_cache;

/* ---- life ------------------------------------------------------------ */

static void toy_req_free_rcu(struct rcu_head *head)
{
	struct toy_req *req = container_of(head, struct toy_req, rcu);

	kfree(req->saved_syn);
	kmem_cache_free(toy_req_cache, req);
}

/**
 * toy_req_put() - give a reference back
 * @req: request
 */
void toy_req_put(struct toy_req *req)
{
	if (refcount_dec_and_test(&req->refcnt))
		call_rcu(&req->rcu, toy_req_free_rcu);
}

static void toy_req_fired(struct timer_list *t);

/**
 * toy_req_new() - somebody wants to connect
 * @listener: listener
 * @pkt: what is known of the SYN
 * @skb: the SYN
 * @s: the SYN, options parsed
 *
 * Return: a request with one reference, in no table; or NULL.
 */
struct toy_req *toy_req_new(struct sock *listener, const struct toy_pkt *pkt,
			    const struct sk_buff *skb,
			    const struct toy_tcp_seg *s)
{
	int ifindex = toy_skb_cb(skb)->ifindex;
	struct toy_req *req = kmem_cache_zalloc(toy_req_cache,
						GFP_ATOMIC | __GFP_NOWARN);

	if (!req)
		return NULL;
	req->conn.kind = TOY_CONN_REQ;
	req->t = (struct toy_tuple4) {
		.laddr = pkt->daddr, .raddr = pkt->saddr,
		.lport = s->dport, .rport = s->sport,
		.scope = toy_addr_linklocal(&pkt->saddr) ? ifindex : 0,
	};
	req->listener = listener;
	INIT_LIST_HEAD(&req->node);
	timer_setup(&req->timer, toy_req_fired, 0);
	refcount_set(&req->refcnt, 1);
	req->irs = s->seq;
	req->mark = READ_ONCE(listener->sk_mark);
	req->ifindex = listener->sk_bound_dev_if ?: req->t.scope;
	if (unlikely(READ_ONCE(toy_sk(listener)->opt_flags) & TOY_OPT_REFLECT))
		req->flowlabel = ntohl(toy_skb_label(skb));
	req->tos = pkt->tos;
	req->young = 1;
	return req;
}

/* Takes the request: true for exactly one caller. */
static bool toy_req_take(struct toy_req *req)
{
	return atomic_read(&req->state) == TOY_REQ_OPEN &&
	       atomic_cmpxchg(&req->state, TOY_REQ_OPEN, TOY_REQ_TAKEN) ==
	       TOY_REQ_OPEN;
}

static void toy_req_stop_timer(struct toy_req *req)
{
	if (del_timer(&req->timer))
		toy_req_put(req);
}

/**
 * toy_req_drop() - a half-open connection ends without a socket
 * @req: request in the table, under RCU
 *
 * Context: process or softirq. Of several callers one ends it.
 */
void toy_req_drop(struct toy_req *req)
{
	struct sock *sk = req->listener;

	if (!toy_req_take(req))
		return;
	toy_conn_del(toy_tcp_net(sk), &req->conn);
	if (toy_listen_del_req(sk, req)) {
		toy_req_stop_timer(req);
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_ATTEMPT_FAILS);
		toy_req_put(req);
	}
}

/* ---- what is agreed (RFC 9293 3.10.7.2, RFC 7323, RFC 2018, RFC 3168) --- */

/**
 * toy_req_agree() - take over what the SYN offers and we allow
 * @sk: listener
 * @req: request
 * @s: SYN, options parsed
 * @ecn_wanted: the SYN asks for ECN
 */
void toy_req_agree(struct sock *sk, struct toy_req *req,
		   const struct toy_tcp_seg *s, bool ecn_wanted)
{
	const struct toy_sysctl *sc = &toy_sock_net(sk)->sysctl;
	u16 user = READ_ONCE(toy_tcp(sk)->user_mss);

	req->mss = s->opts.has & TOY_OPT_MSS ? s->opts.mss :
		   toy_is_v4(&req->t.raddr) ? TOY_MSS_DEFAULT :
					      TOY_MSS_DEFAULT_V6;
	if (user && user < req->mss)
		req->mss = user;
	if (s->opts.has & TOY_OPT_TS && READ_ONCE(sc->tcp_timestamps)) {
		req->opts |= TOY_OPT_TS;
		req->ts_recent = s->opts.tsval;
	}
	if (s->opts.has & TOY_OPT_SACK_OK && READ_ONCE(sc->tcp_sack))
		req->opts |= TOY_OPT_SACK_OK;
	if (s->opts.has & TOY_OPT_WSCALE && READ_ONCE(sc->tcp_window_scaling)) {
		req->opts |= TOY_OPT_WSCALE;
		req->snd_wscale = s->opts.wscale;
	}
	req->ecn = ecn_wanted && READ_ONCE(sc->tcp_ecn);
	req->ts_off = READ_ONCE(sc->tcp_timestamps) == 1 ?
		      toy_ts_offset(&req->t.laddr, &req->t.raddr) : 0;
}

/**
 * toy_req_rwnd() - the window that we offer
 * @sk: listener
 * @req: request, options agreed
 * @path: the way to the peer
 */
void toy_req_rwnd(struct sock *sk, struct toy_req *req,
		  const struct toy_path *path)
{
	const struct toy_sysctl *sc = &toy_sock_net(sk)->sysctl;
	u32 space = max(toy_tcp_full_space(sk), 0);
	u32 max_space = max_t(u32, READ_ONCE(sc->tcp_rmem[2]),
			      READ_ONCE(sysctl_rmem_max));
	struct toy_rwnd_init i = {
		.space = space,
		.max_space = sk->sk_userlocks & SOCK_RCVBUF_LOCK ?
			     space : max(space, max_space),
		.clamp = READ_ONCE(toy_tcp(sk)->window_clamp) ?: path->m.window,
		.init_segs = path->m.initrwnd,
		.mss = toy_req_advmss(sk, path) -
		       (req->opts & TOY_OPT_TS ? 12 : 0),
		.wscale_ok = req->opts & TOY_OPT_WSCALE,
	};

	toy_rwnd_start(&req->rwnd, &i);
	req->rwnd.wup = req->irs + 1;
}

/* ---- answering ------------------------------------------------------- */

static u32 toy_req_ms(void)
{
	return div_u64(toy_tcp_clock(), USEC_PER_MSEC);
}

/**
 * toy_req_advmss() - the segment size that we announce
 * @sk: listener
 * @path: the way to the peer
 *
 * Return: bytes.
 */
u16 toy_req_advmss(const struct sock *sk, const struct toy_path *path)
{
	return toy_tcp_advmss(path, READ_ONCE(toy_tcp(sk)->user_mss));
}

/* The listener's extension headers: its answers have them, too. */
static struct toy_ipv6_txexts *toy_req_exts(const struct sock *sk,
					    const struct toy_req *req)
{
	return toy_is_v4(&req->t.raddr) ? NULL : toy_sock_exts(toy_sk(sk));
}

/**
 * toy_req_path() - the way to the peer
 * @sk: listener
 * @req: request
 * @path: result; toy_path_reset() gives it back
 *
 * Return: 0 or a negative errno.
 */
int toy_req_path(const struct sock *sk, const struct toy_req *req,
		 struct toy_path *path)
{
	struct toy_flow flow = {
		.daddr = req->t.raddr, .saddr = req->t.laddr, .oif = req->ifindex,
		.flags = toy_sock_nonlocal(toy_sk(sk)) ? TOY_FLOW_ANYSRC : 0,
	};
	struct toy_ipv6_txexts *exts = toy_req_exts(sk, req);
	const struct in6_addr *hop = toy_ipv6_exts_hop(exts);

	if (unlikely(hop))
		flow.daddr = *hop;
	toy_ipv6_exts_put(exts);
	return toy_path_lookup(toy_sock_net(sk), &flow, path);
}

/**
 * toy_req_synack() - send the SYN-ACK
 * @sk: listener
 * @req: request, in the table or not
 * @path: the way to the peer, or NULL to look it up
 * @cookie_opts: takes the place of the usual options; or NULL
 * @fo: option of Fast Open, if its length is not negative; or NULL
 *
 * Return: 0 or a negative errno.
 */
int toy_req_synack(struct sock *sk, const struct toy_req *req,
		   const struct toy_path *path,
		   const struct toy_tcp_opts *cookie_opts,
		   const struct toy_fo_cookie *fo)
{
	struct toy_tcp_opts o = {
		.has = req->opts | TOY_OPT_MSS,
		.wscale = req->rwnd.scale,
		.tsval = toy_req_ms() + req->ts_off,
		.tsecr = req->ts_recent,
	};
	struct toy_tcp_reply r = {
		.t = &req->t, .seq = req->iss, .ack = req->irs + 1,
		.wnd = min_t(u32, req->rwnd.wnd, 65535),
		.flags = TOY_TCP_SYN | TOY_TCP_ACK |
			 (req->ecn ? TOY_TCP_ECE : 0),
		.tos = toy_sock_tos(toy_sk(sk), &req->t.raddr) & ~INET_ECN_MASK,
		.ttl = toy_sock_ttl(toy_sk(sk), &req->t.raddr),
		.mark = req->mark, .priority = READ_ONCE(sk->sk_priority),
		.autolabel = toy_sock_autolabel(toy_sk(sk)),
		.txhash = toy_req_txhash(req),
		.flowlabel = req->flowlabel,
	};
	struct toy_ipv6_txexts *exts;
	struct toy_path own;
	int err;

	if (!path) {
		err = toy_req_path(sk, req, &own);
		if (err)
			return err;
	}
	if (cookie_opts)
		o = *cookie_opts;
	if (unlikely(fo && fo->len >= 0)) {
		o.has |= TOY_OPT_FASTOPEN;
		o.fo = *fo;
	}
	r.path = path ?: &own;
	o.mss = toy_req_advmss(sk, r.path);
	r.opts = &o;
	exts = toy_req_exts(sk, req);
	r.exts = exts;
	err = toy_tcp_reply(toy_sock_net(sk), &r);
	toy_ipv6_exts_put(exts);
	if (!path)
		toy_path_reset(&own);
	return err;
}

static unsigned long toy_req_delay(const struct toy_req *req)
{
	return usecs_to_jiffies(min_t(u64, (u64)TOY_RTO_INITIAL_US <<
				      min_t(u8, req->timeouts, 20),
				      TOY_RTO_MAX_US));
}

/**
 * toy_req_start() - run the timer of a new request
 * @req: request in the table; nobody can take it yet, or has to wait for the
 *	listener's lock to end it
 */
void toy_req_start(struct toy_req *req)
{
	refcount_inc(&req->refcnt);
	mod_timer(&req->timer, jiffies + toy_req_delay(req));
}

/* While the queue is full of old ones, they give way sooner than they would. */
static int toy_req_limit(struct sock *sk, const struct toy_listen *l)
{
	int limit = toy_tcp(sk)->syn_retries ?:
		    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_synack_retries);
	u32 young;

	if (l->nr_reqs << 1 <= max(8U, READ_ONCE(sk->sk_max_ack_backlog)))
		return limit;
	for (young = l->nr_young << 1; limit > 2 && l->nr_reqs >= young;
	     young <<= 1)
		limit--;
	return limit;
}

/* The SYN-ACK or its answer was lost. True: it is given up. */
static bool toy_req_expired(struct sock *sk, struct toy_req *req)
{
	struct toy_listen *l = READ_ONCE(toy_tcp(sk)->listen);
	u8 defer = READ_ONCE(toy_tcp(sk)->defer_accept);
	int limit;

	if (!l)
		return true;
	limit = toy_req_limit(sk, l);
	if (!defer) {
		if (req->timeouts >= limit)
			return true;
	} else if (req->timeouts >= limit &&
		   (!req->acked || req->timeouts >= defer)) {
		/* TCP_DEFER_ACCEPT: an ACK without data keeps it longer. */
		return true;
	}
	/* Deferred and acknowledged: only the last one is sent again, so that
	 * the peer's answer completes it.
	 */
	if (!defer || !req->acked || req->timeouts >= defer - 1) {
		toy_req_synack(sk, req, NULL, NULL, NULL);
		req->retries++;
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_RETRANS_SEGS);
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_SYN_RETRANS);
	}
	if (req->young) {
		spin_lock(&l->lock);
		l->nr_young--;
		req->young = 0;
		spin_unlock(&l->lock);
	}
	req->timeouts++;
	return false;
}

static void toy_req_fired(struct timer_list *t)
{
	struct toy_req *req = from_timer(req, t, timer);

	rcu_read_lock();
	if (atomic_read(&req->state) == TOY_REQ_OPEN) {
		if (toy_req_expired(req->listener, req)) {
			toy_req_drop(req);
		} else {
			refcount_inc(&req->refcnt);
			mod_timer(&req->timer, jiffies + toy_req_delay(req));
			/* Somebody may have taken it, and found no timer. */
			if (atomic_read(&req->state) != TOY_REQ_OPEN)
				toy_req_stop_timer(req);
		}
	}
	toy_req_put(req);
	rcu_read_unlock();
}

/* ---- segments (RFC 9293 3.10.7.4, SYN-RECEIVED) ---------------------- */

static void toy_req_ack(struct toy_req *req, struct sock *sk,
			const struct toy_tcp_seg *s)
{
	struct toy_tcp_opts o = {
		.has = req->opts & TOY_OPT_TS,
		.tsval = toy_req_ms() + req->ts_off,
		.tsecr = req->ts_recent,
	};
	struct toy_tcp_reply r = {
		.t = &req->t, .seq = req->iss + 1, .ack = req->irs + 1,
		.wnd = min_t(u32, req->rwnd.wnd >> req->rwnd.scale, 65535),
		.flags = TOY_TCP_ACK, .opts = &o, .oif = req->ifindex,
		.mark = req->mark,
		.autolabel = toy_sock_autolabel(toy_sk(sk)),
		.txhash = toy_req_txhash(req),
		.flowlabel = req->flowlabel,
		.tos = toy_sock_tos(toy_sk(sk), &req->t.raddr) & ~3,
		.ttl = toy_sock_ttl(toy_sk(sk), &req->t.raddr),
	};

	if (toy_seg_occupies(s) ||
	    toy_oow_allowed(&req->oow_ms, toy_req_ms(),
			    READ_ONCE(toy_sock_net(sk)->sysctl.tcp_invalid_ratelimit)))
		toy_tcp_reply(toy_sock_net(sk), &r);
	else
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_ACK_SKIPPED_SYN_RECV);
}

/* Our SYN-ACK, or the ACK of it, was lost: the SYN comes again. */
static enum toy_drop toy_req_syn_again(struct toy_req *req, struct sock *sk,
				       const struct toy_tcp_seg *s)
{
	if (!toy_oow_allowed(&req->oow_ms, toy_req_ms(),
			     READ_ONCE(toy_sock_net(sk)->sysctl.tcp_invalid_ratelimit))) {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_ACK_SKIPPED_SYN_RECV);
		return TOY_DROP_TCP_DUPLICATE;
	}
	toy_req_synack(sk, req, NULL, NULL, NULL);
	req->retries++;
	/* The next one has its time from now. */
	mod_timer_pending(&req->timer, jiffies + toy_req_delay(req));
	return TOY_DROP_TCP_DUPLICATE;
}

/* RFC 5961 3.2: a reset in the window, but not at its beginning. */
static enum toy_drop toy_req_challenge(struct toy_req *req, struct sock *sk,
				       const struct toy_tcp_seg *s)
{
	struct toy_net *tn = toy_sock_net(sk);

	if (toy_challenge_allowed(&tn->tcp->challenge, toy_tcp_seconds(),
				  READ_ONCE(tn->sysctl.tcp_challenge_ack_limit))) {
		toy_count(tn, TOY_MIB_TCP_CHALLENGE_ACK);
		toy_req_ack(req, sk, s);
	}
	return TOY_DROP_TCP_INVALID_RST;
}

/* The final ACK: a socket takes the place of the request. */
static enum toy_drop toy_req_complete(struct toy_req *req, struct sock *sk,
				      struct toy_pkt *pkt, struct sk_buff *skb,
				      struct toy_tcp_seg *s)
{
	struct toy_net *tn = toy_sock_net(sk);
	struct sock *child;

	/* TCP_DEFER_ACCEPT: only data wakes the program. */
	if (req->timeouts < READ_ONCE(toy_tcp(sk)->defer_accept) &&
	    s->end_seq == s->seq) {
		req->acked = 1;
		toy_count(tn, TOY_MIB_TCP_DEFER_ACCEPT_DROP);
		return TOY_DROP_TCP_DEFERRED;
	}
	if (toy_tcp_accept_full(sk)) {
		toy_count(tn, TOY_MIB_TCP_LISTEN_OVERFLOWS);
		toy_count(tn, TOY_MIB_TCP_LISTEN_DROPS);
		if (READ_ONCE(tn->sysctl.tcp_abort_on_overflow)) {
			toy_tcp_reset_segment(tn, &req->t, s, pkt->tos, req->ifindex);
			toy_req_drop(req);
		}
		req->acked = 1;
		return TOY_DROP_TCP_ACCEPT_FULL;
	}
	if (!toy_req_take(req))
		return TOY_DROP_TCP_REQ_TAKEN;

	child = toy_tcp_child(sk, req, pkt, s, TOY_CHILD_OF_REQ);
	if (!child) {
		/* Memory, or the listener is closing: the peer tries again and
		 * meets a reset or another request.
		 */
		toy_conn_del(toy_tcp_net(sk), &req->conn);
	}
	if (toy_listen_del_req(sk, req)) {
		toy_req_stop_timer(req);
		toy_req_put(req);
	}
	if (!child) {
		toy_count(tn, TOY_MIB_TCP_LISTEN_DROPS);
		return TOY_DROP_NOMEM;
	}
	return toy_tcp_child_in(sk, child, skb, s);
}

/**
 * toy_req_rcv() - a segment for a half-open connection
 * @req: request, found in the table
 * @pkt: what is known of the packet
 * @skb: segment; consumed when TOY_RX_OK is returned
 * @s: its view
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK, or why it is dropped; TOY_DROP_TCP_REQ_TAKEN when another
 * CPU has just completed the connection.
 */
enum toy_drop toy_req_rcv(struct toy_req *req, struct toy_pkt *pkt,
			  struct sk_buff *skb, struct toy_tcp_seg *s)
{
	struct sock *sk = req->listener;
	u32 rcv_nxt = req->irs + 1;
	bool old;

	if (atomic_read(&req->state) != TOY_REQ_OPEN)
		return TOY_DROP_TCP_REQ_TAKEN;
	if (s->hdr_len > sizeof(struct tcphdr))
		toy_tcp_parse_opts(skb, s);

	old = s->opts.has & req->opts & TOY_OPT_TS && req->ts_recent &&
	      !(s->flags & TOY_TCP_RST) &&
	      toy_seq_before(s->opts.tsval, req->ts_recent);
	/* First: sequence number, PAWS. The same SYN again is no error. */
	if (!old && s->seq == req->irs &&
	    (s->flags & (TOY_TCP_SYN | TOY_TCP_RST | TOY_TCP_ACK)) == TOY_TCP_SYN)
		return toy_req_syn_again(req, sk, s);
	/* RFC 9293 3.10.7.4, fifth: before the window, so that a wrong
	 * acknowledgment is answered by a reset.
	 */
	if ((s->flags & (TOY_TCP_ACK | TOY_TCP_RST)) == TOY_TCP_ACK &&
	    s->ack != req->iss + 1) {
		toy_tcp_reset_segment(pkt->tn, &req->t, s, pkt->tos, req->ifindex);
		return TOY_DROP_TCP_ACK_UNSENT;
	}
	if (old) {
		toy_count(pkt->tn, TOY_MIB_TCP_PAWS_ESTAB);
		toy_req_ack(req, sk, s);
		return TOY_DROP_TCP_PAWS;
	}
	if (!toy_seq_in_window(s->seq, s->end_seq, rcv_nxt, req->rwnd.wnd)) {
		if (!(s->flags & TOY_TCP_RST))
			toy_req_ack(req, sk, s);
		return TOY_DROP_TCP_SEQUENCE;
	}
	/* Second and fourth: RST, SYN in the window. */
	if (s->flags & TOY_TCP_RST && s->seq != rcv_nxt)
		return toy_req_challenge(req, sk, s);
	if (s->flags & TOY_TCP_RST) {
		toy_count(pkt->tn, TOY_MIB_TCP_EMBRYONIC_RSTS);
		toy_req_drop(req);
		return TOY_DROP_TCP_RESET;
	}
	if (s->flags & TOY_TCP_SYN) {
		toy_tcp_reset_segment(pkt->tn, &req->t, s, pkt->tos, req->ifindex);
		toy_count(pkt->tn, TOY_MIB_TCP_EMBRYONIC_RSTS);
		toy_req_drop(req);
		return TOY_DROP_TCP_INVALID_SYN;
	}
	if (!(s->flags & TOY_TCP_ACK))
		return TOY_DROP_TCP_NO_ACK;
	if (s->opts.has & req->opts & TOY_OPT_TS && !toy_seq_after(s->seq, rcv_nxt))
		req->ts_recent = s->opts.tsval;
	return toy_req_complete(req, sk, pkt, skb, s);
}

int toy_req_init(void)
{
	toy_req_cache = KMEM_CACHE(toy_req, SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	return toy_req_cache ? 0 : -ENOMEM;
}

void toy_req_exit(void)
{
	/* What RCU has still to free. */
	rcu_barrier();
	kmem_cache_destroy(toy_req_cache);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A segment for a listener: a SYN, or an ACK that may bring a cookie back
 * (RFC 9293 3.10.7.2).
 *
 *	SYN ---> half-open (synack.c) ----------- ACK ---> child (child.c)
 *	  \
 *	   |-- Fast Open ---------------------------------> child (fo_server.c)
 *	   '-- full: a cookie (RFC 4987), no memory at all
 *	           '----------------------------- ACK ---> child
 */
#include <net/inet_ecn.h>

#include "../ip.h"
#include "cookie.h"
#include "fastopen.h"
#include "synack.h"

/* A cookie comes back within two ticks of its clock, or not at all. */
#define TOY_COOKIE_TICK_S	64

/* ---- a SYN ----------------------------------------------------------- */

static u32 toy_cookie_clock(void)
{
	return (u32)ktime_get_seconds() / TOY_COOKIE_TICK_S;
}

/* TCP_SAVE_SYN: network and transport header, with 2 the link header too. */
static void toy_syn_save(struct sock *sk, struct toy_req *req,
			 const struct sk_buff *skb, u32 tcp_len)
{
	u8 save = READ_ONCE(toy_tcp(sk)->save_syn);
	const void *from = skb_network_header(skb);
	struct toy_saved_syn *syn;
	u32 len;

	if (!save)
		return;
	if (save == 2 && skb_mac_header_was_set(skb) &&
	    skb_mac_header(skb) <= skb_network_header(skb))
		from = skb_mac_header(skb);
	len = skb_transport_header(skb) - (u8 *)from + tcp_len;
	syn = kmalloc(struct_size(syn, data, len), GFP_ATOMIC | __GFP_NOWARN);
	if (!syn)
		return;
	syn->len = len;
	memcpy(syn->data, from, len);
	req->saved_syn = syn;
}

/* RFC 4987 3.6: all state goes to the peer and comes back with its ACK. */
static enum toy_drop toy_syn_cookie(struct sock *sk, struct toy_req *req,
				    const struct toy_path *path)
{
	struct toy_tcp_opts o = { .has = TOY_OPT_MSS };
	u16 mss = req->mss;

	/* Options come back in the timestamp only. */
	if (req->opts & TOY_OPT_TS) {
		struct toy_cookie_opts c = {
			.snd_wscale = req->snd_wscale,
			.wscale_ok = req->opts & TOY_OPT_WSCALE,
			.sack_ok = req->opts & TOY_OPT_SACK_OK,
			.ecn_ok = req->ecn,
		};

		o.has |= req->opts;
		o.wscale = req->rwnd.scale;
		o.tsval = toy_cookie_ts_make(div_u64(toy_tcp_clock(), 1000), &c) +
			  req->ts_off;
		o.tsecr = req->ts_recent;
	} else {
		req->opts = 0;
		req->ecn = 0;
	}
	req->iss = toy_cookie_make(&req->t, req->irs, &mss, toy_cookie_clock());
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_SYN_COOKIES_SENT);
	toy_req_synack(sk, req, path, &o, NULL);
	return TOY_DROP_TCP_COOKIE;
}

/* Remember the request and answer, with @fo if that has a length. Consumes the
 * caller's reference.
 */
static enum toy_drop toy_syn_queue(struct sock *sk, struct toy_req *req,
				   const struct toy_path *path,
				   const struct toy_fo_cookie *fo)
{
	int err;

	req->sent_us = (u32)toy_tcp_clock() ?: 1;
	err = toy_listen_add_req(sk, req);
	if (err) {
		toy_req_put(req);
		/* The same SYN on another CPU, or no memory. */
		return err == -EINVAL ? TOY_DROP_TCP_CLOSED :
					TOY_DROP_TCP_DUPLICATE;
	}
	toy_req_synack(sk, req, path, NULL, fo);
	return TOY_RX_OK;
}

/* Is there room for one more? *cookie: only if it needs none. */
static enum toy_drop toy_syn_admit(struct sock *sk, bool *cookie)
{
	struct toy_listen *l = READ_ONCE(toy_tcp(sk)->listen);
	struct toy_net *tn = toy_sock_net(sk);
	int mode = READ_ONCE(tn->sysctl.tcp_syncookies);

	if (!l)
		return TOY_DROP_TCP_CLOSED;
	*cookie = mode == 2;
	if (READ_ONCE(l->nr_reqs) > READ_ONCE(sk->sk_max_ack_backlog)) {
		WRITE_ONCE(l->overflow_s, toy_tcp_seconds() ?: 1);
		if (!mode) {
			toy_count(tn, TOY_MIB_TCP_REQQ_FULL_DROP);
			return TOY_DROP_TCP_SYN_FULL;
		}
		*cookie = true;
		toy_count(tn, TOY_MIB_TCP_REQQ_FULL_DO_COOKIES);
	} else if (!mode && READ_ONCE(l->nr_reqs) >=
		   READ_ONCE(tn->sysctl.tcp_max_syn_backlog)) {
		return TOY_DROP_TCP_SYN_FULL;
	}
	if (*cookie)
		WRITE_ONCE(l->overflow_s, toy_tcp_seconds() ?: 1);
	if (toy_tcp_accept_full(sk)) {
		toy_count(tn, TOY_MIB_TCP_LISTEN_OVERFLOWS);
		return TOY_DROP_TCP_ACCEPT_FULL;
	}
	return TOY_RX_OK;
}

/* RFC 3168 6.1.1: no SYN is ECN-capable itself. One that is has been marked on
 * the way, where marks mean nothing then. A reserved bit may stand for an
 * extension that allows it (RFC 8311 4.3).
 */
static bool toy_syn_wants_ecn(const struct sk_buff *skb, u8 tos,
			      const struct toy_tcp_seg *s)
{
	if ((s->flags & (TOY_TCP_ECE | TOY_TCP_CWR)) !=
	    (TOY_TCP_ECE | TOY_TCP_CWR))
		return false;
	return INET_ECN_is_not_ect(tos) || tcp_hdr(skb)->res1;
}

static enum toy_drop toy_syn_rcv(struct sock *sk, struct toy_pkt *pkt,
				 struct sk_buff *skb, struct toy_tcp_seg *s)
{
	bool ecn = toy_syn_wants_ecn(skb, pkt->tos, s);
	struct toy_fo_cookie fo;
	struct sock *child = NULL;
	struct toy_path path;
	enum toy_drop why;
	struct toy_req *req;
	bool cookie;

	why = toy_syn_admit(sk, &cookie);
	if (why) {
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_DROPS);
		return why;
	}
	req = toy_req_new(sk, pkt, skb, s);
	if (!req) {
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_DROPS);
		return TOY_DROP_NOMEM;
	}
	if (toy_req_path(sk, req, &path)) {
		toy_req_put(req);
		return TOY_DROP_NO_ROUTE;
	}
	toy_req_agree(sk, req, s, ecn);
	toy_req_rwnd(sk, req, &path);
	if (cookie) {
		why = toy_syn_cookie(sk, req, &path);
		toy_req_put(req);
	} else {
		req->iss = toy_cb(skb)->tw_isn ?: toy_isn(&req->t, toy_tcp_clock());
		toy_syn_save(sk, req, skb, s->hdr_len);
		child = toy_fo_accept(sk, req, pkt, s, &fo);
		if (child)
			toy_req_put(req);
		else
			why = toy_syn_queue(sk, req, &path, &fo);
	}
	toy_path_reset(&path);
	if (child)
		toy_fo_child_in(sk, child, skb, s);
	else if (!why)
		consume_skb(skb);
	return why;
}

/* ---- an ACK: does it bring a cookie back? ---------------------------- */

static bool toy_cookie_expected(struct sock *sk)
{
	struct toy_listen *l = READ_ONCE(toy_tcp(sk)->listen);
	u32 last = l ? READ_ONCE(l->overflow_s) : 0;

	if (!READ_ONCE(toy_sock_net(sk)->sysctl.tcp_syncookies))
		return false;
	return last && toy_tcp_seconds() - last <= 2 * TOY_COOKIE_TICK_S;
}

static struct toy_req *toy_cookie_req(struct sock *sk, struct toy_pkt *pkt,
				      struct sk_buff *skb, struct toy_tcp_seg *s)
{
	const struct toy_sysctl *sc = &pkt->tn->sysctl;
	struct toy_cookie_opts c = {};
	struct toy_path path;
	struct toy_req *req;

	req = toy_req_new(sk, pkt, skb, s);
	if (!req)
		return NULL;
	req->irs = s->seq - 1;
	req->iss = s->ack - 1;
	req->mss = toy_cookie_check(&req->t, req->irs, req->iss,
				    toy_cookie_clock());
	if (!req->mss) {
		toy_count(pkt->tn, TOY_MIB_TCP_SYN_COOKIES_FAILED);
		goto refuse;
	}
	toy_count(pkt->tn, TOY_MIB_TCP_SYN_COOKIES_RECV);
	req->ts_off = READ_ONCE(sc->tcp_timestamps) == 1 ?
		      toy_ts_offset(&req->t.laddr, &req->t.raddr) : 0;
	if (s->opts.has & TOY_OPT_TS && s->opts.tsecr) {
		if (!toy_cookie_ts_read(s->opts.tsecr - req->ts_off, &c))
			goto refuse;
		req->opts = TOY_OPT_TS | (c.sack_ok ? TOY_OPT_SACK_OK : 0) |
			    (c.wscale_ok ? TOY_OPT_WSCALE : 0);
		req->ts_recent = s->opts.tsval;
		req->snd_wscale = c.snd_wscale;
		req->ecn = c.ecn_ok && READ_ONCE(sc->tcp_ecn);
	}
	if (toy_req_path(sk, req, &path))
		goto refuse;
	toy_req_rwnd(sk, req, &path);
	toy_path_reset(&path);
	return req;
refuse:
	toy_req_put(req);
	return NULL;
}

static enum toy_drop toy_listen_ack(struct sock *sk, struct toy_pkt *pkt,
				    struct sk_buff *skb, struct toy_tcp_seg *s)
{
	struct toy_tuple4 t = {
		.laddr = pkt->daddr, .raddr = pkt->saddr,
		.lport = s->dport, .rport = s->sport,
		.scope = toy_addr_linklocal(&pkt->saddr) ?
			 toy_skb_cb(skb)->ifindex : 0,
	};
	struct sock *child;
	struct toy_req *req;

	if (!toy_cookie_expected(sk))
		goto reset;
	req = toy_cookie_req(sk, pkt, skb, s);
	if (!req)
		goto reset;
	if (toy_tcp_accept_full(sk)) {
		toy_req_put(req);
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_OVERFLOWS);
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_DROPS);
		return TOY_DROP_TCP_ACCEPT_FULL;
	}
	child = toy_tcp_child(sk, req, pkt, s, TOY_CHILD_OF_COOKIE);
	toy_req_put(req);
	if (!child) {
		toy_count(pkt->tn, TOY_MIB_TCP_LISTEN_DROPS);
		return TOY_DROP_NOMEM;
	}
	return toy_tcp_child_in(sk, child, skb, s);

reset:
	/* RFC 9293 3.10.7.2, second. */
	toy_tcp_reset_segment(pkt->tn, &t, s, pkt->tos,
			      sk->sk_bound_dev_if ?: t.scope);
	return TOY_DROP_TCP_LISTEN_ACK;
}

/**
 * toy_tcp_listen_rcv() - a segment for a listener
 * @sk: listener, under RCU, not locked
 * @pkt: what is known of the packet
 * @skb: segment; consumed when TOY_RX_OK is returned
 * @s: its view
 *
 * Context: softirq, RCU. RFC 9293 3.10.7.2.
 * Return: TOY_RX_OK, or why it is dropped.
 */
enum toy_drop toy_tcp_listen_rcv(struct sock *sk, struct toy_pkt *pkt,
				 struct sk_buff *skb, struct toy_tcp_seg *s)
{
	if (s->hdr_len > sizeof(struct tcphdr))
		toy_tcp_parse_opts(skb, s);
	if (s->flags & TOY_TCP_RST)
		return TOY_DROP_TCP_INVALID_RST;
	if (s->flags & TOY_TCP_ACK)
		return toy_listen_ack(sk, pkt, skb, s);
	if (!(s->flags & TOY_TCP_SYN) || s->flags & TOY_TCP_FIN)
		return TOY_DROP_TCP_FLAGS;
	return toy_syn_rcv(sk, pkt, skb, s);
}

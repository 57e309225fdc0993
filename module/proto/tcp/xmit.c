// SPDX-License-Identifier: GPL-2.0-only
/*
 * One segment of a connection goes out (RFC 9293 3.1, 3.10.8).
 *
 *	queue's buffer -> clone -> options, header -> toy_ip_output()
 *
 * Everything that a connection sends passes toy_xmit_skb(): data, SYN, FIN,
 * pure acknowledgments, probes and resets. So a header is filled in one place:
 * acknowledgment, window, timestamps, SACK blocks, urgent pointer and ECN.
 */
#include <net/inet_ecn.h>

#include "../../skb/buf.h"
#include "../../skb/csum.h"
#include "../../skb/ipv6_exts.h"
#include "../../sock/flowlabel.h"
#include "../ip.h"
#include "../neigh.h"
#include "fastopen.h"
#include "tcp.h"

/* ---- the way --------------------------------------------------------- */

static bool toy_path_still_good(const struct sock *sk,
				const struct toy_path_ref *ref)
{
	const struct toy_neigh *n = ref->path.neigh;

	return toy_path_valid(toy_sock_net(sk), &ref->path) &&
	       ref->flow.oif == sk->sk_bound_dev_if &&
	       !(n && READ_ONCE(n->dead));
}

/**
 * toy_tcp_path() - the way to the peer
 * @sk: locked socket with both ends
 *
 * Context: process or softirq. Only the socket's owner replaces its path, so
 * the result holds until the lock is given back.
 * Return: the path, or NULL with the errno in sk_err_soft.
 */
const struct toy_path *toy_tcp_path(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);
	struct toy_path_ref *ref;
	struct toy_flow flow;

	ref = rcu_dereference_protected(ts->path, lockdep_sock_is_held(sk));
	if (likely(ref && toy_path_still_good(sk, ref)))
		return &ref->path;

	flow = (struct toy_flow) {
		.daddr = *toy_sock_hop(sk, &sk->sk_v6_daddr),
		.saddr = sk->sk_v6_rcv_saddr,
		.oif = sk->sk_bound_dev_if,
		.flags = (toy_sock_nonlocal(ts) ? TOY_FLOW_ANYSRC : 0) |
			 (sock_flag(sk, SOCK_LOCALROUTE) ? TOY_FLOW_ONLINK : 0),
	};
	ref = toy_sock_path(sk, &flow);
	if (IS_ERR(ref)) {
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(ref));
		return NULL;
	}
	toy_tcp(sk)->mss_gen = 0;	/* another size may fit */
	/* The socket has a reference of its own. */
	toy_path_ref_put(ref);
	return &ref->path;
}

/**
 * toy_tcp_rethink() - segments got lost: perhaps another way is better
 * @sk: socket, locked
 *
 * RFC 6438 3: routers choose by the flow label, which follows sk_txhash.
 * SO_TXREHASH forbids it.
 */
void toy_tcp_rethink(struct sock *sk)
{
	if (!sk_rethink_txhash(sk))
		return;
	toy_tcp(sk)->timeout_rehash++;
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_TIMEOUT_REHASH);
}

/* ---- what stands in the header --------------------------------------- */

static u16 toy_xmit_window(struct sock *sk, bool syn)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int free = toy_tcp_space(sk), full = toy_tcp_full_space(sk);
	struct toy_rwnd_env e = {
		.rcv_nxt = tp->rcv_nxt,
		.free = max(free, 0),
		.full = min_t(u32, full, tp->rwnd.clamp),
		.mss = tp->delack.rcv_mss,
		.pressure = sk_under_memory_pressure(sk),
	};
	u32 old = toy_rwnd_left(&tp->rwnd, tp->rcv_nxt), wnd;

	if (unlikely(syn))
		return toy_rwnd_sent(&tp->rwnd, tp->rcv_nxt,
				     min_t(u32, tp->rwnd.wnd, 65535), true);
	wnd = toy_rwnd_select(&tp->rwnd, &e);
	if (unlikely(!wnd != !old))
		toy_count(toy_sock_net(sk), wnd ?
			  TOY_MIB_TCP_FROM_ZERO_WINDOW_ADV :
			  TOY_MIB_TCP_TO_ZERO_WINDOW_ADV);
	return toy_rwnd_sent(&tp->rwnd, tp->rcv_nxt, wnd, false);
}

/* Options of a SYN that opens, and of a SYN that answers one at the same time:
 * what the peer has not offered is not agreed (RFC 9293 3.10.7.3).
 */
static void toy_xmit_syn_opts(struct sock *sk, struct toy_tcp_opts *o)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	o->has = TOY_OPT_MSS;
	o->mss = tp->advmss;
	if (tp->tstamp_ok) {
		o->has |= TOY_OPT_TS;
		o->tsval = toy_tcp_tsval(tp);
		o->tsecr = tp->tstamp.recent;
	}
	if (tp->sack_ok)
		o->has |= TOY_OPT_SACK_OK;
	if (tp->wscale_ok) {
		o->has |= TOY_OPT_WSCALE;
		o->wscale = tp->rwnd.scale;
	}
	if (toy_fo_passive(sk) && tp->tstamp_ok)
		o->mss += 12;	/* toy_child_mss() has taken them off */
	toy_fo_syn_opt(sk, o);
}

static void toy_xmit_opts(struct toy_tcp_sock *tp, struct toy_tcp_opts *o)
{
	o->has = 0;
	if (likely(tp->tstamp_ok)) {
		o->has = TOY_OPT_TS;
		o->tsval = toy_tcp_tsval(tp);
		o->tsecr = tp->tstamp.recent;
	}
	if (unlikely(tp->sack_ok && toy_sackgen_any(&tp->sackgen)))
		toy_sackgen_fill(&tp->sackgen, o, tp->tstamp_ok ? 3 : 4);
}

/* RFC 9293 3.8.5 and RFC 6093: the pointer is relative to this segment. */
static void toy_xmit_urg(const struct toy_tcp_sock *tp, struct toy_tcp_build *b)
{
	u32 off = tp->snd_up - b->seq;

	if (!toy_seq_before(b->seq, tp->snd_up))
		return;
	if (off > 0xffff)
		/* Only 16 bits: it will be exact when it comes into reach. */
		off = 0xffff;
	b->urg = off;
	b->flags |= TOY_TCP_URG;
}

/* RFC 3168 6.1: ECT on new data only; ECE until CWR is seen; CWR once. */
static void toy_xmit_ecn(struct sock *sk, struct sk_buff *skb,
			 struct toy_tcp_build *b, u8 *tos, bool data)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct toy_tcp_cb *cb = toy_cb(skb);

	if (tp->ecn & TOY_ECN_ECHO)
		b->flags |= TOY_TCP_ECE;
	if (!data || cb->end_seq == cb->seq || toy_seq_before(cb->seq, tp->snd_nxt))
		return;
	*tos |= INET_ECN_ECT_0;
	if (tp->ecn & TOY_ECN_CWR) {
		tp->ecn &= ~TOY_ECN_CWR;
		b->flags |= TOY_TCP_CWR;
	}
}

static void toy_xmit_acked(struct sock *sk, u32 segs)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_delack_sent(&tp->delack, segs);
	toy_sackgen_sent(&tp->sackgen);
}

/* A segment counts when the network layer has it. */
static void toy_xmit_counted(struct sock *sk, const struct toy_tcp_cb *cb,
			     u32 len)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 segs = max_t(u32, cb->segs, 1);

	tp->segs_out += segs;
	if (len) {
		tp->data_segs_out += segs;
		tp->bytes_sent += len;
		tp->lsnd_ms = toy_tcp_ms(tp);
	}
	toy_count_add(toy_sock_net(sk), TOY_MIB_TCP_OUT_SEGS, segs);
}

/* ---- the way out ----------------------------------------------------- */

/* Fills the header in and sends; consumes @skb, which is not in a queue. */
static int toy_xmit_skb(struct sock *sk, struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_sock *ts = &tp->ts;
	const struct toy_tcp_cb cb = *toy_cb(skb);
	struct toy_tcp_opts opts;
	struct toy_tcp_build b = {
		.sport = sk->sk_num, .dport = ntohs(sk->sk_dport),
		.seq = cb.seq, .flags = cb.flags, .opts = &opts,
	};
	struct toy_ip_tx tx = {
		.proto = IPPROTO_TCP,
		.df = ts->pmtudisc != IP_PMTUDISC_DONT &&
		      ts->pmtudisc != IP_PMTUDISC_OMIT,
		.tos = toy_sock_tos(ts, &sk->sk_v6_daddr),
		.ttl = toy_sock_ttl(ts, &sk->sk_v6_daddr),
		.autolabel = toy_sock_autolabel(ts),
	};
	const struct toy_path *path = toy_tcp_path(sk);
	u32 len = skb->len;
	int err;

	tx.flowlabel = ntohl(toy_fl_connected(sk) & IPV6_FLOWLABEL_MASK);
	tx.exts = toy_sock_exts_to(sk, &sk->sk_v6_daddr);
	if (unlikely(tx.exts)) {
		tx.opts_len = tx.exts->len;
		tx.final = &sk->sk_v6_daddr;
	}

	if (unlikely(!path)) {
		kfree_skb(skb);
		return -EHOSTUNREACH;
	}
	if (unlikely(path->m.hoplimit) && ts->uc_ttl < 0)
		tx.ttl = path->m.hoplimit;
	if (unlikely(b.flags & TOY_TCP_SYN)) {
		toy_xmit_syn_opts(sk, &opts);
	} else {
		toy_xmit_opts(tp, &opts);
		/* A peer's GRO need not wait for more; as AF_INET. */
		if (cb.segs > 1)
			b.flags |= TOY_TCP_PSH;
	}
	if (likely(b.flags & TOY_TCP_ACK))
		b.ack = tp->rcv_nxt;
	b.wnd = toy_xmit_window(sk, b.flags & TOY_TCP_SYN);
	if (unlikely(tp->urg_mode))
		toy_xmit_urg(tp, &b);
	if (tp->ecn & TOY_ECN_OK && !(b.flags & TOY_TCP_SYN))
		toy_xmit_ecn(sk, skb, &b, &tx.tos, len);
	b.opts_len = toy_tcp_opts_len(&opts);

	skb->tstamp = 0;
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
	skb_set_hash_from_sk(skb, sk);
	skb_set_owner_w(skb, sk);
	toy_tcp_push(skb, &b);
	toy_csum_partial(skb, &path->saddr, &sk->sk_v6_daddr, skb->len,
			 IPPROTO_TCP, offsetof(struct tcphdr, check));
	if (skb_shinfo(skb)->gso_size)
		/* CWR goes with the first segment only (RFC 3168 6.1.2). */
		skb_shinfo(skb)->gso_type =
			(toy_is_v4(&path->daddr) ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6) |
			(b.flags & TOY_TCP_CWR ? SKB_GSO_TCP_ECN : 0);

	/* Before it goes: the answer may be here before the call returns. */
	if (likely(b.flags & TOY_TCP_ACK))
		toy_xmit_acked(sk, max_t(u32, cb.segs, 1));
	if (len)
		toy_delack_data_sent(&tp->delack, toy_tcp_ms(tp));
	toy_xmit_counted(sk, &cb, len);

	err = toy_ip_output(toy_sock_net(sk), path, skb, &tx);
	if (unlikely(err == -ENOBUFS))
		toy_tcp_enter_cwr(sk);
	return err;
}

/* A copy for the device: the queue keeps the original. */
static struct sk_buff *toy_xmit_clone(struct sk_buff *skb)
{
	unsigned long anchor = skb->_skb_refdst;
	struct sk_buff *clone;

	skb->_skb_refdst = 0;
	clone = unlikely(skb_cloned(skb)) ? pskb_copy(skb, GFP_ATOMIC) :
					    skb_clone(skb, GFP_ATOMIC);
	skb->_skb_refdst = anchor;
	return clone;
}

/**
 * toy_tcp_xmit() - send a buffer of a queue, or one of its own
 * @sk: socket, locked
 * @skb: buffer; consumed unless @clone
 * @clone: it stays in its queue
 *
 * Context: process or softirq.
 * Return: 0 or a negative errno: nothing was sent.
 */
int toy_tcp_xmit(struct sock *sk, struct sk_buff *skb, bool clone)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 len = skb->len;
	int err;

	if (clone) {
		skb->skb_mstamp_ns = tp->now_us * NSEC_PER_USEC;
		toy_rate_sent(&tp->rate, &toy_cb(skb)->rate,
			      tp->packets_out, tp->now_us);
		skb = toy_xmit_clone(skb);
		if (unlikely(!skb))
			return -ENOBUFS;
	}
	err = toy_xmit_skb(sk, skb);
	if (clone && likely(!err))
		toy_pace_sent(sk, len);
	return err;
}

/**
 * toy_tcp_xmit_syn_data() - send a SYN with data (RFC 7413)
 * @sk: socket, locked
 * @syn: SYN, queued for retransmission
 * @data: what follows it, first of the write queue; when sent it is queued for
 *	retransmission, too
 *
 * In the queue they stay two, since a SYN that is sent again has no data.
 * Return: 0 or a negative errno: nothing was sent, and the data stays where it is.
 */
int toy_tcp_xmit_syn_data(struct sock *sk, struct sk_buff *syn,
			  struct sk_buff *data)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb = toy_xmit_clone(data);
	int err;

	if (!skb)
		return -ENOBUFS;
	toy_cb(skb)->seq = toy_cb(syn)->seq;
	toy_cb(skb)->flags = toy_cb(syn)->flags;
	syn->skb_mstamp_ns = tp->now_us * NSEC_PER_USEC;
	data->skb_mstamp_ns = syn->skb_mstamp_ns;
	toy_rate_sent(&tp->rate, &toy_cb(syn)->rate, 0, tp->now_us);
	toy_rate_sent(&tp->rate, &toy_cb(data)->rate, 0, tp->now_us);
	err = toy_xmit_skb(sk, skb);
	if (!err)
		toy_tcp_sent_new(sk, data);
	return err;
}

/* ---- segments without data ------------------------------------------- */

static struct sk_buff *toy_bare_skb(u32 seq, u8 flags)
{
	struct sk_buff *skb = alloc_skb(TOY_TCP_HEADROOM, GFP_ATOMIC |
					__GFP_NOWARN);

	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, TOY_TCP_HEADROOM);
	skb->ip_summed = CHECKSUM_PARTIAL;
	*toy_cb(skb) = (struct toy_tcp_cb) {
		.seq = seq, .end_seq = seq, .segs = 1, .flags = flags,
	};
	return skb;
}

/* RFC 9293 3.10.8: SND.NXT, unless the peer has taken back its window. */
static u32 toy_bare_seq(const struct toy_tcp_sock *tp)
{
	u32 end = toy_tcp_wnd_end(tp);

	if (!toy_seq_before(end, tp->snd_nxt))
		return tp->snd_nxt;
	/* Rounding by the scale is no taking back. */
	if (tp->wscale_ok && tp->snd_nxt - end < 1U << tp->snd_wscale)
		return tp->snd_nxt;
	return end;
}

/**
 * toy_tcp_send_ack() - send a pure acknowledgment now
 * @sk: socket, locked
 *
 * Without memory it is sent when the timer for delayed ones fires.
 */
void toy_tcp_send_ack(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb;

	if (sk->sk_state == TCP_CLOSE)
		return;
	skb = toy_bare_skb(toy_bare_seq(tp), TOY_TCP_ACK);
	if (unlikely(!skb)) {
		tp->delack.pending = 1;
		tp->delack.delayed = 1;
		tp->delack.due_ms = toy_tcp_ms(tp) + 200;
		toy_delack_arm(sk);
		return;
	}
	toy_tcp_xmit(sk, skb, false);
}

/**
 * toy_tcp_send_rst() - tell the peer that the connection is gone
 * @sk: socket, locked, in a synchronised state
 */
void toy_tcp_send_rst(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb;

	toy_count(toy_sock_net(sk), TOY_MIB_TCP_OUT_RSTS);
	skb = toy_bare_skb(toy_bare_seq(tp), TOY_TCP_ACK | TOY_TCP_RST);
	if (!skb) {
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_ABORT_FAILED);
		return;
	}
	toy_tcp_now(tp);
	if (toy_tcp_xmit(sk, skb, false))
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_ABORT_FAILED);
}

/* RFC 9293 3.8.4 and 3.8.6.1: one octet before the window, which the peer must
 * answer by an acknowledgment. @urgent: at the window's edge, to show it the
 * urgent pointer.
 */
static int toy_probe_bare(struct sock *sk, bool urgent)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb = toy_bare_skb(tp->snd_una - !urgent, TOY_TCP_ACK);

	if (!skb)
		return -ENOMEM;
	return toy_tcp_xmit(sk, skb, false);
}

/**
 * toy_tcp_send_probe() - ask the peer for an acknowledgment without data
 * @sk: socket, locked
 * @urgent: and show it that there is urgent data
 *
 * Return: 0 or a negative errno.
 */
int toy_tcp_send_probe(struct sock *sk, bool urgent)
{
	toy_count(toy_sock_net(sk), TOY_MIB_TCP_WINPROBE);
	/* RFC 9293 3.8.5: urgent mode is told also to a closed window. */
	if (urgent)
		toy_probe_bare(sk, true);
	return toy_probe_bare(sk, false);
}

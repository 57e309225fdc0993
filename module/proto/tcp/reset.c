// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segments that no socket sends: resets (RFC 9293 3.10.7.1), and the answers of
 * half-open connections and of TIME_WAIT. Never with skb->sk: what is not a
 * full socket must not be seen by the transmit path.
 */
#include "../../napi/dev.h"
#include "../../skb/buf.h"
#include "../../skb/csum.h"
#include "../../skb/ipv6_exts.h"
#include "../ip.h"
#include "tcp.h"

static struct sk_buff *toy_reply_skb(const struct toy_path *path,
				     unsigned int len)
{
	const struct net_device *ndev;
	struct sk_buff *skb;

	rcu_read_lock();
	ndev = rcu_dereference(path->dev->dev);
	skb = toy_skb_alloc(ndev, len);
	rcu_read_unlock();
	return skb;
}

static int toy_reply_send(struct toy_net *tn, const struct toy_tcp_reply *r,
			  const struct toy_path *path)
{
	static const struct toy_tcp_opts none;
	struct toy_tcp_build b = {
		.sport = r->t->lport, .dport = r->t->rport,
		.seq = r->seq, .ack = r->ack, .wnd = r->wnd, .flags = r->flags,
		.opts = r->opts ?: &none,
	};
	struct toy_ip_tx tx = {
		.proto = IPPROTO_TCP, .tos = r->tos, .df = true,
		.ttl = r->ttl > 0 ? r->ttl :
		       READ_ONCE(tn->sysctl.ip_default_ttl),
		.autolabel = r->autolabel, .exts = r->exts,
		.flowlabel = r->flowlabel,
	};
	struct sk_buff *skb;

	if (unlikely(path->m.hoplimit) && r->ttl <= 0)
		tx.ttl = path->m.hoplimit;
	b.opts_len = toy_tcp_opts_len(b.opts);
	if (unlikely(tx.exts)) {
		tx.opts_len = tx.exts->len;
		tx.final = &r->t->raddr;
	}
	skb = toy_reply_skb(path, 0);
	if (!skb)
		return -ENOMEM;
	skb->mark = r->mark;
	skb->priority = r->priority;
	if (r->txhash)
		skb_set_hash(skb, r->txhash, PKT_HASH_TYPE_L4);
	toy_tcp_push(skb, &b);
	toy_csum_partial(skb, &path->saddr, &r->t->raddr, skb->len, IPPROTO_TCP,
			 offsetof(struct tcphdr, check));
	toy_count(tn, TOY_MIB_TCP_OUT_SEGS);
	if (r->flags & TOY_TCP_RST)
		toy_count(tn, TOY_MIB_TCP_OUT_RSTS);
	return toy_ip_output(tn, path, skb, &tx);
}

/**
 * toy_tcp_reply() - send a segment without data and without a socket
 * @tn: namespace
 * @r: what stands in it
 *
 * Context: softirq or process.
 * Return: 0 or a negative errno.
 */
int toy_tcp_reply(struct toy_net *tn, const struct toy_tcp_reply *r)
{
	struct toy_flow flow = {
		.daddr = r->t->raddr, .saddr = r->t->laddr, .oif = r->oif,
		.flags = r->any_src ? TOY_FLOW_ANYSRC : 0,
	};
	struct toy_path path;
	int err;

	if (r->path)
		return toy_reply_send(tn, r, r->path);
	err = toy_path_lookup(tn, &flow, &path);
	if (err)
		return err;
	err = toy_reply_send(tn, r, &path);
	toy_path_reset(&path);
	return err;
}

/**
 * toy_tcp_reset_segment() - refuse a segment (RFC 9293 3.5.2, 3.10.7.1)
 * @tn: namespace
 * @t: both ends, as we see them
 * @s: the segment
 * @tos: of the answer
 * @oif: device to answer by, or 0
 */
void toy_tcp_reset_segment(struct toy_net *tn, const struct toy_tuple4 *t,
			   const struct toy_tcp_seg *s, u8 tos, int oif)
{
	struct toy_tcp_reply r = {
		.t = t, .flags = TOY_TCP_RST, .tos = tos & ~3, .oif = oif,
	};

	/* Never a reset for a reset. */
	if (s->flags & TOY_TCP_RST)
		return;
	if (s->flags & TOY_TCP_ACK) {
		r.seq = s->ack;
	} else {
		r.ack = s->end_seq;
		r.flags |= TOY_TCP_ACK;
	}
	toy_tcp_reply(tn, &r);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a datagram's sender wants in the network header, from the options of
 * the socket and the control messages of the message, and how much data that
 * leaves room for.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <net/ipv6.h>

#include "../skb/ipv6_exts.h"
#include "sock.h"

/* Of every transport that datagrams have. */
#define UPPER_HDR	8

/* ip(7) and ipv6(7), *_MTU_DISCOVER:
 *
 *		DF	what fits	what does not fit
 * DONT		no	path MTU	is fragmented
 * WANT		yes	path MTU	is fragmented
 * DO		yes	path MTU	EMSGSIZE
 * PROBE	yes	device's MTU	EMSGSIZE
 * INTERFACE	no	device's MTU	EMSGSIZE
 * OMIT		no	device's MTU	is fragmented
 *
 * The numbers are the same in both versions.
 */
static void toy_dgram_pmtu(const struct toy_sock *ts,
			   const struct toy_tx_cmsg *c,
			   const struct toy_path *path, struct toy_ip_tx *tx)
{
	const struct toy_sock_rare *rare = READ_ONCE(ts->rare);
	const bool v4 = toy_is_v4(&path->daddr);
	u8 how = toy_sock_pmtudisc(ts, &path->daddr);

	tx->df = how >= IP_PMTUDISC_WANT && how <= IP_PMTUDISC_PROBE;
	tx->frag = how < IP_PMTUDISC_DO || how == IP_PMTUDISC_OMIT;
	tx->mtu = how >= IP_PMTUDISC_PROBE ? READ_ONCE(path->dev->mtu) : 0;
	if (v4)
		return;
	tx->dontfrag = c->dontfrag < 0 ? ts->dontfrag6 : c->dontfrag;
	if (tx->dontfrag)
		tx->frag = false;
	if (unlikely(rare && READ_ONCE(rare->mtu6)))
		tx->mtu = min(toy_ip_tx_mtu(tx, path), READ_ONCE(rare->mtu6));
}

/**
 * toy_dgram_tx() - what the socket wants in the network header
 * @sk: socket
 * @c: control messages of the message
 * @path: where it goes
 * @tx: result, but for the protocol
 */
void toy_dgram_tx(const struct sock *sk, const struct toy_tx_cmsg *c,
		  const struct toy_path *path, struct toy_ip_tx *tx)
{
	const struct toy_sock *ts = toy_sk(sk);
	bool v4 = toy_is_v4(&path->daddr);
	int ttl = c->ttl;

	if (ttl < 0 && path->type == TOY_ROUTE_MULTICAST)
		ttl = toy_sock_mcast_ttl(ts, &path->daddr);
	else if (ttl < 0)
		ttl = v4 ? ts->uc_ttl : ts->hops;
	if (ttl < 0)
		ttl = path->m.hoplimit ?: -1;
	if (ttl < 0)
		ttl = READ_ONCE(toy_sock_net(sk)->sysctl.ip_default_ttl);
	tx->ttl = ttl;
	tx->tos = c->tos >= 0 ? c->tos : v4 ? ts->tos : ts->tclass;
	toy_dgram_pmtu(ts, c, path, tx);
	tx->mc_loop = v4 ? ts->mc_loop : ts->mc_loop6;
	tx->opts = c->ip_opts.len ? &c->ip_opts : NULL;
	tx->opts_len = c->ip_opts.len;
	if (unlikely(c->exts)) {
		tx->exts = c->exts;
		tx->opts_len = c->exts->len;
		tx->final = toy_ipv6_exts_hop(c->exts) ? &c->final : NULL;
	}
	tx->autolabel = toy_sock_autolabel(ts);
	/* RFC 3493 3.3: traffic class and label in one word. */
	if (unlikely(c->flowinfo)) {
		tx->flowlabel = ntohl(c->flowinfo & IPV6_FLOWLABEL_MASK);
		if (c->tos < 0 && c->flowinfo & IPV6_TCLASS_MASK)
			tx->tos = ip6_tclass(c->flowinfo);
	}
}
EXPORT_SYMBOL_GPL(toy_dgram_tx);

/**
 * toy_dgram_room() - how long a datagram may be
 * @path: where it goes
 * @tx: what toy_dgram_tx() says
 * @c: control messages: what UDP_SEGMENT will cut need not fit as a whole
 *
 * Return: bytes above the network header and its options; longer ones are
 * -EMSGSIZE.
 */
u32 toy_dgram_room(const struct toy_path *path, const struct toy_ip_tx *tx,
		   const struct toy_tx_cmsg *c)
{
	const struct toy_ip_ops *ip = toy_ip_ops_of(&path->daddr);
	u32 hdrs = ip->hdr_len + tx->opts_len;
	u32 mtu = toy_ip_tx_mtu(tx, path);
	/* However wide a loopback is, lengths in headers have 16 bits. */
	u32 max = ip->max_len;

	/* RFC 7112 5: the first fragment has all headers. */
	if (unlikely(hdrs + UPPER_HDR > mtu))
		return 0;
	return (tx->frag || c->gso_size ? max : min(max, mtu)) - hdrs;
}
EXPORT_SYMBOL_GPL(toy_dgram_room);

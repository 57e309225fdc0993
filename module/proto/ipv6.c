// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv6 (RFC 8200): what a node does with a packet, in the order in which the
 * packet meets it, and the second row of struct toy_ip_ops.
 *
 *	header		version, length				skb/ipv6.c
 *	source		a host's address			RFC 4291
 *	hop-by-hop	options that every node looks at	RFC 8200 4.3
 *	destination	ours, or a group of ours; else: forward.c
 *	chain		destination options, routing, fragments	RFC 8200 4.1
 *	protocol	toy_ip_deliver()
 *
 * An address that is IPv4-mapped stands for IPv4 everywhere inside, so it must
 * never come from the wire: such packets end here.
 */
#include <linux/icmpv6.h>
#include <linux/siphash.h>
#include <net/addrconf.h>

#include "../napi/dev.h"
#include "../skb/ipv6.h"
#include "../skb/ipv6_exts.h"
#include "addr.h"
#include "forward.h"
#include "frag.h"
#include "icmp6.h"
#include "ip.h"
#include "nd.h"
#include "mcast.h"

#define FLOWLABEL_MASK	0xfffff

/* ---- the row ------------------------------------------------------------ */

static hsiphash_key_t toy_ipv6_label_key __read_mostly;

/**
 * toy_ipv6_autolabel() - do packets get a flow label of our making?
 * @tn: namespace
 * @want: enum toy_autolabel
 *
 * net.toy.auto_flowlabels: 0 nobody, 1 all but those who do not want it, 2 who
 * wants it, 3 all.
 *
 * Return: true if they do.
 */
bool toy_ipv6_autolabel(const struct toy_net *tn, u8 want)
{
	int rule = READ_ONCE(tn->sysctl.auto_flowlabels);

	if (likely(want == TOY_AUTOLABEL_DEFAULT))
		return rule & 1;
	return rule == 3 || (rule && want == TOY_AUTOLABEL_ON);
}

/* RFC 6437 3: a label that all packets of a flow share, and that tells nothing.
 * A connection has its own; else the addresses and the first 4 bytes behind
 * the header, the ports, make one.
 */
static u32 toy_ipv6_flowlabel(struct toy_net *tn, const struct sk_buff *skb,
			      const struct toy_path *path,
			      const struct toy_ip_tx *tx)
{
	u8 proto = tx->proto;
	u32 ports = 0;

	if (!toy_ipv6_autolabel(tn, tx->autolabel))
		return 0;
	if (skb->l4_hash)
		return skb->hash & FLOWLABEL_MASK;
	net_get_random_once(&toy_ipv6_label_key, sizeof(toy_ipv6_label_key));
	if (proto == IPPROTO_UDP && skb_headlen(skb) >= sizeof(ports))
		memcpy(&ports, skb->data, sizeof(ports));
	return hsiphash_4u32(hsiphash(&path->saddr, sizeof(path->saddr),
				      &toy_ipv6_label_key),
			     hsiphash(&path->daddr, sizeof(path->daddr),
				      &toy_ipv6_label_key),
			     ports, proto, &toy_ipv6_label_key) & FLOWLABEL_MASK;
}

static void toy_ipv6_ops_push(struct toy_net *tn, struct sk_buff *skb,
			      const struct toy_path *path,
			      const struct toy_ip_tx *tx)
{
	struct toy_ipv6_build b = {
		.saddr		= &path->saddr,
		.daddr		= &path->daddr,
		.flowlabel	= tx->flowlabel,
		.nexthdr	= tx->proto,
		.hop_limit	= tx->ttl,
		.tclass		= tx->tos,
	};

	if (!b.flowlabel)
		b.flowlabel = toy_ipv6_flowlabel(tn, skb, path, tx);
	if (unlikely(tx->exts))
		b.nexthdr = toy_ipv6_exts_push(skb, tx->exts,
					       toy_ip_tx_final(tx, path),
					       tx->proto);
	toy_ipv6_push(skb, &b);
}

static void toy_ipv6_ops_reassembled(struct sk_buff *skb,
				     const struct toy_frag *first, u8 ecn,
				     bool df)
{
	toy_ipv6_reassembled(skb, first->nexthdr_at, first->proto, ecn);
}

/* RFC 7739: nobody can guess what the next identification will be. */
static void toy_ipv6_ops_fragment(const struct sk_buff *skb,
				  struct toy_frag_out *out)
{
	out->hdr_len = toy_ipv6_unfragmentable(skb, &out->nexthdr_at);
	out->id = get_random_u32();
}

static void toy_ipv6_ops_push_fragment(struct sk_buff *skb,
				       const struct toy_frag_out *out)
{
	const struct toy_ipv6_fraghdr f = {
		.id = htonl(out->id),
		.offset = out->offset,
		.more = out->more,
	};

	toy_ipv6_push_fragment(skb, out->hdr, out->hdr_len, out->nexthdr_at,
			       &f);
}

static void toy_ipv6_ops_addrs(const struct sk_buff *skb,
			       struct in6_addr *saddr, struct in6_addr *daddr)
{
	*saddr = ipv6_hdr(skb)->saddr;
	*daddr = ipv6_hdr(skb)->daddr;
}

static u8 toy_ipv6_ops_ttl(const struct sk_buff *skb)
{
	return ipv6_hdr(skb)->hop_limit;
}

static u8 toy_ipv6_ops_tos(const struct sk_buff *skb)
{
	return ntohs(*(const __be16 *)ipv6_hdr(skb)) >> 4;
}

const struct toy_ip_ops toy_ipv6_ops = {
	.version	= 6,
	.ethertype	= htons(ETH_P_IPV6),
	.hdr_len	= sizeof(struct ipv6hdr),
	.frag_hdr	= sizeof(struct frag_hdr),
	.max_len	= sizeof(struct ipv6hdr) + IPV6_MAXPLEN,
	.min_mtu	= IPV6_MIN_MTU,		/* RFC 8200 5 */
	.mib		= TOY_MIB_IP6,
	.push		= toy_ipv6_ops_push,
	.reassembled	= toy_ipv6_ops_reassembled,
	.fragment	= toy_ipv6_ops_fragment,
	.push_fragment	= toy_ipv6_ops_push_fragment,
	.addrs		= toy_ipv6_ops_addrs,
	.ttl		= toy_ipv6_ops_ttl,
	.tos		= toy_ipv6_ops_tos,
	.error		= toy_icmp6_error,
	.redirect	= toy_nd_redirect,
};

/* ---- addresses ---------------------------------------------------------- */

/* RFC 4291 2.5.2, 2.5.3, 2.7: may a packet say that it comes from there? */
static enum toy_drop toy_ipv6_source(const struct toy_pkt *pkt)
{
	const struct in6_addr *saddr = &pkt->saddr;

	if (ipv6_addr_is_multicast(saddr) || toy_is_v4(saddr))
		return TOY_DROP_IP6_SADDR;
	if (pkt->flags & TOY_PKT_LOOPED)
		return TOY_RX_OK;
	if (ipv6_addr_loopback(saddr) || ipv6_addr_loopback(&pkt->daddr))
		return TOY_DROP_IP6_MARTIAN;
	return TOY_RX_OK;
}

/* On the device that it came in by, or left by. */
static bool toy_ipv6_member(const struct toy_pkt *pkt, const struct sk_buff *skb,
			    const struct in6_addr *saddr)
{
	const struct toy_dev *dev = pkt->dev;

	if (pkt->flags & TOY_PKT_LOOPED)
		dev = toy_dev_find(pkt->tn, skb->skb_iif);
	return dev && toy_mcast_member(dev, &pkt->daddr, saddr);
}

/* RFC 4291 2.7: scope 0 is reserved, scope 1 does not leave the node. */
static bool toy_ipv6_group_scope(const struct toy_pkt *pkt)
{
	u8 scope = pkt->daddr.s6_addr[1] & 0x0f;

	return scope > 1 || (scope == 1 && pkt->flags & TOY_PKT_LOOPED);
}

/* Is it for us? Sets pkt->flags. */
static enum toy_drop toy_ipv6_destination(struct toy_pkt *pkt,
					  const struct sk_buff *skb)
{
	if (ipv6_addr_any(&pkt->daddr) || toy_is_v4(&pkt->daddr))
		return TOY_DROP_IP6_DADDR;

	switch (toy_route_input(pkt->tn, pkt->dev, &pkt->daddr)) {
	case TOY_ROUTE_LOCAL:
		if (skb->pkt_type == PACKET_BROADCAST ||
		    skb->pkt_type == PACKET_MULTICAST)
			return TOY_DROP_IP6_L2_BCAST;
		return TOY_RX_OK;
	case TOY_ROUTE_MULTICAST:
		if (!toy_ipv6_group_scope(pkt))
			return TOY_DROP_IP6_DADDR;
		pkt->flags |= TOY_PKT_MULTICAST;
		toy_count(pkt->tn, TOY_MIB_IP6_IN_MCAST);
		return toy_ipv6_member(pkt, skb, NULL) ? TOY_RX_OK :
						   TOY_DROP_IP6_MCAST;
	default:
		return TOY_DROP_IP6_NOT_LOCAL;
	}
}

/* A querier speaks to a group whatever its members have against it. */
static bool toy_ipv6_is_mld(const struct sk_buff *skb,
			    const struct toy_ipv6_walk *w)
{
	u8 _type, *type;

	if (w->nexthdr != IPPROTO_ICMPV6)
		return false;
	type = skb_header_pointer(skb, skb_network_offset(skb) + w->off,
				  sizeof(_type), &_type);
	return type && (*type == ICMPV6_MGM_QUERY || *type == ICMPV6_MGM_REPORT ||
			*type == ICMPV6_MGM_REDUCTION ||
			*type == ICMPV6_MLD2_REPORT);
}

/* Source filters, now that it is known what the packet is (RFC 3810 3). */
static enum toy_drop toy_ipv6_heard(const struct toy_pkt *pkt,
				    const struct sk_buff *skb,
				    const struct toy_ipv6_walk *w)
{
	if (likely(!(pkt->flags & TOY_PKT_MULTICAST)) ||
	    toy_ipv6_is_mld(skb, w) ||
	    toy_ipv6_member(pkt, skb, &pkt->saddr))
		return TOY_RX_OK;
	return TOY_DROP_IP6_MCAST;
}

/* Only neighbour discovery has to do with hosts that have no address yet, or
 * that claim to have ours (RFC 4862 5.4).
 */
static enum toy_drop toy_ipv6_speaker(const struct toy_pkt *pkt)
{
	if (pkt->proto == IPPROTO_ICMPV6)
		return TOY_RX_OK;
	if (ipv6_addr_any(&pkt->saddr))
		return TOY_DROP_IP6_SADDR;
	if (!(pkt->flags & TOY_PKT_LOOPED) &&
	    toy_route_input(pkt->tn, pkt->dev, &pkt->saddr) == TOY_ROUTE_LOCAL)
		return TOY_DROP_IP6_MARTIAN;
	return TOY_RX_OK;
}

/* ---- the chain of headers ------------------------------------------------ */

/* Tells the sender what is wrong with an extension header, and ends the packet.
 */
static enum toy_drop toy_ipv6_bad(const struct toy_pkt *pkt, struct sk_buff *skb,
				  const struct toy_ipv6_walk *w,
				  enum toy_drop why)
{
	switch (w->verdict) {
	case TOY_IPV6_BAD_FIELD:
		pkt->ip->error(pkt, skb, TOY_ERR_PARAM_PROBLEM, w->bad);
		break;
	case TOY_IPV6_BAD_HEADER:
		pkt->ip->error(pkt, skb, TOY_ERR_PROTO_UNREACH, w->bad);
		break;
	case TOY_IPV6_BAD_OPTION_UNICAST:
		if (ipv6_addr_is_multicast(&pkt->daddr))
			break;
		fallthrough;
	case TOY_IPV6_BAD_OPTION:
		pkt->ip->error(pkt, skb, TOY_ERR_OPTION, w->bad);
		break;
	case TOY_IPV6_SILENT:
		break;
	}
	return why;
}

/* The whole has come together: its headers are walked again, from the start. */
static enum toy_drop toy_ipv6_whole(struct toy_pkt *pkt, struct sk_buff *skb,
				    struct toy_ipv6_walk *w)
{
	struct toy_ipv6_view v;
	enum toy_drop why;

	why = toy_ipv6_parse(skb, &v);
	if (why)
		return why;
	pkt->ttl = v.hop_limit;
	pkt->tos = v.tclass;
	toy_ipv6_walk_start(w, v.nexthdr);
	return w->nexthdr == NEXTHDR_HOP ? toy_ipv6_walk_options(skb, w) :
					   TOY_RX_OK;
}

/* RFC 8200 4.5: what the sender of a bad fragment is told. */
static enum toy_drop toy_ipv6_bad_fragment(struct toy_ipv6_walk *w,
					   const struct sk_buff *skb,
					   enum toy_drop why)
{
	w->verdict = TOY_IPV6_SILENT;
	if (why == TOY_DROP_FRAG_LEN && skb->len > w->off) {
		w->verdict = TOY_IPV6_BAD_FIELD;
		w->bad = offsetof(struct ipv6hdr, payload_len);
	} else if (why == TOY_DROP_FRAG_BEYOND) {
		w->verdict = TOY_IPV6_BAD_FIELD;
		w->bad = w->off - sizeof(struct frag_hdr) +
			 offsetof(struct frag_hdr, frag_off);
	}
	return why;
}

/* RFC 8200 4.5. Sets *@pskb to NULL, or to the whole packet and @w to its
 * headers. RFC 6946: a fragment that is all of its packet is no fragment.
 */
static enum toy_drop toy_ipv6_fragment(struct toy_pkt *pkt,
				       struct sk_buff **pskb,
				       struct toy_ipv6_walk *w)
{
	struct toy_frag f = {
		.nexthdr_at	= w->nhoff,
		.frag_hdr	= sizeof(struct frag_hdr),
	};
	struct toy_ipv6_fraghdr h;
	enum toy_drop why;

	why = toy_ipv6_walk_fragment(*pskb, w, &h);
	if (why || (!h.offset && !h.more))
		return why;
	/* Fragments inside a packet that was fragmented itself: nobody sends
	 * them.
	 */
	if (toy_skb_cb(*pskb)->frag_max) {
		w->verdict = TOY_IPV6_BAD_HEADER;
		w->bad = f.nexthdr_at;
		return TOY_DROP_IP6_EXT_ORDER;
	}
	if (!h.offset && !toy_ipv6_chain_complete(*pskb, w)) {
		pkt->ip->error(pkt, *pskb, TOY_ERR_HDR_CHAIN, 0);
		w->verdict = TOY_IPV6_SILENT;
		return TOY_DROP_IP6_FRAG_CHAIN;
	}
	f.id = h.id;
	f.offset = h.offset;
	f.more = h.more;
	f.proto = w->nexthdr;
	f.hdr_len = w->off;
	why = toy_frag_rcv(pkt, pskb, &f);
	if (why)
		return toy_ipv6_bad_fragment(w, *pskb, why);
	return *pskb ? toy_ipv6_whole(pkt, *pskb, w) : TOY_RX_OK;
}

/* One extension header behind the first: RFC 8200 4.1. Sets *@pskb to NULL when
 * the packet is a fragment that waits for others.
 */
static enum toy_drop toy_ipv6_ext(struct toy_pkt *pkt, struct sk_buff **pskb,
				  struct toy_ipv6_walk *w)
{
	switch (w->nexthdr) {
	case NEXTHDR_DEST:
		return toy_ipv6_walk_options(*pskb, w);
	case NEXTHDR_ROUTING:
		return toy_ipv6_walk_routing(*pskb, w);
	case NEXTHDR_FRAGMENT:
		return toy_ipv6_fragment(pkt, pskb, w);
	default:
		/* RFC 8200 4.3: "restricted to appear immediately after an
		 * IPv6 header only".
		 */
		w->verdict = TOY_IPV6_BAD_HEADER;
		w->bad = w->nhoff;
		return TOY_DROP_IP6_EXT_ORDER;
	}
}

/* What follows the headers is known: hand it up. */
static enum toy_drop toy_ipv6_deliver(struct toy_pkt *pkt, struct sk_buff *skb,
				      const struct toy_ipv6_walk *w)
{
	/* RFC 8200 4.7 */
	if (unlikely(w->nexthdr == NEXTHDR_NONE))
		return TOY_DROP_IP6_NO_NEXT;
	pkt->proto = w->nexthdr;
	pkt->nhoff = w->nhoff;
	/* No checksum covers the header: a sum of the whole packet must lose
	 * it.
	 */
	skb_pull_rcsum(skb, w->off);
	skb_reset_transport_header(skb);
	toy_skb_cb(skb)->flags = pkt->flags;
	return toy_ip_deliver(pkt, skb);
}

/* The whole way of a packet that is not known to belong to a connection. */
static enum toy_drop toy_ipv6_slow(struct toy_pkt *pkt, struct sk_buff *skb,
				   struct toy_ipv6_walk *w)
{
	enum toy_drop why;

	why = toy_ipv6_source(pkt);
	if (why)
		return why;
	if (w->nexthdr == NEXTHDR_HOP) {
		why = toy_ipv6_walk_options(skb, w);
		if (why)
			return toy_ipv6_bad(pkt, skb, w, why);
	}
	why = toy_ipv6_destination(pkt, skb);
	if (why == TOY_DROP_IP6_NOT_LOCAL)
		return toy_forward(pkt, skb);
	if (why)
		return why;
	while (toy_ipv6_is_ext(w->nexthdr)) {
		why = toy_ipv6_ext(pkt, &skb, w);
		if (why)
			return toy_ipv6_bad(pkt, skb, w, why);
		if (!skb)
			return TOY_RX_OK;
	}
	pkt->proto = w->nexthdr;
	why = toy_ipv6_speaker(pkt) ?: toy_ipv6_heard(pkt, skb, w);
	return why ?: toy_ipv6_deliver(pkt, skb, w);
}

static enum toy_drop toy_ipv6_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_ipv6_walk w;
	struct toy_ipv6_view v;
	struct toy_skb_cb *cb;
	enum toy_drop why;

	toy_count(pkt->tn, TOY_MIB_IP6_IN_RECEIVES);
	toy_count_add(pkt->tn, TOY_MIB_IP6_IN_OCTETS, skb->len);

	why = toy_ipv6_parse(skb, &v);
	if (unlikely(why))
		return why;
	why = toy_ipv6_trim(skb, &v);
	if (unlikely(why)) {
		toy_count(pkt->tn, TOY_MIB_IP6_IN_TRUNCATED);
		return why;
	}
	pkt->ip = &toy_ipv6_ops;
	pkt->saddr = v.saddr;
	pkt->daddr = v.daddr;
	pkt->proto = v.nexthdr;
	pkt->ttl = v.hop_limit;
	pkt->tos = v.tclass;
	cb = toy_skb_cb(skb);
	cb->ip = &toy_ipv6_ops;
	cb->frag_max = 0;
	cb->ifindex = pkt->flags & TOY_PKT_LOOPED ? skb->skb_iif :
						    pkt->dev->ifindex;

	toy_ipv6_walk_start(&w, v.nexthdr);
	/* Most packets belong to a connection. */
	if (likely(skb->pkt_type == PACKET_HOST &&
		   toy_ip_known(pkt, skb, w.off)))
		return toy_ipv6_deliver(pkt, skb, &w);
	return toy_ipv6_slow(pkt, skb, &w);
}

/**
 * toy_ipv6_link_failure() - a next hop did not answer: tell who sent the packet
 * @dev: device
 * @skb: the packet, skb->data at its network header; borrowed
 *
 * What an ICMPv6 address unreachable from the next router would say, said by
 * ourselves (RFC 4861 7.2.2). Context: timer or softirq, RCU.
 */
void toy_ipv6_link_failure(struct toy_dev *dev, struct sk_buff *skb)
{
	const struct ipv6hdr *h = ipv6_hdr(skb);
	struct toy_icmp_err e = {
		.err	= EHOSTUNREACH,
		.fatal	= true,
		.type	= ICMPV6_DEST_UNREACH,
		.code	= ICMPV6_ADDR_UNREACH,
		.saddr	= h->saddr,
		.daddr	= h->daddr,
		.offender = h->saddr,
	};
	struct toy_pkt pkt = {
		.tn = dev->tn, .dev = dev, .ip = &toy_ipv6_ops,
		.saddr = e.saddr, .daddr = e.saddr, .proto = IPPROTO_ICMPV6,
	};
	struct toy_ipv6_walk w;
	struct toy_ipv6_view v;
	bool later_frag;

	if (toy_route_input(dev->tn, dev, &e.saddr) != TOY_ROUTE_LOCAL) {
		toy_forward_unreachable(dev, skb, &toy_ipv6_ops);
		return;
	}
	if (toy_ipv6_parse_quote(skb, 0, &v, &w, &later_frag) || later_frag ||
	    !toy_icmp6_final(&e, skb, 0, &w))
		return;
	/* RFC 4443 2.4 (e): no error about an error, not even to ourselves. */
	if (w.nexthdr == IPPROTO_ICMPV6 && toy_icmp6_is_error(skb->data[w.off]))
		return;
	e.quoted_len = w.off;
	__skb_pull(skb, w.off);
	toy_ip_deliver_err(&pkt, skb, w.nexthdr, &e);
	__skb_push(skb, w.off);
}

/**
 * toy_ipv6_init() - take IPv6 packets from the devices
 *
 * Return: 0.
 */
int toy_ipv6_init(void)
{
	toy_l3_register(TOY_L3_IPV6, toy_ipv6_rcv);
	return 0;
}

/**
 * toy_ipv6_exit() - the opposite of toy_ipv6_init()
 */
void toy_ipv6_exit(void)
{
	toy_l3_unregister(TOY_L3_IPV6);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv4: the host requirements of RFC 791 and RFC 1122 3.2.1, in the order in
 * which a packet meets them, and the first row of struct toy_ip_ops.
 *
 *	header		version, length, checksum, options	skb/ipv4.c
 *	source		a host's address, not our own		3.2.1.3
 *	destination	ours, or one of our broadcasts		3.2.1.3
 *			or one of our groups			RFC 1112
 *			else: forward.c				RFC 1812 5
 *	fragments	toy_frag_rcv(), and go on with the whole
 *	protocol	toy_ip_deliver()
 *
 * Identification (RFC 6864): datagrams that must not be fragmented have no use
 * for one and carry 0; all others count per pair of hosts, from a secret start,
 * so that nobody learns from one peer's numbers what we send to another.
 */
#include <linux/inetdevice.h>
#include <linux/siphash.h>
#include <net/ip.h>

#include "../napi/dev.h"
#include "../skb/ipv4.h"
#include "forward.h"
#include "frag.h"
#include "icmp.h"
#include "ip.h"
#include "mcast.h"

#define TOY_IPV4_IDS	256

static atomic_t toy_ipv4_ids[TOY_IPV4_IDS];
static siphash_aligned_key_t toy_ipv4_id_key;

/**
 * toy_ipv4_id() - an identification for a datagram (RFC 6864)
 * @saddr: source
 * @daddr: destination
 * @proto: upper protocol
 *
 * Context: any.
 * Return: the next number for these.
 */
__be16 toy_ipv4_id(__be32 saddr, __be32 daddr, u8 proto)
{
	u64 h;

	net_get_random_once(&toy_ipv4_id_key, sizeof(toy_ipv4_id_key));
	h = siphash_3u32((__force u32)saddr, (__force u32)daddr, proto,
			 &toy_ipv4_id_key);
	return htons(atomic_inc_return(&toy_ipv4_ids[h % TOY_IPV4_IDS]) +
		     (h >> 32));
}

static void toy_ipv4_ops_push(struct toy_net *tn, struct sk_buff *skb,
			      const struct toy_path *path,
			      const struct toy_ip_tx *tx)
{
	struct toy_ipv4_build b = {
		.saddr	= toy_v4_of(&path->saddr),
		.daddr	= toy_v4_of(&path->daddr),
		.df	= tx->df && !path->mtu_locked,
		.ttl	= tx->ttl,
		.tos	= tx->tos,
		.proto	= tx->proto,
		.opts	= tx->opts,
	};

	if (!b.df)
		b.id = toy_ipv4_id(b.saddr, b.daddr, b.proto);
	toy_ipv4_push(skb, &b);
}

static void toy_ipv4_ops_reassembled(struct sk_buff *skb,
				     const struct toy_frag *first, u8 ecn,
				     bool df)
{
	toy_ipv4_reassembled(skb, ecn, df);
}

/* A fragment that is fragmented further keeps its name. */
static void toy_ipv4_ops_fragment(const struct sk_buff *skb,
				  struct toy_frag_out *out)
{
	const struct iphdr *iph = ip_hdr(skb);

	out->hdr_len = iph->ihl * 4;
	if (iph->id || iph->frag_off & htons(IP_MF | IP_OFFSET))
		out->id = ntohs(iph->id);
	else
		out->id = ntohs(toy_ipv4_id(iph->saddr, iph->daddr,
					    iph->protocol));
}

static void toy_ipv4_ops_push_fragment(struct sk_buff *skb,
				       const struct toy_frag_out *out)
{
	toy_ipv4_push_fragment(skb, out->hdr, out->hdr_len, htons(out->id),
			       out->offset, out->more);
}

static void toy_ipv4_ops_addrs(const struct sk_buff *skb,
			       struct in6_addr *saddr, struct in6_addr *daddr)
{
	*saddr = toy_v4(ip_hdr(skb)->saddr);
	*daddr = toy_v4(ip_hdr(skb)->daddr);
}

static u8 toy_ipv4_ops_ttl(const struct sk_buff *skb)
{
	return ip_hdr(skb)->ttl;
}

static u8 toy_ipv4_ops_tos(const struct sk_buff *skb)
{
	return ip_hdr(skb)->tos;
}

const struct toy_ip_ops toy_ipv4_ops = {
	.version	= 4,
	.ethertype	= htons(ETH_P_IP),
	.hdr_len	= sizeof(struct iphdr),
	.min_mtu	= 68,			/* RFC 791 3.2 */
	.max_len	= IP_MAX_MTU,
	.push		= toy_ipv4_ops_push,
	.reassembled	= toy_ipv4_ops_reassembled,
	.fragment	= toy_ipv4_ops_fragment,
	.push_fragment	= toy_ipv4_ops_push_fragment,
	.addrs		= toy_ipv4_ops_addrs,
	.ttl		= toy_ipv4_ops_ttl,
	.tos		= toy_ipv4_ops_tos,
	.error		= toy_icmp_error,
	.redirect	= toy_icmp_redirect,
};

/* RFC 1122 3.2.1.3: may a packet from outside say that it comes from there? */
static enum toy_drop toy_ipv4_source(const struct toy_pkt *pkt, __be32 saddr,
				     __be32 daddr)
{
	if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr))
		return TOY_DROP_IP_SADDR;
	/* A host that does not know its address yet may broadcast, and speak
	 * of multicast groups (RFC 3376 4.2.13).
	 */
	if (ipv4_is_zeronet(saddr) &&
	    !(saddr == 0 && (ipv4_is_lbcast(daddr) ||
			     ipv4_is_local_multicast(daddr) ||
			     (ipv4_is_multicast(daddr) &&
			      pkt->proto == IPPROTO_IGMP))))
		return TOY_DROP_IP_SADDR;
	if (pkt->flags & TOY_PKT_LOOPED)
		return TOY_RX_OK;
	if (ipv4_is_loopback(saddr) || ipv4_is_loopback(daddr))
		return TOY_DROP_IP_MARTIAN;
	switch (toy_route_input(pkt->tn, pkt->dev, &pkt->saddr)) {
	case TOY_ROUTE_LOCAL:
		return TOY_DROP_IP_MARTIAN;
	case TOY_ROUTE_BROADCAST:	/* of a prefix of ours */
		return TOY_DROP_IP_SADDR;
	default:
		return toy_forward_rp_filter(pkt);
	}
}

/* RFC 1112 7.2: do we belong to the group, on the device that it came in by,
 * or left by? What IGMP says is heard whatever source filters say.
 */
static enum toy_drop toy_ipv4_group(struct toy_pkt *pkt,
				    const struct sk_buff *skb)
{
	const struct toy_dev *dev = pkt->dev;

	if (pkt->flags & TOY_PKT_LOOPED)
		dev = toy_dev_find(pkt->tn, skb->skb_iif);
	if (!dev || !toy_mcast_member(dev, &pkt->daddr,
				      pkt->proto == IPPROTO_IGMP ? NULL :
								   &pkt->saddr))
		return TOY_DROP_IP_MCAST;
	pkt->flags |= TOY_PKT_MULTICAST;
	toy_count(pkt->tn, TOY_MIB_IP_IN_MCAST);
	return TOY_RX_OK;
}

/* Is it for us? Sets pkt->flags. */
static enum toy_drop toy_ipv4_destination(struct toy_pkt *pkt,
					  const struct sk_buff *skb, __be32 daddr)
{
	if (ipv4_is_zeronet(daddr))
		return TOY_DROP_IP_DADDR;

	switch (toy_route_input(pkt->tn, pkt->dev, &pkt->daddr)) {
	case TOY_ROUTE_LOCAL:
		/* RFC 1122 3.3.6 */
		if (skb->pkt_type == PACKET_BROADCAST ||
		    skb->pkt_type == PACKET_MULTICAST)
			return TOY_DROP_IP_L2_BCAST;
		return TOY_RX_OK;
	case TOY_ROUTE_BROADCAST:
		pkt->flags |= TOY_PKT_BROADCAST;
		toy_count(pkt->tn, TOY_MIB_IP_IN_BCAST);
		return TOY_RX_OK;
	case TOY_ROUTE_MULTICAST:
		return toy_ipv4_group(pkt, skb);
	default:
		return TOY_DROP_IP_NOT_LOCAL;
	}
}

static void toy_ipv4_fill(struct toy_pkt *pkt, const struct toy_ipv4_view *v)
{
	pkt->ip = &toy_ipv4_ops;
	pkt->saddr = toy_v4(v->saddr);
	pkt->daddr = toy_v4(v->daddr);
	pkt->proto = v->proto;
	pkt->ttl = v->ttl;
	pkt->tos = v->tos;
}

/* Packets come in trains: of one with the ends of the last, two look-ups would
 * say again what they said then, until a route, an address or a device changes.
 * Only of what is for this host alone: group and broadcast depend on more.
 */
static enum toy_drop toy_ipv4_addresses(struct toy_pkt *pkt,
					const struct sk_buff *skb,
					const struct toy_ipv4_view *v)
{
	struct toy_good_ends *good = &this_cpu_ptr(pkt->dev->rxq)->good;
	u32 gen = toy_path_gen(pkt->tn);
	enum toy_drop why;

	if (likely(good->gen == gen && good->daddr == v->daddr &&
		   good->saddr == v->saddr && skb->pkt_type == PACKET_HOST &&
		   !READ_ONCE(pkt->tn->sysctl.rp_filter)))
		return TOY_RX_OK;

	/* Before the tables are read: a change that is half seen then makes it
	 * stale. Pairs with the full barrier in toy_path_gen_bump().
	 */
	smp_rmb();
	why = toy_ipv4_source(pkt, v->saddr, v->daddr);
	if (!why)
		why = toy_ipv4_destination(pkt, skb, v->daddr);
	if (!why && !(pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST)))
		*good = (struct toy_good_ends) {
			.saddr = v->saddr, .daddr = v->daddr, .gen = gen,
		};
	return why;
}

/* A header that cannot be read may still deserve an answer: RFC 1122 3.2.2.5
 * for options that are malformed.
 */
static enum toy_drop toy_ipv4_bad(struct toy_pkt *pkt, struct sk_buff *skb,
				  const struct toy_ipv4_view *v,
				  enum toy_drop why, u8 bad_octet)
{
	if (why != TOY_DROP_IP_OPTIONS || toy_ipv4_trim(skb, v))
		return why;
	toy_ipv4_fill(pkt, v);
	if (!toy_ipv4_addresses(pkt, skb, v))
		toy_icmp_error(pkt, skb, TOY_ERR_PARAM_PROBLEM, bad_octet);
	return why;
}

/* RFC 791 3.2. Sets *@pskb to NULL, or to the whole packet and @v to its view. */
static enum toy_drop toy_ipv4_defrag(struct toy_pkt *pkt,
				     struct sk_buff **pskb,
				     struct toy_ipv4_view *v)
{
	const struct toy_frag f = {
		.id		= (__force __be32)v->id,
		.offset		= v->frag_off,
		.more		= v->more_frags,
		.df		= v->df,
		.short_id	= true,
		.proto		= v->proto,
		.key_proto	= v->proto,
		.hdr_len	= v->hdr_len,
	};
	enum toy_drop why;
	u8 bad_octet;

	why = toy_frag_rcv(pkt, pskb, &f);
	if (why || !*pskb)
		return why;
	/* The first fragment's header need not be like this one's. */
	why = toy_ipv4_parse(*pskb, v, &bad_octet);
	if (!why)
		toy_ipv4_fill(pkt, v);
	return why;
}

static enum toy_drop toy_ipv4_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_ipv4_view v;
	struct toy_skb_cb *cb;
	enum toy_drop why;
	u8 bad_octet = 0;

	toy_count(pkt->tn, TOY_MIB_IP_IN_RECEIVES);
	toy_count_add(pkt->tn, TOY_MIB_IP_IN_OCTETS, skb->len);

	why = toy_ipv4_parse(skb, &v, &bad_octet);
	if (unlikely(why))
		return toy_ipv4_bad(pkt, skb, &v, why, bad_octet);
	why = toy_ipv4_trim(skb, &v);
	if (unlikely(why)) {
		toy_count(pkt->tn, TOY_MIB_IP_IN_TRUNCATED);
		return why;
	}
	toy_ipv4_fill(pkt, &v);
	/* Most packets belong to a connection. */
	if (v.frag_off || v.more_frags || skb->pkt_type != PACKET_HOST ||
	    !toy_ip_known(pkt, skb, v.hdr_len)) {
		why = toy_ipv4_addresses(pkt, skb, &v);
		if (why == TOY_DROP_IP_NOT_LOCAL)
			return toy_forward(pkt, skb);
		if (unlikely(why))
			return why;
	}
	toy_skb_cb(skb)->frag_max = 0;
	if (unlikely(v.frag_off || v.more_frags)) {
		why = toy_ipv4_defrag(pkt, &skb, &v);
		if (why || !skb)
			return why;
	}

	/* A header whose checksum is right adds nothing to a CHECKSUM_COMPLETE
	 * sum, so that needs no correction.
	 */
	__skb_pull(skb, v.hdr_len);
	skb_reset_transport_header(skb);
	cb = toy_skb_cb(skb);
	cb->ip = &toy_ipv4_ops;
	cb->ifindex = pkt->flags & TOY_PKT_LOOPED ? skb->skb_iif :
						    pkt->dev->ifindex;
	cb->flags = pkt->flags;
	return toy_ip_deliver(pkt, skb);
}

/**
 * toy_ip_link_failure() - a next hop did not answer: tell who sent the packet
 * @dev: device
 * @skb: the packet, skb->data at its network header; borrowed
 *
 * What an ICMP host unreachable from the next router would say, said by
 * ourselves, to ourselves or to whose packet it was. Context: timer or softirq, RCU.
 */
void toy_ip_link_failure(struct toy_dev *dev, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int hdr_len = iph->ihl * 4;
	struct toy_icmp_err e = {
		.err	= EHOSTUNREACH,
		.fatal	= true,
		.type	= ICMP_DEST_UNREACH,
		.code	= ICMP_HOST_UNREACH,
		.saddr	= toy_v4(iph->saddr),
		.daddr	= toy_v4(iph->daddr),
		.quoted_len = hdr_len,
	};
	struct toy_pkt pkt = {
		.tn = dev->tn, .dev = dev, .ip = &toy_ipv4_ops,
		.saddr = e.saddr, .daddr = e.saddr, .proto = IPPROTO_ICMP,
	};

	if (toy_route_input(dev->tn, dev, &e.saddr) != TOY_ROUTE_LOCAL) {
		toy_forward_unreachable(dev, skb, &toy_ipv4_ops);
		return;
	}
	e.offender = e.saddr;
	if (skb_headlen(skb) < hdr_len + 8)
		return;
	/* RFC 1122 3.2.2: no error about an error, not even to ourselves. */
	if (iph->protocol == IPPROTO_ICMP &&
	    toy_icmp_is_error(skb->data[hdr_len]))
		return;
	__skb_pull(skb, hdr_len);
	toy_ip_deliver_err(&pkt, skb, iph->protocol, &e);
	__skb_push(skb, hdr_len);
}

/**
 * toy_ipv4_init() - take IPv4 packets from the devices
 *
 * Return: 0.
 */
int toy_ipv4_init(void)
{
	for (int i = 0; i < TOY_IPV4_IDS; i++)
		atomic_set(&toy_ipv4_ids[i], get_random_u32());
	toy_l3_register(TOY_L3_IPV4, toy_ipv4_rcv);
	return 0;
}

/**
 * toy_ipv4_exit() - the opposite of toy_ipv4_init()
 */
void toy_ipv4_exit(void)
{
	toy_l3_unregister(TOY_L3_IPV4);
}

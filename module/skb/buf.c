// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers: room in front of a packet, and super-packets taken apart.
 *
 *	head            data                            tail         end
 *	|<- headroom -->|<- transport header, data ---->|<- tailroom ->|
 *	  link header,
 *	  network header
 *
 * A super-packet of UDP is several datagrams in one skb:
 *
 *	SKB_GSO_UDP_L4		one header, the data of all in pages or in
 *				frag_list, cut every gso_size bytes
 *	SKB_GSO_FRAGLIST	the first datagram whole, the others whole in
 *				frag_list, their headers kept in their headroom
 *
 * Both are the core's to cut (skb_segment(), skb_segment_list()). It wants the
 * packet from the link header on, and CHECKSUM_PARTIAL, and it trusts the
 * geometry of frag_list with a BUG(): so that is looked at here.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/udp.h>

#include "buf.h"
#include "csum.h"

/* TCP with all its options has the longest header. */
#define MAX_TRANSPORT	60

/**
 * toy_skb_trim() - cut off the end of a received packet
 * @skb: packet, not shared; borrowed
 * @len: bytes that stay
 * @shorter: what to return when there are fewer
 *
 * Context: any.
 *
 * Return: TOY_RX_OK, @shorter or TOY_DROP_NOMEM.
 */
enum toy_drop toy_skb_trim(struct sk_buff *skb, unsigned int len,
			   enum toy_drop shorter)
{
	if (skb->len < len)
		return shorter;

	switch (pskb_trim_rcsum(skb, len)) {
	case 0:
		return TOY_RX_OK;
	case -ENOMEM:
		return TOY_DROP_NOMEM;
	}
	/* CHECKSUM_PARTIAL of a field that lies behind the end. */
	return shorter;
}

/**
 * toy_skb_headroom() - room that headers below the transport may need
 * @dev: device that sends; NULL when it has gone or there is none
 *
 * Context: any.
 *
 * Return: bytes for the largest network header of ours and for the link
 * header.
 */
unsigned int toy_skb_headroom(const struct net_device *dev)
{
	return sizeof(struct ipv6hdr) + (dev ? LL_RESERVED_SPACE(dev) : 0);
}

/**
 * toy_skb_alloc() - a buffer for a packet made in softirq
 * @dev: device that will send it, or NULL
 * @len: bytes that will be put
 *
 * skb->data has room for every header in front and @len bytes behind it.
 * Context: any.
 *
 * Return: the buffer, empty, owned by the caller, or NULL without memory.
 */
struct sk_buff *toy_skb_alloc(const struct net_device *dev, unsigned int len)
{
	unsigned int front = toy_skb_headroom(dev) + MAX_TRANSPORT;
	unsigned int back = len + (dev ? dev->needed_tailroom : 0);
	struct sk_buff *skb;

	/* A network header on a multiple of 4. */
	front = ALIGN(front, 16);
	skb = alloc_skb(front + back, GFP_ATOMIC | __GFP_NOWARN);
	if (skb)
		skb_reserve(skb, front);
	return skb;
}

/**
 * toy_skb_need_headroom() - make room in front of a packet
 * @skb: packet, not shared; borrowed, pointers into it go stale
 * @need: bytes before skb->data that will be written
 *
 * A route may move to a device with a longer link header while packets are
 * made, and retransmitted or looped packets share their head with a clone.
 * The head is then copied; a packet that is charged to a socket keeps its
 * truesize, so that what is charged is what will be uncharged. Context: any.
 *
 * Return: 0, or -ENOMEM with @skb intact.
 */
int toy_skb_need_headroom(struct sk_buff *skb, unsigned int need)
{
	return skb_cow_head(skb, need);
}

/* ---- segmentation ------------------------------------------------------- */

/* Whole datagrams in frag_list, as GRO has chained them. */
static bool is_chain(const struct sk_buff *skb)
{
	const struct skb_shared_info *sh = skb_shinfo(skb);

	return sh->gso_type & SKB_GSO_FRAGLIST &&
	       !(sh->gso_type & SKB_GSO_DODGY) &&
	       skb_pagelen(skb) == sizeof(struct udphdr) + sh->gso_size;
}

/* Do the buffers of the frag_list begin and end where segments do?
 * skb_segment() BUGs on some that do not.
 */
static bool list_is_regular(const struct sk_buff *skb)
{
	unsigned int size = skb_shinfo(skb)->gso_size;
	struct sk_buff *it;

	if ((skb_pagelen(skb) - sizeof(struct udphdr)) % size)
		return false;
	skb_walk_frags(skb, it) {
		if (!it->len || it->len > size || skb_has_frag_list(it))
			return false;
		if (it->next && it->len != size)
			return false;
	}
	return true;
}

/* The core builds the segments' checksums from the sum of the whole's
 * pseudo-header. Who made the whole vouches for it (see toy_udp_csum_ok()), so
 * nothing is lost. The header of a chain that is none any more is the first datagram's.
 */
static int make_partial(struct sk_buff *skb)
{
	struct in6_addr saddr, daddr;

	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    !skb_checksum_start_offset(skb) &&
	    !(skb_shinfo(skb)->gso_type & SKB_GSO_FRAGLIST))
		return 0;
	if (skb_ensure_writable(skb, sizeof(struct udphdr)))
		return -ENOMEM;

	if (skb->protocol == htons(ETH_P_IP)) {
		saddr = toy_v4(ip_hdr(skb)->saddr);
		daddr = toy_v4(ip_hdr(skb)->daddr);
	} else {
		saddr = ipv6_hdr(skb)->saddr;
		daddr = ipv6_hdr(skb)->daddr;
	}
	toy_csum_partial(skb, &saddr, &daddr, skb->len, IPPROTO_UDP,
			 offsetof(struct udphdr, check));
	return 0;
}

static int prepare(struct sk_buff *skb)
{
	if (!pskb_may_pull(skb, sizeof(struct udphdr)))
		return -EINVAL;
	skb_reset_transport_header(skb);
	if (is_chain(skb))
		return 0;
	if (skb_has_frag_list(skb) && !list_is_regular(skb) &&
	    skb_linearize(skb))
		return -ENOMEM;
	return make_partial(skb);
}

/* How far the core's starting point, the link header, lies before skb->data.
 * A packet without one starts at its network header.
 */
static unsigned int link_offset(struct sk_buff *skb)
{
	if (!skb_mac_header_was_set(skb) ||
	    skb_mac_header(skb) > skb_network_header(skb))
		skb->mac_header = skb->network_header;
	return -skb_mac_offset(skb);
}

/**
 * toy_skb_segment_udp() - take a received super-packet apart
 * @skb: packet, not shared, skb->data at the UDP header, network header set;
 *	consumed unless NULL or an ERR_PTR is returned
 *
 * To be called before toy_udp_parse(), which then sees one datagram at a time.
 * skb->cb goes to every segment. The super-packet may come from this machine
 * (TUN, virtio) with fields that lie: gso_segs is not read. Context: any.
 *
 * Return: list of datagrams by ->next, each as @skb came; NULL when @skb is
 * one datagram already; -EINVAL, -ENOMEM and others, and @skb is only good
 * for dropping.
 */
struct sk_buff *toy_skb_segment_udp(struct sk_buff *skb)
{
	/* As much as may be is left as it is: the reader is on this machine. */
	netdev_features_t features = NETIF_F_SG | NETIF_F_IP_CSUM |
				     NETIF_F_IPV6_CSUM;
	struct sk_buff *segs, *seg;
	unsigned int off;
	int err;

	BUILD_BUG_ON(sizeof(struct toy_skb_cb) > SKB_GSO_CB_OFFSET);

	if (!skb_is_gso(skb) ||
	    !(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4) ||
	    skb->len <= sizeof(struct udphdr) + skb_shinfo(skb)->gso_size)
		return NULL;

	err = prepare(skb);
	if (err)
		return ERR_PTR(err);

	off = link_offset(skb);
	__skb_push(skb, off);
	segs = __skb_gso_segment(skb, features, false);
	if (IS_ERR_OR_NULL(segs)) {
		__skb_pull(skb, off);
		return segs ?: ERR_PTR(-EINVAL);
	}
	consume_skb(skb);

	for (seg = segs; seg; seg = seg->next) {
		__skb_pull(seg, skb_transport_offset(seg));
		toy_csum_good(seg);
	}
	return segs;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "buf_test.c"
#endif

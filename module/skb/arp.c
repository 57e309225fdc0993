// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARP packets (RFC 826) for IPv4 over any link layer, read and written.
 *
 *	 0               8               16                             31
 *	+-------------------------------+-------------------------------+
 *	|         hardware type         |     protocol type, 0x0800     |
 *	+---------------+---------------+-------------------------------+
 *	| bytes of MAC  | bytes of IP, 4|           operation           |
 *	+---------------+---------------+-------------------------------+
 *	: sender MAC | sender IP | target MAC | target IP, unaligned    :
 *	+---------------------------------------------------------------+
 *
 * Ethernet is not special: the lengths are the device's.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <linux/skbuff.h>

#include "arp.h"
#include "buf.h"

#define IP_LEN		4

/* RFC 2734 7: on IEEE 1394 a packet has no target hardware address. */
static bool has_tha(const struct net_device *dev)
{
	return dev->type != ARPHRD_IEEE1394;
}

static unsigned int arp_len(const struct net_device *dev)
{
	return sizeof(struct arphdr) +
	       (has_tha(dev) ? 2 : 1) * dev->addr_len + 2 * IP_LEN;
}

/* May a packet of hardware type @htype come in by @dev? */
static bool htype_fits(const struct net_device *dev, u16 htype)
{
	switch (dev->type) {
	case ARPHRD_ETHER:
	case ARPHRD_FDDI:
	case ARPHRD_IEEE802:
		/* RFC 1390, RFC 2625: hosts on these media use either. */
		return htype == ARPHRD_ETHER || htype == ARPHRD_IEEE802;
	}
	return htype == dev->type;
}

static bool mac_is_group(const struct net_device *dev, const u8 *mac)
{
	/* Other lengths of address have no such bit. */
	return dev->addr_len == ETH_ALEN && is_multicast_ether_addr(mac);
}

/* Addresses that cannot be a host's. 0.0.0.0 is the sender of a probe (RFC
 * 5227 1.1), which is a request.
 */
static bool sender_is_bad(const struct toy_arp_view *v)
{
	return ipv4_is_loopback(v->spa) || ipv4_is_multicast(v->spa) ||
	       ipv4_is_lbcast(v->spa) ||
	       (!v->spa && v->op != ARPOP_REQUEST);
}

static const u8 *take(void *to, const u8 *from, unsigned int len)
{
	memcpy(to, from, len);
	return from + len;
}

static u8 *give(u8 *to, const void *from, unsigned int len)
{
	memcpy(to, from, len);
	return to + len;
}

static void view_of(struct toy_arp_view *v, const struct net_device *dev,
		    const struct arphdr *h, const u8 *at)
{
	memset(v, 0, sizeof(*v));
	v->op = ntohs(h->ar_op);
	at = take(v->sha, at, dev->addr_len);
	at = take(&v->spa, at, IP_LEN);
	if (has_tha(dev))
		at = take(v->tha, at, dev->addr_len);
	take(&v->tpa, at, IP_LEN);
}

/**
 * toy_arp_parse() - check a received ARP packet
 * @skb: packet, not shared, skb->data at its first byte, where it stays;
 *	borrowed
 * @dev: device it came in by
 * @v: filled in when the packet is right
 *
 * RFC 826, "Packet Reception", in its order: do I know the hardware type, the
 * protocol, the lengths. Sets the network header. Context: any.
 *
 * Return: TOY_RX_OK, or why the packet is to be dropped: TOY_DROP_ARP_SHORT,
 * _ARP_HTYPE, _ARP_PTYPE, _ARP_ALEN, _ARP_OP, _ARP_HADDR, _ARP_SENDER,
 * _ARP_TARGET, _NOMEM.
 */
enum toy_drop toy_arp_parse(struct sk_buff *skb, const struct net_device *dev,
			    struct toy_arp_view *v)
{
	enum toy_drop why;
	struct arphdr h;

	why = toy_skb_linear(skb, sizeof(h), TOY_DROP_ARP_SHORT);
	if (why)
		return why;
	memcpy(&h, skb->data, sizeof(h));
	if (!htype_fits(dev, ntohs(h.ar_hrd)))
		return TOY_DROP_ARP_HTYPE;
	if (h.ar_pro != htons(ETH_P_IP))
		return TOY_DROP_ARP_PTYPE;
	if (h.ar_hln != dev->addr_len || h.ar_pln != IP_LEN)
		return TOY_DROP_ARP_ALEN;
	why = toy_skb_linear(skb, arp_len(dev), TOY_DROP_ARP_SHORT);
	if (why)
		return why;
	skb_reset_network_header(skb);

	view_of(v, dev, &h, skb->data + sizeof(h));
	if (v->op != ARPOP_REQUEST && v->op != ARPOP_REPLY)
		return TOY_DROP_ARP_OP;
	if (mac_is_group(dev, v->sha))
		return TOY_DROP_ARP_HADDR;
	if (sender_is_bad(v))
		return TOY_DROP_ARP_SENDER;
	if (ipv4_is_loopback(v->tpa) || ipv4_is_multicast(v->tpa))
		return TOY_DROP_ARP_TARGET;
	return TOY_RX_OK;
}

/**
 * toy_arp_build() - make an ARP packet
 * @dev: device it will be sent by; the skb holds no reference
 * @v: what it says
 *
 * The link header is left to toy_dev_xmit(), for which there is headroom.
 * Context: any.
 *
 * Return: the packet, owned by the caller, or NULL without memory.
 */
struct sk_buff *toy_arp_build(struct net_device *dev,
			      const struct toy_arp_view *v)
{
	struct sk_buff *skb = toy_skb_alloc(dev, arp_len(dev));
	struct arphdr h = {
		/* RFC 1390: FDDI says that it is Ethernet. */
		.ar_hrd = htons(dev->type == ARPHRD_FDDI ? ARPHRD_ETHER :
							   dev->type),
		.ar_pro = htons(ETH_P_IP),
		.ar_hln = dev->addr_len,
		.ar_pln = IP_LEN,
		.ar_op = htons(v->op),
	};
	u8 *at;

	if (!skb)
		return NULL;

	skb_reset_network_header(skb);
	at = skb_put(skb, arp_len(dev));
	at = give(at, &h, sizeof(h));
	at = give(at, v->sha, dev->addr_len);
	at = give(at, &v->spa, IP_LEN);
	if (has_tha(dev))
		at = give(at, v->tha, dev->addr_len);
	give(at, &v->tpa, IP_LEN);

	skb->dev = dev;
	skb->protocol = htons(ETH_P_ARP);
	return skb;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "arp_test.c"
#endif

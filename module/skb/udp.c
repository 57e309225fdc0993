// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP headers (RFC 768), read and written.
 *
 *	 0                               16                             31
 *	+-------------------------------+-------------------------------+
 *	|          source port          |       destination port        |
 *	+-------------------------------+-------------------------------+
 *	|  length, with these 8 bytes   |       checksum, 0: none       |
 *	+-------------------------------+-------------------------------+
 *
 * A super-packet (several datagrams in one skb, made by the sender's GSO or by
 * GRO) has one header here, whose length is that of the whole.
 */
#include <linux/skbuff.h>
#include <linux/udp.h>

#include "buf.h"
#include "csum.h"
#include "udp.h"

/**
 * toy_udp_parse() - check the header of a received datagram
 * @pkt: what IP has found out
 * @skb: packet, not shared, skb->data at the header, where it stays; borrowed
 * @v: filled in when the header is right
 *
 * Makes the header linear, sets the transport header, cuts off what follows
 * the datagram (RFC 768: the length need not be IP's). Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_UDP_SHORT, _UDP_LEN or _NOMEM.
 */
enum toy_drop toy_udp_parse(struct toy_pkt *pkt, struct sk_buff *skb,
			    struct toy_udp_view *v)
{
	enum toy_drop why;
	struct udphdr h;

	why = toy_skb_linear(skb, sizeof(h), TOY_DROP_UDP_SHORT);
	if (why)
		return why;
	memcpy(&h, skb->data, sizeof(h));
	*v = (struct toy_udp_view) {
		.sport = ntohs(h.source),
		.dport = ntohs(h.dest),
		/* 0 would be an IPv6 jumbogram's (RFC 2675 4): none here. */
		.len = ntohs(h.len),
		.csum = h.check,
	};
	if (v->len < sizeof(h))
		return TOY_DROP_UDP_LEN;
	why = toy_skb_trim(skb, v->len, TOY_DROP_UDP_LEN);
	if (why)
		return why;

	skb_reset_transport_header(skb);
	return TOY_RX_OK;
}

/* The datagrams of a super-packet have a checksum each, or none yet, and no
 * sum over the whole says anything. Who made it vouches: GRO has verified
 * every datagram, GSO is on this machine.
 */
static bool is_super(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4;
}

/**
 * toy_udp_csum_ok() - is the checksum of a received datagram right?
 * @pkt: what IP has found out
 * @skb: packet after toy_udp_parse(), not shared; borrowed
 * @v: its view
 *
 * Context: any. Reads all of the datagram unless the device has done so.
 *
 * Return: true when it is, or when there is none; a later copy then needs no
 * checksum. Whether there may be none toy_udp_csum_missing() says.
 */
bool toy_udp_csum_ok(const struct toy_pkt *pkt, struct sk_buff *skb,
		     const struct toy_udp_view *v)
{
	if (!v->csum || is_super(skb)) {
		toy_csum_good(skb);
		return true;
	}
	return toy_csum_verify(skb, &pkt->saddr, &pkt->daddr, v->len,
			       IPPROTO_UDP);
}

/**
 * toy_udp_push() - prepend a header
 * @skb: data, with headroom for 8 bytes; borrowed
 * @sport: source port, host byte order
 * @dport: destination port, host byte order
 *
 * Sets the transport header; the checksum is 0, none, until toy_csum_partial()
 * or toy_csum_finish() says otherwise. Context: any.
 */
void toy_udp_push(struct sk_buff *skb, u16 sport, u16 dport)
{
	struct udphdr *h = skb_push(skb, sizeof(*h));

	*h = (struct udphdr) {
		.source = htons(sport),
		.dest = htons(dport),
		.len = htons(skb->len),
	};
	skb_reset_transport_header(skb);
}

/**
 * toy_udp_ports() - ports of a quoted datagram
 * @skb: skb->data at the quoted header, 8 bytes linear; borrowed
 * @sport: set to the source port, host byte order
 * @dport: set to the destination port, host byte order
 *
 * Nothing is checked: what an ICMP error quotes may be cut. Context: any.
 */
void toy_udp_ports(const struct sk_buff *skb, u16 *sport, u16 *dport)
{
	struct udphdr h;

	memcpy(&h, skb->data, sizeof(h));
	*sport = ntohs(h.source);
	*dport = ntohs(h.dest);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "udp_test.c"
#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMPv6 headers (RFC 4443 2.1), read and written.
 *
 *	 0               8               16                             31
 *	+---------------+---------------+-------------------------------+
 *	|     type      |     code      | checksum, with pseudo-header  |
 *	+---------------+---------------+-------------------------------+
 *	| by type: identifier, sequence number | MTU | pointer | flags  |
 *	+---------------------------------------------------------------+
 *	: echo: data; errors: what caused them; discovery: skb/nd.c     :
 *	+---------------------------------------------------------------+
 *
 * The layout is ICMPv4's, and so is the view. The checksum covers the IPv6
 * pseudo-header too (RFC 4443 2.3): IPv6 has none of its own.
 */
#include <linux/in.h>
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "buf.h"
#include "csum.h"
#include "icmp6.h"

/**
 * toy_icmp6_parse() - check a received ICMPv6 message
 * @skb: message, not shared, skb->data at its header, where it stays; pulled
 *	with skb_pull_rcsum() up to there; borrowed
 * @saddr: source
 * @daddr: destination; of a routing header's last one, if there is one
 * @v: filled in when the message is right
 *
 * Makes the header linear and sets the transport header. What the type means,
 * the caller's table says. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_ICMP6_SHORT, _ICMP6_CSUM or _NOMEM.
 */
enum toy_drop toy_icmp6_parse(struct sk_buff *skb, const struct in6_addr *saddr,
			      const struct in6_addr *daddr,
			      struct toy_icmp_view *v)
{
	enum toy_drop why;

	/* Even the shortest of them, a bare header without a second word, is
	 * used by no message.
	 */
	why = toy_skb_linear(skb, sizeof(struct icmp6hdr),
			     TOY_DROP_ICMP6_SHORT);
	if (why)
		return why;
	skb_reset_transport_header(skb);
	if (!toy_csum_verify(skb, saddr, daddr, skb->len, IPPROTO_ICMPV6))
		return TOY_DROP_ICMP6_CSUM;

	toy_icmp_read(skb, v);
	return TOY_RX_OK;
}

/**
 * toy_icmp6_push() - prepend a header and sum the message
 * @skb: data of the message, with headroom for 8 bytes; borrowed
 * @saddr: source
 * @daddr: destination
 * @type: ICMPv6 type
 * @code: ICMPv6 code
 * @info: second word
 *
 * Sets the transport header. Context: any.
 */
void toy_icmp6_push(struct sk_buff *skb, const struct in6_addr *saddr,
		    const struct in6_addr *daddr, u8 type, u8 code, __be32 info)
{
	struct icmp6hdr *h = skb_push(skb, sizeof(*h));

	*h = (struct icmp6hdr) {
		.icmp6_type = type,
		.icmp6_code = code,
		.icmp6_dataun.un_data32[0] = info,
	};
	skb_reset_transport_header(skb);
	h->icmp6_cksum = toy_csum_pseudo(saddr, daddr, skb->len, IPPROTO_ICMPV6,
					 skb_checksum(skb, 0, skb->len, 0));
	skb->ip_summed = CHECKSUM_NONE;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "icmp6_test.c"
#endif

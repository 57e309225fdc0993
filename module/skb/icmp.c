// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMPv4 headers (RFC 792), read and written.
 *
 *	 0               8               16                             31
 *	+---------------+---------------+-------------------------------+
 *	|     type      |     code      |   checksum of the message     |
 *	+---------------+---------------+-------------------------------+
 *	| by type: identifier, sequence number | gateway | MTU | pointer|
 *	+---------------------------------------------------------------+
 *	: echo: data; errors: header and first bytes of what caused it  :
 *	+---------------------------------------------------------------+
 *
 * There is no pseudo-header: the checksum covers the message alone.
 */
#include <linux/icmp.h>
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "buf.h"
#include "csum.h"
#include "icmp.h"

/**
 * toy_icmp_parse() - check a received ICMP message
 * @skb: message, not shared, skb->data at its header, where it stays; pulled
 *	with skb_pull_rcsum() up to there; borrowed
 * @v: filled in when the message is right
 *
 * Makes the header linear and sets the transport header. Whether the type is
 * known, and whether its code is, the caller's table says. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_ICMP_SHORT, _ICMP_CSUM or _NOMEM.
 */
enum toy_drop toy_icmp_parse(struct sk_buff *skb, struct toy_icmp_view *v)
{
	enum toy_drop why;

	why = toy_skb_linear(skb, sizeof(struct icmphdr), TOY_DROP_ICMP_SHORT);
	if (why)
		return why;
	skb_reset_transport_header(skb);
	if (!toy_csum_verify_plain(skb))		/* RFC 1122 3.2.2 */
		return TOY_DROP_ICMP_CSUM;

	toy_icmp_read(skb, v);
	return TOY_RX_OK;
}

/**
 * toy_icmp_push() - prepend a header and sum the message
 * @skb: data of the message, with headroom for 8 bytes; borrowed
 * @type: ICMP type
 * @code: ICMP code
 * @info: second word
 *
 * Sets the transport header. No device knows ICMP's checksum, so it is summed
 * here. Context: any.
 */
void toy_icmp_push(struct sk_buff *skb, u8 type, u8 code, __be32 info)
{
	struct icmphdr *h = skb_push(skb, sizeof(*h));

	*h = (struct icmphdr) {
		.type = type,
		.code = code,
		.un.gateway = info,
	};
	h->checksum = csum_fold(skb_checksum(skb, 0, skb->len, 0));
	skb_reset_transport_header(skb);
	skb->ip_summed = CHECKSUM_NONE;
}

/* RFC 4884 8. */
struct ext_obj {
	__be16 len;
	u8 class;
	u8 type;
};

/**
 * toy_icmp_ext_ok() - check the extensions of an ICMP error
 * @skb: what it quotes; borrowed
 * @off: where they begin, from skb->data; they end with @skb
 *
 * RFC 4884 7 and 8, of both IP versions: a checksum, where there is one, and
 * objects that fill the rest. Of another version than 2 nothing is known, and
 * so nothing is wrong. Context: any.
 *
 * Return: true when they are right.
 */
bool toy_icmp_ext_ok(const struct sk_buff *skb, unsigned int off)
{
	const struct ext_obj *o;
	struct ext_obj _o;
	u8 _h[4];
	const u8 *h = skb_header_pointer(skb, off, sizeof(_h), _h);

	if (!h)
		return false;
	if (h[0] >> 4 != 2)
		return true;
	if ((h[2] || h[3]) &&
	    csum_fold(skb_checksum(skb, off, skb->len - off, 0)))
		return false;
	for (off += sizeof(_h); off < skb->len; off += ntohs(o->len)) {
		o = skb_header_pointer(skb, off, sizeof(_o), &_o);
		if (!o || ntohs(o->len) < sizeof(_o) ||
		    ntohs(o->len) > skb->len - off)
			return false;
	}
	return true;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "icmp_test.c"
#endif

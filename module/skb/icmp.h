/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_ICMP_H
#define _TOY_SKB_ICMP_H

#include <linux/icmp.h>

#include "../toy.h"

/**
 * struct toy_icmp_view - a checked ICMP header (RFC 792, RFC 4443)
 * @type: ICMP type
 * @code: ICMP code
 * @id: identifier, host byte order; of echo messages
 * @seq: sequence number, host byte order; of echo messages
 * @info: the second word as it stands: gateway, MTU, pointer
 */
struct toy_icmp_view {
	u8 type;
	u8 code;
	u16 id;
	u16 seq;
	__be32 info;
};

/* skb->data at the ICMP header; verifies the checksum of the whole message. */
enum toy_drop toy_icmp_parse(struct sk_buff *skb, struct toy_icmp_view *v);
/* Prepends the header and sums header and data of an skb without offload. */
void toy_icmp_push(struct sk_buff *skb, u8 type, u8 code, __be32 info);

/* Is it about a packet that somebody has sent (RFC 792)? */
static inline bool toy_icmp_is_error(u8 type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH ||
	       type == ICMP_REDIRECT || type == ICMP_TIME_EXCEEDED ||
	       type == ICMP_PARAMETERPROB;
}

/* RFC 4884 7: are the extensions at @off, which the rest of @skb is, right? */
bool toy_icmp_ext_ok(const struct sk_buff *skb, unsigned int off);

/* The view of a message whose header is linear and whose checksum is right:
 * both versions lay it out alike.
 */
static inline void toy_icmp_read(const struct sk_buff *skb,
				 struct toy_icmp_view *v)
{
	const struct icmphdr *h = (const struct icmphdr *)skb->data;

	*v = (struct toy_icmp_view) {
		.type = h->type,
		.code = h->code,
		.id = ntohs(h->un.echo.id),
		.seq = ntohs(h->un.echo.sequence),
		.info = h->un.gateway,
	};
}

#endif /* _TOY_SKB_ICMP_H */

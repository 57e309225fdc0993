// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMPv4 (RFC 792, RFC 1122 3.2.2): echo, errors sent, errors received. What
 * it shares with ICMPv6, limits among it, is in icmp_out.c.
 */
#include <linux/module.h>
#include <net/ip.h>

#include "../napi/dev.h"
#include "../skb/ipv4.h"
#include "icmp.h"
#include "icmp_out.h"
#include "pmtu.h"

/* ---- sending ----------------------------------------------------------- */

/* RFC 1122 3.2.2: packets that must not be answered by an error. */
static bool toy_icmp_answerable(const struct toy_pkt *pkt,
				const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	__be32 saddr = toy_v4_of(&pkt->saddr);
	u8 _type, *type;

	if (pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST) ||
	    (skb->pkt_type != PACKET_HOST && !(pkt->flags & TOY_PKT_LOOPED)))
		return false;
	if (ipv4_is_zeronet(saddr) || ipv4_is_multicast(saddr) ||
	    ipv4_is_lbcast(saddr) ||
	    toy_route_input(pkt->tn, pkt->dev, &pkt->saddr) == TOY_ROUTE_BROADCAST)
		return false;
	if (iph->frag_off & htons(IP_OFFSET))
		return false;
	if (iph->protocol != IPPROTO_ICMP)
		return true;
	/* An error about an error would have no end. */
	type = skb_header_pointer(skb, skb_network_offset(skb) + iph->ihl * 4,
				  sizeof(_type), &_type);
	return type && (*type == ICMP_ECHO || *type == ICMP_TIMESTAMP ||
			*type == ICMP_INFO_REQUEST || *type == ICMP_ADDRESS);
}

struct toy_icmp_kind {
	u8 type;
	u8 code;
	enum toy_mib count;
};

static const struct toy_icmp_kind toy_icmp_kinds[] = {
	[TOY_ERR_NET_UNREACH]	= { ICMP_DEST_UNREACH, ICMP_NET_UNREACH,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_HOST_UNREACH]	= { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_PROTO_UNREACH]	= { ICMP_DEST_UNREACH, ICMP_PROT_UNREACH,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_PORT_UNREACH]	= { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_FRAG_NEEDED]	= { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_ADMIN_PROHIBITED] = { ICMP_DEST_UNREACH, ICMP_PKT_FILTERED,
				    TOY_MIB_ICMP_OUT_DEST_UNREACHS },
	[TOY_ERR_TTL_EXCEEDED]	= { ICMP_TIME_EXCEEDED, ICMP_EXC_TTL,
				    TOY_MIB_ICMP_OUT_TIME_EXCDS },
	[TOY_ERR_REASM_TIMEOUT]	= { ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME,
				    TOY_MIB_ICMP_OUT_TIME_EXCDS },
	[TOY_ERR_PARAM_PROBLEM]	= { ICMP_PARAMETERPROB, 0,
				    TOY_MIB_ICMP_OUT_PARM_PROBS },
	[TOY_ERR_REDIRECT]	= { ICMP_REDIRECT, ICMP_REDIR_HOST,
				    TOY_MIB_ICMP_OUT_REDIRECTS },
};

/* The second word of the header: RFC 1191 4, RFC 792 "pointer". */
static __be32 toy_icmp_error_info(enum toy_ip_error what, u32 info)
{
	switch (what) {
	case TOY_ERR_FRAG_NEEDED:
		return htonl(min_t(u32, info, 0xffff));
	case TOY_ERR_PARAM_PROBLEM:
		return htonl(info << 24);
	case TOY_ERR_REDIRECT:
		return htonl(info);
	default:
		return 0;
	}
}

/**
 * toy_icmp_error() - tell a host what is wrong with its packet
 * @pkt: what is known of the packet
 * @skb: the packet, its network header set; borrowed
 * @what: what is wrong
 * @info: next-hop MTU or offset of the bad octet, else 0
 *
 * Says nothing where RFC 1122 3.2.2 forbids it or a rate limit withholds it.
 * Context: softirq, RCU.
 */
void toy_icmp_error(const struct toy_pkt *pkt, struct sk_buff *skb,
		    enum toy_ip_error what, u32 info)
{
	const struct toy_icmp_kind *kind = &toy_icmp_kinds[what];
	struct toy_icmp_msg m = {
		.type	= kind->type,
		.code	= kind->code,
		.count	= kind->count,
		.info	= toy_icmp_error_info(what, info),
		/* RFC 1812 4.3.2.5: internetwork control */
		.tos	= (pkt->tos & 0x1e) | 0xc0,
	};

	/* As Linux: who is not told what fits is cut off. */
	if (toy_icmp_answerable(pkt, skb) &&
	    (what == TOY_ERR_FRAG_NEEDED ||
	     toy_icmp_allowed(pkt->tn, &pkt->saddr)))
		toy_icmp_quote(pkt, skb, &m);
}

/**
 * toy_icmp_redirect() - tell a host of a nearer next hop (RFC 792)
 * @pkt: what is known of the packet, which we forward
 * @skb: the packet, its network header set; borrowed
 * @nexthop: where it goes next; the destination itself if that is on the link
 *
 * Context: softirq, RCU.
 */
void toy_icmp_redirect(const struct toy_pkt *pkt, struct sk_buff *skb,
		       const struct in6_addr *nexthop)
{
	toy_icmp_error(pkt, skb, TOY_ERR_REDIRECT, ntohl(toy_v4_of(nexthop)));
}

/* ---- receiving --------------------------------------------------------- */

/* RFC 1122 3.2.2.6. Consumes @skb. */
static enum toy_drop toy_icmp_echo(struct toy_pkt *pkt, struct sk_buff *skb,
				   const struct toy_icmp_view *v)
{
	struct toy_icmp_msg m = {
		.type	= ICMP_ECHOREPLY,
		.code	= v->code,
		.info	= v->info,
		.tos	= pkt->tos,
		.count	= TOY_MIB_ICMP_OUT_ECHO_REPS,
	};
	struct toy_net *tn = pkt->tn;

	toy_count(tn, TOY_MIB_ICMP_IN_ECHOS);
	if (READ_ONCE(tn->sysctl.icmp_echo_ignore_all))
		return TOY_DROP_ICMP_IGNORED;
	if (pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST) &&
	    READ_ONCE(tn->sysctl.icmp_echo_ignore_broadcasts))
		return TOY_DROP_ICMP_IGNORED;
	return toy_icmp_answer(pkt, skb, &m);
}

struct toy_icmp_errno {
	int err;
	bool fatal;
};

/* RFC 1122 3.2.2.1 and 4.2.3.9: what each code of destination unreachable
 * means to a program, by its number.
 */
static const struct toy_icmp_errno toy_icmp_unreach[] = {
	[ICMP_NET_UNREACH]	= { ENETUNREACH,	false },
	[ICMP_HOST_UNREACH]	= { EHOSTUNREACH,	false },
	[ICMP_PROT_UNREACH]	= { ENOPROTOOPT,	true },
	[ICMP_PORT_UNREACH]	= { ECONNREFUSED,	true },
	[ICMP_FRAG_NEEDED]	= { EMSGSIZE,		false },
	[ICMP_SR_FAILED]	= { EOPNOTSUPP,		false },
	[ICMP_NET_UNKNOWN]	= { ENETUNREACH,	true },
	[ICMP_HOST_UNKNOWN]	= { EHOSTDOWN,		true },
	[ICMP_HOST_ISOLATED]	= { ENONET,		true },
	[ICMP_NET_ANO]		= { ENETUNREACH,	true },
	[ICMP_HOST_ANO]		= { EHOSTUNREACH,	true },
	[ICMP_NET_UNR_TOS]	= { ENETUNREACH,	false },
	[ICMP_HOST_UNR_TOS]	= { EHOSTUNREACH,	false },
	[ICMP_PKT_FILTERED]	= { EHOSTUNREACH,	true },
	[ICMP_PREC_VIOLATION]	= { EHOSTUNREACH,	true },
	[ICMP_PREC_CUTOFF]	= { EHOSTUNREACH,	true },
};

/* The errno of an error message; false for one that means nothing to us. */
static bool toy_icmp_errno(const struct toy_icmp_view *v, struct toy_icmp_err *e)
{
	switch (v->type) {
	case ICMP_DEST_UNREACH:
		if (v->code >= ARRAY_SIZE(toy_icmp_unreach))
			return false;
		e->err = toy_icmp_unreach[v->code].err;
		e->fatal = toy_icmp_unreach[v->code].fatal;
		if (v->code == ICMP_FRAG_NEEDED)
			e->info = ntohl(v->info) & 0xffff;
		return true;
	case ICMP_TIME_EXCEEDED:
		e->err = EHOSTUNREACH;
		return true;
	case ICMP_PARAMETERPROB:
		e->err = EPROTO;
		e->fatal = true;
		e->info = ntohl(v->info) >> 24;
		return true;
	case ICMP_REDIRECT:
		/* RFC 1122 3.2.2.2: of a network like of a host. */
		e->redirect = v->code <= ICMP_REDIR_HOSTTOS;
		e->gateway = toy_v4(v->info);
		return e->redirect;
	default:
		return false;
	}
}

/* An error about a packet that we may have sent. Consumes @skb. */
static enum toy_drop toy_icmp_error_rcv(struct toy_pkt *pkt,
					struct sk_buff *skb,
					const struct toy_icmp_view *v)
{
	struct toy_icmp_err e = {
		.type = v->type, .code = v->code, .dev = pkt->dev,
		.to = pkt->daddr, .ttl = pkt->ttl, .tos = pkt->tos,
	};
	struct toy_ipv4_view quoted;

	if (pkt->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST))
		return TOY_DROP_ICMP_BCAST;
	if (!toy_icmp_errno(v, &e))
		return TOY_DROP_ICMP_TYPE;
	/* A later fragment has no ports to find a socket by. */
	if (toy_ipv4_parse_quote(skb, sizeof(struct icmphdr), &quoted) ||
	    quoted.frag_off)
		return TOY_DROP_ICMP_QUOTE;

	e.saddr = toy_v4(quoted.saddr);
	e.daddr = toy_v4(quoted.daddr);
	e.offender = pkt->saddr;
	e.quoted_len = quoted.hdr_len;
	/* RFC 4884 4.1 to 4.3: in units of 4 bytes. */
	if (v->type == ICMP_DEST_UNREACH || v->type == ICMP_TIME_EXCEEDED ||
	    v->type == ICMP_PARAMETERPROB)
		e.ext_at = (ntohl(v->info) >> 16 & 0xff) * 4;
	if (e.err == EMSGSIZE && !e.info)
		e.info = toy_pmtu_plateau(quoted.tot_len, quoted.hdr_len);
	/* We cannot have sent it from an address that is not ours. */
	if (toy_route_input(pkt->tn, pkt->dev, &e.saddr) != TOY_ROUTE_LOCAL)
		return TOY_DROP_ICMP_ALIEN;

	__skb_pull(skb, sizeof(struct icmphdr) + quoted.hdr_len);
	toy_ip_deliver_err(pkt, skb, quoted.proto, &e);
	consume_skb(skb);
	return TOY_RX_OK;
}

static enum toy_drop toy_icmp_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_icmp_view v;
	enum toy_drop why;

	toy_count(pkt->tn, TOY_MIB_ICMP_IN_MSGS);
	why = toy_icmp_parse(skb, &v);
	if (unlikely(why))
		return why;

	switch (v.type) {
	case ICMP_ECHO:
		return toy_icmp_echo(pkt, skb, &v);
	case ICMP_ECHOREPLY:
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_ECHO_REPS);
		return toy_icmp_ping_rcv(pkt, skb, &v);
	case ICMP_DEST_UNREACH:
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_DEST_UNREACHS);
		return toy_icmp_error_rcv(pkt, skb, &v);
	case ICMP_TIME_EXCEEDED:
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_TIME_EXCDS);
		return toy_icmp_error_rcv(pkt, skb, &v);
	case ICMP_PARAMETERPROB:
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_PARM_PROBS);
		return toy_icmp_error_rcv(pkt, skb, &v);
	case ICMP_REDIRECT:
		toy_count(pkt->tn, TOY_MIB_ICMP_IN_REDIRECTS);
		return toy_icmp_error_rcv(pkt, skb, &v);
	default:
		return TOY_DROP_ICMP_TYPE;
	}
}

static const struct toy_ip_proto toy_icmp_proto = {
	.owner	= THIS_MODULE,
	.proto	= IPPROTO_ICMP,
	.version = 4,
	.rcv	= toy_icmp_rcv,
	.err	= toy_icmp_ping_err,
};

/**
 * toy_icmp_init() - take ICMP packets
 *
 * Return: 0 or -EEXIST.
 */
int toy_icmp_init(void)
{
	return toy_ip_proto_register(&toy_icmp_proto);
}

/**
 * toy_icmp_exit() - the opposite of toy_icmp_init()
 */
void toy_icmp_exit(void)
{
	toy_ip_proto_unregister(&toy_icmp_proto);
}

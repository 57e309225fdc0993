// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMPv6 (RFC 4443): echo, errors sent, errors received; and the door to
 * neighbour discovery (nd.c) and multicast listener discovery (mld.c). What it
 * shares with ICMPv4, limits among it, is in icmp_out.c.
 *
 *	type	  1..4	errors that we know
 *		..127	errors that we do not: to the protocol all the same,
 *			RFC 4443 2.4 (a)
 *		128	echo request: answered
 *		129	echo reply: to ping sockets
 *		130..132, 143	multicast listeners
 *		133..137	neighbour discovery
 *		others	dropped, 2.4 (b)
 */
#include <linux/module.h>
#include <net/ipv6.h>

#include "../napi/dev.h"
#include "../skb/ipv6.h"
#include "icmp6.h"
#include "icmp_out.h"
#include "mcast.h"
#include "nd.h"

/* ---- errors sent --------------------------------------------------------- */

struct icmp6_kind {
	u8 type;
	u8 code;
	bool to_groups;		/* RFC 4443 2.4 (e.3): also about multicasts */
	enum toy_mib count;
};

static const struct icmp6_kind icmp6_kinds[] = {
	[TOY_ERR_NET_UNREACH]	= { ICMPV6_DEST_UNREACH, ICMPV6_NOROUTE, false,
				    TOY_MIB_ICMP6_OUT_DEST_UNREACHS },
	[TOY_ERR_HOST_UNREACH]	= { ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH,
				    false, TOY_MIB_ICMP6_OUT_DEST_UNREACHS },
	[TOY_ERR_PROTO_UNREACH]	= { ICMPV6_PARAMPROB, ICMPV6_UNK_NEXTHDR, false,
				    TOY_MIB_ICMP6_OUT_PARM_PROBS },
	[TOY_ERR_PORT_UNREACH]	= { ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH,
				    false, TOY_MIB_ICMP6_OUT_DEST_UNREACHS },
	[TOY_ERR_FRAG_NEEDED]	= { ICMPV6_PKT_TOOBIG, 0, true,
				    TOY_MIB_ICMP6_OUT_PKT_TOO_BIGS },
	[TOY_ERR_ADMIN_PROHIBITED] = { ICMPV6_DEST_UNREACH,
				    ICMPV6_ADM_PROHIBITED, false,
				    TOY_MIB_ICMP6_OUT_DEST_UNREACHS },
	[TOY_ERR_TTL_EXCEEDED]	= { ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT,
				    false, TOY_MIB_ICMP6_OUT_TIME_EXCDS },
	[TOY_ERR_REASM_TIMEOUT]	= { ICMPV6_TIME_EXCEED, ICMPV6_EXC_FRAGTIME,
				    false, TOY_MIB_ICMP6_OUT_TIME_EXCDS },
	[TOY_ERR_PARAM_PROBLEM]	= { ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD, false,
				    TOY_MIB_ICMP6_OUT_PARM_PROBS },
	/* RFC 7112 4 */
	[TOY_ERR_HDR_CHAIN]	= { ICMPV6_PARAMPROB, 3, false,
				    TOY_MIB_ICMP6_OUT_PARM_PROBS },
	[TOY_ERR_OPTION]	= { ICMPV6_PARAMPROB, ICMPV6_UNK_OPTION, true,
				    TOY_MIB_ICMP6_OUT_PARM_PROBS },
};

/* The second word: an MTU or a pointer, 32 bits of either. */
static u32 icmp6_error_info(const struct icmp6_kind *kind, u32 info)
{
	return kind->type == ICMPV6_PKT_TOOBIG ||
	       kind->type == ICMPV6_PARAMPROB ? info : 0;
}

/* RFC 4443 2.4 (e.1), (e.2): an error about an error or a redirect would have
 * no end. What follows a chain that cannot be read may be one.
 */
static bool is_error_or_redirect(const struct sk_buff *skb)
{
	int start = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	u8 nexthdr = ipv6_hdr(skb)->nexthdr;
	__be16 frag_off = 0;
	u8 _type, *type;

	start = ipv6_skip_exthdr(skb, start, &nexthdr, &frag_off);
	if (start < 0 || nexthdr != IPPROTO_ICMPV6 || ntohs(frag_off) & ~7)
		return false;
	type = skb_header_pointer(skb, start, sizeof(_type), &_type);
	return !type || toy_icmp6_is_error(*type) || *type == TOY_ND_REDIRECT;
}

/* RFC 4443 2.4 (e): packets that must not be answered by an error. */
static bool icmp6_answerable(const struct toy_pkt *pkt,
			     const struct sk_buff *skb,
			     const struct icmp6_kind *kind)
{
	if (!kind->to_groups) {
		/* (e.3), (e.5); (e.4) and of the link layer */
		if (ipv6_addr_is_multicast(&pkt->daddr))
			return false;
		if (skb->pkt_type != PACKET_HOST &&
		    !(pkt->flags & TOY_PKT_LOOPED))
			return false;
	}
	/* (e.6): a source that does not name one node */
	if (ipv6_addr_any(&pkt->saddr) || ipv6_addr_is_multicast(&pkt->saddr))
		return false;
	return !is_error_or_redirect(skb);
}

/**
 * toy_icmp6_error() - tell a host what is wrong with its packet
 * @pkt: what is known of the packet
 * @skb: the packet, its network header set; borrowed
 * @what: what is wrong
 * @info: MTU or offset of the bad octet, else 0
 *
 * Says nothing where RFC 4443 2.4 (e) forbids it or a rate limit withholds it.
 * Context: softirq, RCU.
 */
void toy_icmp6_error(const struct toy_pkt *pkt, struct sk_buff *skb,
		     enum toy_ip_error what, u32 info)
{
	const struct icmp6_kind *kind = &icmp6_kinds[what];
	struct toy_icmp_msg m = {
		.type	= kind->type,
		.code	= kind->code,
		.count	= kind->count,
		.info	= htonl(icmp6_error_info(kind, info)),
	};

	/* As Linux: who is not told what fits is cut off. */
	if (icmp6_answerable(pkt, skb, kind) &&
	    (what == TOY_ERR_FRAG_NEEDED ||
	     toy_icmp_allowed(pkt->tn, &pkt->saddr)))
		toy_icmp_quote(pkt, skb, &m);
}

/* ---- errors received ----------------------------------------------------- */

struct icmp6_errno {
	int err;
	bool fatal;
};

/* RFC 4443 3.1: what each code of destination unreachable means. */
static const struct icmp6_errno icmp6_unreach[] = {
	[ICMPV6_NOROUTE]	= { ENETUNREACH,	false },
	[ICMPV6_ADM_PROHIBITED]	= { EACCES,		true },
	[ICMPV6_NOT_NEIGHBOUR]	= { EHOSTUNREACH,	false },
	[ICMPV6_ADDR_UNREACH]	= { EHOSTUNREACH,	false },
	[ICMPV6_PORT_UNREACH]	= { ECONNREFUSED,	true },
	[ICMPV6_POLICY_FAIL]	= { EACCES,		true },
	[ICMPV6_REJECT_ROUTE]	= { EACCES,		true },
};

/**
 * toy_icmp6_errno() - what an error means to a program
 * @type: ICMPv6 type, an error's
 * @code: ICMPv6 code
 * @e: result: err and fatal
 *
 * A type or code that is not known is no reason to give up, but a program that
 * asks shall hear of it (RFC 4443 2.4 (a)). Context: any.
 */
void toy_icmp6_errno(u8 type, u8 code, struct toy_icmp_err *e)
{
	e->err = EPROTO;
	e->fatal = false;
	switch (type) {
	case ICMPV6_DEST_UNREACH:
		e->fatal = true;
		if (code < ARRAY_SIZE(icmp6_unreach)) {
			e->err = icmp6_unreach[code].err;
			e->fatal = icmp6_unreach[code].fatal;
		}
		break;
	case ICMPV6_PKT_TOOBIG:
		e->err = EMSGSIZE;
		break;
	case ICMPV6_TIME_EXCEED:
		e->err = EHOSTUNREACH;
		break;
	case ICMPV6_PARAMPROB:
		e->fatal = true;
		break;
	}
}

/**
 * toy_icmp6_final() - whose packet does an error quote that has a routing header?
 * @e: error; @e->daddr is where the packet was going then
 * @skb: what quotes it
 * @offset: of the quoted header from skb->data
 * @w: the walk along its headers
 *
 * Sockets know where it goes in the end (RFC 8200 4.4), routes where it went
 * first.
 * Return: true, or false for an address that cannot be.
 */
bool toy_icmp6_final(struct toy_icmp_err *e, const struct sk_buff *skb,
		     unsigned int offset, const struct toy_ipv6_walk *w)
{
	if (likely(!w->final_at))
		return true;
	e->via = e->daddr;
	memcpy(&e->daddr, skb->data + offset + w->final_at, sizeof(e->daddr));
	return !toy_is_v4(&e->daddr);
}

/* An error about a packet that we may have sent. Consumes @skb. */
static enum toy_drop icmp6_error_rcv(struct toy_pkt *pkt, struct sk_buff *skb,
				     const struct toy_icmp_view *v)
{
	struct toy_icmp_err e = {
		.type = v->type, .code = v->code, .dev = pkt->dev,
		.to = pkt->daddr, .ttl = pkt->ttl, .tos = pkt->tos,
	};
	struct toy_ipv6_view quoted;
	struct toy_ipv6_walk w;
	bool later_frag;

	toy_icmp6_errno(v->type, v->code, &e);
	/* As AF_INET6, which also tells what has no meaning. */
	e.info = ntohl(v->info);
	/* A later fragment has no ports to find a socket by. */
	if (toy_ipv6_parse_quote(skb, sizeof(struct icmp6hdr), &quoted, &w,
				 &later_frag) || later_frag)
		return TOY_DROP_ICMP_QUOTE;

	e.saddr = quoted.saddr;
	e.daddr = quoted.daddr;
	if (!toy_icmp6_final(&e, skb, sizeof(struct icmp6hdr), &w))
		return TOY_DROP_ICMP_QUOTE;
	e.offender = pkt->saddr;
	e.quoted_len = w.off;
	/* RFC 4884 4.4, 4.5: in units of 8 bytes. */
	if (v->type == ICMPV6_DEST_UNREACH || v->type == ICMPV6_TIME_EXCEED)
		e.ext_at = (ntohl(v->info) >> 24) * 8;
	/* We cannot have sent it from an address that is not ours. */
	if (toy_route_input(pkt->tn, pkt->dev, &e.saddr) != TOY_ROUTE_LOCAL)
		return TOY_DROP_ICMP_ALIEN;

	__skb_pull(skb, sizeof(struct icmp6hdr) + w.off);
	toy_ip_deliver_err(pkt, skb, w.nexthdr, &e);
	consume_skb(skb);
	return TOY_RX_OK;
}

/* ---- receiving ----------------------------------------------------------- */

/* RFC 4443 4.2. Consumes @skb. */
static enum toy_drop icmp6_echo(struct toy_pkt *pkt, struct sk_buff *skb,
				const struct toy_icmp_view *v)
{
	struct toy_icmp_msg m = {
		.type	= ICMPV6_ECHO_REPLY,
		.code	= v->code,
		.info	= v->info,
		.tos	= pkt->tos,
		.count	= TOY_MIB_ICMP6_OUT_ECHO_REPS,
	};
	const struct toy_sysctl *ctl = &pkt->tn->sysctl;

	toy_count(pkt->tn, TOY_MIB_ICMP6_IN_ECHOS);
	if (READ_ONCE(ctl->icmp_echo_ignore_all))
		return TOY_DROP_ICMP_IGNORED;
	if (pkt->flags & TOY_PKT_MULTICAST &&
	    READ_ONCE(ctl->icmp6_echo_ignore_multicast))
		return TOY_DROP_ICMP_IGNORED;
	/* 2.4: there is nobody to answer. */
	if (ipv6_addr_any(&pkt->saddr))
		return TOY_DROP_IP6_SADDR;
	return toy_icmp_answer(pkt, skb, &m);
}

static void count_error(struct toy_net *tn, u8 type)
{
	static const u16 counters[] = {
		[ICMPV6_DEST_UNREACH]	= TOY_MIB_ICMP6_IN_DEST_UNREACHS,
		[ICMPV6_PKT_TOOBIG]	= TOY_MIB_ICMP6_IN_PKT_TOO_BIGS,
		[ICMPV6_TIME_EXCEED]	= TOY_MIB_ICMP6_IN_TIME_EXCDS,
		[ICMPV6_PARAMPROB]	= TOY_MIB_ICMP6_IN_PARM_PROBS,
	};

	if (type && type < ARRAY_SIZE(counters))
		toy_count(tn, counters[type]);
}

static enum toy_drop icmp6_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_icmp_view v;
	enum toy_drop why;

	toy_count(pkt->tn, TOY_MIB_ICMP6_IN_MSGS);
	why = toy_icmp6_parse(skb, &pkt->saddr, &pkt->daddr, &v);
	if (unlikely(why))
		return why;

	if (toy_icmp6_is_error(v.type)) {
		count_error(pkt->tn, v.type);
		return icmp6_error_rcv(pkt, skb, &v);
	}
	switch (v.type) {
	case ICMPV6_ECHO_REQUEST:
		return icmp6_echo(pkt, skb, &v);
	case ICMPV6_ECHO_REPLY:
		toy_count(pkt->tn, TOY_MIB_ICMP6_IN_ECHO_REPS);
		return toy_icmp_ping_rcv(pkt, skb, &v);
	case TOY_ND_RS:
	case TOY_ND_RA:
	case TOY_ND_NS:
	case TOY_ND_NA:
	case TOY_ND_REDIRECT:
		return toy_nd_rcv(pkt, skb);
	case ICMPV6_MGM_QUERY:
	case ICMPV6_MGM_REPORT:
	case ICMPV6_MGM_REDUCTION:
	case ICMPV6_MLD2_REPORT:
		return toy_mld_rcv(pkt, skb);
	default:
		return TOY_DROP_ICMP6_TYPE;
	}
}

static const struct toy_ip_proto icmp6_proto = {
	.owner	= THIS_MODULE,
	.proto	= IPPROTO_ICMPV6,
	.version = 6,
	.rcv	= icmp6_rcv,
	.err	= toy_icmp_ping_err,
};

/**
 * toy_icmp6_init() - take ICMPv6 packets
 *
 * Return: 0 or -EEXIST.
 */
int toy_icmp6_init(void)
{
	return toy_ip_proto_register(&icmp6_proto);
}

/**
 * toy_icmp6_exit() - the opposite of toy_icmp6_init()
 */
void toy_icmp6_exit(void)
{
	toy_ip_proto_unregister(&icmp6_proto);
}

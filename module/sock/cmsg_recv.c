// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program may be told about a datagram (ip(7), ipv6(7), RFC 3542): the
 * control messages of recvmsg(2), one function each, in the order in which
 * AF_INET and AF_INET6 put them.
 *
 * A datagram has its own version's messages. IPV6_PKTINFO comes with IPv4
 * datagrams, too, with v4-mapped addresses. All that is told is read from the
 * headers, which are still in front of the data.
 */
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/socket.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/ip.h>

#include "../napi/dev.h"
#include "../proto/addr.h"
#include "sock.h"

/* Ports stand in the first four bytes of every transport header that has any;
 * of what has none, this is as good as what AF_INET says.
 */
static bool toy_dest_port(const struct sk_buff *skb, __be16 *port)
{
	__be16 _ports[2], *ports;

	ports = skb_header_pointer(skb, skb_transport_offset(skb),
				   sizeof(_ports), _ports);
	if (ports)
		*port = ports[1];
	return ports;
}

static u32 toy_scope_id(const struct in6_addr *addr, int ifindex)
{
	return __ipv6_addr_needs_scope_id(ipv6_addr_type(addr)) ? ifindex : 0;
}

/* ---- IPv4 ------------------------------------------------------------- */

/* The source of an answer to a host, or unspecified. */
static struct in6_addr toy_answer_from(struct toy_net *tn, int ifindex,
				       const struct in6_addr *to)
{
	struct toy_flow flow = { .daddr = *to };
	struct in6_addr from = toy_v4(0);
	struct toy_path path = {};
	struct toy_dev *dev;

	if (!ipv4_is_zeronet(toy_v4_of(to)) &&
	    !toy_path_lookup(tn, &flow, &path)) {
		from = path.saddr;
		toy_path_reset(&path);
		return from;
	}
	rcu_read_lock();
	dev = toy_dev_find(tn, ifindex);
	if (dev)
		toy_addr_select(tn, dev, to, TOY_SCOPE_LINK, &from);
	rcu_read_unlock();
	return from;
}

/* RFC 1122 3.2.1.3: an answer to a group needs an address of ours. */
static __be32 toy_spec_dst(struct sock *sk, const struct toy_skb_cb *cb,
			   const struct in6_addr *saddr,
			   const struct in6_addr *daddr)
{
	struct in6_addr spec;

	if (unlikely(cb->flags & TOY_PKT_SENT))
		return toy_v4_of(saddr);
	if (!(cb->flags & (TOY_PKT_BROADCAST | TOY_PKT_MULTICAST)))
		return toy_v4_of(daddr);
	spec = toy_answer_from(toy_sock_net(sk), cb->ifindex, saddr);
	return toy_v4_of(&spec);
}

static void toy_put_pktinfo(struct sock *sk, struct msghdr *msg,
			    const struct sk_buff *skb)
{
	const struct toy_skb_cb *cb = toy_skb_cb(skb);
	struct in_pktinfo info = { .ipi_ifindex = cb->ifindex };
	struct in6_addr saddr, daddr;

	cb->ip->addrs(skb, &saddr, &daddr);
	info.ipi_addr.s_addr = toy_v4_of(&daddr);
	info.ipi_spec_dst.s_addr = toy_spec_dst(sk, cb, &saddr, &daddr);
	put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
}

/* IP_RECVOPTS: as they came, and as the last hop, which we are, leaves them;
 * IP_RETOPTS: as an answer is to carry them.
 */
static void toy_put_ip_options(struct msghdr *msg, const struct sk_buff *skb,
			       u32 flags)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int len = iph->ihl * 4 - sizeof(*iph);
	struct toy_ipv4_txopts o;
	const u8 *opts = (u8 *)(iph + 1);

	if (!len || toy_ipv4_opts_echo(&o, opts, len))
		return;
	if (flags & TOY_CMSG_RECVOPTS)
		put_cmsg(msg, SOL_IP, IP_RECVOPTS, len, (void *)opts);
	if (flags & TOY_CMSG_RETOPTS)
		put_cmsg(msg, SOL_IP, IP_RETOPTS, o.len, o.data);
}

static void toy_put_origdst(struct msghdr *msg, const struct sk_buff *skb)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = ip_hdr(skb)->daddr,
	};

	if (toy_dest_port(skb, &sin.sin_port))
		put_cmsg(msg, SOL_IP, IP_ORIGDSTADDR, sizeof(sin), &sin);
}

static void toy_put_v4(struct sock *sk, struct msghdr *msg,
		       const struct sk_buff *skb, u32 flags)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (flags & TOY_CMSG_PKTINFO)
		toy_put_pktinfo(sk, msg, skb);
	if (flags & TOY_CMSG_TTL) {
		int ttl = iph->ttl;

		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(ttl), &ttl);
	}
	if (flags & TOY_CMSG_TOS) {
		u8 tos = iph->tos;

		put_cmsg(msg, SOL_IP, IP_TOS, sizeof(tos), &tos);
	}
	if (flags & (TOY_CMSG_RECVOPTS | TOY_CMSG_RETOPTS))
		toy_put_ip_options(msg, skb, flags);
	if (flags & TOY_CMSG_ORIGDST)
		toy_put_origdst(msg, skb);
	if (flags & TOY_CMSG_CHECKSUM) {
		__wsum sum = skb_checksum(skb, 0, skb->len, 0);

		put_cmsg(msg, SOL_IP, IP_CHECKSUM, sizeof(sum), &sum);
	}
}

/* ---- IPv6 ------------------------------------------------------------- */

static void toy_put_pktinfo6(struct msghdr *msg, const struct sk_buff *skb,
			     int type)
{
	const struct toy_skb_cb *cb = toy_skb_cb(skb);
	struct in6_pktinfo info = { .ipi6_ifindex = cb->ifindex };
	struct in6_addr saddr;

	cb->ip->addrs(skb, &saddr, &info.ipi6_addr);
	put_cmsg(msg, SOL_IPV6, type, sizeof(info), &info);
}

static void toy_put_origdst6(struct msghdr *msg, const struct sk_buff *skb)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = ipv6_hdr(skb)->daddr,
	};

	sin6.sin6_scope_id = toy_scope_id(&sin6.sin6_addr,
					  toy_skb_cb(skb)->ifindex);
	if (toy_dest_port(skb, &sin6.sin6_port))
		put_cmsg(msg, SOL_IPV6, IPV6_ORIGDSTADDR, sizeof(sin6), &sin6);
}

/* Which message tells of an extension header, in RFC 3542's numbers and in
 * RFC 2292's.
 */
static const struct toy_ext_cmsg {
	u8 nexthdr;
	u32 flag;
	u32 flag_2292;
	u8 type;
	u8 type_2292;
} toy_ext_cmsgs[] = {
	{ IPPROTO_HOPOPTS, TOY_CMSG6_HOPOPTS, TOY_CMSG6_2292HOPOPTS,
	  IPV6_HOPOPTS, IPV6_2292HOPOPTS },
	{ IPPROTO_DSTOPTS, TOY_CMSG6_DSTOPTS, TOY_CMSG6_2292DSTOPTS,
	  IPV6_DSTOPTS, IPV6_2292DSTOPTS },
	{ IPPROTO_ROUTING, TOY_CMSG6_RTHDR, TOY_CMSG6_2292RTHDR,
	  IPV6_RTHDR, IPV6_2292RTHDR },
};

static void toy_put_ext_header(struct msghdr *msg, u8 nexthdr, void *hdr,
			       int len, u32 flags)
{
	for (int i = 0; i < ARRAY_SIZE(toy_ext_cmsgs); i++) {
		const struct toy_ext_cmsg *e = &toy_ext_cmsgs[i];

		if (e->nexthdr != nexthdr)
			continue;
		if (flags & e->flag)
			put_cmsg(msg, SOL_IPV6, e->type, len, hdr);
		if (flags & e->flag_2292)
			put_cmsg(msg, SOL_IPV6, e->type_2292, len, hdr);
	}
}

/* The headers between the IPv6 header and the transport header. They were
 * checked when the packet came in, and are linear.
 */
static void toy_put_ext_headers(struct msghdr *msg, const struct sk_buff *skb,
				u32 flags)
{
	int end = skb_transport_header(skb) - skb_network_header(skb);
	u8 nexthdr = ipv6_hdr(skb)->nexthdr;
	int off = sizeof(struct ipv6hdr), len;

	while (off + 8 <= end) {
		u8 *hdr = skb_network_header(skb) + off;

		if (hdr + 8 > skb_tail_pointer(skb))
			return;
		len = nexthdr == IPPROTO_FRAGMENT ? 8 :
		      nexthdr == IPPROTO_AH ? (hdr[1] + 2) * 4 :
					      (hdr[1] + 1) * 8;
		if (off + len > end || hdr + len > skb_tail_pointer(skb))
			return;
		toy_put_ext_header(msg, nexthdr, hdr, len, flags);
		nexthdr = hdr[0];
		off += len;
	}
}

#define TOY_CMSG6_EXT_HEADERS						\
	(TOY_CMSG6_HOPOPTS | TOY_CMSG6_RTHDR | TOY_CMSG6_DSTOPTS |	\
	 TOY_CMSG6_2292HOPOPTS | TOY_CMSG6_2292RTHDR | TOY_CMSG6_2292DSTOPTS)

static void toy_put_v6(struct msghdr *msg, const struct sk_buff *skb, u32 flags)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	int hlim = ip6h->hop_limit, tclass = ipv6_get_dsfield(ip6h);
	__be32 flowinfo = ip6_flowinfo(ip6h);

	if (flags & TOY_CMSG6_HOPLIMIT)
		put_cmsg(msg, SOL_IPV6, IPV6_HOPLIMIT, sizeof(hlim), &hlim);
	if (flags & TOY_CMSG6_TCLASS)
		put_cmsg(msg, SOL_IPV6, IPV6_TCLASS, sizeof(tclass), &tclass);
	if (flags & TOY_CMSG6_FLOWINFO && flowinfo)
		put_cmsg(msg, SOL_IPV6, IPV6_FLOWINFO, sizeof(flowinfo),
			 &flowinfo);
	if (flags & TOY_CMSG6_2292PKTINFO)
		toy_put_pktinfo6(msg, skb, IPV6_2292PKTINFO);
	if (flags & TOY_CMSG6_2292HOPLIMIT)
		put_cmsg(msg, SOL_IPV6, IPV6_2292HOPLIMIT, sizeof(hlim), &hlim);
	if (flags & TOY_CMSG6_EXT_HEADERS)
		toy_put_ext_headers(msg, skb, flags);
	if (flags & TOY_CMSG6_ORIGDST)
		toy_put_origdst6(msg, skb);
}

/* Of several datagrams in one: how long each is, but for the last. */
static void toy_put_gro(struct msghdr *msg, const struct sk_buff *skb)
{
	int size = skb_shinfo(skb)->gso_size;

	if (skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
		put_cmsg(msg, SOL_UDP, UDP_GRO, sizeof(size), &size);
}

/**
 * toy_cmsg_recv() - tell a reader what it has asked to know of a datagram
 * @sk: socket
 * @msg: message
 * @skb: the datagram, its network and transport header set; borrowed
 */
void toy_cmsg_recv(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	u32 flags = READ_ONCE(toy_sk(sk)->cmsg_flags);
	const struct toy_skb_cb *cb = toy_skb_cb(skb);
	int size = cb->frag_max;

	if (flags & TOY_CMSG_UDP_GRO)
		toy_put_gro(msg, skb);
	if (flags & TOY_CMSG6_PKTINFO)
		toy_put_pktinfo6(msg, skb, IPV6_PKTINFO);
	if (cb->ip->version == 6)
		toy_put_v6(msg, skb, flags);
	else
		toy_put_v4(sk, msg, skb, flags);
	/* Of one that was reassembled. */
	if (!size)
		return;
	if (cb->ip->version == 6 && flags & TOY_CMSG6_FRAGSIZE)
		put_cmsg(msg, SOL_IPV6, IPV6_RECVFRAGSIZE, sizeof(size), &size);
	if (cb->ip->version == 4 && flags & TOY_CMSG_FRAGSIZE)
		put_cmsg(msg, SOL_IP, IP_RECVFRAGSIZE, sizeof(size), &size);
}

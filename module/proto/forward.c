// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forwarding: we are a router (RFC 1812 5, RFC 8200), between the devices that
 * are attached and nowhere else.
 *
 *	a packet for somebody else, in the order of RFC 1812 5.2.1:
 *
 *	ip_forward, ip6_forwarding off	dropped: not ours
 *	link-layer broadcast		dropped			RFC 1122 3.3.6
 *	martian source or destination	dropped			5.3.7
 *	TTL or hop limit used up	time exceeded		5.3.1
 *	no route			net unreachable		5.2.7.1
 *	unreachable, prohibit		host unreachable, filtered
 *	blackhole			dropped
 *	to a directed broadcast		dropped			RFC 2644
 *	goes back where it came from	sent on, and a redirect	5.2.7.2
 *	larger than the next MTU	fragmentation needed, packet too big
 *	else				one hop less, and out
 *
 * Nothing of AF_INET's is asked or told. A super-packet that GRO has made goes
 * on as one if what it will be cut into fits; a router does not use the path
 * MTUs that it has learnt as a host, which somebody might have forged.
 */
#include <linux/inetdevice.h>
#include <net/ip.h>

#include "../napi/dev.h"
#include "fib.h"
#include "forward.h"
#include "neigh.h"

/**
 * toy_forwards() - are we a router?
 * @tn: network namespace
 * @ip: IP version
 *
 * Return: true if we are.
 */
bool toy_forwards(const struct toy_net *tn, const struct toy_ip_ops *ip)
{
	return ip->version == 4 ? READ_ONCE(tn->sysctl.ip_forward) :
				  READ_ONCE(tn->sysctl.ip6_forwarding);
}

/* ---- checks -------------------------------------------------------------- */

/* RFC 3927 7, RFC 4291 2.5: addresses that mean nothing beyond their link. */
static bool stays_on_link(const struct in6_addr *a)
{
	if (toy_is_v4(a))
		return ipv4_is_zeronet(toy_v4_of(a)) ||
		       ipv4_is_loopback(toy_v4_of(a)) ||
		       (toy_v4_of(a) & htonl(0xffff0000)) == htonl(0xa9fe0000);
	return ipv6_addr_type(a) & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK |
				    IPV6_ADDR_MAPPED) || ipv6_addr_any(a);
}

/* One drop has a name for each version. */
static enum toy_drop by_version(const struct toy_pkt *pkt, enum toy_drop v4,
				enum toy_drop v6)
{
	return toy_is_v4(&pkt->daddr) ? v4 : v6;
}

static enum toy_drop not_local(const struct toy_pkt *pkt)
{
	return by_version(pkt, TOY_DROP_IP_NOT_LOCAL, TOY_DROP_IP6_NOT_LOCAL);
}

static bool is_martian(const struct toy_pkt *pkt)
{
	if (toy_addr_multicast(&pkt->saddr) || toy_addr_multicast(&pkt->daddr))
		return true;
	if (stays_on_link(&pkt->saddr) || stays_on_link(&pkt->daddr))
		return true;
	/* Somebody speaks with an address of ours; IPv4 has looked already. */
	return !toy_is_v4(&pkt->saddr) &&
	       toy_route_input(pkt->tn, pkt->dev, &pkt->saddr) ==
	       TOY_ROUTE_LOCAL;
}

/**
 * toy_forward_rp_filter() - could an answer go back where a packet came from?
 * @pkt: packet from outside
 *
 * RFC 3704: net.toy.rp_filter 1, strict: the route to the source leads to the
 * device it came in by; 2, loose: there is one. Context: softirq, RCU.
 *
 * Return: TOY_RX_OK or TOY_DROP_IP_RPFILTER.
 */
enum toy_drop toy_forward_rp_filter(const struct toy_pkt *pkt)
{
	int mode = READ_ONCE(pkt->tn->sysctl.rp_filter);
	struct toy_fib_query q = { .daddr = pkt->saddr };
	const struct toy_route *r;

	/* A host that does not know its address yet has no route. */
	if (likely(!mode) || toy_addr_any(&pkt->saddr))
		return TOY_RX_OK;
	r = toy_fib_lookup(pkt->tn->fib, &q);
	if (!r || r->type != TOY_ROUTE_UNICAST)
		return TOY_DROP_IP_RPFILTER;
	if (mode == 2 || (r->hops ? toy_hops_use(r->hops, pkt->dev) :
				    r->dev == pkt->dev))
		return TOY_RX_OK;
	return TOY_DROP_IP_RPFILTER;
}

static enum toy_drop forward_allowed(const struct toy_pkt *pkt,
				     const struct sk_buff *skb)
{
	if (pkt->flags & TOY_PKT_LOOPED)
		return not_local(pkt);
	if (skb->pkt_type != PACKET_HOST)
		return by_version(pkt, TOY_DROP_IP_L2_BCAST,
				  TOY_DROP_IP6_L2_BCAST);
	if (is_martian(pkt))
		return by_version(pkt, TOY_DROP_IP_MARTIAN,
				  TOY_DROP_IP6_MARTIAN);
	/* A segment that the device has made has lost its boundaries. */
	if (skb_warn_if_lro(skb))
		return TOY_DROP_LRO;
	return TOY_RX_OK;
}

/* ---- which way ----------------------------------------------------------- */

/* Ports, where they are needed to choose among next hops; 0 in fragments. */
static u32 forward_ports(const struct toy_pkt *pkt, const struct sk_buff *skb)
{
	int off = skb_transport_offset(skb);
	__be16 _ports[2], *ports;

	if (pkt->proto != IPPROTO_TCP && pkt->proto != IPPROTO_UDP)
		return 0;
	if (pkt->ip->version == 4 && ip_is_fragment(ip_hdr(skb)))
		return 0;
	ports = skb_header_pointer(skb, off, sizeof(_ports), _ports);
	return ports ? ntohs(ports[0]) << 16 | ntohs(ports[1]) : 0;
}

static enum toy_drop forward_no_path(const struct toy_pkt *pkt,
				     struct sk_buff *skb, int err)
{
	switch (err) {
	case -EINVAL:
		return TOY_DROP_BLACKHOLE;
	case -EHOSTUNREACH:
		pkt->ip->error(pkt, skb, TOY_ERR_HOST_UNREACH, 0);
		return TOY_DROP_UNREACHABLE;
	case -EACCES:
		pkt->ip->error(pkt, skb, TOY_ERR_ADMIN_PROHIBITED, 0);
		return TOY_DROP_PROHIBITED;
	case -ENOBUFS:
		return TOY_DROP_NEIGH_LIMIT;
	default:
		pkt->ip->error(pkt, skb, TOY_ERR_NET_UNREACH, 0);
		return TOY_DROP_NO_ROUTE;
	}
}

static enum toy_drop forward_path(struct toy_pkt *pkt, struct sk_buff *skb,
				  struct toy_path *path)
{
	struct toy_flow flow = {
		.daddr = pkt->daddr, .saddr = pkt->saddr, .proto = pkt->proto,
		.flags = TOY_FLOW_ANYSRC | TOY_FLOW_NOPMTU,
	};
	int err;

	if (READ_ONCE(pkt->tn->sysctl.fib_multipath_hash_policy))
		flow.ports = forward_ports(pkt, skb);
	err = toy_path_lookup(pkt->tn, &flow, path);
	if (unlikely(err))
		return forward_no_path(pkt, skb, err);
	if (likely(path->type == TOY_ROUTE_UNICAST))
		return TOY_RX_OK;
	toy_path_reset(path);
	return not_local(pkt);
}

/* RFC 1812 5.2.7.2: back out of the device it came in by, and the sender could
 * have reached the next hop itself. The packet goes on all the same.
 */
static void forward_redirect(const struct toy_pkt *pkt, struct sk_buff *skb,
			     const struct toy_path *path)
{
	struct toy_fib_query q = {
		.daddr = pkt->saddr, .oif = pkt->dev->ifindex, .onlink = true,
	};
	const struct toy_route *r;

	if (likely(path->dev != pkt->dev) || !pkt->ip->redirect ||
	    !READ_ONCE(pkt->tn->sysctl.send_redirects))
		return;
	r = toy_fib_lookup(pkt->tn->fib, &q);
	if (r && r->type == TOY_ROUTE_UNICAST && r->dev == pkt->dev)
		pkt->ip->redirect(pkt, skb, &path->nexthop);
}

/* ---- size ---------------------------------------------------------------- */

static bool forward_fits(const struct sk_buff *skb, u32 mtu)
{
	if (likely(skb->len <= mtu))
		return true;
	return skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu);
}

/* RFC 1812 4.2.2.7: only what its sender lets be cut; RFC 8200 5: nothing. */
static bool forward_may_cut(const struct toy_pkt *pkt,
			    const struct sk_buff *skb)
{
	return pkt->ip->version == 4 &&
	       !(ip_hdr(skb)->frag_off & htons(IP_DF));
}

/* ---- out ----------------------------------------------------------------- */

static void forward_hop(const struct toy_pkt *pkt, struct sk_buff *skb)
{
	if (pkt->ip->version == 4)
		ip_decrease_ttl(ip_hdr(skb));
	else
		ipv6_hdr(skb)->hop_limit--;
}

static void forward_send(struct toy_pkt *pkt, struct sk_buff *skb,
			 const struct toy_path *path)
{
	toy_ip_count(pkt->tn, pkt->ip, TOY_MIB_IP_FORW_DATAGRAMS);
	toy_count_add(pkt->tn, TOY_MIB_IP_OUT_OCTETS + pkt->ip->mib,
		      skb->len);
	if (path->neigh)
		toy_neigh_output(path->neigh, skb);
	else
		toy_dev_xmit(path->dev, skb, pkt->ip->ethertype, NULL);
}

/* Cuts a packet whose sender allows it: a super-packet first into what it was
 * made of.
 */
static enum toy_drop forward_cut(struct toy_pkt *pkt, struct sk_buff *skb,
				 const struct toy_path *path)
{
	struct toy_ip_tx tx = { .proto = pkt->proto, .ttl = pkt->ttl - 1 };
	struct sk_buff *segs, *next;

	if (!skb_is_gso(skb)) {
		toy_fragment(pkt->tn, path, skb, path->mtu, &tx);
		return TOY_RX_OK;
	}
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs))
		return TOY_DROP_GSO_SEGMENT;
	consume_skb(skb);
	for (; segs; segs = next) {
		next = segs->next;
		skb_mark_not_on_list(segs);
		toy_fragment(pkt->tn, path, segs, path->mtu, &tx);
	}
	return TOY_RX_OK;
}

static enum toy_drop forward_by(struct toy_pkt *pkt, struct sk_buff *skb,
				const struct toy_path *path)
{
	const struct net_device *ndev = rcu_dereference(path->dev->dev);
	bool cut;

	if (unlikely(!ndev))
		return TOY_DROP_DEV_GONE;
	forward_redirect(pkt, skb, path);
	cut = !forward_fits(skb, path->mtu);
	if (unlikely(cut && !forward_may_cut(pkt, skb))) {
		toy_ip_count(pkt->tn, pkt->ip, TOY_MIB_IP_FRAG_FAILS);
		pkt->ip->error(pkt, skb, TOY_ERR_FRAG_NEEDED, path->mtu);
		return TOY_DROP_TOO_BIG;
	}
	/* Taps and AF_INET may hold the same head: a copy of the headers. */
	if (skb_cow(skb, LL_RESERVED_SPACE(ndev)))
		return TOY_DROP_NOMEM;
	forward_hop(pkt, skb);
	if (unlikely(cut))
		return forward_cut(pkt, skb, path);
	forward_send(pkt, skb, path);
	return TOY_RX_OK;
}

/**
 * toy_forward() - a packet is for somebody else
 * @pkt: what is known of it: addresses, TTL, protocol
 * @skb: packet, skb->data at its network header, without padding; not shared.
 *	Consumed when TOY_RX_OK is returned
 *
 * Context: softirq, RCU.
 * Return: TOY_RX_OK, or why it does not go on.
 */
enum toy_drop toy_forward(struct toy_pkt *pkt, struct sk_buff *skb)
{
	struct toy_path path;
	enum toy_drop why;

	if (!toy_forwards(pkt->tn, pkt->ip))
		return not_local(pkt);
	why = forward_allowed(pkt, skb);
	if (unlikely(why))
		return why;
	/* Errors about it are sent from an address of ours. */
	pkt->flags |= TOY_PKT_FORWARD;
	skb_set_transport_header(skb, pkt->ip->version == 4 ?
				 ip_hdrlen(skb) : sizeof(struct ipv6hdr));
	skb_forward_csum(skb);
	if (unlikely(pkt->ttl <= 1)) {
		pkt->ip->error(pkt, skb, TOY_ERR_TTL_EXCEEDED, 0);
		return TOY_DROP_TTL;
	}
	why = forward_path(pkt, skb, &path);
	if (unlikely(why))
		return why;
	skb_clear_tstamp(skb);	/* of arrival: no time to depart */
	if (pkt->ip->version == 4)
		skb->priority = rt_tos2priority(pkt->tos);
	why = forward_by(pkt, skb, &path);
	toy_path_reset(&path);
	return why;
}

/**
 * toy_forward_unreachable() - the next hop of somebody else's packet is silent
 * @dev: device that it was to leave by
 * @skb: packet, skb->data at its network header; borrowed
 * @ip: its IP version
 *
 * RFC 1812 5.2.7.1, RFC 4443 3.1: the sender hears host unreachable, address
 * unreachable. Context: timer or softirq, RCU.
 */
void toy_forward_unreachable(struct toy_dev *dev, struct sk_buff *skb,
			     const struct toy_ip_ops *ip)
{
	struct toy_pkt pkt = {
		.tn = dev->tn, .dev = dev, .ip = ip, .flags = TOY_PKT_FORWARD,
	};

	ip->addrs(skb, &pkt.saddr, &pkt.daddr);
	pkt.tos = ip->tos(skb);
	pkt.ttl = ip->ttl(skb);
	ip->error(&pkt, skb, TOY_ERR_HOST_UNREACH, 0);
}

/* ---- devices ------------------------------------------------------------- */

static void disable_lro(struct toy_dev *dev)
{
	struct net_device *ndev = rtnl_dereference(dev->dev);

	if (ndev)
		dev_disable_lro(ndev);
}

/**
 * toy_forward_disable_lro() - forwarding begins
 * @tn: network namespace
 *
 * What a device joins by LRO cannot be taken apart again. Context: RTNL.
 */
void toy_forward_disable_lro(struct toy_net *tn)
{
	struct toy_dev *dev;

	ASSERT_RTNL();
	list_for_each_entry(dev, &tn->devs, list)
		if (dev->hook != TOY_HOOK_LOOPBACK)
			disable_lro(dev);
}

static int dev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct toy_dev *dev = ptr;
	const struct toy_sysctl *sc = &dev->tn->sysctl;

	if (event == TOY_DEV_ATTACHED &&
	    (READ_ONCE(sc->ip_forward) || READ_ONCE(sc->ip6_forwarding)))
		disable_lro(dev);
	return NOTIFY_DONE;
}

static struct notifier_block dev_nb = { .notifier_call = dev_event };

/**
 * toy_forward_init() - follow devices that are attached
 *
 * Context: process. Return: 0 or a negative errno.
 * Return: 0 or a negative errno.
 */
int toy_forward_init(void)
{
	return toy_dev_notifier_register(&dev_nb);
}

/**
 * toy_forward_exit() - follow no more
 *
 * Context: process.
 */
void toy_forward_exit(void)
{
	toy_dev_notifier_unregister(&dev_nb);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "forward_test.c"
#endif

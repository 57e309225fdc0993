// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages and options of neighbour discovery (RFC 4861 4), read and written.
 *
 *	                  fixed part behind type, code and checksum	options
 *	RS	  8	  -						SLLA
 *	RA	 16	  hop limit, flags, lifetime, timers		SLLA, ...
 *	NS	 24	  target					SLLA, nonce
 *	NA	 24	  R S O, target					TLLA
 *	redirect 40	  target, destination				TLLA, ...
 *
 *	option:	+--------+--------+----------
 *		|  type  | length | ...		length in units of 8 bytes
 *		+--------+--------+----------
 *
 * A message with an option of length 0, or with one that reaches beyond its
 * end, is dropped as a whole (RFC 4861 4.6); an option that we do not know is
 * skipped; one that contradicts itself is reported by its reader, and the rest
 * of the message counts. An address option of another length than this link's
 * addresses have makes the message useless, so it is dropped too.
 *
 * What every message must fulfil stands in RFC 4861 6.1.1, 6.1.2, 7.1.1, 7.1.2
 * and 8.1, and is checked in that order below. A hop limit of 255 proves that
 * no router has forwarded it: whoever is not on the link cannot take part.
 */
#include <linux/ctype.h>
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/skbuff.h>
#include <net/addrconf.h>

#include "buf.h"
#include "nd.h"

#define ND_HOP_LIMIT	255
#define OPT_UNIT	8

/* Offsets from the ICMPv6 header. */
#define AT_NA_FLAGS	4
#define AT_RA_HOPS	4
#define AT_RA_FLAGS	5
#define AT_RA_LIFETIME	6
#define AT_RA_REACHABLE	8
#define AT_RA_RETRANS	12
#define AT_TARGET	8
#define AT_DEST		24

#define RA_MANAGED	BIT(7)
#define RA_OTHER	BIT(6)
#define PREFIX_ONLINK	BIT(7)
#define PREFIX_AUTO	BIT(6)

static unsigned int fixed_len(u8 type)
{
	switch (type) {
	case TOY_ND_RS:
		return 8;
	case TOY_ND_RA:
		return 16;
	case TOY_ND_NS:
	case TOY_ND_NA:
		return 24;
	default:
		return 40;
	}
}

static struct in6_addr addr_at(const u8 *p)
{
	struct in6_addr a;

	memcpy(&a, p, sizeof(a));
	return a;
}

static bool is_linklocal(const struct in6_addr *a)
{
	return ipv6_addr_type(a) & IPV6_ADDR_LINKLOCAL;
}

/* RFC 4191 2.1: two bits, signed; the reserved value means medium. */
static s8 preference_of(u8 flags)
{
	switch (flags >> 3 & 3) {
	case 1:
		return 1;
	case 3:
		return -1;
	default:
		return 0;
	}
}

/* RFC 4861 4.6.1, RFC 2464 6: as many units as the address needs. */
static unsigned int lladdr_opt_len(const struct net_device *dev)
{
	return ALIGN(2 + dev->addr_len, OPT_UNIT);
}

static bool is_group_lladdr(const struct net_device *dev, const u8 *lladdr)
{
	return dev->type == ARPHRD_ETHER && is_multicast_ether_addr(lladdr);
}

/* ---- options ------------------------------------------------------------ */

/**
 * toy_nd_opt_next() - the options of a message, one after the other
 * @v: message
 * @opt: the last one, or with data NULL to have the first; becomes the next
 *
 * Context: any.
 * Return: false at the end.
 */
bool toy_nd_opt_next(const struct toy_nd_view *v, struct toy_nd_opt *opt)
{
	const u8 *at = opt->data ? opt->data + opt->len : v->opts;

	if (at >= v->opts + v->opts_len)
		return false;
	opt->data = at;
	opt->type = at[0];
	opt->len = at[1] * OPT_UNIT;
	return true;
}

/* RFC 4861 4.6: all lengths, before anything is believed. */
static enum toy_drop check_opts(const u8 *at, unsigned int left)
{
	while (left) {
		if (left < 2)
			return TOY_DROP_ND_OPT_LEN;
		if (!at[1])
			return TOY_DROP_ND_OPT_ZERO;
		if (at[1] * OPT_UNIT > left)
			return TOY_DROP_ND_OPT_LEN;
		left -= at[1] * OPT_UNIT;
		at += at[1] * OPT_UNIT;
	}
	return TOY_RX_OK;
}

/* The option that carries the link-layer address in this type of message. */
static u8 lladdr_opt_type(u8 type)
{
	return type == TOY_ND_NA || type == TOY_ND_REDIRECT ? TOY_ND_OPT_TLLA :
							      TOY_ND_OPT_SLLA;
}

static enum toy_drop read_lladdr(const struct net_device *dev,
				 const struct toy_nd_opt *o,
				 struct toy_nd_view *v)
{
	if (o->len != lladdr_opt_len(dev) || is_group_lladdr(dev, o->data + 2))
		return TOY_DROP_ND_LLADDR;
	memcpy(v->lladdr, o->data + 2, dev->addr_len);
	v->has_lladdr = true;
	return TOY_RX_OK;
}

static enum toy_drop read_opts(const struct net_device *dev,
			       struct toy_nd_view *v)
{
	struct toy_nd_opt o = {};
	enum toy_drop why;

	while (toy_nd_opt_next(v, &o)) {
		if (o.type == lladdr_opt_type(v->type) && !v->has_lladdr) {
			why = read_lladdr(dev, &o, v);
			if (why)
				return why;
		}
		if (o.type == TOY_ND_OPT_NONCE &&
		    o.len == 2 + TOY_ND_NONCE_LEN) {
			memcpy(v->nonce, o.data + 2, TOY_ND_NONCE_LEN);
			v->has_nonce = true;
		}
	}
	return TOY_RX_OK;
}

/* ---- messages ----------------------------------------------------------- */

/* Whom a message is about: one host. An IPv4-mapped address would mean a
 * neighbour or an address of IPv4, of which ARP alone has a say.
 */
static bool is_host(const struct in6_addr *a)
{
	return !ipv6_addr_is_multicast(a) && !ipv6_addr_any(a) &&
	       !ipv6_addr_v4mapped(a);
}

/* RFC 4861 7.1.1 */
static enum toy_drop check_ns(const struct toy_nd_view *v,
			      const struct in6_addr *saddr,
			      const struct in6_addr *daddr)
{
	if (!is_host(&v->target))
		return TOY_DROP_ND_TARGET;
	if (!ipv6_addr_any(saddr))
		return TOY_RX_OK;
	if (!ipv6_addr_is_solict_mult(daddr))
		return TOY_DROP_ND_SOURCE;
	return v->has_lladdr ? TOY_DROP_ND_SLLA : TOY_RX_OK;
}

/* RFC 4861 7.1.2 */
static enum toy_drop check_na(const struct toy_nd_view *v,
			      const struct in6_addr *saddr,
			      const struct in6_addr *daddr)
{
	if (!is_host(&v->target))
		return TOY_DROP_ND_TARGET;
	if (ipv6_addr_any(saddr))
		return TOY_DROP_ND_SOURCE;
	if (ipv6_addr_is_multicast(daddr) && v->solicited)
		return TOY_DROP_ND_SOLICITED;
	return TOY_RX_OK;
}

/* RFC 4861 8.1 */
static enum toy_drop check_redirect(const struct toy_nd_view *v,
				    const struct in6_addr *saddr)
{
	if (!is_linklocal(saddr))
		return TOY_DROP_ND_SOURCE;
	if (!is_host(&v->dest))
		return TOY_DROP_ND_TARGET;
	if (!is_linklocal(&v->target) &&
	    !ipv6_addr_equal(&v->target, &v->dest))
		return TOY_DROP_ND_TARGET;
	return TOY_RX_OK;
}

static enum toy_drop check_message(const struct toy_nd_view *v,
				   const struct in6_addr *saddr,
				   const struct in6_addr *daddr)
{
	switch (v->type) {
	case TOY_ND_RS:			/* RFC 4861 6.1.1 */
		return ipv6_addr_any(saddr) && v->has_lladdr ?
		       TOY_DROP_ND_SLLA : TOY_RX_OK;
	case TOY_ND_RA:			/* RFC 4861 6.1.2 */
		return is_linklocal(saddr) ? TOY_RX_OK : TOY_DROP_ND_SOURCE;
	case TOY_ND_NS:
		return check_ns(v, saddr, daddr);
	case TOY_ND_NA:
		return check_na(v, saddr, daddr);
	default:
		return check_redirect(v, saddr);
	}
}

static void read_fixed(struct toy_nd_view *v, const u8 *m)
{
	switch (v->type) {
	case TOY_ND_RA:
		v->hop_limit = m[AT_RA_HOPS];
		v->managed = m[AT_RA_FLAGS] & RA_MANAGED;
		v->other = m[AT_RA_FLAGS] & RA_OTHER;
		v->preference = preference_of(m[AT_RA_FLAGS]);
		v->lifetime = get_unaligned_be16(m + AT_RA_LIFETIME);
		v->reachable = get_unaligned_be32(m + AT_RA_REACHABLE);
		v->retrans = get_unaligned_be32(m + AT_RA_RETRANS);
		/* RFC 4191 2.2: who is no default router has none. */
		if (!v->lifetime)
			v->preference = 0;
		break;
	case TOY_ND_NA:
		v->router = m[AT_NA_FLAGS] & BIT(7);
		v->solicited = m[AT_NA_FLAGS] & BIT(6);
		v->override = m[AT_NA_FLAGS] & BIT(5);
		fallthrough;
	case TOY_ND_NS:
		v->target = addr_at(m + AT_TARGET);
		break;
	case TOY_ND_REDIRECT:
		v->target = addr_at(m + AT_TARGET);
		v->dest = addr_at(m + AT_DEST);
		break;
	}
}

/**
 * toy_nd_parse() - check a received message of neighbour discovery
 * @skb: message, not shared, skb->data at its ICMPv6 header, which is linear
 *	and whose checksum is right; borrowed
 * @dev: device it came in by
 * @saddr: source
 * @daddr: destination
 * @hop_limit: of its IPv6 header
 * @v: filled in when the message is right; its options point into the skb
 *
 * Makes all of it linear. Context: any.
 *
 * Return: TOY_RX_OK, TOY_DROP_ND_HOP_LIMIT, _ND_CODE, _ND_SHORT, _ND_OPT_ZERO,
 * _ND_OPT_LEN, _ND_LLADDR, _ND_TARGET, _ND_SOURCE, _ND_SLLA, _ND_SOLICITED
 * or _NOMEM.
 */
enum toy_drop toy_nd_parse(struct sk_buff *skb, const struct net_device *dev,
			   const struct in6_addr *saddr,
			   const struct in6_addr *daddr, u8 hop_limit,
			   struct toy_nd_view *v)
{
	unsigned int fixed = fixed_len(skb->data[0]);
	enum toy_drop why;

	if (hop_limit != ND_HOP_LIMIT)
		return TOY_DROP_ND_HOP_LIMIT;
	if (skb->data[1])
		return TOY_DROP_ND_CODE;
	if (skb->len < fixed)
		return TOY_DROP_ND_SHORT;
	why = toy_skb_linear(skb, skb->len, TOY_DROP_ND_SHORT);
	if (why)
		return why;
	why = check_opts(skb->data + fixed, skb->len - fixed);
	if (why)
		return why;

	memset(v, 0, sizeof(*v));
	v->type = skb->data[0];
	v->opts = skb->data + fixed;
	v->opts_len = skb->len - fixed;
	read_fixed(v, skb->data);
	why = read_opts(dev, v);
	return why ?: check_message(v, saddr, daddr);
}

/* ---- what a router advertises ------------------------------------------- */

/**
 * toy_nd_read_prefix() - a prefix information option (RFC 4861 4.6.2)
 * @o: option
 * @p: what it says
 *
 * Context: any.
 * Return: TOY_RX_OK or TOY_DROP_ND_PREFIX: of another length, longer than an
 * address, link-local or multicast (RFC 4861 6.3.4, RFC 4862 5.5.3 b), or
 * preferred for longer than it is valid (5.5.3 c).
 */
enum toy_drop toy_nd_read_prefix(const struct toy_nd_opt *o,
				 struct toy_nd_prefix *p)
{
	struct in6_addr prefix;

	if (o->len != 32 || o->data[2] > 128)
		return TOY_DROP_ND_PREFIX;
	prefix = addr_at(o->data + 16);
	p->plen = o->data[2];
	p->onlink = o->data[3] & PREFIX_ONLINK;
	p->autonomous = o->data[3] & PREFIX_AUTO;
	p->valid = get_unaligned_be32(o->data + 4);
	p->preferred = get_unaligned_be32(o->data + 8);
	ipv6_addr_prefix(&p->prefix, &prefix, p->plen);
	if (ipv6_addr_type(&prefix) &
	    (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK |
	     IPV6_ADDR_MAPPED))
		return TOY_DROP_ND_PREFIX;
	return p->preferred > p->valid ? TOY_DROP_ND_PREFIX : TOY_RX_OK;
}

/**
 * toy_nd_read_route() - a route information option (RFC 4191 2.3)
 * @o: option
 * @r: what it says
 *
 * Context: any.
 * Return: TOY_RX_OK or TOY_DROP_ND_ROUTE: too short for its prefix, longer
 * than an address, the reserved preference, or a prefix that is no host's.
 */
enum toy_drop toy_nd_read_route(const struct toy_nd_opt *o,
				struct toy_nd_route *r)
{
	struct in6_addr prefix = {};

	if (o->len > 24 || o->data[2] > 128 ||
	    o->len < 8 + DIV_ROUND_UP(o->data[2], 64) * 8)
		return TOY_DROP_ND_ROUTE;
	if ((o->data[3] >> 3 & 3) == 2)		/* RFC 4191 2.3: ignored */
		return TOY_DROP_ND_ROUTE;
	memcpy(&prefix, o->data + 8, o->len - 8);
	r->plen = o->data[2];
	r->preference = preference_of(o->data[3]);
	r->lifetime = get_unaligned_be32(o->data + 4);
	ipv6_addr_prefix(&r->prefix, &prefix, r->plen);
	if (ipv6_addr_is_multicast(&r->prefix) || is_linklocal(&r->prefix) ||
	    ipv6_addr_v4mapped(&r->prefix))
		return TOY_DROP_ND_ROUTE;
	return TOY_RX_OK;
}

/**
 * toy_nd_read_mtu() - an MTU option (RFC 4861 4.6.4)
 * @o: option
 * @mtu: what it says
 *
 * Context: any.
 * Return: TOY_RX_OK or TOY_DROP_ND_MTU: of another length, or below IPv6's
 * minimum.
 */
enum toy_drop toy_nd_read_mtu(const struct toy_nd_opt *o, u32 *mtu)
{
	if (o->len != 8)
		return TOY_DROP_ND_MTU;
	*mtu = get_unaligned_be32(o->data + 4);
	return *mtu < IPV6_MIN_MTU ? TOY_DROP_ND_MTU : TOY_RX_OK;
}

/**
 * toy_nd_read_rdnss() - a recursive DNS server option (RFC 8106 5.1)
 * @o: option
 * @lifetime: seconds that the servers are good for
 * @n: number of servers, read by toy_nd_rdnss_addr()
 *
 * Context: any.
 * Return: TOY_RX_OK or TOY_DROP_ND_DNS: not a number of whole addresses.
 */
enum toy_drop toy_nd_read_rdnss(const struct toy_nd_opt *o, u32 *lifetime,
				unsigned int *n)
{
	if (o->len < 24 || (o->len - 8) % 16)
		return TOY_DROP_ND_DNS;
	*lifetime = get_unaligned_be32(o->data + 4);
	*n = (o->len - 8) / 16;
	return TOY_RX_OK;
}

/**
 * toy_nd_rdnss_addr() - a server of an option that toy_nd_read_rdnss() took
 * @o: option
 * @i: its place, below the number of servers
 *
 * Context: any.
 * Return: its address.
 */
struct in6_addr toy_nd_rdnss_addr(const struct toy_nd_opt *o, unsigned int i)
{
	return addr_at(o->data + 8 + 16 * i);
}

/* A character that a search domain may have. Others would be somebody's
 * attempt at whoever reads resolv.conf.
 */
static bool dns_char(u8 c)
{
	return isalnum(c) || c == '-' || c == '_';
}

/* RFC 1035 3.1, uncompressed (RFC 8106 5.2): labels to text. Returns the bytes
 * read, or 0.
 */
static unsigned int dns_name(const u8 *at, unsigned int left,
			     char name[TOY_ND_NAME_MAX])
{
	unsigned int in = 0, out = 0;
	u8 n;

	for (;;) {
		if (in >= left)
			return 0;
		n = at[in++];
		if (!n)
			break;
		if (n > 63 || n > left - in || out + n + 1 >= TOY_ND_NAME_MAX)
			return 0;
		if (out)
			name[out++] = '.';
		for (; n; n--) {
			if (!dns_char(at[in]))
				return 0;
			name[out++] = at[in++];
		}
	}
	name[out] = '\0';
	return in;
}

/**
 * toy_nd_read_dnssl() - the next domain of a search list (RFC 8106 5.2)
 * @o: option
 * @lifetime: seconds that the list is good for
 * @at: place in it, 0 at first; moves on
 * @name: the domain; empty at the end of the list
 *
 * Context: any.
 * Return: TOY_RX_OK or TOY_DROP_ND_DNS: too short, or no names.
 */
enum toy_drop toy_nd_read_dnssl(const struct toy_nd_opt *o, u32 *lifetime,
				unsigned int *at, char name[TOY_ND_NAME_MAX])
{
	unsigned int n;

	if (o->len < 16)
		return TOY_DROP_ND_DNS;
	*lifetime = get_unaligned_be32(o->data + 4);
	name[0] = '\0';
	if (*at >= o->len - 8)
		return TOY_RX_OK;
	n = dns_name(o->data + 8 + *at, o->len - 8 - *at, name);
	if (!n)
		return TOY_DROP_ND_DNS;
	*at += n;
	return TOY_RX_OK;
}

/* ---- building ----------------------------------------------------------- */

/* RFC 4861 4.6.3: as much of the packet as keeps the whole within 1280 bytes,
 * in units of 8.
 */
static unsigned int quoted_len(const struct toy_nd_build *b, unsigned int used)
{
	unsigned int room = IPV6_MIN_MTU - sizeof(struct ipv6hdr) - used - 8;

	return b->quoted ? round_down(min(b->quoted->len, room), OPT_UNIT) : 0;
}

static void put_lladdr(struct sk_buff *skb, const struct net_device *dev,
		       const struct toy_nd_build *b)
{
	unsigned int len = lladdr_opt_len(dev);
	u8 *o = skb_put_zero(skb, len);

	o[0] = lladdr_opt_type(b->type);
	o[1] = len / OPT_UNIT;
	memcpy(o + 2, b->lladdr, dev->addr_len);
}

static void put_nonce(struct sk_buff *skb, const u8 *nonce)
{
	u8 *o = skb_put(skb, 2 + TOY_ND_NONCE_LEN);

	o[0] = TOY_ND_OPT_NONCE;
	o[1] = 1;
	memcpy(o + 2, nonce, TOY_ND_NONCE_LEN);
}

static int put_quoted(struct sk_buff *skb, const struct sk_buff *quoted,
		      unsigned int len)
{
	u8 *o = skb_put_zero(skb, 8);

	o[0] = TOY_ND_OPT_REDIRECTED;
	o[1] = 1 + len / OPT_UNIT;
	return skb_copy_bits(quoted, 0, skb_put(skb, len), len);
}

/**
 * toy_nd_build() - make a message of neighbour discovery
 * @dev: device it will be sent by
 * @saddr: source
 * @daddr: destination
 * @b: what it says; borrowed
 *
 * The IPv6 header is the caller's to push. Context: any.
 *
 * Return: the message, owned by the caller, skb->data at its ICMPv6 header, or
 * NULL without memory.
 */
struct sk_buff *toy_nd_build(const struct net_device *dev,
			     const struct in6_addr *saddr,
			     const struct in6_addr *daddr,
			     const struct toy_nd_build *b)
{
	unsigned int fixed = fixed_len(b->type) - sizeof(struct icmp6hdr);
	unsigned int opts = (b->lladdr ? lladdr_opt_len(dev) : 0) +
			    (b->nonce ? 2 + TOY_ND_NONCE_LEN : 0);
	unsigned int quoted = quoted_len(b, fixed_len(b->type) + opts);
	struct sk_buff *skb;
	u8 *m;

	skb = toy_skb_alloc(dev, fixed + opts + (b->quoted ? 8 + quoted : 0));
	if (!skb)
		return NULL;
	m = skb_put_zero(skb, fixed);
	if (b->type == TOY_ND_NS || b->type == TOY_ND_NA ||
	    b->type == TOY_ND_REDIRECT)
		memcpy(m, &b->target, sizeof(b->target));
	if (b->type == TOY_ND_REDIRECT)
		memcpy(m + sizeof(b->target), &b->dest, sizeof(b->dest));
	if (b->lladdr)
		put_lladdr(skb, dev, b);
	if (b->nonce)
		put_nonce(skb, b->nonce);
	if (b->quoted && put_quoted(skb, b->quoted, quoted)) {
		kfree_skb(skb);
		return NULL;
	}
	toy_icmp6_push(skb, saddr, daddr, b->type, 0, htonl(b->flags));
	return skb;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "nd_test.c"
#endif

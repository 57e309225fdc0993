// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of level IPPROTO_IPV6: ipv6(7) and RFC 3542, as a table.
 *
 * Those of multicast stand in mcast.c, IPV6_CHECKSUM and IPV6_HDRINCL in
 * ../proto/raw_opt.c. There is no anycast (IPV6_JOIN_ANYCAST), no IPsec, and of
 * RFC 2292 no IPV6_2292PKTOPTIONS.
 */
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <net/inet_ecn.h>

#include "exts.h"
#include "flowlabel.h"
#include "opt.h"
#include "sock.h"

static int set_hops(struct sock *sk, int val)
{
	WRITE_ONCE(toy_sk(sk)->hops, val);
	return 0;
}

static int get_hops(struct sock *sk)
{
	int hops = toy_sk(sk)->hops;

	return hops < 0 ? READ_ONCE(toy_sock_net(sk)->sysctl.ip_default_ttl) :
			  hops;
}

static int set_tclass(struct sock *sk, int val)
{
	if (val < 0)			/* RFC 3542 6.5 */
		val = 0;
	/* The ECN bits of a stream are its protocol's (RFC 3168 6.1). */
	if (sk->sk_type == SOCK_STREAM)
		val &= ~INET_ECN_MASK;
	WRITE_ONCE(toy_sk(sk)->tclass, val);
	return 0;
}

static int get_tclass(struct sock *sk)
{
	return toy_sk(sk)->tclass;
}

static int set_mtu_discover(struct sock *sk, int val)
{
	WRITE_ONCE(toy_sk(sk)->pmtudisc6, val);
	return 0;
}

static int get_mtu_discover(struct sock *sk)
{
	return toy_sk(sk)->pmtudisc6;
}

static int set_mtu(struct sock *sk, int val)
{
	struct toy_sock_rare *rare;

	if (val && val < IPV6_MIN_MTU)
		return -EINVAL;
	rare = toy_sock_rare(sk);
	if (!rare)
		return -ENOMEM;
	WRITE_ONCE(rare->mtu6, val);
	return 0;
}

static int get_pathmtu(struct sock *sk, char __user *optval,
		       int __user *optlen, int len)
{
	struct ip6_mtuinfo info = {};
	int mtu;

	if (len < (int)sizeof(info))
		return -EINVAL;
	lock_sock(sk);
	mtu = toy_sock_mtu(sk);
	release_sock(sk);
	if (mtu < 0)
		return mtu;
	info.ip6m_mtu = mtu;
	len = sizeof(info);
	return put_user(len, optlen) || copy_to_user(optval, &info, len) ?
	       -EFAULT : 0;
}

static int set_dontfrag(struct sock *sk, int val)
{
	toy_sk(sk)->dontfrag6 = val != 0;
	return 0;
}

static int get_dontfrag(struct sock *sk)
{
	return toy_sk(sk)->dontfrag6;
}

static int set_min_hops(struct sock *sk, int val)
{
	WRITE_ONCE(toy_sk(sk)->min_hops, val);
	return 0;
}

static int get_min_hops(struct sock *sk)
{
	return toy_sk(sk)->min_hops;
}

static int set_recverr(struct sock *sk, int val)
{
	if (!val)
		skb_queue_purge(&sk->sk_error_queue);
	return 0;
}

/* Where a path MTU can be kept is there before a sender has one to tell. */
static int set_recvpathmtu(struct sock *sk, int val)
{
	if (val && !toy_sock_rare(sk)) {
		toy_sk(sk)->cmsg_flags &= ~TOY_CMSG6_PATHMTU;
		return -ENOMEM;
	}
	return 0;
}

static int set_v6only(struct sock *sk, int val)
{
	if (sk->sk_num)
		return -EINVAL;
	sk->sk_ipv6only = val != 0;
	return 0;
}

static int get_v6only(struct sock *sk)
{
	return sk->sk_ipv6only;
}

static int set_freebind(struct sock *sk, int val)
{
	toy_sk(sk)->freebind = val != 0;
	return 0;
}

static int get_freebind(struct sock *sk)
{
	return toy_sk(sk)->freebind;
}

/* Unset, net.toy.auto_flowlabels says it. */
static int set_autoflowlabel(struct sock *sk, int val)
{
	toy_sk(sk)->opt_flags |= TOY_OPT_AUTOFLOWLABEL_SET;
	return 0;
}

static int get_autoflowlabel(struct sock *sk)
{
	u8 want = toy_sock_autolabel(toy_sk(sk));

	if (want != TOY_AUTOLABEL_DEFAULT)
		return want == TOY_AUTOLABEL_ON;
	return toy_ipv6_autolabel(toy_sock_net(sk), want);
}

/* Sockets that may change their version: not raw ones, and no ping sockets. */
static bool converts(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM || sk->sk_protocol == TOYPROTO_UDP;
}

/* IPV6_ADDRFORM: from now on answers are given as sockaddr_in. */
static int set_addrform(struct sock *sk, int val)
{
	struct toy_sock *ts = toy_sk(sk);

	if (val != PF_INET)
		return -EINVAL;
	if (!converts(sk))
		return -ENOPROTOOPT;
	if (sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	if (sk->sk_ipv6only || !toy_is_v4(&sk->sk_v6_daddr))
		return -EADDRNOTAVAIL;
	WRITE_ONCE(ts->form, AF_INET);
	return 0;
}

static int get_addrform(struct sock *sk)
{
	if (!converts(sk))
		return -ENOPROTOOPT;
	if (sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	return toy_sk(sk)->form == AF_INET ? AF_INET : AF_INET6;
}

/* RFC 5014. At most one of each group; a group that is not named stays. */
static int prefer(u32 *prefs, u32 val, u32 group)
{
	val &= group;
	if (val & (val - 1))
		return -EINVAL;
	if (val)
		*prefs = (*prefs & ~group) | val;
	return 0;
}

static int set_addr_prefs(struct sock *sk, int val)
{
	struct toy_sock_rare *rare = toy_sock_rare(sk);
	u32 prefs = 0;		/* what is not named is the default again */
	int err;

	if (!rare)
		return -ENOMEM;
	err = prefer(&prefs, val, IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP |
		     IPV6_PREFER_SRC_PUBTMP_DEFAULT);
	err = err ?: prefer(&prefs, val, IPV6_PREFER_SRC_HOME |
			    IPV6_PREFER_SRC_COA);
	err = err ?: prefer(&prefs, val, IPV6_PREFER_SRC_CGA |
			    IPV6_PREFER_SRC_NONCGA);
	if (!err)
		WRITE_ONCE(rare->addr_prefs, prefs);
	return err;
}

static int get_addr_prefs(struct sock *sk)
{
	const struct toy_sock_rare *rare = toy_sk(sk)->rare;
	u32 prefs = rare ? rare->addr_prefs : 0;
	int val = prefs & (IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP);

	if (!val)
		val = IPV6_PREFER_SRC_PUBTMP_DEFAULT;
	return val | (prefs & IPV6_PREFER_SRC_COA ?: IPV6_PREFER_SRC_HOME);
}

static int set_unicast_if(struct sock *sk, int val)
{
	int ifindex = ntohl((__force __be32)val);
	struct toy_sock_rare *rare;

	if (ifindex && !toy_opt_dev_exists(sk, ifindex))
		return -EADDRNOTAVAIL;
	if (ifindex && sk->sk_bound_dev_if)
		return -EINVAL;
	rare = toy_sock_rare(sk);
	if (!rare)
		return -ENOMEM;
	WRITE_ONCE(rare->ucast_if6, ifindex);
	return 0;
}

static int get_unicast_if(struct sock *sk)
{
	return toy_sk(sk)->rare ?
	       (__force int)htonl(toy_sk(sk)->rare->ucast_if6) : 0;
}

static int set_pktinfo(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct toy_sock_rare *rare;
	struct in6_pktinfo info;

	if (optlen < sizeof(info))
		return -EINVAL;
	if (copy_from_sockptr(&info, optval, sizeof(info)))
		return -EFAULT;
	if (sk->sk_bound_dev_if && info.ipi6_ifindex &&
	    sk->sk_bound_dev_if != info.ipi6_ifindex)
		return -EINVAL;
	rare = toy_sock_rare(sk);
	if (!rare)
		return -ENOMEM;
	rare->pktinfo6 = info;
	return 0;
}

/* Extension headers: exts.c. Of each a setter and a getter. */
#define EXT_OPT(name, which)						\
static int set_##name(struct sock *sk, sockptr_t optval,		\
		      unsigned int optlen)				\
{									\
	return toy_exts_set(sk, which, optval, optlen);			\
}									\
									\
static int get_##name(struct sock *sk, char __user *optval,		\
		      int __user *optlen, int len)			\
{									\
	return toy_exts_get(sk, which, optval, optlen, len);		\
}

EXT_OPT(hopopts, TOY_EXT_HOP)
EXT_OPT(rthdrdstopts, TOY_EXT_DST0)
EXT_OPT(rthdr, TOY_EXT_RT)
EXT_OPT(dstopts, TOY_EXT_DST1)

const struct toy_opt toy_opts_ip6[] = {
	/* what is sent */
	{ IPV6_HOPOPTS, .set_all = set_hopopts, .get_all = get_hopopts },
	{ IPV6_RTHDRDSTOPTS, .set_all = set_rthdrdstopts,
	  .get_all = get_rthdrdstopts },
	{ IPV6_RTHDR, .set_all = set_rthdr, .get_all = get_rthdr },
	{ IPV6_DSTOPTS, .set_all = set_dstopts, .get_all = get_dstopts },
	OPT_INT(IPV6_UNICAST_HOPS, -1, 255, set_hops, get_hops),
	OPT_INT(IPV6_TCLASS, -1, 255, set_tclass, get_tclass),
	OPT_INT(IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, IPV6_PMTUDISC_OMIT,
		set_mtu_discover, get_mtu_discover),
	OPT_ANY(IPV6_MTU, set_mtu, toy_sock_mtu),
	{ IPV6_PATHMTU, .need = TOY_OPT_READ_ONLY, .get_all = get_pathmtu },
	OPT_ANY(IPV6_DONTFRAG, set_dontfrag, get_dontfrag,
		.need = TOY_OPT_SHORT_OK),
	OPT_FLAG(IPV6_FLOWINFO_SEND, TOY_OPT_FLOWINFO_SEND),
	{ IPV6_FLOWLABEL_MGR, .set_all = toy_fl_set, .get_all = toy_fl_get },
	OPT_ANY(IPV6_AUTOFLOWLABEL, set_autoflowlabel, get_autoflowlabel,
		.flag = TOY_OPT_AUTOFLOWLABEL, .need = TOY_OPT_SHORT_OK),
	OPT_ANY(IPV6_UNICAST_IF, set_unicast_if, get_unicast_if,
		.need = TOY_OPT_EXACT | TOY_OPT_NEGATIVE),
	OPT_ANY(IPV6_ADDR_PREFERENCES, set_addr_prefs, get_addr_prefs),
	{ IPV6_PKTINFO, .need = TOY_OPT_WRITE_ONLY, .set_all = set_pktinfo },
	/* to where it is bound */
	OPT_ANY(IPV6_V6ONLY, set_v6only, get_v6only),
	OPT_ANY(IPV6_ADDRFORM, set_addrform, get_addrform),
	OPT_FLAG(IPV6_TRANSPARENT, TOY_OPT_TRANSPARENT,
		 .need = TOY_OPT_PRIVILEGED),
	OPT_ANY(IPV6_FREEBIND, set_freebind, get_freebind),
	/* what is received */
	OPT_INT(IPV6_MINHOPCOUNT, 0, 255, set_min_hops, get_min_hops),
	OPT_ANY(IPV6_RECVERR, set_recverr, NULL, .flag = TOY_OPT_RECVERR6),
	OPT_INT(IPV6_RECVERR_RFC4884, 0, 1, NULL, NULL,
		.flag = TOY_OPT_RFC4884_6),
	OPT_CMSG(IPV6_RECVPKTINFO, TOY_CMSG6_PKTINFO),
	OPT_CMSG(IPV6_RECVHOPLIMIT, TOY_CMSG6_HOPLIMIT),
	OPT_CMSG(IPV6_RECVTCLASS, TOY_CMSG6_TCLASS),
	OPT_CMSG(IPV6_FLOWINFO, TOY_CMSG6_FLOWINFO),
	OPT_CMSG(IPV6_RECVHOPOPTS, TOY_CMSG6_HOPOPTS),
	OPT_CMSG(IPV6_RECVRTHDR, TOY_CMSG6_RTHDR),
	OPT_CMSG(IPV6_RECVDSTOPTS, TOY_CMSG6_DSTOPTS),
	OPT_CMSG(IPV6_RECVORIGDSTADDR, TOY_CMSG6_ORIGDST),
	OPT_CMSG(IPV6_RECVFRAGSIZE, TOY_CMSG6_FRAGSIZE,
		 .need = TOY_OPT_SHORT_OK),
	OPT_ANY(IPV6_RECVPATHMTU, set_recvpathmtu, NULL,
		.cmsg = TOY_CMSG6_PATHMTU),
	/* the same before RFC 3542 */
	OPT_CMSG(IPV6_2292PKTINFO, TOY_CMSG6_2292PKTINFO),
	OPT_CMSG(IPV6_2292HOPLIMIT, TOY_CMSG6_2292HOPLIMIT),
	OPT_CMSG(IPV6_2292HOPOPTS, TOY_CMSG6_2292HOPOPTS),
	OPT_CMSG(IPV6_2292RTHDR, TOY_CMSG6_2292RTHDR),
	OPT_CMSG(IPV6_2292DSTOPTS, TOY_CMSG6_2292DSTOPTS),
	{}
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of level IPPROTO_IP: ip(7), as a table.
 *
 * Those of multicast stand in mcast.c. IP_PASSSEC, IP_ROUTER_ALERT,
 * IP_IPSEC_POLICY and IP_XFRM_POLICY do not exist: there is no security label,
 * no daemon that would take packets to others, no IPsec here.
 */
#include <linux/compat.h>
#include <linux/in.h>
#include <net/inet_ecn.h>
#include <net/route.h>

#include "opt.h"
#include "sock.h"

static int set_tos(struct sock *sk, int val)
{
	/* The ECN bits of a stream are its protocol's (RFC 3168 6.1). */
	if (sk->sk_type == SOCK_STREAM)
		val &= ~INET_ECN_MASK;
	val &= 0xff;
	if (toy_sk(sk)->tos != val) {
		WRITE_ONCE(toy_sk(sk)->tos, val);
		WRITE_ONCE(sk->sk_priority, rt_tos2priority(val));
	}
	return 0;
}

static int get_tos(struct sock *sk)
{
	return toy_sk(sk)->tos;
}

static int set_ttl(struct sock *sk, int val)
{
	if (!val)
		return -EINVAL;
	toy_sk(sk)->uc_ttl = val;
	return 0;
}

static int get_ttl(struct sock *sk)
{
	int ttl = toy_sk(sk)->uc_ttl;

	return ttl < 0 ? READ_ONCE(toy_sock_net(sk)->sysctl.ip_default_ttl) : ttl;
}

static int set_mc_ttl(struct sock *sk, int val)
{
	toy_sk(sk)->mc_ttl = val < 0 ? 1 : val;
	return 0;
}

static int get_mc_ttl(struct sock *sk)
{
	return toy_sk(sk)->mc_ttl;
}

static int set_mc_loop(struct sock *sk, int val)
{
	toy_sk(sk)->mc_loop = val != 0;
	return 0;
}

static int get_mc_loop(struct sock *sk)
{
	return toy_sk(sk)->mc_loop;
}

static int set_mtu_discover(struct sock *sk, int val)
{
	toy_sk(sk)->pmtudisc = val;
	return 0;
}

static int get_mtu_discover(struct sock *sk)
{
	return toy_sk(sk)->pmtudisc;
}

static int set_recverr(struct sock *sk, int val)
{
	toy_sk(sk)->recverr = val != 0;
	if (!val)
		skb_queue_purge(&sk->sk_error_queue);
	return 0;
}

static int get_recverr(struct sock *sk)
{
	return toy_sk(sk)->recverr;
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

static int set_bind_no_port(struct sock *sk, int val)
{
	toy_sk(sk)->bind_no_port = val != 0;
	return 0;
}

static int get_bind_no_port(struct sock *sk)
{
	return toy_sk(sk)->bind_no_port;
}

static int set_minttl(struct sock *sk, int val)
{
	WRITE_ONCE(toy_sk(sk)->min_ttl, val);
	return 0;
}

static int get_minttl(struct sock *sk)
{
	return toy_sk(sk)->min_ttl;
}

/* IP_PROTOCOL: of a raw socket its number; AF_INET answers others theirs, too.
 */
static int get_protocol(struct sock *sk)
{
	return sk->sk_num;
}

static int set_local_ports(struct sock *sk, int val)
{
	u16 low = val, high = (u32)val >> 16;
	struct toy_sock_rare *rare;

	if (low && high && low > high)
		return -EINVAL;
	rare = toy_sock_rare(sk);
	if (!rare)
		return -ENOMEM;
	WRITE_ONCE(rare->local_ports, val);
	return 0;
}

static int get_local_ports(struct sock *sk)
{
	return toy_sk(sk)->rare ? toy_sk(sk)->rare->local_ports : 0;
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
	WRITE_ONCE(rare->ucast_if, ifindex);
	return 0;
}

static int get_unicast_if(struct sock *sk)
{
	return toy_sk(sk)->rare ?
	       (__force int)htonl(toy_sk(sk)->rare->ucast_if) : 0;
}

static int set_ip_options(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct user_namespace *ns = sock_net(sk)->user_ns;
	struct toy_ipv4_txopts *o = NULL, *old;
	struct toy_sock_rare *rare;
	int err;

	if (optlen > TOY_IPV4_OPTS_MAX)
		return -EINVAL;
	rare = toy_sock_rare(sk);
	if (!rare)
		return -ENOMEM;
	if (optlen) {
		o = kzalloc(sizeof(*o), GFP_KERNEL);
		if (!o)
			return -ENOMEM;
		err = -EFAULT;
		if (copy_from_sockptr(o->data, optval, optlen))
			goto free;
		o->len = optlen;
		err = toy_ipv4_opts_check(o, ns_capable(ns, CAP_NET_RAW));
		if (err)
			goto free;
	}
	old = rcu_replace_pointer(rare->ip_opts, o, lockdep_sock_is_held(sk));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
free:
	kfree(o);
	return err;
}

static int get_ip_options(struct sock *sk, char __user *optval, int __user *optlen,
			  int len)
{
	struct toy_ipv4_txopts o;

	toy_sock_ip_opts(toy_sk(sk), &o);
	len = min_t(unsigned int, len, o.len);
	return put_user(len, optlen) || copy_to_user(optval, o.data, len) ?
	       -EFAULT : 0;
}

/* IP_PKTOPTIONS: what recvmsg(2) would tell of datagrams, told of a stream. */
static int get_pktoptions(struct sock *sk, char __user *optval,
			  int __user *optlen, int len)
{
	struct toy_sock *ts = toy_sk(sk);
	struct msghdr msg = {
		.msg_control_is_user = true,
		.msg_control_user = optval,
		.msg_controllen = len,
		.msg_flags = in_compat_syscall() ? MSG_CMSG_COMPAT : 0,
	};
	struct in_pktinfo info = {};
	int tos = 0, ttl;

	if (sk->sk_type != SOCK_STREAM)
		return -ENOPROTOOPT;
	lock_sock(sk);
	info.ipi_addr.s_addr = toy_v4_of(&sk->sk_v6_rcv_saddr);
	info.ipi_spec_dst = info.ipi_addr;
	ttl = ts->mc_ttl;
	release_sock(sk);
	if (ts->cmsg_flags & TOY_CMSG_PKTINFO)
		put_cmsg(&msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	if (ts->cmsg_flags & TOY_CMSG_TTL)
		put_cmsg(&msg, SOL_IP, IP_TTL, sizeof(ttl), &ttl);
	if (ts->cmsg_flags & TOY_CMSG_TOS)
		put_cmsg(&msg, SOL_IP, IP_TOS, sizeof(tos), &tos);
	len -= msg.msg_controllen;
	return put_user(len, optlen) ? -EFAULT : 0;
}

const struct toy_opt toy_opts_ip[] = {
	/* what is sent */
	OPT_ANY(IP_TOS, set_tos, get_tos),
	OPT_INT(IP_TTL, -1, 255, set_ttl, get_ttl, .need = TOY_OPT_NONEMPTY),
	OPT_INT(IP_MULTICAST_TTL, -1, 255, set_mc_ttl, get_mc_ttl,
		.need = TOY_OPT_NONEMPTY, .no_stream = -EINVAL),
	OPT_ANY(IP_MULTICAST_LOOP, set_mc_loop, get_mc_loop,
		.need = TOY_OPT_NONEMPTY),
	OPT_INT(IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT,
		set_mtu_discover, get_mtu_discover),
	OPT_GET(IP_MTU, toy_sock_mtu),
	OPT_ANY(IP_UNICAST_IF, set_unicast_if, get_unicast_if,
		.need = TOY_OPT_EXACT | TOY_OPT_NEGATIVE),
	{ IP_OPTIONS, .set_all = set_ip_options, .get_all = get_ip_options },
	OPT_FLAG(IP_HDRINCL, TOY_OPT_HDRINCL, .need = TOY_OPT_RAW),
	OPT_FLAG(IP_NODEFRAG, TOY_OPT_NODEFRAG, .need = TOY_OPT_RAW),
	/* to where it is bound */
	OPT_ANY(IP_FREEBIND, set_freebind, get_freebind,
		.need = TOY_OPT_NONEMPTY),
	OPT_FLAG(IP_TRANSPARENT, TOY_OPT_TRANSPARENT,
		 .need = TOY_OPT_NONEMPTY | TOY_OPT_PRIVILEGED),
	OPT_ANY(IP_BIND_ADDRESS_NO_PORT, set_bind_no_port, get_bind_no_port),
	OPT_ANY(IP_LOCAL_PORT_RANGE, set_local_ports, get_local_ports,
		.need = TOY_OPT_EXACT | TOY_OPT_NEGATIVE),
	/* what is received */
	OPT_INT(IP_MINTTL, 0, 255, set_minttl, get_minttl,
		.need = TOY_OPT_NONEMPTY),
	OPT_ANY(IP_RECVERR, set_recverr, get_recverr),
	OPT_INT(IP_RECVERR_RFC4884, 0, 1, NULL, NULL, .flag = TOY_OPT_RFC4884),
	OPT_CMSG(IP_PKTINFO, TOY_CMSG_PKTINFO),
	OPT_CMSG(IP_RECVTTL, TOY_CMSG_TTL),
	OPT_CMSG(IP_RECVTOS, TOY_CMSG_TOS),
	OPT_CMSG(IP_RECVOPTS, TOY_CMSG_RECVOPTS),
	OPT_CMSG(IP_RETOPTS, TOY_CMSG_RETOPTS),
	OPT_CMSG(IP_RECVORIGDSTADDR, TOY_CMSG_ORIGDST),
	OPT_CMSG(IP_CHECKSUM, TOY_CMSG_CHECKSUM),
	OPT_CMSG(IP_RECVFRAGSIZE, TOY_CMSG_FRAGSIZE, .no_stream = -EINVAL),
	{ IP_PKTOPTIONS, .need = TOY_OPT_READ_ONLY, .get_all = get_pktoptions },
	OPT_GET(IP_PROTOCOL, get_protocol),
	{}
};

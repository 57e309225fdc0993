// SPDX-License-Identifier: GPL-2.0-only
/*
 * setsockopt(2) and getsockopt(2): tables of options, one per level, laid out
 * like the lists in the man pages.
 *
 *	SOL_SOCKET	socket(7): the core's, but for two that it refuses to
 *			other families than its own (kernels with
 *			SOCK_CUSTOM_SOCKOPT)
 *	SOL_TOY		this family's own
 *	IPPROTO_IP	ip(7)
 *
 * Every option here is an int, and like AF_INET's it may be set and read as
 * one byte where its values fit.
 */
#include <linux/in.h>
#include <linux/sockptr.h>
#include <net/inet_ecn.h>

#include "sock.h"

/**
 * struct toy_opt - an option
 * @name: number
 * @low: smallest value
 * @high: largest value
 * @set: stores the value, socket locked; NULL for one that is only read
 * @get: reads it, socket locked
 */
struct toy_opt {
	int name;
	int low;
	int high;
	int (*set)(struct sock *sk, int val);
	int (*get)(struct sock *sk);
};

/* ---- SOL_TOY --------------------------------------------------------- */

static int set_sockaddr(struct sock *sk, int val)
{
	struct toy_sock *ts = toy_sk(sk);

	if (val && val != AF_INET && val != AF_INET6 && val != toy_family)
		return -EINVAL;
	ts->form_pinned = val != 0;
	if (val)
		WRITE_ONCE(ts->form, val);
	return 0;
}

static int get_sockaddr(struct sock *sk)
{
	return toy_sk(sk)->form_pinned ? toy_sk(sk)->form : 0;
}

static int set_reuseport(struct sock *sk, int val)
{
	sk->sk_reuseport = val != 0;
	return 0;
}

static int get_reuseport(struct sock *sk)
{
	return sk->sk_reuseport;
}

static const struct toy_opt toy_opts_toy[] = {
	{ TOY_SOCKADDR,		0, AF_MAX,	set_sockaddr,	get_sockaddr },
	{ TOY_REUSEPORT,	INT_MIN, INT_MAX, set_reuseport, get_reuseport },
	{}
};

/* ---- SOL_SOCKET, what the core leaves to us -------------------------- */

static const struct toy_opt toy_opts_socket[] = {
	{ SO_REUSEPORT,		INT_MIN, INT_MAX, set_reuseport, get_reuseport },
	{}
};

/* ---- IPPROTO_IP ------------------------------------------------------ */

static int set_tos(struct sock *sk, int val)
{
	/* The ECN bits of a stream are its protocol's (RFC 3168 6.1). */
	if (sk->sk_type == SOCK_STREAM)
		val &= ~INET_ECN_MASK;
	toy_sk(sk)->tos = val;
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

static int get_mtu(struct sock *sk)
{
	return toy_sock_mtu(sk);
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

static int toy_set_cmsg(struct sock *sk, u8 flag, int val)
{
	if (val)
		toy_sk(sk)->cmsg_flags |= flag;
	else
		toy_sk(sk)->cmsg_flags &= ~flag;
	return 0;
}

static int set_pktinfo(struct sock *sk, int val)
{
	return toy_set_cmsg(sk, TOY_CMSG_PKTINFO, val);
}

static int get_pktinfo(struct sock *sk)
{
	return !!(toy_sk(sk)->cmsg_flags & TOY_CMSG_PKTINFO);
}

static int set_recvttl(struct sock *sk, int val)
{
	return toy_set_cmsg(sk, TOY_CMSG_TTL, val);
}

static int get_recvttl(struct sock *sk)
{
	return !!(toy_sk(sk)->cmsg_flags & TOY_CMSG_TTL);
}

static int set_recvtos(struct sock *sk, int val)
{
	return toy_set_cmsg(sk, TOY_CMSG_TOS, val);
}

static int get_recvtos(struct sock *sk)
{
	return !!(toy_sk(sk)->cmsg_flags & TOY_CMSG_TOS);
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

static const struct toy_opt toy_opts_ip[] = {
	{ IP_TOS,		INT_MIN, INT_MAX, set_tos,	get_tos },
	{ IP_TTL,		-1, 255,	set_ttl,	get_ttl },
	{ IP_MULTICAST_TTL,	-1, 255,	set_mc_ttl,	get_mc_ttl },
	{ IP_MULTICAST_LOOP,	INT_MIN, INT_MAX, set_mc_loop,	get_mc_loop },
	{ IP_MTU_DISCOVER,	IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT,
						set_mtu_discover, get_mtu_discover },
	{ IP_MTU,		0, 0,		NULL,		get_mtu },
	{ IP_RECVERR,		INT_MIN, INT_MAX, set_recverr,	get_recverr },
	{ IP_FREEBIND,		INT_MIN, INT_MAX, set_freebind,	get_freebind },
	{ IP_BIND_ADDRESS_NO_PORT, INT_MIN, INT_MAX, set_bind_no_port,
							get_bind_no_port },
	{ IP_PKTINFO,		INT_MIN, INT_MAX, set_pktinfo,	get_pktinfo },
	{ IP_RECVTTL,		INT_MIN, INT_MAX, set_recvttl,	get_recvttl },
	{ IP_RECVTOS,		INT_MIN, INT_MAX, set_recvtos,	get_recvtos },
	{}
};

/* ---- the calls ------------------------------------------------------- */

static const struct toy_opt *toy_opt_find(int level, int name)
{
	const struct toy_opt *o;

	switch (level) {
	case SOL_TOY:
		o = toy_opts_toy;
		break;
	case SOL_SOCKET:
		o = toy_opts_socket;
		break;
	case IPPROTO_IP:
		o = toy_opts_ip;
		break;
	default:
		return NULL;
	}
	for (; o->get; o++)
		if (o->name == name)
			return o;
	return NULL;
}

/* AF_INET takes one byte for an int at its own levels; an empty value is 0. */
static int toy_opt_read(int level, sockptr_t optval, unsigned int optlen,
			int *val)
{
	u8 byte;

	*val = 0;
	if (optlen >= sizeof(int))
		return copy_from_sockptr(val, optval, sizeof(*val)) ? -EFAULT : 0;
	if (level == SOL_SOCKET || level == SOL_TOY)
		return -EINVAL;
	if (optlen >= sizeof(byte)) {
		if (copy_from_sockptr(&byte, optval, sizeof(byte)))
			return -EFAULT;
		*val = byte;
	}
	return 0;
}

/**
 * toy_setsockopt() - setsockopt(2)
 * @sock: socket
 * @level: SOL_SOCKET, SOL_TOY, IPPROTO_IP or the protocol's
 * @optname: option
 * @optval: value
 * @optlen: its length
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT or an errno of the option.
 */
int toy_setsockopt(struct socket *sock, int level, int optname,
		   sockptr_t optval, unsigned int optlen)
{
	const struct toy_opt *o = toy_opt_find(level, optname);
	struct sock *sk = sock->sk;
	int val, err;

	if (!o) {
		if (level == SOL_SOCKET)
			return sock_setsockopt(sock, level, optname, optval,
					       optlen);
		if (sk->sk_prot->setsockopt)
			return sk->sk_prot->setsockopt(sk, level, optname,
						       optval, optlen);
		return -ENOPROTOOPT;
	}
	if (!o->set)
		return -ENOPROTOOPT;
	err = toy_opt_read(level, optval, optlen, &val);
	if (err)
		return err;
	if (val < o->low || val > o->high)
		return -EINVAL;

	lock_sock(sk);
	err = o->set(sk, val);
	release_sock(sk);
	return err;
}
EXPORT_SYMBOL_GPL(toy_setsockopt);

/**
 * toy_getsockopt() - getsockopt(2)
 * @sock: socket
 * @level: as of toy_setsockopt(); the core answers SOL_SOCKET by itself
 * @optname: option
 * @optval: room for the value
 * @optlen: room in bytes; result: bytes written
 *
 * Return: 0, -EOPNOTSUPP for another level, -ENOPROTOOPT, -EINVAL, -EFAULT or
 * an errno of the option.
 */
int toy_getsockopt(struct socket *sock, int level, int optname,
		   char __user *optval, int __user *optlen)
{
	const struct toy_opt *o = toy_opt_find(level, optname);
	struct sock *sk = sock->sk;
	int len, val;
	u8 byte;

	if (!o && level != IPPROTO_IP) {
		if (sk->sk_prot->getsockopt)
			return sk->sk_prot->getsockopt(sk, level, optname,
						       optval, optlen);
		return -EOPNOTSUPP;
	}
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (!o)
		return -ENOPROTOOPT;

	lock_sock(sk);
	val = o->get(sk);
	release_sock(sk);
	/* No option has a negative value, but for IP_MTU's errno. */
	if (val < 0)
		return val;

	/* AF_INET answers in one byte where that is all the room there is. */
	if (len > 0 && len < sizeof(int) && val <= 255) {
		byte = val;
		len = sizeof(byte);
		return put_user(len, optlen) ||
		       copy_to_user(optval, &byte, len) ? -EFAULT : 0;
	}
	len = min_t(unsigned int, len, sizeof(int));
	return put_user(len, optlen) || copy_to_user(optval, &val, len) ?
	       -EFAULT : 0;
}
EXPORT_SYMBOL_GPL(toy_getsockopt);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * setsockopt(2) and getsockopt(2): tables of options, one per level, laid out
 * like the lists in the man pages.
 *
 *	SOL_SOCKET	socket(7): the core's, but for two that it refuses to
 *			other families than its own, and one that it does in
 *			part for them (kernels with SOCK_CUSTOM_SOCKOPT)
 *	SOL_TOY		this family's own
 *	IPPROTO_IP	ip(7)		opt_ip.c
 *	IPPROTO_IPV6	ipv6(7)		opt_ip6.c
 *	others		the protocol's	struct proto's setsockopt
 *
 * The levels of both IP versions act on every socket, whatever address form it
 * uses. Nearly every option is an int. Like AF_INET's, those of its levels may
 * be set and read as one byte where their values fit; like AF_INET6's, those
 * of IPPROTO_IPV6 may not.
 */
#include <linux/in.h>
#include <linux/net_tstamp.h>
#include <linux/sockptr.h>
#include <net/tcp_states.h>

#include "mcast.h"
#include "opt.h"
#include "sock.h"

/* ---- SOL_TOY --------------------------------------------------------- */

static int set_sockaddr(struct sock *sk, int val)
{
	struct toy_sock *ts = toy_sk(sk);

	if (val && val != AF_INET && val != AF_INET6 && val != toy_family)
		return -EINVAL;
	ts->form_pinned = val != 0;
	ts->form_only = 0;
	if (val)
		WRITE_ONCE(ts->form, val);
	return 0;
}

static int set_sockaddr_only(struct sock *sk, int val)
{
	if (val && val != AF_INET && val != AF_INET6)
		return -EINVAL;
	set_sockaddr(sk, val);
	toy_sk(sk)->form_only = val != 0;
	return 0;
}

static int get_sockaddr_only(struct sock *sk)
{
	return toy_sk(sk)->form_only ? toy_sk(sk)->form : 0;
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

/* As AF_INET: the option before its value. */
static int set_zerocopy(struct sock *sk, int val)
{
	if (!toy_prot(sk)->zerocopy)
		return -EOPNOTSUPP;
	if (val < 0 || val > 1)
		return -EINVAL;
	sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
	return 0;
}

static int get_zerocopy(struct sock *sk)
{
	return sock_flag(sk, SOCK_ZEROCOPY);
}

static const struct toy_opt toy_opts_toy[] = {
	OPT_INT(TOY_SOCKADDR, 0, AF_MAX, set_sockaddr, get_sockaddr),
	OPT_INT(TOY_SOCKADDR_ONLY, 0, AF_MAX, set_sockaddr_only, get_sockaddr_only),
	OPT_ANY(TOY_REUSEPORT, set_reuseport, get_reuseport),
	OPT_ANY(TOY_ZEROCOPY, set_zerocopy, get_zerocopy),
	{}
};

/* ---- SOL_SOCKET, what the core leaves to us -------------------------- */

static const struct toy_opt toy_opts_socket[] = {
	OPT_ANY(SO_REUSEPORT, set_reuseport, get_reuseport),
	OPT_ANY(SO_ZEROCOPY, set_zerocopy, get_zerocopy),
	{}
};

/* SO_TIMESTAMPING: what the core does for a tcp_sock of AF_INET's when
 * SOF_TIMESTAMPING_OPT_ID comes on.
 */
static int toy_set_timestamping(struct socket *sock, int optname,
				sockptr_t optval, unsigned int optlen)
{
	struct sock *sk = sock->sk;
	bool starts;
	u32 flags;
	int err;

	if (optlen < sizeof(flags))
		return -EINVAL;
	if (copy_from_sockptr(&flags, optval, sizeof(flags)))
		return -EFAULT;
	starts = flags & ~READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID;
	if (starts && (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	err = sock_setsockopt(sock, SOL_SOCKET, optname, optval, optlen);
	if (err || !starts)
		return err;
	lock_sock(sk);
	atomic_set(&sk->sk_tskey, toy_prot(sk)->tskey_base(sk, flags));
	release_sock(sk);
	return 0;
}

static int toy_set_socket(struct socket *sock, int optname, sockptr_t optval,
			  unsigned int optlen)
{
	if ((optname == SO_TIMESTAMPING_OLD ||
	     optname == SO_TIMESTAMPING_NEW) && toy_prot(sock->sk)->tskey_base)
		return toy_set_timestamping(sock, optname, optval, optlen);
	return sock_setsockopt(sock, SOL_SOCKET, optname, optval, optlen);
}

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
	case IPPROTO_IPV6:
		o = toy_opts_ip6;
		break;
	default:
		return NULL;
	}
	for (; o->name; o++)
		if (o->name == name)
			return o;
	return NULL;
}

/* AF_INET takes one byte for an int at its own level; an empty value is 0. To
 * AF_INET6 no value at all is 0, too.
 */
static int toy_opt_read(int level, const struct toy_opt *o, sockptr_t optval,
			unsigned int optlen, int *val)
{
	u8 byte;

	*val = 0;
	if (level == IPPROTO_IPV6 && sockptr_is_null(optval))
		return 0;
	if (optlen >= sizeof(int))
		return copy_from_sockptr(val, optval, sizeof(*val)) ? -EFAULT : 0;
	if (level != IPPROTO_IP)
		return o->need & TOY_OPT_SHORT_OK ? 0 : -EINVAL;
	if (optlen >= sizeof(byte)) {
		if (copy_from_sockptr(&byte, optval, sizeof(byte)))
			return -EFAULT;
		*val = byte;
	}
	return 0;
}

/* Is there such an option for this socket, and may this program set it? */
static int toy_opt_allowed(struct sock *sk, const struct toy_opt *o,
			   unsigned int optlen, int val)
{
	struct user_namespace *ns = sock_net(sk)->user_ns;

	if (o->need & TOY_OPT_RAW && sk->sk_type != SOCK_RAW)
		return -ENOPROTOOPT;
	if (o->no_stream && sk->sk_type == SOCK_STREAM)
		return o->no_stream;
	if (o->need & TOY_OPT_PRIVILEGED && val &&
	    !ns_capable(ns, CAP_NET_RAW) && !ns_capable(ns, CAP_NET_ADMIN))
		return -EPERM;
	if (o->need & TOY_OPT_NONEMPTY && !optlen)
		return -EINVAL;
	if (o->need & TOY_OPT_EXACT && optlen != sizeof(val))
		return -EINVAL;
	return val < o->low || val > o->high ? -EINVAL : 0;
}

static void toy_opt_bit(u32 *word, u32 bit, bool on)
{
	WRITE_ONCE(*word, on ? *word | bit : *word & ~bit);
}

static int toy_opt_set(struct sock *sk, const struct toy_opt *o, int val)
{
	struct toy_sock *ts = toy_sk(sk);

	toy_opt_bit(&ts->cmsg_flags, o->cmsg, val);
	toy_opt_bit(&ts->opt_flags, o->flag, val);
	return o->set ? o->set(sk, val) : 0;
}

static int toy_opt_get(struct sock *sk, const struct toy_opt *o)
{
	const struct toy_sock *ts = toy_sk(sk);

	if (o->get)
		return o->get(sk);
	return !!(ts->cmsg_flags & o->cmsg) || !!(ts->opt_flags & o->flag);
}

/* Of a raw socket this is how a program of AF_INET6's gives itself away. */
static void toy_opt_form(struct sock *sk, int level)
{
	if (level == IPPROTO_IPV6 && sk->sk_type == SOCK_RAW &&
	    READ_ONCE(toy_sk(sk)->form) == toy_family)
		toy_sock_used_form(sk, AF_INET6);
}

/**
 * toy_setsockopt() - setsockopt(2)
 * @sock: socket
 * @level: SOL_SOCKET, SOL_TOY, IPPROTO_IP, IPPROTO_IPV6 or the protocol's
 * @optname: option
 * @optval: value
 * @optlen: its length
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT, -EPERM or an errno of the option.
 */
int toy_setsockopt(struct socket *sock, int level, int optname,
		   sockptr_t optval, unsigned int optlen)
{
	const struct toy_opt *o = toy_opt_find(level, optname);
	struct sock *sk = sock->sk;
	int val, err;

	if (toy_mcast_opt(level, optname))
		return toy_mcast_setsockopt(sk, level, optname, optval, optlen);
	if (!o) {
		if (level == SOL_SOCKET)
			return toy_set_socket(sock, optname, optval, optlen);
		if (sk->sk_prot->setsockopt)
			return sk->sk_prot->setsockopt(sk, level, optname,
						       optval, optlen);
		return -ENOPROTOOPT;
	}
	toy_opt_form(sk, level);
	if (o->set_all) {
		lock_sock(sk);
		err = o->set_all(sk, optval, optlen);
		release_sock(sk);
		return err;
	}
	if (o->need & TOY_OPT_READ_ONLY)
		return -ENOPROTOOPT;
	err = toy_opt_read(level, o, optval, optlen, &val);
	if (!err)
		err = toy_opt_allowed(sk, o, optlen, val);
	if (err)
		return err;

	lock_sock(sk);
	err = toy_opt_set(sk, o, val);
	release_sock(sk);
	return err;
}
EXPORT_SYMBOL_GPL(toy_setsockopt);

/* No row: what the levels say of unknown options, each like its family. */
static int toy_getsockopt_unknown(struct sock *sk, int level, int optname,
				  char __user *optval, int __user *optlen)
{
	int err = -EOPNOTSUPP, len;

	if (level == IPPROTO_IPV6 && sk->sk_type != SOCK_RAW)
		return -ENOPROTOOPT;
	if (level != IPPROTO_IP) {
		if (sk->sk_prot->getsockopt)
			err = sk->sk_prot->getsockopt(sk, level, optname,
						      optval, optlen);
		/* A level that nobody knows. */
		return err == -EOPNOTSUPP && toy_sk(sk)->form == AF_INET6 ?
		       -ENOPROTOOPT : err;
	}
	if (get_user(len, optlen))
		return -EFAULT;
	return len < 0 ? -EINVAL : -ENOPROTOOPT;
}

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

	if (toy_mcast_opt(level, optname))
		return toy_mcast_getsockopt(sk, level, optname, optval, optlen);
	if (!o || o->need & TOY_OPT_WRITE_ONLY)
		return toy_getsockopt_unknown(sk, level, optname, optval,
					      optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0 && level != IPPROTO_IPV6)
		return -EINVAL;
	if (o->get_all)
		return o->get_all(sk, optval, optlen, len);

	lock_sock(sk);
	val = toy_opt_get(sk, o);
	release_sock(sk);
	/* Only errnos are negative, where there is a number that may be. */
	if (val < 0 && !(o->need & TOY_OPT_NEGATIVE))
		return val;

	/* AF_INET answers in one byte where that is all the room there is. */
	if (len > 0 && len < sizeof(int) && val >= 0 && val <= 255 &&
	    level != IPPROTO_IPV6) {
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

#if IS_ENABLED(CONFIG_KUNIT)
#include "opt_test.c"
#endif

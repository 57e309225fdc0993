// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket options of level IPPROTO_TCP: tcp(7), as a table.
 *
 * Those that are one int stand in toy_tcp_opts[]; the few that are not
 * (strings, structures) have functions of their own below it.
 */
#include <linux/tcp.h>

#include "fastopen.h"
#include "tcp.h"

struct toy_tcp_opt {
	int name;
	int low;
	int high;
	int (*set)(struct sock *sk, int val);
	int (*get)(struct sock *sk);
};

/* ---- when it is sent ------------------------------------------------- */

static int set_nodelay(struct sock *sk, int val)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (val) {
		/* What waits goes, unless TCP_CORK holds it. */
		tp->nagle |= TOY_NAGLE_OFF | TOY_NAGLE_PUSH;
		toy_tcp_push_pending(sk, tp->nagle);
	} else {
		tp->nagle &= ~TOY_NAGLE_OFF;
	}
	return 0;
}

static int get_nodelay(struct sock *sk)
{
	return !!(toy_tcp(sk)->nagle & TOY_NAGLE_OFF);
}

static int set_cork(struct sock *sk, int val)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (val) {
		tp->nagle |= TOY_NAGLE_CORK;
		return 0;
	}
	tp->nagle &= ~TOY_NAGLE_CORK;
	if (tp->nagle & TOY_NAGLE_OFF)
		tp->nagle |= TOY_NAGLE_PUSH;
	toy_tcp_push_pending(sk, tp->nagle);
	return 0;
}

static int get_cork(struct sock *sk)
{
	return !!(toy_tcp(sk)->nagle & TOY_NAGLE_CORK);
}

static int set_maxseg(struct sock *sk, int val)
{
	if (val && (val < READ_ONCE(toy_sock_net(sk)->sysctl.tcp_min_snd_mss) + 40 ||
		    val > 32767))
		return -EINVAL;
	toy_tcp(sk)->user_mss = val;
	return 0;
}

static int get_maxseg(struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->user_mss && (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return tp->user_mss;
	return tp->mss;
}

static int set_notsent_lowat(struct sock *sk, int val)
{
	toy_tcp(sk)->notsent_lowat = val;
	toy_tcp_wake_writer(sk);
	return 0;
}

static int get_notsent_lowat(struct sock *sk)
{
	return toy_tcp(sk)->notsent_lowat;
}

/* ---- timers ---------------------------------------------------------- */

static int set_keepidle(struct sock *sk, int val)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 quiet_ms;

	tp->keepidle = val * HZ;
	if (!sock_flag(sk, SOCK_KEEPOPEN) ||
	    (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return 0;
	toy_tcp_now(tp);
	quiet_ms = toy_tcp_ms(tp) - tp->rcv_ms;
	toy_tcp_keepalive_arm(sk, msecs_to_jiffies(quiet_ms) < tp->keepidle ?
			      tp->keepidle - msecs_to_jiffies(quiet_ms) : 0);
	return 0;
}

static int get_keepidle(struct sock *sk)
{
	return toy_tcp_keepidle(toy_tcp(sk)) / HZ;
}

static int set_keepintvl(struct sock *sk, int val)
{
	toy_tcp(sk)->keepintvl = val * HZ;
	return 0;
}

static int get_keepintvl(struct sock *sk)
{
	return toy_tcp_keepintvl(toy_tcp(sk)) / HZ;
}

static int set_keepcnt(struct sock *sk, int val)
{
	toy_tcp(sk)->keepcnt = val;
	return 0;
}

static int get_keepcnt(struct sock *sk)
{
	return toy_tcp_keepcnt(toy_tcp(sk));
}

static int set_syncnt(struct sock *sk, int val)
{
	toy_tcp(sk)->syn_retries = val;
	return 0;
}

static int get_syncnt(struct sock *sk)
{
	return toy_tcp(sk)->syn_retries ?:
	       READ_ONCE(toy_sock_net(sk)->sysctl.tcp_syn_retries);
}

static int set_linger2(struct sock *sk, int val)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	tp->linger2_off = val < 0;
	tp->linger2 = val < 0 ? 0 : min(val, TOY_FIN_TIMEOUT_MAX_S) * HZ;
	return 0;
}

static int get_linger2(struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->linger2_off)
		return -1;
	return tp->linger2 ? tp->linger2 / HZ :
	       READ_ONCE(toy_sock_net(sk)->sysctl.tcp_fin_timeout);
}

/* Seconds as a number of SYN-ACKs: 1, 2, 4 ... s apart. */
static u8 toy_secs_to_retries(int secs)
{
	int period = 1, timeout = 1;
	u8 n = 0;

	if (secs <= 0)
		return 0;
	n = 1;
	while (secs > period && n < 255) {
		n++;
		timeout = min(timeout << 1, TOY_RTO_MAX_US / (int)USEC_PER_SEC);
		period += timeout;
	}
	return n;
}

static int toy_retries_to_secs(u8 n)
{
	int period = 0, timeout = 1;

	if (!n)
		return 0;
	period = 1;
	while (--n) {
		timeout = min(timeout << 1, TOY_RTO_MAX_US / (int)USEC_PER_SEC);
		period += timeout;
	}
	return period;
}

static int set_defer_accept(struct sock *sk, int val)
{
	WRITE_ONCE(toy_tcp(sk)->defer_accept, toy_secs_to_retries(val));
	return 0;
}

static int get_defer_accept(struct sock *sk)
{
	return toy_retries_to_secs(toy_tcp(sk)->defer_accept);
}

static int set_user_timeout(struct sock *sk, int val)
{
	toy_tcp(sk)->user_timeout_ms = val;
	return 0;
}

static int get_user_timeout(struct sock *sk)
{
	return toy_tcp(sk)->user_timeout_ms;
}

static int set_thin_lto(struct sock *sk, int val)
{
	toy_tcp(sk)->thin_lto = val;
	return 0;
}

static int get_thin_lto(struct sock *sk)
{
	return toy_tcp(sk)->thin_lto;
}

/* ---- receiving ------------------------------------------------------- */

static int set_window_clamp(struct sock *sk, int val)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!val) {
		if (sk->sk_state != TCP_CLOSE)
			return -EINVAL;
		tp->window_clamp = 0;
		return 0;
	}
	tp->window_clamp = max_t(int, val, SOCK_MIN_RCVBUF / 2);
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))) {
		tp->rwnd.clamp = tp->window_clamp;
		tp->rwnd.ssthresh = min(toy_rwnd_left(&tp->rwnd, tp->rcv_nxt) ?:
					tp->rwnd.ssthresh, tp->rwnd.clamp);
	}
	return 0;
}

static int get_window_clamp(struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);

	return (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN) ?
	       tp->window_clamp : tp->rwnd.clamp;
}

static int set_quickack(struct sock *sk, int val)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!val) {
		tp->delack.nodelay = 0;
		toy_delack_enter_pingpong(&tp->delack);
		return 0;
	}
	tp->delack.pingpong = 0;
	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) &&
	    tp->delack.pending) {
		toy_tcp_now(tp);
		toy_tcp_send_ack(sk);
		if (!(val & 1))
			toy_delack_enter_pingpong(&tp->delack);
	}
	return 0;
}

static int get_quickack(struct sock *sk)
{
	return !toy_delack_in_pingpong(&toy_tcp(sk)->delack);
}

static int set_inq(struct sock *sk, int val)
{
	toy_tcp(sk)->recvmsg_inq = val;
	return 0;
}

static int get_inq(struct sock *sk)
{
	return toy_tcp(sk)->recvmsg_inq;
}

static int set_save_syn(struct sock *sk, int val)
{
	WRITE_ONCE(toy_tcp(sk)->save_syn, val);
	return 0;
}

static int get_save_syn(struct sock *sk)
{
	return toy_tcp(sk)->save_syn;
}

static int get_timestamp(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	toy_tcp_now(tp);
	return toy_tcp_tsval(tp);
}

/* Only of a connection that is repaired, which there is none of. */
static int set_timestamp(struct sock *sk, int val)
{
	return -EPERM;
}

/* Without effect since Linux 4.15, where RACK has made it superfluous. */
static int set_thin_dupack(struct sock *sk, int val)
{
	return 0;
}

static int get_thin_dupack(struct sock *sk)
{
	return 0;
}

static const struct toy_tcp_opt toy_tcp_opt_table[] = {
	/*  name		lowest	highest		set	get */
	{ TCP_NODELAY,		INT_MIN, INT_MAX, set_nodelay,	get_nodelay },
	{ TCP_MAXSEG,		INT_MIN, INT_MAX, set_maxseg,	get_maxseg },
	{ TCP_CORK,		INT_MIN, INT_MAX, set_cork,	get_cork },
	{ TCP_KEEPIDLE,		1, 32767,	set_keepidle,	get_keepidle },
	{ TCP_KEEPINTVL,	1, 32767,	set_keepintvl,	get_keepintvl },
	{ TCP_KEEPCNT,		1, 127,		set_keepcnt,	get_keepcnt },
	{ TCP_SYNCNT,		1, 127,		set_syncnt,	get_syncnt },
	{ TCP_LINGER2,		INT_MIN, INT_MAX, set_linger2,	get_linger2 },
	{ TCP_DEFER_ACCEPT,	INT_MIN, INT_MAX, set_defer_accept,
							get_defer_accept },
	{ TCP_WINDOW_CLAMP,	INT_MIN, INT_MAX, set_window_clamp,
							get_window_clamp },
	{ TCP_QUICKACK,		INT_MIN, INT_MAX, set_quickack,	get_quickack },
	{ TCP_THIN_LINEAR_TIMEOUTS, 0, 1,	set_thin_lto,	get_thin_lto },
	{ TCP_USER_TIMEOUT,	0, INT_MAX,	set_user_timeout,
							get_user_timeout },
	{ TCP_NOTSENT_LOWAT,	INT_MIN, INT_MAX, set_notsent_lowat,
							get_notsent_lowat },
	{ TCP_INQ,		0, 1,		set_inq,	get_inq },
	{ TCP_SAVE_SYN,		0, 2,		set_save_syn,	get_save_syn },
	{ TCP_TIMESTAMP,	INT_MIN, INT_MAX, set_timestamp, get_timestamp },
	{ TCP_THIN_DUPACK,	0, 1,		set_thin_dupack, get_thin_dupack },
	{ TCP_FASTOPEN,		0, INT_MAX,	toy_fo_opt_set_queue,
							toy_fo_opt_get_queue },
	{ TCP_FASTOPEN_CONNECT,	0, 1,		toy_fo_opt_set_connect,
							toy_fo_opt_get_connect },
	{ TCP_FASTOPEN_NO_COOKIE, 0, 1,		toy_fo_opt_set_no_cookie,
							toy_fo_opt_get_no_cookie },
	{}
};

static const struct toy_tcp_opt *toy_tcp_opt_find(int name)
{
	const struct toy_tcp_opt *o;

	for (o = toy_tcp_opt_table; o->get; o++)
		if (o->name == name)
			return o;
	return NULL;
}

/* ---- set ------------------------------------------------------------- */

static int toy_set_congestion(struct sock *sk, sockptr_t optval,
			      unsigned int optlen)
{
	char name[TOY_CC_NAME_MAX];
	bool capable;
	int n, err;

	if (optlen < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval,
				 min_t(long, TOY_CC_NAME_MAX - 1, optlen));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	capable = ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);
	lock_sock(sk);
	err = toy_tcp_set_cc(sk, name, capable);
	release_sock(sk);
	return err;
}

/**
 * toy_tcp_setsockopt() - prot->setsockopt
 * @sk: socket, not locked
 * @level: IPPROTO_TCP, or one that nobody knows
 * @optname: option
 * @optval: value
 * @optlen: its length
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT or an errno of the option.
 */
int toy_tcp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		       unsigned int optlen)
{
	const struct toy_tcp_opt *o;
	int val, err;

	if (level != IPPROTO_TCP)
		return -ENOPROTOOPT;
	if (optname == TCP_CONGESTION)
		return toy_set_congestion(sk, optval, optlen);
	if (optname == TCP_FASTOPEN_KEY)
		return toy_fo_set_keys(sk, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	o = toy_tcp_opt_find(optname);
	if (!o || !o->set)
		return -ENOPROTOOPT;
	if (val < o->low || val > o->high)
		return -EINVAL;
	lock_sock(sk);
	err = o->set(sk, val);
	release_sock(sk);
	return err;
}

/* ---- get ------------------------------------------------------------- */

static int toy_get_bytes(const void *from, int have, char __user *optval,
			 int __user *optlen, int len)
{
	len = min(len, have);
	if (put_user(len, optlen) || copy_to_user(optval, from, len))
		return -EFAULT;
	return 0;
}

static int toy_get_info(struct sock *sk, char __user *optval, int __user *optlen,
			int len)
{
	struct toy_tcp_info info;

	lock_sock(sk);
	toy_tcp_info(sk, &info);
	release_sock(sk);
	return toy_get_bytes(&info, sizeof(info), optval, optlen, len);
}

static int toy_get_congestion(struct sock *sk, char __user *optval,
			      int __user *optlen, int len)
{
	char name[TOY_CC_NAME_MAX] = {};

	lock_sock(sk);
	strscpy(name, toy_tcp(sk)->cc.ops->name, sizeof(name));
	release_sock(sk);
	return toy_get_bytes(name, sizeof(name), optval, optlen, len);
}

static int toy_get_cc_info(struct sock *sk, char __user *optval,
			   int __user *optlen, int len)
{
	const struct toy_cc_ops *ops;
	u64 info[8] = {};
	int have = 0;

	lock_sock(sk);
	ops = toy_tcp(sk)->cc.ops;
	if (ops->info)
		have = ops->info(&toy_tcp(sk)->cc, info);
	release_sock(sk);
	return toy_get_bytes(info, have, optval, optlen, len);
}

/* Once: it is given away. */
static int toy_get_saved_syn(struct sock *sk, char __user *optval,
			     int __user *optlen, int len)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_saved_syn *syn;
	int err = 0;

	lock_sock(sk);
	syn = tp->saved_syn;
	if (!syn) {
		err = put_user(0, optlen) ? -EFAULT : 0;
	} else if (len < (int)syn->len) {
		/* How much room it takes. */
		err = put_user(syn->len, optlen) ? -EFAULT : -EINVAL;
	} else {
		err = toy_get_bytes(syn->data, syn->len, optval, optlen, len);
		if (!err) {
			tp->saved_syn = NULL;
			kfree(syn);
		}
	}
	release_sock(sk);
	return err;
}

static int toy_get_fastopen_keys(struct sock *sk, char __user *optval,
				 int __user *optlen, int len)
{
	u8 key[TOY_FO_KEYS * TOY_FO_KEY_LEN];
	unsigned int n = toy_fo_keys_read(sk, key);

	return toy_get_bytes(key, n, optval, optlen, len);
}

/**
 * toy_tcp_getsockopt() - prot->getsockopt
 * @sk: socket, not locked
 * @level: IPPROTO_TCP, or one that nobody knows
 * @optname: option
 * @optval: room for the value
 * @optlen: room in bytes; result: bytes written
 *
 * Return: 0, -EOPNOTSUPP for another level, -ENOPROTOOPT, -EINVAL, -EFAULT.
 */
int toy_tcp_getsockopt(struct sock *sk, int level, int optname,
		       char __user *optval, int __user *optlen)
{
	const struct toy_tcp_opt *o;
	int len, val;

	if (level != IPPROTO_TCP)
		return -EOPNOTSUPP;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (optname) {
	case TCP_INFO:
		return toy_get_info(sk, optval, optlen, len);
	case TCP_CONGESTION:
		return toy_get_congestion(sk, optval, optlen, len);
	case TCP_CC_INFO:
		return toy_get_cc_info(sk, optval, optlen, len);
	case TCP_SAVED_SYN:
		return toy_get_saved_syn(sk, optval, optlen, len);
	case TCP_FASTOPEN_KEY:
		return toy_get_fastopen_keys(sk, optval, optlen, len);
	}
	o = toy_tcp_opt_find(optname);
	if (!o)
		return -ENOPROTOOPT;
	lock_sock(sk);
	val = o->get(sk);
	release_sock(sk);
	return toy_get_bytes(&val, sizeof(val), optval, optlen, len);
}

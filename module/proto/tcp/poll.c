// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll(2), epoll(7) and ioctl(2) of TCP sockets: the event sets of tcp(7).
 *
 *	IN	data for SO_RCVLOWAT, end of stream, a connection to accept
 *	OUT	room in the send buffer, or nothing can be sent any more
 *	RDHUP	the peer has closed, or shutdown(SHUT_RD)
 *	HUP	both directions are closed
 *	PRI	an urgent octet waits
 *	ERR	an error waits
 *
 * Without the socket lock: each answer is one of the moment.
 */
#include <linux/poll.h>
#include <linux/sockios.h>
#include <linux/termios.h>

#include "fastopen.h"
#include "synack.h"

static bool toy_poll_readable(const struct sock *sk, int target)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	int avail = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);

	if (avail <= 0)
		return false;
	return avail >= target ||
	       atomic_read(&sk->sk_rmem_alloc) > READ_ONCE(sk->sk_rcvbuf) ||
	       toy_rwnd_left(&tp->rwnd, tp->rcv_nxt) <= tp->delack.rcv_mss;
}

static bool toy_poll_writable(struct sock *sk, struct socket *sock)
{
	if (__sk_stream_is_writeable(sk, 1))
		return true;
	/* Room may come between the look and the wish to be woken. */
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sock->flags);
	/* The wish before the second look. */
	smp_mb__after_atomic();
	return __sk_stream_is_writeable(sk, 1);
}

static __poll_t toy_poll_listener(const struct sock *sk)
{
	const struct toy_listen *l = READ_ONCE(toy_tcp(sk)->listen);

	return l && !list_empty_careful(&l->ready) ? EPOLLIN | EPOLLRDNORM : 0;
}

static __poll_t toy_poll_data(struct sock *sk, struct socket *sock, u8 shutdown)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	int target = sock_rcvlowat(sk, 0, INT_MAX);
	__poll_t mask = 0;

	/* An octet that is read out of band is not there for a reader. */
	if (tp->urg_data && tp->rcv_up == READ_ONCE(tp->copied_seq) &&
	    !sock_flag(sk, SOCK_URGINLINE))
		target++;
	if (toy_poll_readable(sk, target))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (shutdown & SEND_SHUTDOWN || toy_poll_writable(sk, sock))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (tp->urg_valid)
		mask |= EPOLLPRI;
	return mask;
}

/**
 * toy_tcp_poll() - poll(2)
 * @file: open file
 * @sock: socket
 * @wait: who waits
 *
 * Return: EPOLL*.
 */
__poll_t toy_tcp_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	state = smp_load_acquire(&sk->sk_state);
	if (state == TCP_LISTEN) {
		rcu_read_lock();
		mask = toy_poll_listener(sk);
		rcu_read_unlock();
		return mask;
	}
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if ((state != TCP_SYN_SENT && state != TCP_SYN_RECV) || toy_fo_passive(sk))
		mask |= toy_poll_data(sk, sock, shutdown);
	else if (toy_fo_waits(sk))
		mask |= EPOLLOUT | EPOLLWRNORM;
	/* Pairs with the write barrier where sk_err is set. */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

static int toy_ioctl_inq(struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 n;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	if (!sock_flag(sk, SOCK_URGINLINE) && tp->urg_data &&
	    !toy_seq_before(tp->rcv_up, tp->copied_seq) &&
	    toy_seq_before(tp->rcv_up, tp->rcv_nxt))
		return tp->rcv_up - tp->copied_seq;
	n = tp->rcv_nxt - tp->copied_seq;
	/* The FIN has a number, too. */
	return n && sock_flag(sk, SOCK_DONE) ? n - 1 : n;
}

static int toy_ioctl_outq(const struct sock *sk, u32 from)
{
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	return toy_tcp(sk)->write_seq - from;
}

/**
 * toy_tcp_ioctl() - ioctl(2)
 * @sock: socket
 * @cmd: SIOCINQ, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD (tcp(7)), netdevice(7)'s
 * @arg: user pointer
 *
 * Return: 0, -EINVAL for a listener, -EFAULT, -ENOIOCTLCMD or an errno of
 * toy_ifreq_ioctl().
 */
int toy_tcp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	int val = 0, err;

	err = toy_ifreq_ioctl(sk, cmd, arg);
	if (err != -ENOIOCTLCMD)
		return err;
	err = 0;
	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN && cmd != SIOCATMARK)
		err = -EINVAL;
	switch (cmd) {
	case SIOCINQ:
		val = toy_ioctl_inq(sk);
		break;
	case SIOCATMARK:
		val = tp->urg_data && tp->rcv_up == tp->copied_seq;
		break;
	case SIOCOUTQ:
		val = toy_ioctl_outq(sk, tp->snd_una);
		break;
	case SIOCOUTQNSD:
		val = toy_ioctl_outq(sk, tp->snd_nxt);
		break;
	default:
		err = -ENOIOCTLCMD;
		break;
	}
	release_sock(sk);
	return err ?: put_user(val, (int __user *)arg);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every AF_TOY socket does the same way: to be born, to die, and the
 * calls that only pass on to the protocol.
 */
#include <linux/net.h>
#include <linux/swap.h>
#include <linux/sockios.h>
#include <linux/termios.h>

#include "lookup.h"
#include "../event.h"

/**
 * toy_mem_limits() - a protocol's bounds of buffer memory, as AF_INET's
 * @mem: result, in pages: no pressure below the first, pressure above the
 *	second, nothing above the third
 */
void toy_mem_limits(long *mem)
{
	unsigned long limit = max(nr_free_buffer_pages() / 8, 128UL);

	mem[0] = limit / 4 * 3;
	mem[1] = limit;
	mem[2] = mem[0] * 2;
}
EXPORT_SYMBOL_GPL(toy_mem_limits);

/**
 * toy_sock_init() - set what all types of sockets start with
 * @sk: socket after sock_init_data()
 *
 * Context: process.
 * Return: 0.
 */
int toy_sock_init(struct sock *sk)
{
	struct toy_sock *ts = toy_sk(sk);

	ts->form = toy_family;
	ts->uc_ttl = -1;
	ts->mc_ttl = 1;
	ts->mc_loop = 1;
	ts->mc_loop6 = 1;
	ts->mc_all = 1;
	ts->mc_all6 = 1;
	ts->hops = -1;
	ts->mc_hops = 1;
	ts->pmtudisc = READ_ONCE(toy_sock_net(sk)->sysctl.ip_no_pmtu_disc) ?
		       IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;
	ts->pmtudisc6 = IPV6_PMTUDISC_WANT;
	sk->sk_txrehash = READ_ONCE(sock_net(sk)->core.sysctl_txrehash);
	toy_sock_enlist(sk);
	return 0;
}

/**
 * toy_sock_enlist() - from now on the socket is to be seen
 * @sk: new socket
 *
 * Context: process or softirq.
 */
void toy_sock_enlist(struct sock *sk)
{
	struct toy_net *tn = toy_sock_net(sk);

	spin_lock_bh(&tn->socks_lock);
	list_add_tail(&toy_sk(sk)->node, &tn->socks);
	spin_unlock_bh(&tn->socks_lock);
}

/**
 * toy_sock_unlist() - the socket is no longer to be seen
 * @sk: socket that is being closed
 *
 * Context: process or softirq.
 */
void toy_sock_unlist(struct sock *sk)
{
	struct toy_net *tn = toy_sock_net(sk);
	struct toy_sock *ts = toy_sk(sk);

	toy_event_sock(tn, TOY_EV_SOCK_GONE, sk);
	spin_lock_bh(&tn->socks_lock);
	list_del_init(&ts->node);
	spin_unlock_bh(&tn->socks_lock);
}
EXPORT_SYMBOL_GPL(toy_sock_unlist);

/**
 * toy_sock_destruct() - sk->sk_destruct: the last reference is gone
 * @sk: socket, a grace period after its last use
 */
void toy_sock_destruct(struct sock *sk)
{
	toy_sock_path_drop(sk);
	toy_sock_rare_free(sk);
	kfree(toy_sk(sk)->mcast);
	skb_queue_purge(&sk->sk_receive_queue);
	skb_queue_purge(&sk->sk_error_queue);
	sk_mem_reclaim_final(sk);

	WARN_ON_ONCE(!sock_flag(sk, SOCK_DEAD));
	WARN_ON_ONCE(atomic_read(&sk->sk_rmem_alloc));
	WARN_ON_ONCE(refcount_read(&sk->sk_wmem_alloc));
	WARN_ON_ONCE(sk->sk_forward_alloc);
}

/**
 * toy_release() - close(2)
 * @sock: socket
 *
 * Return: 0.
 */
int toy_release(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (sk) {
		sock->sk = NULL;
		toy_sock_mcast_close(sk);
		sk->sk_prot->close(sk, 0);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(toy_release);

/**
 * toy_sendmsg() - sendmsg(2) and its relatives
 * @sock: socket
 * @msg: message
 * @len: bytes in it
 *
 * Return: bytes sent or a negative errno.
 */
int toy_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	return sock->sk->sk_prot->sendmsg(sock->sk, msg, len);
}
EXPORT_SYMBOL_GPL(toy_sendmsg);

/**
 * toy_recvmsg() - recvmsg(2) and its relatives
 * @sock: socket
 * @msg: message
 * @len: room for data
 * @flags: MSG_*
 *
 * Return: bytes received or a negative errno.
 */
int toy_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct sock *sk = sock->sk;
	int addr_len = 0;
	int n;

	if (likely(!(flags & MSG_ERRQUEUE)))
		sock_rps_record_flow(sk);
	n = sk->sk_prot->recvmsg(sk, msg, len, flags, &addr_len);
	if (n >= 0)
		msg->msg_namelen = addr_len;
	return n;
}
EXPORT_SYMBOL_GPL(toy_recvmsg);

/* SIOCINQ of datagrams: the size of the next one. */
static int toy_next_datagram(struct sock *sk)
{
	struct sk_buff *skb;
	int n = 0;

	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb = skb_peek(&sk->sk_receive_queue);
	if (skb)
		n = skb->len;
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	return n;
}

/**
 * toy_ioctl() - ioctl(2) of datagram sockets
 * @sock: socket
 * @cmd: SIOCINQ, SIOCOUTQ, those of netdevice(7); the core has done what is common to all families
 * @arg: user pointer
 *
 * Return: 0, -EFAULT, -ENOIOCTLCMD or an errno of toy_ifreq_ioctl().
 */
int toy_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;

	switch (cmd) {
	case SIOCINQ:
		return put_user(toy_next_datagram(sk), (int __user *)arg);
	case SIOCOUTQ:
		return put_user(sk_wmem_alloc_get(sk), (int __user *)arg);
	default:
		return toy_ifreq_ioctl(sk, cmd, arg);
	}
}
EXPORT_SYMBOL_GPL(toy_ioctl);

/**
 * toy_shutdown() - shutdown(2) of datagram sockets
 * @sock: socket
 * @how: SHUT_RD, SHUT_WR or SHUT_RDWR
 *
 * Return: 0, -EINVAL for another @how, -ENOTCONN without a peer: even then
 * the socket is shut and whoever sleeps in recv(2) is woken, as AF_INET does.
 */
int toy_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	how++;			/* RCV_SHUTDOWN is 1, SEND_SHUTDOWN is 2 */

	lock_sock(sk);
	if (sk->sk_state != TCP_ESTABLISHED)
		err = -ENOTCONN;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}
EXPORT_SYMBOL_GPL(toy_shutdown);

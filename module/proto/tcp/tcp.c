// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP joins the family and IP: SOCK_STREAM sockets, their birth and the end of
 * a namespace.
 *
 *	open	connect.c -> output.c		listen.c -> synack.c
 *	in	rcv.c -> segment.c -> ack.c -> score.c, recovery.c
 *				   -> data.c, reasm.c
 *	out	send.c -> output.c -> xmit.c -> toy_ip_output()
 *	close	close.c -> state.c, timewait.c
 *	time	timer.c
 */
#include <linux/module.h>
#include <linux/swap.h>

#include "../ip.h"
#include "fastopen.h"
#include "stamp.h"
#include "synack.h"
#include "tcp.h"
#include "timewait.h"

/* ---- sockets --------------------------------------------------------- */

static int toy_tcp_sock_init(struct sock *sk)
{
	struct toy_net *tn = toy_sock_net(sk);
	const struct toy_sysctl *sc = &tn->sysctl;
	struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct toy_cc_ops *cc;

	tp->ts.conn.kind = TOY_CONN_SOCK;
	INIT_LIST_HEAD(&tp->accept_node);
	INIT_LIST_HEAD(&tp->tsq);
	toy_tcp_timers_init(sk);
	toy_tcp_init_xmit_state(sk);

	rcu_read_lock();
	cc = rcu_dereference(tn->tcp_cc);
	if (!cc || !toy_cc_hold(cc)) {
		cc = &toy_cc_reno;
		toy_cc_hold(cc);
	}
	rcu_read_unlock();
	tp->cc.ops = cc;

	sk->sk_backlog_rcv = sk->sk_prot->backlog_rcv;
	sk->sk_write_space = toy_tcp_write_space;
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(sc->tcp_wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(sc->tcp_rmem[1]));
	sk_sockets_allocated_inc(sk);
	return 0;
}

/* release_sock(): what timers and others have left for the one who had the
 * lock. Each bit has a reference.
 */
static void toy_tcp_release_cb(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (likely(!(READ_ONCE(tp->deferred) &
		     (BIT(TOY_DEFER_XTIMER) | BIT(TOY_DEFER_DELACK) |
		      BIT(TOY_DEFER_TSQ) | BIT(TOY_DEFER_MTU)))))
		return;
	if (test_and_clear_bit(TOY_DEFER_TSQ, &tp->deferred)) {
		if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
					   TCPF_CLOSING | TCPF_CLOSE_WAIT |
					   TCPF_LAST_ACK))
			toy_tcp_output(sk, false, tp->nagle);
		__sock_put(sk);
	}
	if (test_and_clear_bit(TOY_DEFER_XTIMER, &tp->deferred)) {
		toy_tcp_xtimer_run(sk);
		__sock_put(sk);
	}
	if (test_and_clear_bit(TOY_DEFER_DELACK, &tp->deferred)) {
		toy_tcp_delack_run(sk);
		__sock_put(sk);
	}
	if (test_and_clear_bit(TOY_DEFER_MTU, &tp->deferred)) {
		toy_tcp_mtu_reduced(sk);
		__sock_put(sk);
	}
}

/* TCP_NOTSENT_LOWAT: is there room to write? */
static bool toy_tcp_memory_free(const struct sock *sk, int wake)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 lowat = READ_ONCE(tp->notsent_lowat);
	u32 notsent = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt);

	if (!lowat)
		lowat = READ_ONCE(toy_sock_net(sk)->sysctl.tcp_notsent_lowat);
	return (u64)notsent << wake < lowat;
}

static void toy_tcp_keepalive(struct sock *sk, int val)
{
	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return;
	if (val && !sock_flag(sk, SOCK_KEEPOPEN))
		toy_tcp_keepalive_arm(sk, toy_tcp_keepidle(toy_tcp(sk)));
	else if (!val)
		sk_stop_timer(sk, &sk->sk_timer);
}

/* ---- operations ------------------------------------------------------ */

static int toy_stream_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	long timeout = 0;

	if (!sk)
		return 0;
	if (sock_flag(sk, SOCK_LINGER) && !(current->flags & PF_EXITING))
		timeout = sk->sk_lingertime;
	sock->sk = NULL;
	sk->sk_prot->close(sk, timeout);
	return 0;
}

static int toy_accept(struct socket *sock, struct socket *newsock, int flags)
{
	struct sock *child;
	int err;

	child = toy_tcp_accept_one(sock->sk, flags, &err);
	if (!child)
		return err;
	lock_sock(child);
	sock_graft(child, newsock);
	toy_compat_custom_sockopt(newsock);
	set_bit(SOCK_SUPPORT_ZC, &newsock->flags);
	newsock->state = SS_CONNECTED;
	release_sock(child);
	return 0;
}

TOY_COMPAT_ACCEPT(toy_stream_accept, toy_accept)

const struct proto_ops toy_stream_ops = {
	.family		= PF_TOY,
	.owner		= THIS_MODULE,
	.release	= toy_stream_release,
	.bind		= toy_bind,
	.connect	= toy_tcp_connect,
	.socketpair	= toy_stream_socketpair,
	.accept		= toy_stream_accept,
	.getname	= toy_getname,
	.poll		= toy_tcp_poll,
	.ioctl		= toy_tcp_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= toy_tcp_listen,
	.shutdown	= toy_tcp_shutdown,
	.setsockopt	= toy_setsockopt,
	.getsockopt	= toy_getsockopt,
	.sendmsg	= toy_sendmsg,
	.recvmsg	= toy_recvmsg,
	.mmap		= sock_no_mmap,
	.set_peek_off	= sk_set_peek_off,
	.set_rcvlowat	= toy_tcp_set_rcvlowat,
	TOY_COMPAT_SENDPAGE
};

/* ---- the protocol ---------------------------------------------------- */

static atomic_long_t toy_tcp_memory_allocated;
static DEFINE_PER_CPU(int, toy_tcp_memory_per_cpu);
static struct percpu_counter toy_tcp_sockets;
static unsigned long toy_tcp_pressure;
static long toy_tcp_mem[3];

static void toy_tcp_enter_pressure(struct sock *sk)
{
	if (!READ_ONCE(toy_tcp_pressure)) {
		WRITE_ONCE(toy_tcp_pressure, 1);
		toy_count(toy_sock_net(sk), TOY_MIB_TCP_MEMORY_PRESSURES);
	}
}

static void toy_tcp_leave_pressure(struct sock *sk)
{
	if (READ_ONCE(toy_tcp_pressure))
		WRITE_ONCE(toy_tcp_pressure, 0);
}

static struct toy_ports *toy_tcp_ports_of(struct toy_net *tn)
{
	return tn->tcp->ports;
}

/* The core's limits by socket; a namespace's stand in its sysctls. */
static int toy_tcp_wmem_min[3] = { 4096, 16384, 4194304 };
static int toy_tcp_rmem_min[3] = { 4096, 131072, 6291456 };

struct toy_prot toy_tcp_prot = {
	.prot = {
		.name			= "TOY-TCP",
		.owner			= THIS_MODULE,
		.obj_size		= sizeof(struct toy_tcp_sock),
		.init			= toy_tcp_sock_init,
		.close			= toy_tcp_close,
		.diag_destroy		= toy_tcp_abort,
		.unhash			= toy_tcp_unhash,
		.setsockopt		= toy_tcp_setsockopt,
		.getsockopt		= toy_tcp_getsockopt,
		.keepalive		= toy_tcp_keepalive,
		.sendmsg		= toy_tcp_sendmsg,
		.recvmsg		= toy_tcp_recvmsg,
		.backlog_rcv		= toy_tcp_backlog_rcv,
		.release_cb		= toy_tcp_release_cb,
		.stream_memory_free	= toy_tcp_memory_free,
		.enter_memory_pressure	= toy_tcp_enter_pressure,
		.leave_memory_pressure	= toy_tcp_leave_pressure,
		.sockets_allocated	= &toy_tcp_sockets,
		.memory_allocated	= &toy_tcp_memory_allocated,
		.per_cpu_fw_alloc	= &toy_tcp_memory_per_cpu,
		.memory_pressure	= &toy_tcp_pressure,
		.sysctl_mem		= toy_tcp_mem,
		.sysctl_wmem		= toy_tcp_wmem_min,
		.sysctl_rmem		= toy_tcp_rmem_min,
	},
	.name			= "tcp",
	.ports			= toy_tcp_ports_of,
	.tskey_base		= toy_tcp_tskey_base,
	.listens		= true,
	.zerocopy		= true,
	.privileged_ports	= true,
};

static struct toy_sock_type toy_tcp_type = {
	.type		= SOCK_STREAM,
	.protocol	= IPPROTO_TCP,
	.number		= TOYPROTO_TCP,
	.prot		= &toy_tcp_prot,
	.ops		= &toy_stream_ops,
};

static const struct toy_ip_proto toy_tcp_proto = {
	.owner	= THIS_MODULE,
	.proto	= IPPROTO_TCP,
	.rcv	= toy_tcp_rcv,
	.known	= toy_tcp_known,
	.err	= toy_tcp_err,
};

/**
 * toy_tcp_net_init() - make TCP's tables in a namespace
 * @tn: namespace
 *
 * Return: 0 or a negative errno.
 */
int toy_tcp_net_init(struct toy_net *tn)
{
	struct toy_tcp_net *tt = kzalloc(sizeof(*tt), GFP_KERNEL_ACCOUNT);
	int err;

	if (!tt)
		return -ENOMEM;
	tt->tn = tn;
	toy_challenge_init(&tt->challenge);
	atomic_set(&tt->port_salt, get_random_u32());
	err = toy_ports_new(tn, &tt->ports);
	if (err)
		goto free;
	tt->fo = toy_fo_net_new();
	err = tt->fo ? toy_conn_table_init(tt) : -ENOMEM;
	if (err)
		goto free_ports;
	/* As the namespace of the initial one would be: CUBIC. */
	toy_cc_hold(&toy_cc_cubic);
	rcu_assign_pointer(tn->tcp_cc, &toy_cc_cubic);
	tn->tcp = tt;
	return 0;

free_ports:
	toy_fo_net_free(tt->fo);
	toy_ports_free(&tt->ports);
free:
	kfree(tt);
	return err;
}

/**
 * toy_tcp_net_exit() - the opposite of toy_tcp_net_init()
 * @tn: namespace, without sockets and traffic; what is in TIME_WAIT goes
 */
void toy_tcp_net_exit(struct toy_net *tn)
{
	struct toy_tcp_net *tt = tn->tcp;

	toy_conn_table_exit(tt);
	toy_fo_net_free(tt->fo);
	toy_ports_free(&tt->ports);
	toy_cc_put(unrcu_pointer(xchg(&tn->tcp_cc, NULL)));
	tn->tcp = NULL;
	kfree(tt);
}

/**
 * toy_tcp_init() - join IP and the family
 *
 * Return: 0 or a negative errno.
 */
int toy_tcp_init(void)
{
	int err;

	toy_mem_limits(toy_tcp_mem);
	toy_tsq_init();
	err = percpu_counter_init(&toy_tcp_sockets, 0, GFP_KERNEL);
	if (err)
		return err;
	err = toy_sock_type_register(&toy_tcp_type);
	if (err)
		goto counter;
	err = toy_ip_proto_register(&toy_tcp_proto);
	if (!err)
		return 0;
	toy_sock_type_unregister(&toy_tcp_type);
counter:
	percpu_counter_destroy(&toy_tcp_sockets);
	return err;
}

/**
 * toy_tcp_exit() - the opposite of toy_tcp_init(); no socket is left
 */
void toy_tcp_exit(void)
{
	toy_ip_proto_unregister(&toy_tcp_proto);
	toy_sock_type_unregister(&toy_tcp_type);
	toy_tsq_exit();
	percpu_counter_destroy(&toy_tcp_sockets);
}

/**
 * toy_tcp_caches_init() - before the first namespace: what its tables hold
 *
 * Return: 0 or a negative errno.
 */
int toy_tcp_caches_init(void)
{
	int err = toy_req_init();

	if (err)
		return err;
	err = toy_tw_init();
	if (err)
		goto req;
	err = toy_cc_init();
	if (err)
		goto tw;
	return 0;
tw:
	toy_tw_exit();
req:
	toy_req_exit();
	return err;
}

/**
 * toy_tcp_caches_exit() - after the last namespace
 */
void toy_tcp_caches_exit(void)
{
	toy_cc_exit();
	toy_tw_exit();
	toy_req_exit();
}

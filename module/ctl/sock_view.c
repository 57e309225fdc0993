// SPDX-License-Identifier: GPL-2.0-only
/*
 * The numbers of a socket.
 *
 * Nothing here waits for a program that has the socket's lock: it may sleep
 * with it. Without it the numbers are those of the moment, not of one and the
 * same moment.
 */
#include <net/sock.h>
#include <net/tcp_states.h>

#include "sock_view.h"
#include "../proto/tcp/tcp.h"
#include "../sock/sock.h"

/* The core's sock_gen_cookie() is not for modules. Ours start where its own
 * counter does not get to, so that no two sockets have the same.
 */
#define TOY_COOKIE_BASE	BIT_ULL(62)

/**
 * toy_sock_cookie() - the number that stands for the socket as long as it lives
 * @sk: socket
 *
 * Return: the cookie, made at the first call.
 */
u64 toy_sock_cookie(struct sock *sk)
{
	static atomic64_t last = ATOMIC64_INIT(TOY_COOKIE_BASE);

	if (!atomic64_read(&sk->sk_cookie))
		atomic64_cmpxchg(&sk->sk_cookie, 0,
				 atomic64_inc_return(&last));
	return atomic64_read(&sk->sk_cookie);
}

/**
 * toy_sock_id() - both ends, protocol and state
 * @sk: socket, which outlives the answer
 *
 * Return: the identity; its addresses point into @sk.
 */
struct toy_sock_id toy_sock_id(const struct sock *sk)
{
	return (struct toy_sock_id) {
		.laddr = &sk->sk_v6_rcv_saddr,
		.raddr = &sk->sk_v6_daddr,
		.protocol = sk->sk_protocol,
		.ifindex = READ_ONCE(sk->sk_bound_dev_if),
		.lport = READ_ONCE(sk->sk_num),
		.rport = ntohs(READ_ONCE(sk->sk_dport)),
		.state = READ_ONCE(sk->sk_state),
	};
}

/* Of a listener, connections that wait and their limit; else bytes: arrived and
 * not read, written and not acknowledged.
 */
static struct toy_queues_view toy_tcp_queues(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 state = READ_ONCE(sk->sk_state);
	s32 unread;

	if (state == TCP_LISTEN)
		return (struct toy_queues_view) {
			READ_ONCE(sk->sk_ack_backlog),
			READ_ONCE(sk->sk_max_ack_backlog),
		};
	unread = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);
	/* The FIN has a number, too. */
	if (unread > 0 && sock_flag(sk, SOCK_DONE))
		unread--;
	return (struct toy_queues_view) {
		max(unread, 0),
		state == TCP_CLOSE ? 0 : READ_ONCE(tp->write_seq) -
					 READ_ONCE(tp->snd_una),
	};
}

/**
 * toy_sock_queues() - what waits to be read, and to be sent
 * @sk: socket
 *
 * Return: the queues.
 */
struct toy_queues_view toy_sock_queues(const struct sock *sk)
{
	if (sk->sk_protocol == TOYPROTO_TCP)
		return toy_tcp_queues(sk);
	return (struct toy_queues_view) {
		sk_rmem_alloc_get(sk), sk_wmem_alloc_get(sk),
	};
}

/**
 * toy_sock_timer() - the timer that runs
 * @sk: socket
 *
 * Return: the timer, TOY_SOCK_TIMER_OFF if none does.
 */
struct toy_timer_view toy_sock_timer(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u8 xtimer;

	if (sk->sk_protocol != TOYPROTO_TCP)
		return (struct toy_timer_view) { TOY_SOCK_TIMER_OFF };
	xtimer = READ_ONCE(tp->xtimer);
	if (xtimer == TOY_XT_PERSIST)
		return (struct toy_timer_view) {
			TOY_SOCK_TIMER_PERSIST, READ_ONCE(tp->probes),
			READ_ONCE(tp->xtimer_due),
		};
	if (xtimer != TOY_XT_NONE)
		return (struct toy_timer_view) {
			TOY_SOCK_TIMER_RETRANS, READ_ONCE(tp->retransmits),
			READ_ONCE(tp->xtimer_due),
		};
	/* An orphan's stay in FIN_WAIT_2, too, as in ss. */
	if (timer_pending(&sk->sk_timer))
		return (struct toy_timer_view) {
			TOY_SOCK_TIMER_KEEPALIVE, READ_ONCE(tp->probes),
			READ_ONCE(sk->sk_timer.expires),
		};
	return (struct toy_timer_view) { TOY_SOCK_TIMER_OFF };
}

/**
 * toy_sock_mem() - SK_MEMINFO_*; the core's sk_get_meminfo() is not for modules
 * @sk: socket
 * @mem: bytes, and the number of drops
 */
void toy_sock_mem(const struct sock *sk, u32 mem[SK_MEMINFO_VARS])
{
	mem[SK_MEMINFO_RMEM_ALLOC] = sk_rmem_alloc_get(sk);
	mem[SK_MEMINFO_RCVBUF] = READ_ONCE(sk->sk_rcvbuf);
	mem[SK_MEMINFO_WMEM_ALLOC] = sk_wmem_alloc_get(sk);
	mem[SK_MEMINFO_SNDBUF] = READ_ONCE(sk->sk_sndbuf);
	mem[SK_MEMINFO_FWD_ALLOC] = READ_ONCE(sk->sk_forward_alloc);
	mem[SK_MEMINFO_WMEM_QUEUED] = READ_ONCE(sk->sk_wmem_queued);
	mem[SK_MEMINFO_OPTMEM] = atomic_read(&sk->sk_omem_alloc);
	mem[SK_MEMINFO_BACKLOG] = READ_ONCE(sk->sk_backlog.len);
	mem[SK_MEMINFO_DROPS] = atomic_read(&sk->sk_drops);
}

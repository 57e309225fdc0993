// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not more than a little of a connection waits in the device's queue.
 *
 * A sender that fills the queue of its device delays everybody else's packets
 * and its own retransmissions. So output stops while about a millisecond of
 * its rate, or two super-segments, are below (sk_wmem_alloc counts them), and
 * goes on when the device gives one back.
 *
 *	device frees a packet: sock_wfree() -> sk->sk_write_space
 *		THROTTLED? -> this CPU's list -> tasklet -> toy_tcp_output()
 *
 * The call comes in any context, also from under our own transmission with the
 * socket locked: so it only queues the socket. While it is queued it holds one
 * unit of sk_wmem_alloc, which keeps the socket as a packet would.
 */
#include <linux/interrupt.h>

#include "tcp.h"

struct toy_tsq {
	struct tasklet_struct tasklet;
	struct list_head head;
};

static DEFINE_PER_CPU(struct toy_tsq, toy_tsq);

static void toy_tsq_go_on(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
				     TCPF_CLOSING | TCPF_CLOSE_WAIT |
				     TCPF_LAST_ACK)))
		return;
	if (tp->lost_out > tp->retrans_out && tp->cc.cwnd > toy_tcp_in_flight(tp)) {
		toy_tcp_now(tp);
		toy_tcp_rexmit(sk, TOY_REXMIT_LOST);
	}
	toy_tcp_output(sk, false, tp->nagle);
}

/**
 * toy_tcp_wake_output() - what kept the connection from sending is over
 * @sk: socket, not locked, held by the caller
 *
 * If a program has it, release_sock() goes on.
 * Context: softirq.
 */
void toy_tcp_wake_output(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk)) {
		toy_tsq_go_on(sk);
	} else if (!test_and_set_bit(TOY_DEFER_TSQ, &tp->deferred)) {
		/* The last packet may be what keeps it: look before. */
		if (!refcount_inc_not_zero(&sk->sk_refcnt))
			clear_bit(TOY_DEFER_TSQ, &tp->deferred);
	}
	bh_unlock_sock(sk);
}

static void toy_tsq_run(struct tasklet_struct *t)
{
	struct toy_tsq *q = from_tasklet(q, t, tasklet);
	struct toy_tcp_sock *tp, *next;
	unsigned long flags;
	LIST_HEAD(list);

	local_irq_save(flags);
	list_splice_init(&q->head, &list);
	local_irq_restore(flags);

	list_for_each_entry_safe(tp, next, &list, tsq) {
		list_del(&tp->tsq);
		/* Off the list first: from here on it may be queued again. */
		smp_mb__before_atomic();
		clear_bit(TOY_TSQ_QUEUED, &tp->deferred);
		toy_tcp_wake_output(toy_tcp_to_sock(tp));
		sk_free(toy_tcp_to_sock(tp));
	}
}

/**
 * toy_tsq_throttled() - is enough of this socket with the device?
 * @sk: socket, locked
 * @skb: what would be sent next
 *
 * Return: true: do not send; toy_tcp_output() is called when there is room.
 */
bool toy_tsq_throttled(struct sock *sk, const struct sk_buff *skb)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	unsigned long limit;

	limit = max_t(unsigned long, 2 * skb->truesize,
		      READ_ONCE(sk->sk_pacing_rate) >>
		      READ_ONCE(sk->sk_pacing_shift));
	if (READ_ONCE(sk->sk_pacing_status) == SK_PACING_NONE)
		limit = min_t(unsigned long, limit,
			      READ_ONCE(toy_sock_net(sk)->sysctl.tcp_limit_output_bytes));
	limit = max_t(unsigned long, limit, 2 * skb->truesize);
	if (likely(refcount_read(&sk->sk_wmem_alloc) <= limit))
		return false;
	/* The head of an idle queue goes always: nobody would wake it. */
	if (toy_tcp_rtx_empty(sk))
		return false;
	set_bit(TOY_TSQ_THROTTLED, &tp->deferred);
	/* The bit before the second look: it may have been given back. */
	smp_mb__after_atomic();
	return refcount_read(&sk->sk_wmem_alloc) > limit;
}

static void toy_tsq_queue(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_tsq *q;
	unsigned long flags;

	clear_bit(TOY_TSQ_THROTTLED, &tp->deferred);
	if (test_and_set_bit(TOY_TSQ_QUEUED, &tp->deferred))
		return;
	refcount_inc(&sk->sk_wmem_alloc);
	local_irq_save(flags);
	q = this_cpu_ptr(&toy_tsq);
	list_add_tail(&tp->tsq, &q->head);
	tasklet_schedule(&q->tasklet);
	local_irq_restore(flags);
}

/**
 * toy_tcp_write_space() - sk->sk_write_space: the device has freed a packet
 * @sk: socket
 *
 * Context: any.
 */
void toy_tcp_write_space(struct sock *sk)
{
	if (unlikely(test_bit(TOY_TSQ_THROTTLED, &toy_tcp(sk)->deferred)))
		toy_tsq_queue(sk);
}

void toy_tsq_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct toy_tsq *q = per_cpu_ptr(&toy_tsq, cpu);

		INIT_LIST_HEAD(&q->head);
		tasklet_setup(&q->tasklet, toy_tsq_run);
	}
}

void toy_tsq_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&toy_tsq, cpu)->tasklet);
}

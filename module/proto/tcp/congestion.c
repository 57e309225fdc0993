// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between a connection and its congestion control (cc.h): inputs are kept
 * current, events told, algorithms chosen.
 */
#include "tcp.h"

/**
 * toy_tcp_cc_inputs() - bring struct toy_cc up to date
 * @tp: connection, locked
 */
void toy_tcp_cc_inputs(struct toy_tcp_sock *tp)
{
	struct toy_cc *cc = &tp->cc;

	cc->srtt_us = toy_rtt_srtt_us(&tp->rtt);
	cc->min_rtt_us = tp->rtt.min_us;
	cc->snd_una = tp->snd_una;
	cc->snd_nxt = tp->snd_nxt;
	cc->mss = tp->mss;
	cc->cwnd_limited = toy_cwv_limited(&tp->cwv, cc->cwnd,
					   toy_cc_in_slow_start(cc));
}

/**
 * toy_tcp_cc_event() - tell the algorithm
 * @sk: socket, locked
 * @what: what has happened
 */
void toy_tcp_cc_event(struct sock *sk, enum toy_cc_event what)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->cc.ops && tp->cc.ops->event) {
		toy_tcp_cc_inputs(tp);
		tp->cc.ops->event(&tp->cc, what, tp->now_us);
	}
}

/**
 * toy_tcp_cc_start() - the algorithm begins
 * @sk: socket, locked, just synchronised or with another algorithm
 */
void toy_tcp_cc_start(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	memset(tp->cc.priv, 0, sizeof(tp->cc.priv));
	toy_tcp_cc_inputs(tp);
	if (tp->cc.ops->init)
		tp->cc.ops->init(&tp->cc);
}

/**
 * toy_tcp_set_cc() - TCP_CONGESTION
 * @sk: socket, locked
 * @name: algorithm
 * @capable: the caller has CAP_NET_ADMIN in the namespace
 *
 * Return: 0, -ENOENT, -EPERM.
 */
int toy_tcp_set_cc(struct sock *sk, const char *name, bool capable)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct toy_cc_ops *ops = toy_cc_get(name);

	if (!ops)
		return -ENOENT;
	if (ops->restricted && !capable) {
		toy_cc_put(ops);
		return -EPERM;
	}
	if (ops == tp->cc.ops) {
		toy_cc_put(ops);
		return 0;
	}
	toy_cc_put(tp->cc.ops);
	tp->cc.ops = ops;
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT))) {
		toy_tcp_now(tp);
		toy_tcp_cc_start(sk);
	}
	return 0;
}

/**
 * toy_tcp_set_default_cc() - net.toy.tcp_congestion_control
 * @tn: namespace
 * @name: algorithm
 *
 * Return: 0, -ENOENT, or -ENODEV while the namespace comes or goes.
 */
int toy_tcp_set_default_cc(struct toy_net *tn, const char *name)
{
	const struct toy_cc_ops *ops = toy_cc_get(name), *old;

	if (!ops)
		return -ENOENT;
	do {
		old = rcu_access_pointer(tn->tcp_cc);
		if (!old) {
			toy_cc_put(ops);
			return -ENODEV;
		}
	} while (cmpxchg(&tn->tcp_cc, RCU_INITIALIZER(old),
			 RCU_INITIALIZER(ops)) != RCU_INITIALIZER(old));
	/* New sockets take their own reference under RCU. */
	synchronize_rcu();
	toy_cc_put(old);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: what `toy ss` tells of TCP.
 *
 * Of a socket: its timer, TCP_INFO, congestion control, and queues in bytes of
 * the stream. If no program has the socket's lock, the spin lock is taken, and
 * the numbers are those of one moment. If one has, nobody waits for it: they
 * are read as they are.
 *
 * Of connections without a socket (struct toy_mini): both ends, state and timer.
 */
#include <net/sock.h>
#include <net/tcp_states.h>

#include "genl.h"
#include "../proto/tcp/tcp.h"
#include "../sock/sock.h"

/* ---- sockets --------------------------------------------------------- */

static int toy_tcp_fill_timer(struct sk_buff *skb, const struct toy_timer_view *t)
{
	return nla_put_u8(skb, TOY_SOCK_A_TIMER, t->which) ?:
	       (t->which == TOY_SOCK_TIMER_OFF ? 0 :
		nla_put_u32(skb, TOY_SOCK_A_TIMER_MS,
			    toy_timer_view_ms(t)) ?:
		nla_put_u8(skb, TOY_SOCK_A_RETRANS, t->retrans));
}

/* RCU keeps the algorithm, should the program choose another. */
static int toy_tcp_fill_cong(struct sk_buff *skb, const struct sock *sk)
{
	const struct toy_cc *cc = &toy_tcp(sk)->cc;
	const struct toy_cc_ops *ops = READ_ONCE(cc->ops);
	u64 info[8] = {};		/* union tcp_cc_info */
	int len = 0;

	if (!ops)
		return 0;
	if (ops->info && !((1 << READ_ONCE(sk->sk_state)) &
			   (TCPF_CLOSE | TCPF_LISTEN)))
		len = ops->info(cc, info);
	return nla_put_string(skb, TOY_SOCK_A_CONG, ops->name) ?:
	       (len > 0 ? nla_put(skb, TOY_SOCK_A_CONG_INFO, len, info) : 0);
}

static int toy_tcp_fill_info(struct sk_buff *skb, struct sock *sk)
{
	struct toy_tcp_info info;

	toy_tcp_info(sk, &info);
	return nla_put(skb, TOY_SOCK_A_INFO, sizeof(info), &info);
}

/**
 * toy_genl_tcp_fill_locked() - what toy_genl_tcp_fill() writes
 * @skb: message buffer, borrowed
 * @sk: TCP socket; its lock is the caller's, or nobody has it any more
 *
 * Context: RCU; process or softirq.
 * Return: 0 or -EMSGSIZE.
 */
int toy_genl_tcp_fill_locked(struct sk_buff *skb, struct sock *sk)
{
	struct toy_timer_view timer = toy_sock_timer(sk);

	return toy_sock_fill_queues(skb, toy_sock_queues(sk)) ?:
	       toy_tcp_fill_timer(skb, &timer) ?:
	       toy_tcp_fill_info(skb, sk) ?:
	       toy_tcp_fill_cong(skb, sk);
}

/**
 * toy_genl_tcp_fill() - attributes that only TCP's sockets have, and the queues
 * @skb: message buffer, borrowed
 * @sk: TCP socket, with a reference
 *
 * Context: process; waits for no program.
 * Return: 0 or -EMSGSIZE.
 */
int toy_genl_tcp_fill(struct sk_buff *skb, struct sock *sk)
{
	int err;

	rcu_read_lock();
	spin_lock_bh(&sk->sk_lock.slock);
	err = toy_genl_tcp_fill_locked(skb, sk);
	spin_unlock_bh(&sk->sk_lock.slock);
	rcu_read_unlock();
	return err;
}

/* ---- what has no socket ---------------------------------------------- */

struct toy_mini_show {
	const struct toy_mini *mini;
	bool admin;
};

static int toy_genl_mini_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_mini_show *show = object;
	const struct toy_mini *m = show->mini;

	return nla_put_u8(skb, TOY_SOCK_A_TYPE, SOCK_STREAM) ?:
	       nla_put_string(skb, TOY_SOCK_A_PROTO_NAME, toy_tcp_prot.name) ?:
	       toy_sock_id_fill(skb, &m->id) ?:
	       toy_sock_fill_queues(skb, (struct toy_queues_view) {}) ?:
	       toy_tcp_fill_timer(skb, &m->timer) ?:
	       (show->admin ? nla_put_u32(skb, TOY_SOCK_A_MARK, m->mark) : 0);
}

static bool toy_minis_unwanted(struct nlattr **attrs)
{
	return attrs &&
	       (attrs[TOY_SOCK_A_COOKIE] ||
		(attrs[TOY_SOCK_A_PROTOCOL] &&
		 nla_get_u32(attrs[TOY_SOCK_A_PROTOCOL]) != TOYPROTO_TCP));
}

struct toy_mini_dump {
	struct toy_mini_walk *walk;
	struct sk_buff *skb;
	struct netlink_callback *cb;
	u32 torn;
};

static int toy_genl_mini_show(const struct toy_mini *m, void *arg)
{
	struct toy_mini_dump *dump = arg;
	struct netlink_callback *cb = dump->cb;
	struct toy_mini_show show = {
		.mini = m,
		.admin = netlink_net_capable(cb->skb, CAP_NET_ADMIN),
	};

	if (!toy_sock_id_wanted(&m->id, toy_genl_dump_attrs(cb)))
		return 0;
	cb->seq = 1 + dump->torn + dump->walk->torn;
	return toy_genl_put_dump(dump->skb, cb, TOY_CMD_SOCK_GET,
				 toy_genl_mini_fill, &show);
}

/**
 * toy_genl_mini_dump() - show what has no socket
 * @w: where to go on
 * @skb: message buffer
 * @cb: the dump
 * @torn: times that the dump was torn before
 *
 * Context: process.
 * Return: 0 at the end, -EMSGSIZE to be called again, or a negative errno.
 */
int toy_genl_mini_dump(struct toy_mini_walk *w, struct sk_buff *skb,
		       struct netlink_callback *cb, u32 torn)
{
	struct toy_mini_dump dump = {
		.walk = w, .skb = skb, .cb = cb, .torn = torn,
	};

	if (toy_minis_unwanted(toy_genl_dump_attrs(cb)))
		return 0;
	return toy_mini_walk(w, toy_genl_mini_show, &dump);
}

static bool toy_genl_mini_wanted(const struct toy_mini *m, const void *arg)
{
	return toy_sock_id_wanted(&m->id, (struct nlattr **)arg);
}

/**
 * toy_genl_mini_kill() - end what has no socket
 * @tn: namespace
 * @attrs: all must match
 *
 * Context: process.
 * Return: true if there was any.
 */
bool toy_genl_mini_kill(struct toy_net *tn, struct nlattr **attrs)
{
	struct in6_addr laddr, raddr;
	struct toy_sock_id id = { .laddr = &laddr, .raddr = &raddr };

	if (toy_minis_unwanted(attrs))
		return false;
	if (!attrs || !attrs[TOY_SOCK_A_LADDR] || !attrs[TOY_SOCK_A_RADDR] ||
	    !attrs[TOY_SOCK_A_LPORT] || !attrs[TOY_SOCK_A_RPORT])
		return toy_mini_kill(tn, toy_genl_mini_wanted, attrs);
	laddr = toy_nla_addr(attrs[TOY_SOCK_A_LADDR]);
	raddr = toy_nla_addr(attrs[TOY_SOCK_A_RADDR]);
	id.lport = nla_get_u16(attrs[TOY_SOCK_A_LPORT]);
	id.rport = nla_get_u16(attrs[TOY_SOCK_A_RPORT]);
	id.ifindex = toy_nla_u32(attrs[TOY_SOCK_A_IFINDEX]);
	return toy_mini_kill_one(tn, &id, toy_genl_mini_wanted, attrs);
}

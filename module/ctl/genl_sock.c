// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: sockets, for `toy ss`.
 *
 * Everybody sees all sockets of the namespace, as ss(8) shows them; the mark
 * is for administrators. Nothing here waits for a socket's lock to look at it:
 * a program may sleep with it, and requests are served one at a time. So the
 * numbers are those of the moment, not of one and the same moment.
 *
 *	dump, kill	sockets, from the namespace's list
 *			then TCP's half-open connections and TIME_WAIT, which
 *			are no sockets (genl_tcp.c)
 *
 * Closing (SOCK_KILL) is what `ss -K` does: the program finds ECONNABORTED on
 * its socket; a protocol that knows better has its own diag_destroy(). Orphans
 * are on the list, too, until their connection is over.
 */
#include <net/sock.h>

#include "genl.h"
#include "../sock/sock.h"

/* What SOCK_KILL matches by; SOCK_GET takes the same as a filter. */
const struct nla_policy toy_sock_policy[TOY_SOCK_A_MAX + 1] = {
	[TOY_SOCK_A_PROTOCOL]	= { .type = NLA_U32 },
	[TOY_SOCK_A_STATE]	= { .type = NLA_U8 },
	[TOY_SOCK_A_LADDR]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_SOCK_A_LPORT]	= { .type = NLA_U16 },
	[TOY_SOCK_A_RADDR]	= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[TOY_SOCK_A_RPORT]	= { .type = NLA_U16 },
	[TOY_SOCK_A_IFINDEX]	= { .type = NLA_U32 },
	[TOY_SOCK_A_COOKIE]	= { .type = NLA_U64 },
};

/* ---- which sockets --------------------------------------------------- */

static bool toy_addr_matches(const struct nlattr *nla,
			     const struct in6_addr *addr)
{
	return !nla || ipv6_addr_equal(nla_data(nla), addr);
}

/**
 * toy_sock_id_wanted() - does it pass the filter?
 * @id: socket, or what stands for a connection without one
 * @attrs: the filter, by TOY_SOCK_A_*; NULL lets everything pass
 *
 * The cookie is left to the caller: not everything has one.
 * Return: true if it does.
 */
bool toy_sock_id_wanted(const struct toy_sock_id *id, struct nlattr **attrs)
{
	return !attrs ||
	       ((!attrs[TOY_SOCK_A_PROTOCOL] ||
		 nla_get_u32(attrs[TOY_SOCK_A_PROTOCOL]) == id->protocol) &&
		(!attrs[TOY_SOCK_A_STATE] ||
		 nla_get_u8(attrs[TOY_SOCK_A_STATE]) == id->state) &&
		(!attrs[TOY_SOCK_A_LPORT] ||
		 nla_get_u16(attrs[TOY_SOCK_A_LPORT]) == id->lport) &&
		(!attrs[TOY_SOCK_A_RPORT] ||
		 nla_get_u16(attrs[TOY_SOCK_A_RPORT]) == id->rport) &&
		(!attrs[TOY_SOCK_A_IFINDEX] ||
		 nla_get_u32(attrs[TOY_SOCK_A_IFINDEX]) == id->ifindex) &&
		toy_addr_matches(attrs[TOY_SOCK_A_LADDR], id->laddr) &&
		toy_addr_matches(attrs[TOY_SOCK_A_RADDR], id->raddr));
}

static bool toy_sock_wanted(struct sock *sk, const void *arg)
{
	struct nlattr **attrs = (struct nlattr **)arg;
	struct toy_sock_id id = toy_sock_id(sk);

	return toy_sock_id_wanted(&id, attrs) &&
	       (!attrs || !attrs[TOY_SOCK_A_COOKIE] ||
		nla_get_u64(attrs[TOY_SOCK_A_COOKIE]) == toy_sock_cookie(sk));
}

/* ---- what is there --------------------------------------------------- */

static int toy_sock_fill_mem(struct sk_buff *skb, struct sock *sk)
{
	u32 mem[SK_MEMINFO_VARS] = {};

	toy_sock_mem(sk, mem);
	return nla_put_u32(skb, TOY_SOCK_A_DROPS, mem[SK_MEMINFO_DROPS]) ?:
	       nla_put(skb, TOY_SOCK_A_MEMINFO, sizeof(mem), mem);
}

/**
 * toy_sock_fill_queues() - what waits to be read, and to be sent
 * @skb: message buffer, borrowed
 * @q: the numbers
 *
 * Return: 0 or -EMSGSIZE.
 */
int toy_sock_fill_queues(struct sk_buff *skb, struct toy_queues_view q)
{
	return nla_put_u32(skb, TOY_SOCK_A_RQUEUE, q.rqueue) ?:
	       nla_put_u32(skb, TOY_SOCK_A_WQUEUE, q.wqueue);
}

/**
 * toy_sock_id_fill() - both ends
 * @skb: message buffer, borrowed
 * @id: whose
 *
 * Return: 0 or -EMSGSIZE.
 */
int toy_sock_id_fill(struct sk_buff *skb, const struct toy_sock_id *id)
{
	return nla_put_u32(skb, TOY_SOCK_A_PROTOCOL, id->protocol) ?:
	       nla_put_u8(skb, TOY_SOCK_A_STATE, id->state) ?:
	       toy_put_addr(skb, TOY_SOCK_A_LADDR, id->laddr) ?:
	       nla_put_u16(skb, TOY_SOCK_A_LPORT, id->lport) ?:
	       toy_put_addr(skb, TOY_SOCK_A_RADDR, id->raddr) ?:
	       nla_put_u16(skb, TOY_SOCK_A_RPORT, id->rport) ?:
	       (id->ifindex ? nla_put_u32(skb, TOY_SOCK_A_IFINDEX,
					  id->ifindex) : 0);
}

static int toy_sock_fill_owner(struct sk_buff *skb, struct sock *sk,
			       struct user_namespace *reader)
{
	return nla_put_u32(skb, TOY_SOCK_A_UID,
			   from_kuid_munged(reader, sock_i_uid(sk))) ?:
	       nla_put_u64_64bit(skb, TOY_SOCK_A_INODE, sock_i_ino(sk),
				 TOY_SOCK_A_PAD) ?:
	       nla_put_u64_64bit(skb, TOY_SOCK_A_COOKIE, toy_sock_cookie(sk),
				 TOY_SOCK_A_PAD) ?:
	       /* But for the one that is held here. */
	       nla_put_u32(skb, TOY_SOCK_A_REFS,
			   refcount_read(&sk->sk_refcnt) - 1);
}

struct toy_sock_show {
	struct sock *sk;
	struct user_namespace *reader;
	bool admin;
	bool event;	/* its lock is the caller's */
};

static int toy_sock_fill_proto(struct sk_buff *skb,
			       const struct toy_sock_show *show)
{
	struct sock *sk = show->sk;

	if (sk->sk_protocol != TOYPROTO_TCP)
		return toy_sock_fill_queues(skb, toy_sock_queues(sk));
	return show->event ? toy_genl_tcp_fill_locked(skb, sk) :
			     toy_genl_tcp_fill(skb, sk);
}

static int toy_genl_sock_fill(struct sk_buff *skb, const void *object)
{
	const struct toy_sock_show *show = object;
	struct sock *sk = show->sk;
	struct toy_sock_id id = toy_sock_id(sk);

	/* A closed socket's port may be somebody else's by now. */
	if (show->event && !id.lport)
		id.lport = toy_sk(sk)->last_port;
	return nla_put_u8(skb, TOY_SOCK_A_TYPE, sk->sk_type) ?:
	       nla_put_string(skb, TOY_SOCK_A_PROTO_NAME,
			      toy_prot(sk)->name) ?:
	       toy_sock_id_fill(skb, &id) ?:
	       toy_sock_fill_proto(skb, show) ?:
	       toy_sock_fill_mem(skb, sk) ?:
	       toy_sock_fill_owner(skb, sk, show->reader) ?:
	       nla_put_u16(skb, TOY_SOCK_A_FORM, toy_sk(sk)->form) ?:
	       nla_put_u8(skb, TOY_SOCK_A_SHUTDOWN,
			  READ_ONCE(sk->sk_shutdown)) ?:
	       (show->admin ? nla_put_u32(skb, TOY_SOCK_A_MARK,
					  READ_ONCE(sk->sk_mark)) : 0);
}

/**
 * toy_genl_sock_event_fill() - what the group of sockets is told of one
 * @skb: message buffer, borrowed
 * @object: the socket; its lock is the caller's, or nobody has it any more
 *
 * Anybody may listen, so that the mark is left out; users are those of the
 * namespace.
 *
 * Context: RCU; process or softirq.
 * Return: 0 or -EMSGSIZE.
 */
int toy_genl_sock_event_fill(struct sk_buff *skb, const void *object)
{
	struct sock *sk = (struct sock *)object;
	const struct toy_sock_show show = {
		.sk = sk,
		.reader = sock_net(sk)->user_ns,
		.event = true,
	};

	return toy_genl_sock_fill(skb, &show);
}

/* Kept in cb->args[0] for the length of the dump. */
struct toy_sock_dump {
	struct toy_sock_cursor cursor;
	struct toy_mini_walk walk;
	bool socks_done;
};

/**
 * toy_genl_sock_start() - TOY_CMD_SOCK_GET begins
 * @cb: the dump
 *
 * Return: 0 or -ENOMEM.
 */
int toy_genl_sock_start(struct netlink_callback *cb)
{
	struct toy_sock_dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL);

	if (!dump)
		return -ENOMEM;
	toy_mini_walk_begin(&dump->walk, toy_genl_dump_net(cb));
	cb->args[0] = (long)dump;
	return 0;
}

/**
 * toy_genl_sock_done() - TOY_CMD_SOCK_GET ends, early or at its end
 * @cb: the dump, whose socket holds the namespace
 *
 * Return: 0.
 */
int toy_genl_sock_done(struct netlink_callback *cb)
{
	struct toy_sock_dump *dump = (struct toy_sock_dump *)cb->args[0];

	toy_sock_cursor_end(&dump->cursor);
	toy_mini_walk_end(&dump->walk);
	kfree(dump);
	return 0;
}

static int toy_sock_dump_socks(struct toy_sock_cursor *cursor,
			       struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_sock_show show = {
		.reader = sk_user_ns(NETLINK_CB(cb->skb).sk),
		.admin = netlink_net_capable(cb->skb, CAP_NET_ADMIN),
	};
	struct nlattr **attrs = toy_genl_dump_attrs(cb);
	struct toy_net *tn = toy_genl_dump_net(cb);
	int err = 0;

	while (!err) {
		show.sk = cursor->pending ? cursor->at :
			  toy_sock_next(tn, cursor, toy_sock_wanted, attrs);
		cb->seq = 1 + cursor->torn;
		if (!show.sk)
			break;
		err = toy_genl_put_dump(skb, cb, TOY_CMD_SOCK_GET,
					toy_genl_sock_fill, &show);
		cursor->pending = err;
	}
	return err;
}

/**
 * toy_genl_sock_dump() - TOY_CMD_SOCK_GET
 * @skb: message buffer
 * @cb: the dump; the attributes of toy_sock_policy limit it
 *
 * Return: positive to be called again, 0 at the end, or a negative errno.
 */
int toy_genl_sock_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct toy_sock_dump *dump = (struct toy_sock_dump *)cb->args[0];
	int err = 0;

	if (!dump->socks_done) {
		err = toy_sock_dump_socks(&dump->cursor, skb, cb);
		dump->socks_done = !err;
	}
	if (!err)
		err = toy_genl_mini_dump(&dump->walk, skb, cb,
					 dump->cursor.torn);
	return toy_genl_dump_end(skb, err);
}

/* ---- closing --------------------------------------------------------- */

/**
 * toy_genl_sock_kill() - TOY_CMD_SOCK_KILL
 * @skb: request
 * @info: its attributes, those of toy_sock_policy: all must match; none at all
 *	means every socket of the namespace
 *
 * What has no socket ends first: a half-open connection that becomes one
 * meanwhile is closed as that.
 *
 * A program that opens sockets faster than they are closed here keeps nobody:
 * no more are closed than there were at the start.
 *
 * Return: 0, -ENOENT when no socket matches, or the first error of a socket
 * that could not be closed.
 */
int toy_genl_sock_kill(struct sk_buff *skb, struct genl_info *info)
{
	struct toy_net *tn = toy_genl_net(info);
	unsigned long left = toy_sock_count(tn);
	struct toy_sock_cursor cursor = {};
	bool found;
	int err = 0, ret;

	found = toy_genl_mini_kill(tn, info->attrs);
	while (left-- && toy_sock_next(tn, &cursor, toy_sock_wanted,
				       info->attrs)) {
		found = true;
		ret = toy_sock_abort(cursor.at);
		if (ret && !err)
			err = ret;
		cond_resched();
	}
	toy_sock_cursor_end(&cursor);
	if (!found) {
		GENL_SET_ERR_MSG(info, "no socket matches");
		return -ENOENT;
	}
	return err;
}

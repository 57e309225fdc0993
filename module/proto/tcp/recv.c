// SPDX-License-Identifier: GPL-2.0-only
/*
 * recv(2) and its relatives: from the receive queue to the program.
 *
 *	copied_seq		RCV.NXT
 *	   | sk_receive_queue      |
 *	   ^ the next octet that is read (with MSG_PEEK: from there on)
 *
 * What is read opens the window; when that makes a difference to the peer, it
 * is told (RFC 9293 3.8.6.2.2).
 */
#include <linux/sched/signal.h>
#include <net/busy_poll.h>

#include "tcp.h"

/* ---- the window opens ------------------------------------------------ */

/* RFC 1122 4.2.3.3: only if it opens by much. */
static bool toy_read_opens_window(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 now = toy_rwnd_left(&tp->rwnd, tp->rcv_nxt);
	struct toy_rwnd_env e;
	u32 wnd;

	if (2 * now > tp->rwnd.clamp)
		return false;
	e = (struct toy_rwnd_env) {
		.rcv_nxt = tp->rcv_nxt,
		.free = max(toy_tcp_space(sk), 0),
		.full = min_t(u32, toy_tcp_full_space(sk), tp->rwnd.clamp),
		.mss = tp->delack.rcv_mss,
		.pressure = sk_under_memory_pressure(sk),
	};
	wnd = toy_rwnd_select(&tp->rwnd, &e);
	return wnd && wnd >= 2 * now;
}

/**
 * toy_tcp_read_done() - the program has read: is an acknowledgment due?
 * @sk: socket, locked
 * @copied: bytes that it has read
 */
void toy_tcp_read_done(struct sock *sk, int copied)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	bool now = false;

	if (tp->delack.pending)
		now = toy_delack_read(&tp->delack, tp->rcv_nxt - tp->rwnd.wup,
				      copied > 0 &&
				      !atomic_read(&sk->sk_rmem_alloc));
	if (!now && copied > 0 && !(sk->sk_shutdown & RCV_SHUTDOWN))
		now = toy_read_opens_window(sk);
	if (now) {
		toy_tcp_now(tp);
		toy_tcp_send_ack(sk);
	}
}

/* Should the buffer be larger? (net.toy.tcp_moderate_rcvbuf) */
static void toy_read_autotune(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	const struct toy_sysctl *sc = &toy_sock_net(sk)->sysctl;
	u32 want;
	int buf;

	if (!tp->tune.rtt_us_x8)
		return;
	toy_tcp_now(tp);
	want = toy_autotune_read(&tp->tune, tp->copied_seq,
				 tp->rcv_nxt - tp->copied_seq, tp->advmss,
				 (u32)tp->now_us);
	if (!want || !READ_ONCE(sc->tcp_moderate_rcvbuf) ||
	    sk->sk_userlocks & SOCK_RCVBUF_LOCK)
		return;
	/* As much again for overhead. */
	buf = min_t(u64, (u64)want * 2, READ_ONCE(sc->tcp_rmem[2]));
	if (buf <= sk->sk_rcvbuf)
		return;
	WRITE_ONCE(sk->sk_rcvbuf, buf);
	tp->rwnd.clamp = toy_tcp_full_space(sk);
	if (tp->window_clamp)
		tp->rwnd.clamp = min(tp->rwnd.clamp, tp->window_clamp);
}

/* ---- reading --------------------------------------------------------- */

/* One call of recvmsg(2). */
struct toy_recv {
	struct msghdr *msg;
	u32 *seq;		/* what is read next */
	u32 peek_seq;
	size_t len;		/* room left */
	long timeo;
	struct sk_buff *last;	/* read last, out of the queue; if @stamped */
	bool stamped;		/* SO_TIMESTAMP and its kin */
	int target;		/* bytes to wait for */
	int flags;
	int copied;
};

/* The buffer that *c->seq lies in, and where. */
static struct sk_buff *toy_recv_find(struct sock *sk, const struct toy_recv *c,
				     u32 *offset, struct sk_buff **last)
{
	struct sk_buff *skb;

	*last = skb_peek_tail(&sk->sk_receive_queue);
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		*offset = *c->seq - toy_cb(skb)->seq;
		if (*offset < skb->len)
			return skb;
	}
	return NULL;
}

/* The octet that MSG_OOB reads ends a read in front of it (RFC 6093), and is
 * passed over behind it. Returns how much may be read here, -1 to stop.
 */
static int toy_recv_urgent(struct sock *sk, struct toy_recv *c, u32 *offset,
			   u32 used)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 off = tp->rcv_up - *c->seq;

	if (off >= used)
		return used;
	if (off)
		return off;
	if (sock_flag(sk, SOCK_URGINLINE))
		return used;
	WRITE_ONCE(*c->seq, *c->seq + 1);
	(*offset)++;
	return used - 1;
}

static void toy_recv_passed_urgent(struct toy_tcp_sock *tp)
{
	if (tp->urg_data && toy_seq_after(tp->copied_seq, tp->rcv_up)) {
		tp->urg_data = 0;
		tp->urg_valid = 0;
		tp->urg_notyet = 0;
	}
}

/* Copies from one buffer: 0 to go on, or a negative errno. */
static int toy_recv_copy(struct sock *sk, struct toy_recv *c,
			 struct sk_buff *skb, u32 offset)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 used = min_t(size_t, skb->len - offset, c->len);
	int err;

	if (unlikely(tp->urg_data)) {
		int n = toy_recv_urgent(sk, c, &offset, used);

		/* Behind the octet, more of the buffer may be read. */
		used = n;
	}
	if (likely(used)) {
		if (!(c->flags & MSG_TRUNC)) {
			err = skb_copy_datagram_msg(skb, offset, c->msg, used);
			if (err)
				return -EFAULT;
		}
		WRITE_ONCE(*c->seq, *c->seq + used);
		c->copied += used;
		c->len -= used;
		if (c->flags & MSG_PEEK)
			sk_peek_offset_fwd(sk, used);
		else
			sk_peek_offset_bwd(sk, used);
		toy_read_autotune(sk);
	}
	if (unlikely(tp->urg_data))
		toy_recv_passed_urgent(tp);
	if (used + offset < skb->len || c->flags & MSG_PEEK)
		return 0;
	__skb_unlink(skb, &sk->sk_receive_queue);
	if (unlikely(c->stamped)) {
		/* Its time of arrival is told at the end of the call. */
		swap(c->last, skb);
		if (!skb)
			return 0;
	}
	consume_skb(skb);
	return 0;
}

/* Nothing to read right now: 1 to end the call with what there is, a negative
 * errno if that is nothing, 0 to wait.
 */
static int toy_recv_must_end(struct sock *sk, const struct toy_recv *c)
{
	if (c->copied)
		return !c->timeo || sk->sk_err || sk->sk_state == TCP_CLOSE ||
		       sk->sk_shutdown & RCV_SHUTDOWN || signal_pending(current);
	if (sock_flag(sk, SOCK_DONE))
		return 1;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!c->timeo)
		return -EAGAIN;
	return signal_pending(current) ? sock_intr_errno(c->timeo) : 0;
}

/* Stands the reader right before an octet that is read out of band? */
static int toy_recv_at_mark(struct sock *sk, const struct toy_recv *c)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (!tp->urg_data || tp->rcv_up != *c->seq)
		return 0;
	if (c->copied)
		return 1;
	if (signal_pending(current))
		return c->timeo ? sock_intr_errno(c->timeo) : -EAGAIN;
	return 0;
}

/* 0 to go on, 1 to end, or a negative errno. */
static int toy_recv_step(struct sock *sk, struct toy_recv *c, u32 peek_base)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb, *last;
	u32 offset;
	int err;

	err = toy_recv_at_mark(sk, c);
	if (err)
		return err;
	skb = toy_recv_find(sk, c, &offset, &last);
	if (skb)
		return toy_recv_copy(sk, c, skb, offset);

	if (c->copied >= c->target && !READ_ONCE(sk->sk_backlog.tail))
		return 1;
	err = toy_recv_must_end(sk, c);
	if (err)
		return err;
	if (c->copied >= c->target) {
		/* Look at what has come meanwhile, without waiting. */
		sk_flush_backlog(sk);
	} else {
		toy_tcp_read_done(sk, c->copied);
		err = sk_wait_data(sk, &c->timeo, last);
		if (err < 0)
			return err;
	}
	/* Somebody else has read what we were peeking at. */
	if (c->flags & MSG_PEEK &&
	    c->peek_seq - c->copied - peek_base != tp->copied_seq)
		c->peek_seq = tp->copied_seq + peek_base;
	return 0;
}

/* When did the last of what was read arrive? */
static void toy_recv_stamp(struct sock *sk, struct toy_recv *c)
{
	struct sk_buff *skb = c->last ?: skb_peek(&sk->sk_receive_queue);

	if (skb && c->copied)
		sock_recv_timestamp(c->msg, sk, skb);
	consume_skb(c->last);
}

static int toy_recv_locked(struct sock *sk, struct msghdr *msg, size_t len,
			   int flags)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_recv c = {
		.msg = msg, .len = len, .flags = flags, .seq = &tp->copied_seq,
		.timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT),
		.stamped = sock_flag(sk, SOCK_RCVTSTAMP) || sk->sk_tsflags,
	};
	u32 peek_base = 0;
	int err = 0;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (flags & MSG_OOB)
		return toy_tcp_recv_urg(sk, msg, len, flags);
	if (flags & MSG_PEEK) {
		peek_base = max(sk_peek_offset(sk, flags), 0);
		c.peek_seq = tp->copied_seq + peek_base;
		c.seq = &c.peek_seq;
	}
	c.target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	while (!err) {
		err = toy_recv_step(sk, &c, peek_base);
		if (!c.len)
			break;
	}
	if (unlikely(c.stamped))
		toy_recv_stamp(sk, &c);
	toy_tcp_read_done(sk, c.copied);
	return c.copied ?: min(err, 0);
}

/* What TCP_INQ tells: bytes that can be read at once. The end of the stream
 * counts as one, so that the program goes on until it has read that, too.
 */
static int toy_recv_inq(const struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	int inq = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);

	if (!inq && sock_flag(sk, SOCK_DONE))
		inq = 1;
	return max(inq, 0);
}

/**
 * toy_tcp_recvmsg() - prot->recvmsg
 * @sk: socket, not locked
 * @msg: message
 * @len: room for data
 * @flags: MSG_*
 * @addr_len: result: length of the sender's address: none
 *
 * Return: bytes received, 0 at the end of the stream, or a negative errno.
 */
int toy_tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		    int *addr_len)
{
	int ret;

	if (unlikely(flags & MSG_ERRQUEUE))
		return toy_recv_error(sk, msg, len, addr_len);
	lock_sock(sk);
	ret = toy_recv_locked(sk, msg, len, flags);
	release_sock(sk);

	if (unlikely(toy_tcp(sk)->recvmsg_inq && ret >= 0)) {
		int inq = toy_recv_inq(sk);

		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
	}
	return ret;
}

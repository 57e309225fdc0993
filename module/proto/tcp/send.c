// SPDX-License-Identifier: GPL-2.0-only
/*
 * send(2) and its relatives: from the program into the write queue.
 *
 *	message -> the last buffer, while it has room (small writes grow together)
 *		-> a new one, up to a super-segment
 *
 * How it gets into a buffer, fill.c says. When enough is written, or all,
 * output.c decides what goes.
 */
#include <linux/filter.h>
#include <linux/net.h>

#include "fastopen.h"
#include "fill.h"
#include "stamp.h"

/* Up to here the linear part costs nothing: the allocator rounds up. */
#define TOY_SEND_LINEAR	256

/* How large a buffer may grow: a super-segment, half of the peer's window. */
static u32 toy_send_goal(struct sock *sk, u32 mss, int flags)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 goal = tp->gso_max, half = tp->max_window >> 1;

	if (flags & MSG_OOB)
		return mss;
	if (half > 536 && goal > half)
		goal = max(half / mss, 1U) * mss;
	return max(goal, mss);
}

static void toy_send_push_mark(struct toy_tcp_sock *tp, struct sk_buff *skb)
{
	toy_cb(skb)->flags |= TOY_TCP_PSH;
	tp->pushed_seq = tp->write_seq;
}

/* RFC 9293 3.9.1.2: a long stream without end of record is pushed now and then,
 * twice a window.
 */
static bool toy_send_push_due(const struct toy_tcp_sock *tp)
{
	return toy_seq_after(tp->write_seq,
			     tp->pushed_seq + (tp->max_window >> 1));
}

/* Small writes in a row: while a packet is still with the device, more may come
 * that goes with it.
 */
static bool toy_send_autocork(struct sock *sk, struct sk_buff *skb, u32 goal)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (skb->len >= goal || toy_tcp_rtx_empty(sk) || toy_cb(skb)->eor ||
	    sk->sk_state == TCP_SYN_RECV ||
	    !READ_ONCE(toy_sock_net(sk)->sysctl.tcp_autocorking) ||
	    refcount_read(&sk->sk_wmem_alloc) <= skb->truesize)
		return false;
	set_bit(TOY_TSQ_THROTTLED, &tp->deferred);
	/* The bit before the second look: it may be gone in between. */
	smp_mb__after_atomic();
	return refcount_read(&sk->sk_wmem_alloc) > skb->truesize;
}

static void toy_send_push(struct sock *sk, int flags, u8 nagle, u32 goal)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb)
		return;
	if (!(flags & MSG_MORE) || toy_send_push_due(tp))
		toy_send_push_mark(tp, skb);
	if (unlikely(flags & MSG_OOB)) {
		tp->urg_mode = 1;
		tp->snd_up = tp->write_seq;
	}
	if (flags & MSG_MORE)
		nagle = TOY_NAGLE_CORK;
	else if (unlikely(toy_send_autocork(sk, skb, goal)))
		return;
	toy_tcp_push_pending(sk, nagle);
}

/* A buffer that got nothing, because the copy failed. */
static void toy_send_drop_empty(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (!skb || toy_cb(skb)->seq != toy_cb(skb)->end_seq)
		return;
	__skb_unlink(skb, &sk->sk_write_queue);
	toy_tcp_skb_free(sk, skb);
	/* Whoever waits for an edge has to hear of it. */
	if (skb_queue_empty(&sk->sk_write_queue))
		toy_tcp_chrono(toy_tcp(sk), TOY_CHRONO_NONE);
}

static struct sk_buff *toy_send_buffer(struct sock *sk, struct toy_send *c,
				       u32 *room)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	size_t left = msg_data_left(c->msg);

	if (skb && skb->len < c->goal && !toy_cb(skb)->eor &&
	    !(toy_cb(skb)->flags & TOY_TCP_FIN)) {
		*room = c->goal - skb->len;
		return skb;
	}
	if (!sk_stream_memory_free(sk))
		return NULL;
	skb = toy_tcp_skb_alloc(sk, left <= TOY_SEND_LINEAR && !c->share ? left : 0,
				sk->sk_allocation);
	if (!skb)
		return NULL;
	toy_tcp_queue_tail(sk, skb);
	*room = c->goal;
	return skb;
}

static int toy_send_wait(struct sock *sk, struct toy_send *c)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	int err;

	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	toy_send_drop_empty(sk);
	if (c->copied)
		toy_send_push(sk, c->flags & ~MSG_MORE, TOY_NAGLE_PUSH, c->goal);
	if (toy_tcp_rtx_empty(sk) && !toy_tcp_send_head(sk))
		toy_tcp_chrono(tp, TOY_CHRONO_SNDBUF_LIMITED);
	err = sk_stream_wait_memory(sk, &c->timeo);
	c->mss = toy_tcp_current_mss(sk);
	c->goal = toy_send_goal(sk, c->mss, c->flags);
	return err;
}

/* Copies one piece; 0 to go on, or a negative errno. */
static int toy_send_piece(struct sock *sk, struct toy_send *c)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct sk_buff *skb;
	u32 room;
	int n;

	skb = toy_send_buffer(sk, c, &room);
	if (!skb)
		return toy_send_wait(sk, c);
	room = min_t(size_t, room, msg_data_left(c->msg));
	n = toy_fill(sk, skb, c, room);
	if (n == -ENOBUFS)
		return toy_send_wait(sk, c);
	if (n < 0)
		return n;
	if (!n) {
		/* As many pages as fit: this buffer is complete. */
		toy_send_push_mark(tp, skb);
		toy_cb(skb)->eor = 1;
		return 0;
	}
	if (!c->copied)
		toy_cb(skb)->flags &= ~TOY_TCP_PSH;
	WRITE_ONCE(tp->write_seq, tp->write_seq + n);
	toy_cb(skb)->end_seq += n;
	toy_cb(skb)->segs = 0;
	c->copied += n;
	if (!msg_data_left(c->msg)) {
		if (c->flags & MSG_EOR)
			toy_cb(skb)->eor = 1;
		return 0;
	}
	if (skb->len < c->goal || c->flags & MSG_OOB)
		return 0;
	if (toy_send_push_due(tp)) {
		toy_send_push_mark(tp, skb);
		toy_tcp_push_pending(sk, TOY_NAGLE_PUSH);
	} else if (skb == toy_tcp_send_head(sk)) {
		toy_tcp_push_one(sk);
	}
	return 0;
}

/* The rate is limited by the program, if nothing else stops the sender. */
static void toy_send_app_limited(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->write_seq - tp->snd_nxt < tp->mss &&
	    refcount_read(&sk->sk_wmem_alloc) < SKB_TRUESIZE(1) &&
	    toy_tcp_in_flight(tp) < tp->cc.cwnd &&
	    tp->lost_out <= tp->retrans_out)
		toy_rate_app_limited(&tp->rate, toy_tcp_in_flight(tp));
}

static int toy_send_cmsgs(struct sock *sk, struct toy_send *call)
{
	struct msghdr *msg = call->msg;
	struct sockcm_cookie c;
	struct cmsghdr *cmsg;

	call->tsflags = READ_ONCE(sk->sk_tsflags);
	if (likely(!msg->msg_controllen))
		return 0;
	sockcm_init(&c, sk);
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_SOCKET)
			continue;
		/* Whatever is wrong with it, AF_INET's TCP says this. */
		if (toy_compat_sock_cmsg_send(sk, msg, cmsg, &c))
			return -EINVAL;
	}
	call->tsflags = c.tsflags;
	return 0;
}

/* Before the first octet is written. */
static int toy_send_begin(struct sock *sk, struct toy_send *c)
{
	int err = toy_send_cmsgs(sk, c);

	if (err)
		return err;
	if (unlikely(c->tsflags))
		toy_tcp_stamp_begin(sk, c->tsflags);
	if (unlikely(c->flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)))
		return toy_fill_begin(sk, c);
	return 0;
}

static int toy_send_locked(struct sock *sk, struct msghdr *msg)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct toy_send c = {
		.msg = msg, .flags = msg->msg_flags,
		.timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT),
	};
	int with_syn = 0, err;

	if (unlikely(c.flags & MSG_FASTOPEN ||
		     (sk->sk_state == TCP_SYN_SENT && toy_fo_waits(sk)))) {
		err = toy_fo_sendmsg(sk, msg, &with_syn);
		if (err == -EINPROGRESS && with_syn)
			return with_syn;
		if (err)
			goto out;
	}
	toy_send_app_limited(sk);
	if ((1 << sk->sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) &&
	    !toy_fo_passive(sk)) {
		err = sk_stream_wait_connect(sk, &c.timeo);
		if (err)
			goto out;
	}
	err = toy_send_begin(sk, &c);
	if (err)
		return with_syn ?: err;
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	c.mss = toy_tcp_current_mss(sk);
	c.goal = toy_send_goal(sk, c.mss, c.flags);
	err = -EPIPE;
	while (!sk->sk_err && !(sk->sk_shutdown & SEND_SHUTDOWN)) {
		err = 0;
		if (!msg_data_left(msg))
			break;
		err = toy_send_piece(sk, &c);
		if (err)
			break;
		err = -EPIPE;
	}
	if (err)
		toy_send_drop_empty(sk);
	toy_fill_end(&c);
out:
	if (c.copied) {
		if (unlikely(c.tsflags))
			toy_tcp_stamp_sent(sk, c.tsflags);
		toy_send_push(sk, c.flags, tp->nagle, c.goal);
		return c.copied + with_syn;
	}
	if (!err || with_syn)
		return with_syn;
	err = sk_stream_error(sk, c.flags, err);
	/* An edge-triggered waiter that gets EAGAIN must be woken by an edge. */
	if (err == -EAGAIN && toy_tcp_rtx_empty(sk) && !toy_tcp_send_head(sk))
		toy_tcp_wake_writer(sk);
	return err;
}

/**
 * toy_tcp_sendmsg() - prot->sendmsg
 * @sk: socket, not locked
 * @msg: message
 * @len: bytes in it
 *
 * Return: bytes taken, or a negative errno (tcp(7), send(2)).
 */
int toy_tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	int ret;

	lock_sock(sk);
	ret = toy_send_locked(sk, msg);
	release_sock(sk);
	return ret;
}

/* ---- the send buffer ------------------------------------------------- */

/**
 * toy_tcp_sndbuf_expand() - room for what the window lets out
 * @sk: socket, locked
 *
 * Twice the congestion window in memory, so that the next window is written
 * while this one is on its way; within tcp_wmem[2].
 */
void toy_tcp_sndbuf_expand(struct sock *sk)
{
	const struct toy_tcp_sock *tp = toy_tcp(sk);
	u32 per_seg, segs, want;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK)
		return;
	per_seg = max_t(u32, tp->mss, tp->peer_mss) + TOY_TCP_HEADROOM +
		  SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	per_seg = roundup_pow_of_two(per_seg) +
		  SKB_DATA_ALIGN(sizeof(struct sk_buff));
	segs = max3((u32)TOY_INIT_CWND, tp->cc.cwnd, tp->reordering + 1);
	want = min_t(u64, 2ULL * segs * per_seg, INT_MAX);
	if (sk->sk_sndbuf < (int)want)
		WRITE_ONCE(sk->sk_sndbuf,
			   min_t(int, want,
				 READ_ONCE(toy_sock_net(sk)->sysctl.tcp_wmem[2])));
}

/**
 * toy_tcp_wake_writer() - acknowledgments have made room
 * @sk: socket, locked
 */
void toy_tcp_wake_writer(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	struct socket *sock = sk->sk_socket;
	struct socket_wq *wq;

	if (likely(!sock || !test_bit(SOCK_NOSPACE, &sock->flags)))
		return;
	if (tp->packets_out < tp->cc.cwnd && !sk_under_memory_pressure(sk))
		toy_tcp_sndbuf_expand(sk);
	if (!sk_stream_is_writeable(sk))
		return;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM |
					   EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keep-alive (RFC 9293 3.8.4), and an orphan's stay in FIN_WAIT_2: sk->sk_timer.
 *
 *	quiet for TCP_KEEPIDLE		probe, once each TCP_KEEPINTVL
 *	TCP_KEEPCNT probes, no answer	RST, ETIMEDOUT
 */
#include "tcp.h"

unsigned long toy_tcp_keepidle(const struct toy_tcp_sock *tp)
{
	return tp->keepidle ?:
	       READ_ONCE(toy_sock_net(&tp->ts.sk)->sysctl.tcp_keepalive_time) * HZ;
}

unsigned long toy_tcp_keepintvl(const struct toy_tcp_sock *tp)
{
	return tp->keepintvl ?:
	       READ_ONCE(toy_sock_net(&tp->ts.sk)->sysctl.tcp_keepalive_intvl) * HZ;
}

unsigned int toy_tcp_keepcnt(const struct toy_tcp_sock *tp)
{
	return tp->keepcnt ?:
	       READ_ONCE(toy_sock_net(&tp->ts.sk)->sysctl.tcp_keepalive_probes);
}

void toy_tcp_keepalive_arm(struct sock *sk, unsigned long delay)
{
	sk_reset_timer(sk, &sk->sk_timer, jiffies + delay);
}

static void toy_keepalive_fin_wait2(struct sock *sk)
{
	unsigned long t = toy_tcp_fin_time(sk);

	if (!toy_tcp(sk)->linger2_off && t > TOY_TW_LEN) {
		toy_tcp_timewait(sk, TCP_FIN_WAIT2, t - TOY_TW_LEN);
		return;
	}
	if (!toy_tcp(sk)->linger2_off) {
		toy_tcp_timewait(sk, TCP_FIN_WAIT2, t);
		return;
	}
	toy_tcp_send_rst(sk);
	toy_tcp_done(sk);
}

static bool toy_keepalive_expired(struct sock *sk, u32 quiet_ms)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);

	if (tp->user_timeout_ms)
		return quiet_ms >= tp->user_timeout_ms && tp->probes;
	return tp->probes >= toy_tcp_keepcnt(tp);
}

static void toy_keepalive_run(struct sock *sk)
{
	struct toy_tcp_sock *tp = toy_tcp(sk);
	unsigned long idle = toy_tcp_keepidle(tp), next = idle;
	u32 quiet_ms;

	toy_tcp_now(tp);
	if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD)) {
		toy_keepalive_fin_wait2(sk);
		return;
	}
	if (!sock_flag(sk, SOCK_KEEPOPEN) ||
	    (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT | TCPF_LISTEN))
		return;
	/* Data in flight has a timer of its own. */
	if (!tp->packets_out && !toy_tcp_send_head(sk)) {
		quiet_ms = toy_tcp_ms(tp) - tp->rcv_ms;
		if (msecs_to_jiffies(quiet_ms) >= idle) {
			if (toy_keepalive_expired(sk, quiet_ms)) {
				toy_tcp_send_rst(sk);
				toy_tcp_write_err(sk);
				return;
			}
			if (!toy_tcp_wakeup_probe(sk)) {
				tp->probes++;
				next = toy_tcp_keepintvl(tp);
			} else {
				next = HZ / 2;
			}
			toy_count(toy_sock_net(sk), TOY_MIB_TCP_KEEPALIVE);
		} else {
			next = idle - msecs_to_jiffies(quiet_ms);
		}
	}
	toy_tcp_keepalive_arm(sk, next);
}

/**
 * toy_keepalive_fired() - sk->sk_timer
 * @t: the timer; has a reference of its socket
 */
void toy_keepalive_fired(struct timer_list *t)
{
	struct sock *sk = from_timer(sk, t, sk_timer);

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		toy_keepalive_run(sk);
	else
		toy_tcp_keepalive_arm(sk, HZ / 20);
	bh_unlock_sock(sk);
	sock_put(sk);
}

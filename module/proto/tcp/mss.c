// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much data fits into a segment? (RFC 9293 3.7.1, RFC 6691)
 *
 *	|<----------------------------- MTU ------------------------------->|
 *	|  IP  | IP options |  TCP  | TCP options |          data           |
 *
 *	announced	MTU - fixed headers: options are the sender's to
 *			take off, for only he knows them (RFC 6691 2)
 *	sent		min(MTU - headers, peer's, program's) - options
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/tcp.h>

#include "mss.h"

#define TCP_FIXED	sizeof(struct tcphdr)

/* Least that is announced: with all options, 48 bytes of data. */
#define ADVERTISE_MIN	88
#define OPTS_MAX	40

/* A segment that shall fit into a small window; of RFC 791's 68 bytes. */
#define SMALLEST	68

static u32 room(u32 mtu, u32 ip_hdr_len)
{
	u32 fixed = ip_hdr_len + TCP_FIXED;

	return mtu > fixed ? mtu - fixed : 0;
}

/**
 * toy_mss_advertise() - the MSS option that we send
 * @mtu: of the path's first hop
 * @ip_hdr_len: bytes of IP header, fixed part
 * @user: TCP_MAXSEG or 0
 *
 * Context: any.
 * Return: the option's value.
 */
u16 toy_mss_advertise(u32 mtu, u32 ip_hdr_len, u16 user)
{
	u32 mss = room(mtu, ip_hdr_len);

	if (user)
		mss = min_t(u32, mss, user);
	return clamp_t(u32, mss, ADVERTISE_MIN, U16_MAX);
}

/* A segment of more than half of the largest window could never be followed
 * by another before an acknowledgment. A window of no more than a small
 * segment is better filled by one.
 */
static u32 fit_window(u32 mss, u32 opts_len, u32 half_wnd)
{
	u32 most = 2ULL * half_wnd > TOY_MSS_DEFAULT ? half_wnd : 2 * half_wnd;

	if (!half_wnd || mss <= most)
		return mss;
	return max_t(u32, most, SMALLEST - TCP_FIXED - opts_len);
}

/**
 * toy_mss_send() - largest amount of data to put into a segment
 * @mtu: of the path
 * @ip_hdr_len: bytes of IP header, its options included
 * @peer: MSS option of the peer, 0 when it sent none
 * @user: TCP_MAXSEG or 0
 * @opts_len: bytes of TCP options in each segment
 * @half_wnd: half of the largest window the peer has offered, 0: not known
 * @v6: IPv6
 *
 * RFC 9293 3.7.1: Eff.snd.MSS. A peer that announces next to nothing still
 * gets segments of TOY_MSS_MIN with their options: less is an attack.
 *
 * Context: any.
 * Return: bytes of data.
 */
u16 toy_mss_send(u32 mtu, u32 ip_hdr_len, u16 peer, u16 user, u32 opts_len,
		 u32 half_wnd, bool v6)
{
	u32 mss = room(mtu, ip_hdr_len);

	/* MUST-15: without an option the default. */
	if (!peer)
		peer = v6 ? TOY_MSS_DEFAULT_V6 : TOY_MSS_DEFAULT;
	mss = min_t(u32, mss, peer);
	if (user)
		mss = min_t(u32, mss, user);

	opts_len = min_t(u32, opts_len, OPTS_MAX);
	mss = max_t(u32, mss, TOY_MSS_MIN) - opts_len;
	return fit_window(mss, opts_len, half_wnd);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "mss_test.c"
#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_MSS_H
#define _TOY_TCP_MSS_H

#include <linux/types.h>

#define TOY_MSS_MIN		48	/* of what we send, as Linux */
#define TOY_MSS_DEFAULT		536	/* RFC 9293 3.7.1: none received, IPv4 */
#define TOY_MSS_DEFAULT_V6	1220

/* What to advertise: RFC 9293 3.7.1, RFC 6691: MTU minus fixed headers.
 * @user: TCP_MAXSEG or 0
 */
u16 toy_mss_advertise(u32 mtu, u32 ip_hdr_len, u16 user);
/* What to send at most, options of every segment taken off: RFC 9293 3.7.1
 * equation. @peer: its MSS option, or 0 for none; @user: TCP_MAXSEG or 0;
 * @opts_len: bytes of options in each segment; @half_wnd: half of the largest
 * window the peer has offered, or 0: a segment larger than that makes a silly
 * window (as Linux bounds it).
 */
u16 toy_mss_send(u32 mtu, u32 ip_hdr_len, u16 peer, u16 user, u32 opts_len,
		 u32 half_wnd, bool v6);

#endif

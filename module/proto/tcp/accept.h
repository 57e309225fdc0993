/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_ACCEPT_H
#define _TOY_TCP_ACCEPT_H

#include <linux/types.h>

/* RFC 9293 3.10.7.4, first: is [seq, end_seq) in the window [rcv_nxt,
 * rcv_nxt + rcv_wnd)? As Linux, a segment that only touches the window on
 * either side is in, so that its ACK is looked at. @rcv_wup: RCV.NXT when the
 * window was last sent.
 */
bool toy_seq_acceptable(u32 seq, u32 end_seq, u32 rcv_wup, u32 rcv_nxt,
			u32 rcv_wnd);

/* The same, and what only touches it is out. */
bool toy_seq_in_window(u32 seq, u32 end_seq, u32 rcv_nxt, u32 rcv_wnd);

enum toy_rst_verdict {
	TOY_RST_RESET,		/* exactly RCV.NXT (or the right SACK edge) */
	TOY_RST_CHALLENGE,	/* in the window: RFC 5961 3.2 */
	TOY_RST_DROP,
};

/* RFC 5961 3.2. @sack_edge: highest end of out-of-order data held, or RCV.NXT:
 * a RST there also counts (as Linux).
 */
enum toy_rst_verdict toy_rst_check(u32 seq, u32 rcv_nxt, u32 rcv_wnd,
				   u32 sack_edge);

enum toy_ack_verdict {
	TOY_ACK_OK,		/* SND.UNA <= SEG.ACK <= SND.NXT */
	TOY_ACK_OLD,		/* below SND.UNA, within MAX.SND.WND */
	TOY_ACK_TOO_OLD,	/* RFC 5961 5.2: challenge */
	TOY_ACK_FUTURE,		/* above SND.NXT: RFC 9293 3.10.7.4: ack, drop */
};

/* RFC 9293 3.10.7.4 fifth, RFC 5961 5.2. @max_wnd: largest window the peer
 * ever offered.
 */
enum toy_ack_verdict toy_ack_check(u32 ack, u32 snd_una, u32 snd_nxt,
				   u32 max_wnd);

#endif

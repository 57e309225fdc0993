// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a segment meant for this connection, here and now? (RFC 9293 3.10.7.4,
 * RFC 5961)
 *
 *	SEG.SEQ		what was sent between the last acknowledgment of ours
 *			and the right edge of the window, edges included
 *	RST		exactly RCV.NXT resets; elsewhere in the window it may
 *			be forged: a challenge makes a true one come again
 *	SEG.ACK		SND.UNA - MAX.SND.WND ... SND.UNA ... SND.NXT
 *			   too old  |     old        |   good   | future
 *
 * Numbers are compared modulo 2^32, so a segment is within half of all
 * numbers or it is not: no window is larger.
 */
#include <linux/kernel.h>
#include <net/tcp.h>

#include "accept.h"

/**
 * toy_seq_acceptable() - is a segment in the receive window?
 * @seq: SEG.SEQ
 * @end_seq: SEG.SEQ + SEG.LEN
 * @rcv_wup: RCV.NXT when the window was last sent
 * @rcv_nxt: RCV.NXT
 * @rcv_wnd: RCV.WND: what is left of the window at @rcv_nxt
 *
 * RFC 9293 3.10.7.4 table 6, but for a generous left edge: a duplicate of
 * what was not acknowledged yet is in, and so is anything that just touches
 * the window. Its data is not: its ACK, and its RST and URG, count. So a
 * window of 0 lets acknowledgments in (MUST-66).
 *
 * Context: any.
 * Return: true when it is.
 */
bool toy_seq_acceptable(u32 seq, u32 end_seq, u32 rcv_wup, u32 rcv_nxt,
			u32 rcv_wnd)
{
	return !before(end_seq, rcv_wup) && !after(seq, rcv_nxt + rcv_wnd);
}

/**
 * toy_seq_in_window() - is a segment in the receive window, to the letter?
 * @seq: SEG.SEQ
 * @end_seq: SEG.SEQ + SEG.LEN
 * @rcv_nxt: RCV.NXT
 * @rcv_wnd: RCV.WND
 *
 * RFC 9293 3.10.7.4 table 6. For where there is no connection yet, or none any
 * more: a duplicate is answered there, and says nothing.
 *
 * Context: any.
 * Return: true when it is.
 */
bool toy_seq_in_window(u32 seq, u32 end_seq, u32 rcv_nxt, u32 rcv_wnd)
{
	u32 edge = rcv_nxt + rcv_wnd;

	if (seq == rcv_nxt || (seq == edge && seq == end_seq))
		return true;
	return after(end_seq, rcv_nxt) && before(seq, edge);
}

/**
 * toy_rst_check() - what does a RST do?
 * @seq: SEG.SEQ
 * @rcv_nxt: RCV.NXT
 * @rcv_wnd: what is left of the window at @rcv_nxt
 * @sack_edge: highest end of out-of-order data held, or RCV.NXT
 *
 * RFC 5961 3.2. A peer that resets behind lost segments puts the end of what
 * it has sent, which is the end of what was SACKed.
 *
 * Context: any.
 * Return: TOY_RST_*.
 */
enum toy_rst_verdict toy_rst_check(u32 seq, u32 rcv_nxt, u32 rcv_wnd,
				   u32 sack_edge)
{
	/* Also with a window of 0 (RFC 9293 3.10.7.4). */
	if (seq == rcv_nxt || seq == sack_edge)
		return TOY_RST_RESET;
	if (seq - rcv_nxt < rcv_wnd)
		return TOY_RST_CHALLENGE;
	return TOY_RST_DROP;
}

/**
 * toy_ack_check() - is an acknowledgment plausible?
 * @ack: SEG.ACK
 * @snd_una: SND.UNA
 * @snd_nxt: SND.NXT
 * @max_wnd: MAX.SND.WND: largest window that the peer ever offered
 *
 * RFC 9293 3.10.7.4 fifth, RFC 5961 5.2: who injects data blindly must hit a
 * window's worth of numbers, not half of all.
 *
 * Context: any.
 * Return: TOY_ACK_*.
 */
enum toy_ack_verdict toy_ack_check(u32 ack, u32 snd_una, u32 snd_nxt,
				   u32 max_wnd)
{
	if (after(ack, snd_nxt))
		return TOY_ACK_FUTURE;
	if (!before(ack, snd_una))
		return TOY_ACK_OK;
	if (before(ack, snd_una - max_wnd))
		return TOY_ACK_TOO_OLD;
	return TOY_ACK_OLD;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "accept_test.c"
#endif

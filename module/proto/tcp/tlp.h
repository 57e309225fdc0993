/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_TLP_H
#define _TOY_TCP_TLP_H

#include <linux/types.h>

/**
 * struct toy_tlp - tail loss probe (RFC 8985 7)
 * @end_seq: TLP.end_seq: SND.NXT when the probe was sent; valid if @pending
 * @pending: a probe is out, its fate unknown
 * @is_retrans: TLP.is_retrans: it was a retransmission
 * @reached: SND.UNA has been at @end_seq or beyond; tlp.c's own
 */
struct toy_tlp {
	u32 end_seq;
	u8 pending:1;
	u8 is_retrans:1;
	u8 reached:1;
};

enum toy_tlp_verdict {
	TOY_TLP_NOTHING,	/* no probe is out, or nothing is known yet */
	TOY_TLP_FINE,		/* the episode ended, nothing was lost */
	TOY_TLP_LOST,		/* the probe repaired a loss: cwnd must pay */
};

struct toy_tlp_ack {
	u32 ack;		/* SEG.ACK */
	bool dsack_of_probe;	/* D-SACK that covers the probe */
	bool sacks;		/* carries SACK blocks */
	bool new_data_or_wnd;	/* has data, or changes the window */
};

u32 toy_tlp_pto_us(u32 srtt_us, u32 flight, u32 max_ack_delay_us, u32 rto_us);
void toy_tlp_sent(struct toy_tlp *t, u32 snd_nxt, bool retrans);
enum toy_tlp_verdict toy_tlp_ack(struct toy_tlp *t, const struct toy_tlp_ack *a);

#endif

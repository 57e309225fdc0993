/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_RACK_H
#define _TOY_TCP_RACK_H

#include <linux/types.h>

/**
 * struct toy_rack - RACK's memory of one connection (RFC 8985 5.2)
 * @xmit_us: RACK.xmit_ts: when the segment was sent that was delivered and was
 *	sent last, in microseconds
 * @end_seq: RACK.end_seq: its end
 * @rtt_us: RACK.rtt: its round-trip time
 * @round_end: RACK.dsack_round: SND.NXT when the window was last widened
 * @fack: RACK.fack: highest sequence number delivered
 * @reo_wnd_mult: multiple of min_RTT / 4 that the reordering window is
 * @reo_wnd_persist: loss recoveries until it shrinks back to 1
 * @reordering_seen: RACK.reordering_seen
 * @dsack_round_on: SND.UNA has not reached @round_end yet
 * @advanced: a segment has been taken in since the last look for losses; who
 *	looks clears it
 */
struct toy_rack {
	u64 xmit_us;
	u32 end_seq;
	u32 rtt_us;
	u32 round_end;
	u32 fack;
	u8 reo_wnd_mult;
	u8 reo_wnd_persist;
	u8 reordering_seen:1;
	u8 dsack_round_on:1;
	u8 advanced:1;
};

/* One segment of which an acknowledgment tells that it arrived. */
struct toy_rack_seg {
	u64 xmit_us;		/* when it was sent last */
	u32 seq;
	u32 end_seq;
	bool retrans;		/* more than once */
	/* RFC 8985 6.2 step 2: the echo says that a retransmission cannot
	 * have caused this acknowledgment.
	 */
	bool echo_before_retrans;
};

/* What the reordering window depends on, beside struct toy_rack. */
struct toy_rack_env {
	u32 srtt_us;		/* 0: none yet */
	u32 min_rtt_us;		/* 0 or U32_MAX: none yet */
	bool recovering;	/* in fast or RTO recovery */
	u32 sacked;		/* segments SACKed and not yet acknowledged */
	u32 dupthresh;
};

void toy_rack_init(struct toy_rack *r, u32 iss);
void toy_rack_update(struct toy_rack *r, const struct toy_rack_seg *seg,
		     u64 now_us, u32 min_rtt_us);
bool toy_rack_fack(struct toy_rack *r, const struct toy_rack_seg *seg,
		   u32 prior_fack);
u32 toy_rack_reo_wnd_us(const struct toy_rack *r, const struct toy_rack_env *e);
void toy_rack_adapt(struct toy_rack *r, bool dsack, u32 snd_una, u32 snd_nxt);
void toy_rack_recovery_ended(struct toy_rack *r);
bool toy_rack_sent_before(const struct toy_rack *r, u64 xmit_us, u32 end_seq);
s64 toy_rack_remaining_us(const struct toy_rack *r, u64 xmit_us, u32 reo_wnd_us,
			  u64 now_us);

#endif

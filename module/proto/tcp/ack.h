/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_ACK_H
#define _TOY_TCP_ACK_H

#include <linux/types.h>

#include "rate.h"

/**
 * struct toy_ack_event - what one acknowledgment says, digested once
 * @now_us: time, in microseconds
 * @ack: SEG.ACK
 * @prior_una: SND.UNA before
 * @prior_in_flight: segments in flight before
 * @acked: segments acknowledged cumulatively
 * @acked_bytes: bytes of them
 * @sacked: segments newly SACKed
 * @delivered: segments delivered: newly acknowledged or SACKed
 * @lost: segments newly marked lost
 * @rtt_us: round-trip time by a segment sent once, or by timestamps; -1: none
 * @ece: carries ECE that counts (RFC 3168)
 * @dsack: carries a D-SACK
 * @una_advanced: SND.UNA moved
 * @retrans_acked: acknowledges data that was retransmitted
 * @rs: delivery rate sample
 *
 * Built by ack.c, read by every algorithm, on the stack.
 */
struct toy_ack_event {
	u64 now_us;
	u32 ack;
	u32 prior_una;
	u32 prior_in_flight;
	u32 acked;
	u32 acked_bytes;
	u32 sacked;
	u32 delivered;
	u32 lost;
	s64 rtt_us;
	bool ece;
	bool dsack;
	bool una_advanced;
	bool retrans_acked;
	struct toy_rate_sample rs;
};

#endif

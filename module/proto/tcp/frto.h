/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_TCP_FRTO_H
#define _TOY_TCP_FRTO_H

#include <linux/types.h>

/**
 * struct toy_frto - was the timeout spurious? (RFC 5682, SACK-enhanced: 3.1)
 * @high: SND.NXT when the timer fired ("recover", RecoveryPoint)
 * @on: the question is open
 * @new_data: step 2b was taken: new data has been allowed out
 */
struct toy_frto {
	u32 high;
	u8 on:1;
	u8 new_data:1;
};

enum toy_frto_step {
	TOY_FRTO_OFF,		/* not, or no longer, asking: recover as usual */
	TOY_FRTO_SEND_NEW,	/* step 2b: send up to two new segments */
	TOY_FRTO_WAIT,		/* still open, send nothing special */
	TOY_FRTO_SPURIOUS,	/* step 3b: the timeout was spurious */
};

struct toy_frto_ack {
	u32 ack;		/* SEG.ACK */
	bool una_advanced;	/* acknowledges data cumulatively */
	/* It acknowledges, by ack or SACK, data that was sent before the
	 * timeout and has not been retransmitted since.
	 */
	bool orig_delivered;
	bool sack;		/* the connection uses SACK */
	bool dup;		/* a duplicate acknowledgment */
	bool can_send_new;	/* window and unsent data allow step 2b */
};

void toy_frto_begin(struct toy_frto *f, u32 snd_nxt);
enum toy_frto_step toy_frto_ack(struct toy_frto *f, const struct toy_frto_ack *a);

static inline void toy_frto_end(struct toy_frto *f)
{
	f->on = 0;
	f->new_data = 0;
}

#endif

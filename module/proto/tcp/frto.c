// SPDX-License-Identifier: GPL-2.0-only
/*
 * Was the retransmission timeout spurious? (RFC 5682)
 *
 * After a timeout only the first segment is sent again, and then, in place of
 * more of the old data, new data. If segments that were never sent again are
 * acknowledged now, their originals have been on the way all the time: nothing
 * was lost, the path was only slow, and the window need not pay.
 *
 *	timeout: SND.UNA is sent again, high = SND.NXT
 *	   |
 *	   |  ack moves SND.UNA, stays below high,
 *	   |  and new data can be sent
 *	step 2 -----------------------------------> step 3
 *	   |   (2b) SEND_NEW                          |  \
 *	   |                                          |   \ originals delivered
 *	   |  ack covers high (2a), or                |    '--------> SPURIOUS (3b)
 *	   |  there is nothing new to send, or,       |  none, but new data is,
 *	   |  without SACK, it is a duplicate         |  or a duplicate (3a)
 *	   '-----------------------> OFF <------------'
 *
 * With SACK (section 3.1) duplicates are no reason to stop in step 2: their
 * blocks go to the scoreboard. In step 3 a SACK can name an original as well
 * as an ack can. Without it (section 2.1) the second acknowledgment decides.
 */
#include <linux/kernel.h>

#include "frto.h"
#include "seq.h"

/**
 * toy_frto_begin() - the retransmission timer has fired
 * @f: state of the connection
 * @snd_nxt: SND.NXT
 *
 * RFC 5682 step 1: for the first timeout, not while a recovery of another
 * kind is under way; again for a repeated one of the same segment.
 *
 * Context: any, socket locked.
 */
void toy_frto_begin(struct toy_frto *f, u32 snd_nxt)
{
	f->high = snd_nxt;
	f->on = 1;
	f->new_data = 0;
}

static enum toy_frto_step end_with(struct toy_frto *f, enum toy_frto_step step)
{
	toy_frto_end(f);
	return step;
}

/* Step 2: has the retransmission been answered? */
static enum toy_frto_step step2(struct toy_frto *f,
				const struct toy_frto_ack *a)
{
	if (!a->una_advanced) {
		/* RFC 5682 2.1 step 2a; 3.1 step 2 stays with SACK. */
		if (a->dup && !a->sack)
			return end_with(f, TOY_FRTO_OFF);
		return TOY_FRTO_WAIT;
	}

	/* Step 2a: all has arrived, and nobody can tell by which copy. */
	if (!toy_seq_before(a->ack, f->high))
		return end_with(f, TOY_FRTO_OFF);
	/* Step 2b needs an answer that old data cannot cause. */
	if (!a->can_send_new)
		return end_with(f, TOY_FRTO_OFF);
	f->new_data = 1;
	return TOY_FRTO_SEND_NEW;
}

/* Step 3: what was answered after the new data went out? */
static enum toy_frto_step step3(struct toy_frto *f,
				const struct toy_frto_ack *a)
{
	/* RFC 5682 3.1 step 3a: beyond high. Without SACK every ack that
	 * advances counts for 3b.
	 */
	if (a->sack && toy_seq_after(a->ack, f->high))
		return end_with(f, TOY_FRTO_OFF);
	/* Step 3b. Without SACK a duplicate proves nothing. */
	if (a->orig_delivered && (a->sack || a->una_advanced))
		return end_with(f, TOY_FRTO_SPURIOUS);
	/* Step 3a: the new data has arrived, the old has not. */
	if (a->dup && !a->una_advanced)
		return end_with(f, TOY_FRTO_OFF);
	return TOY_FRTO_WAIT;
}

/**
 * toy_frto_ack() - an acknowledgment after the timeout
 * @f: state of the connection
 * @a: what it says
 *
 * RFC 5682 2.1 and 3.1. Acknowledgments that neither advance SND.UNA nor are
 * duplicates (data, window updates) change nothing.
 *
 * Context: any, socket locked.
 * Return: enum toy_frto_step. TOY_FRTO_OFF and TOY_FRTO_SPURIOUS end it.
 */
enum toy_frto_step toy_frto_ack(struct toy_frto *f, const struct toy_frto_ack *a)
{
	if (!f->on)
		return TOY_FRTO_OFF;
	return f->new_data ? step3(f, a) : step2(f, a);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "frto_test.c"
#endif

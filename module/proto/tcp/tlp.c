// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking for a sign of life when the tail may be lost (RFC 8985 7).
 *
 * The last segments of a burst have none behind them that would show by its
 * arrival that they are missing, and waiting for the retransmission timeout is
 * slow and costs the window. So one segment is sent as a probe after about two
 * round-trip times of silence, new data or else the last segment once more;
 * its acknowledgment brings the SACKs that RACK needs.
 *
 *	PTO = 2 SRTT + (one segment in flight ? max_ack_delay : 2 ms)
 *
 * A probe that repeats a segment may repair the only loss there was, and hide
 * it from congestion control. What the acknowledgments from end_seq on say:
 *
 *	sent        acknowledgment               meaning
 *	----------  ---------------------------  -------------------------------
 *	new data    at or beyond end_seq         FINE: it was delivered
 *	the last	D-SACK of the probe          FINE: both copies arrived
 *	segment		end_seq for the first time   one copy arrived: wait
 *	again	end_seq again, nothing else  FINE: the other one as well
 *		beyond end_seq               LOST: there was only one
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "seq.h"
#include "tlp.h"

/* RFC 8985 7.2: before any round-trip time is known. */
#define PTO_INITIAL_US	USEC_PER_SEC
/* For the timers' coarseness at both ends. */
#define PTO_SLACK_US	(2 * USEC_PER_MSEC)

/**
 * toy_tlp_pto_us() - when to probe (RFC 8985 7.2)
 * @srtt_us: smoothed round-trip time, in microseconds; 0 for none
 * @flight: segments in flight
 * @max_ack_delay_us: how long the peer may keep an acknowledgment back, in
 *	microseconds
 * @rto_us: time left until the retransmission timeout, in microseconds
 *
 * Context: any, socket locked.
 * Return: microseconds from now, at most @rto_us.
 */
u32 toy_tlp_pto_us(u32 srtt_us, u32 flight, u32 max_ack_delay_us, u32 rto_us)
{
	u64 pto = PTO_INITIAL_US;

	if (srtt_us)
		/* The acknowledgment of a single segment is what the peer
		 * delays.
		 */
		pto = 2ULL * srtt_us +
		      (flight <= 1 ? max_ack_delay_us : PTO_SLACK_US);

	return min_t(u64, pto, rto_us);
}

/**
 * toy_tlp_sent() - the probe has been sent (RFC 8985 7.3)
 * @t: state of the connection
 * @snd_nxt: SND.NXT, behind the probe
 * @retrans: it repeats the last segment
 *
 * Context: any, socket locked.
 */
void toy_tlp_sent(struct toy_tlp *t, u32 snd_nxt, bool retrans)
{
	t->end_seq = snd_nxt;
	t->pending = 1;
	t->is_retrans = retrans;
	t->reached = 0;
}

/* RFC 8985 7.4.2: every branch that ends the episode clears TLP.end_seq. */
static enum toy_tlp_verdict end_with(struct toy_tlp *t,
				     enum toy_tlp_verdict verdict)
{
	t->pending = 0;
	return verdict;
}

/**
 * toy_tlp_ack() - what became of the probe? (RFC 8985 7.4.2)
 * @t: state of the connection
 * @a: an acknowledgment; every acceptable one has to be shown
 *
 * Context: any, socket locked.
 * Return: enum toy_tlp_verdict; anything but TOY_TLP_NOTHING ends the episode.
 */
enum toy_tlp_verdict toy_tlp_ack(struct toy_tlp *t, const struct toy_tlp_ack *a)
{
	bool again = t->reached;

	if (!t->pending || toy_seq_before(a->ack, t->end_seq))
		return TOY_TLP_NOTHING;

	/* Data was outstanding when the probe was sent, so that the first
	 * acknowledgment up to here moves SND.UNA, and only a later one can be
	 * a duplicate.
	 */
	t->reached = 1;

	if (!t->is_retrans)
		return end_with(t, TOY_TLP_FINE);
	if (a->dsack_of_probe)				/* 7.4.2 case 1 */
		return end_with(t, TOY_TLP_FINE);
	if (toy_seq_after(a->ack, t->end_seq))
		return end_with(t, TOY_TLP_LOST);
	if (again && !a->sacks && !a->new_data_or_wnd)	/* 7.4.2 case 2 */
		return end_with(t, TOY_TLP_FINE);
	return TOY_TLP_NOTHING;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "tlp_test.c"
#endif

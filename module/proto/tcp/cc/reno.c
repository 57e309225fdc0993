// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reno (RFC 5681 3.1; RFC 9293 3.8.2 asks for it): probe by one segment per
 * round trip, give back half at a loss.
 *
 *	cwnd < ssthresh		cwnd += acked			slow start
 *	else			cwnd += acked / cwnd		congestion avoidance
 *	loss			ssthresh = max(cwnd / 2, 2)	equation (4)
 *
 * RFC 5681 halves FlightSize and not cwnd. The two differ when the program has
 * not filled the window, and then the window does not grow (RFC 7661): halving
 * cwnd is enough.
 *
 * What New adds to Reno, to stay in recovery through partial acknowledgments
 * (RFC 6582), is the sender's; no state here.
 */
#include <linux/minmax.h>

#include "../cc.h"

static void reno_init(struct toy_cc *cc)
{
}

static u32 reno_ssthresh(struct toy_cc *cc, u64 now_us)
{
	cc->cwnd_cnt = 0;
	return max(cc->cwnd / 2, 2U);
}

static void reno_ack(struct toy_cc *cc, const struct toy_ack_event *ev)
{
	u32 acked = ev->acked;

	if (!cc->cwnd_limited)
		return;
	if (toy_cc_in_slow_start(cc))
		acked = toy_cc_slow_start(cc, acked);
	if (acked)
		toy_cc_additive(cc, cc->cwnd, acked);
}

/* Without an owner: see cc.c. */
struct toy_cc_ops toy_cc_reno = {
	.name		= "reno",
	.init		= reno_init,
	.ssthresh	= reno_ssthresh,
	.ack		= reno_ack,
};

#if IS_ENABLED(CONFIG_KUNIT)
#include "reno_test.c"
#endif

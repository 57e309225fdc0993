// SPDX-License-Identifier: GPL-2.0-only
/*
 * A congestion control in a module of its own, as small as one can be.
 *
 * Reno adds one segment per round trip and halves the window at a loss. Other
 * pairs (a, b) share a bottleneck with it just as fairly, if
 *
 *	a = 4 (1 - b^2) / 3	(Yang and Lam, ICNP 2000)
 *
 * This one gives back an eighth only, b = 7/8, and so may add a = 5/16: a
 * window that is steadier, and slower to find out about free capacity.
 *
 *	cwnd < ssthresh		cwnd += acked
 *	else			cwnd += 5/16 * acked / cwnd
 *	loss			ssthresh = 7/8 cwnd, at least 2
 *
 * What an algorithm brings along: a name, an init, a threshold, and what an
 * acknowledgment does. State of its own would live in cc->priv.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>

#include "proto/tcp/cc.h"

#define A_NUM	5
#define A_DEN	16

static void sample_init(struct toy_cc *cc)
{
	cc->cwnd_cnt = 0;
}

static u32 sample_ssthresh(struct toy_cc *cc, u64 now_us)
{
	return max(cc->cwnd - cc->cwnd / 8, 2U);
}

static void sample_ack(struct toy_cc *cc, const struct toy_ack_event *ev)
{
	u32 acked = ev->acked;
	u32 w;

	/* RFC 7661: a window that is not used does not grow. */
	if (!cc->cwnd_limited)
		return;
	if (toy_cc_in_slow_start(cc))
		acked = toy_cc_slow_start(cc, acked);
	w = min_t(u64, div_u64((u64)cc->cwnd * A_DEN, A_NUM), U32_MAX);
	toy_cc_additive(cc, w, acked);
}

static struct toy_cc_ops sample_cc = {
	.owner		= THIS_MODULE,
	.name		= "sample",
	.init		= sample_init,
	.ssthresh	= sample_ssthresh,
	.ack		= sample_ack,
};

static int __init sample_cc_init(void)
{
	return toy_cc_register(&sample_cc);
}

static void __exit sample_cc_exit(void)
{
	toy_cc_unregister(&sample_cc);
}

module_init(sample_cc_init);
module_exit(sample_cc_exit);

MODULE_DESCRIPTION("AF_TOY: a sample congestion control in a module of its own");
MODULE_LICENSE("GPL");

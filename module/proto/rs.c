// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long to wait before the next router solicitation (RFC 7559 2, whose
 * formulas are those of RFC 8415 15).
 *
 *	first	IRT + RAND * IRT
 *	then	2 * last + RAND * last
 *		but not above MRT + RAND * MRT		RAND: -0.1 .. +0.1
 *
 * A host that comes up before its router finds it without asking for ever at
 * the pace of the first moments.
 */
#include <linux/kernel.h>

#include "rs.h"

/* @t, give or take a tenth. */
static unsigned long jitter(unsigned long t, u32 rnd)
{
	u64 fifth = t / 5;

	return (fifth * rnd) >> 32;	/* 0..t/5, for t - t/10 */
}

/**
 * toy_rs_next() - the time until the next solicitation
 * @last: the time before the last one, or 0
 * @first: IRT, net.toy.router_solicitation_interval
 * @max: MRT, net.toy.router_solicitation_max_interval
 * @rnd: 32 random bits
 *
 * Context: any.
 * Return: in the unit of the arguments.
 */
unsigned long toy_rs_next(unsigned long last, unsigned long first,
			  unsigned long max, u32 rnd)
{
	unsigned long t;

	if (!last)
		return first - first / 10 + jitter(first, rnd);
	t = 2 * last - last / 10 + jitter(last, rnd);
	if (t > max)
		t = max - max / 10 + jitter(max, rnd);
	return t;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "rs_test.c"
#endif

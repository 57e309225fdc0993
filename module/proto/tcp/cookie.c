// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYN cookies: a half-open connection that takes no memory (RFC 4987 3.6 and
 * appendix A).
 *
 * When too many connections are half-open, what must be remembered of a SYN
 * goes into the SYN-ACK, in numbers that the final ACK brings back:
 *
 *	ISN	F(ends) + IRS + (tick << 24)
 *		       + ((F(ends, tick) + index of MSS) mod 2^24)
 *
 *		 31     24 23                       0
 *		+---------+--------------------------+
 *		| tick    | F(ends, tick) + MSS      |  + F(ends) + IRS
 *		+---------+--------------------------+
 *
 *	TSval	 31                       6   5    4   3     0
 *		+--------------------------+----+----+--------+
 *		| clock                    | ECN|SACK| wscale |  15: no scale
 *		+--------------------------+----+----+--------+
 *
 * Taking the hashes off an acknowledged ISN leaves an index of at most 7 only
 * if we made it, in this tick or the last: of 2^28 guesses one passes. Without
 * timestamps there is no scale and no SACK.
 */
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/siphash.h>

#include "cookie.h"

#define TICK_SHIFT	24
#define LOW_MASK	((1U << TICK_SHIFT) - 1)
#define TICKS_VALID	2

#define TS_WSCALE	0xf
#define TS_NO_WSCALE	0xf
#define TS_SACK		BIT(4)
#define TS_ECN		BIT(5)
#define TS_BITS		(TS_WSCALE | TS_SACK | TS_ECN)

/* What is common among those that are announced: the defaults of IPv4 and
 * IPv6, Ethernet with and without tunnels, jumbo frames; the first two so
 * that a small one is not made larger.
 */
static const u16 mss_table[] = { 48, 256, 536, 1220, 1300, 1440, 1460, 8940 };

static siphash_aligned_key_t cookie_secret[2];

static u32 cookie_hash(const struct toy_tuple4 *t, u32 tick, int which)
{
	const struct {
		struct in6_addr laddr;
		struct in6_addr raddr;
		u16 lport;
		u16 rport;
		u32 tick;
	} __aligned(SIPHASH_ALIGNMENT) in = {
		.laddr = t->laddr,
		.raddr = t->raddr,
		.lport = t->lport,
		.rport = t->rport,
		.tick = tick,
	};

	/* Without holes: all of it is hashed. */
	BUILD_BUG_ON(sizeof(in) != 2 * sizeof(struct in6_addr) + 8);
	net_get_random_once(cookie_secret, sizeof(cookie_secret));
	return siphash(&in, sizeof(in), &cookie_secret[which]);
}

/**
 * toy_cookie_make() - initial sequence number that remembers a SYN
 * @t: ends of the connection
 * @irs: SEG.SEQ of the SYN
 * @mss: MSS that it announced; rounded down to what can be remembered
 * @now_min: clock that ticks every 64 s
 *
 * Context: any.
 * Return: the number.
 */
u32 toy_cookie_make(const struct toy_tuple4 *t, u32 irs, u16 *mss, u32 now_min)
{
	unsigned int i = ARRAY_SIZE(mss_table) - 1;

	while (i && mss_table[i] > *mss)
		i--;
	*mss = mss_table[i];
	return cookie_hash(t, 0, 0) + irs + (now_min << TICK_SHIFT) +
	       ((cookie_hash(t, now_min, 1) + i) & LOW_MASK);
}

/**
 * toy_cookie_check() - does an ACK bring back a cookie of ours?
 * @t: ends of the connection
 * @irs: SEG.SEQ - 1
 * @cookie: SEG.ACK - 1
 * @now_min: clock that ticks every 64 s
 *
 * Context: any.
 * Return: the MSS that was remembered, or 0: it does not.
 */
u16 toy_cookie_check(const struct toy_tuple4 *t, u32 irs, u32 cookie, u32 now_min)
{
	u32 rest = cookie - cookie_hash(t, 0, 0) - irs;
	/* Of the tick 8 bits have come back. */
	u8 age = now_min - (rest >> TICK_SHIFT);
	u32 i;

	if (age >= TICKS_VALID)
		return 0;
	i = (rest - cookie_hash(t, now_min - age, 1)) & LOW_MASK;
	return i < ARRAY_SIZE(mss_table) ? mss_table[i] : 0;
}

/**
 * toy_cookie_ts_make() - timestamp that remembers the options of a SYN
 * @tsval: clock in milliseconds, without offset
 * @o: what is to be remembered
 *
 * Up to 64 ms in the past, so that no later timestamp is a step back.
 * Context: any.
 *
 * Return: the timestamp, without offset.
 */
u32 toy_cookie_ts_make(u32 tsval, const struct toy_cookie_opts *o)
{
	u32 bits = o->wscale_ok ? min_t(u8, o->snd_wscale, 14) : TS_NO_WSCALE;

	if (o->sack_ok)
		bits |= TS_SACK;
	if (o->ecn_ok)
		bits |= TS_ECN;
	if (bits > (tsval & TS_BITS))
		tsval -= TS_BITS + 1;
	return (tsval & ~TS_BITS) | bits;
}

/**
 * toy_cookie_ts_read() - options from the echo of such a timestamp
 * @tsecr: TSecr, offset taken off
 * @o: set
 *
 * Six bits always say something: that they are ours is for the cookie to
 * show. What this host has turned off since is the caller's to refuse.
 *
 * Context: any.
 * Return: true.
 */
bool toy_cookie_ts_read(u32 tsecr, struct toy_cookie_opts *o)
{
	u8 wscale = tsecr & TS_WSCALE;

	*o = (struct toy_cookie_opts){
		.wscale_ok = wscale != TS_NO_WSCALE,
		.snd_wscale = wscale != TS_NO_WSCALE ? wscale : 0,
		.sack_ok = tsecr & TS_SACK,
		.ecn_ok = tsecr & TS_ECN,
	};
	return true;
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "cookie_test.c"
#endif

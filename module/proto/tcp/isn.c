// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers that a third party must not guess (RFC 6528, RFC 7323 7.1, RFC 6056).
 *
 *	ISN		M + F(both ends, secret)	M: a clock of 4 us
 *	timestamps	clock + F(both hosts, secret)
 *	ports		F(both hosts, remote port, secret) + 1, + 2, ...
 *
 * Of one connection, or of one pair of hosts, the numbers move on steadily, so
 * that segments of an earlier incarnation are recognized as old; nothing
 * about those of others follows from them. F is SipHash with a secret of
 * this boot; what a number is for is hashed with it, so that one that is
 * seen on the wire says nothing about one of another kind.
 */
#include <linux/net.h>
#include <linux/siphash.h>

#include "isn.h"

enum purpose { FOR_ISN = 1, FOR_TS_OFFSET, FOR_PORT_OFFSET };

static siphash_aligned_key_t isn_secret;

static u32 keyed_hash(enum purpose what, const struct in6_addr *laddr,
		      const struct in6_addr *raddr, u16 lport, u16 rport)
{
	const struct {
		struct in6_addr laddr;
		struct in6_addr raddr;
		u16 lport;
		u16 rport;
		u32 what;
	} __aligned(SIPHASH_ALIGNMENT) in = {
		.laddr = *laddr,
		.raddr = *raddr,
		.lport = lport,
		.rport = rport,
		.what = what,
	};

	/* Without holes: all of it is hashed. */
	BUILD_BUG_ON(sizeof(in) != 2 * sizeof(struct in6_addr) + 8);
	net_get_random_once(&isn_secret, sizeof(isn_secret));
	return siphash(&in, sizeof(in), &isn_secret);
}

/**
 * toy_isn() - initial sequence number of a connection
 * @t: its ends
 * @now_us: a clock that goes on across connections
 *
 * RFC 9293 3.4.1. Context: any.
 * Return: the number.
 */
u32 toy_isn(const struct toy_tuple4 *t, u64 now_us)
{
	return (u32)(now_us >> 2) + keyed_hash(FOR_ISN, &t->laddr, &t->raddr,
					       t->lport, t->rport);
}

/**
 * toy_ts_offset() - what is added to the clock in our timestamps
 * @laddr: our address
 * @raddr: the peer's
 *
 * Equal for all connections between two hosts: a new one continues the
 * timestamps of an old one in TIME-WAIT (RFC 6191), and when we were booted
 * is not to be seen. Context: any.
 *
 * Return: the offset.
 */
u32 toy_ts_offset(const struct in6_addr *laddr, const struct in6_addr *raddr)
{
	return keyed_hash(FOR_TS_OFFSET, laddr, raddr, 0, 0);
}

/**
 * toy_port_offset() - where the search for an ephemeral port begins
 * @laddr: our address
 * @raddr: the peer's
 * @rport: its port, host byte order
 *
 * RFC 6056 3.3.3: a sequence of its own for each peer. Context: any.
 *
 * Return: the offset.
 */
u32 toy_port_offset(const struct in6_addr *laddr, const struct in6_addr *raddr,
		    u16 rport)
{
	return keyed_hash(FOR_PORT_OFFSET, laddr, raddr, 0, rport);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "isn_test.c"
#endif

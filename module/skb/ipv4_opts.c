// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv4 options that we send (RFC 791 3.1): checked when a program sets them,
 * filled in when a header is built. Those of received packets are checked with
 * their header (skb/ipv4.c).
 *
 *	type	| length | pointer |	record route: 4 octets a hop
 *	type	| length | pointer | overflow, flags |	timestamp: 4 or 8
 *	type	| length | value   |	router alert (RFC 2113)
 *	0	end of list, which is padding too
 *	1	no operation
 *
 * The pointer counts from 1, and names the octet that the next hop fills in.
 *
 * Source routes are refused here as they are in received packets: RFC 7126
 * 4.3 and 4.4 tell why nobody lets them through. Options that this file does
 * not know are for privileged programs.
 */
#include <linux/errno.h>
#include <linux/ip.h>
#include <linux/string.h>

#include "ipv4_opts.h"
#include "../toy.h"

/* Octets that a hop fills in for a timestamp option, by its flags; 0 when RFC
 * 791 does not know them.
 */
static u8 stamp_slot(u8 flags)
{
	switch (flags & 0xf) {
	case IPOPT_TS_TSONLY:
		return 4;
	case IPOPT_TS_TSANDADDR:
	case IPOPT_TS_PRESPEC:
		return 8;
	}
	return 0;
}

static int check_record_route(const u8 *o)
{
	if (o[IPOPT_OLEN] < 3 || o[IPOPT_OFFSET] < 4)
		return -EINVAL;
	if (o[IPOPT_OFFSET] <= o[IPOPT_OLEN] &&
	    o[IPOPT_OFFSET] + 3 > o[IPOPT_OLEN])
		return -EINVAL;
	return 0;
}

static int check_timestamp(const u8 *o, bool privileged)
{
	u8 slot;

	if (o[IPOPT_OLEN] < 4 || o[IPOPT_OFFSET] < 5)
		return -EINVAL;
	slot = stamp_slot(o[3]);
	if (o[IPOPT_OFFSET] > o[IPOPT_OLEN])	/* full: hops are counted */
		return o[3] >> 4 == 15 && slot != 8 ? -EINVAL : 0;
	if (!slot)
		return privileged ? 0 : -EINVAL;
	return o[IPOPT_OFFSET] - 1 + slot > o[IPOPT_OLEN] ? -EINVAL : 0;
}

static int check_option(struct toy_ipv4_txopts *o, u8 at, bool privileged)
{
	const u8 *opt = o->data + at;
	int err;

	switch (opt[0]) {
	case IPOPT_RR:
		err = o->rr ? -EINVAL : check_record_route(opt);
		o->rr = at + 1;
		return err;
	case IPOPT_TIMESTAMP:
		err = o->ts ? -EINVAL : check_timestamp(opt, privileged);
		if (!err && stamp_slot(opt[3]))
			o->ts = at + 1;
		return err;
	case IPOPT_LSRR:
	case IPOPT_SSRR:
		return -EPERM;
	case IPOPT_RA:
		return opt[IPOPT_OLEN] < 4 ? -EINVAL : 0;
	default:
		return privileged ? 0 : -EINVAL;
	}
}

/**
 * toy_ipv4_opts_check() - may a program send these options?
 * @o: @data and @len, at most 40 bytes; the rest is filled in, @data is padded
 *	to a multiple of 4 and cleared behind an end of list
 * @privileged: has CAP_NET_RAW
 *
 * Context: any.
 * Return: 0, -EINVAL for what is malformed, -EPERM for source routes.
 */
int toy_ipv4_opts_check(struct toy_ipv4_txopts *o, bool privileged)
{
	u8 at = 0;
	int err;

	o->rr = 0;
	o->ts = 0;
	if (o->len > TOY_IPV4_OPTS_MAX)
		return -EINVAL;
	memset(o->data + o->len, IPOPT_END, TOY_IPV4_OPTS_MAX - o->len);
	o->len = round_up(o->len, 4);

	while (at < o->len && o->data[at] != IPOPT_END) {
		if (o->data[at] == IPOPT_NOOP) {
			at++;
			continue;
		}
		if (o->len - at < 2 || o->data[at + IPOPT_OLEN] < 2 ||
		    o->data[at + IPOPT_OLEN] > o->len - at)
			return -EINVAL;
		err = check_option(o, at, privileged);
		if (err)
			return err;
		at += o->data[at + IPOPT_OLEN];
	}
	memset(o->data + at, IPOPT_END, o->len - at);
	return 0;
}

static void stamp_time(u8 *opt, __be32 self, u32 now_ms)
{
	__be32 now = htonl(now_ms);
	u8 *slot = opt + opt[IPOPT_OFFSET] - 1;

	switch (opt[3] & 0xf) {
	case IPOPT_TS_TSONLY:
		memcpy(slot, &now, sizeof(now));
		opt[IPOPT_OFFSET] += 4;
		break;
	case IPOPT_TS_TSANDADDR:
		memcpy(slot, &self, sizeof(self));
		memcpy(slot + 4, &now, sizeof(now));
		opt[IPOPT_OFFSET] += 8;
		break;
	case IPOPT_TS_PRESPEC:
		/* Only who is named writes. */
		if (memcmp(slot, &self, sizeof(self)))
			break;
		memcpy(slot + 4, &now, sizeof(now));
		opt[IPOPT_OFFSET] += 8;
		break;
	}
}

/**
 * toy_ipv4_opts_stamp() - fill in what a hop fills in
 * @data: a copy of the options
 * @o: checked options, where they stand in @data
 * @self: our address
 * @now_ms: milliseconds since midnight, UTC (RFC 791)
 *
 * Context: any.
 */
void toy_ipv4_opts_stamp(u8 *data, const struct toy_ipv4_txopts *o,
			 __be32 self, u32 now_ms)
{
	u8 *opt;

	if (o->rr) {
		opt = data + o->rr - 1;
		if (opt[IPOPT_OFFSET] + 3 <= opt[IPOPT_OLEN]) {
			memcpy(opt + opt[IPOPT_OFFSET] - 1, &self, sizeof(self));
			opt[IPOPT_OFFSET] += 4;
		}
	}
	if (o->ts) {
		opt = data + o->ts - 1;
		if (opt[IPOPT_OFFSET] - 1 + stamp_slot(opt[3]) <= opt[IPOPT_OLEN])
			stamp_time(opt, self, now_ms);
	}
}

/**
 * toy_ipv4_opts_echo() - options for the answer to a packet (IP_RETOPTS)
 * @to: result
 * @from: options of a packet that was received, checked with its header
 * @len: bytes of them
 *
 * Record route and timestamp are kept, all others left out: RFC 1122 3.2.1.8.
 * Context: any.
 * Return: 0, or -EINVAL for options that no packet could have had.
 */
int toy_ipv4_opts_echo(struct toy_ipv4_txopts *to, const u8 *from, u8 len)
{
	struct toy_ipv4_txopts in = { .len = len };
	u8 opt_len;
	int err;

	if (len > TOY_IPV4_OPTS_MAX)
		return -EINVAL;
	memcpy(in.data, from, len);
	err = toy_ipv4_opts_check(&in, true);
	if (err)
		return err;

	*to = (struct toy_ipv4_txopts) {};
	if (in.rr) {
		opt_len = in.data[in.rr - 1 + IPOPT_OLEN];
		memcpy(to->data, in.data + in.rr - 1, opt_len);
		to->len = opt_len;
	}
	if (in.ts) {
		opt_len = in.data[in.ts - 1 + IPOPT_OLEN];
		memcpy(to->data + to->len, in.data + in.ts - 1, opt_len);
		to->len += opt_len;
	}
	return toy_ipv4_opts_check(to, true);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "ipv4_opts_test.c"
#endif

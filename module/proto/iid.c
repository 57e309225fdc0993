// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interface identifiers: the lower 64 bits of an address that we make.
 *
 *	stable (RFC 7217)	F(secret, prefix, link-layer address, tries)
 *	EUI-64 (RFC 4291 A)	the link-layer address with one bit flipped, in
 *				the middle of which ff:fe stands if it has 48
 *
 * Stable identifiers are the same whenever the host returns to a network, and
 * tell nothing in another one. F is SipHash-2-4, a pseudorandom function with
 * a key of 128 bits and the 64 bits of result that are wanted.
 */
#include <linux/etherdevice.h>
#include <linux/siphash.h>
#include <linux/string.h>

#include "../compat.h"
#include "iid.h"

#define MAX_LLADDR	32

/**
 * toy_iid_eui64() - the identifier that a link-layer address makes
 * @lladdr: link-layer address
 * @len: its length
 * @iid: result
 *
 * Context: any.
 * Return: false for addresses that make none.
 */
bool toy_iid_eui64(const u8 *lladdr, unsigned int len, u8 iid[TOY_IID_LEN])
{
	switch (len) {
	case ETH_ALEN:
		memcpy(iid, lladdr, 3);
		iid[3] = 0xff;
		iid[4] = 0xfe;
		memcpy(iid + 5, lladdr + 3, 3);
		break;
	case TOY_IID_LEN:
		memcpy(iid, lladdr, TOY_IID_LEN);
		break;
	default:
		return false;
	}
	iid[0] ^= 2;		/* universal/local, the other way round */
	return true;
}

/**
 * toy_iid_stable() - the identifier of this host in a network (RFC 7217 5)
 * @secret: nobody else knows it
 * @prefix: of the network, 64 bits of it
 * @lladdr: link-layer address, which tells interfaces apart
 * @len: its length
 * @tries: identifiers that were taken by others: DAD_Counter
 * @iid: result
 *
 * Context: any.
 */
void toy_iid_stable(const struct in6_addr *secret,
		    const struct in6_addr *prefix, const u8 *lladdr,
		    unsigned int len, u8 tries, u8 iid[TOY_IID_LEN])
{
	struct {
		u8 prefix[8];
		u8 lladdr[MAX_LLADDR];
		u8 len;
		u8 tries;
		u8 zero[6];
	} __aligned(8) in = { .len = len, .tries = tries };
	siphash_key_t key;
	__le64 h;

	memcpy(&key, secret, sizeof(key));
	memcpy(in.prefix, prefix, sizeof(in.prefix));
	memcpy(in.lladdr, lladdr, min_t(unsigned int, len, MAX_LLADDR));
	h = cpu_to_le64(siphash(&in, sizeof(in), &key));
	memcpy(iid, &h, TOY_IID_LEN);
}

/**
 * toy_iid_reserved() - has the identifier a meaning of its own? (RFC 5453)
 * @iid: identifier
 *
 * The subnet-router anycast address, those of IANA's own Ethernet block, and
 * the reserved anycast addresses of RFC 2526. Context: any.
 *
 * Return: true if no host may have it.
 */
bool toy_iid_reserved(const u8 iid[TOY_IID_LEN])
{
	u64 v = get_unaligned_be64(iid);

	return !v ||
	       (v >= 0x02005efffe000000ULL && v <= 0x02005efffeffffffULL) ||
	       (v >= 0xfdffffffffffff80ULL && v <= 0xfdffffffffffffffULL);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "iid_test.c"
#endif

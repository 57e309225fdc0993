/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TOY_SKB_MCMSG_H
#define _TOY_SKB_MCMSG_H

#include "../toy.h"

/* Versions of the membership protocols. IPv6's follow IPv4's, two numbers
 * behind: MLDv1 is IGMPv2, MLDv2 is IGMPv3 (RFC 3810 1).
 */
enum toy_mc_version { TOY_MC_V1 = 1, TOY_MC_V2, TOY_MC_V3 };

/**
 * struct toy_mc_query - a checked membership query of either IP version
 * @group: group that is asked about; unspecified in a general query
 * @max_ms: answers are wanted within that time
 * @interval_s: the querier's interval; 0 where it does not say
 * @src_off: of the first source, from skb->data
 * @sources: how many there are; all of them are in the message
 * @version: enum toy_mc_version
 * @robust: the querier's robustness variable; 0 where it does not say
 * @v6: it came by MLD
 */
struct toy_mc_query {
	struct in6_addr group;
	u32 max_ms;
	u32 interval_s;
	u16 src_off;
	u16 sources;
	u8 version;
	u8 robust;
	bool v6;
};

/* The source @i of a query; false when it is none that a host may have. */
bool toy_mc_query_source(const struct toy_mc_query *q,
			 const struct sk_buff *skb, unsigned int i,
			 struct in6_addr *addr);

/* RFC 3376 4.1.1, 4.1.7: numbers of 8 bits, and of 16 in RFC 3810 5.1.3. */
u32 toy_mc_float8(u8 code);
u32 toy_mc_float16(u16 code);

/* Types of group records, RFC 3376 4.2.12 and RFC 3810 5.2.12. */
enum toy_mcrec_type {
	TOY_MCREC_IS_IN = 1,
	TOY_MCREC_IS_EX,
	TOY_MCREC_TO_IN,
	TOY_MCREC_TO_EX,
	TOY_MCREC_ALLOW,
	TOY_MCREC_BLOCK,
};

/* Of an IGMPv3 and of an MLDv2 report alike. */
#define TOY_MCREPORT_HLEN	8

/**
 * struct toy_mcrec - a report that is being written
 * @skb: the report, skb->data at its header
 * @max: bytes it may have
 * @rec: offset of the record that is being written
 * @records: in the report
 * @sources: in the record
 * @v6: MLDv2
 */
struct toy_mcrec {
	struct sk_buff *skb;
	unsigned int max;
	unsigned int rec;
	u16 records;
	u16 sources;
	bool v6;
};

void toy_mcrec_start(struct toy_mcrec *w, struct sk_buff *skb,
		     unsigned int max, bool v6);
bool toy_mcrec_group(struct toy_mcrec *w, enum toy_mcrec_type type,
		     const struct in6_addr *group);
bool toy_mcrec_source(struct toy_mcrec *w, const struct in6_addr *addr);

#endif /* _TOY_SKB_MCMSG_H */

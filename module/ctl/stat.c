// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters, and the one place where packets are dropped.
 *
 * The counters of mib.h come first, the reasons of drop.h behind them in the
 * same array, one array for each CPU: counting is one instruction without a
 * lock, reading adds the CPUs up.
 *
 * Many reasons are one counter of RFC 4293, RFC 4113 or RFC 1213: the standard
 * asks how many headers were bad, drop.h says what was bad about them. The
 * table toy_drop_also[] names those standard counters. Whoever returns or
 * reports an enum toy_drop need not count them: this file does both.
 */
#include <linux/export.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "ctl.h"
#include "trace.h"

/* ---- what a drop counts besides -------------------------------------- */

/* IpInReceives counts no drops: as the first counter its 0 stands for "no
 * counter" in the table.
 */
#define NOTHING	TOY_MIB_IP_IN_RECEIVES
static_assert(!NOTHING);

#define DROP(why)	TOY_DROP_##why
#define MIB(counter)	TOY_MIB_##counter

static const u16 toy_drop_also[__TOY_DROP_MAX][2] = {
	/* RFC 4293: a bad header, a bad address, nothing bad at all. What is
	 * too big or for an unwanted group (UDP) is counted where it is
	 * found.
	 */
	[DROP(IP_SHORT)]	= { MIB(IP_IN_HDR_ERRORS) },
	[DROP(IP_VERSION)]	= { MIB(IP_IN_HDR_ERRORS) },
	[DROP(IP_IHL)]		= { MIB(IP_IN_HDR_ERRORS) },
	[DROP(IP_LEN)]		= { MIB(IP_IN_HDR_ERRORS) },
	[DROP(IP_CSUM)]		= { MIB(IP_IN_HDR_ERRORS) },
	[DROP(IP_OPTIONS)]	= { MIB(IP_IN_HDR_ERRORS) },
	[DROP(IP_SRCROUTE)]	= { MIB(IP_IN_DISCARDS) },
	[DROP(IP_SADDR)]	= { MIB(IP_IN_ADDR_ERRORS) },
	[DROP(IP_MARTIAN)]	= { MIB(IP_IN_ADDR_ERRORS) },
	[DROP(IP_DADDR)]	= { MIB(IP_IN_ADDR_ERRORS) },
	[DROP(IP_NOT_LOCAL)]	= { MIB(IP_IN_ADDR_ERRORS) },
	[DROP(IP_MCAST)]	= { MIB(IP_IN_ADDR_ERRORS) },
	[DROP(IP_L2_BCAST)]	= { MIB(IP_IN_DISCARDS) },
	[DROP(IP_RPFILTER)]	= { MIB(IP_IN_ADDR_ERRORS) },
	[DROP(TTL)]		= { MIB(IP_IN_HDR_ERRORS) },
	[DROP(LRO)]		= { MIB(IP_IN_DISCARDS) },
	[DROP(UNREACHABLE)]	= { MIB(IP_IN_ADDR_ERRORS) },
	[DROP(PROHIBITED)]	= { MIB(IP_IN_ADDR_ERRORS) },
	[DROP(IP_PROTO)]	= { MIB(IP_IN_UNKNOWN_PROTOS) },
	[DROP(IP6_SHORT)]	= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(IP6_VERSION)]	= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(IP6_LEN)]		= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(IP6_SADDR)]	= { MIB(IP6_IN_ADDR_ERRORS) },
	[DROP(IP6_MARTIAN)]	= { MIB(IP6_IN_ADDR_ERRORS) },
	[DROP(IP6_DADDR)]	= { MIB(IP6_IN_ADDR_ERRORS) },
	[DROP(IP6_NOT_LOCAL)]	= { MIB(IP6_IN_ADDR_ERRORS) },
	[DROP(IP6_MCAST)]	= { MIB(IP6_IN_ADDR_ERRORS) },
	[DROP(IP6_L2_BCAST)]	= { MIB(IP6_IN_DISCARDS) },
	[DROP(IP6_EXT_SHORT)]	= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(IP6_EXT_ORDER)]	= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(IP6_EXT_CHAIN)]	= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(IP6_FRAG_CHAIN)]	= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(IP6_OPTION)]	= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(IP6_ROUTING)]	= { MIB(IP6_IN_HDR_ERRORS) },
	[DROP(NO_ROUTE)]	= { MIB(IP_OUT_NO_ROUTES) },
	[DROP(NO_SOURCE)]	= { MIB(IP_OUT_DISCARDS) },
	[DROP(BLACKHOLE)]	= { MIB(IP_OUT_DISCARDS) },
	[DROP(DEV_DOWN)]	= { MIB(IP_OUT_DISCARDS) },
	[DROP(LINK_HEADER)]	= { MIB(IP_OUT_DISCARDS) },
	[DROP(GSO_SEGMENT)]	= { MIB(IP_IN_DISCARDS) },
	[DROP(NEIGH_QUEUE)]	= { MIB(IP_OUT_DISCARDS) },
	[DROP(NEIGH_LIMIT)]	= { MIB(IP_OUT_DISCARDS) },
	[DROP(NEIGH_DEAD)]	= { MIB(IP_OUT_DISCARDS) },
	/* RFC 1213: icmpInErrors includes bad checksums. */
	[DROP(ICMP_SHORT)]	= { MIB(ICMP_IN_ERRORS) },
	[DROP(ICMP_CSUM)]	= { MIB(ICMP_IN_ERRORS),
				    MIB(ICMP_IN_CSUM_ERRORS) },
	[DROP(ICMP_TYPE)]	= { MIB(ICMP_IN_ERRORS) },
	[DROP(ICMP_BCAST)]	= { MIB(ICMP_IN_ERRORS) },
	[DROP(ICMP_QUOTE)]	= { MIB(ICMP_IN_ERRORS) },
	[DROP(ICMP_ALIEN)]	= { MIB(ICMP_IN_ERRORS) },
	/* RFC 4293 and 4443 */
	[DROP(ICMP6_SHORT)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ICMP6_CSUM)]	= { MIB(ICMP6_IN_ERRORS),
				    MIB(ICMP6_IN_CSUM_ERRORS) },
	[DROP(ICMP6_TYPE)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_HOP_LIMIT)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_CODE)]		= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_SHORT)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_OPT_ZERO)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_OPT_LEN)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_LLADDR)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_TARGET)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_SOURCE)]	= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_SLLA)]		= { MIB(ICMP6_IN_ERRORS) },
	[DROP(ND_SOLICITED)]	= { MIB(ICMP6_IN_ERRORS) },
	/* RFC 4113: udpNoPorts is no part of udpInErrors. */
	[DROP(UDP_SHORT)]	= { MIB(UDP_IN_ERRORS) },
	[DROP(UDP_LEN)]		= { MIB(UDP_IN_ERRORS) },
	[DROP(UDP_CSUM)]	= { MIB(UDP_IN_ERRORS),
				    MIB(UDP_IN_CSUM_ERRORS) },
	[DROP(UDP_NO_CSUM)]	= { MIB(UDP_IN_ERRORS),
				    MIB(UDP_IN_CSUM_ERRORS) },
	[DROP(UDP_NO_PORT)]	= { MIB(UDP_NO_PORTS) },
	/* RFC 4022: tcpInErrs includes bad checksums. */
	[DROP(TCP_SHORT)]	= { MIB(TCP_IN_ERRS) },
	[DROP(TCP_HDR_LEN)]	= { MIB(TCP_IN_ERRS) },
	[DROP(TCP_CSUM)]	= { MIB(TCP_IN_ERRS),
				    MIB(TCP_IN_CSUM_ERRORS) },
};

/* A socket's reasons are shared by all protocols: these are UDP's. */
static const u16 toy_drop_also_udp[__TOY_DROP_MAX][2] = {
	[DROP(SOCK_FILTER)]	= { MIB(UDP_IN_ERRORS) },
	[DROP(SOCK_RCVBUF)]	= { MIB(UDP_IN_ERRORS),
				    MIB(UDP_RCVBUF_ERRORS) },
	[DROP(SOCK_MEM)]	= { MIB(UDP_IN_ERRORS),
				    MIB(UDP_MEM_ERRORS) },
};

/* Drops of sockets have their network header behind them, checked. */
static bool toy_skb_is_udp(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_hdr(skb)->nexthdr == IPPROTO_UDP;
	return skb->protocol == htons(ETH_P_IP) &&
	       ip_hdr(skb)->protocol == IPPROTO_UDP;
}

/* The tables name IPv4's counters where both versions share a reason. */
static void toy_count_also(struct toy_net *tn, const u16 *also, bool v6)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (also[i] == NOTHING)
			continue;
		toy_count(tn, v6 && also[i] < TOY_MIB_IP6_IN_RECEIVES ?
			      also[i] + TOY_MIB_IP6 : also[i]);
	}
}

static void toy_count_aggregates(struct toy_net *tn, const struct sk_buff *skb,
				 enum toy_drop why)
{
	bool v6;

	/* ARP shares its reasons on the way out with IP, but counts for
	 * nobody.
	 */
	if (skb && skb->protocol == htons(ETH_P_ARP))
		return;
	v6 = skb && skb->protocol == htons(ETH_P_IPV6);
	toy_count_also(tn, toy_drop_also[why], v6);
	if (toy_drop_also_udp[why][0] != NOTHING && skb && toy_skb_is_udp(skb))
		toy_count_also(tn, toy_drop_also_udp[why], v6);
}

/* ---- dropping -------------------------------------------------------- */

/* The core's reasons, which dropwatch and perf see. */
#define CORE(name, counter, core, help) SKB_DROP_REASON_##core,

static const u16 toy_drop_core[__TOY_DROP_MAX] = {
	SKB_DROP_REASON_NOT_SPECIFIED,
	TOY_DROP_LIST(CORE)
};

/**
 * toy_drop_skb() - a packet ends here: count, trace and free it
 * @tn: network namespace
 * @skb: packet, consumed; or NULL when there is none, which only counts
 * @why: reason; also counts the standard counters that it is part of
 *
 * Context: any. A list of segments (skb->next) is the caller's to take apart.
 */
void toy_drop_skb(struct toy_net *tn, struct sk_buff *skb, enum toy_drop why)
{
	if (WARN_ON_ONCE((unsigned int)why >= __TOY_DROP_MAX))
		why = TOY_RX_OK;

	toy_count(tn, TOY_MIB_DROPS + why);
	toy_count_aggregates(tn, skb, why);
	trace_toy_drop(tn, skb, why);
	kfree_skb_reason(skb, toy_drop_core[why]);
}
EXPORT_SYMBOL_GPL(toy_drop_skb);

/* ---- reading --------------------------------------------------------- */

struct toy_stat_text {
	const char *name;
	const char *help;
};

/* In the order of enum toy_mib, which ends with that of enum toy_drop. */
#define MIB_TEXT(name, counter, help)		{ #counter, help },
#define DROP_TEXT(name, counter, core, help)	{ #counter, help },

static const struct toy_stat_text toy_stat_texts[TOY_MIB_MAX] = {
	TOY_MIB_LIST(MIB_TEXT)
	/* TOY_RX_OK, which is no drop. */
	{ "DropUnknown", "no reason given" },
	TOY_DROP_LIST(DROP_TEXT)
};

/**
 * toy_stat_name() - name of a counter
 * @which: 0 to TOY_MIB_MAX - 1
 *
 * Return: the SNMP name where there is one.
 */
const char *toy_stat_name(unsigned int which)
{
	return toy_stat_texts[which].name;
}

/**
 * toy_stat_help() - what a counter counts
 * @which: 0 to TOY_MIB_MAX - 1
 *
 * Return: one line.
 */
const char *toy_stat_help(unsigned int which)
{
	return toy_stat_texts[which].help;
}

/**
 * toy_stat_sum() - value of a counter
 * @tn: network namespace
 * @which: 0 to TOY_MIB_MAX - 1
 *
 * Return: the sum over all CPUs; those that count meanwhile may be missed.
 */
u64 toy_stat_sum(const struct toy_net *tn, unsigned int which)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tn->mib, cpu)->count[which]);
	return sum;
}

static int toy_stat_proc_show(struct seq_file *seq, void *v)
{
	const struct toy_net *tn = toy_net(seq_file_single_net(seq));

	for (unsigned int i = 0; i < TOY_MIB_MAX; i++)
		seq_printf(seq, "%-24s %llu\n", toy_stat_name(i),
			   toy_stat_sum(tn, i));
	return 0;
}

/* ---- a namespace comes and goes -------------------------------------- */

/**
 * toy_stat_net_init() - counters of a new namespace, the first step of all
 * @tn: network namespace
 *
 * Return: 0 or -ENOMEM.
 */
int toy_stat_net_init(struct toy_net *tn)
{
	tn->mib = alloc_percpu_gfp(struct toy_mib_cpu, GFP_KERNEL_ACCOUNT);
	return tn->mib ? 0 : -ENOMEM;
}

/**
 * toy_stat_net_exit() - free the counters, the last step of all
 * @tn: network namespace, about which nobody counts any more
 */
void toy_stat_net_exit(struct toy_net *tn)
{
	free_percpu(tn->mib);
}

/**
 * toy_stat_proc_net_init() - make /proc/net/toy/stat
 * @tn: network namespace
 *
 * Return: 0 or -ENOMEM.
 */
int toy_stat_proc_net_init(struct toy_net *tn)
{
	struct proc_dir_entry *dir;

	if (!IS_ENABLED(CONFIG_PROC_FS))
		return 0;
	dir = proc_net_mkdir(tn->net, "toy", tn->net->proc_net);
	if (!dir)
		return -ENOMEM;
	if (!proc_create_net_single("stat", 0444, dir, toy_stat_proc_show,
				    NULL)) {
		toy_stat_proc_net_exit(tn);
		return -ENOMEM;
	}
	return 0;
}

/**
 * toy_stat_proc_net_exit() - remove /proc/net/toy
 * @tn: network namespace
 *
 * Waits for readers.
 */
void toy_stat_proc_net_exit(struct toy_net *tn)
{
	remove_proc_subtree("toy", tn->net->proc_net);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "stat_test.c"
#endif

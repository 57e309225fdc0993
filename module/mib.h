/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stack counts besides drops, one row a counter, with the SNMP or
 * LINUX_MIB name where one exists:
 *
 *	X(ENUM_SUFFIX, CounterName, "what is counted")
 */
#ifndef _TOY_MIB_H
#define _TOY_MIB_H

#include "drop.h"

#define TOY_MIB_LIST(X)							\
	/* RFC 4293 */							\
	X(IP_IN_RECEIVES, IpInReceives, "IP packets received")		\
	X(IP_IN_HDR_ERRORS, IpInHdrErrors, "dropped for a bad header")	\
	X(IP_IN_ADDR_ERRORS, IpInAddrErrors, "dropped for a bad address") \
	X(IP_IN_UNKNOWN_PROTOS, IpInUnknownProtos, "no such protocol")	\
	X(IP_IN_DISCARDS, IpInDiscards, "dropped, nothing wrong with it") \
	X(IP_IN_DELIVERS, IpInDelivers, "handed to a protocol")		\
	X(IP_IN_TRUNCATED, IpInTruncatedPkts, "frame shorter than the packet") \
	X(IP_OUT_REQUESTS, IpOutRequests, "IP packets to be sent")	\
	X(IP_OUT_DISCARDS, IpOutDiscards, "not sent for lack of something") \
	X(IP_OUT_NO_ROUTES, IpOutNoRoutes, "not sent for lack of a route") \
	X(IP_REASM_REQDS, IpReasmReqds, "fragments received")		\
	X(IP_REASM_FAILS, IpReasmFails, "fragments given up")		\
	X(IP_FRAG_FAILS, IpFragFails, "too big and not to be fragmented") \
	X(IP_IN_BCAST, IpInBcastPkts, "broadcasts received")		\
	X(IP_OUT_BCAST, IpOutBcastPkts, "broadcasts sent")		\
	X(IP_IN_OCTETS, IpInOctets, "bytes received")			\
	X(IP_OUT_OCTETS, IpOutOctets, "bytes sent")			\
	/* RFC 792 */							\
	X(ICMP_IN_MSGS, IcmpInMsgs, "ICMP messages received")		\
	X(ICMP_IN_ERRORS, IcmpInErrors, "malformed ICMP messages")	\
	X(ICMP_IN_CSUM_ERRORS, IcmpInCsumErrors, "ICMP checksum errors") \
	X(ICMP_IN_DEST_UNREACHS, IcmpInDestUnreachs, "received")	\
	X(ICMP_IN_TIME_EXCDS, IcmpInTimeExcds, "received")		\
	X(ICMP_IN_PARM_PROBS, IcmpInParmProbs, "received")		\
	X(ICMP_IN_ECHOS, IcmpInEchos, "echo requests received")		\
	X(ICMP_IN_ECHO_REPS, IcmpInEchoReps, "echo replies received")	\
	X(ICMP_OUT_MSGS, IcmpOutMsgs, "ICMP messages sent")		\
	X(ICMP_OUT_ERRORS, IcmpOutErrors, "ICMP messages that could not be sent") \
	X(ICMP_OUT_RATE_LIMIT_GLOBAL, IcmpOutRateLimitGlobal, "withheld, global limit") \
	X(ICMP_OUT_RATE_LIMIT_HOST, IcmpOutRateLimitHost, "withheld, limit of the peer") \
	X(ICMP_OUT_DEST_UNREACHS, IcmpOutDestUnreachs, "sent")		\
	X(ICMP_OUT_TIME_EXCDS, IcmpOutTimeExcds, "sent")		\
	X(ICMP_OUT_PARM_PROBS, IcmpOutParmProbs, "sent")		\
	X(ICMP_OUT_ECHOS, IcmpOutEchos, "echo requests sent")		\
	X(ICMP_OUT_ECHO_REPS, IcmpOutEchoReps, "echo replies sent")	\
	/* RFC 4113 */							\
	X(UDP_IN_DATAGRAMS, UdpInDatagrams, "datagrams given to readers") \
	X(UDP_NO_PORTS, UdpNoPorts, "nobody bound to the port")		\
	X(UDP_IN_ERRORS, UdpInErrors, "datagrams not delivered")	\
	X(UDP_OUT_DATAGRAMS, UdpOutDatagrams, "datagrams sent")		\
	X(UDP_RCVBUF_ERRORS, UdpRcvbufErrors, "receive buffer full")	\
	X(UDP_SNDBUF_ERRORS, UdpSndbufErrors, "send buffer full")	\
	X(UDP_IN_CSUM_ERRORS, UdpInCsumErrors, "UDP checksum errors")	\
	X(UDP_IGNORED_MULTI, UdpIgnoredMulti, "multicast nobody asked for") \
	X(UDP_MEM_ERRORS, UdpMemErrors, "memory limit")			\
	/* RFC 826, RFC 5227 */						\
	X(ARP_IN_REQUESTS, ArpInRequests, "ARP requests received")	\
	X(ARP_IN_REPLIES, ArpInReplies, "ARP replies received")		\
	X(ARP_OUT_REQUESTS, ArpOutRequests, "ARP requests sent")	\
	X(ARP_OUT_REPLIES, ArpOutReplies, "ARP replies sent")		\
	X(ARP_PROBES, ArpOutProbes, "RFC 5227 probes sent")		\
	X(ARP_ANNOUNCES, ArpOutAnnounces, "RFC 5227 announcements sent") \
	X(ARP_CONFLICTS, ArpConflicts, "another host uses our address")	\
	/* neighbour cache */						\
	X(NEIGH_ALLOCS, NeighAllocs, "entries made")			\
	X(NEIGH_EVICTS, NeighEvicts, "entries that gave way to newer ones") \
	X(NEIGH_RES_FAILED, NeighResFailed, "resolutions that failed")	\
	X(NEIGH_CONFIRMS, NeighConfirms, "reachability confirmed from above")

#define TOY_MIB_ENUM(name, counter, help) TOY_MIB_##name,
enum toy_mib {
	TOY_MIB_LIST(TOY_MIB_ENUM)
	/* The drops follow, in the order of enum toy_drop. */
	TOY_MIB_DROPS,
	TOY_MIB_MAX = TOY_MIB_DROPS + __TOY_DROP_MAX
};
#undef TOY_MIB_ENUM

/* One CPU's counters of one network namespace. */
struct toy_mib_cpu {
	unsigned long count[TOY_MIB_MAX];
};

#endif /* _TOY_MIB_H */

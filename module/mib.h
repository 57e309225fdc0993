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

/* RFC 4293: the same counters for each IP version, in the same order, so that
 * struct toy_ip_ops.mib leads from IPv4's to its own.
 */
#define TOY_IP_MIB_LIST(X, V, N)						\
	X(V##_IN_RECEIVES, N##InReceives, "packets received")		\
	X(V##_IN_HDR_ERRORS, N##InHdrErrors, "dropped for a bad header") \
	X(V##_IN_ADDR_ERRORS, N##InAddrErrors, "dropped for a bad address") \
	X(V##_IN_UNKNOWN_PROTOS, N##InUnknownProtos, "no such protocol") \
	X(V##_IN_DISCARDS, N##InDiscards, "dropped, nothing wrong with it") \
	X(V##_IN_DELIVERS, N##InDelivers, "handed to a protocol")	\
	X(V##_IN_TRUNCATED, N##InTruncatedPkts, "frame shorter than the packet") \
	X(V##_FORW_DATAGRAMS, N##ForwDatagrams, "packets of others sent on") \
	X(V##_OUT_REQUESTS, N##OutRequests, "packets to be sent")	\
	X(V##_OUT_DISCARDS, N##OutDiscards, "not sent for lack of something") \
	X(V##_OUT_NO_ROUTES, N##OutNoRoutes, "not sent for lack of a route") \
	X(V##_REASM_REQDS, N##ReasmReqds, "fragments received")		\
	X(V##_REASM_TIMEOUT, N##ReasmTimeout, "datagrams not complete in time") \
	X(V##_REASM_OKS, N##ReasmOKs, "datagrams put together")	\
	X(V##_REASM_FAILS, N##ReasmFails, "failures to put one together") \
	X(V##_FRAG_OKS, N##FragOKs, "packets sent in fragments")	\
	X(V##_FRAG_FAILS, N##FragFails, "too big and not to be fragmented") \
	X(V##_FRAG_CREATES, N##FragCreates, "fragments sent")		\
	X(V##_IN_MCAST, N##InMcastPkts, "multicasts received")		\
	X(V##_OUT_MCAST, N##OutMcastPkts, "multicasts sent")		\
	X(V##_IN_BCAST, N##InBcastPkts, "broadcasts received")		\
	X(V##_OUT_BCAST, N##OutBcastPkts, "broadcasts sent")		\
	X(V##_IN_OCTETS, N##InOctets, "bytes received")			\
	X(V##_OUT_OCTETS, N##OutOctets, "bytes sent")

#define TOY_MIB_LIST(X)							\
	TOY_IP_MIB_LIST(X, IP, Ip)					\
	TOY_IP_MIB_LIST(X, IP6, Ip6)					\
	/* what routers tell */						\
	X(PMTU_UPDATES, PmtuUpdates, "path MTUs learnt")		\
	X(PMTU_IGNORED, PmtuIgnored, "claims about a path MTU not believed") \
	X(REDIRECT_ACCEPTED, RedirectAccepted, "redirects followed")	\
	X(REDIRECT_IGNORED, RedirectIgnored, "redirects not believed")	\
	X(ROUTE_LEARNT_LIMIT, RouteLearntLimit, "announced routes beyond route_max_learnt") \
	/* RFC 792 */							\
	X(ICMP_IN_MSGS, IcmpInMsgs, "ICMP messages received")		\
	X(ICMP_IN_ERRORS, IcmpInErrors, "malformed ICMP messages")	\
	X(ICMP_IN_CSUM_ERRORS, IcmpInCsumErrors, "ICMP checksum errors") \
	X(ICMP_IN_DEST_UNREACHS, IcmpInDestUnreachs, "received")	\
	X(ICMP_IN_TIME_EXCDS, IcmpInTimeExcds, "received")		\
	X(ICMP_IN_PARM_PROBS, IcmpInParmProbs, "received")		\
	X(ICMP_IN_REDIRECTS, IcmpInRedirects, "received")		\
	X(ICMP_IN_ECHOS, IcmpInEchos, "echo requests received")		\
	X(ICMP_IN_ECHO_REPS, IcmpInEchoReps, "echo replies received")	\
	X(ICMP_OUT_MSGS, IcmpOutMsgs, "ICMP messages sent")		\
	X(ICMP_OUT_ERRORS, IcmpOutErrors, "ICMP messages that could not be sent") \
	X(ICMP_OUT_RATE_LIMIT_GLOBAL, IcmpOutRateLimitGlobal, "withheld, global limit") \
	X(ICMP_OUT_RATE_LIMIT_HOST, IcmpOutRateLimitHost, "withheld, limit of the peer") \
	X(ICMP_OUT_DEST_UNREACHS, IcmpOutDestUnreachs, "sent")		\
	X(ICMP_OUT_TIME_EXCDS, IcmpOutTimeExcds, "sent")		\
	X(ICMP_OUT_PARM_PROBS, IcmpOutParmProbs, "sent")		\
	X(ICMP_OUT_REDIRECTS, IcmpOutRedirects, "sent")			\
	X(ICMP_OUT_ECHOS, IcmpOutEchos, "echo requests sent")		\
	X(ICMP_OUT_ECHO_REPS, IcmpOutEchoReps, "echo replies sent")	\
	/* RFC 4443, RFC 4861 */					\
	X(ICMP6_IN_MSGS, Icmp6InMsgs, "ICMPv6 messages received")	\
	X(ICMP6_IN_ERRORS, Icmp6InErrors, "malformed ICMPv6 messages")	\
	X(ICMP6_IN_CSUM_ERRORS, Icmp6InCsumErrors, "ICMPv6 checksum errors") \
	X(ICMP6_IN_DEST_UNREACHS, Icmp6InDestUnreachs, "received")	\
	X(ICMP6_IN_PKT_TOO_BIGS, Icmp6InPktTooBigs, "received")		\
	X(ICMP6_IN_TIME_EXCDS, Icmp6InTimeExcds, "received")		\
	X(ICMP6_IN_PARM_PROBS, Icmp6InParmProblems, "received")		\
	X(ICMP6_IN_ECHOS, Icmp6InEchos, "echo requests received")	\
	X(ICMP6_IN_ECHO_REPS, Icmp6InEchoReplies, "echo replies received") \
	X(ICMP6_IN_RS, Icmp6InRouterSolicits, "received")		\
	X(ICMP6_IN_RA, Icmp6InRouterAdvertisements, "received")		\
	X(ICMP6_IN_NS, Icmp6InNeighborSolicits, "received")		\
	X(ICMP6_IN_NA, Icmp6InNeighborAdvertisements, "received")	\
	X(ICMP6_IN_REDIRECTS, Icmp6InRedirects, "received")		\
	X(ICMP6_OUT_MSGS, Icmp6OutMsgs, "ICMPv6 messages sent")		\
	X(ICMP6_OUT_ERRORS, Icmp6OutErrors, "ICMPv6 messages that could not be sent") \
	X(ICMP6_OUT_DEST_UNREACHS, Icmp6OutDestUnreachs, "sent")	\
	X(ICMP6_OUT_PKT_TOO_BIGS, Icmp6OutPktTooBigs, "sent")		\
	X(ICMP6_OUT_TIME_EXCDS, Icmp6OutTimeExcds, "sent")		\
	X(ICMP6_OUT_PARM_PROBS, Icmp6OutParmProblems, "sent")		\
	X(ICMP6_OUT_ECHOS, Icmp6OutEchos, "echo requests sent")		\
	X(ICMP6_OUT_ECHO_REPS, Icmp6OutEchoReplies, "echo replies sent") \
	X(ICMP6_OUT_RS, Icmp6OutRouterSolicits, "sent")			\
	X(ICMP6_OUT_NS, Icmp6OutNeighborSolicits, "sent")		\
	X(ICMP6_OUT_NA, Icmp6OutNeighborAdvertisements, "sent")		\
	X(ICMP6_OUT_REDIRECTS, Icmp6OutRedirects, "sent")		\
	X(DAD_PROBES, DadOutProbes, "RFC 4862 probes sent")		\
	X(DAD_CONFLICTS, DadConflicts, "another host uses our address")	\
	/* RFC 3376, RFC 3810 */					\
	X(IGMP_IN_QUERIES, IgmpInQueries, "IGMP queries received")	\
	X(IGMP_IN_REPORTS, IgmpInReports, "IGMPv1 and v2 reports received") \
	X(IGMP_OUT_REPORTS, IgmpOutReports, "IGMP reports sent")	\
	X(IGMP_OUT_LEAVES, IgmpOutLeaves, "IGMPv2 leaves sent")		\
	X(MLD_IN_QUERIES, MldInQueries, "MLD queries received")		\
	X(MLD_IN_REPORTS, MldInReports, "MLDv1 reports received")	\
	X(MLD_OUT_REPORTS, MldOutReports, "MLD reports sent")		\
	X(MLD_OUT_LEAVES, MldOutDones, "MLDv1 dones sent")		\
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
	/* RFC 4022 */							\
	X(TCP_ACTIVE_OPENS, TcpActiveOpens, "connections asked for")	\
	X(TCP_PASSIVE_OPENS, TcpPassiveOpens, "connections taken by listeners") \
	X(TCP_ATTEMPT_FAILS, TcpAttemptFails, "connections that did not come about") \
	X(TCP_ESTAB_RESETS, TcpEstabResets, "established connections reset") \
	X(TCP_CURR_ESTAB, TcpCurrEstab, "connections in ESTABLISHED or CLOSE-WAIT now") \
	X(TCP_IN_SEGS, TcpInSegs, "segments received")			\
	X(TCP_OUT_SEGS, TcpOutSegs, "segments sent")			\
	X(TCP_RETRANS_SEGS, TcpRetransSegs, "segments sent again")	\
	X(TCP_IN_ERRS, TcpInErrs, "malformed segments")			\
	X(TCP_OUT_RSTS, TcpOutRsts, "resets sent")			\
	X(TCP_IN_CSUM_ERRORS, TcpInCsumErrors, "TCP checksum errors")	\
	/* Linux's extension */						\
	X(TCP_SYN_COOKIES_SENT, TcpExtSyncookiesSent, "SYNs answered by a cookie") \
	X(TCP_SYN_COOKIES_RECV, TcpExtSyncookiesRecv, "cookies that came back") \
	X(TCP_SYN_COOKIES_FAILED, TcpExtSyncookiesFailed, "ACKs without a valid cookie") \
	X(TCP_EMBRYONIC_RSTS, TcpExtEmbryonicRsts, "half-open connections reset") \
	X(TCP_PRUNE_CALLED, TcpExtPruneCalled, "receive buffers that were full") \
	X(TCP_RCV_PRUNED, TcpExtRcvPruned, "and stayed full")		\
	X(TCP_OFO_PRUNED, TcpExtOfoPruned, "data out of order given up") \
	X(TCP_OUT_OF_WINDOW_ICMPS, TcpExtOutOfWindowIcmps, "ICMP errors about nothing in flight") \
	X(TCP_LOCK_DROPPED_ICMPS, TcpExtLockDroppedIcmps, "ICMP errors for a socket in use") \
	X(TCP_TW, TcpExtTW, "connections that entered TIME_WAIT")	\
	X(TCP_TIME_WAIT_OVERFLOW, TcpExtTCPTimeWaitOverflow, "and those that could not") \
	X(TCP_FASTOPEN_ACTIVE, TcpExtTCPFastOpenActive, "data in a SYN that was acknowledged") \
	X(TCP_FASTOPEN_ACTIVE_FAIL, TcpExtTCPFastOpenActiveFail, "and that was not") \
	X(TCP_FASTOPEN_PASSIVE, TcpExtTCPFastOpenPassive, "connections opened by a SYN alone") \
	X(TCP_FASTOPEN_PASSIVE_FAIL, TcpExtTCPFastOpenPassiveFail, "SYNs with a wrong cookie") \
	X(TCP_FASTOPEN_LISTEN_OVERFLOW, TcpExtTCPFastOpenListenOverflow,	\
	  "too many of them unconfirmed")				\
	X(TCP_FASTOPEN_COOKIE_REQD, TcpExtTCPFastOpenCookieReqd, "SYNs that asked for a cookie") \
	X(TCP_FASTOPEN_PASSIVE_ALT_KEY, TcpExtTCPFastOpenPassiveAltKey,	\
	  "cookies of the older key")					\
	X(TCP_PAWS_ACTIVE, TcpExtPAWSActive, "SYN-ACKs with a wrong echo") \
	X(TCP_PAWS_ESTAB, TcpExtPAWSEstab, "old timestamps, connections") \
	X(TCP_PAWS_TIMEWAIT, TcpExtPAWSTimewait, "old timestamps, TIME_WAIT") \
	X(TCP_DELAYED_ACKS, TcpExtDelayedACKs, "delayed acknowledgments sent") \
	X(TCP_DELAYED_ACK_LOCKED, TcpExtDelayedACKLocked, "delayed once more: socket in use") \
	X(TCP_DELAYED_ACK_LOST, TcpExtDelayedACKLost, "acknowledgments that came too late") \
	X(TCP_LISTEN_OVERFLOWS, TcpExtListenOverflows, "too many wait for accept(2)") \
	X(TCP_LISTEN_DROPS, TcpExtListenDrops, "SYNs and ACKs that a listener refused") \
	X(TCP_REQQ_FULL_DO_COOKIES, TcpExtTCPReqQFullDoCookies, "too many half-open: cookie") \
	X(TCP_REQQ_FULL_DROP, TcpExtTCPReqQFullDrop, "too many half-open: dropped") \
	X(TCP_DEFER_ACCEPT_DROP, TcpExtTCPDeferAcceptDrop, "ACKs without data, deferred") \
	X(TCP_RENO_RECOVERY, TcpExtTCPRenoRecovery, "fast recoveries without SACK") \
	X(TCP_SACK_RECOVERY, TcpExtTCPSackRecovery, "fast recoveries with SACK") \
	X(TCP_SACK_RENEGING, TcpExtTCPSACKReneging, "receivers that took SACK back") \
	X(TCP_SACK_REORDER, TcpExtTCPSACKReorder, "reordering seen by SACK")	\
	X(TCP_RENO_REORDER, TcpExtTCPRenoReorder, "reordering seen without SACK") \
	X(TCP_TS_REORDER, TcpExtTCPTSReorder, "reordering seen with timestamps") \
	X(TCP_FULL_UNDO, TcpExtTCPFullUndo, "recoveries undone at their end") \
	X(TCP_PARTIAL_UNDO, TcpExtTCPPartialUndo, "recoveries undone half-way") \
	X(TCP_DSACK_UNDO, TcpExtTCPDSACKUndo, "reductions undone by D-SACK") \
	X(TCP_LOSS_UNDO, TcpExtTCPLossUndo, "timeouts undone")		\
	X(TCP_LOST_RETRANSMIT, TcpExtTCPLostRetransmit, "retransmissions lost") \
	X(TCP_RENO_FAILURES, TcpExtTCPRenoFailures, "timeouts in disorder, no SACK") \
	X(TCP_SACK_FAILURES, TcpExtTCPSackFailures, "timeouts in disorder, SACK") \
	X(TCP_LOSS_FAILURES, TcpExtTCPLossFailures, "timeouts after a timeout") \
	X(TCP_RENO_RECOVERY_FAIL, TcpExtTCPRenoRecoveryFail, "timeouts in recovery, no SACK") \
	X(TCP_SACK_RECOVERY_FAIL, TcpExtTCPSackRecoveryFail, "timeouts in recovery, SACK") \
	X(TCP_FAST_RETRANS, TcpExtTCPFastRetrans, "segments sent again in fast recovery") \
	X(TCP_SLOW_START_RETRANS, TcpExtTCPSlowStartRetrans, "and after a timeout") \
	X(TCP_TIMEOUTS, TcpExtTCPTimeouts, "retransmission timeouts")	\
	X(TCP_TIMEOUT_REHASH, TcpExtTcpTimeoutRehash,			\
	  "timeouts after which another flow label is tried")		\
	X(TCP_LOSS_PROBES, TcpExtTCPLossProbes, "tail loss probes")	\
	X(TCP_LOSS_PROBE_RECOVERY, TcpExtTCPLossProbeRecovery, "losses that a probe repaired") \
	X(TCP_RCV_COLLAPSED, TcpExtTCPRcvCollapsed, "small segments copied together") \
	X(TCP_DSACK_OLD_SENT, TcpExtTCPDSACKOldSent, "D-SACKs sent, old data") \
	X(TCP_DSACK_OFO_SENT, TcpExtTCPDSACKOfoSent, "D-SACKs sent, out of order") \
	X(TCP_DSACK_RECV, TcpExtTCPDSACKRecv, "D-SACKs received, old data") \
	X(TCP_DSACK_OFO_RECV, TcpExtTCPDSACKOfoRecv, "D-SACKs received, out of order") \
	X(TCP_DSACK_RECV_SEGS, TcpExtTCPDSACKRecvSegs, "segments that D-SACKs told of") \
	X(TCP_DSACK_IGNORED_DUBIOUS, TcpExtTCPDSACKIgnoredDubious, "D-SACKs of single data") \
	X(TCP_DSACK_IGNORED_NO_UNDO, TcpExtTCPDSACKIgnoredNoUndo, "D-SACKs that tell nothing") \
	X(TCP_SACK_DISCARD, TcpExtTCPSACKDiscard, "SACK blocks about nothing in flight") \
	X(TCP_ABORT_ON_DATA, TcpExtTCPAbortOnData, "reset: data after close") \
	X(TCP_ABORT_ON_CLOSE, TcpExtTCPAbortOnClose, "reset: closed with unread data") \
	X(TCP_ABORT_ON_MEMORY, TcpExtTCPAbortOnMemory, "orphans ended for memory") \
	X(TCP_ABORT_ON_TIMEOUT, TcpExtTCPAbortOnTimeout, "connections timed out") \
	X(TCP_ABORT_ON_LINGER, TcpExtTCPAbortOnLinger, "orphans that may not linger") \
	X(TCP_ABORT_FAILED, TcpExtTCPAbortFailed, "resets that could not be sent") \
	X(TCP_MEMORY_PRESSURES, TcpExtTCPMemoryPressures, "times that memory became short") \
	X(TCP_SPURIOUS_RTOS, TcpExtTCPSpuriousRTOs, "timeouts found spurious by F-RTO") \
	X(TCP_CHALLENGE_ACK, TcpExtTCPChallengeACK, "challenge ACKs sent") \
	X(TCP_SYN_CHALLENGE, TcpExtTCPSYNChallenge, "SYNs that were challenged") \
	X(TCP_SPURIOUS_RTX_HOST_QUEUES, TcpExtTCPSpuriousRtxHostQueues,	\
	  "not sent again: still on this host")				\
	X(TCP_FROM_ZERO_WINDOW_ADV, TcpExtTCPFromZeroWindowAdv, "own window opened") \
	X(TCP_TO_ZERO_WINDOW_ADV, TcpExtTCPToZeroWindowAdv, "own window closed") \
	X(TCP_SYN_RETRANS, TcpExtTCPSynRetrans, "SYNs and SYN-ACKs sent again") \
	X(TCP_RETRANS_FAIL, TcpExtTCPRetransFail, "retransmissions that could not be sent") \
	X(TCP_OFO_QUEUE, TcpExtTCPOFOQueue, "segments held out of order") \
	X(TCP_OFO_DROP, TcpExtTCPOFODrop, "and not held for memory")	\
	X(TCP_OFO_MERGE, TcpExtTCPOFOMerge, "and held already")		\
	X(TCP_RCVQ_DROP, TcpExtTCPRcvQDrop, "in order, and no memory")	\
	X(TCP_ZERO_WINDOW_DROP, TcpExtTCPZeroWindowDrop, "data into a closed window") \
	X(TCP_ACK_SKIPPED_SYN_RECV, TcpExtTCPACKSkippedSynRecv, "answers withheld, SYN-RECEIVED") \
	X(TCP_ACK_SKIPPED_PAWS, TcpExtTCPACKSkippedPAWS, "answers withheld, PAWS") \
	X(TCP_ACK_SKIPPED_SEQ, TcpExtTCPACKSkippedSeq, "answers withheld, sequence") \
	X(TCP_ACK_SKIPPED_FIN_WAIT2, TcpExtTCPACKSkippedFinWait2, "answers withheld, FIN-WAIT-2") \
	X(TCP_ACK_SKIPPED_TIME_WAIT, TcpExtTCPACKSkippedTimeWait, "answers withheld, TIME-WAIT") \
	X(TCP_ACK_SKIPPED_CHALLENGE, TcpExtTCPACKSkippedChallenge, "challenge ACKs withheld") \
	X(TCP_WINPROBE, TcpExtTCPWinProbe, "window probes sent")	\
	X(TCP_KEEPALIVE, TcpExtTCPKeepAlive, "keep-alive probes sent")	\
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

/* From a counter of IPv4 to the same one of IPv6. */
#define TOY_MIB_IP6	(TOY_MIB_IP6_IN_RECEIVES - TOY_MIB_IP_IN_RECEIVES)

/* One CPU's counters of one network namespace. */
struct toy_mib_cpu {
	unsigned long count[TOY_MIB_MAX];
};

#endif /* _TOY_MIB_H */

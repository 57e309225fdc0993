/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a packet ends here: every reason has one row in this list.
 *
 * The enum, the counter, its name in netlink and in /proc/net/toy/stat, the
 * line that `toy stat -v` prints and the core's drop reason (which dropwatch
 * and perf see) all come from these rows. A row is
 *
 *	X(ENUM_SUFFIX, CounterName, CORE_REASON, "what happened")
 *
 * An input function returns enum toy_drop. TOY_RX_OK means that the skb was
 * consumed; with every other value the caller still owns it. One place, the
 * poll loop, frees, counts and traces (toy_drop_skb()).
 */
#ifndef _TOY_DROP_H
#define _TOY_DROP_H

#define TOY_DROP_LIST(X)						\
	/* the device and its queue */					\
	X(QUEUE_FULL, DropQueueFull, CPU_BACKLOG,			\
	  "receive queue of this device and CPU was full")		\
	X(DEV_GONE, DropDevGone, DEV_READY,				\
	  "device was detached while the packet waited")		\
	X(OTHERHOST, DropOtherHost, OTHERHOST,				\
	  "link-layer destination is another host")			\
	X(UNKNOWN_L3, DropUnknownEtherType, UNHANDLED_PROTO,		\
	  "no protocol for this EtherType")				\
	X(NOMEM, DropNoMem, NOMEM, "out of memory")			\
	X(DEV_DOWN, DropDevDown, DEV_READY, "device is down on output")	\
	X(LINK_HEADER, DropLinkHeader, DEV_HDR,				\
	  "link header could not be built")				\
	X(TOYLO, DropToylo, UNHANDLED_PROTO,				\
	  "toylo: AF_TOY has not sent this frame")			\
	X(GSO_SEGMENT, DropGsoSegment, SKB_GSO_SEG,			\
	  "super-packet could not be segmented")			\
	/* ARP, RFC 826 */						\
	X(ARP_SHORT, DropArpShort, HDR_TRUNC, "ARP: truncated")		\
	X(ARP_HTYPE, DropArpHtype, UNHANDLED_PROTO,			\
	  "ARP: hardware type is not the device's")			\
	X(ARP_PTYPE, DropArpPtype, UNHANDLED_PROTO,			\
	  "ARP: protocol type is not IPv4")				\
	X(ARP_ALEN, DropArpAddrLen, UNHANDLED_PROTO,			\
	  "ARP: address lengths do not fit the types")			\
	X(ARP_OP, DropArpOp, UNHANDLED_PROTO,				\
	  "ARP: neither request nor reply")				\
	X(ARP_SENDER, DropArpSender, IP_INADDRERRORS,			\
	  "ARP: sender address is loopback, multicast or broadcast")	\
	X(ARP_TARGET, DropArpTarget, IP_INADDRERRORS,			\
	  "ARP: target address is loopback or multicast")		\
	X(ARP_HADDR, DropArpSenderMac, IP_INADDRERRORS,			\
	  "ARP: sender hardware address is a group address")		\
	X(ARP_OWN, DropArpOwn, OTHERHOST,				\
	  "ARP: our own packet came back")				\
	X(ARP_NOARP, DropArpNoArp, UNHANDLED_PROTO,			\
	  "ARP: device does no ARP")					\
	/* neighbours, RFC 4861 7 */					\
	X(NEIGH_QUEUE, DropNeighQueue, NEIGH_QUEUEFULL,			\
	  "neighbour: too many packets wait for resolution")		\
	X(NEIGH_FAILED, DropNeighFailed, NEIGH_FAILED,			\
	  "neighbour: did not answer")					\
	X(NEIGH_LIMIT, DropNeighLimit, NEIGH_CREATEFAIL,		\
	  "neighbour: table is full of permanent entries")		\
	X(NEIGH_DEAD, DropNeighDead, NEIGH_DEAD,			\
	  "neighbour: entry was removed")				\
	/* IPv4, RFC 791 and 1122 3.2.1 */				\
	X(IP_SHORT, DropIpShort, HDR_TRUNC,				\
	  "IPv4: header is truncated")					\
	X(IP_VERSION, DropIpVersion, IP_INHDR,				\
	  "IPv4: version is not 4")					\
	X(IP_IHL, DropIpHeaderLen, IP_INHDR,				\
	  "IPv4: header length is below 20 or beyond the packet")	\
	X(IP_LEN, DropIpTotalLen, PKT_TOO_SMALL,			\
	  "IPv4: total length is below the header or beyond the frame")	\
	X(IP_CSUM, DropIpChecksum, IP_CSUM, "IPv4: header checksum")	\
	X(IP_OPTIONS, DropIpOptions, IP_INHDR,				\
	  "IPv4: malformed options")					\
	X(IP_SRCROUTE, DropIpSourceRoute, IP_INHDR,			\
	  "IPv4: source routes are refused")				\
	X(IP_SADDR, DropIpSource, IP_INADDRERRORS,			\
	  "IPv4: source is broadcast, multicast or 0.0.0.0/8")		\
	X(IP_MARTIAN, DropIpMartian, IP_RPFILTER,			\
	  "IPv4: loopback or own address arrives from outside")		\
	X(IP_DADDR, DropIpDestination, IP_INADDRERRORS,			\
	  "IPv4: destination is 0.0.0.0/8")			\
	X(IP_NOT_LOCAL, DropIpNotLocal, IP_INADDRERRORS,		\
	  "IPv4: destination is not an address of ours")		\
	X(IP_MCAST, DropIpMulticast, IP_INADDRERRORS,			\
	  "IPv4: no membership in the destination group")		\
	X(IP_L2_BCAST, DropIpL2Broadcast, UNICAST_IN_L2_MULTICAST,	\
	  "IPv4: unicast destination in a link-layer broadcast")	\
	X(IP_RPFILTER, DropIpRpFilter, IP_RPFILTER,			\
	  "IP: the route to the source leads elsewhere (rp_filter)")	\
	/* fragments, RFC 791 3.2 and RFC 8200 4.5 */			\
	X(FRAG_LEN, DropFragLength, PKT_TOO_SMALL,			\
	  "fragment: empty, or in the middle and no multiple of 8 bytes") \
	X(FRAG_BEYOND, DropFragBeyond, IP_INHDR,			\
	  "fragment: reaches beyond the 64 KB of a datagram")		\
	X(FRAG_TINY, DropFragTiny, IP_INHDR,				\
	  "fragment: cuts a TCP header in two")				\
	X(FRAG_END, DropFragEnd, IP_INHDR,				\
	  "fragment: disagrees with the others about the end")		\
	X(FRAG_OVERLAP, DropFragOverlap, IP_INHDR,			\
	  "fragment: overlaps another one of its datagram")		\
	X(FRAG_DUP, DropFragDuplicate, IP_INHDR,			\
	  "fragment: its bytes are here already")			\
	X(FRAG_ECN, DropFragEcn, IP_INHDR,				\
	  "fragments: some with and some without ECN")			\
	X(FRAG_FAR, DropFragFar, IP_INHDR,				\
	  "fragments: too many others came in between")			\
	X(FRAG_FULL, DropFragFull, NOMEM,				\
	  "fragment: memory for reassembly is used up")			\
	X(FRAG_TIMEOUT, DropFragTimeout, IP_INHDR,			\
	  "fragments: the others did not come in time")			\
	X(IP_PROTO, DropIpUnknownProto, IP_NOPROTO,			\
	  "IP: no handler for the protocol")				\
	/* IPv6, RFC 8200 */						\
	X(IP6_SHORT, DropIp6Short, HDR_TRUNC,				\
	  "IPv6: header is truncated")					\
	X(IP6_VERSION, DropIp6Version, IP_INHDR,			\
	  "IPv6: version is not 6")					\
	X(IP6_LEN, DropIp6PayloadLen, PKT_TOO_SMALL,			\
	  "IPv6: payload length is beyond the frame")			\
	X(IP6_SADDR, DropIp6Source, IP_INADDRERRORS,			\
	  "IPv6: source is a group, loopback, or of no known kind")	\
	X(IP6_MARTIAN, DropIp6Martian, IP_RPFILTER,			\
	  "IPv6: loopback or own address arrives from outside")		\
	X(IP6_DADDR, DropIp6Destination, IP_INADDRERRORS,		\
	  "IPv6: destination is unspecified or of a reserved scope")	\
	X(IP6_NOT_LOCAL, DropIp6NotLocal, IP_INADDRERRORS,		\
	  "IPv6: destination is not an address of ours")		\
	X(IP6_MCAST, DropIp6Multicast, IP_INADDRERRORS,			\
	  "IPv6: no membership in the destination group")		\
	X(IP6_L2_BCAST, DropIp6L2Broadcast, UNICAST_IN_L2_MULTICAST,	\
	  "IPv6: unicast destination in a link-layer broadcast")	\
	X(IP6_EXT_SHORT, DropIp6ExtShort, HDR_TRUNC,			\
	  "IPv6: extension header is truncated")			\
	X(IP6_EXT_ORDER, DropIp6ExtOrder, IP_INHDR,			\
	  "IPv6: hop-by-hop options are not the first header")		\
	X(IP6_EXT_CHAIN, DropIp6ExtChain, IP_INHDR,			\
	  "IPv6: too many extension headers, options or padding")	\
	X(IP6_OPTION, DropIp6Option, IP_INHDR,				\
	  "IPv6: option is malformed or must be known")			\
	X(IP6_ROUTING, DropIp6Routing, IP_INHDR,			\
	  "IPv6: routing header with segments left")			\
	X(IP6_NO_NEXT, DropIp6NoNext, IP_NOPROTO,			\
	  "IPv6: nothing follows the headers")				\
	X(IP6_FRAG_CHAIN, DropIp6FragChain, IP_INHDR,			\
	  "IPv6: first fragment does not hold all headers")		\
	/* routes and output */						\
	X(NO_ROUTE, DropNoRoute, IP_OUTNOROUTES, "no route")		\
	X(NO_SOURCE, DropNoSource, IP_OUTNOROUTES,			\
	  "no source address for the destination")			\
	X(BLACKHOLE, DropBlackhole, IP_OUTNOROUTES, "blackhole route")	\
	X(UNREACHABLE, DropUnreachable, IP_OUTNOROUTES,			\
	  "forwarding: unreachable route")				\
	X(PROHIBITED, DropProhibited, IP_OUTNOROUTES,			\
	  "forwarding: prohibit route")					\
	X(TTL, DropTtl, IP_INHDR,					\
	  "forwarding: TTL or hop limit is used up")			\
	X(LRO, DropLro, SKB_GSO_SEG,					\
	  "forwarding: joined by the device, cannot be taken apart")	\
	X(TOO_BIG, DropTooBig, PKT_TOO_BIG,				\
	  "larger than the MTU and must not be fragmented")		\
	/* ICMPv4, RFC 792 and 1122 3.2.2 */				\
	X(ICMP_SHORT, DropIcmpShort, HDR_TRUNC, "ICMP: truncated")	\
	X(ICMP_CSUM, DropIcmpChecksum, ICMP_CSUM, "ICMP: checksum")	\
	X(ICMP_TYPE, DropIcmpType, UNHANDLED_PROTO,			\
	  "ICMP: unknown type or code")					\
	X(ICMP_BCAST, DropIcmpBroadcast, INVALID_PROTO,			\
	  "ICMP: error to a broadcast or multicast address")		\
	X(ICMP_QUOTE, DropIcmpQuote, HDR_TRUNC,				\
	  "ICMP: error quotes too little of a packet")			\
	X(ICMP_ALIEN, DropIcmpAlien, NO_SOCKET,				\
	  "ICMP: error about a packet that is not ours")		\
	X(ICMP_IGNORED, DropIcmpIgnored, UNHANDLED_PROTO,		\
	  "ICMP: echo request that a sysctl says to ignore")		\
	X(ICMP_NO_SOCKET, DropIcmpNoSocket, NO_SOCKET,			\
	  "ICMP: echo reply that nobody waits for")			\
	/* raw sockets, RFC 3542 */					\
	X(RAW_CSUM, DropRawChecksum, SOCKET_FILTER,			\
	  "raw: checksum that IPV6_CHECKSUM asks for")			\
	/* ICMPv6, RFC 4443 */						\
	X(ICMP6_SHORT, DropIcmp6Short, HDR_TRUNC, "ICMPv6: truncated")	\
	X(ICMP6_CSUM, DropIcmp6Checksum, ICMP_CSUM, "ICMPv6: checksum")	\
	X(ICMP6_TYPE, DropIcmp6Type, UNHANDLED_PROTO,			\
	  "ICMPv6: unknown type or code")				\
	/* neighbour discovery, RFC 4861 */				\
	X(ND_HOP_LIMIT, DropNdHopLimit, INVALID_PROTO,			\
	  "discovery: hop limit is not 255: from off-link")		\
	X(ND_CODE, DropNdCode, INVALID_PROTO, "discovery: code is not 0") \
	X(ND_SHORT, DropNdShort, HDR_TRUNC, "discovery: truncated")	\
	X(ND_OPT_ZERO, DropNdOptionZero, INVALID_PROTO,			\
	  "discovery: option of length 0")				\
	X(ND_OPT_LEN, DropNdOptionLen, PKT_TOO_SMALL,			\
	  "discovery: option reaches beyond the message")		\
	X(ND_LLADDR, DropNdLinkAddress, INVALID_PROTO,			\
	  "discovery: link-layer address of a wrong length or of a group") \
	X(ND_TARGET, DropNdTarget, IP_INADDRERRORS,			\
	  "discovery: target or destination is not a host's")		\
	X(ND_SOURCE, DropNdSource, IP_INADDRERRORS,			\
	  "discovery: source is not one that this message may have")	\
	X(ND_SLLA, DropNdSourceOption, INVALID_PROTO,			\
	  "discovery: link-layer address without a source")		\
	X(ND_SOLICITED, DropNdSolicited, INVALID_PROTO,			\
	  "discovery: answer to a question, sent to everybody")		\
	X(ND_PREFIX, DropNdPrefix, INVALID_PROTO,			\
	  "discovery: bad prefix information, ignored")			\
	X(ND_ROUTE, DropNdRoute, INVALID_PROTO,				\
	  "discovery: bad route information, ignored")			\
	X(ND_MTU, DropNdMtu, INVALID_PROTO,				\
	  "discovery: bad MTU, ignored")				\
	X(ND_DNS, DropNdDns, INVALID_PROTO,				\
	  "discovery: bad DNS server or search list, ignored")		\
	X(ND_NO_LLADDR, DropNdNoLinkAddress, UNHANDLED_PROTO,		\
	  "discovery: device has no link-layer addresses")		\
	X(ND_NOT_OURS, DropNdNotOurs, OTHERHOST,			\
	  "discovery: solicitation for somebody else's address")	\
	X(ND_OWN, DropNdOwn, OTHERHOST,					\
	  "discovery: our own message came back")			\
	X(ND_IGNORED, DropNdIgnored, UNHANDLED_PROTO,			\
	  "discovery: message that a sysctl or our role says to ignore") \
	X(ND_REDIRECT, DropNdRedirect, INVALID_PROTO,			\
	  "discovery: redirect not from the first hop")			\
	X(ND_RA_QUEUE, DropNdQueue, CPU_BACKLOG,			\
	  "discovery: too many router advertisements wait")		\
	X(ND_LIMIT, DropNdLimit, NOMEM,					\
	  "discovery: limit of what routers may tell us is reached")	\
	/* IGMP, RFC 3376, and MLD, RFC 3810 */				\
	X(IGMP_SHORT, DropIgmpShort, HDR_TRUNC, "IGMP: truncated")	\
	X(IGMP_CSUM, DropIgmpChecksum, SKB_CSUM, "IGMP: checksum")		\
	X(IGMP_TYPE, DropIgmpType, UNHANDLED_PROTO, "IGMP: unknown type") \
	X(IGMP_LEN, DropIgmpLen, PKT_TOO_SMALL,				\
	  "IGMP: length is no version's, or too short for the sources")	\
	X(IGMP_GROUP, DropIgmpGroup, IP_INADDRERRORS,			\
	  "IGMP: group is no multicast address")			\
	X(IGMP_TTL, DropIgmpTtl, IP_INHDR, "IGMP: TTL is not 1")	\
	X(IGMP_ALERT, DropIgmpRouterAlert, IP_INHDR,			\
	  "IGMP: query without a router alert option")			\
	X(IGMP_SOURCE, DropIgmpSource, IP_INADDRERRORS,			\
	  "IGMP: sender is not on this link")				\
	X(MLD_LEN, DropMldLen, PKT_TOO_SMALL,				\
	  "MLD: length is no version's, or too short for the sources")	\
	X(MLD_TYPE, DropMldType, UNHANDLED_PROTO, "MLD: unknown type")	\
	X(MLD_GROUP, DropMldGroup, IP_INADDRERRORS,			\
	  "MLD: group is no multicast address")				\
	X(MLD_HOPS, DropMldHopLimit, IP_INHDR, "MLD: hop limit is not 1") \
	X(MLD_ALERT, DropMldRouterAlert, IP_INHDR,			\
	  "MLD: no router alert option")				\
	X(MLD_SOURCE, DropMldSource, IP_INADDRERRORS,			\
	  "MLD: sender's address is not link-local")			\
	/* UDP, RFC 768 */						\
	X(UDP_SHORT, DropUdpShort, HDR_TRUNC, "UDP: truncated")		\
	X(UDP_LEN, DropUdpLen, PKT_TOO_SMALL,				\
	  "UDP: length field is below 8 or beyond the packet")		\
	X(UDP_CSUM, DropUdpChecksum, UDP_CSUM, "UDP: checksum")		\
	X(UDP_NO_CSUM, DropUdpNoChecksum, UDP_CSUM,			\
	  "UDP: no checksum over IPv6, and nobody who takes that")	\
	X(UDP_NO_PORT, DropUdpNoPort, NO_SOCKET,			\
	  "UDP: nobody is bound to the port")				\
	X(UDP_NO_LISTENER, DropUdpNoListener, NO_SOCKET,		\
	  "UDP: broadcast or multicast that no socket wants")		\
	/* TCP, RFC 9293 */						\
	X(TCP_SHORT, DropTcpShort, HDR_TRUNC, "TCP: truncated")		\
	X(TCP_HDR_LEN, DropTcpHeaderLen, PKT_TOO_SMALL,			\
	  "TCP: header length is below 20 or beyond the segment")	\
	X(TCP_CSUM, DropTcpChecksum, TCP_CSUM, "TCP: checksum")		\
	X(TCP_GROUP, DropTcpGroup, IP_INADDRERRORS,			\
	  "TCP: from or to a broadcast or multicast address")		\
	X(TCP_NO_PORT, DropTcpNoPort, NO_SOCKET,			\
	  "TCP: nobody listens on the port")				\
	X(TCP_FLAGS, DropTcpFlags, TCP_FLAGS,				\
	  "TCP: control bits make no sense in this state")		\
	X(TCP_NO_ACK, DropTcpNoAck, TCP_FLAGS,				\
	  "TCP: without ACK in a synchronised state")			\
	X(TCP_SEQUENCE, DropTcpSequence, TCP_INVALID_SEQUENCE,		\
	  "TCP: sequence numbers outside the window")			\
	X(TCP_PAWS, DropTcpPaws, TCP_RFC7323_PAWS,			\
	  "TCP: timestamp is older than the last one (PAWS)")		\
	X(TCP_OLD_ACK, DropTcpOldAck, TCP_TOO_OLD_ACK,			\
	  "TCP: acknowledgment is far below what is in flight")		\
	X(TCP_ACK_UNSENT, DropTcpAckUnsent, TCP_ACK_UNSENT_DATA,	\
	  "TCP: acknowledges what was never sent")			\
	X(TCP_INVALID_SYN, DropTcpInvalidSyn, TCP_INVALID_SYN,		\
	  "TCP: SYN in a synchronised state")				\
	X(TCP_INVALID_RST, DropTcpInvalidRst, TCP_RESET,		\
	  "TCP: RST that does not prove itself")			\
	X(TCP_RESET, DropTcpReset, TCP_RESET,				\
	  "TCP: RST that was obeyed")					\
	X(TCP_DUPLICATE, DropTcpDuplicate, TCP_OLD_DATA,		\
	  "TCP: all of it was received before")				\
	X(TCP_WINDOW, DropTcpWindow, TCP_OVERWINDOW,			\
	  "TCP: data beyond the window")				\
	X(TCP_RCVBUF, DropTcpRcvbuf, PROTO_MEM,				\
	  "TCP: no memory for data in order")				\
	X(TCP_OFO_MEM, DropTcpOfoMem, TCP_OFO_QUEUE_PRUNE,		\
	  "TCP: no memory for data out of order")			\
	X(TCP_BACKLOG, DropTcpBacklog, SOCKET_BACKLOG,			\
	  "TCP: backlog of a socket in use is full")			\
	X(TCP_CLOSED, DropTcpClosed, TCP_CLOSE,				\
	  "TCP: socket was closed meanwhile")				\
	X(TCP_ABORT_ON_DATA, DropTcpAbortOnData, TCP_CLOSE,	\
	  "TCP: data that nobody will read")				\
	X(TCP_TIME_WAIT, DropTcpTimeWait, TCP_OLD_DATA,		\
	  "TCP: for a connection in TIME_WAIT")				\
	X(TCP_LISTEN_ACK, DropTcpListenAck, TCP_FLAGS,			\
	  "TCP: ACK to a listener without a connection or cookie")	\
	X(TCP_SYN_FULL, DropTcpSynFull, CPU_BACKLOG,			\
	  "TCP: too many half-open connections")			\
	X(TCP_ACCEPT_FULL, DropTcpAcceptFull, CPU_BACKLOG,		\
	  "TCP: too many connections wait for accept(2)")		\
	X(TCP_COOKIE, DropTcpCookie, NO_SOCKET,			\
	  "TCP: SYN answered by a cookie and forgotten")		\
	X(TCP_DEFERRED, DropTcpDeferred, NO_SOCKET,			\
	  "TCP: ACK without data under TCP_DEFER_ACCEPT")		\
	X(TCP_REQ_TAKEN, DropTcpReqTaken, NO_SOCKET,		\
	  "TCP: half-open connection is being completed elsewhere")	\
	/* sockets */							\
	X(SOCK_FILTER, DropSocketFilter, SOCKET_FILTER,			\
	  "socket filter said no")					\
	X(SOCK_RCVBUF, DropSocketRcvbuf, SOCKET_RCVBUFF,		\
	  "receive buffer of the socket is full")			\
	X(SOCK_MIN_TTL, DropSocketMinTtl, SOCKET_FILTER,		\
	  "TTL below the socket's IP_MINTTL or IPV6_MINHOPCOUNT")	\
	X(SOCK_MEM, DropSocketMem, PROTO_MEM,				\
	  "memory limit of the protocol or the cgroup")

#define TOY_DROP_ENUM(name, counter, core, help) TOY_DROP_##name,
enum toy_drop {
	TOY_RX_OK,		/* consumed, all is well */
	TOY_DROP_LIST(TOY_DROP_ENUM)
	__TOY_DROP_MAX
};
#undef TOY_DROP_ENUM

#endif /* _TOY_DROP_H */

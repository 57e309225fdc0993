// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames that nobody should send, and a few that look as if.
 *
 *	a (AF_INET, mute)                     b (family under test)
 *	veth0 10.0.0.1/24  <----------->  veth1 10.0.0.2/24
 *
 * Each row of the tables below is a case. A row starts from a good frame (ARP
 * request, echo request, datagram to a closed or to an open port, ICMP error)
 * and says what is wrong with it, which counter of the module must go up, and
 * which answer must come back, if any.
 *
 * After the frame comes a good echo request with a number of its own. Its
 * reply ends the case: frames are handled in order, so whatever the first one
 * caused has happened by then, and there is nothing to wait for.
 */
#include "toy_test.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>

#define ETH	0	/* offsets in the frame */
#define IP	14
#define L4	34
#define OPT	34	/* in frames with IP options */

enum base { ARP, ECHO, UDP, UDP_OPEN, ICMP_ERR };

enum answer {
	NOTHING,
	ARP_REPLY,
	ECHO_REPLY,
	PORT_UNREACH,
	PROTO_UNREACH,
	PARAM_PROBLEM,
	DATAGRAM,	/* no frame: the open socket reads it */
};

#define OPEN_PORT	4711
#define CLOSED_PORT	4712

/* The last frame of each case. */
#define END_ID		0x5aa5

struct patch {
	int		at;
	const char	*bytes;
	int		len;
};

#define BYTES(offset, text)	{ .at = (offset), .bytes = (text),	\
				  .len = sizeof(text) - 1 }
#define DST_MAC_BROADCAST	BYTES(ETH, "\xff\xff\xff\xff\xff\xff")

FIXTURE(frame) {
	struct pair p;
	unsigned char here[6], there[6];	/* MACs of veth1 and veth0 */
	int raw;				/* on veth0 */
	int open;				/* UDP, in b */
};

FIXTURE_VARIANT(frame) {
	enum base base;
	struct patch patch[3];
	int options;		/* bytes of IP options to make room for */
	int payload;		/* of ECHO and UDP; 0 is 24 */
	int frame_len;		/* cut or pad the frame to this; 0: as it is */
	bool keep_ip_sum;	/* leave the checksums as patched */
	bool keep_l4_sum;
	bool keep_ip_len;
	const char *drop;	/* counter of the module */
	enum answer answer;
	int received;		/* bytes, if the answer is DATAGRAM */
	const char *not_inet;	/* why AF_INET does otherwise */
};

/* ---- ARP: who has 10.0.0.2, tell 10.0.0.1 ------------------------------- */

#define ROW(name)	FIXTURE_VARIANT_ADD(frame, name)

ROW(arp_request) { .base = ARP, .answer = ARP_REPLY };

ROW(arp_request_padded) {
	.base = ARP, .frame_len = 60, .answer = ARP_REPLY,
};

/* RFC 5227: a probe for an address of ours is answered. */
ROW(arp_probe) {
	.base = ARP, .patch = { BYTES(28, "\0\0\0\0") }, .answer = ARP_REPLY,
};

ROW(arp_for_another) { .base = ARP, .patch = { BYTES(38, "\x0a\0\0\x63") } };

ROW(arp_empty) {
	.base = ARP, .frame_len = 14, .drop = "DropArpShort",
};

ROW(arp_header_cut) {
	.base = ARP, .frame_len = 21, .drop = "DropArpShort",
};

ROW(arp_addresses_cut) {
	.base = ARP, .frame_len = 41, .drop = "DropArpShort",
};

ROW(arp_hardware_type) {
	.base = ARP, .patch = { BYTES(14, "\0\x07") }, .drop = "DropArpHtype",
};

ROW(arp_protocol_type) {
	.base = ARP, .patch = { BYTES(16, "\x86\xdd") },
	.drop = "DropArpPtype",
};

ROW(arp_hardware_length) {
	.base = ARP, .patch = { BYTES(18, "\x07") }, .drop = "DropArpAddrLen",
};

ROW(arp_protocol_length) {
	.base = ARP, .patch = { BYTES(19, "\x10") }, .drop = "DropArpAddrLen",
};

ROW(arp_zero_lengths) {
	.base = ARP, .patch = { BYTES(18, "\0\0") }, .drop = "DropArpAddrLen",
};

ROW(arp_operation_0) {
	.base = ARP, .patch = { BYTES(20, "\0\0") }, .drop = "DropArpOp",
};

ROW(arp_operation_rarp) {
	.base = ARP, .patch = { BYTES(20, "\0\x03") }, .drop = "DropArpOp",
};

ROW(arp_sender_loopback) {
	.base = ARP, .patch = { BYTES(28, "\x7f\0\0\1") },
	.drop = "DropArpSender",
};

ROW(arp_sender_multicast) {
	.base = ARP, .patch = { BYTES(28, "\xe0\0\0\1") },
	.drop = "DropArpSender",
};

ROW(arp_sender_broadcast) {
	.base = ARP, .patch = { BYTES(28, "\xff\xff\xff\xff") },
	.drop = "DropArpSender",
};

ROW(arp_target_loopback) {
	.base = ARP, .patch = { BYTES(38, "\x7f\0\0\1") },
	.drop = "DropArpTarget",
};

ROW(arp_target_multicast) {
	.base = ARP, .patch = { BYTES(38, "\xe0\0\0\1") },
	.drop = "DropArpTarget",
};

ROW(arp_sender_group_mac) {
	.base = ARP, .patch = { BYTES(22, "\xff\xff\xff\xff\xff\xff") },
	.drop = "DropArpSenderMac", .not_inet = "it answers to a group",
};

/* ---- IPv4 around an echo request ---------------------------------------- */

ROW(echo) { .base = ECHO, .answer = ECHO_REPLY };

ROW(echo_empty) {
	.base = ECHO, .payload = -1, .answer = ECHO_REPLY,
};

ROW(echo_padded) {
	.base = ECHO, .payload = 4, .frame_len = 60, .answer = ECHO_REPLY,
};

ROW(ip_empty) {
	.base = ECHO, .frame_len = 14, .drop = "DropIpShort",
};

ROW(ip_one_byte) {
	.base = ECHO, .frame_len = 15, .drop = "DropIpShort",
};

ROW(ip_cut_at_19) {
	.base = ECHO, .frame_len = 33, .drop = "DropIpShort",
};

ROW(ip_version_0) {
	.base = ECHO, .patch = { BYTES(IP, "\x05") }, .drop = "DropIpVersion",
};

ROW(ip_version_6) {
	.base = ECHO, .patch = { BYTES(IP, "\x65") }, .drop = "DropIpVersion",
};

ROW(ip_header_length_4) {
	.base = ECHO, .patch = { BYTES(IP, "\x44") },
	.drop = "DropIpHeaderLen",
};

ROW(ip_header_length_0) {
	.base = ECHO, .patch = { BYTES(IP, "\x40") },
	.drop = "DropIpHeaderLen",
};

ROW(ip_header_beyond_packet) {
	.base = ECHO, .payload = 4, .patch = { BYTES(IP, "\x4f") },
	.drop = "DropIpHeaderLen",
};

ROW(ip_length_0) {
	.base = ECHO, .patch = { BYTES(IP + 2, "\0\0") }, .keep_ip_len = true,
	.drop = "DropIpTotalLen",
};

ROW(ip_length_below_header) {
	.base = ECHO, .patch = { BYTES(IP + 2, "\0\x13") },
	.keep_ip_len = true, .drop = "DropIpTotalLen",
};

ROW(ip_length_beyond_frame) {
	.base = ECHO, .payload = 24, .patch = { BYTES(IP + 2, "\0\x35") },
	.keep_ip_len = true, .drop = "DropIpTotalLen",
};

ROW(ip_length_65535) {
	.base = ECHO, .patch = { BYTES(IP + 2, "\xff\xff") },
	.keep_ip_len = true, .drop = "DropIpTotalLen",
};

ROW(ip_checksum) {
	.base = ECHO, .patch = { BYTES(IP + 10, "\xba\xad") },
	.keep_ip_sum = true, .drop = "DropIpChecksum",
};

ROW(ip_checksum_0) {
	.base = ECHO, .patch = { BYTES(IP + 10, "\0\0") },
	.keep_ip_sum = true, .drop = "DropIpChecksum",
};

ROW(ip_options_nop) {
	.base = ECHO, .options = 4, .patch = { BYTES(OPT, "\1\1\1\0") },
	.answer = ECHO_REPLY,
};

ROW(ip_options_end_first) {
	.base = ECHO, .options = 4, .patch = { BYTES(OPT, "\0\x83\3\4") },
	.answer = ECHO_REPLY,
};

ROW(ip_options_record_route) {
	.base = ECHO, .options = 8,
	.patch = { BYTES(OPT, "\7\7\4\0\0\0\0\0") }, .answer = ECHO_REPLY,
};

ROW(ip_options_timestamp) {
	.base = ECHO, .options = 8,
	.patch = { BYTES(OPT, "\x44\x08\5\0\0\0\0\0") }, .answer = ECHO_REPLY,
};

ROW(ip_options_router_alert) {
	.base = ECHO, .options = 4, .patch = { BYTES(OPT, "\x94\4\0\0") },
	.answer = ECHO_REPLY,
};

ROW(ip_options_unknown) {
	.base = ECHO, .options = 4, .patch = { BYTES(OPT, "\x5e\4\0\0") },
	.answer = ECHO_REPLY,
};

ROW(ip_option_length_0) {
	.base = ECHO, .options = 4, .patch = { BYTES(OPT, "\x07\0\0\0") },
	.drop = "DropIpOptions", .answer = PARAM_PROBLEM,
};

ROW(ip_option_length_1) {
	.base = ECHO, .options = 4, .patch = { BYTES(OPT, "\x44\1\0\0") },
	.drop = "DropIpOptions", .answer = PARAM_PROBLEM,
};

ROW(ip_option_beyond_header) {
	.base = ECHO, .options = 4, .patch = { BYTES(OPT, "\x07\x0b\4\0") },
	.drop = "DropIpOptions", .answer = PARAM_PROBLEM,
};

ROW(ip_option_without_length) {
	.base = ECHO, .options = 4, .patch = { BYTES(OPT, "\1\1\1\7") },
	.drop = "DropIpOptions", .answer = PARAM_PROBLEM,
};

ROW(ip_loose_source_route) {
	.base = ECHO, .options = 8,
	.patch = { BYTES(OPT, "\x83\7\4\x0a\0\0\x63\0") },
	.drop = "DropIpSourceRoute",
};

ROW(ip_strict_source_route) {
	.base = ECHO, .options = 8,
	.patch = { BYTES(OPT, "\x89\7\4\x0a\0\0\x63\0") },
	.drop = "DropIpSourceRoute",
};

ROW(ip_source_0) {
	.base = ECHO, .patch = { BYTES(IP + 12, "\0\0\0\0") },
	.drop = "DropIpSource",
};

ROW(ip_source_broadcast) {
	.base = ECHO, .patch = { BYTES(IP + 12, "\xff\xff\xff\xff") },
	.drop = "DropIpSource",
};

ROW(ip_source_net_broadcast) {
	.base = ECHO, .patch = { BYTES(IP + 12, "\x0a\0\0\xff") },
	.drop = "DropIpSource",
	.not_inet = "it answers unless rp_filter is on",
};

ROW(ip_source_multicast) {
	.base = ECHO, .patch = { BYTES(IP + 12, "\xe0\0\0\5") },
	.drop = "DropIpSource",
};

/* Class E is an address like another nowadays; we have no route to it. */
ROW(ip_source_class_e) {
	.base = ECHO, .patch = { BYTES(IP + 12, "\xf0\0\0\1") },
};

ROW(ip_source_loopback) {
	.base = ECHO, .patch = { BYTES(IP + 12, "\x7f\0\0\1") },
	.drop = "DropIpMartian",
};

ROW(ip_source_own) {
	.base = ECHO, .patch = { BYTES(IP + 12, "\x0a\0\0\2") },
	.drop = "DropIpMartian",
};

ROW(ip_to_loopback) {
	.base = ECHO, .patch = { BYTES(IP + 16, "\x7f\0\0\1") },
	.drop = "DropIpMartian",
};

ROW(ip_to_0) {
	.base = ECHO, .patch = { BYTES(IP + 16, "\0\0\0\0") },
	.drop = "DropIpDestination",
};

ROW(ip_to_class_e) {
	.base = ECHO, .patch = { BYTES(IP + 16, "\xf0\0\0\1") },
	.drop = "DropIpNotLocal",
};

ROW(ip_to_another) {
	.base = ECHO, .patch = { BYTES(IP + 16, "\x0a\0\0\x63") },
	.drop = "DropIpNotLocal",
};

ROW(ip_to_a_group) {
	.base = ECHO,
	.patch = { BYTES(IP + 16, "\xe0\0\0\xfb"), BYTES(ETH, "\x01\0\x5e\0\0\xfb") },
	.drop = "DropIpMulticast",
};

ROW(ip_unicast_in_broadcast) {
	.base = ECHO, .patch = { DST_MAC_BROADCAST },
	.drop = "DropIpL2Broadcast",
	.not_inet = "it answers (RFC 1122 3.3.6)",
};

ROW(ip_other_host) {
	.base = ECHO, .patch = { BYTES(ETH, "\x02\0\0\0\0\x99") },
	.drop = "DropOtherHost",
};

/* The others never come: held, and no answer. See frag.c for more. */
ROW(ip_fragment_first) { .base = ECHO, .patch = { BYTES(IP + 6, "\x20\0") } };

ROW(ip_fragment_last) { .base = ECHO, .patch = { BYTES(IP + 6, "\0\x03") } };

ROW(ip_fragment_beyond_64k) {
	.base = ECHO, .patch = { BYTES(IP + 6, "\x1f\xff") },
	.drop = "DropFragBeyond",
};

ROW(ip_fragment_no_multiple_of_8) {
	.base = ECHO, .patch = { BYTES(IP + 6, "\x20\0") }, .payload = 25,
	.drop = "DropFragLength",
};

ROW(ip_fragment_empty) {
	.base = ECHO, .frame_len = 34,
	.patch = { BYTES(IP + 2, "\0\x14"), BYTES(IP + 6, "\x20\0") },
	.keep_ip_len = true, .drop = "DropFragLength",
};

/* RFC 3128 */
ROW(ip_fragment_tiny_tcp) {
	.base = ECHO, .payload = -1,
	.patch = { BYTES(IP + 6, "\x20\0"), BYTES(IP + 9, "\x06") },
	.drop = "DropFragTiny",
};

ROW(ip_fragment_tcp_at_8) {
	.base = ECHO,
	.patch = { BYTES(IP + 6, "\x20\x01"), BYTES(IP + 9, "\x06") },
	.drop = "DropFragTiny",
};

ROW(ip_dont_fragment) {
	.base = ECHO, .patch = { BYTES(IP + 6, "\x40\0") },
	.answer = ECHO_REPLY,
};

ROW(ip_ttl_1) {
	.base = ECHO, .patch = { BYTES(IP + 8, "\1") }, .answer = ECHO_REPLY,
};

ROW(ip_ttl_0) {
	.base = ECHO, .patch = { BYTES(IP + 8, "\0") }, .answer = ECHO_REPLY,
};

ROW(ip_unknown_protocol) {
	.base = ECHO, .patch = { BYTES(IP + 9, "\xfd") },
	.drop = "DropIpUnknownProto", .answer = PROTO_UNREACH,
};

/* It is IPv6's. */
ROW(ip_protocol_icmp6) {
	.base = ECHO, .patch = { BYTES(IP + 9, "\x3a") },
	.drop = "DropIpUnknownProto", .answer = PROTO_UNREACH,
};

ROW(unknown_ethertype) { .base = ECHO, .patch = { BYTES(12, "\x88\xb5") } };

/* ---- ICMP --------------------------------------------------------------- */

ROW(icmp_empty) {
	.base = ECHO, .frame_len = 34, .patch = { BYTES(IP + 2, "\0\x14") },
	.keep_ip_len = true, .drop = "DropIcmpShort",
};

ROW(icmp_cut_at_7) {
	.base = ECHO, .frame_len = 41, .patch = { BYTES(IP + 2, "\0\x1b") },
	.keep_ip_len = true, .drop = "DropIcmpShort",
};

ROW(icmp_checksum) {
	.base = ECHO, .patch = { BYTES(L4 + 2, "\xba\xad") },
	.keep_l4_sum = true, .drop = "DropIcmpChecksum",
};

ROW(icmp_unknown_type) {
	.base = ECHO, .patch = { BYTES(L4, "\x29") }, .drop = "DropIcmpType",
};

ROW(icmp_type_255) {
	.base = ECHO, .patch = { BYTES(L4, "\xff") }, .drop = "DropIcmpType",
};

ROW(icmp_information_request) {
	.base = ECHO, .patch = { BYTES(L4, "\x0f") }, .drop = "DropIcmpType",
};

ROW(icmp_reply_unasked) {
	.base = ECHO, .patch = { BYTES(L4, "\0") },
	.drop = "DropIcmpNoSocket",
};

ROW(icmp_to_net_broadcast) {
	.base = ECHO,
	.patch = { DST_MAC_BROADCAST, BYTES(IP + 16, "\x0a\0\0\xff") },
	.drop = "DropIcmpIgnored",
};

ROW(icmp_to_broadcast) {
	.base = ECHO,
	.patch = { DST_MAC_BROADCAST, BYTES(IP + 16, "\xff\xff\xff\xff") },
	.drop = "DropIcmpIgnored",
};

/* An error quotes 10.0.0.2:1111 -> 10.0.0.1:9, which was never sent ... */
ROW(icmp_error_no_socket) { .base = ICMP_ERR };

/* ... and one quotes what another host may have sent. */
ROW(icmp_error_alien) {
	.base = ICMP_ERR, .patch = { BYTES(L4 + 8 + 12, "\x0a\0\0\x63") },
	.drop = "DropIcmpAlien",
};

ROW(icmp_error_cut_quote) {
	.base = ICMP_ERR, .frame_len = L4 + 8 + 19,
	.patch = { BYTES(IP + 2, "\0\x2f") }, .keep_ip_len = true,
	.drop = "DropIcmpQuote",
};

ROW(icmp_error_empty_quote) {
	.base = ICMP_ERR, .frame_len = L4 + 8,
	.patch = { BYTES(IP + 2, "\0\x1c") }, .keep_ip_len = true,
	.drop = "DropIcmpQuote",
};

ROW(icmp_error_quotes_ipv6) {
	.base = ICMP_ERR, .patch = { BYTES(L4 + 8, "\x65") },
	.drop = "DropIcmpQuote",
};

ROW(icmp_error_quotes_long_header) {
	.base = ICMP_ERR, .patch = { BYTES(L4 + 8, "\x4f") },
	.drop = "DropIcmpQuote",
};

/* ---- UDP ---------------------------------------------------------------- */

ROW(udp_open_port) {
	.base = UDP_OPEN, .answer = DATAGRAM, .received = 24,
};

ROW(udp_empty) {
	.base = UDP_OPEN, .payload = -1, .answer = DATAGRAM, .received = 0,
};

ROW(udp_padded_frame) {
	.base = UDP_OPEN, .payload = 3, .frame_len = 60, .answer = DATAGRAM,
	.received = 3,
};

ROW(udp_length_below_packet) {
	.base = UDP_OPEN, .patch = { BYTES(L4 + 4, "\0\x0c") },
	.answer = DATAGRAM, .received = 4,
};

ROW(udp_no_checksum) {
	.base = UDP_OPEN, .patch = { BYTES(L4 + 6, "\0\0") },
	.keep_l4_sum = true, .answer = DATAGRAM, .received = 24,
};

ROW(udp_with_ip_options) {
	.base = UDP_OPEN, .options = 4, .patch = { BYTES(OPT, "\1\1\1\1") },
	.answer = DATAGRAM, .received = 24,
};

ROW(udp_to_net_broadcast) {
	.base = UDP_OPEN,
	.patch = { DST_MAC_BROADCAST, BYTES(IP + 16, "\x0a\0\0\xff") },
	.answer = DATAGRAM, .received = 24,
};

ROW(udp_to_broadcast) {
	.base = UDP_OPEN,
	.patch = { DST_MAC_BROADCAST, BYTES(IP + 16, "\xff\xff\xff\xff") },
	.answer = DATAGRAM, .received = 24,
};

ROW(udp_checksum) {
	.base = UDP_OPEN, .patch = { BYTES(L4 + 6, "\xba\xad") },
	.keep_l4_sum = true, .drop = "DropUdpChecksum",
};

ROW(udp_header_cut) {
	.base = UDP_OPEN, .frame_len = 41,
	.patch = { BYTES(IP + 2, "\0\x1b") }, .keep_ip_len = true,
	.drop = "DropUdpShort",
};

ROW(udp_no_header) {
	.base = UDP_OPEN, .frame_len = 34,
	.patch = { BYTES(IP + 2, "\0\x14") }, .keep_ip_len = true,
	.drop = "DropUdpShort",
};

ROW(udp_length_0) {
	.base = UDP_OPEN, .patch = { BYTES(L4 + 4, "\0\0") },
	.drop = "DropUdpLen",
};

ROW(udp_length_7) {
	.base = UDP_OPEN, .patch = { BYTES(L4 + 4, "\0\7") },
	.drop = "DropUdpLen",
};

ROW(udp_length_beyond_packet) {
	.base = UDP_OPEN, .patch = { BYTES(L4 + 4, "\0\x21") },
	.drop = "DropUdpLen",
};

ROW(udp_closed_port) {
	.base = UDP, .drop = "DropUdpNoPort", .answer = PORT_UNREACH,
};

/* RFC 1122 3.2.2: no error about what was sent to many. */
ROW(udp_closed_port_broadcast) {
	.base = UDP,
	.patch = { DST_MAC_BROADCAST, BYTES(IP + 16, "\x0a\0\0\xff") },
	.drop = "DropUdpNoListener",
};

ROW(udp_closed_port_bad_checksum) {
	.base = UDP, .patch = { BYTES(L4 + 6, "\xba\xad") },
	.keep_l4_sum = true, .drop = "DropUdpChecksum",
};

/* ---- Building ----------------------------------------------------------- */

static void put16(unsigned char *p, int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static int get16(const unsigned char *p)
{
	return p[0] << 8 | p[1];
}

static unsigned int sum16(const unsigned char *p, int len, unsigned int sum)
{
	int i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(p + i);
	if (len & 1)
		sum += p[len - 1] << 8;
	return sum;
}

static int fold(unsigned int sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static void ip_sum(unsigned char *ip)
{
	int len = (ip[0] & 15) * 4;

	put16(ip + 10, 0);
	put16(ip + 10, fold(sum16(ip, len < 20 ? 20 : len, 0)));
}

static void udp_sum(const unsigned char *ip, unsigned char *udp)
{
	int len = get16(udp + 4), sum;

	put16(udp + 6, 0);
	sum = fold(sum16(udp, len, sum16(ip + 12, 8, IPPROTO_UDP + len)));
	put16(udp + 6, sum ?: 0xffff);
}

static void icmp_sum(unsigned char *icmp, int len)
{
	put16(icmp + 2, 0);
	put16(icmp + 2, fold(sum16(icmp, len, 0)));
}

static int build_arp(unsigned char *f, const unsigned char *there)
{
	memset(f, 0xff, 6);
	put16(f + 12, ETH_P_ARP);
	memcpy(f + 14, "\0\1\x08\0\6\4\0\1", 8);
	memcpy(f + 22, there, 6);
	memcpy(f + 28, "\x0a\0\0\1", 4);
	memset(f + 32, 0, 6);
	memcpy(f + 38, "\x0a\0\0\2", 4);
	return 42;
}

static void build_ip(unsigned char *f, int options, int proto, int len)
{
	unsigned char *ip = f + IP;

	put16(f + 12, ETH_P_IP);
	memset(ip, 0, 20 + options);
	ip[0] = 0x45 + options / 4;
	put16(ip + 2, 20 + options + len);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, "\x0a\0\0\1\x0a\0\0\2", 8);
}

static int build_echo(unsigned char *f, int options, int payload, int id)
{
	unsigned char *icmp = f + IP + 20 + options;
	int i;

	build_ip(f, options, IPPROTO_ICMP, 8 + payload);
	memset(icmp, 0, 8);
	icmp[0] = 8;
	put16(icmp + 4, id);
	put16(icmp + 6, 1);
	for (i = 0; i < payload; i++)
		icmp[8 + i] = i;
	return IP + 20 + options + 8 + payload;
}

static int build_udp(unsigned char *f, int options, int payload, int port)
{
	unsigned char *udp = f + IP + 20 + options;
	int i;

	build_ip(f, options, IPPROTO_UDP, 8 + payload);
	put16(udp, 1111);
	put16(udp + 2, port);
	put16(udp + 4, 8 + payload);
	for (i = 0; i < payload; i++)
		udp[8 + i] = 'a' + i % 26;
	/* Room for a length field that claims one byte more. */
	udp[8 + payload] = 0;
	return IP + 20 + options + 8 + payload;
}

/* Port unreachable, about a datagram from 10.0.0.2:1111 to 10.0.0.1:9. */
static int build_error(unsigned char *f)
{
	unsigned char *quote = f + L4 + 8;

	build_ip(f, 0, IPPROTO_ICMP, 8 + 28);
	memset(f + L4, 0, 8 + 28);
	f[L4] = 3;
	f[L4 + 1] = 3;
	quote[0] = 0x45;
	put16(quote + 2, 28);
	quote[8] = 64;
	quote[9] = IPPROTO_UDP;
	memcpy(quote + 12, "\x0a\0\0\2\x0a\0\0\1", 8);
	ip_sum(quote);
	put16(quote + 20, 1111);
	put16(quote + 22, 9);
	put16(quote + 24, 8);
	return L4 + 8 + 28;
}

/* The good frame, with what the row does to it. Lengths and checksums follow
 * the patches, so that only what the row is about is wrong.
 */
static int build(const struct _fixture_variant_frame *v,
		 const struct _test_data_frame *self, unsigned char *f)
{
	int payload = v->payload < 0 ? 0 : v->payload ?: 24;
	int len, i, l4 = L4 + v->options;

	memset(f, 0, 2048);
	memcpy(f, self->here, 6);
	memcpy(f + 6, self->there, 6);
	switch (v->base) {
	case ARP:
		len = build_arp(f, self->there);
		break;
	case ICMP_ERR:
		len = build_error(f);
		break;
	case ECHO:
		len = build_echo(f, v->options, payload, 0x1234);
		break;
	default:
		len = build_udp(f, v->options, payload,
				v->base == UDP ? CLOSED_PORT : OPEN_PORT);
		break;
	}
	for (i = 0; i < ARRAY_SIZE(v->patch) && v->patch[i].bytes; i++)
		memcpy(f + v->patch[i].at, v->patch[i].bytes, v->patch[i].len);
	if (v->base != ARP) {
		if (!v->keep_l4_sum && f[IP + 9] == IPPROTO_UDP)
			udp_sum(f + IP, f + l4);
		if (!v->keep_l4_sum && f[IP + 9] == IPPROTO_ICMP)
			icmp_sum(f + l4, (v->frame_len && v->frame_len < len ?
					  v->frame_len : len) - l4);
		if (!v->keep_ip_sum)
			ip_sum(f + IP);
	}
	return v->frame_len ?: len;
}

/* ---- Looking ------------------------------------------------------------ */

static long drops(const char *name)
{
	char cmd[128];
	long value = -1;
	FILE *f;

	snprintf(cmd, sizeof(cmd), "toy stat %s", name);
	f = popen(cmd, "r");
	if (!f || fscanf(f, "%*s %ld", &value) != 1)
		value = -1;
	if (f)
		pclose(f);
	return value;
}

static int mac_of(const char *dev, unsigned char *mac)
{
	struct ifreq ifr = {};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), ret;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	ret = ioctl(fd, SIOCGIFHWADDR, &ifr);
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	close(fd);
	return ret;
}

/* What a frame from the host under test is, in the words of the tables. */
static enum answer classify(const unsigned char *f, int len)
{
	const unsigned char *l4 = f + IP + (f[IP] & 15) * 4;

	if (get16(f + 12) == ETH_P_ARP)
		return get16(f + 20) == 2 ? ARP_REPLY : NOTHING;
	if (get16(f + 12) != ETH_P_IP || f[IP + 9] != IPPROTO_ICMP)
		return NOTHING;
	if (l4[0] == 0)
		return ECHO_REPLY;
	if (l4[0] == 12)
		return PARAM_PROBLEM;
	if (l4[0] == 3)
		return l4[1] == 3 ? PORT_UNREACH :
		       l4[1] == 2 ? PROTO_UNREACH : NOTHING;
	return NOTHING;
}

static bool is_end(const unsigned char *f)
{
	return classify(f, 0) == ECHO_REPLY && get16(f + L4 + 4) == END_ID;
}

FIXTURE_SETUP(frame)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
	};
	char cmd[128];

	if (!TESTING_TOY && variant->not_inet)
		SKIP(return, "not AF_INET: %s", variant->not_inet);

	ASSERT_EQ(0, pair_make(&self->p));
	ASSERT_EQ(0, mac_of("veth1", self->here));
	self->open = udp_form(FORM_IN);
	ASSERT_LE(0, self->open);
	ASSERT_EQ(0, set_opt(self->open, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(0, bind_to(self->open, FORM_IN, "0.0.0.0", OPEN_PORT));

	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, mac_of("veth0", self->there));
	self->raw = socket(AF_PACKET, SOCK_RAW, 0);
	ll.sll_ifindex = if_nametoindex("veth0");
	ASSERT_EQ(0, bind(self->raw, (struct sockaddr *)&ll, sizeof(ll)));
	/* Linux at this end must not answer for the frames' sender. */
	ASSERT_EQ(0, sh("ip addr flush dev veth0"));

	/* So the host under test has to know who that is. */
	ASSERT_EQ(0, netns_enter(self->p.b));
	snprintf(cmd, sizeof(cmd), "%02x:%02x:%02x:%02x:%02x:%02x",
		 self->there[0], self->there[1], self->there[2],
		 self->there[3], self->there[4], self->there[5]);
	ASSERT_EQ(0, sh("%s neigh replace 10.0.0.1 lladdr %s dev veth1 nud permanent",
			TESTING_TOY ? "toy" : "ip", cmd));
}

FIXTURE_TEARDOWN(frame)
{
	close(self->raw);
	close(self->open);
}

TEST_F(frame, is_handled)
{
	const bool count = TESTING_TOY && variant->drop;
	unsigned char f[2048], in[2048];
	enum answer got = NOTHING;
	long before = 0, len;
	int extra = 0;

	if (count) {
		before = drops(variant->drop);
		ASSERT_LE(0, before) TH_LOG("no counter %s", variant->drop);
	}

	len = build(variant, self, f);
	ASSERT_EQ(len, send(self->raw, f, len, 0));
	len = build_echo(f, 0, 0, END_ID);
	memcpy(f, self->here, 6);
	memcpy(f + 6, self->there, 6);
	icmp_sum(f + L4, 8);
	ip_sum(f + IP);
	ASSERT_EQ(len, send(self->raw, f, len, 0));

	for (;;) {
		struct sockaddr_ll from;
		socklen_t from_len = sizeof(from);

		memset(in, 0, sizeof(in));
		ASSERT_TRUE(readable(self->raw)) TH_LOG("no final reply");
		len = recvfrom(self->raw, in, sizeof(in), 0,
			       (struct sockaddr *)&from, &from_len);
		ASSERT_LT(14, len);
		if (from.sll_pkttype == PACKET_OUTGOING)
			continue;
		if (is_end(in))
			break;
		/* Announcements, and what AF_INET6 has to say: not for us. */
		if (get16(in + 12) == ETH_P_ARP && get16(in + 20) == 1)
			continue;
		if (get16(in + 12) == ETH_P_IPV6)
			continue;
		got = classify(in, len);
		extra++;
	}

	if (variant->answer == DATAGRAM) {
		EXPECT_EQ(variant->received,
			  recv_now(self->open, in, sizeof(in), 0));
		EXPECT_EQ(NOTHING, got);
		EXPECT_EQ(0, extra);
	} else {
		EXPECT_EQ(variant->answer, got);
		EXPECT_EQ(variant->answer != NOTHING, extra);
		EXPECT_EQ(-EAGAIN, ERRNO(recv(self->open, in, 1,
					      MSG_DONTWAIT)));
	}
	if (count)
		EXPECT_EQ(before + 1, drops(variant->drop)) {
			TH_LOG("counter %s", variant->drop);
		}
}

/* ---- Super-packets ------------------------------------------------------ */

FIXTURE(gso) {
	struct pair p;
	int tx, rx;
};

FIXTURE_SETUP(gso)
{
	ASSERT_EQ(0, pair_make(&self->p));
	self->rx = udp_form(FORM_IN);
	ASSERT_LE(0, self->rx);
	ASSERT_EQ(0, bind_to(self->rx, FORM_IN, "10.0.0.2", OPEN_PORT));
	self->tx = socket_in(self->p.a, self->p.b, peer_af(), SOCK_DGRAM, 0);
	ASSERT_LE(0, self->tx);
	ASSERT_EQ(0, connect_to(self->tx, FORM_IN, "10.0.0.2", OPEN_PORT));
}

FIXTURE_TEARDOWN(gso)
{
	close(self->tx);
	close(self->rx);
}

/* One send of many datagrams' length arrives as these datagrams. */
static void segments(struct __test_metadata *_metadata, int tx, int rx,
		     int size, int last)
{
	static unsigned char out[65536], in[65536];
	int total = 10 * size + last, i, n;

	for (i = 0; i < total; i++)
		out[i] = i / size + i % size;
	ASSERT_EQ(0, set_opt(tx, IPPROTO_UDP, UDP_SEGMENT, size));
	ASSERT_EQ(total, send(tx, out, total, 0)) TH_LOG("%s", strerror(errno));
	for (i = 0; i < total; i += n) {
		n = recv_now(rx, in, sizeof(in), 0);
		ASSERT_EQ(i < 10 * size ? size : last, n);
		ASSERT_EQ(0, memcmp(in, out + i, n));
	}
	ASSERT_TRUE(silent(rx));
}

TEST_F(gso, arrives_in_pieces)
{
	segments(_metadata, self->tx, self->rx, 100, 0);
	segments(_metadata, self->tx, self->rx, 1000, 1);
	segments(_metadata, self->tx, self->rx, 1472, 77);
}

TEST_F(gso, without_checksum_offload)
{
	char data[2000] = "";

	ASSERT_EQ(0, netns_enter(self->p.a));
	sh("ethtool -K veth0 tx off");
	set_opt(self->tx, IPPROTO_UDP, UDP_SEGMENT, 1000);
	if (send(self->tx, data, sizeof(data), 0) < 0 && errno == EIO)
		SKIP(return, "Linux before 6.2 does not segment without");
	while (!silent(self->rx))
		recv(self->rx, data, sizeof(data), MSG_DONTWAIT);
	segments(_metadata, self->tx, self->rx, 1000, 1);
}

TEST_F(gso, through_gro)
{
	if (sh("ethtool -K veth1 gro on"))
		SKIP(return, "veth has no GRO here");
	segments(_metadata, self->tx, self->rx, 1000, 1);
	/* Lists of packets instead of one large one. */
	if (!sh("ethtool -K veth1 rx-gro-list on"))
		segments(_metadata, self->tx, self->rx, 1000, 1);
	if (!sh("ethtool -K veth1 rx-udp-gro-forwarding on"))
		segments(_metadata, self->tx, self->rx, 1000, 1);
}

TEST_F(gso, to_a_closed_port)
{
	char c;

	close(self->rx);
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_UDP, UDP_SEGMENT, 2));
	ASSERT_EQ(20, send(self->tx, "abcdefghijabcdefghij", 20, 0));
	ASSERT_TRUE(readable(self->tx));
	EXPECT_EQ(-ECONNREFUSED, ERRNO(recv(self->tx, &c, 1, 0)));
	self->rx = udp_form(FORM_IN);
}

/* Whoever asks for UDP_GRO may get them in one piece. */
TEST_F(gso, udp_gro_socket)
{
	char in[65536];
	int total = 0, n;

	if (set_opt(self->rx, IPPROTO_UDP, UDP_GRO, 1))
		SKIP(return, "no UDP_GRO");
	ASSERT_EQ(0, set_opt(self->tx, IPPROTO_UDP, UDP_SEGMENT, 100));
	memset(in, 'x', sizeof(in));
	ASSERT_EQ(1000, send(self->tx, in, 1000, 0));
	while (total < 1000) {
		n = recv_now(self->rx, in, sizeof(in), 0);
		ASSERT_LT(0, n);
		total += n;
	}
	EXPECT_EQ(1000, total);
}

/* ---- A device without link-layer headers -------------------------------- */

/*
 *	this program  <--- frames are IP packets --->  tun0 10.0.0.2/24 (under test)
 */
FIXTURE(tun) {
	int fd;
	int open;
};

FIXTURE_SETUP(tun)
{
	struct ifreq ifr = {
		.ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI,
	};

	ASSERT_LE(0, netns_new());
	self->fd = open("/dev/net/tun", O_RDWR);
	if (self->fd < 0)
		SKIP(return, "no /dev/net/tun");
	ASSERT_EQ(0, ioctl(self->fd, TUNSETIFF, &ifr));
	ASSERT_EQ(0, test_addr_add("tun0", "10.0.0.2/24"));
	self->open = udp_form(FORM_IN);
	ASSERT_LE(0, self->open);
	ASSERT_EQ(0, bind_to(self->open, FORM_IN, "10.0.0.2", OPEN_PORT));
}

FIXTURE_TEARDOWN(tun)
{
	close(self->fd);
	close(self->open);
}

/* The next IPv4 packet that comes out with this protocol. */
static int tun_read(int fd, unsigned char *p, int size, int proto)
{
	int n;

	do {
		if (!readable(fd))
			return -ETIMEDOUT;
		n = read(fd, p, size);
	} while (n >= 20 && (p[0] >> 4 != 4 || p[9] != proto));
	return n;
}

TEST_F(tun, echo)
{
	unsigned char f[2048], in[2048];
	int len = build_echo(f, 0, 24, 0x1234);

	icmp_sum(f + L4, 32);
	ip_sum(f + IP);
	ASSERT_EQ(len - IP, write(self->fd, f + IP, len - IP));
	ASSERT_EQ(len - IP, tun_read(self->fd, in, sizeof(in), IPPROTO_ICMP));
	EXPECT_EQ(0, in[20]);
	EXPECT_EQ(0x1234, get16(in + 24));
	EXPECT_EQ(0, memcmp(in + 28, f + L4 + 8, 24));
	EXPECT_EQ(0, memcmp(in + 12, "\x0a\0\0\2\x0a\0\0\1", 8));
}

/* As AF_INET: whatever was asked. */
TEST_F(tun, echo_keeps_its_code)
{
	unsigned char f[2048], in[2048];
	int len = build_echo(f, 0, 24, 0x1234);

	f[L4 + 1] = 5;
	icmp_sum(f + L4, 32);
	ip_sum(f + IP);
	ASSERT_EQ(len - IP, write(self->fd, f + IP, len - IP));
	ASSERT_EQ(len - IP, tun_read(self->fd, in, sizeof(in), IPPROTO_ICMP));
	EXPECT_EQ(0, in[20]);
	EXPECT_EQ(5, in[21]);
}

/* What the error queue tells of an error is the message's, not the datagram's:
 * TOS, and whom it was sent to.
 */
TEST_F(tun, error_message_is_described)
{
	unsigned char f[2048];
	char data[64], control[512];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct in_pktinfo info = {};
	struct cmsghdr *c;
	int len, tos = -1;

	ASSERT_EQ(0, sh("%s addr add 10.0.1.2/24 dev tun0",
			TESTING_TOY ? "toy" : "ip"));
	set_opt(self->open, IPPROTO_IP, IP_RECVERR, 1);
	set_opt(self->open, IPPROTO_IP, IP_RECVTOS, 1);
	set_opt(self->open, IPPROTO_IP, IP_PKTINFO, 1);

	len = build_error(f);
	put16(f + L4 + 8 + 20, OPEN_PORT);
	f[IP + 1] = 0x28;
	memcpy(f + IP + 16, "\x0a\0\1\2", 4);
	icmp_sum(f + L4, len - L4);
	ip_sum(f + IP);
	ASSERT_EQ(len - IP, write(self->fd, f + IP, len - IP));
	EXPECT_TRUE(poll_for(self->open, 0, DEADLINE_MS) & POLLERR);
	ASSERT_EQ(0, recvmsg(self->open, &msg, MSG_ERRQUEUE));
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != IPPROTO_IP)
			continue;
		if (c->cmsg_type == IP_TOS)
			tos = *CMSG_DATA(c);
		if (c->cmsg_type == IP_PKTINFO)
			memcpy(&info, CMSG_DATA(c), sizeof(info));
	}
	EXPECT_EQ(0x28, tos);
	EXPECT_EQ(inet_addr("10.0.1.2"), info.ipi_addr.s_addr);
}

/* The source of an answer to a broadcast: by the way back, not by the device. */
TEST_F(tun, broadcast_from_behind_another_device)
{
	struct ifreq ifr = {
		.ifr_name = "tun1", .ifr_flags = IFF_TUN | IFF_NO_PI,
	};
	int other = open("/dev/net/tun", O_RDWR);
	char data[64], control[512];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct in_pktinfo info;
	struct cmsghdr *c;
	unsigned char f[2048];
	int any, len;

	ASSERT_EQ(0, ioctl(other, TUNSETIFF, &ifr));
	ASSERT_EQ(0, test_addr_add("tun1", "10.0.1.2/24"));
	any = udp_form(FORM_IN);
	ASSERT_EQ(0, bind_to(any, FORM_IN, "0.0.0.0", CLOSED_PORT));
	set_opt(any, IPPROTO_IP, IP_PKTINFO, 1);

	len = build_udp(f, 0, 24, CLOSED_PORT);
	memset(f + IP + 16, 0xff, 4);
	udp_sum(f + IP, f + L4);
	ip_sum(f + IP);
	ASSERT_EQ(len - IP, write(other, f + IP, len - IP));
	ASSERT_TRUE(readable(any));
	ASSERT_EQ(24, recvmsg(any, &msg, 0));
	c = CMSG_FIRSTHDR(&msg);
	ASSERT_TRUE(c && c->cmsg_type == IP_PKTINFO);
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	EXPECT_EQ(if_nametoindex("tun1"), info.ipi_ifindex);
	EXPECT_EQ(inet_addr("255.255.255.255"), info.ipi_addr.s_addr);
	EXPECT_EQ(inet_addr("10.0.0.2"), info.ipi_spec_dst.s_addr);
	close(any);
	close(other);
}

TEST_F(tun, datagrams)
{
	unsigned char f[2048], in[2048];
	int len = build_udp(f, 0, 24, OPEN_PORT);

	udp_sum(f + IP, f + L4);
	ip_sum(f + IP);
	ASSERT_EQ(len - IP, write(self->fd, f + IP, len - IP));
	EXPECT_EQ(24, recv_now(self->open, in, sizeof(in), 0));

	ASSERT_EQ(5, send_to(self->open, FORM_IN, "10.0.0.1", 1111, "hello", 5));
	ASSERT_EQ(33, tun_read(self->fd, in, sizeof(in), IPPROTO_UDP));
	EXPECT_EQ(0, memcmp(in + 28, "hello", 5));
	EXPECT_EQ(OPEN_PORT, get16(in + 20));
	EXPECT_EQ(1111, get16(in + 22));
}

/* Every length from nothing to a whole header: none of them does harm. */
TEST_F(tun, cut_at_every_length)
{
	unsigned char f[2048], in[2048];
	int len = build_udp(f, 0, 24, OPEN_PORT), cut;

	udp_sum(f + IP, f + L4);
	ip_sum(f + IP);
	for (cut = 0; cut < len - IP; cut++)
		ERRNO(write(self->fd, f + IP, cut));
	ASSERT_EQ(len - IP, write(self->fd, f + IP, len - IP));
	EXPECT_EQ(24, recv_now(self->open, in, sizeof(in), 0));
	EXPECT_EQ(-EAGAIN, ERRNO(recv(self->open, in, 1, MSG_DONTWAIT)));
}

/* Garbage with a right version number, then a sign of life. */
TEST_F(tun, random_packets)
{
	unsigned char f[2048], in[2048];
	unsigned int seed = 1;
	int i, j, len;

	for (i = 0; i < 2000; i++) {
		len = build_udp(f, 0, rand_r(&seed) % 100, OPEN_PORT) - IP;
		for (j = rand_r(&seed) % 6; j >= 0; j--)
			f[IP + rand_r(&seed) % (len < 60 ? len : 60)] =
				rand_r(&seed);
		if (rand_r(&seed) % 4)
			ip_sum(f + IP);
		ERRNO(write(self->fd, f + IP, rand_r(&seed) % 8 ?
			    len : rand_r(&seed) % (len + 1)));
	}
	while (!silent(self->open))
		recv(self->open, in, sizeof(in), MSG_DONTWAIT);
	while (!silent(self->fd))
		if (read(self->fd, in, sizeof(in)) < 0)
			break;
	len = build_udp(f, 0, 24, OPEN_PORT);
	udp_sum(f + IP, f + L4);
	ip_sum(f + IP);
	ASSERT_EQ(len - IP, write(self->fd, f + IP, len - IP));
	EXPECT_EQ(24, recv_now(self->open, in, sizeof(in), 0));
}

TOY_TEST_MAIN

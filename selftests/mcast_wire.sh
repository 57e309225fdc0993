#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Multicast on the wire: IGMP (RFC 1112, 2236, 3376) and MLD (RFC 2710, 3810)
# reports as tshark reads them, queriers of all versions, messages that nobody
# should believe, floods, the device's address filter, toy maddr.

. "$(dirname "$0")/lib.sh"

G=239.1.2.3
G6=ff15::1234

# v6_pair: the pair, with IPv6 on both sides.
v6_pair() {
	pair
	B sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth1/disable_ipv6'
	A sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6'
	[ "$FAMILY" = inet ] || B sh -c 'echo 1 >/proc/sys/net/ipv6/conf/veth1/disable_ipv6'
	if [ "$FAMILY" = toy ]; then
		B toy addr add fe80::2/64 dev veth1 2>/dev/null || skip "no IPv6"
	else
		B ip addr add fe80::2/64 dev veth1 nodad
	fi
}

# watch: what arrives at A's end, from now on.
watch() {
	need tcpdump
	need tshark
	A tcpdump -i veth0 -U -w "$tmp/pcap" -Q in 'igmp or icmp6 or ip6' \
		2>"$tmp/tcpdump" &
	eventually grep -q 'listening on' "$tmp/tcpdump"
}

# seen FILTER [FIELD...]: the frames that match.
seen() {
	local filter=$1 field args=()
	shift
	for field; do args+=(-e "$field"); done
	[ $# = 0 ] || args+=(-T fields -E separator=' ')
	tshark -r "$tmp/pcap" -Y "$filter" "${args[@]}" 2>/dev/null
}

sees() { seen "$1" | grep -q .; }
sees_n() { [ "$(seen "$2" | wc -l)" -ge "$1" ]; }

# Nothing that tshark frowns at, and what each of them must have.
clean() {
	is "$(tshark -r "$tmp/pcap" -o ip.check_checksum:TRUE -Y \
		'_ws.malformed || ip.checksum.status == 0 || igmp.checksum.status == 0 ||
		 icmpv6.checksum.status == 0' 2>/dev/null)" ''
	is "$(seen 'igmp && !(ip.ttl == 1 && ip.opt.ra == 0)')" ''
	is "$(seen 'icmpv6.type in {131,132,143} && !(ipv6.hlim == 1 && ipv6.opt.router_alert == 0)')" ''
}

# member WHAT...: B is a member until part; see mcast-join.c.
member() {
	rm -f "$tmp/member"
	ip netns exec B mcast-join "$FAMILY" veth1 "$@" >"$tmp/member" 2>&1 &
	member=$!
	eventually grep -q ready "$tmp/member"
}

part() {
	kill "$member" 2>/dev/null || true
	wait "$member" 2>/dev/null || true
}

ask() { A mcast-send veth0 "$@"; }

# Record types: 1 IS_IN, 2 IS_EX, 3 TO_IN, 4 TO_EX, 5 ALLOW, 6 BLOCK.
rec() { echo "igmp.type == 0x22 && igmp.record_type == $1 && igmp.maddr == $G"; }
rec6() { echo "icmpv6.type == 143 && icmpv6.mldr.mar.record_type == $1 && icmpv6.mldr.mar.multicast_address == $G6"; }

test_igmp3_reports() {
	pair
	watch
	member $G
	# Told twice: the robustness variable.
	eventually sees_n 2 "$(rec 4)"
	part
	eventually sees_n 2 "$(rec 3)"
	member "$G+10.0.0.1+10.0.0.7"
	eventually sees "$(rec 5) && igmp.saddr == 10.0.0.1"
	eventually sees "$(rec 5) && igmp.saddr == 10.0.0.7"
	part
	eventually sees "$(rec 6) && igmp.saddr == 10.0.0.7"
	member "$G-10.0.0.7"
	eventually sees "$(rec 4) && igmp.saddr == 10.0.0.7"
	part
	is "$(seen 'igmp.type == 0x22 && ip.dst != 224.0.0.22')" ''
	clean
}

test_igmp3_queries() {
	pair
	watch
	member $G "239.9.9.9+10.0.0.1"
	ask igmp 3 -
	eventually sees "$(rec 2)"
	eventually sees 'igmp.record_type == 1 && igmp.maddr == 239.9.9.9'
	clean
}

test_igmp3_query_of_a_group() {
	pair
	member $G 239.9.9.9
	watch
	sleep 2		# no more unsolicited ones
	ask igmp 3 $G
	eventually sees "$(rec 2)"
	is "$(seen 'igmp.record_type == 2 && igmp.maddr == 239.9.9.9')" ''
	clean
}

test_igmp3_query_of_a_source() {
	pair
	member "$G+10.0.0.1+10.0.0.7"
	watch
	sleep 2
	ask igmp 3 $G source 10.0.0.7
	eventually sees "$(rec 1) && igmp.saddr == 10.0.0.7"
	is "$(seen "$(rec 1) && igmp.saddr == 10.0.0.1")" ''
	# Of a source that is not heard nothing is said.
	ask igmp 3 $G source 10.0.0.8
	sleep 2
	is "$(seen "$(rec 1) && igmp.saddr == 10.0.0.8")" ''
	clean
}

test_igmp2_querier() {
	pair
	watch
	ask igmp 2 -
	member $G
	eventually sees "igmp.type == 0x16 && ip.dst == $G"
	[ "$FAMILY" = inet ] || is "$(B toy -j maddr | jq -c '[.[] | [.group,.version]]')" "[[\"$G\",2]]"
	part
	eventually sees "igmp.type == 0x17 && igmp.maddr == $G && ip.dst == 224.0.0.2"
	is "$(seen 'igmp.type == 0x22')" ''
	clean
}

# Who has heard another's report is silent, and leaves in silence.
test_igmp2_another_host_answers() {
	pair
	ask igmp 2 -
	member $G
	sleep 1
	watch
	ask igmp 2 $G max 50
	A mcast-send veth0 igmp 2 $G report
	sleep 6
	part
	sleep 1
	is "$(seen "igmp.type in {0x16, 0x17}")" ''
}

test_igmp1_querier() {
	pair
	watch
	ask igmp 1 -
	member $G
	eventually sees "igmp.type == 0x12 && ip.dst == $G"
	part
	sleep 1
	is "$(seen 'igmp.type in {0x16, 0x17, 0x22}')" ''
	is "$(seen 'igmp && ip.ttl != 1')" ''
}

# Twelve seconds after its only query an old querier that asks every second is
# gone (RFC 3376 8.12). The next query is answered as IGMPv3 wants it.
test_igmp2_querier_goes() {
	pair
	member $G
	ask igmp 3 - every 1
	ask igmp 2 -
	sleep 14
	watch
	ask igmp 3 -
	eventually sees "$(rec 2)"
	is "$(seen 'igmp.type == 0x16')" ''
}

# So is what a member has to say then.
test_join_after_igmp2_querier() {
	pair
	member 239.9.9.9
	ask igmp 3 - every 1
	ask igmp 2 -
	sleep 14
	watch
	member $G
	eventually sees_n 2 "$(rec 4)"
	is "$(seen 'igmp.type == 0x16')" ''
}

test_up_again() {
	pair
	member $G
	sleep 2
	watch
	ip -n B link set veth1 down
	ip -n B link set veth1 up
	carrier B veth1
	eventually sees "$(rec 4)"
}

# ---- What nobody should believe ------------------------------------------------

drops() { # COUNTER COMMAND...
	local name=$1 before
	shift
	before=$(stat_of B "$name")
	"$@"
	eventually counted B "$name" "$before"
}

test_igmp_bad_messages() {
	toy_only
	pair
	member $G
	sleep 2
	watch
	drops DropIgmpTtl ask igmp 3 - ttl 2
	drops DropIgmpTtl ask igmp 2 $G ttl 64
	drops DropIgmpRouterAlert ask igmp 3 - noalert
	drops DropIgmpRouterAlert ask igmp 2 $G noalert
	drops DropIgmpChecksum ask igmp 3 - badsum
	drops DropIgmpLen ask igmp 3 $G sources 40000
	drops DropIgmpSource ask igmp 3 $G from 192.0.2.1
	drops DropIgmpSource ask igmp 2 $G report from 192.0.2.1
	sleep 2
	is "$(seen igmp)" ''
	# A switch that asks has no address.
	ask igmp 3 $G from 0.0.0.0
	eventually sees "$(rec 2)"
}

# Reports and queries of strangers: nothing is kept, and a service goes on.
test_flood() {
	local i before
	toy_only
	pair
	member $G "239.9.9.9+10.0.0.1"
	before=$(B toy -j maddr | jq length)
	for i in 1 2 3 4 5; do
		A mcast-send veth0 igmp 2 239.1.0.0 report to $G count 2000
		ask igmp 3 $G source 10.0.0.$i count 200
		ask igmp 3 - count 500
		ask igmp 1 - count 100
	done
	reaches
	is "$(B toy -j maddr | jq length)" "$before"
	part
}

# ---- The device and what toy shows -------------------------------------------------

link_maddr() { ip -n B maddr show dev veth1 | grep -q "link  *$1"; }

test_frames_are_let_through() {
	pair
	not link_maddr 01:00:5e:01:02:03
	member $G
	link_maddr 01:00:5e:01:02:03
	part
	eventually not link_maddr 01:00:5e:01:02:03
	member $G6
	link_maddr 33:33:00:00:12:34
	part
	eventually not link_maddr 33:33:00:00:12:34
}

test_detach_takes_them() {
	toy_only
	pair
	member $G
	B toy dev detach veth1
	not link_maddr 01:00:5e:01:02:03
	is "$(B toy -j maddr)" '[]'
	B toy dev attach veth1
	part
	is "$(B toy -j maddr)" '[]'
	reaches || B toy addr add 10.0.0.2/24 dev veth1
	member $G
	link_maddr 01:00:5e:01:02:03
	part
}

test_maddr() {
	toy_only
	pair
	is "$(B toy maddr)" ''
	ip netns exec B mcast-join toy veth1 $G $G "239.9.9.9+10.0.0.1" "239.9.9.8-10.0.0.5" \
		>"$tmp/member" &
	member=$!
	eventually grep -q ready "$tmp/member"
	is "$(B toy maddr | sort)" "$G dev veth1 users 2
239.9.9.8 dev veth1 users 1 exclude 10.0.0.5
239.9.9.9 dev veth1 users 1 include 10.0.0.1"
	is "$(B toy -j maddr show dev veth1 | jq -c '.[] | select(.group == "239.9.9.9") | [.users, .mode, .sources, .version]')" \
		'[1,"include",["10.0.0.1"],3]'
	fails 'not attached' B toy maddr show dev lo1 || true
	part
	# A group whose end is still to be told has no users.
	eventually eval "[ -z \"\$(B toy maddr)\" ]"
}

# The namespace goes with members in it.
test_namespace_goes() {
	pair
	member $G $G6
	ip netns del B
	part
}

# ---- MLD -----------------------------------------------------------------------------

test_mld2_reports() {
	v6_pair
	watch
	member $G6
	eventually sees_n 2 "$(rec6 4)"
	part
	eventually sees_n 2 "$(rec6 3)"
	member "$G6+fd00::1"
	eventually sees "$(rec6 5) && icmpv6.mldr.mar.source_address == fd00::1"
	part
	eventually sees "$(rec6 6)"
	is "$(seen "icmpv6.type == 143 && ipv6.dst != ff02::16")" ''
	clean
}

test_mld2_queries() {
	v6_pair
	member $G6
	sleep 2
	watch
	ask mld 2 -
	eventually sees "$(rec6 2)"
	rm -f "$tmp/pcap"
	clean || true
}

test_mld1_querier() {
	v6_pair
	watch
	ask mld 1 -
	member $G6
	eventually sees "icmpv6.type == 131 && ipv6.dst == $G6"
	part
	eventually sees 'icmpv6.type == 132 && ipv6.dst == ff02::2'
	clean
}

test_mld1_querier_goes() {
	v6_pair
	member $G6
	ask mld 2 - every 1
	ask mld 1 -
	sleep 14
	watch
	ask mld 2 -
	eventually sees "$(rec6 2)"
	is "$(seen 'icmpv6.type == 131')" ''
}

test_mld_bad_messages() {
	toy_only
	v6_pair
	member $G6
	sleep 2
	watch
	drops DropMldHopLimit ask mld 2 - ttl 2
	drops DropMldRouterAlert ask mld 2 - noalert
	drops DropMldLen ask mld 2 $G6 sources 40000
	drops DropMldSource ask mld 2 $G6 from fd00::9
	sleep 2
	is "$(seen 'icmpv6.type == 143')" ''
}

run_cases "$@"

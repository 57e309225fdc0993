#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# toylo: local traffic goes through a device of its own, where tcpdump, nftables
# and tc see it as AF_INET's on lo, which is the control.
#
#	B (family under test)
#	127.0.0.1, ::1             \
#	10.0.0.2/24, fd00::2/64 d0  --> $DEV --> the same
#
# d0 is a dummy: nothing of all this may leave by it.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/toyrun-lib.sh"

DEV=toylo
[ "$FAMILY" = toy ] || DEV=lo
LOCAL='127.0.0.1 10.0.0.2 ::1 fd00::2'
BULK=${TOY_BULK:-4000000}
PORT=7007

toylo() {	# NS [NAME]: made, and up
	[ "$FAMILY" = toy ] || return 0
	ip -n "$1" link add "${2:-toylo}" type toylo
	ip -n "$1" link set "${2:-toylo}" up
}

addresses() {	# NS
	ip -n "$1" link add d0 type dummy
	attach "$1" d0
	[ "$FAMILY" = toy ] ||
		ip netns exec "$1" sh -c 'for i in lo d0; do
			echo 0 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done
			ip addr replace ::1/128 dev lo'
	ip netns exec "$1" $S addr add 10.0.0.2/24 dev d0
	ip netns exec "$1" $S addr add fd00::2/64 dev d0 nodad
	ping_group "$1"
}

ping_group() {
	local knobs=ipv4
	[ "$FAMILY" = inet ] || knobs=toy
	ip netns exec "$1" sh -c "echo '0 2147483647' >/proc/sys/net/$knobs/ping_group_range"
}

local_host() {
	netns B
	addresses B
	toylo B
}

# pings ADDR [ARGS...]
pings() { R ping -W 5 -q -c "${N:-1}" "${@:2}" "$1" >"$tmp/ping" 2>&1; }
rtt() { sed -n 's|^r[^=]*= \([0-9]*\)[./].*|\1|p' "$tmp/ping"; }	# the smallest, ms

# watch NAME ARGS...: what passes, into the file NAME, until seen NAME.
watch() {
	need tcpdump
	ip netns exec B tcpdump -i "$DEV" -n -U -w "$tmp/$1.pcap" "${@:2}" \
		2>"$tmp/$1.err" &
	watching=$!
	eventually grep -q 'listening on' "$tmp/$1.err"
}

packets() {	# NAME [FILTER]: so far
	tcpdump -n -r "$tmp/$1.pcap" ${2:+"$2"} 2>/dev/null | wc -l
}

packets_are() { is "$(packets "$1" "${3:-}")" "$2"; }

sink() {	# ADDR
	ip netns exec B tcp-bulk sink "$FAMILY" "$1" $PORT 1 >"$tmp/sink" 2>&1 &
	sink=$!
	eventually tcp_open B $PORT
}

bulk() {	# ADDR [BYTES]
	sink "$1"
	timeout 100 ip netns exec B tcp-bulk send "$FAMILY" "$1" $PORT "${2:-$BULK}" &&
		wait $sink || { cat "$tmp/sink"; return 1; }
}

rules() { B nft -f - || skip "nft: no such rule here"; }

stat_grows() { counted B "$1" "$2"; }

# ---- Taps ----------------------------------------------------------------------

# Once out and once in, as on lo, where libpcap itself hides what goes out.
test_tcpdump_sees_pings() {
	local a

	local_host
	for a in $LOCAL; do
		watch in -Q in
		N=3 pings $a
		eventually packets_are in 3 'icmp[0] == 8 or ip6[40] == 128'
		eventually packets_are in 3 'icmp[0] == 0 or ip6[40] == 129'
		kill $watching
		wait $watching || true
		packets_are in 6
		packets_are in 6 "host $a"
	done
	[ "$FAMILY" = toy ] || return 0
	watch out -Q out
	N=3 pings 127.0.0.1
	eventually packets_are out 6
	stays packets_are out 6
}

test_tcpdump_sees_udp() {
	local_host
	echo_server B "$FAMILY" 10.0.0.2 7
	watch in -Q in
	has "$(B toy-echo client "$FAMILY" 10.0.0.2 7 -S 100..109)" '10 echoed, 0 bad'
	eventually packets_are in 10 'udp dst port 7'
	eventually packets_are in 10 'udp src port 7'
	packets_are in 20
}

# What TCP says of itself and what the tap has seen are the same bytes.
test_tcpdump_sees_tcp() {
	local_host
	watch in -Q in -s 100
	bulk 127.0.0.1 100000
	eventually packets_are in 2 'tcp[13] & 2 != 0'
	eventually packets_are in 2 'tcp[13] & 1 != 0'
	[ "$(packets in)" -ge 8 ]
	packets_are in "$(packets in)" "tcp port $PORT and src 127.0.0.1 and dst 127.0.0.1"
}

test_nothing_by_the_addresses_device() {
	local a

	local_host
	need tcpdump
	ip netns exec B tcpdump -i d0 -n -U -w "$tmp/d0.pcap" ip or ip6 2>"$tmp/d0.err" &
	eventually grep -q 'listening on' "$tmp/d0.err"
	for a in $LOCAL; do pings $a; done
	stays packets_are d0 0 'icmp[0] == 8 or ip6[40] == 128'
}

# Super-segments pass as they are; without the feature the core cuts them.
test_super_segments() {
	toy_only
	local_host
	need ethtool
	ip -n B link set toylo mtu 1500
	watch big -Q in -s 100 'tcp and greater 3000'
	bulk 10.0.0.2
	eventually eval '[ "$(packets big)" -gt 0 ]'
	kill $watching
	wait $watching || true
	B ethtool -K toylo tso off gso off
	watch small -Q in -s 100 'tcp and greater 1515'
	bulk 10.0.0.2
	packets_are small 0
}

# Local traffic has the device's MTU; a datagram that is larger goes in fragments.
test_mtu() {
	toy_only
	local_host
	fails 'nvalid|greater' ip -n B link set toylo mtu 65537
	R ping -W 5 -q -c 1 -M do -s 60000 127.0.0.1 >/dev/null 2>&1
	ip -n B link set toylo mtu 1500
	watch in -Q in
	fails 'too long|Frag' R ping -W 5 -c 1 -M do -s 1473 127.0.0.1
	pings 127.0.0.1 -s 1472
	pings ::1 -s 1452
	eventually packets_are in 4
	pings 127.0.0.1 -s 1473
	pings ::1 -s 1453
	eventually packets_are in 12
	bulk 10.0.0.2
	ip -n B link set toylo down
	R ping -W 5 -q -c 1 -M do -s 60000 127.0.0.1 >/dev/null 2>&1
}

# ---- nftables --------------------------------------------------------------------

ruled() { has "$(B nft list ruleset)" "$1"; }

dropping() {	# HOOK
	local_host
	rules <<-END
		table netdev t {
			chain c {
				type filter hook $1 device "$DEV" priority 0; policy accept;
				udp dport 9 counter drop
				icmp type echo-request counter drop
				icmpv6 type echo-request counter drop
				tcp dport $PORT tcp flags syn / syn,ack counter drop
			}
		}
	END
	echo_server B "$FAMILY" 127.0.0.1 7
	echo_server B "$FAMILY" 127.0.0.1 9
	B toy-echo client "$FAMILY" 127.0.0.1 7 -S 0..10 >/dev/null
	B toy-echo client "$FAMILY" 127.0.0.1 9 -n
	sink 127.0.0.1
	ip netns exec B tcp-bulk send "$FAMILY" 127.0.0.1 $PORT 1 >/dev/null 2>&1 &
	client=$!
	eventually ruled 'syn,? .*counter packets [1-9]'
	kill -0 $client
	kill $client
	not pings 127.0.0.1 -W 1
	not pings fd00::2 -W 1
	has "$(B nft list ruleset)" 'dport 9 counter packets [1-9]' \
		'icmp type .* packets [1-9]' 'icmpv6 type .* packets [1-9]'
	B nft delete table netdev t
	B toy-echo client "$FAMILY" 127.0.0.1 9 -S 0..10 >/dev/null
	pings 127.0.0.1
	pings fd00::2
	kill $sink
}

test_nft_ingress() {
	dropping ingress
}

test_nft_egress() {
	dropping egress
}

# ---- tc --------------------------------------------------------------------------

test_tc_delay() {
	local_host
	B tc qdisc add dev $DEV root netem delay 100ms
	for a in 127.0.0.1 ::1; do
		pings $a
		[ "$(rtt)" -ge 200 ]
	done
	bulk 10.0.0.2 100000
	B tc qdisc del dev $DEV root
	pings 127.0.0.1
}

# Every frame twice, and some of them lost: nothing is wrong for TCP.
test_tc_duplicates_and_losses() {
	local_host
	B tc qdisc add dev $DEV root netem duplicate 100%
	R ping -W 5 -c 2 127.0.0.1 >"$tmp/ping" 2>/dev/null
	has "$(cat "$tmp/ping")" 'DUP!'
	B tc qdisc change dev $DEV root netem loss 100%
	not pings 127.0.0.1 -W 1
	B tc qdisc change dev $DEV root netem loss 5% duplicate 5%
	bulk 10.0.0.2 2000000
	has "$(B tc -s qdisc show dev $DEV)" 'dropped [1-9]'
}

# The sender pays until the qdisc lets go, and is told when there is room.
test_tc_rate() {
	local_host
	B tc qdisc add dev $DEV root tbf rate 40mbit burst 70000 limit 3000000
	bulk 10.0.0.2 2000000
	has "$(B tc -s qdisc show dev $DEV)" 'Sent [0-9]{7}'
}

test_tc_ingress() {
	local_host
	B tc qdisc add dev $DEV clsact
	B tc filter add dev $DEV ingress protocol ip u32 match ip protocol 1 0xff action drop
	not pings 127.0.0.1 -W 1
	B tc filter del dev $DEV ingress
	B tc filter add dev $DEV egress protocol ipv6 matchall action drop
	pings 127.0.0.1
	not pings ::1 -W 1
}

# ---- On and off --------------------------------------------------------------------

test_off_again() {
	toy_only
	local_host
	watch all
	pings 127.0.0.1
	eventually packets_are all 4
	ip -n B link set toylo down
	for a in $LOCAL; do pings $a; done
	bulk 10.0.0.2
	packets_are all 4
	ip -n B link del toylo
	pings 127.0.0.1
	toylo B other
	DEV=other watch again
	pings 127.0.0.1
	eventually packets_are again 4
}

# Packets and connections do not notice.
test_up_and_down_loses_nothing() {
	local i

	toy_only
	local_host
	sink 10.0.0.2
	timeout 100 ip netns exec B tcp-bulk send toy 10.0.0.2 $PORT 20000000 &
	sent=$!
	R ping -f -q -c 3000 -W 5 127.0.0.1 >"$tmp/flood" 2>/dev/null &
	flood=$!
	for i in {1..20}; do
		ip -n B link set toylo down
		ip -n B link set toylo up
	done
	wait $flood
	has "$(cat "$tmp/flood")" '3000 received, 0% packet loss'
	wait $sent
	wait $sink || { cat "$tmp/sink"; return 1; }
}

test_one_at_a_time() {
	toy_only
	local_host
	ip -n B link add second type toylo
	fails 'another toylo is up' ip -n B link set second up
	ip -n B link set toylo down
	ip -n B link set second up
	DEV=second watch in -Q in
	pings 127.0.0.1
	eventually packets_are in 2
	fails 'loopback' B toy dev attach second
	fails 'busy|EBUSY' sh -c 'ip -n B link add br0 type bridge &&
		ip -n B link set second master br0'
}

passed() {	# NS: packets, out and in
	ip -n "$1" -s -j link show toylo |
		jq -r '.[0].stats64 | "\(.tx.packets) \(.rx.packets)"'
}

test_another_namespace() {
	toy_only
	local_host
	netns C
	addresses C
	pings 127.0.0.1
	ip -n B link set toylo netns C
	pings 127.0.0.1
	ip -n C link set toylo up
	N=3 pings 127.0.0.1
	is "$(passed C)" '2 2'
	C toyrun ping -W 5 -q -c 3 10.0.0.2 >/dev/null 2>&1
	is "$(passed C)" '8 8'
}

# A broadcast and a group come in by the device that they leave by.
test_groups_keep_their_device() {
	toy_only
	local_host
	cat >"$tmp/group.py" <<-'END'
		import socket, struct
		index = socket.if_nametoindex("d0")
		IP_PKTINFO = 8
		def got(s):
		    data, cmsg, _, _ = s.recvmsg(100, 100)
		    return data, struct.unpack("i", cmsg[0][2][:4])[0]
		r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		r.settimeout(10)
		r.setsockopt(socket.SOL_IP, IP_PKTINFO, 1)
		r.bind(("", 7006))
		r.setsockopt(socket.SOL_IP, socket.IP_ADD_MEMBERSHIP,
		             struct.pack("4s4si", socket.inet_aton("239.1.2.3"), bytes(4), index))
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
		s.setsockopt(socket.SOL_IP, socket.IP_MULTICAST_IF,
		             struct.pack("4s4si", bytes(4), bytes(4), index))
		s.sendto(b"group", ("239.1.2.3", 7006))
		assert got(r) == (b"group", index)
		s.sendto(b"all", ("10.0.0.255", 7006))
		assert got(r) == (b"all", index)
		s.sendto(b"lo", ("127.0.0.1", 7006))
		assert got(r) == (b"lo", socket.if_nametoindex("lo"))
	END
	watch in -Q in
	R python3 "$tmp/group.py"
	eventually packets_are in 3 'udp port 7006'
	packets_are in 1 'udp port 7006 and ether multicast and not ether broadcast'
	packets_are in 1 'udp port 7006 and ether broadcast'
}

# ---- Beside AF_INET ------------------------------------------------------------------

snmp() { B awk "\$1 == \"Ip:\" && ++n == 2 { print \$3 }" /proc/net/snmp; }

test_linux_notices_nothing() {
	local before

	toy_only
	local_host
	B sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6
		echo 1 >/proc/sys/net/ipv4/ip_forward'
	ip -n B link set toylo down
	ip -n B link del toylo
	toylo B
	is "$(ip -n B -j addr show dev toylo | jq -c '.[0].addr_info')" '[]'
	is "$(ip -n B -j route show table all dev toylo | jq -c 'map(select(.type != "multicast"))')" '[]'
	watch all
	before=$(snmp)
	for a in $LOCAL; do pings $a; done
	bulk 10.0.0.2
	is "$(snmp)" "$before"
	[ "$(packets all)" -gt 16 ]
	# Its own loopback is lo, as ever.
	B ping -c 1 -W 5 -q 127.0.0.1 >/dev/null
	is "$(packets all 'icmp')" 8
}

# Addresses of AF_INET on the device lead nowhere.
test_linux_packets_are_dropped() {
	local before

	toy_only
	local_host
	before=$(stat_of B DropToylo)
	ip -n B addr add 10.7.7.1/24 dev toylo
	ip -n B route add 10.0.0.2/32 dev toylo
	not B ping -c 1 -W 1 -q 10.7.7.2
	not B ping -c 1 -W 1 -q 10.0.0.2
	eventually stat_grows DropToylo $((before + 1))
	pings 127.0.0.1
}

# ---- What goes away under traffic -------------------------------------------------------

# Echo requests to itself, without end and without a socket of AF_TOY.
endless() {	# NS
	local mac
	mac=$(mac_of "$1" toylo)
	ip netns exec "$1" inject -f toylo \
		"$mac 020000000000 0800 4500001c0000000040017cdf7f0000017f000001 0800f7ff00000000" \
		>/dev/null 2>&1 &
	flood=$!
}

test_deletion_under_traffic() {
	local i

	toy_only
	local_host
	for i in 1 2 3 4 5; do
		endless B
		R ping -f -q 10.0.0.2 >/dev/null 2>&1 &
		pings=$!
		before=$(stat_of B IcmpInEchos)
		eventually stat_grows IcmpInEchos $((before + 100))
		B tc qdisc add dev toylo root netem delay 10ms
		ip -n B link del toylo
		wait $flood || true
		kill $pings
		wait $pings || true
		pings 127.0.0.1
		toylo B
	done
	pings 127.0.0.1
}

test_netns_deletion_under_traffic() {
	local i

	toy_only
	for i in 1 2 3 4 5; do
		netns C
		addresses C
		toylo C
		before=$(stat_of C IcmpInEchos)
		endless C
		eventually counted C IcmpInEchos $((before + 100))
		ip netns del C
		kill $flood
		wait $flood || true
	done
}

test_unload_under_traffic() {
	local i

	reloadable
	for i in 1 2 3; do
		local_host
		endless B
		before=$(stat_of B IcmpInEchos)
		eventually stat_grows IcmpInEchos $((before + 100))
		eventually unload
		not ip -n B link show toylo
		not ip -n B link add toylo type toylo
		wait $flood || true
		ip netns del B
		insmod "$TOY_KO"
	done
}

# A device that is down, or was never up, goes too.
test_unload_with_devices() {
	reloadable
	local_host
	ip -n B link add second type toylo
	ip link add third type toylo
	eventually unload
	not ip link show third
	insmod "$TOY_KO"
}

run_cases "$@"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The stack under test as a router, between hosts that run Linux's own.

. "$(dirname "$0")/lib.sh"

R() { ip netns exec R "$@"; }
Q() { ip netns exec Q "$@"; }

knob() {	# NS NAME VALUE
	local dir=toy name=$2
	[ "$FAMILY" = toy ] || dir=ipv4
	case $dir/$name in
	ipv4/rp_filter|ipv4/send_redirects) name=conf/all/$name ;;
	esac
	ip netns exec "$1" sh -c "echo $3 >/proc/sys/net/$dir/$name"
}

# A (Linux)             R (under test)              B (Linux)
# veth0 10.0.1.2 <--> r0 10.0.1.1  r1 10.0.2.1 <--> veth1 10.0.2.2
routed() {
	netns A R B
	cable A veth0 R r0
	cable R r1 B veth1
	linux_host A veth0 10.0.1.2/24
	linux_host B veth1 10.0.2.2/24
	host R r0 10.0.1.1/24
	host R r1 10.0.2.1/24
	ip -n A route add default via 10.0.1.1
	ip -n B route add default via 10.0.2.1
	knob R ip_forward "${1:-1}"
}

# Two routers, and less room in the middle:
#
# A (Linux)       R (under test)    mtu 1300    Q (under test)      B (Linux)
# veth0 10.0.1.2 - r0 10.0.1.1  r1 10.0.3.1 - q1 10.0.3.2  q0 10.0.2.1 - veth1 10.0.2.2
narrow() {
	netns A R Q B
	cable A veth0 R r0
	cable R r1 Q q1
	cable Q q0 B veth1
	ip -n R link set r1 mtu 1300
	ip -n Q link set q1 mtu 1300
	linux_host A veth0 10.0.1.2/24
	linux_host B veth1 10.0.2.2/24
	host R r0 10.0.1.1/24
	host R r1 10.0.3.1/24
	host Q q1 10.0.3.2/24
	host Q q0 10.0.2.1/24
	R $S route add 10.0.2.0/24 via 10.0.3.2
	Q $S route add 10.0.1.0/24 via 10.0.3.1
	ip -n A route add default via 10.0.1.1
	ip -n B route add default via 10.0.2.1
	knob R ip_forward 1
	knob Q ip_forward 1
}

there() { A ping -c 1 -W 3 -q "${1:-10.0.2.2}" >/dev/null; }

# ---- One hop ---------------------------------------------------------------------

test_off_by_default() {
	toy_only
	routed 0
	is "$(R cat /proc/sys/net/toy/ip_forward)" 0
	not A ping -c 2 -i 0.05 -W 1 -q 10.0.2.2
	is "$(stat_of R IpForwDatagrams)" 0
	R sh -c 'echo 1 >/proc/sys/net/toy/ip_forward'
	there
}

test_ping_both_ways() {
	routed
	has "$(A ping -c 3 -i 0.01 -W 5 10.0.2.2)" '3 received' 'ttl=63'
	has "$(B ping -c 3 -i 0.01 -W 5 10.0.1.2)" '3 received' 'ttl=63'
	[ "$FAMILY" = inet ] || [ "$(stat_of R IpForwDatagrams)" -ge 12 ]
	# The router itself is a host still.
	there 10.0.1.1
	there 10.0.2.1
}

test_ping_sizes() {
	local size
	routed
	for size in 0 1 17 64 255 1000 1471 1472; do
		A ping -c 1 -W 5 -q -M do -s $size 10.0.2.2 >/dev/null ||
			{ echo "lost at $size"; return 1; }
	done
}

test_ttl_is_used_up() {
	routed
	has "$(A ping -t 1 -c 1 -W 3 10.0.2.2 || true)" \
		'From 10.0.1.1 .*Time to live exceeded'
	has "$(A ping -t 2 -c 1 -W 3 10.0.2.2)" '1 received'
}

test_no_route() {
	routed
	has "$(A ping -c 1 -W 3 192.0.2.1 || true)" 'From 10.0.1.1 .*Net Unreachable'
}

test_refusals() {
	routed
	R $S route add unreachable 10.9.1.0/24
	R $S route add prohibit 10.9.2.0/24
	R $S route add blackhole 10.9.3.0/24
	has "$(A ping -c 1 -W 3 10.9.1.1 || true)" 'From 10.0.1.1 .*Host Unreachable'
	has "$(A ping -c 1 -W 3 10.9.2.1 || true)" 'From 10.0.1.1 .*filtered'
	not grep -q From <<<"$(A ping -c 1 -W 1 10.9.3.1 || true)"
}

# Nobody answers for the next hop: the sender hears it from the router.
test_silent_neighbour() {
	routed
	has "$(A ping -c 4 -i 0.5 -W 5 10.0.2.77 || true)" \
		'From 10.0.1.1 .*Host Unreachable'
}

test_traceroute() {
	need traceroute
	routed
	has "$(A traceroute -n -w 3 -q 1 10.0.2.2)" '^ 1  10.0.1.1 ' '^ 2  10.0.2.2 '
	has "$(A traceroute -I -n -w 3 -q 1 10.0.2.2)" '^ 1  10.0.1.1 ' '^ 2  10.0.2.2 '
	has "$(B traceroute -T -n -w 3 -q 1 10.0.1.2)" '^ 1  10.0.2.1 ' '^ 2  10.0.1.2 '
}

# ---- What must stay ----------------------------------------------------------------

# Echo requests that B would answer, but for their addresses.
test_martians() {
	local before addr

	toy_only
	routed
	there
	echo_from() { A pmtu-probe forge "$1" "$2" 8 0 1 17 10.0.0.1 1 10.0.0.2 1; }
	before=$(stat_of R IpForwDatagrams)
	for addr in 127.0.0.1 169.254.1.1 224.0.0.1 255.255.255.255; do
		echo_from $addr 10.0.2.2
		is "$addr $(stat_of R IpForwDatagrams)" "$addr $before"
	done
	ip -n A route add 169.254.1.1 via 10.0.1.1
	echo_from 10.0.1.2 169.254.1.1
	is "$(stat_of R IpForwDatagrams)" "$before"
	[ "$(stat_of R DropIpMartian)" -ge 3 ]
	there
}

# RFC 2644
test_directed_broadcast() {
	routed
	B sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts'
	has "$(A ping -b -c 2 -i 0.05 -W 1 10.0.2.255 2>&1 || true)" ' 0 received'
}

test_rp_filter() {
	routed
	# A has a second address, to which R knows no way back by r0.
	ip -n A addr add 10.0.2.66/32 dev lo
	R $S route add 10.7.0.0/16 via 10.0.2.2
	ip -n A addr add 10.7.0.1/32 dev lo
	before=$(B cat /proc/net/dev | awk '/veth1/ { print $3 }')
	knob R rp_filter 1
	not A ping -I 10.7.0.1 -c 2 -i 0.05 -W 1 -q 10.0.2.2
	[ "$FAMILY" = inet ] || [ "$(stat_of R DropIpRpFilter)" -ge 2 ]
	there
}

# A better way leads back out of the device that the packet came in by.
#
#	A 10.0.1.2 --+-- bridge --+-- 10.0.1.3 Q (Linux), 10.9.0.1 on lo
#	             '-- R 10.0.1.1 (under test)
test_redirect_is_sent() {
	netns L A R Q
	ip -n L link add br0 type bridge
	ip -n L link set br0 up
	for i in A R Q; do
		cable L "l$i" $i veth0
		ip -n L link set "l$i" master br0
	done
	linux_host A veth0 10.0.1.2/24
	linux_host Q veth0 10.0.1.3/24
	host R veth0 10.0.1.1/24
	ip -n Q addr add 10.9.0.1/32 dev lo
	R $S route add 10.9.0.0/16 via 10.0.1.3
	ip -n A route add default via 10.0.1.1
	knob R ip_forward 1
	has "$(A ping -c 3 -i 0.3 -W 3 10.9.0.1)" '3 received'
	has "$(A ip route get 10.9.0.1)" 'via 10.0.1.3'
	[ "$FAMILY" = inet ] || [ "$(stat_of R IcmpOutRedirects)" -ge 1 ]
}

# ---- Less room in the middle -------------------------------------------------------

test_too_big_is_told() {
	narrow
	there
	has "$(A ping -c 1 -W 3 -M do -s 1400 10.0.2.2 2>&1 || true)" \
		'Frag needed and DF set \(mtu = 1300\)'
	has "$(A ping -c 1 -W 3 -M do -s 1272 10.0.2.2)" '1 received'
	has "$(A ip route get 10.0.2.2)" 'mtu 1300'
}

test_traceroute_mtu() {
	need traceroute
	narrow
	has "$(A traceroute -n --mtu -w 3 -q 1 10.0.2.2)" '10.0.1.1' '10.0.3.2' \
		'10.0.2.2' 'F=1300'
}

# run_iperf FROM TO ADDR [MORE]: what was carried, in bits a second.
run_iperf() {
	local from=$1 to=$2 addr=$3
	shift 3
	ip netns exec "$to" iperf3 -s -1 -B "$addr" >/dev/null 2>&1 &
	eventually sh -c "ip netns exec $to ss -Hntl 'sport = :5201' | grep -q ."
	ip netns exec "$from" timeout 60 iperf3 -c "$addr" -t 2 -J "$@" |
		jq '.end.sum_received.bits_per_second // .end.sum.bits_per_second'
}

carried() {	# BITS-PER-SECOND
	awk -v b="$1" 'BEGIN { exit !(b > 1000000) }' || { echo "$1 bit/s"; return 1; }
}

test_iperf3_both_ways() {
	need iperf3
	narrow
	carried "$(run_iperf A B 10.0.2.2)"
	carried "$(run_iperf B A 10.0.1.2)"
	carried "$(run_iperf A B 10.0.2.2 -R)"
}

# Super-packets are forwarded whole, and cut where they must be.
test_iperf3_offloads_off() {
	need iperf3
	need ethtool
	narrow
	A ethtool -K veth0 tso off gso off >/dev/null
	R ethtool -K r0 gro on >/dev/null
	R ethtool -K r1 tso off gso off >/dev/null
	carried "$(run_iperf A B 10.0.2.2)"
	carried "$(run_iperf B A 10.0.1.2)"
}

test_bulk_is_right() {
	narrow
	B tcp-bulk sink inet 10.0.2.2 7007 1 >"$tmp/sink" 2>&1 &
	eventually sh -c "ip netns exec B ss -Hntl 'sport = :7007' | grep -q ."
	A timeout 100 tcp-bulk send inet 10.0.2.2 7007 4000000
	wait $! || { cat "$tmp/sink"; return 1; }
}

# Connections of the router's own go on beside.
test_router_is_a_host_too() {
	narrow
	echo_server Q "$FAMILY" 10.0.2.1 7
	is "$(A toy-echo client inet 10.0.2.1 7 hello)" '10.0.2.1:7 -> 5 bytes: hello'
	there
}

# Devices come and go under traffic.
test_router_loses_a_device() {
	local i

	routed
	A ping -f -q -w 3 10.0.2.2 >/dev/null 2>&1 &
	for i in {1..10}; do
		ip -n R link set r1 down
		ip -n R link set r1 up
		[ "$FAMILY" = inet ] || {
			R toy dev detach r1
			R toy dev attach r1
			R toy addr add 10.0.2.1/24 dev r1
		}
	done
	wait
	carrier R r1
	there
}

run_cases "$@"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Routes: grammar, metrics, several next hops, any-IP, look-ups, ends.

. "$(dirname "$0")/lib.sh"

# One field of the route that B takes to an address.
route_to() {	# ADDR FIELD [MORE]
	local addr=$1 field=$2
	shift 2
	B $S -j route get "$addr" "$@" | jq -r --arg f "$field" '.[0][$f] // "none"'
}

# Two links between A and B:
#
#	A                                B (under test)
#	veth0 10.0.0.1/24  <-------->  veth1 10.0.0.2/24
#	veth2 10.0.1.1/24  <-------->  veth3 10.0.1.2/24
two_links() {
	pair
	cable A veth2 B veth3
	linux_host A veth2 10.0.1.1/24
	host B veth3 10.0.1.2/24
}

knob() {	# NS NAME VALUE: net.toy.NAME or its net.ipv4 twin
	local dir=toy name=$2
	[ "$FAMILY" = toy ] || dir=ipv4
	ip netns exec "$1" sh -c "echo $3 >/proc/sys/net/$dir/$name"
}

# ---- Grammar ----------------------------------------------------------------

test_what_is_added_is_shown() {
	two_links
	B $S route add 10.9.0.0/16 via 10.0.0.1 metric 7 mtu 1400 window 20000 \
		advmss 1200 hoplimit 9 initcwnd 20 initrwnd 30
	has "$(B $S route show)" '^10.9.0.0/16 via 10.0.0.1 dev veth1 .*metric 7 ' \
		'mtu 1400' 'window 20000' 'advmss 1200' 'hoplimit 9' \
		'initcwnd 20' 'initrwnd 30'
	B $S route del 10.9.0.0/16
	not grep -q '^10.9' <<<"$(B $S route show)"
	B $S route add 10.9.0.0/16 via 10.0.0.1 mtu lock 1400 features ecn
	has "$(B $S route show)" 'mtu lock 1400' 'features ecn'
}

test_nexthops_are_shown() {
	two_links
	B $S route add 10.9.0.0/16 nexthop via 10.0.0.1 dev veth1 weight 3 \
		nexthop via 10.0.1.1 dev veth3
	has "$(B $S route show)" '^10.9.0.0/16' \
		'nexthop via 10.0.0.1 dev veth1 weight 3' \
		'nexthop via 10.0.1.1 dev veth3 weight 1'
	is "$(B $S -j route show | jq -c '[.[] | select(.dst == "10.9.0.0/16")
		.nexthops[] | [.gateway, .dev, .weight]]')" \
		'[["10.0.0.1","veth1",3],["10.0.1.1","veth3",1]]'
	B $S route del 10.9.0.0/16
	not grep -q '^10.9' <<<"$(B $S route show)"
}

test_bad_routes() {
	two_links
	fails . B $S route add 10.9.0.0/16 nexthop via 192.0.2.1 nexthop via 10.0.1.1
	fails . B $S route add 10.9.0.0/16 nexthop via 10.0.0.1 weight 0
	fails . B $S route add 10.9.0.0/16 nexthop via 10.0.0.1 weight 257
	[ "$FAMILY" = inet ] || fails . B $S route add 10.9.0.0/16 via 10.0.0.2
	fails . B $S route add 10.9.0.0/16 via 192.0.2.1 dev veth1
	fails . B $S route add 10.9.0.0/16 hoplimit 256 via 10.0.0.1
	B $S route add 10.9.0.0/16 via 192.0.2.1 dev veth1 onlink
	is "$(route_to 10.9.1.1 gateway)" 192.0.2.1
}

test_get_says_what_ip_says() {
	two_links
	B $S route add 10.9.0.0/16 via 10.0.0.1 mtu 1400
	has "$(B $S route get 10.9.1.1)" \
		'^10.9.1.1 via 10.0.0.1 dev veth1 src 10.0.0.2 uid 0 *$' \
		'^    cache.* mtu 1400 *$'
	has "$(B $S route get 10.0.0.2)" '^local 10.0.0.2 dev lo src 10.0.0.2 ' \
		'^    cache <local>'
	has "$(B $S route get 10.0.0.9 oif veth1 mark 5)" \
		'^10.0.0.9 dev veth1 src 10.0.0.2 mark (0x)?5 uid 0'
	has "$(B $S route get 10.9.1.1 from 10.0.1.2)" 'via 10.0.0.1 dev veth1'
	fails . B $S route get 10.9.1.1 from 10.0.77.7
}

# ---- Several next hops ---------------------------------------------------------

ways_to() {	# how many of 64 destinations go by veth3
	local i
	for i in {1..64}; do
		route_to 10.9.1.$i dev
	done | grep -c veth3 || true
}

test_ecmp_uses_all_ways() {
	local n

	two_links
	B $S route add 10.9.0.0/16 nexthop via 10.0.0.1 nexthop via 10.0.1.1
	n=$(ways_to)
	[ "$n" -gt 12 ] && [ "$n" -lt 52 ] || { echo "$n of 64"; return 1; }
	is "$(ways_to)" "$n"
	B $S route replace 10.9.0.0/16 nexthop via 10.0.0.1 weight 7 nexthop via 10.0.1.1
	n=$(ways_to)
	[ "$n" -gt 0 ] && [ "$n" -lt 26 ] || { echo "$n of 64"; return 1; }
}

test_ecmp_leaves_out_what_is_down() {
	two_links
	B $S route add 10.9.0.0/16 nexthop via 10.0.0.1 nexthop via 10.0.1.1
	ip -n B link set veth1 down
	is "$(ways_to)" 64
	ip -n B link set veth1 up
	carrier B veth1
	[ "$(ways_to)" -lt 52 ]
	ip -n B link set veth1 down
	ip -n B link set veth3 down
	fails 'unreachable|no route' B $S route get 10.9.1.1
}

test_ecmp_device_goes() {
	toy_only
	two_links
	B toy route add 10.9.0.0/16 nexthop via 10.0.0.1 nexthop via 10.0.1.1
	B toy dev detach veth1
	has "$(B toy route show)" '^10.9.0.0/16 via 10.0.1.1 dev veth3'
	is "$(ways_to)" 64
}

# Connections spread over both links, by ports, and work.
test_ecmp_carries_traffic() {
	local i before

	two_links
	ip -n A addr add 10.9.1.1/32 dev lo
	B $S route add 10.9.0.0/16 nexthop via 10.0.0.1 nexthop via 10.0.1.1
	knob B fib_multipath_hash_policy 1
	echo_server A inet 10.9.1.1 7
	for i in {1..24}; do
		B toy-echo client "$FAMILY" 10.9.1.1 7 "hello $i" >/dev/null
	done
	for i in veth0 veth2; do
		before=$(A cat /sys/class/net/$i/statistics/rx_packets 2>/dev/null ||
			ip -n A -s -j link show $i | jq '.[0].stats64.rx.packets')
		[ "$before" -gt 3 ] || { echo "$i: $before packets"; return 1; }
	done
}

# ---- Any-IP ----------------------------------------------------------------------

# A whole prefix is this host's: sockets bind to it, it answers pings.
test_local_prefix() {
	pair
	B $S route add local 10.77.0.0/16 dev lo
	ip -n A route add 10.77.0.0/16 via 10.0.0.2
	reaches 10.77.1.2
	reaches 10.77.250.9
	echo_server B "$FAMILY" 10.77.3.4 7
	is "$(A toy-echo client inet 10.77.3.4 7 hello)" '10.77.3.4:7 -> 5 bytes: hello'
	is "$(route_to 10.77.9.9 dev)" lo
	B $S route del local 10.77.0.0/16 dev lo
	not reaches 10.77.1.2
}

# ---- Ends ------------------------------------------------------------------------

test_expires() {
	toy_only
	gone() { not grep -q '^10.9' <<<"$(B toy route show)"; }
	pair
	B toy route add 10.9.0.0/16 via 10.0.0.1 expires 1
	has "$(B toy route show)" '^10.9.0.0/16 .*expires [01]sec'
	is "$(route_to 10.9.1.1 gateway)" 10.0.0.1
	eventually gone
	fails 'no route' B toy route get 10.9.1.1
}

test_ipv6_routes() {
	toy_only
	pair
	B toy route add 2001:db8:9::/48 dev veth1 ||
		skip "IPv6 is not there yet"
	B toy route add 2001:db8:8::/48 via fe80::1 dev veth1 metric 100
	has "$(B toy -6 route show)" '^2001:db8:9::/48 dev veth1' \
		'^2001:db8:8::/48 via fe80::1 dev veth1 .*metric 100'
	fails 'needs a device' B toy route add 2001:db8:7::/48 via fe80::1
	B toy route replace 2001:db8:8::/48 via fe80::2 dev veth1 metric 100
	has "$(B toy -6 route show)" 'via fe80::2'
	B toy route add blackhole 2001:db8:6::/48
	B toy route del 2001:db8:8::/48
	not grep -q '2001:db8:8' <<<"$(B toy -6 route show)"
}

# many FROM TO WORDS: routes number FROM to TO, /24 of 32.0.0.0 and up by one of five
# gateways, every tenth with a /28 in it by another.
many() {
	awk -v from="$1" -v to="$2" -v words="$3" 'BEGIN {
		for (i = from; i < to; i++) {
			net = (32 + int(i / 65536)) "." int(i / 256) % 256 "." i % 256
			print words, net ".0/24 via 10.0.0." 10 + i % 5
			if (i % 10 == 0)
				print words, net ".64/28 via 10.0.0." 20 + i % 7
		}
	}'
}

# asked N: N addresses all over them, as "route get"; expected: what must be told
asked() {
	awk -v n="$1" -v routes="$ROUTES" -v what="$2" 'BEGIN {
		for (j = 0; j < n; j++) {
			i = (j * 7919 + 13) % routes
			host = j % 2 ? 65 : 200
			inner = i % 10 == 0 && host == 65
			if (what == "get")
				printf "route get %d.%d.%d.%d\n", 32 + int(i / 65536),
					int(i / 256) % 256, i % 256, host
			else
				printf "10.0.0.%d\n", inner ? 20 + i % 7 : 10 + i % 5
		}
	}'
}

route_count() {
	B toy route show | grep -c '^3[2-9]\.' || true
}

# As many routes as the Internet had in 2000. How many nodes a look-up visits
# is trie_test.c's question; that all of them are right, and go away, is ours.
test_hundred_thousand_routes() {
	ROUTES=${TOY_ROUTES:-100000}
	toy_only	# ip -batch falls over its own feet here
	pair
	many 0 "$ROUTES" 'route add' >"$tmp/add"
	B toy -batch "$tmp/add"
	is "$(route_count)" $((ROUTES + ROUTES / 10))
	asked 2000 get >"$tmp/get"
	asked 2000 expect >"$tmp/expect"
	B toy -batch "$tmp/get" | grep -o 'via [0-9.]*' | cut -d' ' -f2 >"$tmp/got"
	cmp "$tmp/got" "$tmp/expect"
	# Half of them go: the other half is as it was.
	many 0 $((ROUTES / 2)) 'route del' >"$tmp/del"
	B toy -batch "$tmp/del"
	is "$(route_count)" $(((ROUTES + ROUTES / 10) / 2))
	B toy -force -batch "$tmp/get" >"$tmp/out" 2>/dev/null && return 1
	grep -o 'via [0-9.]*' "$tmp/out" | cut -d' ' -f2 >"$tmp/got"
	asked 2000 get | awk -v half=$((ROUTES / 2)) '{ split($3, a, ".")
		i = (a[1] - 32) * 65536 + a[2] * 256 + a[3]; print (i >= half) }' |
		paste -d' ' - "$tmp/expect" | sed -n 's/^1 //p' >"$tmp/half"
	cmp "$tmp/got" "$tmp/half"
	fails 'exists' B toy -batch <(many $((ROUTES - 1)) "$ROUTES" 'route add')
	ip -n B link set veth1 down
	is "$(route_count)" 0
}

run_cases "$@"

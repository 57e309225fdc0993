#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Path MTU discovery and redirects, as a host sees them.

. "$(dirname "$0")/lib.sh"

R() { ip netns exec R "$@"; }

knob() {	# NS NAME VALUE
	local dir=toy name=$2
	[ "$FAMILY" = toy ] || dir=ipv4
	case $dir/$name in
	ipv4/min_pmtu|ipv4/mtu_expires) name=route/$name ;;
	# A host accepts what either of them allows.
	ipv4/accept_redirects) name="conf/*/$name" ;;
	esac
	ip netns exec "$1" sh -c \
		"for f in /proc/sys/net/$dir/$name; do echo $3 >\$f; done"
}

# A router with little room behind it, and a host there:
#
# A (under test)       R (Linux)          mtu 1300   B (Linux)
# veth0 10.0.1.2 <--> r0 10.0.1.1  r1 10.0.2.1 <--> veth1 10.0.2.2
narrow() {
	netns A R B
	cable A veth0 R r0
	cable R r1 B veth1
	ip -n R link set r1 mtu 1300	# B's end takes more: its TCP says 1460
	linux_host R r0 10.0.1.1/24
	linux_host R r1 10.0.2.1/24
	linux_host B veth1 10.0.2.2/24
	host A veth0 10.0.1.2/24
	A $S route add default via 10.0.1.1
	ip -n B route add default via 10.0.2.1
	R sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

route() { A $S route get "${1:-10.0.2.2}"; }
knows() { route "${2:-10.0.2.2}" | grep -qE "cache.* mtu $1( |$)"; }
knows_nothing() { not grep -q mtu <<<"$(route "$@")"; }
probe() { A pmtu-probe udp "$FAMILY" 10.0.2.2 9 "$@"; }
forge() { R pmtu-probe forge "$@"; }

# ---- What is learnt ----------------------------------------------------------------

test_udp_learns() {
	local out

	narrow
	out=$(probe do 1272 1273 1272 1300)
	has "$out" '^send 1273: ok' '^queue: Message too long, origin 2, info 1300' \
		'^send 1300: Message too long' '^queue: Message too long, origin 1, info 1300' \
		'^mtu: 1300'
	is "$(grep -c '^send 1272: ok' <<<"$out")" 2
	knows 1300
	has "$(route)" 'expires [0-9]+sec'
	# Another program profits.
	has "$(probe do 1273)" '^send 1273: Message too long' '^mtu: 1300'
	A $S route flush cache
	knows_nothing
}

test_show_cache() {
	toy_only
	narrow
	probe do 1400 >/dev/null
	has "$(A toy route show cache)" '^10.0.2.2 cache expires [0-9]+sec mtu 1300'
	A toy route flush cache
	is "$(A toy route show cache)" ''
}

test_modes() {
	local out

	narrow
	# Never lets it in.
	out=$(probe interface 1400 1400)
	is "$(grep -c '^send 1400: ok' <<<"$out")" 2
	knows_nothing
	# Does not use it.
	out=$(probe probe 1400 1400)
	is "$(grep -c '^send 1400: ok' <<<"$out")" 2
	knows 1300
}

test_tcp_bulk() {
	local sink

	narrow
	B tcp-bulk sink inet 10.0.2.2 7007 1 >"$tmp/sink" 2>&1 &
	sink=$!
	eventually sh -c "ip netns exec B ss -Hntl 'sport = :7007' | grep -q ."
	A timeout 100 tcp-bulk send "$FAMILY" 10.0.2.2 7007 4000000
	wait $sink || { cat "$tmp/sink"; return 1; }
	knows 1300
}

# The second connection starts with the right size.
test_tcp_profits() {
	local before

	narrow
	probe do 1400 >/dev/null
	knows 1300
	before=$(R cat /proc/net/snmp | awk '/^Ip: [0-9]/ { print $18 }')
	B tcp-bulk sink inet 10.0.2.2 7007 1 >"$tmp/sink" 2>&1 &
	eventually sh -c "ip netns exec B ss -Hntl 'sport = :7007' | grep -q ."
	A timeout 100 tcp-bulk send "$FAMILY" 10.0.2.2 7007 1000000
	wait
	is "$(R cat /proc/net/snmp | awk '/^Ip: [0-9]/ { print $18 }')" "$before"
}

test_expiry() {
	narrow
	knob A mtu_expires 1
	probe do 1400 >/dev/null
	eventually knows_nothing
	# What a socket remembers ends, too.
	has "$(probe do 1400 w1300)" 'mtu: 1300' 'mtu: 1500'
}

test_fixed_mtu() {
	narrow
	A $S route add 10.0.2.0/24 via 10.0.1.1 mtu lock 1400
	has "$(probe want 1372)" '^send 1372: ok'
	not grep -q 'mtu 1300' <<<"$(route)"
}

# ---- Forgeries ---------------------------------------------------------------------

# TYPE CODE WORD as a router would say it about a datagram 10.0.1.2:5000 -> ADDR:9
frag_needed() {	# MTU QDST QSPORT [PROTO] [COUNT]
	forge 10.0.1.1 10.0.1.2 3 4 "$1" "${4:-17}" 10.0.1.2 "$3" "$2" 9 "${5:-1}"
}

# A socket of ours: 5000 -> 10.0.2.2:9, for as long as the test needs it.
# shellcheck disable=SC2120 # some say which
talker() {
	A pmtu-probe udp "$FAMILY" 10.0.2.2 9 "${1:-do}" b5000 100 w20000 >"$tmp/talker" 2>&1 &
	eventually grep -q 'send 100: ok' "$tmp/talker"
}

test_forgery_does_nothing() {
	toy_only	# AF_INET believes some of it
	narrow
	talker
	frag_needed 1000 10.0.2.2 5001			# no such socket
	frag_needed 1000 10.0.2.3 5000			# not its peer
	forge 10.0.1.1 10.0.1.2 3 4 1000 17 10.0.9.9 5000 10.0.2.2 9	# not ours
	frag_needed 1000 10.0.2.2 5000 6		# no such connection
	sleep 0.2
	knows_nothing
	knows_nothing 10.0.2.3
	[ "$FAMILY" = inet ] || is "$(stat_of A PmtuUpdates)" 0
	frag_needed 1000 10.0.2.2 5000
	eventually knows 1000
	# It never grows by ICMP.
	frag_needed 1200 10.0.2.2 5000
	sleep 0.1
	knows 1000
}

test_tcp_forgery_does_nothing() {
	toy_only
	narrow
	B tcp-bulk echo inet 10.0.2.2 7007 >/dev/null 2>&1 &
	eventually sh -c "ip netns exec B ss -Hntl 'sport = :7007' | grep -q ."
	A tcp-bulk -b 10.0.1.2:6000 flow toy 10.0.2.2 7007 3 0 >/dev/null 2>&1 &
	sleep 0.5
	# Sequence number 0 is not in flight, but once in a blue moon.
	forge 10.0.1.1 10.0.1.2 3 4 600 6 10.0.1.2 6000 10.0.2.2 7007
	sleep 0.2
	not knows 600
}

test_least_mtu() {
	narrow
	talker
	frag_needed 68 10.0.2.2 5000
	eventually knows '(lock )?552'
}

test_old_router() {	# says 0: RFC 1191 5
	toy_only
	narrow
	talker
	frag_needed 0 10.0.2.2 5000
	eventually knows 1492
}

# Strangers fill the table: it has an end, and the host works on.
test_cache_is_bounded() {
	local n

	toy_only
	narrow
	echo_server A toy 10.0.1.2 5000
	frag_needed 1000 10.128.0.1 5000 17 20000
	n=$(A toy route show cache | wc -l)
	[ "$n" -gt 1500 ] && [ "$n" -le 2048 ] || { echo "$n entries"; return 1; }
	is "$(B toy-echo client inet 10.0.1.2 5000 hello)" '10.0.1.2:5000 -> 5 bytes: hello'
	has "$(probe do 1400 1400)" 'send 1400: Message too long'
	A toy route flush cache
	is "$(A toy route show cache | wc -l)" 0
}

# ---- Redirects ---------------------------------------------------------------------

#	A 10.0.1.2 --+-- bridge --+-- Q 10.0.1.3 (Linux), 10.9.0.1 on lo
#	(under test) '-- R 10.0.1.1 (Linux, forwards)
lan() {
	local i

	netns L A R Q
	ip -n L link add br0 type bridge
	ip -n L link set br0 up
	for i in A R Q; do
		cable L "l$i" $i veth0
		ip -n L link set "l$i" master br0
	done
	linux_host R veth0 10.0.1.1/24
	linux_host Q veth0 10.0.1.3/24
	ip -n Q addr add 10.9.0.1/32 dev lo
	ip -n R route add 10.9.0.0/16 via 10.0.1.3
	R sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	host A veth0 10.0.1.2/24
	A $S route add default via 10.0.1.1
	ip netns exec Q toy-echo server inet 10.9.0.1 7 >/dev/null 2>&1 &
	eventually bound Q inet 7
}

redirected() { route 10.9.0.1 | grep -q 'via 10.0.1.3'; }
talk() { A toy-echo client "$FAMILY" 10.9.0.1 7 hello >/dev/null; }

test_redirect_is_followed() {
	lan
	talk_and_look() { talk && redirected; }
	eventually talk_and_look
	talk
	[ "$FAMILY" = inet ] || counted A RedirectAccepted 0
	A $S route flush cache
	not redirected
}

test_redirect_is_refused() {
	lan
	knob A accept_redirects 0
	talk
	talk
	sleep 0.2
	not redirected
}

# From somebody who is not our router, to a gateway that is not on the link.
test_redirect_forgery() {
	toy_only
	lan
	A pmtu-probe udp toy 10.9.0.77 9 do b5000 100 w5000 >/dev/null 2>&1 &
	sleep 0.3
	forge 10.0.1.9 10.0.1.2 5 1 10.0.1.3 17 10.0.1.2 5000 10.9.0.77 9
	forge 10.0.1.1 10.0.1.2 5 1 192.0.2.1 17 10.0.1.2 5000 10.9.0.77 9
	forge 10.0.1.1 10.0.1.2 5 1 10.0.1.2 17 10.0.1.2 5000 10.9.0.77 9
	forge 10.0.1.1 10.0.1.2 5 1 10.0.1.4 17 10.0.1.2 5001 10.9.0.77 9
	sleep 0.2
	has "$(route 10.9.0.77)" 'via 10.0.1.(1|3) '
	counted A RedirectIgnored 2
}

run_cases "$@"

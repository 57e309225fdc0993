#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What strangers can send without end (storm.c): fragments, neighbour discovery,
# router advertisements, reports and queries of groups. Whatever they make the
# stack hold is bounded, at every look; a service answers meanwhile; afterwards
# all is as before. Meant for the debug kernel, which complains of the rest.
#
#	A (AF_INET, AF_INET6)                 B (AF_TOY)
#	veth0 10.0.0.1, fd00::1  <------->  veth1 10.0.0.2, fd00::2
#
# TOY_STORM is how many packets each storm has.

. "$(dirname "$0")/lib.sh"

STORM=${TOY_STORM:-6000}
CASE_TIMEOUT=600

knob() { B sh -c "echo $2 >/proc/sys/net/toy/$1"; }
frag_mem() { B cat /proc/sys/net/toy/ipfrag_mem; }

victim() {
	toy_only
	pair
	ip netns exec A sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6'
	ip -n A addr add fd00::1/64 dev veth0 nodad
	B toy addr add fd00::2/64 dev veth1 nodad
	# What a host under attack would do: the friend is known.
	A ip neigh replace 10.0.0.2 lladdr "$(mac_of B veth1)" dev veth0 nud permanent
	A ip -6 neigh replace fd00::2 lladdr "$(mac_of B veth1)" dev veth0 nud permanent
	ip netns exec B toy-echo tcp-server toy 10.0.0.2 7 >"$tmp/tcp" 2>&1 &
	echo_server B toy 10.0.0.2 7
	eventually reaches
	eventually A ping -6 -c 1 -W 1 -q fd00::2
}

# storm KINDS [COUNT] [SEED]: in the background
storm() {
	ip netns exec A storm "$1" veth0 "$(mac_of B veth1)" 10.0.0.2 fd00::2 \
		"${2:-$STORM}" "${3:-1}" >"$tmp/storm" 2>&1 &
	storm=$!
}

# The service, over TCP, UDP and IPv6, once.
answers() {
	has "$(A toy-echo tcp-client inet 10.0.0.2 7 -S 1..20)" '20 echoed, 0 bad'
	eventually A toy-echo client inet 10.0.0.2 7 beside
	eventually A ping -6 -c 1 -W 1 -q fd00::2
}

# looks CMD...: CMD holds as long as the storm lasts, and the service answers.
looks() {
	local looks=0

	while kill -0 $storm 2>/dev/null; do
		"$@"
		answers
		"$@"
		looks=$((looks + 1))
	done
	wait $storm || { cat "$tmp/storm"; return 1; }
	echo "$looks looks"
	[ $looks -ge 1 ]
}

at_most() { [ "$1" -le "$2" ] || { echo "$3: $1, more than $2"; return 1; }; }

# ---- Fragments ---------------------------------------------------------------------

frags_bounded() {
	local mem
	read -ra mem < <(frag_mem)
	# What comes in one piece may go beyond by as much.
	at_most "${mem[0]}" $((THRESH + 70000)) "IPv4 fragments"
	at_most "${mem[1]}" $((THRESH + 70000)) "IPv6 fragments"
}

fragments() {	# KINDS
	THRESH=300000
	victim
	knob ipfrag_high_thresh $THRESH
	knob ipfrag_low_thresh $((THRESH / 2))
	knob ip6frag_high_thresh $THRESH
	knob ip6frag_low_thresh $((THRESH / 2))
	knob ipfrag_time 2
	knob ip6frag_time 2
	storm "$1" $((STORM * 2))
	looks frags_bounded
	nothing() { is "$(frag_mem | tr '\t' ' ')" '0 0'; }
	eventually nothing
	# Datagrams of friends are put together again.
	eventually A ping -c 1 -W 2 -q -s 20000 10.0.0.2
	eventually A ping -6 -c 1 -W 2 -q -s 20000 fd00::2
}

test_fragments_ipv4() {
	fragments frag
}
test_fragments_ipv6() {
	fragments frag6
}

# The namespace goes with queues half full.
test_fragments_and_the_end() {
	victim
	storm frag,frag6 0
	sleep 1
	ip netns del B
	kill $storm
	wait $storm || true
}

# ---- Neighbours -----------------------------------------------------------------------

neighbours() { B toy -j neigh | jq length; }
neighs_bounded() { at_most "$(neighbours)" 65 neighbours; }

neigh_flood() {	# KINDS
	victim
	knob neigh_gc_thresh 64
	storm "$1"
	looks neighs_bounded
	answers
	# The friend's address is still the friend's.
	eventually neigh_is B 10.0.0.1 REACHABLE || true
	is "$(neigh_lladdr B 10.0.0.1)" "$(mac_of A veth0)"
}

test_solicitations() {
	neigh_flood ns
}
test_advertisements() {
	neigh_flood na
}
test_solicitations_and_advertisements() {
	neigh_flood ns,na
}

# ---- Routers -----------------------------------------------------------------------------

ra_count() { B toy -j ra | jq "[.[] | select(.kind == \"$1\")] | length"; }
routers_bounded() {
	at_most "$(ra_count router)" 8 routers
	at_most "$(ra_count prefix)" 32 prefixes
	at_most "$(($(ra_count dns) + $(ra_count search)))" 16 "name servers"
	at_most "$(B toy -j addr | jq '[.[] | select(.autoconf == true)] | length')" 16 addresses
	at_most "$(B toy -j -6 route | jq length)" 320 routes
	at_most "$(neighbours)" 65 neighbours
}

test_router_advertisements() {
	victim
	knob neigh_gc_thresh 64
	knob addr_gen_mode 2
	storm ra
	looks routers_bounded
	[ "$(ra_count router)" -gt 0 ]
	ip -n B link set veth1 down
	is "$(B toy -j ra)" '[]'
}

# ---- Groups --------------------------------------------------------------------------------

groups_bounded() { is "$(B toy -j maddr | jq length)" "$groups"; }

group_flood() {	# KINDS
	victim
	ip netns exec B mcast-join toy veth1 239.1.2.3 "239.9.9.9+10.0.0.1" \
		ff15::1234 >"$tmp/member" 2>&1 &
	eventually grep -q ready "$tmp/member"
	groups=$(B toy -j maddr | jq length)
	storm "$1"
	looks groups_bounded
}

test_igmp() {
	group_flood igmp
}
test_mld() {
	group_flood mld
}

# ---- All at once ------------------------------------------------------------------------------

test_everything() {
	victim
	knob neigh_gc_thresh 64
	knob addr_gen_mode 2
	storm frag,frag6,ns,na,ra,igmp,mld $((STORM * 2)) 7
	looks routers_bounded
	answers
}

test_module_goes() {
	local i

	reloadable
	victim
	storm frag,frag6,ns,na,ra,igmp,mld 0 3
	for i in 1 2 3; do
		sleep 0.5
		B toy dev detach veth1
		host B veth1 10.0.0.2/24
		B toy addr add fd00::2/64 dev veth1 nodad
	done
	for i in $(jobs -p); do [ "$i" = $storm ] || kill "$i"; done
	eventually unload
	kill $storm
	wait $storm || true
	insmod "$TOY_KO"
}

run_cases "$@"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Configuration: what `toy` and `ip` say to the kernel, and what it answers.
# $S is the one that speaks for the family under test.

. "$(dirname "$0")/lib.sh"

# Addresses of B, one "10.0.0.2/24 veth1" per line.
addrs() {
	if [ "$FAMILY" = toy ]; then
		B toy -j addr show |
			jq -r '.[] | "\(.local)/\(.prefixlen) \(.ifname)"'
	else
		B ip -4 -j addr show | jq -r '.[] | .ifname as $d |
			.addr_info[]? | "\(.local)/\(.prefixlen) \($d)"'
	fi
}

# One field of the route that B takes to an address.
route_to() {	# ADDR FIELD
	B $S -j route get "$1" | jq -r --arg f "$2" '.[0][$f] // "none"'
}

sends_to() {	# ADDR: does sendto() accept it?
	B toy-echo client "$FAMILY" "$1" 9 -n 2>&1 || true
}

# ---- Addresses ---------------------------------------------------------------

test_addr_add_show_del() {
	pair
	has "$(addrs)" '^10\.0\.0\.2/24 veth1$'
	B $S addr add 10.0.1.2/16 dev veth1
	has "$(addrs)" '^10\.0\.0\.2/24 veth1$' '^10\.0\.1\.2/16 veth1$'
	B $S addr del 10.0.1.2/16 dev veth1
	is "$(addrs | grep -c 10.0.1.2 || true)" 0
	reaches
}

test_addr_twice() {
	pair
	fails 'File exists|already' B $S addr add 10.0.0.2/24 dev veth1
	fails 'Cannot assign|No such|not found|no such' B $S addr del 10.0.0.7/24 dev veth1
	has "$(addrs)" '^10\.0\.0\.2/24 veth1$'
}

test_addr_bad() {
	toy_only
	pair
	fails . B toy addr add 10.0.0.5/33 dev veth1
	fails . B toy addr add 10.0.0/24 dev veth1
	fails . B toy addr add 10.0.0.5/24 dev nosuch
	fails '^Error: ' B toy addr add 224.0.0.1/24 dev veth1
	fails '^Error: ' B toy addr add 0.0.0.0/24 dev veth1
	fails '^Error: ' B toy addr add 255.255.255.255/32 dev veth1
	is "$(addrs | grep -vcE '127.0.0.1|::1')" 1
}

test_addr_makes_routes() {
	pair
	is "$(route_to 10.0.0.77 dev)" veth1
	is "$(route_to 10.0.0.77 prefsrc)" 10.0.0.2
	B $S addr del 10.0.0.2/24 dev veth1
	fails 'Network is unreachable|no route' B $S route get 10.0.0.77
}

test_addr_noprefixroute() {
	pair
	B $S addr add 10.0.3.2/24 dev veth1 noprefixroute
	fails 'Network is unreachable|no route' B $S route get 10.0.3.77
	is "$(route_to 10.0.3.2 dev)" lo
}

test_addr_goes_and_comes() {
	pair
	reaches
	B $S addr del 10.0.0.2/24 dev veth1
	has "$(A ping -c 1 -W 1 10.0.0.2 || true)" ' 0 received'
	B $S addr add 10.0.0.2/24 dev veth1
	eventually reaches
}

# Which source a datagram gets: the one of the destination's network.
test_source_selection() {
	pair
	B $S addr add 10.0.1.2/24 dev veth1
	is "$(route_to 10.0.0.77 prefsrc)" 10.0.0.2
	is "$(route_to 10.0.1.77 prefsrc)" 10.0.1.2
	B $S route add 10.9.0.0/16 via 10.0.0.1 src 10.0.1.2
	is "$(route_to 10.9.1.1 prefsrc)" 10.0.1.2
	is "$(route_to 10.9.1.1 gateway)" 10.0.0.1
}

# Where the route has no opinion.
test_addr_preference() {
	toy_only
	pair
	B toy route add 10.9.0.0/16 via 10.0.0.1
	is "$(route_to 10.9.1.1 prefsrc)" 10.0.0.2
	B toy addr add 10.0.0.3/24 dev veth1 preference 10
	# Not before probing has shown that it is ours.
	prefers() { [ "$(route_to 10.9.1.1 prefsrc)" = "$1" ]; }
	eventually prefers 10.0.0.3
	B toy addr del 10.0.0.3/24 dev veth1
	is "$(route_to 10.9.1.1 prefsrc)" 10.0.0.2
}

test_loopback_is_there() {
	netns B
	is "$(route_to 127.0.0.1 dev)" lo
	is "$(route_to 127.1.2.3 dev)" lo
}

# ---- Routes ------------------------------------------------------------------

test_longest_prefix() {
	pair
	B $S route add default via 10.0.0.1
	B $S route add 10.9.0.0/16 via 10.0.0.3
	B $S route add 10.9.8.0/24 via 10.0.0.4
	B $S route add 10.9.8.7/32 via 10.0.0.5
	is "$(route_to 192.0.2.1 gateway)" 10.0.0.1
	is "$(route_to 10.9.1.1 gateway)" 10.0.0.3
	is "$(route_to 10.9.8.1 gateway)" 10.0.0.4
	is "$(route_to 10.9.8.7 gateway)" 10.0.0.5
	B $S route del 10.9.8.7/32
	is "$(route_to 10.9.8.7 gateway)" 10.0.0.4
	B $S route del 10.9.8.0/24
	is "$(route_to 10.9.8.7 gateway)" 10.0.0.3
	B $S route del 10.9.0.0/16
	is "$(route_to 10.9.8.7 gateway)" 10.0.0.1
	B $S route del default
	fails 'Network is unreachable|no route' B $S route get 10.9.8.7
}

test_metric() {
	pair
	B $S route add 10.9.0.0/16 via 10.0.0.3 metric 20
	B $S route add 10.9.0.0/16 via 10.0.0.4 metric 10
	B $S route add 10.9.0.0/16 via 10.0.0.5 metric 30
	is "$(route_to 10.9.1.1 gateway)" 10.0.0.4
	B $S route del 10.9.0.0/16 metric 10
	is "$(route_to 10.9.1.1 gateway)" 10.0.0.3
	fails 'File exists|Error: Route exists' B $S route add 10.9.0.0/16 via 10.0.0.9 metric 20
	B $S route replace 10.9.0.0/16 via 10.0.0.9 metric 20
	is "$(route_to 10.9.1.1 gateway)" 10.0.0.9
}

test_route_errors() {
	pair
	B $S route add 10.9.0.0/16 via 10.0.0.1
	fails 'File exists|Error: Route exists' B $S route add 10.9.0.0/16 via 10.0.0.1
	fails 'No such process|Error: No such route' B $S route del 10.8.0.0/16
	fails 'Error: .*(ateway|Nexthop)|unreachable' \
		B $S route add 10.8.0.0/16 via 192.0.2.1
	fails . B $S route add 10.8.0.1/16 via 10.0.0.1
	fails . B $S route add 10.8.0.0/40 via 10.0.0.1
	fails . B $S route add 10.8.0.0/16 dev nosuch
}

test_route_mtu() {
	pair
	B $S route add 10.9.0.0/16 via 10.0.0.1 mtu 1000
	ip -n A addr add 10.9.0.1/32 dev lo
	echo_server A inet 10.9.0.1 7
	# What is larger goes in fragments.
	B toy-echo client "$FAMILY" 10.9.0.1 7 -S 972..973
}

# What each type of route answers to a program.
test_blackhole_unreachable_prohibit() {
	pair
	B $S route add blackhole 10.9.1.0/24
	B $S route add unreachable 10.9.2.0/24
	B $S route add prohibit 10.9.3.0/24
	has "$(sends_to 10.9.1.1)" 'Invalid argument'
	has "$(sends_to 10.9.2.1)" 'No route to host'
	has "$(sends_to 10.9.3.1)" 'Permission denied'
	B $S route del blackhole 10.9.1.0/24
	has "$(sends_to 10.9.1.1)" 'Network is unreachable'
}

# A route change is seen by sockets that are connected already:
#
#	A 10.9.0.1 on lo               B, connected to 10.9.0.1
#	veth0 10.0.0.1/24  <------->  veth1 10.0.0.2/24
test_route_change_under_a_connection() {
	pair
	ip -n A addr add 10.9.0.1/32 dev lo
	echo_server A inet 10.9.0.1 7
	B $S route add 10.9.0.0/16 via 10.0.0.1
	B toy-echo client "$FAMILY" 10.9.0.1 7 before >/dev/null
	B $S route replace 10.9.0.0/16 via 10.0.0.66
	has "$(sends_to 10.9.0.1 || true)" '^$'
	B $S route replace 10.9.0.0/16 via 10.0.0.1
	B toy-echo client "$FAMILY" 10.9.0.1 7 after >/dev/null
	B $S route del 10.9.0.0/16
	has "$(sends_to 10.9.0.1)" 'Network is unreachable'
}

# ---- Who may --------------------------------------------------------------------

test_unprivileged_users_may_look_only() {
	pair
	look() { B setpriv --reuid 1000 --regid 1000 --clear-groups "$@"; }
	look $S addr show >/dev/null
	look $S route show >/dev/null
	look $S neigh show >/dev/null
	fails 'Operation not permitted' look $S addr add 10.0.0.9/24 dev veth1
	fails 'Operation not permitted' look $S addr del 10.0.0.2/24 dev veth1
	fails 'Operation not permitted' look $S route add 10.9.0.0/16 via 10.0.0.1
	fails 'Operation not permitted' look $S neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev veth1
	[ "$FAMILY" = inet ] || {
		fails 'Operation not permitted' look toy dev detach veth1
		fails 'Operation not permitted' look toy neigh flush
	}
	fails 'Permission denied' look sh -c \
		'echo 1 >/proc/sys/net/toy/acd || echo 1 >/proc/sys/net/ipv4/ip_forward'
	reaches
}

# An ordinary user is master of a namespace of his own.
test_own_user_namespace() {
	# shellcheck disable=SC2016
	setpriv --reuid 1000 --regid 1000 --clear-groups \
		unshare --user --map-root-user --net bash -e -c '
			ip link set lo up
			ip link add v0 type veth peer name v1
			ip link set v0 up
			ip link set v1 up
			[ $S = ip ] || toy dev attach v0
			$S addr add 10.0.0.2/24 dev v0
			$S route add 10.9.0.0/16 via 10.0.0.1
			$S neigh add 10.0.0.1 lladdr 02:00:00:00:00:09 dev v0
			$S route get 10.9.1.1
			[ $S = ip ] || toy dev detach v0
		' >/dev/null
}

# ---- Sysctls -----------------------------------------------------------------------

knobs="ip_local_port_range ip_unprivileged_port_start ping_group_range
       ip_default_ttl icmp_echo_ignore_all icmp_echo_ignore_broadcasts
       ip_nonlocal_bind ip_local_reserved_ports"

knob_dir() {
	if [ "$FAMILY" = toy ]; then
		echo /proc/sys/net/toy
	else
		echo /proc/sys/net/ipv4
	fi
}

test_sysctls_are_per_namespace() {
	local k dir

	dir=$(knob_dir)
	netns A B
	for k in $knobs; do
		A cat "$dir/$k" >/dev/null
	done
	A sh -c "echo 77 >$dir/ip_default_ttl"
	is "$(A cat "$dir/ip_default_ttl")" 77
	is "$(B cat "$dir/ip_default_ttl")" 64
}

test_sysctls_are_checked() {
	local dir

	dir=$(knob_dir)
	netns B
	fails 'Invalid argument' B bash -c "echo 256 >$dir/ip_default_ttl"
	fails 'Invalid argument' B bash -c "echo 0 >$dir/ip_default_ttl"
	fails 'Invalid argument' B bash -c "echo x >$dir/ip_default_ttl"
	fails 'Invalid argument' B bash -c "echo '9 5' >$dir/ip_local_port_range"
	is "$(B cat "$dir/ip_default_ttl")" 64
}

# The same names start with the same values.
test_sysctls_start_like_their_twins() {
	local k

	toy_only
	netns B
	for k in $knobs; do
		is "$k $(B cat /proc/sys/net/toy/$k)" \
			"$k $(B cat /proc/sys/net/ipv4/$k)"
	done
}

test_default_ttl() {
	pair
	B sh -c "echo 9 >$(knob_dir)/ip_default_ttl"
	A ip neigh flush dev veth0
	echo_server A inet 10.0.0.1 7
	B toy-echo client "$FAMILY" 10.0.0.1 7 x >/dev/null
	has "$(A ping -c 1 -W 5 10.0.0.2)" 'ttl=9 '
}

test_icmp_echo_ignore() {
	pair
	reaches
	B sh -c "echo 1 >$(knob_dir)/icmp_echo_ignore_all"
	has "$(A ping -c 1 -W 1 10.0.0.2 || true)" ' 0 received'
	B sh -c "echo 0 >$(knob_dir)/icmp_echo_ignore_all"
	reaches
	B sh -c "echo 0 >$(knob_dir)/icmp_echo_ignore_broadcasts"
	has "$(A ping -b -c 1 -W 5 10.0.0.255 2>&1)" ' 1 received'
}

test_reserved_ports_are_not_chosen() {
	pair
	B sh -c "echo '40000 40003' >$(knob_dir)/ip_local_port_range"
	B sh -c "echo 40000-40002 >$(knob_dir)/ip_local_reserved_ports"
	echo_server A inet 10.0.0.1 7
	B toy-echo client "$FAMILY" 10.0.0.1 7 x >/dev/null
	has "$(cat "$tmp/server.A")" '^10\.0\.0\.2:40003 -> '
}

# ---- The command itself ---------------------------------------------------------------

test_json_is_json() {
	local what

	toy_only
	pair
	reaches
	echo_server B toy 10.0.0.2 7
	for what in dev addr route neigh stat napi 'ss -a' 'route show all' \
			'route get 10.0.0.1' '-s neigh' 'stat -av' 'ss -a -m -e -p'; do
		# shellcheck disable=SC2086
		B toy -j $what | jq -e 'type == "array"' >/dev/null ||
			{ echo "toy -j $what"; return 1; }
	done
}

test_abbreviations() {
	toy_only
	pair
	is "$(B toy a)" "$(B toy addr show)"
	is "$(B toy a s dev veth1)" "$(B toy addr show dev veth1)"
	is "$(B toy r g 10.0.0.1)" "$(B toy route get 10.0.0.1)"
	is "$(B toy d s)" "$(B toy dev show)"
}

test_unknown_words() {
	toy_only
	netns B
	fails . B toy nosuch
	fails . B toy addr nosuch
	fails . B toy route add 10.0.0.0/8 nosuch 7
	fails 'no counter' B toy stat NoSuchCounter
}

# The monitor's own lines, in the order of the changes.
test_monitor() {
	toy_only
	netns A B
	cable A veth0 B veth1
	linux_host A veth0 10.0.0.1/24
	ip netns exec B toy monitor all >"$tmp/monitor" 2>&1 &
	# It listens as soon as a change shows.
	heard() {
		B toy dev attach veth1
		B toy dev detach veth1
		grep -q DEV "$tmp/monitor"
	}
	eventually heard
	host B veth1 10.0.0.2/24
	B toy route add 10.9.0.0/16 via 10.0.0.1
	B toy neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev veth1
	B toy neigh del 10.0.0.5 dev veth1
	B toy route del 10.9.0.0/16
	B toy addr del 10.0.0.2/24 dev veth1
	B toy dev detach veth1
	eventually grep -q '^\[ADDR\]Deleted .*10\.0\.0\.2' "$tmp/monitor"
	has "$(cat "$tmp/monitor")" '^\[DEV\].*veth1' \
		'^\[ADDR\].*10\.0\.0\.2' '^\[ROUTE\]10\.9\.0\.0/16' \
		'^\[NEIGH\]10\.0\.0\.5 .*PERMANENT' \
		'^\[NEIGH\]Deleted 10\.0\.0\.5' '^\[ROUTE\]Deleted 10\.9\.0\.0/16'
}

test_ss_shows_sockets() {
	toy_only
	pair
	echo_server B toy 10.0.0.2 7
	has "$(B toy -n ss -a -u)" '10\.0\.0\.2:7'
	is "$(A toy -n ss -a -u | grep -c '10\.0\.0\.2:7' || true)" 0
}

test_counters_count() {
	local before

	toy_only
	pair
	reaches
	before=$(stat_of B IcmpInEchos)
	A ping -c 5 -i 0.01 -q 10.0.0.2 >/dev/null
	is "$(stat_of B IcmpInEchos)" $((before + 5))
	[ "$(stat_of B IcmpOutEchoReps)" -ge 5 ]
	echo_server B toy 10.0.0.2 7
	A toy-echo client inet 10.0.0.2 7 -S 0..9 >/dev/null
	is "$(stat_of B UdpInDatagrams)" 10
	is "$(stat_of B UdpOutDatagrams)" 10
	# Another namespace has its own.
	is "$(A toy -j stat UdpInDatagrams | jq '.[0].value // 0')" 0
}

test_counters_in_proc() {
	toy_only
	netns B
	has "$(B cat /proc/net/toy/stat)" 'IpInReceives' 'DropUdpNoPort'
}

test_napi_counts() {
	toy_only
	pair
	A ping -c 5 -i 0.01 -q 10.0.0.2 >/dev/null
	[ "$(B toy -j napi | jq '[.[] | .processed] | add')" -ge 5 ]
}

run_cases "$@"

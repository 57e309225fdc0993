#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Devices come, change and go, with and without traffic; the module does too.

. "$(dirname "$0")/lib.sh"

# How often something changes under a flood. Emulators have less patience.
ROUNDS=${TOY_ROUNDS:-8}

toy_dev() {	# NS DEV FIELD
	ip netns exec "$1" toy -j dev show |
		jq -r --arg d "$2" --arg f "$3" \
			'first(.[] | select(.ifname == $d) | .[$f]) // "none"'
}

link() {	# NS ARGS...: ip link add; skip if this kernel has no such type
	local ns=$1 out
	shift
	out=$(ip -n "$ns" link add "$@" 2>&1) && return 0
	case $out in
	*"Unknown device type"* | *"not supported"*) skip "$out" ;;
	esac
	echo "$out"
	return 1
}

both_ways() {
	reaches
	echo_server B "$FAMILY" 10.0.0.2 7
	has "$(A toy-echo client inet 10.0.0.2 7 -S 0..200)" '201 echoed, 0 bad'
}

# ---- Attach and detach -----------------------------------------------------

test_attach_and_detach() {
	toy_only
	netns A B
	cable A veth0 B veth1
	is "$(toy_dev B veth1 hook)" none
	B toy dev attach veth1
	is "$(toy_dev B veth1 hook)" shared
	is "$(toy_dev B veth1 mtu)" 1500
	is "$(toy_dev B veth1 link_type)" ether
	is "$(toy_dev B veth1 address)" "$(mac_of B veth1)"
	B toy dev detach veth1
	is "$(toy_dev B veth1 hook)" none
	B toy dev attach veth1 exclusive
	is "$(toy_dev B veth1 hook)" exclusive
	B toy dev detach veth1
}

test_attach_errors_explain_themselves() {
	toy_only
	netns A B
	cable A veth0 B veth1
	B toy dev attach veth1
	fails '^Error: .*(attached|already)' B toy dev attach veth1
	fails '^Error: .*(attached|already)' B toy dev attach veth1 exclusive
	B toy dev detach veth1
	fails '^Error: .*attached' B toy dev detach veth1
	fails 'nosuch' B toy dev attach nosuch
	fails '^Error: .*loopback' B toy dev attach lo
}

# A port of a bridge has its frames taken away before we could see them all.
test_exclusive_is_refused_on_ports() {
	toy_only
	netns A B
	cable A veth0 B veth1
	link B br0 type bridge
	ip -n B link set veth1 master br0
	fails '^Error: ' B toy dev attach veth1 exclusive
	is "$(toy_dev B veth1 hook)" none
}

test_address_needs_an_attached_device() {
	toy_only
	netns A B
	cable A veth0 B veth1
	fails '^Error: .*attached' B toy addr add 10.0.0.2/24 dev veth1
}

test_detach_takes_addresses_along() {
	toy_only
	pair
	reaches
	B toy dev detach veth1
	is "$(B toy -j addr show | jq '[.[] | select(.local == "10.0.0.2")] | length')" 0
	has "$(A ping -c 1 -W 1 10.0.0.2 || true)" ' 0 received'
	# As good as new.
	host B veth1 10.0.0.2/24
	eventually reaches
}

# A warning, not an error: Linux has the same address on the device.
test_warning_about_a_shared_address() {
	toy_only
	netns A B
	cable A veth0 B veth1
	ip -n B addr add 10.0.0.2/24 dev veth1
	B toy dev attach veth1
	# Refused or warned about, but not in silence.
	has "$(B toy addr add 10.0.0.2/24 dev veth1 2>&1 || true)" \
		'^(Warning|Error): '
}

test_warning_about_forwarding() {
	toy_only
	netns A B
	cable A veth0 B veth1
	B sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	has "$(B toy dev attach veth1 2>&1)" '^Warning: .*forward'
}

test_exclusive_leaves_nothing_to_linux() {
	toy_only
	pair exclusive
	ip -n B addr add 10.0.0.3/24 dev veth1
	both_ways
	has "$(A ping -c 1 -W 1 10.0.0.3 || true)" ' 0 received'
	B toy dev detach veth1
	eventually reaches 10.0.0.3
}

# ---- Receive contexts --------------------------------------------------------

test_gro() {
	need ethtool
	pair
	B ethtool -K veth1 gro on || skip "veth has no GRO here"
	both_ways
	has "$(A ping -f -q -c 1000 10.0.0.2)" '1000 received'
	B ethtool -K veth1 gro off
	reaches
}

test_threaded_napi() {
	need ethtool
	pair
	B ethtool -K veth1 gro on || skip "veth has no GRO here"
	B sh -c 'echo 1 >/sys/class/net/veth1/threaded' ||
		skip "no threaded NAPI"
	both_ways
	has "$(A ping -f -q -c 1000 10.0.0.2)" '1000 received'
	B sh -c 'echo 0 >/sys/class/net/veth1/threaded'
	reaches
}

test_xdp() {
	pair
	ip netns exec B xdp-pass veth1 >"$tmp/xdp" 2>&1 &
	eventually test -s "$tmp/xdp"
	grep -q attached "$tmp/xdp" || skip "$(cat "$tmp/xdp")"
	both_ways
	has "$(A ping -f -q -c 1000 10.0.0.2)" '1000 received'
	kill $!
	eventually reaches
}

test_rps() {
	pair
	B sh -c 'echo f >/sys/class/net/veth1/queues/rx-0/rps_cpus' ||
		skip "no RPS"
	both_ways
}

# ---- Device types --------------------------------------------------------------

# veth0.5 <-- VLAN 5 on the cable --> veth1.5
test_vlan() {
	netns A B
	cable A veth0 B veth1
	ip -n A link set veth0 up
	ip -n B link set veth1 up
	link A link veth0 name v0 type vlan id 5
	link B link veth1 name v1 type vlan id 5
	linux_host A v0 10.0.0.1/24
	host B v1 10.0.0.2/24
	both_ways
}

# veth0 <-----> [veth1 br0 10.0.0.2]
test_bridge() {
	netns A B
	cable A veth0 B veth1
	linux_host A veth0 10.0.0.1/24
	link B br0 type bridge
	ip -n B link set veth1 master br0 up
	host B br0 10.0.0.2/24
	both_ways
}

# veth0 <-----> [veth1 bond0 10.0.0.2]
test_bond() {
	netns A B
	cable A veth0 B veth1
	linux_host A veth0 10.0.0.1/24
	link B bond0 type bond mode active-backup miimon 50
	ip -n B link set veth1 down
	ip -n B link set veth1 master bond0
	host B bond0 10.0.0.2/24
	eventually reaches
	both_ways
}

# veth0 <-----> veth1 (up, no address)
#                 mv0 10.0.0.2
test_macvlan() {
	netns A B
	cable A veth0 B veth1
	linux_host A veth0 10.0.0.1/24
	ip -n B link set veth1 up
	link B link veth1 name mv0 type macvlan mode bridge
	host B mv0 10.0.0.2/24
	both_ways
}

test_dummy() {
	netns B
	link B d0 type dummy
	host B d0 10.0.0.2/24
	echo_server B "$FAMILY" 10.0.0.2 7
	B toy-echo client "$FAMILY" 10.0.0.2 7 -S 0..100 >/dev/null
}

# Attached below and above: the frames of the VLAN are not veth1's.
test_vlan_and_its_device() {
	netns A B
	cable A veth0 B veth1
	linux_host A veth0 10.0.0.1/24
	host B veth1 10.0.0.2/24
	link A link veth0 name v0 type vlan id 5
	link B link veth1 name v1 type vlan id 5
	linux_host A v0 10.0.5.1/24
	host B v1 10.0.5.2/24
	both_ways
	reaches 10.0.5.2
}

# ---- Changes ---------------------------------------------------------------------

test_down_and_up() {
	pair
	reaches
	ip -n B link set veth1 down
	fails 'unreachable|Network is down|Cannot assign' \
		B toy-echo client "$FAMILY" 10.0.0.1 7 x
	ip -n B link set veth1 up
	eventually reaches
	both_ways
}

test_mtu_change() {
	pair
	echo_server A inet 10.0.0.1 7
	B toy-echo client "$FAMILY" 10.0.0.1 7 -S 1472..1472
	ip -n A link set veth0 mtu 4000
	ip -n B link set veth1 mtu 4000
	B toy-echo client "$FAMILY" 10.0.0.1 7 -S 3972..3972
	ip -n B link set veth1 mtu 1000
	B toy-echo client "$FAMILY" 10.0.0.1 7 -S 972..972
	# In fragments.
	B toy-echo client "$FAMILY" 10.0.0.1 7 -S 973..974
}

test_rename() {
	pair
	reaches
	ip -n B link set veth1 down
	ip -n B link set veth1 name renamed
	ip -n B link set renamed up
	eventually reaches
	[ "$FAMILY" = inet ] || is "$(toy_dev B renamed hook)" shared
}

# Another namespace is another world: the device arrives there without us.
test_move_to_another_namespace() {
	pair
	reaches
	netns C
	ip -n B link set veth1 netns C
	ip -n C link set veth1 up
	if [ "$FAMILY" = toy ]; then
		is "$(toy_dev B veth1 hook)" none
		is "$(toy_dev C veth1 hook)" none
		is "$(B toy -j addr show | jq '[.[] | select(.local == "10.0.0.2")] | length')" 0
	fi
	host C veth1 10.0.0.2/24
	eventually reaches
}

test_delete_and_make_again() {
	local i

	netns A B
	for i in $(seq $((ROUNDS / 2 + 1))); do
		cable A veth0 B veth1
		linux_host A veth0 10.0.0.1/24
		host B veth1 10.0.0.2/24
		eventually reaches
		ip -n B link del veth1
	done
}

# ---- The same under a flood --------------------------------------------------------

flooded_pair() {
	pair "$@"
	reaches
	flood A veth0 "$(mac_of B veth1)"
}

test_flood_detach() {
	local i

	toy_only
	flooded_pair
	for i in $(seq $ROUNDS); do
		B toy dev detach veth1
		host B veth1 10.0.0.2/24
	done
	flood_ends
	eventually reaches
}

test_flood_exclusive_detach() {
	local i

	toy_only
	flooded_pair exclusive
	for i in $(seq $ROUNDS); do
		B toy dev detach veth1
		host B veth1 10.0.0.2/24 exclusive
	done
	flood_ends
	eventually reaches
}

test_flood_down_and_up() {
	local i

	flooded_pair
	for i in $(seq $ROUNDS); do
		ip -n B link set veth1 down
		ip -n B link set veth1 up
	done
	flood_ends
	eventually reaches
}

test_flood_mtu_and_mac() {
	local i

	flooded_pair
	for i in $(seq $ROUNDS); do
		ip -n B link set veth1 mtu $((1000 + i))
		ip -n B link set veth1 address 02:00:00:00:01:$((10 + i))
	done
	flood_ends
	A ip neigh flush dev veth0
	eventually reaches
}

test_flood_address_changes() {
	local i

	flooded_pair
	for i in $(seq $ROUNDS); do
		B $S addr del 10.0.0.2/24 dev veth1
		B $S addr add 10.0.0.2/24 dev veth1
	done
	flood_ends
	eventually reaches
}

test_flood_unregister() {
	local i

	netns A B
	for i in $(seq $((ROUNDS / 2))); do
		cable A veth0 B veth1
		linux_host A veth0 10.0.0.1/24
		host B veth1 10.0.0.2/24
		eventually reaches
		flood A veth0 "$(mac_of B veth1)"
		ip -n B link del veth1
		flood_ends
	done
}

test_flood_netns_deletion() {
	local i

	netns A
	for i in $(seq $((ROUNDS / 2))); do
		netns B
		cable A veth0 B veth1
		linux_host A veth0 10.0.0.1/24
		host B veth1 10.0.0.2/24
		eventually reaches
		flood A veth0 "$(mac_of B veth1)"
		ip netns del B
		eventually test ! -e /sys/class/net/veth1
		flood_ends
		ip -n A link del veth0 2>/dev/null || true
	done
}

# With a socket in it, the namespace lives until that is closed.
test_netns_deletion_with_a_socket() {
	pair
	echo_server B "$FAMILY" 10.0.0.2 7
	server=$!
	ip netns del B
	has "$(A toy-echo client inet 10.0.0.2 7 alive)" 'alive'
	kill $server
	wait $server || true
	eventually test -z "$(ip -n A -j link show veth0 2>/dev/null | jq -r '.[0].ifname')" ||
		eventually bash -c '! ip -n A link show veth0'
}

# ---- The module -----------------------------------------------------------------------

test_unload_is_refused_while_sockets_are_open() {
	reloadable
	pair
	echo_server B toy 10.0.0.2 7
	server=$!
	fails 'in use|busy|temporarily unavailable' unload
	has "$(A toy-echo client inet 10.0.0.2 7 still-here)" 'still-here'
	kill $server
	wait $server || true
	eventually unload
	not loaded
	insmod "$TOY_KO"
}

test_unload_with_devices_and_addresses() {
	reloadable
	pair
	reaches
	eventually unload
	has "$(A ping -c 1 -W 1 10.0.0.2 || true)" ' 0 received'
	insmod "$TOY_KO"
	host B veth1 10.0.0.2/24
	eventually reaches
}

test_unload_under_flood() {
	local i

	reloadable
	pair
	for i in $(seq $((ROUNDS / 2 + 1))); do
		flood A veth0 "$(mac_of B veth1)"
		eventually unload
		insmod "$TOY_KO"
		host B veth1 10.0.0.2/24
		flood_ends
	done
	eventually reaches
}

test_unload_while_neighbours_are_asked_for() {
	reloadable
	pair
	B toy-echo client toy 10.0.0.77 9 -n >/dev/null 2>&1 || true
	eventually unload
	insmod "$TOY_KO"
}

test_reload_loop() {
	local i

	reloadable
	for i in $(seq $((ROUNDS + 2))); do
		eventually unload
		insmod "$TOY_KO"
	done
}

# A family that the kernel has is not ours to take.
test_family_number_taken() {
	reloadable
	eventually unload
	fails 'File exists|Invalid|busy' insmod "$TOY_KO" family=2
	not loaded
	fails 'Invalid|No buffer space|out of range' insmod "$TOY_KO" family=46
	not loaded
	insmod "$TOY_KO"
}

# Nothing is left in /proc and /sys.
test_unload_leaves_nothing() {
	reloadable
	ls /proc/sys/net/toy >/dev/null
	eventually unload
	[ ! -e /proc/sys/net/toy ]
	[ ! -e /proc/net/toy ]
	not grep -qi toy /proc/net/protocols
	insmod "$TOY_KO"
	ls /proc/sys/net/toy >/dev/null
}

run_cases "$@"

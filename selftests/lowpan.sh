#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# IPv6 over IEEE 802.15.4: 6LoWPAN on the two radios of mac802154_hwsim.
#
#	A (AF_INET6)                          B (family under test)
#	lowpan0 fd00::1/64  <--- wpan --->  lowpan0 fd00::2/64
#
# Frames have 127 bytes: what is larger goes in 6LoWPAN's fragments. Link-layer
# addresses have 64 bits.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/toyrun-lib.sh"
. "$(dirname "$0")/media-lib.sh"

# The radios are in the network namespace that the cases are started from.
[ "${1:-}" = --case ] || exec 9</proc/self/ns/net
home() { nsenter --net=/proc/self/fd/9 "$@"; }

# The radios go home when their namespace ends, a moment later.
radio() { home iwpan phy "$1" info >/dev/null; }

# wpan NS PHY PAN: a radio, in that network of radios.
wpan() {
	home iwpan phy "$2" set netns name "/run/netns/$1"
	dev=$(ip netns exec "$1" sh -c 'for d in /sys/class/net/*; do
		[ "$(cat $d/type)" != 804 ] || basename $d; done')
	ip netns exec "$1" iwpan dev "$dev" set pan_id "$3"
	link "$1" link "$dev" name lowpan0 type lowpan
	ip -n "$1" link set "$dev" up
	ip -n "$1" link set lowpan0 up
}

radios() {	# PAN-OF-B
	need iwpan
	home modprobe -q mac802154_hwsim 2>/dev/null || true
	home modprobe -q ieee802154_6lowpan 2>/dev/null || true
	[ -e /sys/bus/platform/drivers/mac802154_hwsim ] || skip "no mac802154_hwsim"
	eventually radio phy0
	eventually radio phy1
	netns A B
	wpan A phy0 0xbeef
	wpan B phy1 "${1:-0xbeef}"
	ipv6 A lowpan0
	ip -n A addr add fd00::1/64 dev lowpan0 nodad
	[ "$FAMILY" = toy ] || ipv6 B lowpan0
	[ "$FAMILY" = inet ] || B sh -c 'echo 0 >/proc/sys/net/toy/addr_gen_mode'
	attach B lowpan0 ${HOOK:+"$HOOK"}
	B $S addr add fd00::2/64 dev lowpan0 nodad
}

linklocal() {	# NS [ip]
	ip netns exec "$1" "${2:-$S}" -j addr show dev lowpan0 |
		jq -r '[.[] | (.addr_info? // [.])[] | .local // empty | select(startswith("fe80"))][0] // "none"'
}
has_linklocal() { [ "$(linklocal "$@")" != none ]; }

# RFC 4944 6, RFC 4291 A: the address of the radio, one bit flipped.
eui64_of() {	# NS
	mac_of "$1" lowpan0 | awk -F: '{
		split("0123456789abcdef", d, ""); h = substr($1, 2, 1)
		n = index("0123456789abcdef", h) - 1
		n = int(n / 2) % 2 ? n - 2 : n + 2
		printf "%s%s%s:%s%s:%s%s:%s%s\n", substr($1, 1, 1), d[n + 1],
			$2, $3, $4, $5, $6, $7, $8 }'
}
same_addr() { python3 -c 'import ipaddress as i, sys; sys.exit(i.ip_address(sys.argv[1]) != i.ip_address(sys.argv[2]))' "$1" "$2"; }

test_linklocal_is_eui64() {
	radios
	eventually has_linklocal B
	same_addr "$(linklocal B)" "fe80::$(eui64_of B)"
	eventually A ping -6 -c 1 -W 2 -q "$(linklocal B)%lowpan0"
}

test_ping() {
	local size

	radios
	is "$(mtu_of B lowpan0)" 1280
	eventually reaches6
	for size in 0 1 8 40 64 80 96 128 500 1000 1231 1232; do
		A ping -6 -c 1 -W 5 -q -M do -s $size fd00::2 >/dev/null ||
			{ echo "lost at $size"; return 1; }
	done
	# IPv6's own fragments, each in 6LoWPAN's.
	A ping -6 -c 1 -W 5 -q -s 4000 fd00::2 >/dev/null
	is "$(neigh_lladdr B fd00::1)" "$(mac_of A lowpan0)"
}

test_udp_and_tcp() {
	radios
	eventually reaches6
	six A fd00::1
	six B fd00::2
}

test_exclusive() {
	toy_only
	HOOK=exclusive radios
	eventually reaches6
	six B fd00::2
}

# A context shortens the prefix on the air; the stack does not notice.
test_context() {
	local ctx=/sys/kernel/debug/6lowpan/lowpan0/contexts/0

	mount -t debugfs none /sys/kernel/debug 2>/dev/null || true
	[ -e /sys/kernel/debug/6lowpan ] || skip "6LoWPAN without debugfs"
	radios
	echo fd00:0000:0000:0000:0000:0000:0000:0000 >$ctx/prefix
	echo 64 >$ctx/prefix_len
	echo 1 >$ctx/active
	eventually reaches6
	six B fd00::2
}

# Two networks of radios in one room: nobody hears the other, until he moves.
test_two_pans() {
	radios 0xcafe
	not A ping -6 -c 3 -i 0.2 -W 1 -q fd00::2
	ip -n B link set lowpan0 down
	ip -n B link set wpan1 down
	B iwpan dev wpan1 set pan_id 0xbeef
	ip -n B link set wpan1 up
	ip -n B link set lowpan0 up
	[ "$FAMILY" = toy ] || ip -n B addr replace fd00::2/64 dev lowpan0 nodad
	eventually reaches6
	six A fd00::1
}

test_device_ends() {
	radios
	eventually reaches6
	A ping -6 -f -q fd00::2 >/dev/null 2>&1 &
	sleep 0.3
	ip -n B link del lowpan0
	[ "$FAMILY" = inet ] || not attached lowpan0
	kill %%
	link B link wpan1 name lowpan0 type lowpan
	ip -n B link set lowpan0 up
	[ "$FAMILY" = toy ] || ipv6 B lowpan0
	attach B lowpan0
	B $S addr add fd00::2/64 dev lowpan0 nodad
	eventually reaches6
}

run_cases "$@"

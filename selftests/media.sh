#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One case for each kind of device: Linux's own stack on it at one end, the
# stack under test at the other, both IP versions.
#
#	A (AF_INET, AF_INET6)                     B (family under test)
#	10.0.0.1/24, fd00::1/64  <--- device ---> 10.0.0.2/24, fd00::2/64
#
# Where the device is a tunnel, its outer packets are Linux's at both ends:
# 10.9.0.1 and 10.9.0.2 on the cable.
#
# Every case has `meet` do the same with it: pings of all sizes up to the MTU
# and in fragments, UDP, TCP whose every byte is checked, a smaller MTU, detach,
# attach, and the device's end under traffic.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/toyrun-lib.sh"
. "$(dirname "$0")/media-lib.sh"

# ---- Ethernet ----------------------------------------------------------------------

test_veth() {
	two_hosts
	EXCLUSIVE=1 meet veth0 veth1
}

test_vlan() {
	two_hosts
	link A link veth0 name v0 type vlan id 5
	link B link veth1 name v1 type vlan id 5
	EXCLUSIVE=1 meet v0 v1
}

# 802.1ad outside, 802.1Q inside.
test_vlan_in_vlan() {
	two_hosts
	link A link veth0 name s0 type vlan proto 802.1ad id 7
	link B link veth1 name s1 type vlan proto 802.1ad id 7
	ip -n A link set s0 up
	ip -n B link set s1 up
	link A link s0 name v0 type vlan id 5
	link B link s1 name v1 type vlan id 5
	meet v0 v1
}

# The bridge is the host's device; its ports are not.
test_bridge() {
	two_hosts
	link B br0 type bridge
	ip -n B link set veth1 master br0
	if [ "$FAMILY" = toy ]; then
		fails '^Error: .*port of a bridge' B toy dev attach veth1 exclusive
		has "$(B toy dev attach veth1 2>&1)" '^Warning: .*bridge port'
		B toy dev detach veth1
	fi
	EXCLUSIVE=1 meet veth0 br0
}

# Once taken over, a device becomes no port.
test_exclusive_is_no_port() {
	toy_only
	two_hosts
	link B br0 type bridge
	host B veth1 10.0.0.2/24 exclusive
	fails 'busy' ip -n B link set veth1 master br0
	B toy dev detach veth1
	ip -n B link set veth1 master br0
}

bonded() {	# MODE ARGS...: two cables, a bond at each end
	local ns i mode=$1

	shift
	netns A B
	link A bond0 type bond mode "$mode" "$@"
	link B bond0 type bond mode "$mode" "$@"
	cable A veth0 B veth1
	cable A veth2 B veth3
	for i in 'A veth0' 'A veth2' 'B veth1' 'B veth3'; do
		ns=${i% *}
		ip -n "$ns" link set "${i#* }" down
		ip -n "$ns" link set "${i#* }" master bond0
	done
}

test_bond_active_backup() {
	bonded active-backup miimon 20
	a_end bond0
	b_end bond0
	eventually both_reach
	# The port in use fails, the other takes over.
	ip -n B link set "$(B cat /sys/class/net/bond0/bonding/active_slave)" down
	eventually both_reach
	ip -n B link set veth1 up
	ip -n B link set veth3 up
	if [ "$FAMILY" = toy ]; then
		fails '^Error: .*bond' B toy dev attach veth1 exclusive
		B toy dev detach bond0
	else
		ip -n B addr flush dev bond0
	fi
	EXCLUSIVE=1 meet bond0 bond0
}

test_bond_balance_rr() {
	bonded balance-rr miimon 20
	EXCLUSIVE=1 meet bond0 bond0
}

test_macvlan() {
	two_hosts
	link A link veth0 name mv0 type macvlan mode bridge
	link B link veth1 name mv1 type macvlan mode bridge
	[ "$FAMILY" = inet ] ||
		fails '^Error: .*macvlan' B toy dev attach veth1 exclusive
	EXCLUSIVE=1 meet mv0 mv1
}

# Beside the host's own address on the device below.
test_macvlan_and_its_device() {
	two_hosts
	linux_host A veth0 10.0.0.1/24
	host B veth1 10.0.0.2/24
	link B link veth1 name mv1 type macvlan mode private
	host B mv1 10.0.0.3/24
	reaches 10.0.0.2
	reaches 10.0.0.3
}

test_vxlan() {
	tunnel_hosts
	link A vx0 type vxlan id 42 dev veth0 dstport 4789 local 10.9.0.1 remote 10.9.0.2
	link B vx1 type vxlan id 42 dev veth1 dstport 4789 local 10.9.0.2 remote 10.9.0.1
	EXCLUSIVE=1 meet vx0 vx1
}

test_gretap() {
	tunnel_hosts
	link A gt0 type gretap local 10.9.0.1 remote 10.9.0.2
	link B gt1 type gretap local 10.9.0.2 remote 10.9.0.1
	EXCLUSIVE=1 meet gt0 gt1
}

# Nobody is at the other end, and nobody may say that somebody is.
test_dummy() {
	netns B
	link B d0 type dummy
	b_end d0
	is "$(mtu_of B d0)" 1500
	echo_server B "$FAMILY" 10.0.0.2 7
	B toy-echo client "$FAMILY" 10.0.0.2 7 -S 0..100 >/dev/null
	B toy-echo client "$FAMILY" 10.0.0.77 9 -n
	ping_group
	not quiet_ping -c 1 -W 1 -q 10.0.0.77
	quiet_ping -c 1 -W 5 -q 10.0.0.2
	six B fd00::2 B
	ip -n B link del d0
	[ "$FAMILY" = inet ] || not attached d0
}

# ---- Bare IP -------------------------------------------------------------------------

test_gre() {
	tunnel_hosts
	link A gre9 type gre local 10.9.0.1 remote 10.9.0.2
	link B gre9 type gre local 10.9.0.2 remote 10.9.0.1
	EXCLUSIVE=1 meet gre9 gre9
}

# Keyed, numbered and with checksums.
test_gre_options() {
	tunnel_hosts
	link A gre9 type gre local 10.9.0.1 remote 10.9.0.2 key 7 csum seq
	link B gre9 type gre local 10.9.0.2 remote 10.9.0.1 key 7 csum seq
	meet gre9 gre9
}

# IPv4 in IPv4 alone.
test_ipip() {
	tunnel_hosts
	link A ipip9 type ipip local 10.9.0.1 remote 10.9.0.2
	link B ipip9 type ipip local 10.9.0.2 remote 10.9.0.1
	a_end ipip9
	attach B ipip9
	B $S addr add 10.0.0.2/24 dev ipip9
	eventually reaches
	udp "$(mtu_of B ipip9)"
	tcp A inet B "$FAMILY" 10.0.0.2
	tcp B "$FAMILY" A inet 10.0.0.1
	ip -n B link del ipip9
	[ "$FAMILY" = inet ] || not attached ipip9
}

test_wireguard() {
	local key_a key_b

	need wg
	tunnel_hosts
	link A wg0 type wireguard
	link B wg1 type wireguard
	key_a=$(wg genkey)
	key_b=$(wg genkey)
	A wg set wg0 listen-port 51820 private-key <(echo "$key_a") \
		peer "$(wg pubkey <<<"$key_b")" endpoint 10.9.0.2:51820 \
		allowed-ips 10.0.0.2/32,fd00::2/128
	B wg set wg1 listen-port 51820 private-key <(echo "$key_b") \
		peer "$(wg pubkey <<<"$key_a")" endpoint 10.9.0.1:51820 \
		allowed-ips 10.0.0.1/32,fd00::1/128
	EXCLUSIVE=1 meet wg0 wg1
}

# Two TUN devices, and a program that carries packets between them.
test_tun() {
	netns A B
	cat >"$tmp/tun.py" <<-'END'
		import ctypes, fcntl, os, select, struct, sys
		libc = ctypes.CDLL(None, use_errno=True)
		def tun(ns, name):
		    with open("/run/netns/" + ns) as f:
		        assert libc.setns(f.fileno(), 0x40000000) == 0
		    fd = os.open("/dev/net/tun", os.O_RDWR)
		    # TUNSETIFF, IFF_TUN | IFF_NO_PI
		    fcntl.ioctl(fd, 0x400454ca, struct.pack("16sH22x", name, 0x1001))
		    return fd
		a, b = tun("A", b"tun0"), tun("B", b"tun1")
		print("ready", flush=True)
		while True:
		    for fd in select.select([a, b], [], [])[0]:
		        try:
		            os.write(b if fd == a else a, os.read(fd, 65536))
		        except OSError:
		            pass # the other device is down or gone
	END
	[ -e /dev/net/tun ] || { mkdir -p /dev/net; mknod /dev/net/tun c 10 200; }
	python3 "$tmp/tun.py" >"$tmp/tun" 2>&1 &
	eventually grep -q ready "$tmp/tun" || skip "$(cat "$tmp/tun")"
	EXCLUSIVE=1 meet tun0 tun1
}

run_cases "$@"

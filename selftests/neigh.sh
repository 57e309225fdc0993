#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The neighbour cache: states (RFC 4861 7.3), permanent entries, limits, what
# other hosts' ARP may change (RFC 826), address conflicts (RFC 5227).

. "$(dirname "$0")/lib.sh"

# knob NAME VALUE: net.toy.neigh_NAME of B, or the control's name for it.
knob() {
	local path=/proc/sys/net/toy/neigh_$1

	if [ "$FAMILY" = inet ]; then
		path=/proc/sys/net/ipv4/neigh/veth1/
		case $1 in
		base_reachable_ms) path+=base_reachable_time_ms ;;
		retrans_ms)        path+=retrans_time_ms ;;
		delay_probe_ms)    path+=delay_first_probe_time
				   set -- "$1" $((($2 + 999) / 1000)) ;;
		*)                 path+=$1 ;;
		esac
	fi
	B sh -c "echo $2 >$path"
}

# Makes the host under test send to ADDR; whether it arrives is not asked.
touch_neigh() {
	B spray "$FAMILY" "$1" 1
}

hex_mac() { tr -d : <<<"$1"; }
hex_ip() { printf '%02x' ${1//./ }; }

# arp OP SENDER-MAC SENDER-IP TARGET-MAC TARGET-IP [ETHERNET-DST]: from veth0
arp() {
	A inject veth0 "${6:-ff:ff:ff:ff:ff:ff} $2 0806 0001 0800 06 04 000$1 $(hex_mac "$2") $(hex_ip "$3") $(hex_mac "$4") $(hex_ip "$5")"
}

evil=02:00:00:00:0e:11
nobody=00:00:00:00:00:00

test_resolution() {
	pair
	is "$(neigh_state B 10.0.0.1)" none
	touch_neigh 10.0.0.1
	eventually neigh_is B 10.0.0.1 REACHABLE
	is "$(neigh_lladdr B 10.0.0.1)" "$(mac_of A veth0)"
}

# The first packets wait for the answer and then go, in order.
test_first_datagram_is_not_lost() {
	pair
	echo_server A inet 10.0.0.1 7
	is "$(B toy-echo client "$FAMILY" 10.0.0.1 7 first)" '10.0.0.1:7 -> 5 bytes: first'
}

test_who_asks_is_learned() {
	pair
	reaches
	is "$(neigh_lladdr B 10.0.0.1)" "$(mac_of A veth0)"
}

test_failure() {
	pair
	knob retrans_ms 50
	touch_neigh 10.0.0.77
	eventually neigh_in B 10.0.0.77 INCOMPLETE FAILED
	eventually neigh_is B 10.0.0.77 FAILED
	# A failed neighbour may be tried again at once, and come to life.
	ip -n A addr add 10.0.0.77/24 dev veth0
	reaches		# unrelated traffic does not hurt
	touch_neigh 10.0.0.77
	eventually neigh_is B 10.0.0.77 REACHABLE
}

# STALE -> (used) DELAY -> (no confirmation) PROBE -> (answer) REACHABLE
test_stale_is_probed_when_used() {
	pair
	knob delay_probe_ms 1000
	B $S neigh replace 10.0.0.1 lladdr "$(mac_of A veth0)" dev veth1 nud stale
	is "$(neigh_state B 10.0.0.1)" STALE
	# The other end must not ask by itself: that would be news.
	A ip neigh replace 10.0.0.2 lladdr "$(mac_of B veth1)" dev veth0 nud permanent
	stays neigh_is B 10.0.0.1 STALE
	touch_neigh 10.0.0.1
	is "$(neigh_state B 10.0.0.1)" DELAY
	eventually neigh_is B 10.0.0.1 REACHABLE
}

# The peer is gone: probes without an answer end in FAILED.
test_probes_without_an_answer() {
	pair
	knob delay_probe_ms 100
	knob retrans_ms 50
	B $S neigh replace 10.0.0.88 lladdr $evil dev veth1 nud stale
	touch_neigh 10.0.0.88
	eventually neigh_is B 10.0.0.88 FAILED
}

test_reachable_becomes_stale() {
	pair
	knob base_reachable_ms 200
	reaches
	touch_neigh 10.0.0.1
	# RFC 4861 says STALE; who was in use shortly before may be on his way
	# to be probed already.
	eventually neigh_in B 10.0.0.1 STALE DELAY
}

test_permanent() {
	pair
	B $S neigh add 10.0.0.1 lladdr $evil dev veth1
	is "$(neigh_state B 10.0.0.1)" PERMANENT
	has "$(A ping -c 1 -W 1 10.0.0.2 || true)" ' 0 received'
	# ARP does not change it.
	arp 2 "$(mac_of A veth0)" 10.0.0.1 "$(mac_of B veth1)" 10.0.0.2
	arp 1 "$(mac_of A veth0)" 10.0.0.1 $nobody 10.0.0.2
	is "$(neigh_lladdr B 10.0.0.1)" $evil
	is "$(neigh_state B 10.0.0.1)" PERMANENT
	B $S neigh del 10.0.0.1 dev veth1
	reaches
}

test_add_and_replace() {
	pair
	B $S neigh add 10.0.0.5 lladdr $evil dev veth1
	fails 'File exists|Error: neighbour exists' B $S neigh add 10.0.0.5 lladdr $evil dev veth1
	B $S neigh replace 10.0.0.5 lladdr 02:00:00:00:00:55 dev veth1
	is "$(neigh_lladdr B 10.0.0.5)" 02:00:00:00:00:55
	B $S neigh del 10.0.0.5 dev veth1
	fails 'No such file|Error: .*neighbour' B $S neigh del 10.0.0.5 dev veth1
}

test_flush_keeps_permanent_entries() {
	pair
	reaches
	B $S neigh add 10.0.0.5 lladdr $evil dev veth1
	B $S neigh flush dev veth1
	is "$(neigh_state B 10.0.0.1)" none
	is "$(neigh_state B 10.0.0.5)" PERMANENT
	reaches
}

# A proof that all frames sent before have been handled.
settled() { reaches; }

# RFC 826 merges: what is not there is not made by somebody's chatter.
test_unsolicited_reply_makes_nothing() {
	pair
	reaches
	arp 2 $evil 10.0.0.50 "$(mac_of B veth1)" 10.0.0.2 "$(mac_of B veth1)"
	arp 2 $evil 10.0.0.51 $evil 10.0.0.51		# gratuitous, reply
	arp 1 $evil 10.0.0.52 $nobody 10.0.0.52		# gratuitous, request
	arp 1 $evil 10.0.0.53 $nobody 10.0.0.99		# a question to others
	settled
	is "$(neigh_state B 10.0.0.50)" none
	is "$(neigh_state B 10.0.0.51)" none
	is "$(neigh_state B 10.0.0.52)" none
	is "$(neigh_state B 10.0.0.53)" none
}

# A question to us makes an entry for who asks; but an address that is not on
# this link makes none.
test_sender_from_elsewhere_is_not_learned() {
	toy_only
	pair
	reaches
	arp 1 $evil 192.0.2.1 $nobody 10.0.0.2
	settled
	is "$(neigh_state B 192.0.2.1)" none
}

# Nobody talks us into a broadcast or group address.
test_no_group_link_address() {
	toy_only
	pair
	reaches
	arp 2 ff:ff:ff:ff:ff:ff 10.0.0.1 "$(mac_of B veth1)" 10.0.0.2
	arp 2 01:00:5e:00:00:01 10.0.0.1 "$(mac_of B veth1)" 10.0.0.2
	settled
	is "$(neigh_lladdr B 10.0.0.1)" "$(mac_of A veth0)"
}

# A probe (sender 0.0.0.0) teaches nothing.
test_probe_teaches_nothing() {
	pair
	arp 1 $evil 0.0.0.0 $nobody 10.0.0.2
	arp 1 $evil 0.0.0.0 $nobody 10.0.0.60
	settled
	is "$(neigh_state B 0.0.0.0)" none
	is "$(neigh_state B 10.0.0.60)" none
}

# The neighbour gets another network card and speaks first.
test_peer_changes_its_mac() {
	pair
	reaches
	ip -n A link set veth0 down
	ip -n A link set veth0 address 02:00:00:00:00:aa
	ip -n A link set veth0 up
	eventually reaches
	is "$(neigh_lladdr B 10.0.0.1)" 02:00:00:00:00:aa
}

# We get another one: whoever we talk to must hear of it.
test_own_mac_changes() {
	pair
	reaches
	echo_server A inet 10.0.0.1 7
	ip -n B link set veth1 address 02:00:00:00:00:bb
	B toy-echo client "$FAMILY" 10.0.0.1 7 x >/dev/null
	eventually reaches
	is "$(A ip -j neigh show 10.0.0.2 | jq -r '.[0].lladdr')" 02:00:00:00:00:bb
}

# Link down: what was learned there is forgotten.
test_device_down_forgets() {
	pair
	reaches
	ip -n B link set veth1 down
	is "$(neigh_state B 10.0.0.1)" none
	ip -n B link set veth1 up
	eventually reaches
}

# A scan of 10.0.0.0/8 costs bounded memory, and those in use stay:
#
#	A                                     B, thresh 128
#	veth0 10.0.0.1/8  <------------->  veth1 10.0.0.2/8
test_scan_is_bounded() {
	local i before

	toy_only
	netns A B
	cable A veth0 B veth1
	linux_host A veth0 10.0.0.1/8
	host B veth1 10.0.0.2/8
	knob gc_thresh 128
	knob retrans_ms 200
	reaches
	B toy neigh add 10.0.0.5 lladdr $evil dev veth1
	before=$(stat_of B NeighEvicts)
	for i in 1 2 3 4; do
		B spray "$FAMILY" 10.$i.0.1 1000
		is "$(neigh_state B 10.0.0.5)" PERMANENT
		[ "$(B toy -j neigh show | jq length)" -le 128 ]
	done
	counted B NeighEvicts "$before"
	reaches
}

# At the limit with nothing to give up: a named drop, and no entry.
test_full_of_permanent_entries() {
	local i before

	toy_only
	pair
	reaches
	B toy neigh flush
	knob gc_thresh 4
	for i in 11 12 13 14; do
		B toy neigh add 10.0.0.$i lladdr $evil dev veth1
	done
	before=$(stat_of B DropNeighLimit)
	touch_neigh 10.0.0.1
	eventually counted B DropNeighLimit "$before"
	is "$(neigh_state B 10.0.0.1)" none
	knob gc_thresh 100
	reaches
}

# More packets than may wait for one answer: the oldest or newest go, by name.
test_waiting_queue_is_bounded() {
	local before

	toy_only
	pair
	knob unres_qlen 3
	before=$(stat_of B DropNeighQueue)
	for i in 1 2 3 4 5 6 7 8; do
		B spray toy 10.0.0.77 1
	done
	eventually counted B DropNeighQueue "$before"
}

# ---- RFC 5227 ------------------------------------------------------------

addr_flag() {	# NS ADDR FLAG
	ip netns exec "$1" toy -j addr show |
		jq -e --arg a "$2" --arg f "$3" \
			'any(.[]; .local == $a and .[$f])' >/dev/null
}

test_conflict_is_found_by_probing() {
	toy_only
	pair
	ip -n A addr add 10.0.0.9/24 dev veth0
	B toy addr add 10.0.0.9/24 dev veth1
	eventually addr_flag B 10.0.0.9 duplicate
	counted B ArpConflicts 0
	# It is not used any more: the other host keeps it.
	is "$(A ip -j neigh show 10.0.0.9 | jq length)" 0
}

test_addresses_are_probed_and_announced() {
	toy_only
	pair
	eventually counted B ArpOutProbes 0
	eventually counted B ArpOutAnnounces 0
}

# Somebody claims 10.0.0.2: we say once that it is ours, and keep it.
test_address_is_defended() {
	local before

	toy_only
	pair
	eventually counted B ArpOutAnnounces 1
	reaches
	before=$(stat_of B ArpConflicts)
	announced=$(stat_of B ArpOutAnnounces)
	arp 1 $evil 10.0.0.2 $nobody 10.0.0.2
	eventually counted B ArpConflicts "$before"
	eventually counted B ArpOutAnnounces "$announced"
	A ip neigh flush dev veth0
	reaches
}

# A storm of claims is not answered by a storm.
test_defence_is_limited() {
	local announced i

	toy_only
	pair
	eventually counted B ArpOutAnnounces 1
	announced=$(stat_of B ArpOutAnnounces)
	for i in 1 2 3 4 5 6 7 8 9 10; do
		arp 1 $evil 10.0.0.2 $nobody 10.0.0.2
	done
	A ip neigh flush dev veth0
	reaches || true
	[ "$(stat_of B ArpOutAnnounces)" -le $((announced + 3)) ]
}

run_cases "$@"

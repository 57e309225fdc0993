#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# toyrun(1) itself: status, signals, options, privileges, processes that die at the
# wrong moment, and what a program sees of its sockets. The topology is that of
# toyrun.sh.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/toyrun-lib.sh"

test_status_and_signals() {
	local rc

	toy_only
	pair
	for want in 0 1 7 255; do
		rc=0
		R sh -c "exit $want" || rc=$?
		is $rc $want
	done
	rc=0
	R sh -c 'kill -TERM $$' || rc=$?
	is $rc 143
	rc=0
	R /nonexistent/program 2>/dev/null || rc=$?
	is $rc 127
	rc=0
	R /etc/passwd 2>/dev/null || rc=$?
	is $rc 126
	rc=0
	R -t nonsense true 2>/dev/null || rc=$?
	is $rc 125
	# The command is toyrun's own process.
	is "$(B sh -c 'echo $$; exec toyrun sh -c "echo \$\$"' | uniq | wc -l)" 1
	# Its standard output ends with it.
	is "$(R sh -c 'echo out; echo err >&2' 2>/dev/null)" out
}

supervisors() { pgrep -x toyrun-sockets; }
no_supervisor() { not supervisors >/dev/null; }

test_options() {
	toy_only
	pair
	cat >"$tmp/domains.py" <<-'END'
		import socket
		for f in socket.AF_INET, socket.AF_INET6:
		    for t in socket.SOCK_STREAM, socket.SOCK_DGRAM:
		        s = socket.socket(f, t)
		        print(s.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN), end=' ')
	END
	is "$(R python3 "$tmp/domains.py")" '18 18 18 18 '
	is "$(R -4 python3 "$tmp/domains.py")" '18 18 10 10 '
	is "$(R -6 python3 "$tmp/domains.py")" '2 2 18 18 '
	is "$(R -t tcp python3 "$tmp/domains.py")" '18 2 18 10 '
	is "$(R -t udp python3 "$tmp/domains.py")" '2 18 10 18 '
	is "$(toyrun --netns B python3 "$tmp/domains.py")" '18 18 18 18 '
	has "$(R -v python3 "$tmp/domains.py" 2>&1)" 'python3.*AF_INET6, SOCK_DGRAM, 0.: AF_TOY'
	has "$(R toyrun -v true 2>&1)" 'already under toyrun'
	has "$(B toyrun --check)" '^ok +seccomp' '^ok +AF_TOY is family'
}

# What a program sees of its socket is what it asked for.
test_descriptor_flags() {
	pair
	cat >"$tmp/flags.py" <<-'END'
		import ctypes, fcntl, os, resource, socket
		libc = ctypes.CDLL(None, use_errno=True)
		for t in socket.SOCK_STREAM, socket.SOCK_DGRAM:
		    for c in 0, socket.SOCK_CLOEXEC:
		        for n in 0, socket.SOCK_NONBLOCK:
		            fd = libc.socket(socket.AF_INET, t | c | n, 0)
		            assert bool(fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC) == bool(c)
		            assert bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK) == bool(n)
		            s = socket.socket(fileno=fd)
		            assert s.getsockname() == ('0.0.0.0', 0), s.getsockname()
		            assert s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == t
		# Errors are the kernel's.
		def err(*args):
		    assert libc.socket(*args) == -1
		    return os.strerror(ctypes.get_errno())
		print(err(socket.AF_INET, 77, 0))
		print(err(socket.AF_INET, socket.SOCK_STREAM, 17))
		print(err(socket.AF_INET, socket.SOCK_STREAM | 0x100000, 0))
		resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
		held = []
		try:
		    while True:
		        held.append(socket.socket())
		except OSError as e:
		    print(e.strerror)
	END
	is "$(R python3 "$tmp/flags.py")" 'Invalid argument
Protocol not supported
Invalid argument
Too many open files'
}

# A daemon outlives what started it; then nothing is left.
test_daemon_outlives() {
	toy_only
	pair
	site
	R sh -c "setsid python3 -m http.server --directory $tmp/site 8000 >/dev/null 2>&1 &"
	eventually tcp_open B 8000
	is "$(A curl -sS http://10.0.0.2:8000/)" 'hello from a file'
	supervisors >/dev/null
	pkill -f 'http.server'
	eventually no_supervisor
}

# Killed supervisor: what is open goes on, new sockets are ENOSYS, nothing hangs.
test_supervisor_killed() {
	toy_only
	pair
	http_server A
	cat >"$tmp/victim.py" <<-'END'
		import socket, sys
		s = socket.create_connection(('10.0.0.1', 8000))
		print('connected', flush=True)
		sys.stdin.readline()
		s.sendall(b'GET / HTTP/1.0\r\n\r\n')
		data = b''
		while more := s.recv(1000):
		    data += more
		print(data.decode().splitlines()[-1])
		try:
		    socket.socket()
		except OSError as e:
		    print(e.strerror)
	END
	mkfifo "$tmp/go"
	R python3 "$tmp/victim.py" <"$tmp/go" >"$tmp/out" &
	exec 9>"$tmp/go"
	eventually grep -q connected "$tmp/out"
	pkill -KILL -x toyrun-sockets
	eventually no_supervisor
	echo >&9
	wait $!
	is "$(tail -n 2 "$tmp/out")" 'hello from a file
Function not implemented'
}

# Nothing of ours is left when the command is killed.
test_command_killed() {
	toy_only
	pair
	for _ in 1 2 3 4 5; do
		exec_R sleep 1000 &
		sleep 0.1
		kill -KILL $!
		wait $! || true
	done
	eventually no_supervisor
}

# Listeners that share an address, of one program and of two.
reuse_script() {
	cat >"$tmp/reuse.py" <<-'END'
		import os, socket
		def listen():
		    s = socket.socket()
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
		    assert s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)
		    s.bind(('10.0.0.2', 7000))
		    s.listen()
		    return s
		a, b = listen(), listen()
		if not os.fork():
		    c = listen()
		    os._exit(0)
		assert os.wait()[1] == 0
		u = socket.socket(socket.AF_UNIX)
		u.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
		print('ok')
	END
}

# An ordinary user: TCP and UDP, but nothing that needs privilege.
test_ordinary_user() {
	local U="setpriv --reuid 1000 --regid 1000 --clear-groups"

	toy_only
	pair
	http_server A
	# shellcheck disable=SC2086
	u() { ip netns exec B $U toyrun "$@"; }
	is "$(u curl -sS http://10.0.0.1:8000/)" 'hello from a file'
	is "$(u sh -c 'grep NoNewPrivs /proc/self/status | cut -f2')" 1
	echo_server A inet 10.0.0.1 7007
	has "$(u toy-echo client inet 10.0.0.1 7007 'hello by UDP')" 'hello by UDP'
	reuse_script
	is "$(u python3 "$tmp/reuse.py")" ok
	fails 'Permission denied|Operation not permitted' u nc -l 80
	fails 'Permission denied|Operation not permitted' u nc -u -l 80
	B sh -c 'echo 70 >/proc/sys/net/toy/ip_unprivileged_port_start'
	u timeout 1 nc -l 80 || is $? 124
	fails 'Permission denied|Operation not permitted' u nc -l 69
	cat >"$tmp/raw.py" <<-'END'
		import socket
		for f in socket.AF_INET, socket.AF_INET6, 18:
		    for p in 1, 255:
		        try:
		            socket.socket(f, socket.SOCK_RAW, p)
		            print('opened')
		        except OSError as e:
		            print(e.strerror)
	END
	is "$(u python3 "$tmp/raw.py" | sort -u)" 'Operation not permitted'
	for cmd in 'dev detach veth1' 'dev attach lo' 'addr add 10.0.0.9/24 dev veth1' \
			'addr del 10.0.0.2/24 dev veth1' 'neigh flush dev veth1' \
			'route add 10.9.0.0/16 via 10.0.0.1'; do
		# shellcheck disable=SC2086
		fails 'not permitted' u toy $cmd
	done
	fails 'Permission denied' u sh -c \
		'echo 1 >/proc/sys/net/toy/ip_unprivileged_port_start'
	# Root's supervisor gives nothing to processes that are no longer root's.
	# shellcheck disable=SC2086
	is "$(R $U python3 "$tmp/raw.py" | sort -u)" 'Operation not permitted'
	# Neither does it lend its group: the range holds for who asks.
	B sh -c 'echo 5000 5000 >/proc/sys/net/toy/socket_group_range'
	fails 'may not open sockets' u true
	B sh -c 'echo 0 999 >/proc/sys/net/toy/socket_group_range'
	# shellcheck disable=SC2086
	fails 'Permission denied' R $U python3 -c 'import socket; socket.socket()'
	R nc -z 10.0.0.1 8000
	# Sockets are theirs who asked.
	B sh -c 'echo 0 2147483647 >/proc/sys/net/toy/socket_group_range'
	# shellcheck disable=SC2086
	R $U nc -l 7000 &
	eventually tcp_open B 7000
	has "$(B toy -n ss -tlne)" 'uid:1000'
	fails 'not permitted' u toy ss -aK
}

# 10,000 sockets from 8 threads under signals, then children that are killed.
test_storm() {
	local out

	pair
	# AF_INET's sockets are of two families, and so half of them "odd".
	out=$(R toyrun-storm 8 10000 20) || [ "$FAMILY" = inet ] || { echo "$out"; return 1; }
	echo "$out"
	has "$out" '^10000 sockets of family' ' 0 failed, 0 interrupted' ' 0 lost'
	[ "$FAMILY" = inet ] || has "$out" 'family 18'
	[ "$FAMILY" = inet ] || eventually no_supervisor
}

# A signal each millisecond, and a handler that does not restart system calls. A
# call that the supervisor has not taken yet can be interrupted, no other one: a
# few in a hundred, and of none is a descriptor left behind.
test_interrupted() {
	local out n=5000

	toy_only
	pair
	[ -z "${TOY_ROUNDS:-}" ] || n=1000
	out=$(R toyrun-storm alarm $n)
	echo "$out"
	has "$out" '^[0-9]+ sockets of family 18' ' 0 odd, 0 lost' \
		' ([0-9]+) failed.*, \1 interrupted'
	[ "$(sed 's/.*, \([0-9]*\) interrupted.*/\1/' <<<"$out")" -lt $((n / 10)) ]
	eventually no_supervisor
}

other_tables() {
	[ "$(uname -m)" = x86_64 ] && not grep -q 'User Mode Linux' /proc/cpuinfo ||
		skip "no 32-bit system calls in this kernel"
}

# 32-bit programs have a table of system calls of their own, and so have x32's.
test_32_bit_calls() {
	local out

	pair
	other_tables
	out=$(R toyrun-storm tables)
	if [ "$FAMILY" = toy ]; then
		has "$out" '^18 18 18 18 1 1 Bad address$' \
			'^x32: 18 18 (1|Function not implemented)$'
		has "$(R -4 toyrun-storm tables)" '^18 18 10 10 1 1 '
		has "$(R -t tcp toyrun-storm tables)" '^18 18 18 18 1 1 '
		has "$(R -t udp toyrun-storm tables)" '^2 2 10 10 1 1 '
	else
		has "$out" '^2 2 10 10 1 1 Bad address$'
	fi
}

test_32_bit_program() {
	pair
	other_tables
	need toyrun-i386
	if [ "$FAMILY" = toy ]; then
		is "$(R toyrun-i386)" $'18\n18'
		# As an ordinary user, whose supervisor has no privileges either.
		is "$(B setpriv --reuid 1000 --regid 1000 --clear-groups \
			toyrun toyrun-i386)" $'18\n18'
	else
		is "$(R toyrun-i386)" $'2\n2'
	fi
}

# Somebody dies at a random moment: nobody hangs, nothing is left.
test_storm_killed() {
	local i pid

	toy_only
	pair
	for i in $(seq 20); do
		exec_R toyrun-storm 8 100000 >"$tmp/out" 2>&1 &
		pid=$!
		eventually supervisors
		sleep "0.0$((RANDOM % 90 + 10))"
		if [ $((i % 2)) = 0 ]; then
			pkill -KILL -x toyrun-sockets
			# The rest of its calls fail at once.
			timeout 20 tail --pid=$pid -f /dev/null
			wait $pid || true
			has "$(cat "$tmp/out")" 'failed: Function not implemented'
		else
			kill -KILL $pid
			wait $pid || true
		fi
		eventually no_supervisor
	done
	# The sockets were closed with the programs.
	is "$(B toy -n ss -Ha)" ''
}

# 6.1 refuses SO_REUSEPORT to families that it does not know.
test_reuseport() {
	pair
	reuse_script
	is "$(R python3 "$tmp/reuse.py")" ok
	# By a supervisor that was root's, for who no longer is.
	is "$(R setpriv --reuid 1000 --regid 1000 --clear-groups \
		python3 "$tmp/reuse.py")" ok
}

# And SO_ZEROCOPY: the buffer of MSG_ZEROCOPY comes back by the error queue.
test_zerocopy() {
	pair
	cat >"$tmp/zerocopy.py" <<-'END'
		import select, socket, struct
		SO_ZEROCOPY, MSG_ZEROCOPY = 60, 0x4000000
		s = socket.create_connection(('10.0.0.1', 7009))
		s.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
		assert s.getsockopt(socket.SOL_SOCKET, SO_ZEROCOPY) == 1
		data = bytes(range(256)) * 256
		for _ in range(3):
		    assert s.send(data, MSG_ZEROCOPY) == len(data)
		last = -1
		while last < 2:
		    p = select.poll()
		    p.register(s, 0)
		    assert p.poll(10000)
		    _, ancillary, flags, _ = s.recvmsg(0, 512, socket.MSG_ERRQUEUE)
		    err, origin, _, code, _, first, to = struct.unpack('=IBBBBII', ancillary[0][2][:16])
		    assert (err, origin, first) == (0, 5, last + 1), (err, origin, first)
		    last = to
		try:
		    s.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 2)
		except OSError as e:
		    print(e.strerror)
		s.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 0)
		assert s.getsockopt(socket.SOL_SOCKET, SO_ZEROCOPY) == 0
	END
	serve A 7009 toy-echo tcp-sink inet 10.0.0.1 7009
	is "$(R python3 "$tmp/zerocopy.py")" 'Invalid argument'
	wait "$served"
}

# Outside socket(2) a call costs the filter's look at its number, and nothing in the
# stack: two calls cost twice what getppid(2) does more under toyrun than without.
test_calls() {
	local native under seccomp

	toy_only
	[ "${TOY_ICOUNT:-}" ] || skip "needs a clock that counts instructions: vm --icount"
	pair
	native=$(B toyrun-storm calls 18)
	under=$(R toyrun-storm calls 2)
	printf '%s\n' "AF_TOY:  $native" "toyrun:  $under"
	# shellcheck disable=SC2086
	set -- $native $under
	seccomp=$(($8 - $2))
	[ $seccomp -gt 0 ]
	[ $seccomp -lt 250 ]
	# UDP's send() and recv(), TCP's write() and read(); a few for the clock.
	for more in $((${10} - $4 - 2 * seccomp)) $((${12} - $6 - 2 * seccomp)); do
		echo "$seccomp for each call, $more instructions otherwise"
		[ $more -gt -50 ]
		[ $more -lt 50 ]
	done
}

# netdevice(7) by a socket: AF_TOY's addresses.
test_device_ioctls() {
	pair
	cat >"$tmp/ifreq.py" <<-'END'
		import fcntl, os, socket, struct
		s = socket.socket()
		def ask(call, name, addr=None):
		    req = name.encode().ljust(16, b'\0')
		    req += struct.pack('=HH4s8x', socket.AF_INET, 0, socket.inet_aton(addr)) if addr else bytes(16)
		    try:
		        r = fcntl.ioctl(s, call, req.ljust(40, b'\0'))
		    except OSError as e:
		        return e.strerror
		    fam, _, a = struct.unpack('=HH4s', r[16:24])
		    assert fam == socket.AF_INET
		    return socket.inet_ntoa(a)
		SIOCGIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK = 0x8915, 0x8917, 0x8919, 0x891b
		print(ask(SIOCGIFADDR, 'veth1'), ask(SIOCGIFNETMASK, 'veth1'), ask(SIOCGIFBRDADDR, 'veth1'))
		print(ask(SIOCGIFADDR, 'lo'), ask(SIOCGIFADDR, 'nosuch'), ask(SIOCGIFADDR, 'idle'))
		print(ask(SIOCGIFADDR, 'veth1', '10.0.7.2'), ask(SIOCGIFNETMASK, 'veth1', '10.0.7.2'))
		def raw(call, name):
		    return fcntl.ioctl(s, call, name.encode().ljust(40, b'\0'))[16:]
		index = struct.unpack('=i', raw(0x8933, 'veth1')[:4])[0]
		print(index == socket.if_nametoindex('veth1'), struct.unpack('=i', raw(0x8921, 'veth1')[:4])[0],
		      struct.unpack('=H', raw(0x8913, 'veth1')[:2])[0] & 1)
		print(':'.join('%02x' % b for b in raw(0x8927, 'veth1')[2:8]))
	END
	ip -n B link add idle type dummy
	if [ "$FAMILY" = inet ]; then
		ip -n B addr del 10.0.0.2/24 dev veth1
		ip -n B addr add 10.0.0.2/24 brd + dev veth1
	fi
	B $S addr add 10.0.7.2/28 dev veth1
	is "$(R python3 "$tmp/ifreq.py")" "10.0.0.2 255.255.255.0 10.0.0.255
127.0.0.1 No such device Cannot assign requested address
10.0.7.2 255.255.255.240
True 1500 1
$(mac_of B veth1)"
}

run_cases "$@"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Real programs, unmodified, on the stack under test by toyrun(1), each as
# client and as server, with AF_INET at the other end:
#
#	A (AF_INET)                           B (toyrun PROGRAM)
#	veth0 10.0.0.1/24  <------------->  veth1 10.0.0.2/24
#
# The control runs the same programs in B without toyrun. Programs of packages
# that start a daemon when they are installed come from scripts/programs.

. "$(dirname "$0")/lib.sh"

PROGRAMS=${TOY_CACHE:-/nonexistent}/programs
PATH=$PATH:/usr/sbin:/sbin:$PROGRAMS/usr/bin:$PROGRAMS/usr/sbin

# R CMD...: in B, on the stack under test.
if [ "$FAMILY" = toy ]; then
	R() { ip netns exec B toyrun "$@"; }
else
	R() { ip netns exec B "$@"; }
fi

# In place of a subshell, so that its process is the program's.
exec_R() { exec ip netns exec B toyrun "$@"; }

# tcp_open NS PORT: somebody listens.
tcp_open() {
	if [ "$1" = B ] && [ "$FAMILY" = toy ]; then
		[ -n "$(ip netns exec B toy -n ss -Htln sport = ":$2")" ]
	else
		[ -n "$(ip netns exec "$1" ss -Htln sport = ":$2")" ]
	fi
}

# serve NS PORT CMD...: in the background (B: on the stack under test), listening.
serve() {
	local ns=$1 port=$2
	shift 2
	if [ "$ns" = B ]; then
		R "$@" >"$tmp/serve.$port" 2>&1 &
	else
		A "$@" >"$tmp/serve.$port" 2>&1 &
	fi
	served=$!
	eventually tcp_open "$ns" "$port" || { cat "$tmp/serve.$port"; return 1; }
}

# A directory of files to serve.
site() {
	mkdir -p "$tmp/site"
	head -c 3000000 /dev/urandom >"$tmp/site/big"
	echo 'hello from a file' >"$tmp/site/index.html"
}

same() { cmp "$1" "$2"; }

# The programs under test on B as clients, and from A on B's servers.
peer_of() { [ "$1" = A ] && echo 10.0.0.1 || echo 10.0.0.2; }
from() {	# SERVER-NS CMD...: on the other side
	if [ "$1" = A ]; then
		R "${@:2}"
	else
		A "${@:2}"
	fi
}

# ---- Web ------------------------------------------------------------------------

http_server() {	# NS
	site
	serve "$1" 8000 python3 -m http.server --directory "$tmp/site" 8000
}

test_curl_client() {
	need curl
	pair
	http_server A
	is "$(R curl -sS http://10.0.0.1:8000/)" 'hello from a file'
	R curl -sS -o "$tmp/got" http://10.0.0.1:8000/big
	same "$tmp/got" "$tmp/site/big"
	# Several on one connection, several connections at once.
	R curl -sS -Z -o "$tmp/got.#1" 'http://10.0.0.1:8000/big?[1-4]'
	for i in 1 2 3 4; do same "$tmp/got.$i" "$tmp/site/big"; done
	fails 'Connection refused|Failed to connect' R curl -sS http://10.0.0.1:8001/
}

test_wget_client() {
	need wget
	pair
	http_server A
	R wget -q -O "$tmp/got" http://10.0.0.1:8000/big
	same "$tmp/got" "$tmp/site/big"
}

test_python_http_server() {
	pair
	http_server B
	is "$(A curl -sS http://10.0.0.2:8000/)" 'hello from a file'
	A curl -sS -Z -o "$tmp/got.#1" 'http://10.0.0.2:8000/big?[1-4]'
	for i in 1 2 3 4; do same "$tmp/got.$i" "$tmp/site/big"; done
	has "$(cat "$tmp/serve.8000")" '10\.0\.0\.1 .*"GET /'
}

test_python_asyncio() {
	pair
	cat >"$tmp/echo.py" <<-'END'
		import asyncio
		async def echo(r, w):
		    while data := await r.read(65536):
		        w.write(data)
		        await w.drain()
		    w.close()
		async def main():
		    s = await asyncio.start_server(echo, None, 7000)
		    async with s:
		        await s.serve_forever()
		asyncio.run(main())
	END
	cat >"$tmp/client.py" <<-'END'
		import asyncio, os, sys
		async def one(host):
		    r, w = await asyncio.open_connection(host, 7000)
		    data = os.urandom(200000)
		    w.write(data)
		    w.write_eof()
		    assert await r.read() == data
		    w.close()
		async def main(host):
		    await asyncio.gather(*[one(host) for _ in range(20)])
		asyncio.run(main(sys.argv[1]))
	END
	serve B 7000 python3 "$tmp/echo.py"
	A python3 "$tmp/client.py" 10.0.0.2
	kill $served
	serve A 7000 python3 "$tmp/echo.py"
	R python3 "$tmp/client.py" 10.0.0.1
}

nginx_conf() {
	site
	cat >"$tmp/nginx.conf" <<-END
		daemon off;
		worker_processes 2;
		user root;
		error_log stderr info;
		pid $tmp/nginx.pid;
		events { worker_connections 512; accept_mutex off; }
		http {
			access_log off;
			sendfile on;
			tcp_nopush on;
			client_body_temp_path $tmp/n1;
			proxy_temp_path $tmp/n2;
			fastcgi_temp_path $tmp/n3;
			uwsgi_temp_path $tmp/n4;
			scgi_temp_path $tmp/n5;
			server {
				listen 8080 reuseport;
				root $tmp/site;
				location /up/ { proxy_pass http://${1:-127.0.0.1}:8000/; }
			}
			server {
				listen 8082 http2;
				root $tmp/site;
			}
		}
	END
}

nginx_on() {	# NS
	command -v nginx >/dev/null || skip "nginx is not unpacked (scripts/programs)"
	nginx_conf "${2:-}"
	serve "$1" 8080 nginx -p "$tmp" -c "$tmp/nginx.conf"
}

nginx_load() {	# SERVER-NS
	local url out
	url=http://$(peer_of "$1")
	need wrk
	from "$1" curl -sS -o "$tmp/got" "$url:8080/big"
	same "$tmp/got" "$tmp/site/big"
	out=$(from "$1" wrk -t 2 -c 30 -d 2 "$url:8080/")
	echo "$out" | grep -E 'Requests/sec|requests in'
	not grep -q 'Socket errors\|Non-2xx' <<<"$out"
	has "$out" 'Requests/sec: *[1-9]'
}

test_nginx_server() {
	pair
	nginx_on B
	nginx_load B
}

test_wrk_client() {
	pair
	nginx_on A
	nginx_load A
}

# As a proxy it is server and client at once.
test_nginx_proxy() {
	pair
	site
	serve A 8000 python3 -m http.server --directory "$tmp/site" 8000
	nginx_on B 10.0.0.1
	A curl -sS -o "$tmp/got" http://10.0.0.2:8080/up/big
	same "$tmp/got" "$tmp/site/big"
}

http2() {	# SERVER-NS
	local url out
	url=http://$(peer_of "$1"):8082
	need nghttp
	from "$1" curl -sS --http2-prior-knowledge -w '%{http_version}\n' \
		-o "$tmp/got" "$url/big" >"$tmp/version"
	is "$(cat "$tmp/version")" 2
	same "$tmp/got" "$tmp/site/big"
	out=$(from "$1" nghttp -nvs "$url/" "$url/big" 2>&1)
	has "$out" ':status: 200' 'responseEnd|requestPath|Statistics'
}

test_http2_client() {
	pair
	nginx_on A
	http2 A
}

test_http2_server() {
	pair
	nginx_on B
	http2 B
}

# ---- Throughput -----------------------------------------------------------------

iperf() {	# SERVER-NS ARGS...
	local ns=$1 out
	shift
	out=$(from "$ns" iperf3 -c "$(peer_of "$ns")" -t 1 -J "$@") || {
		jq -r '.error // empty' <<<"$out"
		return 1
	}
	jq -r --arg a "$*" '.end | "iperf3 \($a): " +
		((.sum_received // .sum).bits_per_second / 1e6 | floor | tostring)
		+ " Mbit/s"' <<<"$out"
	jq -e '.end | (.sum_received // .sum).bytes > 0' <<<"$out" >/dev/null
	# The server is busy for a moment more.
	sleep 0.2
}

iperf_all() {	# SERVER-NS
	need iperf3
	serve "$1" 5201 iperf3 -s
	iperf "$1"
	iperf "$1" -R
	iperf "$1" --bidir
	iperf "$1" -P 4
	iperf "$1" -P 4 -R
	iperf "$1" -Z
	iperf "$1" -u -b 20M
	iperf "$1" -u -b 20M -R
	iperf "$1" -u -b 5M -P 2 --bidir
}

test_iperf3_client() {
	pair
	iperf_all A
}

test_iperf3_server() {
	pair
	iperf_all B
}

# ---- Plain sockets ----------------------------------------------------------------

# Bytes there and other bytes back.
exchange() {	# SERVER-NS SERVER-CMD -- CLIENT-CMD
	local ns=$1 server=() there back
	shift
	while [ "$1" != -- ]; do
		server+=("$1")
		shift
	done
	shift
	head -c 1000000 /dev/urandom >"$tmp/there"
	head -c 1000000 /dev/urandom >"$tmp/back"
	if [ "$ns" = B ]; then
		R "${server[@]}" <"$tmp/back" >"$tmp/there.got" &
	else
		A "${server[@]}" <"$tmp/back" >"$tmp/there.got" &
	fi
	served=$!
	eventually tcp_open "$ns" 7000
	from "$ns" "$@" <"$tmp/there" >"$tmp/back.got"
	wait $served
	same "$tmp/there" "$tmp/there.got"
	same "$tmp/back" "$tmp/back.got"
}

test_nc_client() {
	need nc
	pair
	exchange A nc -N -l 7000 -- nc -N 10.0.0.1 7000
	R nc -z 10.0.0.1 7000 || [ $? = 1 ]
}

test_nc_server() {
	need nc
	pair
	exchange B nc -N -l 7000 -- nc -N 10.0.0.2 7000
}

test_nc_udp() {
	need nc
	pair
	R sh -c 'nc -u -l 7000 >'"$tmp/got" &
	eventually bound B "$FAMILY" 7000
	echo datagram | A nc -u -q 1 10.0.0.2 7000
	eventually grep -q datagram "$tmp/got"
	A sh -c 'nc -u -l 7000 >'"$tmp/got2" &
	eventually bound A inet 7000
	echo datagram | R nc -u -q 1 10.0.0.1 7000
	eventually grep -q datagram "$tmp/got2"
}

test_socat_client() {
	need socat
	pair
	exchange A socat - TCP-LISTEN:7000 -- socat - TCP:10.0.0.1:7000
}

test_socat_server() {
	need socat
	pair
	exchange B socat - TCP4-LISTEN:7000,reuseaddr -- \
		socat - TCP:10.0.0.2:7000
}

# A process for each connection, and for each datagram's sender.
test_socat_fork() {
	need socat
	pair
	serve B 7000 socat TCP4-LISTEN:7000,fork,reuseaddr EXEC:cat
	for _ in 1 2 3 4 5; do
		is "$(echo x | A socat - TCP:10.0.0.2:7000)" x
	done
	R socat UDP4-RECVFROM:7001,fork EXEC:cat &
	eventually bound B "$FAMILY" 7001
	for _ in 1 2 3; do
		is "$(echo y | A socat -t 2 - UDP:10.0.0.2:7001)" y
	done
}

test_bash_dev_tcp() {
	pair
	http_server A
	# shellcheck disable=SC2016
	has "$(R bash -c 'exec 3<>/dev/tcp/10.0.0.1/8000
		printf "GET / HTTP/1.0\r\n\r\n" >&3; cat <&3')" 'hello from'
}

# ---- ping, traceroute ---------------------------------------------------------------

may_ping() {
	local knobs=ipv4
	[ "$FAMILY" = inet ] || knobs=toy
	B sh -c "echo '0 2147483647' >/proc/sys/net/$knobs/ping_group_range"
}

test_ping() {
	pair
	may_ping
	has "$(R ping -c 3 -i 0.05 -W 2 10.0.0.1)" '3 received' 'ttl=64'
	has "$(R ping -c 3 -i 0.05 -W 2 -s 1400 -I veth1 10.0.0.1)" '3 received'
	has "$(R ping -c 1 -W 1 10.0.0.77 2>&1 || true)" ' 0 received'
	has "$(R ping -c 1 -t 5 -Q 4 10.0.0.1)" '1 received'
}

# Three hops: B - A - C.
test_traceroute() {
	need traceroute
	pair
	netns C
	cable A veth2 C veth3
	linux_host A veth2 10.0.1.1/24
	linux_host C veth3 10.0.1.3/24
	ip -n C route add default via 10.0.1.1
	A sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	B $S route add default via 10.0.0.1
	has "$(R traceroute -n -q 1 -w 2 10.0.1.3)" ' 1  10\.0\.0\.1' ' 2  10\.0\.1\.3'
}

# ---- ssh ----------------------------------------------------------------------------

sshd_on() {	# NS
	command -v sshd >/dev/null || skip "sshd is not unpacked (scripts/programs)"
	mkdir -p /run/sshd "$tmp/ssh"
	grep -q '^sshd:' /etc/passwd ||
		echo 'sshd:x:990:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/host"
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/user"
	cp "$tmp/ssh/user.pub" "$tmp/ssh/authorized"
	cat >"$tmp/ssh/sshd_config" <<-END
		Port 2222
		AddressFamily inet
		HostKey $tmp/ssh/host
		AuthorizedKeysFile $tmp/ssh/authorized
		PidFile $tmp/ssh/pid
		PermitRootLogin yes
		StrictModes no
		UsePAM no
		Subsystem sftp internal-sftp
	END
	serve "$1" 2222 "$(command -v sshd)" -D -e -f "$tmp/ssh/sshd_config"
}

ssh_to() {	# SERVER-NS ARGS...
	local ns=$1
	shift
	from "$ns" ssh -F none -p 2222 -i "$tmp/ssh/user" -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$@"
}

ssh_works() {	# SERVER-NS
	local host
	host=root@$(peer_of "$1")
	is "$(ssh_to "$1" "$host" 'echo $((6 * 7))')" 42
	head -c 2000000 /dev/urandom >"$tmp/there"
	ssh_to "$1" "$host" cat <"$tmp/there" >"$tmp/back"
	same "$tmp/there" "$tmp/back"
	# Status of the remote command, and a forwarded port.
	local rc=0
	ssh_to "$1" "$host" 'exit 9' || rc=$?
	is $rc 9
}

test_ssh_client() {
	pair
	sshd_on A
	ssh_works A
}

test_sshd_server() {
	pair
	sshd_on B
	ssh_works B
	has "$(cat "$tmp/serve.2222")" 'Accepted publickey for root from 10\.0\.0\.1'
}

# The sshd opens the forwarded connection: AF_TOY's as well.
test_ssh_forward() {
	pair
	site
	sshd_on B
	serve A 8000 python3 -m http.server --directory "$tmp/site" 8000
	ssh_to B -N -L 9000:10.0.0.1:8000 root@10.0.0.2 &
	eventually tcp_open A 9000
	is "$(A curl -sS http://127.0.0.1:9000/)" 'hello from a file'
}

# ---- redis --------------------------------------------------------------------------

# Debian has the server and two tools in one binary; its name says which.
redis_on() {	# NS
	need redis-benchmark
	ln -sf "$(command -v redis-check-rdb)" "$tmp/redis-server"
	serve "$1" 6379 "$tmp/redis-server" --port 6379 --bind 0.0.0.0 \
		--protected-mode no --save '' --dir "$tmp" --io-threads 2
}

redis_load() {	# SERVER-NS
	local host out
	host=$(peer_of "$1")
	is "$(from "$1" redis-cli -h "$host" set key value)" OK
	is "$(from "$1" redis-cli -h "$host" get key)" value
	out=$(from "$1" redis-benchmark -h "$host" -n 5000 -c 20 -P 4 -t set,get,lpush -q --csv)
	echo "$out" | cut -d, -f1,2
	has "$out" SET GET
}

test_redis_server() {
	pair
	redis_on B
	redis_load B
}

test_redis_client() {
	pair
	redis_on A
	redis_load A
}

# ---- Programs without a C library to preload into --------------------------------------

test_static_busybox() {
	local bb=/bin/busybox
	[ -x $bb ] || bb=/usr/bin/busybox
	pair
	http_server A
	R $bb wget -q -O "$tmp/got" http://10.0.0.1:8000/big
	same "$tmp/got" "$tmp/site/big"
	serve B 8001 $bb httpd -f -p 8001 -h "$tmp/site"
	A curl -sS -o "$tmp/got" http://10.0.0.2:8001/big
	same "$tmp/got" "$tmp/site/big"
}

# Go makes its system calls itself, and asks for MPTCP, IPv6 and IPv4.
test_go_server() {
	command -v websocketd >/dev/null || skip "websocketd is not unpacked (scripts/programs)"
	pair
	site
	serve B 8080 websocketd --port 8080 --staticdir "$tmp/site"
	A curl -sS -o "$tmp/got" http://10.0.0.2:8080/big
	same "$tmp/got" "$tmp/site/big"
}

# ---- IPv6 ---------------------------------------------------------------------------

# Neighbours are given: this is not about finding them.
pair6() {
	pair
	A sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6'
	ip -n A addr add fd00::1/64 dev veth0 nodad
	ip -n A neigh replace fd00::2 lladdr "$(mac_of B veth1)" dev veth0
	if [ "$FAMILY" = inet ]; then
		B sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth1/disable_ipv6'
		ip -n B addr add fd00::2/64 dev veth1 nodad
	else
		B toy addr add fd00::2/64 dev veth1
	fi
	B $S neigh replace fd00::1 lladdr "$(mac_of A veth0)" dev veth1
}

test_ipv6_client() {
	pair6
	site
	serve A 8000 python3 -m http.server --bind :: --directory "$tmp/site" 8000
	R curl -sS -g -o "$tmp/got" 'http://[fd00::1]:8000/big'
	same "$tmp/got" "$tmp/site/big"
	R wget -q -O "$tmp/got" 'http://[fd00::1]:8000/big'
	same "$tmp/got" "$tmp/site/big"
	serve A 5201 iperf3 -s
	iperf_6 -c fd00::1
	iperf_6 -c fd00::1 -R
	iperf_6 -c fd00::1 -u -b 20M
}

iperf_6() { R iperf3 -6 -t 1 "$@" >"$tmp/iperf" || { cat "$tmp/iperf"; return 1; }; }

# One socket for both versions, as most servers have it.
test_ipv6_server() {
	pair6
	site
	serve B 8000 python3 -m http.server --bind :: --directory "$tmp/site" 8000
	A curl -sS -g -o "$tmp/got" 'http://[fd00::2]:8000/big'
	same "$tmp/got" "$tmp/site/big"
	A curl -sS -o "$tmp/got" http://10.0.0.2:8000/big
	same "$tmp/got" "$tmp/site/big"
	has "$(cat "$tmp/serve.8000")" '^fd00::1 .*"GET /' '^::ffff:10\.0\.0\.1 .*"GET /'
}

test_ipv6_nc() {
	need nc
	pair6
	exchange A nc -6 -N -l 7000 -- nc -6 -N fd00::1 7000
	exchange B nc -6 -N -l 7000 -- nc -6 -N fd00::2 7000
}

# What a program sees of sockets that it has just made.
test_ipv6_socket_names() {
	pair6
	cat >"$tmp/names.py" <<-'END'
		import socket
		for t in socket.SOCK_STREAM, socket.SOCK_DGRAM:
		    s = socket.socket(socket.AF_INET6, t)
		    print(s.getsockname()[0], end=' ')
		    s.bind(('::', 0))
		    print(s.getsockname()[0], end=' ')
		    s = socket.socket(socket.AF_INET, t)
		    s.bind(('0.0.0.0', 0))
		    print(s.getsockname()[0], end=' ')
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		s.connect(('fd00::1', 9))
		print(s.getsockname()[0], s.getpeername()[:2])
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		s.connect(('::ffff:10.0.0.1', 9))
		print(s.getsockname()[0], s.getpeername()[:2])
	END
	is "$(R python3 "$tmp/names.py")" ":: :: 0.0.0.0 :: :: 0.0.0.0 fd00::2 ('fd00::1', 9)
::ffff:10.0.0.2 ('::ffff:10.0.0.1', 9)"
}

# ---- Names --------------------------------------------------------------------------

name_server() {
	need dnsmasq
	A dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--listen-address=10.0.0.1 --bind-interfaces --user=root \
		--pid-file= --address=/host.test/10.0.0.1 \
		--local=/test/ &
	eventually bound A inet 53
	echo 'nameserver 10.0.0.1' >"$tmp/resolv"
}

# N CMD...: as R, with the name server.
N() {
	if [ "$FAMILY" = toy ]; then
		B toyrun --resolv "$tmp/resolv" "$@"
	else
		mount --bind "$tmp/resolv" /etc/resolv.conf
		B "$@"
	fi
}

test_names() {
	pair
	name_server
	has "$(N getent ahosts host.test)" '10\.0\.0\.1 .*STREAM'
	# Who asks for IPv4 needs an address of AF_INET: as --check advises.
	has "$(B toyrun --check || true)" 'AF_INET has no address' || [ "$FAMILY" = inet ]
	ip -n B link add toynames type dummy
	ip -n B link set toynames up
	ip -n B address add 192.0.2.1/32 dev toynames
	has "$(N getent ahostsv4 host.test)" '10\.0\.0\.1'
	not N getent ahosts nosuch.test.
	http_server A
	is "$(N curl -sS http://host.test:8000/)" 'hello from a file'
	is "$(N busybox wget -q -O - http://host.test:8000/)" 'hello from a file'
}

# ---- toyrun itself --------------------------------------------------------------------

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
	fails 'Permission denied|Operation not permitted' u nc -l 80
	cat >"$tmp/raw.py" <<-'END'
		import socket
		for t, p in (socket.SOCK_RAW, 1), (socket.SOCK_RAW, 255):
		    try:
		        socket.socket(socket.AF_INET, t, p)
		        print('opened')
		    except OSError as e:
		        print(e.strerror)
	END
	is "$(u python3 "$tmp/raw.py" | sort -u)" 'Operation not permitted'
	fails 'not permitted' u toy dev detach veth1
	# Root's supervisor gives nothing to processes that are no longer root's.
	# shellcheck disable=SC2086
	is "$(R $U python3 "$tmp/raw.py" | sort -u)" 'Operation not permitted'
	# Neither does it lend its group: the range holds for who asks.
	B sh -c 'echo 5000 5000 >/proc/sys/net/toy/socket_group_range'
	fails 'may not open sockets' u true
	B sh -c 'echo 0 999 >/proc/sys/net/toy/socket_group_range'
	# shellcheck disable=SC2086
	fails 'Permission denied' R $U nc -z 10.0.0.1 8000
	R nc -z 10.0.0.1 8000
	# Sockets are theirs who asked.
	B sh -c 'echo 0 4294967294 >/proc/sys/net/toy/socket_group_range'
	# shellcheck disable=SC2086
	R $U nc -l 7000 &
	eventually tcp_open B 7000
	has "$(B toy -n ss -tlne)" 'uid:1000'
}

# 10,000 sockets from 8 threads under signals, then children that are killed.
test_storm() {
	local out

	pair
	# AF_INET's sockets are of two families, and so half of them "odd".
	out=$(R toyrun-storm 8 10000 20) || [ "$FAMILY" = inet ] || { echo "$out"; return 1; }
	echo "$out"
	has "$out" '^10000 sockets of family' ' 0 failed, 0 interrupted'
	[ "$FAMILY" = inet ] || has "$out" 'family 18'
	[ "$FAMILY" = inet ] || eventually no_supervisor
}

# 32-bit programs have a table of system calls of their own.
test_32_bit_calls() {
	pair
	[ "$(uname -m)" = x86_64 ] && not grep -q 'User Mode Linux' /proc/cpuinfo ||
		skip "no 32-bit system calls in this kernel"
	if [ "$FAMILY" = toy ]; then
		is "$(R toyrun-storm int80)" '18 18 18 18 1 1 Bad address'
	else
		is "$(R toyrun-storm int80)" '2 2 10 10 1 1 Bad address'
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
	is "$(R python3 "$tmp/reuse.py")" ok
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

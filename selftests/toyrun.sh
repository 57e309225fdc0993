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
. "$(dirname "$0")/toyrun-lib.sh"

# ---- Web ------------------------------------------------------------------------

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

# Its first datagram is longer than any can be: the error queue has the MTU.
test_ipv6_tracepath() {
	need tracepath
	pair6
	has "$(R tracepath -6 -n fd00::1)" 'pmtu 1500' 'reached'
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

run_cases "$@"

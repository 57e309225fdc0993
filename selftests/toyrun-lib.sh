# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What toyrun.sh and toyrun_self.sh share: programs on the stack under test, by
# toyrun(1) or, for the control, without it. Source after lib.sh.

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

http_server() {	# NS
	site
	serve "$1" 8000 python3 -m http.server --directory "$tmp/site" 8000
}

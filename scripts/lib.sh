# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the scripts here: messages, the cache directory, packages, locks.
# Source it; it sets the shell's error flags for the caller.

set -euo pipefail

# A make above us must not lend its flags and its job server to ours.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

# TOY_TOP is the source tree, whatever directory the caller stands in.
TOY_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
TOY_CACHE=${TOY_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/af_toy}
# Modules are built here, in a directory per kernel.
TOY_BUILD=${TOY_BUILD:-$TOY_TOP/build}
export TOY_TOP TOY_CACHE TOY_BUILD
mkdir -p "$TOY_CACHE"

# Compilers are ccache's as soon as that is installed. It looks at what is in a
# file, not at its date: a clone is always new.
export PATH=/usr/lib/ccache:${PATH//\/usr\/lib\/ccache:/}
export CCACHE_DIR=$TOY_CACHE/ccache CCACHE_MAXSIZE=2G
export CCACHE_SLOPPINESS=include_file_mtime,include_file_ctime

# Messages go to stderr: stdout belongs to results (paths, TAP).
say()  { printf '%s\n' "$*" >&2; }
step() { printf '==> %s\n' "$*" >&2; }
die()  { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Run a long command with its output in LOG; show the tail only when it fails.
quietly() {
	local log=$1
	shift
	"$@" >"$log" 2>&1 </dev/null || {
		tail -n 40 "$log" >&2
		die "failed: $* (whole log: $log)"
	}
}

jobs_n() { nproc 2>/dev/null || echo 2; }

# debian_module 6.1|6.12 ARGS...: the module for Debian's kernel, into
# $TOY_BUILD/debian-<series>. Everybody who wants it there asks with these flags:
# other flags would build it anew.
debian_module() {
	make -C "$TOY_TOP" modules -j"$(jobs_n)" OUT="$TOY_BUILD/debian-$1" \
		KDIR="$("$TOY_TOP/scripts/debian-kernel" "$1" headers)" \
		W=1 KCFLAGS=-Werror "${@:2}"
}

# uml_module plain|debug: into $TOY_BUILD/uml-<kind>.
uml_module() {
	make -C "$TOY_TOP" modules -j"$(jobs_n)" OUT="$TOY_BUILD/uml-$1" ARCH=um \
		KDIR="$("$TOY_TOP/scripts/uml-kernel" "$1" | tail -n 1)"
}

# Hold lock NAME until this process ends, so that two runs do not build or
# download the same thing at once. The descriptor is closed on exec of nothing:
# children that outlive us would keep the lock, so start none of those here.
lock() {
	local fd
	exec {fd}>"$TOY_CACHE/.lock-$1"
	if ! flock -n "$fd"; then
		say "waiting for another run ($1) ..."
		flock "$fd"
	fi
	eval "TOY_LOCK_${1//[^a-zA-Z0-9]/_}=$fd"
}

unlock() {
	local var=TOY_LOCK_${1//[^a-zA-Z0-9]/_}
	local fd=${!var}
	exec {fd}>&-
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# One dpkg-query for all names: this runs at the head of every script, so it
# must cost nothing when all is there.
missing_pkgs() {
	local p have
	have=$(dpkg-query -W -f '${Package}:${db:Status-Status}\n' "$@" 2>/dev/null || true)
	for p in "$@"; do
		grep -qxF "$p:installed" <<<"$have" || echo "$p"
	done
}

apt_lists() {
	# A fresh container or cloud image has no lists at all.
	if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
		step "apt-get update (no package lists yet)"
		quietly "$TOY_CACHE/apt-update.log" as_root apt-get update
	fi
}

# need PKG...: install what is missing with one apt-get call.
need() {
	local missing
	mapfile -t missing < <(missing_pkgs "$@")
	[ ${#missing[@]} -eq 0 ] && return 0
	command -v apt-get >/dev/null ||
		die "missing packages, and no apt-get here: ${missing[*]}"
	lock apt
	mapfile -t missing < <(missing_pkgs "$@")
	if [ ${#missing[@]} -gt 0 ]; then
		apt_lists
		step "apt-get install ${missing[*]}"
		local -a apt=(env DEBIAN_FRONTEND=noninteractive apt-get
			-y -q --no-install-recommends
			-o DPkg::Lock::Timeout=300 install "${missing[@]}")
		if ! as_root "${apt[@]}" >"$TOY_CACHE/apt.log" 2>&1 </dev/null; then
			# Old lists name files which the mirror has replaced.
			step "apt-get update, then once more"
			quietly "$TOY_CACHE/apt-update.log" as_root apt-get update
			quietly "$TOY_CACHE/apt.log" as_root "${apt[@]}"
		fi
	fi
	unlock apt
}

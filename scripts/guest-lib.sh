# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What scripts/uml and scripts/vm share on the host's side: the run directory,
# and the verdict when the guest is gone. Source after lib.sh.

# guest_prepare CMD ARGS...: make $run, with the command and its environment.
guest_prepare() {
	local v
	mkdir -p "$TOY_CACHE/run"
	# What killed runs left behind.
	find "$TOY_CACHE/run" -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} +
	if [ "${seed:-}" ]; then
		# The kernel stirs its command line into its randomness, and
		# this name stands there.
		lock "seed-$seed"
		run=$TOY_CACHE/run/seed-$seed
		rm -rf "$run"
		mkdir "$run"
	else
		run=$(mktemp -d "$TOY_CACHE/run/XXXXXX")
	fi
	trap 'rm -rf "$run"' EXIT
	TOY_CWD=$(pwd -P)
	# What the guest writes into $TOY_OUT stays; nothing else does.
	if [ "${TOY_OUT:-}" ]; then
		mkdir -p "$TOY_OUT"
		TOY_OUT=$(cd "$TOY_OUT" && pwd -P)
	fi
	TOY_KERNEL_LOG=${TOY_KERNEL_LOG:+$(realpath -m "$TOY_KERNEL_LOG")}
	{
		for v in "${!TOY_@}"; do
			case $v in TOY_LOCK_*) continue ;; esac
			printf 'export %s=%q\n' "$v" "${!v}"
		done
		printf 'export PATH=%q\n' "$TOY_TOP/build/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
		printf 'export LANG=C.UTF-8 TERM=dumb\n'
	} >"$run/env"
	{
		printf 'setsid --wait'
		printf ' %q' "$@"
		echo
	} >"$run/cmd"
}

# guest_verdict RC: report, and exit with the command's status, or 1 if the
# kernel complained although the command was content, or 125 if the guest died.
guest_verdict() {
	local rc=$1 status keep=${TOY_KERNEL_LOG:-$TOY_TOP/build/last-kernel.log}
	mkdir -p "${keep%/*}"
	cp "$run/kernel.log" "$keep"
	if [ ! -s "$run/status" ]; then
		if [ "$rc" = 137 ]; then
			say "${0##*/}: no end after $timeout s"
		else
			say "${0##*/}: the guest died (status $rc)"
		fi
		if "$TOY_TOP/scripts/check-log" "$keep" >&2; then
			say "its kernel's last words:"
			tail -n 15 "$run/kernel.log" | tr -d '\r' >&2
		fi
		exit $((rc == 137 ? 124 : 125))
	fi
	status=$(cat "$run/status")
	if [ -s "$run/kmemleak" ]; then
		say "${0##*/}: kmemleak found:"
		head -n 120 "$run/kmemleak" >&2
		[ "$status" != 0 ] || status=1
	fi
	if [ -e "$run/lockdep" ] && ! grep -q 'debug_locks: *1' "$run/lockdep"; then
		say "${0##*/}: lockdep had switched itself off"
		[ "$status" != 0 ] || status=1
	fi
	if ! "$TOY_TOP/scripts/check-log" "$keep" >&2; then
		[ "$status" != 0 ] || status=1
	fi
	exit "$status"
}

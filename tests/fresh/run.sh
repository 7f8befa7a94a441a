#!/bin/sh
# run.sh: on a Debian 12 that has a shell and apt and nothing else, `./dev run` ends with a verdict
# and `./dev test` passes there. A machine that already has the packages would hide a missing step.
# Prints TAP; what the commands said is in build/fresh/*.log. Needs root.
set -eu

cd "$(dirname "$0")/../.."
work=$PWD/build/fresh
root=$work/root

# Everything is mounted in a mount namespace of our own: however this ends, nothing stays mounted.
if [ "${1-}" != inside ]; then
	exec unshare --mount "$PWD/tests/fresh/run.sh" inside
fi

trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$work"
mkdir -p "$work"

number=0
result() {
	number=$((number + 1))
	echo "$1 $number - $2"
}

# result_of LOG NAME COMMAND...: a case that holds if the command succeeds.
result_of() {
	log=$work/$1 name=$2
	shift 2
	if "$@" >"$log" 2>&1; then
		result ok "$name"
	else
		result 'not ok' "$name"
		tail -n 40 "$log" | sed 's/^/# /'
	fi
}

# The new system becomes the root by pivot_root, not chroot: a chroot may not make the user
# namespaces that some tests need, and could see this machine's mounts. It keeps this machine's
# processes in /proc, since the verdict is to be about this machine.
in_root() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount sh -euc '
		mount --bind "$1" "$1"
		cd "$1"
		mount -t proc proc proc
		mount --rbind /sys sys
		mount --rbind /dev dev
		mount -t tmpfs tmpfs run
		mount -t tmpfs tmpfs tmp
		mkdir -p run/machine
		pivot_root . run/machine
		umount -l run/machine
		cd /portroom
		shift
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
			${CI:+"CI=$CI"} ${http_proxy:+"http_proxy=$http_proxy"} \
			${https_proxy:+"https_proxy=$https_proxy"} "$@"
	' sh "$root" "$@"
}

has_none_of() {
	# shellcheck disable=SC2016 # for the inner shell
	in_root sh -c 'for tool; do ! command -v "$tool" || exit 1; done' sh "$@"
}

gives_a_verdict() {
	in_root ./dev run >"$work/verdict" || return 1
	cat "$work/verdict"
	read -r verdict rest <"$work/verdict"
	case $verdict in
	OK | WARNING | CRITICAL | UNKNOWN) [ "$rest" ] ;;
	*) return 1 ;;
	esac
	tail -n 1 "$work/verdict" | grep -q 'as expected, in'
}

# No Chinese locale is there, only C.UTF-8: the text comes from the program itself.
speaks_chinese() {
	! in_root locale -a | grep -i zh || return 1
	in_root env LANGUAGE=zh_CN ./dev run >"$work/verdict" || return 1
	cat "$work/verdict"
	grep -Eq '^(正常|警告|严重|未知) ' "$work/verdict" || return 1
	in_root env LANGUAGE=zh_CN build/portroom explain EADDRNOTAVAIL | tee "$work/verdict"
	grep -q '端口' "$work/verdict"
}

# Without the sanitized build, which needs no further package and takes as long as the others together.
# The cases are counted with those of the other groups.
passes_its_tests() {
	in_root env ${PORTROOM_EVIDENCE:+PORTROOM_EVIDENCE=/samples} ./dev test unit live windows && status=0 || status=$?
	for file in "$root"/portroom/build/test-results/*; do
		[ ! -d build/test-results ] || cp "$file" "build/test-results/fresh-${file##*/}"
	done
	[ "$status" = 0 ] || return 1
	tail -n 1 "$log" | grep -Eqx '[1-9][0-9]* passed, 0 failed'
}

echo 1..5
result_of root.log 'a minimal Debian 12 can be made' tools/debian-root.sh "$root"
mkdir -p "$root/portroom"
tar -c --exclude=./.git --exclude='./build*' . | tar -C "$root/portroom" -x
[ ! "${PORTROOM_EVIDENCE-}" ] || cp -r "$PORTROOM_EVIDENCE" "$root/samples"
result_of tools.log 'it has no compiler, make, git or python' \
	has_none_of cc gcc make git python3 meson ninja sudo
result_of run.log './dev run exits 0, its first word is a verdict, and its rehearsal is as expected' gives_a_verdict
result_of chinese.log 'it speaks Chinese where only C.UTF-8 is installed' speaks_chinese
result_of test.log './dev test unit live windows ends with "N passed, 0 failed"' passes_its_tests

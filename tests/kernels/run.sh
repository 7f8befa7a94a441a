#!/bin/sh
# run.sh: the live tests on the kernels that people run. The kernels are Debian's own, unpacked and
# never installed, booted in qemu by software emulation, since nested KVM cannot be relied on.
# Prints TAP; what each machine said is in build/kernels/*.log. Needs root, and the program built.
# What is downloaded stays in build/kernels, so that the next run need not do it again.
#   PORTROOM_KERNELS="6.1"            only these kernels
#   PORTROOM_TESTS="sample,trace"     only these tests of tests/kernels/init
set -eu

cd "$(dirname "$0")/../.."
series=${PORTROOM_KERNELS:-6.1 6.12}
packages='bpftool conntrack iproute2 iptables kmod libcap2-bin libmnl0 nftables procps python3'
timeout_s=${PORTROOM_KERNEL_TIMEOUT:-3600}
work=$PWD/build/kernels

# debootstrap mounts things in the root it makes; in a mount namespace of our own none can stay.
if [ "${1-}" != inside ]; then
	exec unshare --mount "$PWD/tests/kernels/run.sh" inside
fi

mkdir -p "$work"
scratch=$(mktemp -d "$work/scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# pack ARCHIVE: the current folder as an initramfs. The kernel accepts several, one after another.
pack() {
	find . -xdev | cpio --quiet -o -H newc -R 0:0 | gzip -1 >"$1.part"
	mv "$1.part" "$1"
}

# The small system that all kernels share; made again when this script has changed.
make_root() {
	[ ! "$(find "$work/root.cpio.gz" -newer tests/kernels/run.sh 2>/dev/null)" ] || return 0
	# shellcheck disable=SC2086 # a list of words
	tools/debian-root.sh "$scratch/root" $packages || return 1
	(
		cd "$scratch/root"
		rm -rf var/cache/apt/* var/lib/apt/lists/* usr/share/doc usr/share/man \
			usr/share/locale etc/apt dev/*
		pack "$work/root.cpio.gz"
	)
}

# The newest cloud kernel of a series that apt knows.
newest() {
	apt-cache search --names-only "^linux-image-$1\\.[0-9].*-cloud-amd64\$" |
		cut -d ' ' -f 1 | sort -V | tail -n 1
}

# fetch SERIES: its kernel as $work/SERIES.vmlinuz, its modules for networking as an initramfs.
fetch() {
	[ ! -e "$work/$1.vmlinuz" ] || return 0
	kernel=$(newest "$1")
	[ "$kernel" ] || apt-get -q update
	kernel=$(newest "$1")
	[ "$kernel" ] || {
		echo "apt's sources on this machine offer no $1 cloud kernel"
		return 1
	}
	release=${kernel#linux-image-} deb=$scratch/$1.deb modules=$scratch/$1.modules
	mkdir -p "$deb" "$modules/usr/lib/modules/$release"
	(cd "$deb" && { apt-get -q download "$kernel" ||
		{ apt-get -q update && apt-get -q download "$kernel"; }; }) &&
		dpkg-deb -x "$deb/$kernel"_*.deb "$deb" || return 1
	(
		cd "$deb/lib/modules/$release"
		tar -c modules.* kernel/net kernel/lib kernel/crypto kernel/drivers/net
	) | tar -C "$modules/usr/lib/modules/$release" -x
	depmod -b "$modules/usr" "$release" || return 1
	(cd "$modules" && pack "$work/$1.modules.cpio.gz")
	mv "$deb/boot/vmlinuz-$release" "$work/$1.vmlinuz"
}

# The program and its live tests, at the paths that they have here.
make_tests() (
	mkdir -p "$scratch/tests/portroom"
	helpers=build/tests/live
	tar -cf "$scratch/tests.tar" build/portroom $helpers/situation $helpers/calls \
		$helpers/churn $helpers/recorder tests/live tests/fixtures/proc-web &&
		tar -C "$scratch/tests/portroom" -xf "$scratch/tests.tar" || exit 1
	cp tests/kernels/init "$scratch/tests/init"
	cd "$scratch/tests"
	pack "$scratch/tests.cpio.gz"
)

# The watchdogs of a kernel take a slow host for a fault, and would write into the lines of TAP.
boot() {
	initrd=$scratch/$1.initrd
	cat "$work/root.cpio.gz" "$work/$1.modules.cpio.gz" "$scratch/tests.cpio.gz" >"$initrd"
	timeout --foreground "$timeout_s" qemu-system-x86_64 \
		-accel tcg,thread=multi -cpu max -smp 2 -m 3072 -net none -no-reboot \
		-display none -monitor none -serial "file:$work/$1.log" \
		-kernel "$work/$1.vmlinuz" -initrd "$initrd" \
		-append "console=ttyS0 panic=1 loglevel=4 nowatchdog rcupdate.rcu_cpu_stall_suppress=1 PORTROOM_TESTS=${PORTROOM_TESTS:-all}" </dev/null
}

# The cases on the serial console of one machine, and one more: that it got through all of them.
# What a kernel cannot have ("this kernel has no ...") is no case of that kernel.
cases() {
	tr -d '\r' <"$work/$1.log" | awk -v series="$1" '
		/^portroom-tests: begin / { release = $3; running = 1; next }
		/^portroom-tests: end$/ { running = 0; ended = 1 }
		!running { next }
		/^1\.\.[0-9]+/ { planned += substr($1, 4) }
		/^(not )?ok( |$)/ {
			seen++
			match($0, /^(not )?ok *[0-9]* *-? */)
			verdict = /# SKIP this kernel / ? "#" : $1 == "not" ? "not ok" : "ok"
			print verdict " - " series ": " substr($0, RLENGTH + 1)
		}
		/^#/ { print "# " series ": " substr($0, 3) }
		END {
			all = ended && seen == planned && seen > 0
			print (all ? "ok" : "not ok") " - " series ": the kernel (" release \
				") ran all " planned + 0 " cases that were planned"
			exit !all
		}' || cat "$work/$1.setup.log" "$work/$1.log" | tail -n 20 | tr -d '\r' | sed 's/^/# /'
}

{ make_root && make_tests; } >"$work/setup.log" 2>&1 || {
	tail -n 20 "$work/setup.log" | sed 's/^/# /'
	printf '1..1\nnot ok 1 - a system for the kernels can be made\n'
	exit 1
}
for one in $series; do
	: >"$work/$one.log"
	fetch "$one" >"$work/$one.setup.log" 2>&1 || echo "no kernel $one" >>"$work/$one.setup.log"
done
# At the same time: a machine has two processors, of which the tests use one most of the time.
for one in $series; do
	[ ! -e "$work/$one.vmlinuz" ] || boot "$one" >>"$work/$one.setup.log" 2>&1 &
done
wait
for one in $series; do
	cases "$one"
done | tee "$scratch/tap"
echo "1..$(grep -Ec '^(not )?ok ' "$scratch/tap")"
! grep -q '^not ok ' "$scratch/tap"

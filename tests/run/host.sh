#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/run/host.sh - boot the emulated host and run one command in it
#
# The machine is QEMU in software emulation with SVM, VT-d with interrupt
# remapping and two CPUs; it runs a stock Debian kernel with an initramfs of
# ours. vamhost.ko is loaded before COMMAND and unloaded after it. Without a
# COMMAND there is an interactive shell (leave it with exit).
#
# The command's output comes to stdout and its exit code is ours. 99 means
# that the run itself failed: no token (panic, hang, reset), a warning in the
# kernel log, or something left behind; the tails of both logs are on stderr.

set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$top/build}" 2>/dev/null && pwd) || build=$top/build
kernels=${KERNELS:-$top/build/kernels}
export BUILD=$build KERNELS=$kernels
RIG_FAILED=99
STALE_BREAKPOINT="the emulator is stuck in a stale breakpoint"

usage() {
	cat <<END
usage: tests/run/host.sh [OPTION]... [-- COMMAND...]
  --kernel 6.1|6.12   host kernel (6.1)
  --backend svm|vmx   kind of CPU (svm)
  --smp N             CPUs (2)
  --mem MB            memory (1024)
  --cpu LIST          more CPU flags: +la57,-svm
  --cpu-model STR     another CPU model (EPYC,+svm)
  --threads single|multi   emulate CPUs in turn, or at the same time (multi)
  --icount            count instructions: one CPU, exactly repeatable
  --device LIST       extra devices: e1000,e1000e,nvme,edu,hub
  --share DIR         DIR is /share in the host
  --append STR        more kernel parameters
  --params STR        parameters of vamhost.ko
  --module FILE       another vamhost.ko
  --no-module         do not load vamhost.ko
  --no-memcheck       do not compare free memory before and after
  --expect-reset      COMMAND resets the machine after "rigtoken CODE"
  --name NAME         base name of the logs in build/logs (host)
  --timeout S         give up after S seconds (300; 0 never)
  --kvm               use KVM; refused where nested virtualization is missing
  --kaslr             boot the compressed kernel, at a random address
  --qemu ARG          one more argument for QEMU (repeatable)
  --keep-going        report log findings, but do not fail for them
END
}

die() { echo "host.sh: $*" >&2; exit 2; }

kernel=6.1 backend=svm smp=2 mem=1024 icount= devices= share= append=
params= module= load=1 memcheck=1 reset= name=host timeout=300 kvm=
cpuflags= model=EPYC,+svm extra=() keep_going= kaslr= threads=multi
while [ $# -gt 0 ]; do
	case $1 in
	--kernel|--backend|--smp|--mem|--cpu|--cpu-model|--threads|--device|\
	--share|--append|--params|--module|--name|--timeout|--qemu)
		[ $# -ge 2 ] || die "$1 needs an argument" ;;
	esac
	case $1 in
	--kernel) kernel=$2; shift 2 ;;
	--backend) backend=$2; shift 2 ;;
	--smp) smp=$2; shift 2 ;;
	--mem) mem=$2; shift 2 ;;
	--cpu) cpuflags=$cpuflags,$2; shift 2 ;;
	--cpu-model) model=$2; shift 2 ;;
	--threads) threads=$2; shift 2 ;;
	--icount) icount=1; shift ;;
	--device) devices=$devices,$2; shift 2 ;;
	--share) share=$(cd "$2" && pwd) || exit 2; shift 2 ;;
	--append) append="$append $2"; shift 2 ;;
	--params) params=$2; shift 2 ;;
	--module) module=$2; shift 2 ;;
	--no-module) load=0; shift ;;
	--no-memcheck) memcheck=0; shift ;;
	--expect-reset) reset=1; shift ;;
	--name) name=$2; shift 2 ;;
	--timeout) timeout=$2; shift 2 ;;
	--kvm) kvm=1; shift ;;
	--kaslr) kaslr=1; shift ;;
	--qemu) extra+=("$2"); shift 2 ;;
	--keep-going) keep_going=1; shift ;;
	--help|-h) usage; exit 0 ;;
	--) shift; break ;;
	*) usage >&2; exit 2 ;;
	esac
done

case $backend in
svm) ;;
vmx) die "the VT-x backend and its machine are not there yet; use svm" ;;
*) die "no such backend: $backend" ;;
esac
[ -n "$icount" ] && smp=1

# --- what has to exist -------------------------------------------------------

[ -n "${RIG_READY:-}" ] || "$top/tests/setup.sh" || exit 2
[ -e "$kernels/$kernel/ready" ] || die "no host kernel $kernel"
ko=${module:-$build/mod/$kernel/kmod/vamhost/vamhost.ko}
if [ "$load" = 1 ] && [ ! -e "$ko" ]; then
	[ -z "$module" ] || die "no file $module"
	make -s -C "$top" BUILD="$build" "mod-$kernel" tools >&2 ||
		die "vamhost.ko does not build"
fi

# --- this run's files --------------------------------------------------------

mkdir -p "$build/logs" "$build/run"
log=$build/logs/$name
run=$(mktemp -d "$build/run/host.XXXXXX") || exit 2
qemu_pid=
cleanup() {
	[ -z "$qemu_pid" ] || kill -9 "$qemu_pid" 2>/dev/null
	rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

interactive=0
[ $# -gt 0 ] || interactive=1

base=$("$top/tests/run/initrd.sh" base "$kernel") || exit 2
"$top/tests/run/initrd.sh" progs "$kernel" "$run/progs.cpio" "$ko" || exit 2
mkdir -p "$run/root/rig"
cat > "$run/root/rig/conf" <<END
module=$load
share=$([ -n "$share" ] && echo 1 || echo 0)
interactive=$interactive
memcheck=$memcheck
params=$params
END
# One argument is a line for the shell; several are a command with arguments.
if [ $# -eq 1 ]; then
	printf '%s\n' "$1" > "$run/root/rig/run"
else
	printf '%q ' "$@" > "$run/root/rig/run"
fi
(cd "$run/root" && find . -mindepth 1 | cpio -o -H newc -R 0:0 --quiet) \
	> "$run/run.cpio"
cat "$base" "$run/progs.cpio" "$run/run.cpio" > "$run/initrd"
rm -f "$run"/*.cpio

# --- the machine -------------------------------------------------------------

if [ -n "$kvm" ]; then
	grep -qs '^[1Y]' /sys/module/kvm_amd/parameters/nested ||
		die "--kvm: this machine's KVM does not offer nested SVM"
	[ -w /dev/kvm ] || die "--kvm: no access to /dev/kvm"
	accel=kvm cpu=host
elif [ -n "$icount" ]; then
	accel=tcg cpu=$model,-rdrand
else
	accel=tcg,thread=$threads cpu=$model
fi

# The uncompressed kernel boots three seconds faster, at its link address.
image=$kernels/$kernel/vmlinux
[ -z "$kaslr" ] || image=$kernels/$kernel/vmlinuz

args=(-machine q35,kernel-irqchip=split -accel "$accel"
	-cpu "$cpu$cpuflags" -m "$mem" -smp "$smp"
	-device intel-iommu,intremap=on
	-nodefaults -display none -no-reboot -nic none
	-kernel "$image" -initrd "$run/initrd"
	-serial "file:$log.console" -serial chardev:tap
	-chardev "file,id=token,path=$run/token"
	-device isa-debugcon,iobase=0x5f4,chardev=token)
cmdline="console=ttyS0 panic=-1 intel_iommu=on reboot=t loglevel=5"
cmdline+=" log_buf_len=4M cryptomgr.notests random.trust_cpu=on"
# On a busy machine the ten ticks that the kernel waits for may come too late.
cmdline+=" no_timer_check"
cmdline+=" rcupdate.rcu_cpu_stall_timeout=15 audit=0"
if [ -n "$icount" ]; then
	args+=(-icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm -seed 1)
	cmdline+=" nokaslr"
else
	cmdline+=" tsc=reliable"
fi
if [ -n "$share" ]; then
	args+=(-fsdev "local,id=share,path=$share,security_model=none"
		-device virtio-9p-pci,fsdev=share,mount_tag=share)
fi
for d in ${devices//,/ }; do
	case $d in
	e1000|e1000e) args+=(-netdev "hubport,hubid=0,id=n$d"
		-device "$d,netdev=n$d,addr=04.0") ;;
	hub) args+=(-netdev hubport,hubid=0,id=nhub
		-device e1000,netdev=nhub,addr=06.0) ;;
	nvme) truncate -s 64M "$run/disk.img"
		args+=(-drive "if=none,id=d0,file=$run/disk.img,format=raw"
			-device nvme,serial=abc,drive=d0,addr=05.0) ;;
	edu) args+=(-device edu,addr=07.0) ;;
	*) die "no such device: $d" ;;
	esac
done
args+=(-append "$cmdline$append" ${extra[@]+"${extra[@]}"})

# After the time-out: where are the CPUs? Ten looks, then the end.
watch_time() {
	local sleeper i
	[ "$timeout" != 0 ] || return
	sleep "$timeout" &
	sleeper=$!
	trap 'kill $sleeper; exit' TERM
	wait $sleeper
	trap - TERM
	touch "$run/late"
	for i in 0 1 2 3 4 5 6 7 8 9; do
		timeout 1 sh -c 'echo info registers -a > "$1"' - "$run/mon.in"
		sleep 0.1
	done
	timeout 1 cat "$run/mon.out" > "$log.cpus"
	kill -9 "$qemu_pid"
}

# The functions that the CPUs were seen in, most often first.
where_stuck() {
	local symbols=$kernels/$kernel/kallsyms
	[ -z "$kaslr" ] || return 0
	[ -s "$symbols" ] || RIG_READY=1 "$0" --no-module --kernel "$kernel" \
		--name kallsyms -- cat /proc/kallsyms > "$symbols" 2>/dev/null
	sed -n 's/.*RIP=\([0-9a-f]*\).*/\1 ?/p' "$log.cpus" | sort - \
		<(awk 'NF > 2 { print $1, $3 }' "$symbols" | tr -d '\r') |
	awk '$2 == "?" { print last; next } { last = $2 }' |
	sort | uniq -c | sort -rn | head -n 6 |
	awk '{ printf "%s%s (%d)", sep, $2, $1; sep = ", " }'
}

rm -f "$log".{console,out,qemu,cpus}
: > "$run/token"
: > "$log.console"
start=$SECONDS
if [ "$interactive" = 1 ]; then
	# The terminal itself, so that line editing and ^C reach the shell.
	qemu-system-x86_64 -chardev stdio,id=tap,signal=off "${args[@]}" \
		2> "$log.qemu"
	status=$?
	stty sane 2>/dev/null
	: > "$log.out"
else
	# Through a file: nothing can be lost to a full pipe.
	: > "$log.out"
	mkfifo "$run/mon.in" "$run/mon.out"
	qemu-system-x86_64 -chardev "file,id=tap,path=$log.out" \
		-chardev "pipe,id=mon,path=$run/mon" -mon chardev=mon \
		"${args[@]}" < /dev/null 2> "$log.qemu" &
	qemu_pid=$!
	watch_time &
	watch_pid=$!
	tail -n +1 -s 0.2 -f --pid=$qemu_pid "$log.out" 2>/dev/null
	wait "$qemu_pid" 2>/dev/null
	status=$?
	qemu_pid=
	kill "$watch_pid" 2>/dev/null
	wait "$watch_pid" 2>/dev/null
fi

# --- the verdict -------------------------------------------------------------

verdict=
fail() { verdict="${verdict:+$verdict; }$1"; }
if [ -e "$run/late" ]; then
	stuck=$(where_stuck)
	fail "time-out after $timeout s, CPUs in $stuck"
	# A bug of QEMU 7.2: see "Threads" in tests/README.md.
	case $stuck in
	*exc_int3*|*int3_handler*) fail "$STALE_BREAKPOINT" ;;
	esac
elif [ "$status" != 0 ]; then
	fail "QEMU exited with $status: $(tail -n 1 "$log.qemu")"
fi
word=done
[ -z "$reset" ] || word=reset
token=$(sed -n "s/^vam-rig-$word exit=\([0-9]*\) leaks=\([0-9]*\)$/\1 \2/p" \
	"$run/token")
code=${token% *}
if [ -z "$token" ]; then
	fail "no token after $((SECONDS - start)) s: panic, hang or reset"
elif [ "$(wc -l < "$run/token")" != 1 ]; then
	fail "more than one token"
elif [ "${token#* }" != 0 ]; then
	fail "${token#* } leaks: $(grep -m1 -o 'rig: LEAK: .*' "$log.console")"
fi
found=$("$top/tests/run/scanlog.sh" "$log.console") ||
	fail "kernel log: $(printf '%s\n' "$found" | head -n 1)"

[ -n "$verdict" ] || exit "$code"
{
	echo "rig: FAILED: $verdict"
	echo "rig: --- end of $log.out"
	tail -n 15 "$log.out"
	echo "rig: --- end of $log.console"
	grep -v '^rig: kernel log' "$log.console" | tail -n 40
} >&2
[ -z "$keep_going" ] || [ -z "$token" ] || exit "$code"
exit $RIG_FAILED

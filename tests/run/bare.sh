#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/run/bare.sh - run a payload directly on the emulated machine
#
# Usage: bare.sh PAYLOAD CPUS MEMORY CPU CMDLINE TIMEOUT
#        (CPU and CMDLINE: - for the default; CMDLINE: commas for spaces)
# Prints the report; the exit code is QEMU's, 124 on time-out. This is what a
# report under vamhost is compared with. The answer is kept under build/bare,
# named for everything that it depends on.

set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$top/build}

payload=$1 smp=$2 mem=$3 cpu=$4 cmdline=$5 timeout=$6
[ "$cpu" != - ] || cpu=EPYC,+svm
[ -s "$payload" ] || { echo "bare.sh: no payload $payload" >&2; exit 2; }
if [ "$cmdline" = - ]; then cmdline=; else cmdline=${cmdline//,/ }; fi

args=(-machine q35 -accel tcg -cpu "$cpu" -m "$mem" -smp "$smp"
	-nodefaults -display none -monitor none -no-reboot -nic none
	-device isa-debug-exit,iobase=0xf4,iosize=4)
key=$({
	qemu-system-x86_64 --version
	echo "${args[@]}" "$cmdline"
	cat "$payload"
} | sha256sum | cut -c1-32) || exit 2

mkdir -p "$build/bare"
saved=$build/bare/$(basename "$payload" .elf)-$key
if [ ! -e "$saved.rc" ]; then
	# Twice, because what this asks is not whether the machine is busy.
	for try in 1 2; do
		timeout -k 2 "$timeout" qemu-system-x86_64 "${args[@]}" \
			-serial "file:$saved.$$" -kernel "$payload" \
			-append "$cmdline" < /dev/null > "$saved.err" 2>&1
		rc=$?
		[ -s "$saved.$$" ] && [ $rc != 124 ] && break
	done
	mv "$saved.$$" "$saved.report" || exit 2
	# QEMU's own failures also exit with 1, but say nothing. A time-out may
	# be the fault of a busy machine. Neither is kept.
	if [ ! -s "$saved.report" ]; then
		cat "$saved.err" >&2
		exit 2
	fi
	[ $rc = 124 ] || [ $rc = 137 ] || echo $rc > "$saved.rc"
	cat "$saved.report"
	exit $rc
fi
cat "$saved.report"
exit "$(cat "$saved.rc")"

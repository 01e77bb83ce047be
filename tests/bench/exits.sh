#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/bench/exits.sh - exits and page-table events: ours beside KVM's
#
# One payload (tests/guests/bench_exits.c) runs three times: on the machine
# itself (native), and in one boot of the emulated host under vamhost (ours)
# and under KVM with npt=0 (peer). With -icount the counter that it reads
# counts instructions, so the figures repeat exactly. Writes the rows of
# exits.rows as JSON lines to the file named by the first argument.
#
# KERNEL=6.1 APPEND=mitigations=off LABEL=... make further rows, whose names
# have " [LABEL]" behind them.

set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$top/build}
out=$1
kernel=${KERNEL:-6.1} append=${APPEND:-} label=${LABEL:-}
image=$build/guests/bench_exits.elf
dir=$build/bench/exits${label:+-$label}

rm -rf "$dir"
mkdir -p "$dir/share"
gcc -std=gnu11 -O2 -Wall -Wextra -static -o "$dir/share/kvmrun" \
	"$top/tests/bench/kvmrun.c" || exit 2
cp "$image" "$dir/share/" || exit 2

timeout -k 2 120 qemu-system-x86_64 -machine q35 -accel tcg \
	-cpu EPYC,+svm,-rdrand -m 64 -icount shift=0,sleep=off \
	-rtc base=2026-01-01,clock=vm -seed 1 -nodefaults -display none \
	-monitor none -no-reboot -nic none -serial "file:$dir/native" \
	-device isa-debug-exit,iobase=0xf4,iosize=4 -kernel "$image" \
	< /dev/null > "$dir/native.err" 2>&1

"$top/tests/run/host.sh" --icount --kernel "$kernel" --append "$append" \
	--share "$dir/share" --name "bench-exits${label:+-$label}" \
	--timeout 300 -- '
	cp /share/* /tmp
	echo "@ours"
	ddctl exec /tmp/bench_exits.elf --timeout 100
	rc=$?
	[ $rc = 1 ] || echo "ddctl: $rc, not 1"
	rmmod vamhost
	echo "@peer"
	modprobe kvm_amd npt=0 && /tmp/kvmrun /tmp/bench_exits.elf
	rc=$?
	[ $rc = 1 ] || echo "kvmrun: $rc, not 1"
	echo "@end"
	rmmod kvm_amd kvm
	true' > "$dir/host" || exit 1

# A run that did not come to its end counts for nothing.
awk -v dir="$dir" '
	{ sub(/\r$/, "") }
	/^@/ { part = substr($0, 2); next }
	part { text[part] = text[part] $0 "\n"; last[part] = $0 }
	END {
		for (p in text)
			if (last[p] == "done")
				printf "%s", text[p] > (dir "/" p)
			else
				printf "bench: %s did not end well:\n%s", p,
					text[p] > "/dev/stderr"
	}' "$dir/host"
touch "$dir/native" "$dir/ours" "$dir/peer"

awk -F'|' -v label="$label" -v off="${append##*mitigations=}" '
	function json(v) { return v == "" || v == "-" ? "null" : v }
	function quote(s) { gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }
	FILENAME != rowfile {
		split($0, w, " ")
		if (w[1] == "row" && w[3] == "iters")
			got[FILENAME, w[2]] = sprintf("%.1f", w[6] / w[4])
		next
	}
	/^#/ || !NF { next }
	{
		ours = got[dir "/ours", $1]
		if (ours == "")
			next
		target = off == "off" ? $4 : $3
		note = $5 ($6 == "" ? "" : "; " $6)
		printf "{\"row\": %s, \"unit\": %s, \"better\": \"lower\", " \
			"\"native\": %s, \"ours\": %s, \"peer\": %s, " \
			"\"target\": %s, \"note\": %s}\n",
			quote($1 (label == "" ? "" : " [" label "]")),
			quote($2), json(got[dir "/native", $1]), json(ours),
			json(got[dir "/peer", $1]), json(target), quote(note)
	}' dir="$dir" rowfile="$top/tests/bench/exits.rows" \
	"$dir/native" "$dir/ours" "$dir/peer" "$top/tests/bench/exits.rows" \
	>> "$out"

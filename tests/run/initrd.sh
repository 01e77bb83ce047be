#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/run/initrd.sh - build the two reusable parts of the initramfs
#
# Usage: initrd.sh base VERSION       prints the path of the base archive
#        initrd.sh progs VERSION OUT [MODULE]   writes the programs' archive
#
# base   init, busybox and those modules of host kernel VERSION that runs may
#        ask for; rebuilt when one of its sources is newer.
# progs  vamhost.ko, ddctl, the test programs and the guest payloads, as they
#        are in build/ at this moment.
#
# An initramfs may consist of several archives one after the other: host.sh
# joins base, progs and a small one with the command of the run.

set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$top/build}
kernels=${KERNELS:-$top/build/kernels}

# 9p and virtio for --share; kvm_amd for the benchmark's peer; the rest for
# tests that ask the machine about itself.
modules="virtio_pci 9p 9pnet_virtio kvm kvm_amd msr cpuid"

archive() {	# DIRECTORY, to stdout
	(cd "$1" && find . -mindepth 1 | sort | cpio -o -H newc -R 0:0 --quiet)
}

# The files of the modules $modules and of all they depend on.
module_files() {	# MODULES-DIRECTORY
	local m
	for m in $modules; do
		awk -v want="$m" '
		{
			name = $1; sub(/:$/, "", name); sub(/.*\//, "", name)
			sub(/\.ko.*/, "", name); gsub(/-/, "_", name)
			if (name == want) {
				sub(/:/, "", $1)
				for (i = 1; i <= NF; i++) print $i
			}
		}' "$1/modules.dep"
	done | sort -u
}

build_base() {	# VERSION
	local k=$kernels/$1 out=$build/run/base-$1.cpio rel dir f
	local init=$build/run/init
	mkdir -p "$build/run"
	exec 9> "$build/run/.base.lock"
	flock 9
	if [ ! "$init" -nt "$top/tests/run/init.c" ]; then
		gcc -O2 -Wall -Wextra -static -o "$init.$$" \
			"$top/tests/run/init.c"
		strip "$init.$$"
		mv "$init.$$" "$init"
	fi
	if [ ! "$out" -nt "$init" ] || [ ! "$out" -nt "$k/ready" ] ||
		[ ! "$out" -nt "$0" ]; then
		rel=$(cat "$k/release")
		dir=$(mktemp -d "$build/run/base.XXXXXX")
		mkdir -p "$dir"/{bin,sbin,etc,root,rig,lib/modules/"$rel"}
		cp "$init" "$dir/init"
		ln -s ../init "$dir/bin/rigtoken"
		cp "$(command -v busybox)" "$dir/bin/busybox"
		for f in $("$dir/bin/busybox" --list); do
			[ "$f" = busybox ] || ln -s busybox "$dir/bin/$f"
		done
		ln -s ../bin/busybox "$dir/sbin/modprobe"
		for f in $(module_files "$k/modules"); do
			install -D -m 644 "$k/modules/$f" \
				"$dir/lib/modules/$rel/$f"
		done
		find "$dir/lib/modules" -name '*.ko.xz' -exec unxz {} +
		cp "$k"/modules/modules.{builtin,order} "$dir/lib/modules/$rel"
		depmod -b "$dir" "$rel" 2>/dev/null
		rm -f "$dir/lib/modules/$rel"/*.bin
		printf 'root:x:0:0:root:/:/bin/sh\n' > "$dir/etc/passwd"
		archive "$dir" > "$out.new"
		mv "$out.new" "$out"
		rm -rf "$dir"
	fi
	exec 9>&-
	echo "$out"
}

copy_stripped() {	# FROM TO
	strip -o "$2" "$1" 2>/dev/null || cp "$1" "$2"
}

build_progs() {	# VERSION OUT [MODULE]
	local dir ko=${3:-$build/mod/$1/kmod/vamhost/vamhost.ko} f
	dir=$(mktemp -d "$build/run/progs.XXXXXX")
	mkdir -p "$dir"/{bin,rig,tests,fail,guests}
	if [ -e "$ko" ]; then
		strip --strip-debug -o "$dir/rig/vamhost.ko" "$ko"
	fi
	if [ -e "$build/ddctl" ]; then
		copy_stripped "$build/ddctl" "$dir/bin/ddctl"
	fi
	for f in "$build"/vm/*; do
		[ -f "$f" ] && [ -x "$f" ] &&
			copy_stripped "$f" "$dir/tests/${f##*/}"
	done
	for f in "$build"/fail/*; do
		[ -f "$f" ] && [ -x "$f" ] &&
			copy_stripped "$f" "$dir/fail/${f##*/}"
	done
	for f in "$build"/guests/*.elf; do
		[ -f "$f" ] && cp "$f" "$dir/guests/"
	done
	for f in "$top"/tests/vm/*.sh "$top"/tests/run/{guestrun,tapall}; do
		[ -f "$f" ] && install -m 755 "$f" "$dir/tests/"
	done
	archive "$dir" > "$2"
	rm -rf "$dir"
}

case ${1:-} in
base) build_base "$2" ;;
progs) mkdir -p "$build/run"; build_progs "$2" "$3" "${4:-}" ;;
*) echo "usage: initrd.sh base VERSION | progs VERSION OUT [MODULE]" >&2
	exit 2 ;;
esac

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# tests/setup.sh - get what the build and the rig need, once
#
# Usage: tests/setup.sh [packages] [kernels]      (default: both)
#
# packages  Debian packages, by name. As root they are installed; as another
#           user the one command to run is printed and the script stops.
# kernels   The host kernels under test, with their headers: downloaded as
#           packages and unpacked under build/kernels/VERSION, never
#           installed. Each gets the stable names vmlinuz, modules and kdir.
#
# Running it again costs a fraction of a second. A kernel that is already
# there is kept: `tests/setup.sh --update` asks the archive for a newer one.
# Without a network what has been downloaded before is enough.
#
# Not here: building the initramfs is tests/run/initrd.sh.

set -eu
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C

top=$(cd "$(dirname "$0")/.." && pwd)
kernels=${KERNELS:-$top/build/kernels}

# One line per use, so that a name can be defended.
packages="
 make gcc gcc-12 libc6-dev
 libelf1 libelf-dev
 kmod
 libjansson-dev
 qemu-system-x86
 busybox-static cpio zstd xz-utils
 clang clang-format libclang-rt-dev
 libzydis-dev
 sparse perl jq
"
# make gcc libc6-dev: everything; gcc-12: the compiler of both host kernels
# libelf1, libelf-dev: objtool of the unpacked kernel headers
# kmod: depmod and modinfo; libjansson-dev: JSON output of ddctl
# qemu-system-x86: the emulated machine; busybox-static ...: its initramfs
# clang, libclang-rt-dev: sanitizers and libFuzzer for tests/host
# libzydis-dev: a second decoder, that tests/host compares ours with
# clang-format, sparse, perl (kernel-doc): make lint; jq: make bench

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }

missing_packages() {
	for p in $packages; do
		s=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) ||
			s=none
		[ "$s" = installed ] || echo "$p"
	done
}

setup_packages() {
	list=$(missing_packages | tr '\n' ' ')
	[ -n "$list" ] || return 0
	cmd="apt-get install -y --no-install-recommends $list"
	if [ "$(id -u)" != 0 ]; then
		say "packages are missing; run this and try again:"
		echo "    sudo $cmd"
		exit 1
	fi
	say "installing: $list"
	# A fresh installation may have no package lists, or stale ones.
	DEBIAN_FRONTEND=noninteractive $cmd ||
		{ apt-get update &&
			DEBIAN_FRONTEND=noninteractive $cmd; } ||
		die "could not install the packages above"
}

# apt in a root of its own, with the machine's sources plus, if asked for,
# backports on the same mirror. The machine's lists are not touched.
private_apt() {	# [backports]
	apt=$kernels/apt
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/etc"
	aptopt="-o Dir::State::lists=$apt/lists -o Dir::Cache=$apt/cache
		-o Dir::Etc::sourcelist=$apt/etc/sources.list
		-o APT::Sandbox::User=root"
	cat /etc/apt/sources.list > "$apt/etc/sources.list" 2>/dev/null || :
	if [ "${1:-}" = backports ]; then
		uri=$(apt-get $aptopt indextargets \
			--format '$(REPO_URI) $(CODENAME)' |
			awk '$2 == "bookworm" { print $1; exit }')
		[ -n "$uri" ] || return 1
		echo "deb $uri bookworm-backports main" \
			>> "$apt/etc/sources.list"
		aptopt="$aptopt -o APT::Default-Release=bookworm-backports"
	fi
	apt-get -q $aptopt update >&2 || say "some sources did not answer"
}

# First package that PACKAGE depends on and whose name matches PATTERN.
depends() {	# PACKAGE PATTERN
	apt-cache $aptopt depends --no-recommends --no-suggests "$1" \
		2>/dev/null | sed -n 's/^ *|\{0,1\}Depends: //p' |
		grep -m1 -E "^$2\$" || :
}

# The packages of host kernel $1, resolved through its meta-packages, so that
# a newer point release in the archive is taken as it comes.
resolve() {	# VERSION
	if [ "$1" = 6.1 ]; then m=amd64; else m=$1-amd64; fi
	for m in $m amd64; do # backports know 6.12 as the latest kernel
		image=$(depends "linux-image-$m" "linux-image-$1\\..*-amd64")
		headers=$(depends "linux-headers-$m" \
			"linux-headers-$1\\..*-amd64")
		[ -z "$image" ] || break
	done
	[ -n "$image" ] && [ -n "$headers" ] || return 1
	common=$(depends "$headers" 'linux-headers-.*-common')
	kbuild=$(depends "$headers" 'linux-kbuild-.*')
	[ -n "$common" ] && [ -n "$kbuild" ]
}

fetch() {	# VERSION
	say "downloading host kernel $1 (about 100 MB, never installed)"
	dl=$kernels/$1/dl
	mkdir -p "$dl"
	aptopt=
	resolve "$1" && fetch_here "$dl" && return
	say "asking the archive for its present state"
	private_apt && resolve "$1" && fetch_here "$dl" && return
	say "trying backports"
	private_apt backports && resolve "$1" && fetch_here "$dl"
}

fetch_here() {	# DIRECTORY
	(cd "$1" && rm -f ./*.deb &&
		apt-get -q $aptopt -o APT::Sandbox::User=root download \
		"$image" "$headers" "$common" "$kbuild" >&2)
}

# Headers packages name each other by absolute path: make that relative to
# where they are now.
unpack() {	# VERSION
	k=$kernels/$1
	rm -rf "$k/root" "$k/ready" "$k/kallsyms"
	mkdir -p "$k/root"
	for f in "$k"/dl/*.deb; do
		dpkg -x "$f" "$k/root" || return 1
	done
	hdr=$(cd "$k/root/usr/src" && ls -d linux-headers-*-amd64)
	rel=${hdr#linux-headers-}
	common=$(cd "$k/root/usr/src" && ls -d linux-headers-*-common)
	# Relative to the file itself: the tree may be moved afterwards.
	cat > "$k/root/usr/src/$hdr/Makefile" <<END
include \$(dir \$(lastword \$(MAKEFILE_LIST)))../$common/Makefile
END
	for l in build source; do
		rm -f "$k/root/lib/modules/$rel/$l"
	done
	depmod -b "$k/root" "$rel" || return 1
	extract_vmlinux "$k/root/boot/vmlinuz-$rel" "$k/vmlinux" || return 1
	ln -sfn "root/usr/src/$hdr" "$k/kdir"
	ln -sfn "root/usr/src/$common" "$k/common"
	ln -sfn "root/boot/vmlinuz-$rel" "$k/vmlinuz"
	ln -sfn "root/lib/modules/$rel" "$k/modules"
	echo "$rel" > "$k/release"
	touch "$k/ready"
}

# The uncompressed kernel out of the packaged one: unpacking it in software
# emulation costs three seconds of every boot.
extract_vmlinux() {	# VMLINUZ OUT
	for try in 'fd377a585a:xz -dc --single-stream' '28b52ffd:zstd -dc'; do
		magic=$(echo "${try%%:*}" | sed 's/../\\x&/g')
		for at in $(grep -aboP "$magic" "$1" | cut -d: -f1); do
			tail -c "+$((at + 1))" "$1" | ${try#*:} > "$2" \
				2>/dev/null || : # what follows is no archive
			head -c 4 "$2" | grep -q ELF && return
		done
	done
	return 1
}

setup_kernel() {	# VERSION
	k=$kernels/$1
	[ -e "$k/ready" ] && [ -z "$update" ] && return
	if [ -n "$update" ] || ! ls "$k"/dl/*.deb >/dev/null 2>&1; then
		fetch "$1" || { ls "$k"/dl/*.deb >/dev/null 2>&1 &&
			say "cannot download; using what is here"; } ||
			die "cannot download host kernel $1"
	fi
	unpack "$1" || die "cannot unpack host kernel $1; remove $k and retry"
	say "host kernel $1 is $(cat "$k/release")"
}

update=
[ "${1:-}" = --update ] && { update=1; shift; }
[ $# -gt 0 ] || set -- packages kernels
for what; do
	case $what in
	packages) setup_packages ;;
	kernels)
		[ -z "$update" ] && [ -e "$kernels/6.1/ready" ] &&
			[ -e "$kernels/6.12/ready" ] && continue
		mkdir -p "$kernels"
		exec 9> "$kernels/.lock"
		flock 9
		for v in 6.1 6.12; do setup_kernel $v; done
		exec 9>&- ;;
	*) die "usage: tests/setup.sh [--update] [packages] [kernels]" ;;
	esac
done

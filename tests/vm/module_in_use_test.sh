#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# module_in_use_test.sh - the module cannot be unloaded while there are VMs,
# and can as soon as the last one is gone
#
# Runs in the emulated host, with the module loaded. TAP on stdout.

n=0
check() {	# TEXT COMMAND...
	n=$((n + 1))
	text=$1
	shift
	if "$@"; then echo "ok $n - $text"; else echo "not ok $n - $text"; fi
}

# A VM without anyone who holds it open: its guest spins and is timed out, the
# VM is kept.
make_vm() {
	ddctl exec --keep --name kept --timeout 0.3 "$1" > /dev/null 2>&1
	[ $? = 124 ]
}
refused() { ! rmmod vamhost 2> /dev/null; }
is_dead() { ddctl status kept | grep -q '^state: *dead'; }
no_vms() { [ -z "$(ddctl list)" ]; }

# A Multiboot image by hand: header with addresses, then cli; jmp .
image=/tmp/spin.img
{
	printf '\002\260\255\033'			# magic
	printf '\000\000\001\000'			# flags: addresses
	printf '\376\117\121\344'			# checksum
	printf '\000\000\020\000\000\000\020\000'	# header, load at 1 MiB
	printf '\000\000\000\000\000\000\000\000'	# to the end, no BSS
	printf '\040\000\020\000'			# entry
	printf '\372\353\376'
} > $image

check 'a VM is made and kept' make_vm $image
check 'it is dead' is_dead
check 'the module is in use' refused
check 'the VM is removed' ddctl rm kept
check 'there is no VM' no_vms
check 'the module unloads' rmmod vamhost
check 'the module loads' insmod /rig/vamhost.ko
echo "1..$n"

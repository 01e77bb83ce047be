#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# module_load_test.sh - the module can be loaded and unloaded at any time
#
# Runs in the emulated host, with the module loaded. TAP on stdout.

ko=/rig/vamhost.ko
n=0
check() {	# TEXT COMMAND...
	n=$((n + 1))
	text=$1
	shift
	if "$@"; then echo "ok $n - $text"; else echo "not ok $n - $text"; fi
}

loaded() { grep -q '^vamhost ' /proc/modules; }
absent() { ! loaded; }

cycle() {	# TIMES
	i=0
	while [ $i -lt "$1" ]; do
		insmod $ko && rmmod vamhost || return 1
		i=$((i + 1))
	done
}

# The node appears a moment after the module: devtmpfs has its own thread.
has_node() { [ -c /dev/vamhost ]; }
no_node() { [ ! -e /dev/vamhost ]; }

only_root() { [ "$(stat -c %a:%u /dev/vamhost)" = 600:0 ]; }

while_open() {
	exec 3<>/dev/vamhost || return 1
	rmmod vamhost 2>/dev/null
	rc=$?
	exec 3>&-
	[ $rc != 0 ]
}

offline_and_on() {
	echo 0 > /sys/devices/system/cpu/cpu1/online || return 1
	rmmod vamhost && insmod $ko || return 1
	echo 1 > /sys/devices/system/cpu/cpu1/online || return 1
	echo 0 > /sys/devices/system/cpu/cpu1/online || return 1
	echo 1 > /sys/devices/system/cpu/cpu1/online
}

check 'the module is loaded' loaded
check 'its device node is there' has_node
check 'only root may open it' only_root
check 'an open device keeps it loaded' while_open
check 'it is still loaded' loaded
check 'CPUs come and go while it is loaded' offline_and_on
check 'it unloads' rmmod vamhost
check 'it is gone' absent
check 'the device node is gone' no_node
check 'it loads and unloads 200 times' cycle 200
check 'it loads once more' insmod $ko
echo "1..$n"

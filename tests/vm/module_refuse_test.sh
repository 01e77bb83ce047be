#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# module_refuse_test.sh - where it cannot work, the module says why
#
# Runs in an emulated host that cannot carry the module; REASON is part of
# the sentence expected in the kernel log. TAP on stdout.

dmesg -c > /dev/null
insmod /rig/vamhost.ko 2> /tmp/refused
if [ $? != 0 ]; then
	echo "ok 1 - insmod fails"
else
	echo "not ok 1 - insmod fails"
fi
# insmod may try twice, by two system calls: the same sentence twice is fine.
said=$(dmesg | sed -n 's/^.*\] vamhost: //p' | grep -v 'module verification\|taints' | sort -u)
if echo "$said" | grep -q "$REASON" && [ "$(echo "$said" | wc -l)" = 1 ]; then
	echo "ok 2 - one sentence says why"
else
	echo "not ok 2 - one sentence says why"
	dmesg | sed 's/^/# /'
fi
if grep -q '^vamhost ' /proc/modules; then
	echo "not ok 3 - nothing stays"
else
	echo "ok 3 - nothing stays"
fi
echo 1..3

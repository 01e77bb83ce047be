#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# vendor.sh - fail if common code uses a vendor's virtualization extension
#
# Allowed besides hw/svm and hw/vmx: hw/backends.*, the list of backends; names
# of instructions that the decoder knows; and text for people.

find kmod/vamhost -name '*.[chS]' |
	grep -vE '/hw/(svm|vmx)/|/hw/backends\.[ch]$' | sort |
	while IFS= read -r f; do
		sed -E 's/"[^"]*"//g; s,/\*.*\*/,,g; s/VAM_INSN_[A-Z]+//g' "$f" |
			grep -niE '(^|[^a-z])(svm|vmcb|vmx|vmcs|vmrun|vmload|vmsave|vmlaunch)([^a-z]|$)' |
			grep -vE '^[0-9]+:[ 	]*(/?\*|//)' | sed "s,^,$f:,"
	done | grep . && exit 1
exit 0

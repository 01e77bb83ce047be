#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# vendor.sh - fail if common code names a vendor's virtualization extension
#
# Allowed besides hw/svm and hw/vmx: hw/backends.*, the list of backends; the
# decoder (lib/insn*), which must tell any two instructions apart and so calls
# them by their names; and comments.

find kmod/vamhost -name '*.[chS]' |
	grep -vE '/hw/(svm|vmx)/|/hw/backends\.[ch]$|/lib/insn[a-z_]*\.[ch]$' |
	sort | while IFS= read -r f; do
		sed -E 's,/\*.*\*/,,g' "$f" |
			grep -niE '(^|[^a-z])(svm|vmcb|vmx|vmcs|vmrun|vmload|vmsave|vmlaunch)([^a-z]|$)' |
			grep -vE '^[0-9]+:[ 	]*(/?\*|//)' | sed "s,^,$f:,"
	done | grep . && exit 1
exit 0

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# vendor.sh - fail if common code names a vendor's virtualization extension
#
# Allowed besides hw/svm and hw/vmx: hw/backends.c, which is the list of
# backends, the build file, and the decoder, which knows instructions by name.

! grep -rniE '(^|[^a-z])(svm|vmcb|vmx|vmcs|vmrun|vmload|vmsave|vmlaunch)([^a-z]|$)' \
	kmod/vamhost --include='*.[chS]' |
	grep -vE '^kmod/vamhost/(hw/(svm|vmx)/|hw/backends\.c:|lib/insn[a-z_]*\.[ch]:)'

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# compat.sh - fail if anything outside kmod/compat asks for a kernel version

! grep -rnE 'KERNEL_VERSION|LINUX_VERSION_CODE|kallsyms_lookup' kmod \
	--include='*.[chS]' --include='Kbuild' | grep -v '^kmod/compat/'

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sparse.sh - fail if sparse has anything to say about the module
#
# What it says about the kernel's own headers is the kernel's business. Lock
# contexts are not checked: a function that returns with the lock held only if
# it succeeds cannot be described to it.

out=$BUILD/logs/sparse.out
make --no-print-directory BUILD="$BUILD" KBUILD_ARGS='C=2 CF="-Wno-unknown-attribute -Wno-context"' \
	mod-6.1 > "$out" 2>&1 || { tail -n 20 "$out"; exit 1; }
grep -E '^[^ ]*/(kmod|include/uapi)/[^ ]*: (warning|error):' "$out" | sort -u |
	grep . && exit 1
exit 0

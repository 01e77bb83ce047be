#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# docs.sh - fail if a function that others may call is not described
#
# Every prototype in a header of the module stands below a comment (several
# that are one thought may share it) or has one beside it; kernel-doc must be
# happy with those that are its own. The fields of a struct have their comments
# beside them, which kernel-doc does not read.

rc=0
find kmod/vamhost -name '*.h' | sort | xargs awk '
FNR == 1 { told = 0 }
/\*\/[ \t]*$/ { told = 1 }
/^$/ { told = 0 }
/^[a-z].*[ *]vam_[a-z0-9_]+\(/ && !/^(static|typedef|return|extern)/ {
	if (!told) {
		print FILENAME ":" FNR ": not described: " $0
		rc = 1
	}
}
END { exit rc }' || rc=1

names=$(grep -rhoE '^[a-z][a-z0-9_ *]*[ *]vam_[a-z0-9_]+\(' kmod/vamhost \
	--include='*.h' | grep -oE 'vam_[a-z0-9_]+\($' | tr -d '(' | sort -u |
	tr '\n' ' ')
tool=$KERNELS/6.1/kdir/scripts/kernel-doc
find kmod include -name '*.[ch]' | sort | while IFS= read -r f; do
	# Files without such comments are none of its business.
	grep -q '^/\*\*' "$f" && perl "$tool" -none -Werror "$f" 2>&1
done | grep -E 'warning|error' | grep -v 'warnings as Errors' |
awk -v names="$names" -F"'" '
BEGIN { n = split(names, list, " "); for (i = 1; i <= n; i++) f[list[i]] }
/not described in/ && !($4 in f) { next }
{ print; rc = 1 }
END { exit rc }' || rc=1
exit $rc

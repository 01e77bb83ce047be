#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# docs.sh - fail if a function that others may call is not described
#
# Every prototype in a header of the module needs a kernel-doc comment
# somewhere in the module, and kernel-doc must be happy with all of them.

rc=0
names=$(grep -rhoE '^[a-z][a-z0-9_ *]*[ *]vam_[a-z0-9_]+\(' kmod/vamhost \
	--include='*.h' | grep -vE '^(static|typedef|return)' |
	grep -oE 'vam_[a-z0-9_]+' | sort -u)
described=$(grep -rhoE '^ \* vam_[a-z0-9_]+(\(\))? - ' kmod/vamhost |
	grep -oE 'vam_[a-z0-9_]+' | sort -u)
missing=$(comm -23 <(echo "$names") <(echo "$described"))
if [ -n "$missing" ]; then
	printf '%s: no kernel-doc\n' $missing
	rc=1
fi

tool=$KERNELS/6.1/kdir/scripts/kernel-doc
find kmod include -name '*.[ch]' | sort | while IFS= read -r f; do
	# Files without such comments are none of its business.
	grep -q '^/\*\*' "$f" && perl "$tool" -none -Werror "$f" 2>&1
done | grep -E 'warning|error' && rc=1
exit $rc

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# symbols.sh - the kernel symbols that the module needs, for each kernel
#
# Prints them, with how they are exported; fails if one of them is not.
# A short list keeps the newest kernels possible.

rc=0
for k in 6.1 6.12; do
	make -s --no-print-directory BUILD="$BUILD" "mod-$k" > /dev/null || exit 1
	ko=$BUILD/mod/$k/kmod/vamhost/vamhost.ko
	echo "vamhost.ko for $k imports:"
	nm -u "$ko" | awk '{ print $2 }' | sort -u |
	awk -F'\t' -v symvers="$KERNELS/$k/kdir/Module.symvers" '
	BEGIN {
		while ((getline < symvers) > 0) {
			how[$2] = $4
			from[$2] = $3
		}
	}
	{
		if ($1 in how) {
			printf "  %-45s %s\n", $1, how[$1]
			if (from[$1] != "vmlinux") {
				print "  is from module " from[$1]
				rc = 1
			}
			n++
		} else {
			printf "  %-45s NOT EXPORTED\n", $1
			rc = 1
		}
	}
	END { print "  " n " symbols"; exit rc }' || rc=1
done
exit $rc

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/lint/lint.sh - all checks of the tree that need no emulated machine
#
# Usage: lint.sh [CHECK...]      (default: all of them). TAP on stdout.

set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
export BUILD=${BUILD:-$top/build} KERNELS=${KERNELS:-$top/build/kernels}
lint=tests/lint
mkdir -p "$BUILD/logs"

checks=(layers compat vendor words heads version docs uapi headers format
	shell sparse symbols)
declare -A what=(
	[layers]='no file includes a header of a higher layer'
	[compat]='only kmod/compat asks for a kernel version'
	[vendor]='vendor names stay in hw/svm and hw/vmx'
	[words]='no words of unfinished work, no BUG()'
	[heads]='every file says what it is and under which licence'
	[version]='module, tool and dkms.conf are of the same version'
	[docs]='every function that others may call is described'
	[uapi]='each UAPI header compiles alone, as C and as C++'
	[headers]='each header compiles alone, twice'
	[format]='formatted by the rules in .clang-format'
	[shell]='every shell script parses'
	[sparse]='sparse finds nothing in the module'
	[symbols]='the module needs exported symbols only'
)
[ $# = 0 ] || checks=("$@")

n=0
bad=0
for c in "${checks[@]}"; do
	n=$((n + 1))
	if "$lint/$c.sh" > "$BUILD/logs/lint-$c.log" 2>&1; then
		echo "ok $n - $c: ${what[$c]}"
	else
		bad=$((bad + 1))
		echo "not ok $n - $c: ${what[$c]}"
		head -n 25 "$BUILD/logs/lint-$c.log" | sed 's/^/# /'
		lines=$(wc -l < "$BUILD/logs/lint-$c.log")
		[ "$lines" -le 25 ] ||
			echo "# ... $lines lines, see $BUILD/logs/lint-$c.log"
	fi
done
echo "1..$n"
[ $bad = 0 ]

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# uapi.sh - fail if a UAPI header does not compile alone, as C and as C++
#
# Also that it uses only types of fixed width, whose size is the same for a
# 32-bit program.

rc=0
for h in include/uapi/vamhost/*.h; do
	unit="#include <vamhost/${h##*/}>"
	flags="-Iinclude/uapi -Wall -Wextra -Werror -fsyntax-only"
	printf '%s\n%s\n' "$unit" "$unit" |
		gcc -std=c11 -pedantic $flags -x c - || rc=1
	printf '%s\n%s\n' "$unit" "$unit" |
		clang -std=c++11 -pedantic $flags -x c++ - || rc=1
	if sed 's,/\*.*\*/,,; /^[ \/]\*/d' "$h" | grep -nE \
		'(^|[ 	(])(int|long|unsigned|short|bool|size_t|u?int[0-9]+_t)[ 	]+[a-z_]+(\[.*\])?;|:[ ]*[0-9]+;'
	then
		echo "$h: types above are not of fixed width"
		rc=1
	fi
done
exit $rc

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# layers.sh [DIR] - fail if a file includes a header from a higher layer
#
# DIR/LAYERS lists the folders, lowest first. Every quoted include must read
# "folder/name.h", so the include line itself names the layer. Files at the
# top of DIR, such as main.c, may include everything. Headers of hw/svm and
# hw/vmx are private to their folder.

cd "${1:-kmod/vamhost}" || exit 2
find . -name '*.[chS]' | sed 's,^\./,,' | grep / | sort | xargs awk '
BEGIN {
	while ((getline f < "LAYERS") > 0)
		if (f != "" && f !~ /^#/) level[f] = ++n
}
function top(p) { sub("/.*", "", p); return p }
function dir(p) { sub("/[^/]*$", "", p); return p }
function bad(why) { print FILENAME ":" FNR ": " why; rc = 1 }
FNR == 1 && !(top(FILENAME) in level) {
	bad("its folder is not in LAYERS")
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, q, "\""); inc = q[2]
	if (!(top(inc) in level) || inc !~ "/")
		bad("\"" inc "\" does not name its layer")
	else if (level[top(inc)] > level[top(FILENAME)])
		bad("\"" inc "\" is above this layer")
	else if (dir(inc) ~ "/" && dir(inc) != dir(FILENAME))
		bad("\"" inc "\" is private to " dir(inc))
}
/^extern/ && FILENAME ~ /\.c$/ && FILENAME != "hw/backends.c" {
	bad("extern in a .c file")
}
END { exit rc }'

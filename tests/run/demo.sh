#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/run/demo.sh - what "make demo" does: one guest, explained

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$top/build}
cat <<END
An emulated PC with SVM boots Debian's stock kernel $(cat "${KERNELS:-$top/build/kernels}/6.1/release"),
loads vamhost.ko, and runs a small guest under shadow page tables:

  # ddctl exec /guests/hello.elf

END
out=$("$top/tests/run/host.sh" --name demo --timeout 120 -- '
	ddctl exec /guests/hello.elf --name demo --timeout 60
	rc=$?
	echo "@exit $rc"
	lsmod | awk "/^vamhost/ { print \"@module\", \$1, \$2 }"
	exit 0' 2> "$build/logs/demo.rig")
rc=$?
echo "The guest's serial port said:"
echo
printf '%s\n' "$out" | grep -v '^@' | sed 's/^/    /'
echo
if [ $rc != 0 ]; then
	echo "But the run failed:"
	cat "$build/logs/demo.rig"
	exit 1
fi
code=$(printf '%s\n' "$out" | sed -n 's/^@exit //p')
echo "ddctl exec exited with ${code:-nothing}" \
	"(1 means: the guest wrote 0, for success, to its debug exit port)."
echo "The module was unloaded, nothing was left behind, the host's log is clean."
echo "Logs: $build/logs/demo.*"
[ "$code" = 1 ]

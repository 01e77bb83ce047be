#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/run/selftest.sh - the rig must notice what it is there to notice
#
# Runs deliberately broken stanzas, each in its own emulated host, and checks
# that each of them, and only each of them, is reported as failed.

set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 2
build=${BUILD:-$top/build}
mkdir -p "$build/run"
dir=$(mktemp -d "$build/run/selftest.XXXXXX") || exit 2
trap 'rm -rf "$dir"' EXIT

# name, what "make check" has to say about it, stanza
stanza() { printf '[selftest.%s]\nmodule = no\n%s\n\n' "$1" "$2"; }
{
	stanza fine 'command = echo 1..1; echo ok 1 - fine'
	stanza notok 'command = echo 1..2; echo ok 1 - a; echo not ok 2 - b'
	stanza exitcode 'command = echo 1..1; echo ok 1 - a; exit 3'
	stanza noplan 'command = echo ok 1 - a'
	stanza shortplan 'command = echo 1..2; echo ok 1 - a'
	stanza silence 'command = true'
	stanza warn 'command = echo 1..1; echo ok 1 - a; echo "WARNING: CPU: 0 PID: 1 at mm/x.c:1" > /dev/kmsg'
	stanza panic 'command = echo 1..1; echo ok 1 - a; sleep 1; echo c > /proc/sysrq-trigger'
	stanza reset 'command = echo 1..1; echo ok 1 - a; sleep 1; echo b > /proc/sysrq-trigger; sleep 5'
	stanza hang 'timeout = 8
command = sleep 1000'
	stanza leak 'command = echo 1..1; echo ok 1 - a; dd if=/dev/zero of=/dev/shm/x bs=1M count=1 2>/dev/null; mount -t ramfs r /root; modprobe kvm; echo 2000 > /proc/sys/vm/nr_hugepages'
} > "$dir/matrix.cfg"
BUILD=$build tests/run/check.sh --matrix "$dir/matrix.cfg" \
	> "$dir/out" 2> "$dir/err"
rc=$?

# Comparing stanzas get a build directory of their own, where ddctl is a script
# that knows the right report and three wrong ones.
mine=$dir/build
mkdir -p "$mine/guests" "$mine/run"
ln -s "$build"/run/{init,base-6.1.cpio} "$mine/run"
cp "$build/guests/hello.elf" "$mine/guests"
for c in same other code none; do
	echo "hello-$c 1 64 - case=$c diff"
done > "$mine/guests/payloads.list"
right=$(BUILD=$mine tests/run/bare.sh "$mine/guests/hello.elf" 1 64 - - 30)
cat > "$mine/ddctl" <<END
#!/bin/sh
report() { echo '$right'; }
case "\$*" in
*case=same*) report; exit 1 ;;
*case=other*) report | sed 's/hello/hallo/'; exit 1 ;;
*case=code*) report; exit 3 ;;
*case=none*) exit 1 ;;
esac
END
chmod +x "$mine/ddctl"
printf '[selftest.diff]\ntype = diff\nmodule = no\n' > "$dir/diff.cfg"
BUILD=$mine tests/run/check.sh --matrix "$dir/diff.cfg" \
	>> "$dir/out" 2>> "$dir/err"

n=0
expect() {	# NAME PATTERN
	n=$((n + 1))
	if grep -q "$2" "$dir/out"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		grep "selftest.${1%% *}" "$dir/out" | sed 's/^/# /'
	fi
}
expect 'fine passes' '^ok .*selftest.fine: run'
expect 'notok: a failed result' '^not ok .*selftest.notok: b'
expect 'exitcode: a failed command' '^not ok .*selftest.exitcode: run: exit'
expect 'noplan: results without a plan' '^not ok .*selftest.noplan: run'
expect 'shortplan: fewer results' '^not ok .*selftest.shortplan: run'
expect 'silence: no results' '^not ok .*selftest.silence: run'
expect 'warn: a line in the kernel log' '^not ok .*selftest.warn: run: kernel'
expect 'panic: no token' '^not ok .*selftest.panic: run: no token'
expect 'reset: no token' '^not ok .*selftest.reset: run: no token'
expect 'hang: a time-out' '^not ok .*selftest.hang: run: time-out'
expect 'leak: memory that did not come back' '^not ok .*selftest.leak: run: .*leak'
expect 'the closing line counts them' '^11 passed, 10 failed, 0 skipped$'
expect 'diff: the same report' '^ok .*selftest.diff/hello-same$'
expect 'diff: another report' '^not ok .*selftest.diff/hello-other: the report'
expect 'diff: another exit code' '^not ok .*selftest.diff/hello-code: exit code'
expect 'diff: no report' '^not ok .*selftest.diff/hello-none: the report'
n=$((n + 1))
if [ $rc != 0 ]; then
	echo "ok $n - the exit code says so"
else
	echo "not ok $n - the exit code says so"
fi
echo "1..$n"
cp "$dir/out" "$build/logs/selftest.inner"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# tests/run/scanlog.sh - does this kernel log hold anything it must not?
#
# Usage: scanlog.sh FILE
# Prints each offending line once; exit code 1 if there is one.

awk '
BEGIN {
	split("WARNING: |BUG: |BUG at |kernel BUG|Oops|INFO: task |" \
		"INFO: trying to register|possible circular locking|" \
		"possible recursive locking|inconsistent lock state|" \
		"suspicious RCU usage|rcu: INFO|self-detected stall|" \
		"detected stalls|soft lockup|hard LOCKUP|blocked for more than|" \
		"general protection|page fault for address|" \
		"stack segment|double fault|KASAN|UBSAN|KCSAN|kmemleak|" \
		"unchecked MSR access|Call Trace|Kernel panic|" \
		"refcount_t|list_add corruption|list_del corruption|" \
		"scheduling while atomic|sleeping function called|" \
		"bad: scheduling|Bad page|Bad rss-counter|" \
		"still has objects|Objects remaining|nobody cared|" \
		"Machine check|traps: |DMAR: \\[DMA|clocksource: timekeeping watchdog|" \
		"unexpected IRQ trap|Out of memory:|segfault at", want, "|")
}
{
	# Interleaved copies of one message differ in nothing but the time.
	sub(/\r$/, "")
	sub(/^(<[0-9]+>)?\[ *[0-9.]+\] ?/, "")
	# A remark on a CPU flaw that QEMU does not claim to have mended.
	if (/WARNING: See https:.*hw-vuln/)
		next
	# Why a guest died may speak of its double fault; that is not ours.
	if (/vamhost: VM .* killed: /)
		next
	for (i in want)
		if (index($0, want[i]) && !($0 in seen)) {
			seen[$0] = 1
			print
			rc = 1
		}
}
END { exit rc }' "$1"

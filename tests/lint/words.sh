#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# words.sh - fail on words of unfinished work and on calls that kill the host

rc=0
! grep -rnwE 'TODO|FIXME|XXX|HACK' kmod userspace include tests \
	--include='*.[chS]' --include='*.sh' --include='*.cfg' |
	grep -v '^tests/\(lint/words\|run/\(check\|tapall\)\)' || rc=1
! grep -rnE '(^|[^A-Z_a-z])(BUG|BUG_ON|panic)\(' kmod --include='*.[ch]' || rc=1
! grep -rnE '[ 	]+$' kmod userspace include --include='*.[chS]' || rc=1
exit $rc

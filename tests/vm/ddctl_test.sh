#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# ddctl_test.sh - every verb of ddctl does what its manual page says, and its
# exit codes mean what it says
#
# Runs in the emulated host, with the module loaded. TAP on stdout. Guests are
# a few bytes of machine code behind a Multiboot header with addresses.

n=0
check() {	# TEXT COMMAND...
	n=$((n + 1))
	text=$1
	shift
	if "$@"; then echo "ok $n - $text"; else echo "not ok $n - $text"; fi
}

header() {	# magic, flags, checksum; header, load, load end, BSS end, entry
	printf '\002\260\255\033\000\000\001\000\376\117\121\344'
	printf '\000\000\020\000\000\000\020\000'
	printf '\000\000\000\000\000\000\000\000\040\000\020\000'
}

cd /tmp || exit 1
{ header; printf '\372\353\376'; } > spin		# cli; jmp .
{ header; printf '\260\052\346\364\353\376'; } > exit42	# out 0xf4, 42
{ header; printf '\017\013'; } > fault			# ud2, no IDT
{	# mov dx, 0x3f8; "hi\n" by out dx, al; then exit with 0
	header
	printf '\272\370\003\000\000\260h\356\260i\356\260\n\356'
	printf '\061\300\346\364\353\376'
} > hi
{	# the first module's first byte is the exit value:
	# mov eax, [ebx+24]; mov eax, [eax]; mov al, [eax]; out 0xf4, al
	header
	printf '\213\103\030\213\000\212\000\346\364\353\376'
} > module
printf '\007' > seven
printf 'nothing' > bad

exits() {	# CODE COMMAND...
	want=$1
	shift
	"$@" > out 2> err
	got=$?
	[ $got = "$want" ] && return
	echo "# exit code $got: $*"
	sed 's/^/# /' out err
	return 1
}
says() { grep -q "$1" "$2" && return; sed 's/^/# /' "$2"; return 1; }
silent() { [ ! -s "$1" ]; }
no_vms() { [ -z "$(ddctl list)" ]; }
background() {	# NAME ARGUMENTS...: returns when it runs
	ddctl exec --name "$@" > bg.out 2> bg.err &
	pid=$!
	for i in 1 2 3 4 5 6 7 8 9 10; do
		ddctl status "$1" 2> /dev/null | grep -q running && return
		sleep 0.2
	done
	return 1
}
code_of_background() { wait $pid; [ $? = "$1" ]; }

check 'exec exits with what the guest wrote' exits 85 ddctl exec exit42
check 'it prints nothing of its own then' silent err
check 'exec copies the console out' exits 1 ddctl exec hi
check 'byte by byte' says '^hi$' out
check 'exec hands modules over' exits 15 ddctl exec module --module seven
check 'exec kills when time is up' exits 124 ddctl exec --timeout 0.5 spin
check 'exec says that the guest was killed' exits 125 ddctl exec fault
check 'and why' says 'killed: .*fault' err
check 'exec refuses a bad image' exits 126 ddctl exec bad
check 'with a sentence' says 'bad: not a Multiboot image' err
check 'exec refuses a missing image' exits 126 ddctl exec missing
check 'exec refuses a missing module' \
	exits 126 ddctl exec hi --module missing
check 'exec refuses too little memory' exits 64 ddctl exec --memory 4K hi
check 'exec refuses what is no number' exits 64 ddctl exec --vcpus many hi
check 'exec needs an image' exits 64 ddctl exec
check 'no verb is wrong usage' exits 64 ddctl
check 'an unknown verb is wrong usage' exits 64 ddctl fly
check 'exec prints JSON' exits 1 ddctl exec --json hi
check 'with the console in it' says '"console": "hi\\n"' out
check 'and the end' says '"end": "exit"' out
check 'nothing of all that is left' no_vms

check 'a VM runs in the background' background bg spin
check 'list shows it' exits 0 ddctl list
check 'with its state' says 'bg .*running' out
check 'list prints JSON' exits 0 ddctl list --json
check 'with its name' says '"name": "bg"' out
check 'a name is taken once' exits 126 ddctl exec --name bg hi
check 'and that is said' says "named 'bg' already" err
check 'pause' exits 0 ddctl pause bg
check 'status shows it' exits 0 ddctl status bg
check 'as paused' says '^state: *paused' out
check 'pause of a paused VM fails' exits 1 ddctl pause bg
check 'resume' exits 0 ddctl resume bg
check 'stat shows counters' exits 0 ddctl stat bg
check 'that are not 0' says '^entries  *[1-9]' out
check 'stat prints JSON' exits 0 ddctl stat --json --all bg
check 'with all of them' says '"exit_hypercall": 0' out
check 'stat of a vCPU it does not have fails' exits 1 ddctl stat --vcpu 7 bg
check 'wait gives up in time' exits 124 ddctl wait --timeout 0.2 bg
check 'kill ends it' exits 0 ddctl kill --reason 'as the test wants' bg
check 'exec notices' code_of_background 125
check 'and says the reason' says 'as the test wants' bg.err
check 'and removes it' no_vms

check 'a VM can be kept' exits 85 ddctl exec --keep --name kept exit42
check 'its status stays' exits 0 ddctl status --json kept
check 'with the exit value' says '"exit_value": 42' out
check 'its console stays' exits 0 ddctl console --json kept
check 'a dead VM can be waited for' exits 0 ddctl wait kept
check 'rm removes it' exits 0 ddctl rm kept
check 'rm of nothing fails' exits 1 ddctl rm kept
check 'with a sentence' says "no VM 'kept'" err

check 'a VM runs again' background sig spin
kill -TERM $pid
check 'SIGTERM ends exec' code_of_background 143
check 'and removes the VM' no_vms
check 'a VM is removed while exec watches' background gone spin
check 'by rm' exits 0 ddctl rm gone
check 'exec takes that as a kill' code_of_background 125
check 'and none is left' no_vms
check 'info' exits 0 ddctl info --json
check 'names the backend' says '"backend": "[a-z]' out
echo "1..$n"

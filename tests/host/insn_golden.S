/* SPDX-License-Identifier: GPL-2.0 */
/*
 * insn_golden.S - instructions, and what the decoder has to say about them
 *
 * The assembler makes the encodings; insn_golden_test.c reads the table.
 * A line: mode, instruction, and
 *
 *     OP OPSIZE ACCESS DST,SRC [FIELD=VALUE]...
 *
 * ACCESS is r, w or rw with the operand's size, or - for none. An expectation
 * that begins with "error" names what vam_insn_decode() must return.
 */
	.macro T bits, insn, expect
	.pushsection .golden, "a"
	.code\bits
1:
	\insn
2:
	.code64
	.popsection
	.pushsection .rodata.str, "aMS", @progbits, 1
3:	.asciz "\insn"
4:	.asciz "\expect"
	.popsection
	.pushsection .data.rel.ro, "aw"
	.quad 1b, 2b - 1b, \bits, 3b, 4b
	.popsection
	.endm

	.pushsection .data.rel.ro, "aw"
	.balign 8
	.globl golden_table
golden_table:
	.popsection

	/* MOV in all its encodings */
	T 64 "movb %al, (%rbx)" "mov 1 w1 rm,reg reg=0 base=3 seg=3"
	T 64 "movb %ah, (%rbx)" "mov 1 w1 rm,reg reg=0 reg_high=1"
	T 64 "movb %sil, (%rbx)" "mov 1 w1 rm,reg reg=6 reg_high=0"
	T 64 "movb %r9b, (%r10)" "mov 1 w1 rm,reg reg=9 base=10"
	T 64 "movw %ax, (%rbx)" "mov 2 w2 rm,reg"
	T 64 "movl %ecx, 8(%rbx)" "mov 4 w4 rm,reg reg=1 disp=8"
	T 64 "movq %r15, -8(%rbp)" "mov 8 w8 rm,reg reg=15 base=5 seg=2 disp=-8"
	T 64 "movb (%rbx), %bh" "mov 1 r1 reg,rm reg=3 reg_high=1"
	T 64 "movw (%rbx,%rcx,2), %dx" "mov 2 r2 reg,rm base=3 index=1 scale=2"
	T 64 "movl (%r12), %edx" "mov 4 r4 reg,rm base=12 index=255 seg=3"
	T 64 "movl (%r13), %edx" "mov 4 r4 reg,rm base=13 seg=3"
	T 64 "movl (%rsp), %edx" "mov 4 r4 reg,rm base=4 index=255 seg=2"
	T 64 "movl (,%r12,8), %edx" "mov 4 r4 reg,rm base=255 index=12 scale=8"
	T 64 "movl %fs:(%rax), %edx" "mov 4 r4 reg,rm seg=4"
	T 64 "movl %gs:0x10, %edx" "mov 4 r4 reg,rm seg=5 base=255 disp=16"
	T 64 "movl %ds:(%rbp), %edx" "mov 4 r4 reg,rm seg=2"
	T 64 "movq 0x1234(%rip), %rax" "mov 8 r8 reg,rm rip_relative=1"
	T 64 "movl (%ebx), %eax" "mov 4 r4 reg,rm addrsize=4"
	T 64 "movabsb 0x1122334455667788, %al" "mov 1 r1 acc,moffs disp=0x1122334455667788"
	T 64 "movabsw 0x1122334455667788, %ax" "mov 2 r2 acc,moffs"
	T 64 "movabsl %eax, 0x1122334455667788" "mov 4 w4 moffs,acc"
	T 64 "movabsq %rax, 0x1122334455667788" "mov 8 w8 moffs,acc len=10"
	T 64 "movabsl %gs:0x1122334455667788, %eax" "mov 4 r4 acc,moffs seg=5"
	T 64 "addr32 movabsl 0x11223344, %eax" "mov 4 r4 acc,moffs addrsize=4"
	T 64 "movb $0x80, (%rdi)" "mov 1 w1 rm,imm imm=-128"
	T 64 "movw $0x8000, (%rdi)" "mov 2 w2 rm,imm imm=-32768"
	T 64 "movl $0x80000000, (%rdi)" "mov 4 w4 rm,imm imm=-2147483648"
	T 64 "movq $-2, (%rdi)" "mov 8 w8 rm,imm imm=-2"
	T 64 "movl $5, 4(%rip)" "mov 4 w4 rm,imm rip_relative=1 disp=4 len=10"
	T 64 "movl %eax, %r8d" "mov 4 - rm,reg rm=8 has_mem=0"
	T 64 "movb %ah, %dh" "mov 1 - rm,reg rm=2 rm_high=1 reg_high=1"
	T 64 "movb $1, %r9b" "mov 1 - reg,imm reg=9"
	T 64 "movb $1, %ch" "mov 1 - reg,imm reg=1 reg_high=1"
	T 64 "movabsq $0x8877665544332211, %r9" "mov 8 - reg,imm reg=9 imm=0x8877665544332211"
	T 64 "movl $1, %esp" "mov 4 - reg,imm reg=4"
	T 64 "movnti %eax, (%rdi)" "mov 4 w4 rm,reg"
	T 64 "movnti %rax, (%rdi)" "mov 8 w8 rm,reg"
	T 32 "movl %eax, 0xfee00080" "mov 4 w4 moffs,acc disp=-0x11fff80"
	T 32 "movl %ecx, 0xfee00080" "mov 4 w4 rm,reg base=255"
	T 32 "movl 0xfee00080, %eax" "mov 4 r4 acc,moffs len=5"
	T 32 "movw %ax, (%ebx)" "mov 2 w2 rm,reg"
	T 32 "movl %es:(%ebx), %eax" "mov 4 r4 reg,rm seg=0"
	T 32 "movl %cs:(%ebx), %eax" "mov 4 r4 reg,rm seg=1"
	T 32 "movl %ss:(%ebx), %eax" "mov 4 r4 reg,rm seg=2"
	T 32 "movl %ds:(%ebp), %eax" "mov 4 r4 reg,rm seg=3"
	T 32 "movl (%bx,%si), %eax" "mov 4 r4 reg,rm addrsize=2 base=3 index=6"
	T 16 "movw %ax, (%bx,%di)" "mov 2 w2 rm,reg base=3 index=7 seg=3"
	T 16 "movw (%bp,%si), %ax" "mov 2 r2 reg,rm base=5 index=6 seg=2"
	T 16 "movw 2(%bp), %cx" "mov 2 r2 reg,rm base=5 index=255 seg=2 disp=2"
	T 16 "movw (%si), %cx" "mov 2 r2 reg,rm base=6"
	T 16 "movw (%di), %cx" "mov 2 r2 reg,rm base=7"
	T 16 "movw 0x1234, %cx" "mov 2 r2 reg,rm base=255 disp=0x1234"
	T 16 "movw 0x1234, %ax" "mov 2 r2 acc,moffs disp=0x1234 len=3"
	T 16 "movl %eax, (%ebx)" "mov 4 w4 rm,reg addrsize=4 base=3"
	T 16 "movl $1, (%bx)" "mov 4 w4 rm,imm len=7"

	/* Segment registers */
	T 64 "movw %ds, (%rax)" "mov_from_sreg 4 w2 rm,- reg=3"
	T 64 "movl %ds, %r9d" "mov_from_sreg 4 - rm,- reg=3 rm=9"
	T 64 "movw (%rax), %ss" "mov_to_sreg 4 r2 -,rm reg=2"
	T 64 ".byte 0x8e, 0xc8" "error EINVAL"	/* MOV CS */
	T 64 ".byte 0x8e, 0xf8" "error EINVAL"	/* seventh segment */

	/* With extension */
	T 64 "movzbl (%rsi), %eax" "movzx 4 r1 reg,rm srcsize=1"
	T 64 "movzbw (%rsi), %ax" "movzx 2 r1 reg,rm"
	T 64 "movzbq (%rsi), %rax" "movzx 8 r1 reg,rm"
	T 64 "movzwl (%rsi), %eax" "movzx 4 r2 reg,rm"
	T 64 "movzwq (%rsi), %rax" "movzx 8 r2 reg,rm"
	T 64 "movzbl %ch, %eax" "movzx 4 - reg,rm rm=1 rm_high=1"
	T 64 "movzbl %bpl, %eax" "movzx 4 - reg,rm rm=5 rm_high=0"
	T 64 "movsbl (%rsi), %eax" "movsx 4 r1 reg,rm"
	T 64 "movswq (%rsi), %rax" "movsx 8 r2 reg,rm"
	T 64 "movslq (%rsi), %rax" "movsx 8 r4 reg,rm srcsize=4"
	T 32 "movswl (%esi), %eax" "movsx 4 r2 reg,rm"
	T 32 "arpl %ax, (%ebx)" "other 4 - -,-"
	T 64 "movbel (%rsi), %eax" "movbe 4 r4 reg,rm"
	T 64 "movbeq %rax, (%rsi)" "movbe 8 w8 rm,reg"
	T 64 "leaq 8(%rsi,%rdi,4), %rax" "lea 8 - reg,- has_mem=1"

	/* Arithmetic */
	T 64 "addl %eax, (%rdi)" "add 4 rw4 rm,reg"
	T 64 "lock addl %eax, (%rdi)" "add 4 rw4 rm,reg lock=1"
	T 64 "addl (%rdi), %eax" "add 4 r4 reg,rm"
	T 64 "addb $1, %al" "add 1 - acc,imm"
	T 64 "addl $0x11223344, %eax" "add 4 - acc,imm imm=0x11223344"
	T 64 "addl $1, (%rdi)" "add 4 rw4 rm,imm imm=1"
	T 64 "addq $-1, (%rdi)" "add 8 rw8 rm,imm imm=-1"
	T 64 "orl $0x100, (%rdi)" "or 4 rw4 rm,imm imm=256"
	T 64 "orb $0x40, (%rdi)" "or 1 rw1 rm,imm"
	T 64 "adcw %dx, (%rdi)" "adc 2 rw2 rm,reg"
	T 64 "sbbq %rdx, (%rdi)" "sbb 8 rw8 rm,reg"
	T 64 "andl $~1, (%rdi)" "and 4 rw4 rm,imm imm=-2"
	T 64 "subl %edx, (%rdi)" "sub 4 rw4 rm,reg"
	T 64 "xorl %edx, (%rdi)" "xor 4 rw4 rm,reg"
	T 64 "cmpl $0, (%rdi)" "cmp 4 r4 rm,imm"
	T 64 "cmpb %al, (%rdi)" "cmp 1 r1 rm,reg"
	T 64 "cmpq (%rdi), %rax" "cmp 8 r8 reg,rm"
	T 64 "testl %eax, (%rdi)" "test 4 r4 rm,reg"
	T 64 "testb $1, (%rdi)" "test 1 r1 rm,imm imm=1"
	T 64 "testl $0x10000, (%rdi)" "test 4 r4 rm,imm imm=0x10000"
	T 64 "testq $1, %rax" "test 8 - acc,imm"
	T 64 "lock; cmpl %eax, (%rdi)" "error EINVAL"
	T 64 ".byte 0xf0, 0x01, 0xc0" "error EINVAL"	/* LOCK ADD to a register */
	T 64 ".byte 0xf0, 0x8b, 0x07" "error EINVAL"	/* LOCK MOV */
	T 64 "incl (%rdi)" "inc 4 rw4 rm,-"
	T 64 "decb (%rdi)" "dec 1 rw1 rm,-"
	T 32 "incl %esi" "inc 4 - reg,- reg=6 len=1"
	T 32 "decw %bp" "dec 2 - reg,- reg=5"
	T 64 "notl (%rdi)" "not 4 rw4 rm,-"
	T 64 "lock negq (%rdi)" "neg 8 rw8 rm,-"
	T 64 "imull (%rdi), %eax" "imul 4 r4 reg,rm"
	T 64 "imull $3, (%rdi), %eax" "imul 4 r4 reg,rm imm=3"
	T 64 "mull (%rdi)" "other 4 - -,-"

	/* Shifts and rotates */
	T 64 "shll $1, (%rdi)" "shl 4 rw4 rm,imm imm=1"
	T 64 "shll $5, (%rdi)" "shl 4 rw4 rm,imm imm=5"
	T 64 "shlw %cl, (%rdi)" "shl 2 rw2 rm,cl"
	T 64 "shrb $2, (%rdi)" "shr 1 rw1 rm,imm"
	T 64 "sarq %cl, (%rdi)" "sar 8 rw8 rm,cl"
	T 64 "rolb %cl, (%rdi)" "rol 1 rw1 rm,cl"
	T 64 "rorl $7, (%rdi)" "ror 4 rw4 rm,imm imm=7"
	T 64 "rcll (%rdi)" "rcl 4 rw4 rm,imm imm=1"
	T 64 "rcrl %cl, (%rdi)" "rcr 4 rw4 rm,cl"
	T 64 "shldl $3, %eax, (%rdi)" "shld 4 rw4 rm,reg imm=3"
	T 64 "shrdq %cl, %rax, (%rdi)" "shrd 8 rw8 rm,reg"

	/* Exchange */
	T 64 "xchgl %eax, (%rdi)" "xchg 4 rw4 rm,reg lock=0"
	T 64 "xchgb %ah, (%rdi)" "xchg 1 rw1 rm,reg reg_high=1"
	T 64 "xchgq %rax, %r10" "xchg 8 - reg,acc reg=10"
	T 64 "xaddl %edx, (%rdi)" "xadd 4 rw4 rm,reg"
	T 64 "lock cmpxchgl %edx, (%rdi)" "cmpxchg 4 rw4 rm,reg lock=1"
	T 64 "cmpxchgb %dl, (%rdi)" "cmpxchg 1 rw1 rm,reg"
	T 64 "lock cmpxchg8b (%rdi)" "cmpxchg8b 4 rw8 rm,- needs_align=0"
	T 64 "lock cmpxchg16b (%rdi)" "cmpxchg8b 8 rw16 rm,- needs_align=1"
	T 64 ".byte 0x0f, 0xc7, 0xc8" "error EINVAL"	/* CMPXCHG8B of a register */

	/* Bits and conditions */
	T 64 "btl $5, (%rdi)" "bt 4 r4 rm,imm imm=5"
	T 64 "lock btsq $63, (%rdi)" "bts 8 rw8 rm,imm"
	T 64 "btrl %eax, (%rdi)" "btr 4 rw4 rm,reg"
	T 64 "btcw %ax, (%rdi)" "btc 2 rw2 rm,reg"
	T 64 "sete (%rdi)" "setcc 1 w1 rm,- cc=4"
	T 64 "setg %bh" "setcc 1 - rm,- cc=15 rm=3 rm_high=1"
	T 64 "cmovnel (%rdi), %eax" "cmovcc 4 r4 reg,rm cc=5"

	/* Stack and branches */
	T 64 "pushq (%rdi)" "push 8 r8 -,rm stacksize=8"
	T 64 "pushw (%rdi)" "push 2 r2 -,rm stacksize=2"
	T 64 "pushq %r9" "push 8 - -,reg reg=9"
	T 64 "pushq $-1" "push 8 - -,imm imm=-1 len=2"
	T 32 "pushl (%edi)" "push 4 r4 -,rm stacksize=4"
	T 16 "pushw (%bx)" "push 2 r2 -,rm stacksize=2"
	T 64 "popq (%rdi)" "pop 8 w8 rm,-"
	T 64 "popq %rbp" "pop 8 - reg,- reg=5"
	T 64 "call *(%rdi)" "call 8 r8 -,rm is_stack=1"
	T 64 "jmp *(%rdi)" "jmp 8 r8 -,rm is_stack=0"
	T 32 "call *(%edi)" "call 4 r4 -,rm"
	T 64 "call . + 0x1000" "call 8 - -,imm imm=0xffb"
	T 64 "jmp ." "jmp 8 - -,imm imm=-2"
	T 64 "je . + 0x1000" "jcc 8 - -,imm cc=4 len=6"
	T 64 "jne ." "jcc 8 - -,imm cc=5 len=2"
	T 64 "ret" "ret 8 - -,-"
	T 64 "ret $0xfff8" "ret 8 - -,- imm=0xfff8"
	T 64 "pushfq" "pushf 8 - -,-"
	T 32 "popfl" "popf 4 - -,-"
	T 64 "enter $16, $1" "other 8 - -,- len=4"
	T 32 "lcall $8, $0x12345678" "other 4 - -,- len=7"
	T 16 "ljmp $8, $0x1234" "other 2 - -,- len=5"
	T 64 "ljmp *(%rdi)" "other 4 - -,-"
	T 64 "loop ." "other 8 - -,- len=2"

	/* Strings */
	T 64 "movsb" "movs 1 rw1 -,- is_string=1 rep=0"
	T 64 "rep movsq" "movs 8 rw8 -,- rep=1"
	T 64 "rep movsl %gs:(%rsi), %es:(%rdi)" "movs 4 rw4 -,- seg=5"
	T 64 "rep stosl" "stos 4 w4 -,acc"
	T 64 "lodsw" "lods 2 r2 acc,-"
	T 64 "repne scasb" "scas 1 r1 acc,- repne=1"
	T 64 "repe cmpsl" "cmps 4 r4 -,-"
	T 64 "rep insw" "ins 2 w2 -,dx"
	T 64 "rep insl" "ins 4 w4 -,dx"
	T 64 "outsb" "outs 1 r1 dx,-"
	T 32 "rep outsl %cs:(%esi), %dx" "outs 4 r4 dx,- seg=1"
	T 64 ".byte 0x48, 0x6d" "ins 4 w4 -,dx"	/* REX.W has no say */
	T 32 "addr16 rep movsb" "movs 1 rw1 -,- addrsize=2"

	/* Ports */
	T 64 "inb $0x80, %al" "in 1 - acc,imm imm=0x80"
	T 64 "inl $0xf8, %eax" "in 4 - acc,imm imm=0xf8"
	T 64 "inw %dx, %ax" "in 2 - acc,dx"
	T 64 "outb %al, $0xf4" "out 1 - imm,acc imm=0xf4"
	T 64 "outl %eax, %dx" "out 4 - dx,acc"
	T 16 "outw %ax, %dx" "out 2 - dx,acc"

	/* Vector moves; 66 as part of the opcode still shows in the size. */
	T 64 "movups (%rdi), %xmm1" "sse_mov 4 r16 -,- reg=1 is_mmx=0"
	T 64 "movupd %xmm9, (%rdi)" "sse_mov 2 w16 -,- reg=9 needs_align=0"
	T 64 "movaps (%rdi), %xmm1" "sse_mov 4 r16 -,- needs_align=1"
	T 64 "movdqa %xmm1, (%rdi)" "sse_mov 2 w16 -,- needs_align=1"
	T 64 "movdqu %xmm1, (%rdi)" "sse_mov 4 w16 -,- needs_align=0"
	T 64 "movntps %xmm1, (%rdi)" "sse_mov 4 w16 -,-"
	T 64 "movntdq %xmm1, (%rdi)" "sse_mov 2 w16 -,-"
	T 64 "movntdqa (%rdi), %xmm1" "sse_mov 2 r16 -,- needs_align=1"
	T 64 "lddqu (%rdi), %xmm1" "sse_mov 4 r16 -,-"
	T 64 "movq (%rdi), %xmm1" "sse_mov 4 r8 -,- is_mmx=0"
	T 64 "movq %xmm1, (%rdi)" "sse_mov 2 w8 -,- is_mmx=0"
	T 64 "movq (%rdi), %mm1" "sse_mov 4 r8 -,- is_mmx=1"
	T 64 "movq %mm1, (%rdi)" "sse_mov 4 w8 -,- is_mmx=1"
	T 64 "movntq %mm1, (%rdi)" "sse_mov 4 w8 -,- is_mmx=1"
	T 64 "movd (%rdi), %xmm1" "sse_mov 2 r4 -,- is_mmx=0"
	T 64 "movd %mm1, (%rdi)" "sse_mov 4 w4 -,- is_mmx=1"
	T 64 "movss (%rdi), %xmm1" "sse_mov 4 r4 -,-"
	T 64 "movsd %xmm1, (%rdi)" "sse_mov 4 w8 -,-"
	T 64 "addps (%rdi), %xmm1" "other 4 - -,-"
	T 64 "pshufd $1, (%rdi), %xmm1" "other 2 - -,-"
	T 64 "palignr $1, (%rdi), %xmm1" "other 2 - -,-"
	T 64 "vmovdqu (%rdi), %ymm1" "other 4 - -,- has_mem=1 base=7"
	T 64 "vpalignr $1, 0x100(%rdi), %ymm1, %ymm2" "other 4 - -,-"
	T 64 "vzeroupper" "other 4 - -,-"
	T 64 "vmovdqu64 64(%rdi), %zmm1" "other 4 - -,-"
	T 64 "fldl (%rdi)" "other 4 - -,- has_mem=1"
	T 64 "fxsave (%rdi)" "other 4 - -,-"
	T 32 "lds (%edi), %eax" "other 4 - -,-"
	T 32 "vmovaps %xmm0, %xmm1" "other 4 - -,-"

	/* System */
	T 64 "movq %cr0, %rax" "mov_from_cr 8 - -,- reg=0 rm=0"
	T 64 "movq %r9, %cr3" "mov_to_cr 8 - -,- reg=3 rm=9"
	T 64 "movq %rax, %cr8" "mov_to_cr 8 - -,- reg=8"
	T 32 "movl %cr4, %ebx" "mov_from_cr 4 - -,- reg=4 rm=3"
	T 32 ".byte 0xf0, 0x0f, 0x20, 0xc3" "mov_from_cr 4 - -,- reg=8 rm=3 lock=0"
	T 64 ".byte 0x0f, 0x20, 0x03" "mov_from_cr 8 - -,- reg=0 rm=3 len=3"
	T 64 ".byte 0x0f, 0x22, 0xc8" "error EINVAL"	/* CR1 */
	T 64 "movq %db7, %rcx" "mov_from_dr 8 - -,- reg=7 rm=1"
	T 64 "movq %rcx, %db6" "mov_to_dr 8 - -,- reg=6 rm=1"
	T 64 ".byte 0x44, 0x0f, 0x23, 0xc0" "error EINVAL"	/* DR8 */
	T 64 "clts" "clts 4 - -,-"
	T 64 "lmsw %ax" "lmsw 4 - -,rm rm=0"
	T 64 "lmsw (%rdi)" "lmsw 4 r2 -,rm"
	T 64 "smsw %eax" "smsw 4 - rm,- rm=0"
	T 64 "smsw (%rdi)" "smsw 4 w2 rm,-"
	T 64 "invlpg (%rdi)" "invlpg 4 - -,- has_mem=1 base=7"
	T 64 "invpcid (%rdi), %rdx" "invpcid 8 r16 -,- reg=2"
	T 64 "cpuid" "cpuid 4 - -,-"
	T 64 "rdmsr" "rdmsr 4 - -,-"
	T 64 "wrmsr" "wrmsr 4 - -,-"
	T 64 "rdpmc" "rdpmc 4 - -,-"
	T 64 "rdtsc" "rdtsc 4 - -,-"
	T 64 "rdtscp" "rdtscp 4 - -,-"
	T 64 "xgetbv" "xgetbv 4 - -,-"
	T 64 "xsetbv" "xsetbv 4 - -,-"
	T 64 "hlt" "hlt 4 - -,-"
	T 64 "pause" "pause 4 - -,-"
	T 64 "nop" "nop 4 - -,-"
	T 64 "xchg %r8, %rax" "xchg 8 - reg,acc reg=8"
	T 64 "nopl 8(%rax)" "nop 4 - -,- has_mem=1"
	T 64 "prefetchw (%rax)" "nop 4 - -,-"
	T 64 "invd" "invd 4 - -,-"
	T 64 "wbinvd" "wbinvd 4 - -,-"
	T 64 "clflush (%rdi)" "clflush 4 - -,-"
	T 64 "clflushopt (%rdi)" "clflush 2 - -,-"
	T 64 "clwb (%rdi)" "clflush 2 - -,-"
	T 64 "monitor %rax, %ecx, %edx" "monitor 4 - -,-"
	T 64 "mwait %eax, %ecx" "mwait 4 - -,-"
	T 64 "cli" "cli 4 - -,-"
	T 64 "sti" "sti 4 - -,-"
	T 64 "int $0x80" "int 4 - -,- imm=0x80"
	T 64 "int3" "int3 4 - -,-"
	T 64 ".byte 0xf1" "int1 4 - -,-"
	T 32 "into" "into 4 - -,-"
	T 64 ".byte 0xce" "error EINVAL"	/* INTO */
	T 64 "iretq" "iret 8 - -,-"
	T 32 "iretl" "iret 4 - -,-"
	T 64 "syscall" "syscall 4 - -,-"
	T 64 "sysretq" "sysret 8 - -,-"
	T 64 "sysenter" "sysenter 4 - -,-"
	T 64 "sysexitl" "sysexit 4 - -,-"
	T 64 "swapgs" "swapgs 4 - -,-"
	T 32 ".byte 0x0f, 0x01, 0xf8" "error EINVAL"	/* SWAPGS */
	T 64 "rsm" "rsm 4 - -,-"
	T 64 "lgdt (%rdi)" "lgdt 4 r10 -,-"
	T 32 "lidt (%edi)" "lidt 4 r6 -,-"
	T 64 "sgdt (%rdi)" "sgdt 4 w10 -,-"
	T 32 "sidt (%edi)" "sidt 4 w6 -,-"
	T 64 "lldt (%rdi)" "lldt 4 r2 -,rm"
	T 64 "ltr %ax" "ltr 4 - -,rm"
	T 64 "sldt (%rdi)" "sldt 4 w2 rm,-"
	T 64 "strl %ecx" "str 4 - rm,- rm=1"
	T 64 "vmcall" "vmcall 4 - -,-"
	T 64 "vmmcall" "vmmcall 4 - -,-"
	T 64 "vmrun" "vmrun 4 - -,-"
	T 64 "vmload" "vmload 4 - -,-"
	T 64 "vmsave" "vmsave 4 - -,-"
	T 64 "stgi" "stgi 4 - -,-"
	T 64 "clgi" "clgi 4 - -,-"
	T 64 "skinit" "skinit 4 - -,-"
	T 64 "invlpga %rax, %ecx" "invlpga 4 - -,-"
	T 64 "vmlaunch" "vmx 4 - -,-"
	T 64 "vmxon (%rdi)" "vmx 4 - -,-"
	T 64 "vmread %rax, (%rdi)" "vmx 4 - -,-"

	/* What raises #UD, and what is too long */
	T 64 "ud2" "error EINVAL"
	T 64 ".byte 0x06" "error EINVAL"
	T 64 ".byte 0x9a" "error EINVAL"
	T 64 ".byte 0x0f, 0x04" "error EINVAL"
	T 64 ".byte 0x8d, 0xc0" "error EINVAL"	/* LEA of a register */
	T 64 ".byte 0xff, 0xf8" "error EINVAL"
	T 64 ".byte 0xfe, 0xd0" "error EINVAL"
	T 64 ".byte 0xf0, 0x90" "error EINVAL"
	T 64 ".fill 14, 1, 0x66; nop" "nop 2 - -,- len=15"
	T 64 ".fill 15, 1, 0x66; nop" "error E2BIG"
	T 64 ".fill 5, 1, 0x66; movabsq $1, %rax" "mov 8 - reg,imm len=15"
	T 64 ".fill 6, 1, 0x66; movabsq $1, %rax" "error E2BIG"

	/* REX counts only right in front of the opcode. */
	T 64 ".byte 0x48, 0x66, 0x89, 0x07" "mov 2 w2 rm,reg"
	T 64 ".byte 0x66, 0x48, 0x89, 0x07" "mov 8 w8 rm,reg"
	T 64 ".byte 0x41, 0x48, 0x89, 0x07" "mov 8 w8 rm,reg base=7"

	.pushsection .data.rel.ro, "aw"
	.quad 0, 0, 0, 0, 0
	.popsection

	.section .note.GNU-stack, "", @progbits

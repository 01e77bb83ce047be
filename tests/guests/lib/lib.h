/* SPDX-License-Identifier: GPL-2.0 */
/* lib.h - what the library's own files know of each other */
#ifndef LIB_H
#define LIB_H

#include "guest.h"

struct user_entry {
	ulong ip, sp, fn, arg; /* order known to entry.S */
};

void report_init(void);
void boot_init(u32 mbi);
void trap_init_cpu(struct cpu *cpu);
void trap_init(void);
void trap_c(struct regs *regs);
void first_c(u32 mbi);
void ap_c(struct cpu *cpu);
int guard_save(void **slot, void (*fn)(void *), void *arg);
void guard_leave(void *saved) __noreturn;
void user_enter(struct user_entry *entry) __noreturn;
int main(void);

extern u8 cpu_blocks[MAX_CPUS][CPU_BLOCK];
extern char trap_stubs[];
extern char trampoline[], trampoline_end[];
extern struct desc_ptr gdt_ptr;
extern u64 boot_pml4[];

#endif

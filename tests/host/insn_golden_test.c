// SPDX-License-Identifier: GPL-2.0
/*
 * insn_golden_test.c - the decoder understands what the assembler encodes
 *
 * The table of instructions with what to expect is insn_golden.S. Besides
 * that, each instruction must take exactly the bytes that the assembler made,
 * and any fewer bytes must ask for more.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "lib/insn.h"
#include "tap.h"

/* As laid out by macro T of insn_golden.S */
struct golden {
	const u8 *bytes;
	u64 len;
	u64 bits;
	const char *text;
	const char *expect;
};

extern const struct golden golden_table[];

/* clang-format off */
static const char *const op_names[VAM_INSN_NR_OPS] = {
	[VAM_INSN_OTHER] = "other", [VAM_INSN_NOP] = "nop",
	[VAM_INSN_PAUSE] = "pause", [VAM_INSN_MOV] = "mov",
	[VAM_INSN_MOVZX] = "movzx", [VAM_INSN_MOVSX] = "movsx",
	[VAM_INSN_MOVBE] = "movbe", [VAM_INSN_LEA] = "lea",
	[VAM_INSN_ADD] = "add", [VAM_INSN_OR] = "or", [VAM_INSN_ADC] = "adc",
	[VAM_INSN_SBB] = "sbb", [VAM_INSN_AND] = "and", [VAM_INSN_SUB] = "sub",
	[VAM_INSN_XOR] = "xor", [VAM_INSN_CMP] = "cmp",
	[VAM_INSN_TEST] = "test", [VAM_INSN_INC] = "inc",
	[VAM_INSN_DEC] = "dec", [VAM_INSN_NOT] = "not", [VAM_INSN_NEG] = "neg",
	[VAM_INSN_ROL] = "rol", [VAM_INSN_ROR] = "ror", [VAM_INSN_RCL] = "rcl",
	[VAM_INSN_RCR] = "rcr", [VAM_INSN_SHL] = "shl", [VAM_INSN_SHR] = "shr",
	[VAM_INSN_SAR] = "sar", [VAM_INSN_SHLD] = "shld",
	[VAM_INSN_SHRD] = "shrd", [VAM_INSN_XCHG] = "xchg",
	[VAM_INSN_CMPXCHG] = "cmpxchg", [VAM_INSN_CMPXCHG8B] = "cmpxchg8b",
	[VAM_INSN_XADD] = "xadd", [VAM_INSN_BT] = "bt", [VAM_INSN_BTS] = "bts",
	[VAM_INSN_BTR] = "btr", [VAM_INSN_BTC] = "btc",
	[VAM_INSN_SETCC] = "setcc", [VAM_INSN_CMOVCC] = "cmovcc",
	[VAM_INSN_IMUL] = "imul", [VAM_INSN_CLC] = "clc",
	[VAM_INSN_STC] = "stc", [VAM_INSN_CMC] = "cmc", [VAM_INSN_CLD] = "cld",
	[VAM_INSN_STD] = "std", [VAM_INSN_MOVS] = "movs",
	[VAM_INSN_CMPS] = "cmps", [VAM_INSN_STOS] = "stos",
	[VAM_INSN_LODS] = "lods", [VAM_INSN_SCAS] = "scas",
	[VAM_INSN_INS] = "ins", [VAM_INSN_OUTS] = "outs",
	[VAM_INSN_PUSH] = "push", [VAM_INSN_POP] = "pop",
	[VAM_INSN_CALL] = "call", [VAM_INSN_JMP] = "jmp",
	[VAM_INSN_JCC] = "jcc", [VAM_INSN_RET] = "ret",
	[VAM_INSN_PUSHF] = "pushf", [VAM_INSN_POPF] = "popf",
	[VAM_INSN_MOV_FROM_SREG] = "mov_from_sreg",
	[VAM_INSN_MOV_TO_SREG] = "mov_to_sreg",
	[VAM_INSN_SSE_MOV] = "sse_mov", [VAM_INSN_MOV_FROM_CR] = "mov_from_cr",
	[VAM_INSN_MOV_TO_CR] = "mov_to_cr",
	[VAM_INSN_MOV_FROM_DR] = "mov_from_dr",
	[VAM_INSN_MOV_TO_DR] = "mov_to_dr", [VAM_INSN_CLTS] = "clts",
	[VAM_INSN_LMSW] = "lmsw", [VAM_INSN_SMSW] = "smsw",
	[VAM_INSN_INVLPG] = "invlpg", [VAM_INSN_INVPCID] = "invpcid",
	[VAM_INSN_INVLPGA] = "invlpga", [VAM_INSN_CPUID] = "cpuid",
	[VAM_INSN_RDMSR] = "rdmsr", [VAM_INSN_WRMSR] = "wrmsr",
	[VAM_INSN_RDPMC] = "rdpmc", [VAM_INSN_RDTSC] = "rdtsc",
	[VAM_INSN_RDTSCP] = "rdtscp", [VAM_INSN_XGETBV] = "xgetbv",
	[VAM_INSN_XSETBV] = "xsetbv", [VAM_INSN_HLT] = "hlt",
	[VAM_INSN_MONITOR] = "monitor", [VAM_INSN_MWAIT] = "mwait",
	[VAM_INSN_INVD] = "invd", [VAM_INSN_WBINVD] = "wbinvd",
	[VAM_INSN_CLFLUSH] = "clflush", [VAM_INSN_CLI] = "cli",
	[VAM_INSN_STI] = "sti", [VAM_INSN_IN] = "in", [VAM_INSN_OUT] = "out",
	[VAM_INSN_INT] = "int", [VAM_INSN_INT3] = "int3",
	[VAM_INSN_INTO] = "into", [VAM_INSN_INT1] = "int1",
	[VAM_INSN_IRET] = "iret", [VAM_INSN_SYSCALL] = "syscall",
	[VAM_INSN_SYSRET] = "sysret", [VAM_INSN_SYSENTER] = "sysenter",
	[VAM_INSN_SYSEXIT] = "sysexit", [VAM_INSN_SWAPGS] = "swapgs",
	[VAM_INSN_RSM] = "rsm", [VAM_INSN_LGDT] = "lgdt",
	[VAM_INSN_LIDT] = "lidt", [VAM_INSN_SGDT] = "sgdt",
	[VAM_INSN_SIDT] = "sidt", [VAM_INSN_LLDT] = "lldt",
	[VAM_INSN_LTR] = "ltr", [VAM_INSN_SLDT] = "sldt",
	[VAM_INSN_STR] = "str", [VAM_INSN_VMCALL] = "vmcall",
	[VAM_INSN_VMMCALL] = "vmmcall", [VAM_INSN_VMRUN] = "vmrun",
	[VAM_INSN_VMLOAD] = "vmload", [VAM_INSN_VMSAVE] = "vmsave",
	[VAM_INSN_STGI] = "stgi", [VAM_INSN_CLGI] = "clgi",
	[VAM_INSN_SKINIT] = "skinit", [VAM_INSN_VMX] = "vmx",
};
/* clang-format on */

static bool op_is_tested[VAM_INSN_NR_OPS];

/* clang-format off */
static const char *const arg_names[] = {
	[VAM_ARG_NONE] = "-", [VAM_ARG_REG] = "reg", [VAM_ARG_RM] = "rm",
	[VAM_ARG_MOFFS] = "moffs", [VAM_ARG_ACC] = "acc",
	[VAM_ARG_IMM] = "imm", [VAM_ARG_CL] = "cl", [VAM_ARG_DX] = "dx",
};
/* clang-format on */

/* The fixed part of an expectation, as the decoder would write it. */
static void describe(const struct vam_insn *insn, char *text, size_t size)
{
	char access[16] = "-";

	if (insn->reads_mem || insn->writes_mem)
		snprintf(access, sizeof(access), "%s%s%u",
			 insn->reads_mem ? "r" : "",
			 insn->writes_mem ? "w" : "", insn->memsize);
	snprintf(text, size, "%s %u %s %s,%s", op_names[insn->op], insn->opsize,
		 access, arg_names[insn->dst], arg_names[insn->src]);
}

static bool find_field(const struct vam_insn *insn, const char *name,
		       s64 *value)
{
	const struct {
		const char *name;
		s64 value;
	} fields[] = {
		{ "imm", insn->imm },
		{ "disp", insn->disp },
		{ "len", insn->len },
		{ "addrsize", insn->addrsize },
		{ "srcsize", insn->srcsize },
		{ "stacksize", insn->stacksize },
		{ "cc", insn->cc },
		{ "seg", insn->seg },
		{ "reg", insn->reg },
		{ "rm", insn->rm },
		{ "base", insn->base },
		{ "index", insn->index },
		{ "scale", insn->scale },
		{ "has_mem", insn->has_mem },
		{ "rip_relative", insn->rip_relative },
		{ "rep", insn->rep },
		{ "repne", insn->repne },
		{ "lock", insn->lock },
		{ "reg_high", insn->reg_high },
		{ "rm_high", insn->rm_high },
		{ "is_string", insn->is_string },
		{ "is_stack", insn->is_stack },
		{ "is_mmx", insn->is_mmx },
		{ "needs_align", insn->needs_align },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].name, name)) {
			*value = fields[i].value;
			return true;
		}
	}
	return false;
}

/* Compare the FIELD=VALUE part; false and a note for the first difference. */
static bool same_fields(const struct vam_insn *insn, const char *expect)
{
	char copy[160];
	char *word, *equals, *rest = copy;
	s64 got = 0, want;

	snprintf(copy, sizeof(copy), "%s", expect);
	while ((word = strsep(&rest, " "))) {
		equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals = 0;
		want = equals[1] == '-' ? -(s64)strtoull(equals + 2, NULL, 0) :
					  (s64)strtoull(equals + 1, NULL, 0);
		if (!find_field(insn, word, &got) || got != want) {
			tap_note("%s is %lld instead of %lld", word, got, want);
			return false;
		}
	}
	return true;
}

static bool same_error(const char *expect, int err)
{
	if (!strcmp(expect, "error EINVAL"))
		return err == -EINVAL;
	if (!strcmp(expect, "error E2BIG"))
		return err == -E2BIG;
	return false;
}

static bool check(const struct golden *g)
{
	enum vam_insn_mode mode = g->bits / 8;
	struct vam_insn insn;
	char text[80];
	u8 bytes[16] = { 0 };
	unsigned int n;
	size_t size;
	int err;

	memcpy(bytes, g->bytes, g->len);
	err = vam_insn_decode(&insn, bytes, sizeof(bytes), mode);
	if (!strncmp(g->expect, "error", 5))
		return same_error(g->expect, err);
	if (err || insn.len != g->len) {
		tap_note("%s: error %d, length %u instead of %llu", g->text,
			 err, insn.len, g->len);
		return false;
	}
	op_is_tested[insn.op] = true;

	describe(&insn, text, sizeof(text));
	size = strlen(text);
	if (strncmp(text, g->expect, size) ||
	    (g->expect[size] && g->expect[size] != ' ')) {
		tap_note("%s: '%s' instead of '%s'", g->text, text, g->expect);
		return false;
	}
	for (n = 0; n < g->len; n++) {
		if (vam_insn_decode(&insn, bytes, n, mode) != -ENODATA) {
			tap_note("%s: %u bytes are taken as enough", g->text,
				 n);
			return false;
		}
	}
	if (vam_insn_decode(&insn, bytes, g->len, mode))
		return false;
	return same_fields(&insn, g->expect);
}

static void check_ops(void)
{
	bool all = true;
	unsigned int op;

	for (op = 0; op < VAM_INSN_NR_OPS; op++) {
		if (op_is_tested[op] ||
		    (op >= VAM_INSN_CLC && op <= VAM_INSN_STD))
			continue;
		tap_note("no instruction for %s",
			 op_names[op] ? op_names[op] : "one without name");
		all = false;
	}
	tap_ok(all, "every operation has an instruction in the table");
}

int main(void)
{
	const struct golden *g;
	char sentence[160];

	for (g = golden_table; g->bytes; g++) {
		snprintf(sentence, sizeof(sentence), "%llu-bit '%s'%s", g->bits,
			 g->text,
			 strncmp(g->expect, "error", 5) ? "" : " is refused");
		tap_ok(check(g), sentence);
	}
	check_ops();
	return tap_done();
}

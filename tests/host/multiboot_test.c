// SPDX-License-Identifier: GPL-2.0
/*
 * multiboot_test.c - ddctl loads good Multiboot images as the specification
 * says, and refuses bad ones with a sentence, whatever is wrong with them
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include "boot_multiboot.h"
#include "out.h"
#include "tap.h"

#define MEMORY (4u << 20)
#define MAGIC 0x1badb002u

static char complaint[1024];

/* In place of out.c's: remember the sentence. */
int complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(complaint, sizeof(complaint), fmt, args);
	va_end(args);
	return -1;
}

static unsigned char file[16384];
static unsigned char ram[MEMORY];
static struct vamhost_vcpu_state state;

static void put32(size_t at, u32 value)
{
	memcpy(file + at, &value, 4);
}

static u32 get32(u64 gpa)
{
	u32 value = ~0u;

	if (gpa <= MEMORY - 4)
		memcpy(&value, ram + gpa, 4);
	return value;
}

/* A header at @at without addresses. */
static void put_header(size_t at, u32 flags)
{
	put32(at, MAGIC);
	put32(at + 4, flags);
	put32(at + 8, -(MAGIC + flags));
}

static Elf32_Ehdr *ehdr(void)
{
	return (Elf32_Ehdr *)file;
}

static Elf32_Phdr *phdr(unsigned int i)
{
	return (Elf32_Phdr *)(file + 64) + i;
}

/* One segment of 0x100 bytes at 2 MiB with 0x1000 of BSS; header at 4096. */
static void good_elf(void)
{
	memset(file, 0, sizeof(file));
	memcpy(ehdr()->e_ident, ELFMAG, SELFMAG);
	ehdr()->e_ident[EI_CLASS] = ELFCLASS32;
	ehdr()->e_ident[EI_DATA] = ELFDATA2LSB;
	ehdr()->e_type = ET_EXEC;
	ehdr()->e_machine = EM_386;
	ehdr()->e_entry = 0xc0200010;
	ehdr()->e_phoff = 64;
	ehdr()->e_phentsize = sizeof(Elf32_Phdr);
	ehdr()->e_phnum = 1;
	*phdr(0) = (Elf32_Phdr){
		.p_type = PT_LOAD,
		.p_offset = 4096,
		.p_vaddr = 0xc0200000,
		.p_paddr = 0x200000,
		.p_filesz = 0x100,
		.p_memsz = 0x1100,
	};
	put_header(4096, 3);
	memset(file + 4096 + 16, 0x5a, 0xf0);
}

static void good_raw(void)
{
	memset(file, 0x5a, sizeof(file));
	put_header(64, 1u << 16);
	put32(64 + 12, 0x200040); /* header */
	put32(64 + 16, 0x200000); /* load */
	put32(64 + 20, 0x200800); /* load end */
	put32(64 + 24, 0x201000); /* BSS end */
	put32(64 + 28, 0x200100); /* entry */
}

static int load_n(size_t size, struct blob *modules, size_t nr)
{
	struct multiboot mb = {
		.image = { .name = "image", .data = malloc(size), .size = size },
		.modules = modules,
		.nr_modules = nr,
		.cmdline = "image key=value",
	};
	int err, check;

	/* A copy of exact size, so that a read behind it is seen. */
	memcpy(mb.image.data, file, size);
	memset(ram, 0xcc, sizeof(ram));
	complaint[0] = '\0';
	check = multiboot_check(&mb, MEMORY);
	err = multiboot_load(&mb, ram, MEMORY, &state);
	free(mb.image.data);
	if (check != err)
		tap_ok(false, "check and load agree");
	return err;
}

static int load(void)
{
	return load_n(sizeof(file), NULL, 0);
}

static void refuses(const char *sentence, const char *part)
{
	int err = load();

	if (!tap_ok(err && strstr(complaint, part), sentence))
		tap_note("%d: '%s'", err, complaint);
}

static void test_elf(void)
{
	u32 info;

	good_elf();
	tap_ok(load() == 0, "an ELF image loads");
	tap_ok(state.rip == 0x200010,
	       "an entry given as a virtual address becomes physical");
	tap_ok(state.gpr[VAMHOST_RAX] == 0x2badb002 && state.cr0 == 0x11 &&
		       state.rflags == 2 && !state.efer &&
		       state.seg[VAMHOST_CS].attr == 0xc09b &&
		       state.seg[VAMHOST_DS].limit == 0xffffffff,
	       "the CPU is as the specification says");
	tap_ok(ram[0x200010] == 0x5a && ram[0x2000ff] == 0x5a &&
		       ram[0x200100] == 0 && ram[0x2010ff] == 0 &&
		       ram[0x201100] == 0xcc,
	       "the segment is copied and its BSS cleared, not more");
	info = state.gpr[VAMHOST_RBX];
	tap_ok(info >= 0x201100 && info < MEMORY - 88,
	       "the information structure lies behind the image");
	tap_ok((get32(info) & 0x249) == 0x249 && get32(info + 4) == 640 &&
		       get32(info + 8) == (MEMORY - 0x100000) / 1024,
	       "memory sizes are there");
	tap_ok(!strcmp((char *)ram + get32(info + 16), "image key=value") &&
		       get32(info + 20) == 0,
	       "the command line is there, and no module");
}

static void test_mmap(void)
{
	u64 at, end, base, len, ram_bytes = 0;
	u32 info = state.gpr[VAMHOST_RBX], type, n = 0;

	at = get32(info + 48);
	end = at + get32(info + 44);
	for (; at < end && n < 20; at += get32(at) + 4, n++) {
		base = get32(at + 4) | (u64)get32(at + 8) << 32;
		len = get32(at + 12) | (u64)get32(at + 16) << 32;
		type = get32(at + 20);
		if (type == 1)
			ram_bytes += len;
		if (type == 1 && base < 0x100000 && base + len > 0xa0000)
			ram_bytes = 0;
	}
	tap_ok(at == end && ram_bytes == MEMORY - 0x100000 + 0x9fc00,
	       "the memory map names what may be used");
}

static void test_modules(void)
{
	static unsigned char first[5000], second[1] = { 0x77 };
	struct blob modules[2] = {
		{ "first word", first, sizeof(first) },
		{ "second", second, 1 },
	};
	u32 info, mods;

	memset(first, 0x66, sizeof(first));
	good_elf();
	tap_ok(load_n(sizeof(file), modules, 2) == 0, "modules load");
	info = state.gpr[VAMHOST_RBX];
	mods = get32(info + 24);
	tap_ok(get32(info + 20) == 2 &&
		       get32(mods + 4) - get32(mods) == sizeof(first) &&
		       get32(mods + 20) - get32(mods + 16) == 1 &&
		       !(get32(mods) & 4095) && !(get32(mods + 16) & 4095),
	       "their list has start, end and page alignment");
	tap_ok(!memcmp(ram + get32(mods), first, sizeof(first)) &&
		       ram[get32(mods + 16)] == 0x77 &&
		       !strcmp((char *)ram + get32(mods + 8), "first word") &&
		       !strcmp((char *)ram + get32(mods + 24), "second"),
	       "contents and strings are theirs");
	modules[1].data = calloc(1, MEMORY);
	modules[1].size = MEMORY;
	tap_ok(load_n(sizeof(file), modules, 2) && strstr(complaint, "fit"),
	       "modules that do not fit are refused");
	free(modules[1].data);
}

static void test_raw(void)
{
	good_raw();
	tap_ok(load() == 0 && state.rip == 0x200100 && ram[0x2007ff] == 0x5a &&
		       ram[0x200800] == 0 && ram[0x200fff] == 0 &&
		       ram[0x1fffff] == 0xcc &&
		       state.gpr[VAMHOST_RBX] >= 0x201000,
	       "an image with addresses in its header loads");
	put32(64 + 20, 0);
	put32(64 + 24, 0);
	tap_ok(load() == 0 && ram[0x200000 + sizeof(file) - 1] == 0x5a,
	       "without an end address all of the file is loaded");
	good_raw();
	put32(64 + 12, 0x200041);
	refuses("a load address before the file is refused", "load address");
	good_raw();
	put32(64 + 12, 0x1fff00);
	refuses("a load address behind the header is refused", "load address");
	good_raw();
	put32(64 + 20, 0x1fffff);
	refuses("a load end before the start is refused", "load end");
	good_raw();
	put32(64 + 24, 0x200100);
	refuses("a BSS end before the load end is refused", "BSS");
	good_raw();
	put32(64 + 20, 0x300000);
	put32(64 + 24, 0);
	refuses("a load end behind the file is refused", "cut off");
	good_raw();
	put32(64 + 28, 0x201000);
	refuses("an entry outside the image is refused", "entry");
	good_raw();
	put32(64 + 24, 0xfffff000);
	refuses("a BSS larger than memory is refused", "memory");
}

static void test_bad(void)
{
	memset(file, 0, sizeof(file));
	refuses("a file without a header is refused", "not a Multiboot");
	good_elf();
	put32(4096 + 8, 0);
	refuses("a header with a wrong checksum is none", "not a Multiboot");
	good_elf();
	phdr(0)->p_offset = 8192;
	memmove(file + 8192, file + 4096, 0x100);
	memset(file + 4096, 0, 0x100);
	refuses("a header behind 8 KiB is none", "not a Multiboot");
	good_elf();
	put_header(4096, 4);
	refuses("a wish for a video mode is refused", "video");
	good_elf();
	put_header(4096, 0x100);
	refuses("a wish for something unknown is refused", "0x100");
	good_elf();
	ehdr()->e_ident[EI_CLASS] = ELFCLASS64;
	refuses("a 64-bit ELF file is refused", "32-bit");
	good_elf();
	ehdr()->e_machine = EM_ARM;
	refuses("an ELF file of another machine is refused", "32-bit x86");
	good_elf();
	ehdr()->e_type = ET_REL;
	refuses("an object file is refused", "not an ELF program");
	good_elf();
	ehdr()->e_ident[0] = 0;
	refuses("neither ELF nor addresses is refused", "neither");
	good_elf();
	ehdr()->e_phoff = 0xfffffff0;
	refuses("program headers outside the file are refused", "cut off");
	good_elf();
	phdr(0)->p_filesz = 0x2000;
	refuses("a segment larger in the file than in memory is refused",
		"larger");
	good_elf();
	phdr(0)->p_offset = 0xffffff00;
	refuses("a segment outside the file is refused", "cut off");
	good_elf();
	phdr(0)->p_paddr = MEMORY - 0x1000;
	refuses("a segment that ends outside memory is refused", "memory");
	good_elf();
	phdr(0)->p_paddr = 0xfffff000;
	refuses("a segment that wraps around is refused", "memory");
	good_elf();
	phdr(0)->p_type = PT_NOTE;
	refuses("an ELF file with nothing to load is refused", "nothing");
	good_elf();
	ehdr()->e_entry = 0x10;
	refuses("an ELF entry outside the image is refused", "entry");
}

/* Whatever bytes change: no access outside file and memory (sanitizers). */
static void test_mutations(void)
{
	u64 seed = 1;
	unsigned int i, j, loaded = 0;
	size_t size;

	for (i = 0; i < 3000; i++) {
		if (i & 1)
			good_elf();
		else
			good_raw();
		for (j = tap_random(&seed) % 4; j-- > 0;) {
			/* Where the headers are. */
			size = tap_random(&seed) % 128;
			if (i & 1 && !(tap_random(&seed) % 4))
				size += 4096;
			file[size] = tap_random(&seed);
		}
		size = tap_random(&seed) % 3 ?
			       sizeof(file) :
			       1 + tap_random(&seed) % sizeof(file);
		loaded += load_n(size, NULL, 0) == 0;
	}
	tap_note("%u of 3000 loaded", loaded);
	tap_ok(loaded > 0 && loaded < 3000,
	       "changed and cut images are loaded or refused, no more");
}

int main(void)
{
	test_elf();
	test_mmap();
	test_modules();
	test_raw();
	test_bad();
	test_mutations();
	return tap_done();
}

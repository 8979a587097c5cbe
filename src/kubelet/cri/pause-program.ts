/**
 * The program that holds a pod's namespaces: it waits, reaps nobody's children, and ends on SIGTERM or SIGINT. Assembled by
 * hand (x86-64, 270 bytes with its ELF header), so that a node needs no registry to start its first pod.
 *
 *   _start:  rt_sigaction(SIGTERM, &leave, 0, 8)    ; process 1 of a namespace ignores signals that it does not handle
 *            rt_sigaction(SIGINT, &leave, 0, 8)
 *            rt_sigaction(SIGCHLD, &ignore, 0, 8)   ; SA_NOCLDWAIT: the kernel reaps orphans by itself
 *   wait:    pause(); jmp wait
 *   handler: exit(0)
 *   leave:   .quad handler, SA_RESTORER, handler, 0
 *   ignore:  .quad SIG_IGN, SA_NOCLDWAIT, 0, 0
 */
export function pauseProgram(): Uint8Array {
  const base = 0x400000
  const header = 64 + 56
  const code: number[] = []
  const u32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255]
  const patches: { at: number; label: 'leave' | 'ignore' }[] = []
  const sigaction = (signal: number, label: 'leave' | 'ignore'): void => {
    code.push(0xb8, ...u32(13), 0xbf, ...u32(signal)) // mov eax, rt_sigaction; mov edi, signal
    code.push(0x48, 0x8d, 0x35, ...u32(0)) // lea rsi, [rip + label]
    patches.push({ at: code.length, label })
    code.push(0x31, 0xd2, 0x41, 0xba, ...u32(8), 0x0f, 0x05) // xor edx, edx; mov r10d, 8; syscall
  }
  sigaction(15, 'leave')
  sigaction(2, 'leave')
  sigaction(17, 'ignore')
  code.push(0xb8, ...u32(34), 0x0f, 0x05, 0xeb, 0xf7) // mov eax, pause; syscall; jmp -9
  const handler = code.length
  code.push(0xb8, ...u32(60), 0x31, 0xff, 0x0f, 0x05) // mov eax, exit; xor edi, edi; syscall
  while ((header + code.length) % 8 !== 0) code.push(0x90)
  const labels = { leave: code.length, ignore: code.length + 32 }

  const file = Buffer.alloc(header + code.length + 64)
  for (const { at, label } of patches) code.splice(at - 4, 4, ...u32(labels[label] - at))
  file.set(code, header)
  const quads = (at: number, values: readonly number[]): void => values.forEach((value, i) => file.writeBigUInt64LE(BigInt(value), at + i * 8))
  quads(header + labels.leave, [base + header + handler, 0x04000000, base + header + handler, 0])
  quads(header + labels.ignore, [1, 2, 0, 0])

  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]) // ELF, 64 bits, little-endian
  file.writeUInt16LE(2, 16) // executable
  file.writeUInt16LE(62, 18) // x86-64
  file.writeUInt32LE(1, 20)
  quads(24, [base + header, 64, 0]) // entry, program headers, no sections
  file.writeUInt16LE(64, 52)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt32LE(1, 64) // load
  file.writeUInt32LE(5, 68) // readable, executable
  quads(72, [0, base, base, file.length, file.length, 0x1000])
  return file
}

/** An IP address as a number: 32 bits for family 4, 128 for 6. IPv4-mapped IPv6 addresses are read as IPv4, as Go does. */
export interface Ip { readonly family: 4 | 6; readonly value: bigint }

export const bitsOf = (family: 4 | 6): 32 | 128 => (family === 4 ? 32 : 128)

/** Undefined where the text is no address. Leading zeros are refused (some read them as octal), and so are zones. */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) {
    const value = parse4(text)
    return value === undefined ? undefined : { family: 4, value }
  }
  const value = parse6(text)
  if (value === undefined) return undefined
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value }
}

/** The one canonical text: dotted quad, or RFC 5952. */
export function formatIp({ family, value }: Ip): string {
  if (family === 4) return `${value >> 24n}.${(value >> 16n) & 255n}.${(value >> 8n) & 255n}.${value & 255n}`
  const groups: number[] = []
  for (let i = 7; i >= 0; i--) groups.push(Number((value >> BigInt(i * 16)) & 0xffffn))
  const gap = longestZeros(groups)
  const hex = (from: number, to: number): string => groups.slice(from, to).map((g) => g.toString(16)).join(':')
  return gap ? `${hex(0, gap.start)}::${hex(gap.end, 8)}` : hex(0, 8)
}

export const addToIp = (ip: Ip, offset: bigint | number): Ip => ({ family: ip.family, value: ip.value + BigInt(offset) })

function parse4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = value * 256 + Number(part)
  }
  return BigInt(value)
}

function parse6(text: string): bigint | undefined {
  let rest = text
  // The last 32 bits may be a dotted quad.
  const dot = text.lastIndexOf(':')
  if (text.includes('.')) {
    const tail = parse4(text.slice(dot + 1))
    if (tail === undefined) return undefined
    rest = `${text.slice(0, dot + 1)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`
  }
  const halves = rest.split('::')
  if (halves.length > 2) return undefined
  const head = halves[0] === '' ? [] : halves[0]!.split(':')
  const tail = halves.length === 2 && halves[1] !== '' ? halves[1]!.split(':') : []
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  let value = 0n
  for (const group of [...head, ...Array.from({ length: missing }, () => '0'), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    value = (value << 16n) | BigInt(Number.parseInt(group, 16))
  }
  return value
}

/** The first longest run of two or more zero groups. */
function longestZeros(groups: readonly number[]): { start: number; end: number } | undefined {
  let best: { start: number; end: number } | undefined
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && groups[end] === 0) end++
    if (end - start > Math.max(1, best ? best.end - best.start : 0)) best = { start, end }
    if (end > start) start = end
  }
  return best
}

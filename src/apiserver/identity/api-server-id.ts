import { createHash } from 'node:crypto'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** `apiserver-` and a hash of host and component: the same after a restart, and the same that the original gives itself there. */
export function apiServerId(hostname: string): string {
  const hash = createHash('sha256').update(Buffer.concat([hostname, 'kube-apiserver'].map(withLength))).digest().subarray(0, 16)
  let text = ''
  let bits = 0n
  for (const byte of hash) bits = (bits << 8n) | BigInt(byte)
  // 26 letters of five bits: the last has two of padding.
  bits <<= 2n
  for (let i = 25; i >= 0; i--) text += alphabet[Number((bits >> BigInt(5 * i)) & 31n)]!
  return `apiserver-${text}`
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

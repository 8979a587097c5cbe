import { readQuantity } from '#apimachinery/quantity'

/** A quantity as Go's printer shows its struct after it came through protobuf. */
export function dumpQuantity(value: string | number | undefined): string {
  const text = String(value ?? '')
  // The zero value is not what "0" is read as.
  if (text === '') return shown(0n, 0, '<nil>', '', '')
  if (text === '0') return shown(0n, 0, '<nil>', '0', 'DecimalSI')
  const { quantity: { mantissa, scale, format }, small, kept } = readQuantity(text)
  if (small) return shown(mantissa, scale, '<nil>', kept ? text : '', format)
  return shown(0n, 0, decimal(mantissa, scale), '', format)
}

const shown = (value: bigint, scale: number, dec: string, text: string, format: string): string =>
  `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)${dec}} s:(string)${text} Format:(resource.Format)${format}}`

/** A big decimal: rounded to 1e-9 unless it is the largest there is; its words are of 64 bits, the lowest first. */
function decimal(mantissa: bigint, scale: number): string {
  const capped = mantissa === 2n ** 63n - 1n && scale === 0
  let rest = mantissa < 0n ? -mantissa : mantissa
  if (!capped) rest *= 10n ** BigInt(9 + scale)
  const words: bigint[] = []
  for (; rest > 0n; rest >>= 64n) words.push(rest & (2n ** 64n - 1n))
  return `{unscaled:(big.Int){neg:(bool)${mantissa < 0n} abs:(big.nat)${words.length > 0 ? `[${words.join(' ')}]` : '<nil>'}} scale:(inf.Scale)${capped ? 0 : 9}}`
}

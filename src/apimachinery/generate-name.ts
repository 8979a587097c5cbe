/** Letters and digits that make no words and are not mistaken for each other. */
const letters = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const longestBase = 63 - suffixLength

/** Random enough for names that must not collide; who wants the same names in each test gives its own. */
export type RandomSource = () => number

/** As many letters of the alphabet of names as asked. */
export function randomSuffix(length = suffixLength, random: RandomSource = Math.random): string {
  let text = ''
  for (let i = 0; i < length; i++) text += letters[Math.floor(random() * letters.length)]!
  return text
}

/** `web-` -> `web-x7k2p`. A long base is cut, so that the name stays a DNS label. */
export function generateName(base: string, random?: RandomSource): string {
  return `${base.length > longestBase ? base.slice(0, longestBase) : base}${randomSuffix(suffixLength, random)}`
}

/** Keeps a hash free of vowels and look-alikes, as labels such as pod-template-hash want it. */
export function safeEncode(text: string): string {
  let encoded = ''
  for (let i = 0; i < text.length; i++) encoded += letters[text.charCodeAt(i) % letters.length]!
  return encoded
}

/** How one test of the suite ended. */
export interface Result {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
  /** Of a test that failed: the first lines of why. */
  readonly message: string
}

/** The tests that ran, out of the suite's JUnit report. What was skipped, and what is no test but belongs to the suite, is left out. */
export function readReport(xml: string): Result[] {
  const results: Result[] = []
  for (const [, head = '', body = ''] of xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const name = attribute(head, 'name')
    const status = attribute(head, 'status')
    if (!name.startsWith('[It] ') || status === 'skipped' || status === 'pending' || body.includes('<skipped')) continue
    const [, why, text = ''] = /<(?:failure|error)\b([^>]*)>([^<]*)/.exec(body) ?? []
    results.push({ name: name.slice('[It] '.length), passed: why === undefined && status === 'passed', seconds: Number(attribute(head, 'time')), message: why === undefined ? '' : attribute(why, 'message') || unescape(text) })
  }
  return results
}

const attribute = (head: string, name: string): string => unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(head)?.[1] ?? '')

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const unescape = (text: string): string =>
  text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, entity?: string) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16))
    return decimal ? String.fromCodePoint(Number(decimal)) : (entities[entity!] ?? whole)
  })

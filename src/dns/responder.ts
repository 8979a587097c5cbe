import { AUTHORITATIVE_ANSWER, type Answer, decode, encode, type Packet, RECURSION_AVAILABLE, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet'
import type { Log } from '#component-base/log'
import type { Forward } from './upstream'
import type { RecordType, Zone, ZoneRecord } from './zone'

export interface ResponderOptions {
  zone: Zone
  forward: Forward
  log: Log
  /** Seconds that clients may keep an answer. */
  ttl?: number
}

const codes = { noError: 0, formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4 }

/** Answers one message: names of the cluster from its zone, everything else from upstream. */
export function createResponder({ zone, forward, log, ttl = 30 }: ResponderOptions): (message: Buffer, over: 'udp' | 'tcp') => Promise<Buffer | undefined> {
  return async (message, over) => {
    const query = read(message)
    if (!query) return message.length >= 2 ? encode({ type: 'response', id: message.readUInt16BE(0), flags: codes.formatError }) : undefined
    if (query.type === 'response') return undefined
    const [question] = query.questions ?? []
    if (!question || query.opcode !== 'QUERY') return reply(query, codes.notImplemented, [], over)

    const name = question.name.toLowerCase()
    const found = zone.contains(name) ? zone.lookup(name, question.type as RecordType) : question.type === 'PTR' ? zone.reverse(name) : undefined
    if (found === undefined) return handOn(message, query, over)
    if (found === 'absent') return reply(query, codes.noSuchName, [], over, [authority()])
    const answers = found.records.map(answer)
    const alias = found.records.find((record) => record.type === 'CNAME')?.data
    if (typeof alias === 'string' && question.type !== 'CNAME') answers.push(...(await follow(alias, question.type as 'A')))
    return reply(query, codes.noError, answers, over, answers.length === 0 ? [authority()] : [], (found.additional ?? []).map(answer))
  }

  async function handOn(message: Buffer, query: Packet, over: 'udp' | 'tcp'): Promise<Buffer> {
    try {
      return await forward(message, over)
    } catch (error) {
      log.debug('no upstream DNS server answered', { name: query.questions?.[0]?.name, error })
      return reply(query, codes.serverFailure, [], over)
    }
  }

  /** The addresses behind an ExternalName, so that resolvers that do not ask again find them. */
  async function follow(name: string, type: 'A'): Promise<Answer[]> {
    const inZone = name.toLowerCase().replace(/\.$/, '')
    if (zone.contains(inZone)) {
      const found = zone.lookup(inZone, type)
      return found === 'absent' ? [] : found.records.map(answer)
    }
    try {
      const bytes = await forward(encode({ type: 'query', id: Math.trunc(Math.random() * 65_536), flags: RECURSION_DESIRED, questions: [{ name: inZone, type, class: 'IN' }] }), 'udp')
      return decode(bytes).answers ?? []
    } catch (error) {
      log.debug('the target of an ExternalName was not resolved', { name, error })
      return []
    }
  }

  function answer(record: ZoneRecord): Answer {
    return { ...record, ttl, class: 'IN' }
  }

  function authority(): Answer {
    const serial = Math.trunc(Date.now() / 1000)
    return { name: zone.name, type: 'SOA', ttl, class: 'IN', data: { mname: `ns.dns.${zone.name}`, rname: `hostmaster.${zone.name}`, serial, refresh: 7200, retry: 1800, expire: 86_400, minimum: ttl } }
  }
}

function read(message: Buffer): (Packet & { opcode: string }) | undefined {
  try {
    return decode(message) as unknown as Packet & { opcode: string }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // Whatever it was, it was not DNS: the caller answers FORMERR.
    return undefined
  }
}

function reply(query: Packet, code: number, answers: Answer[], over: 'udp' | 'tcp', authorities: Answer[] = [], additionals: Answer[] = []): Buffer {
  const edns = query.additionals?.find((record) => record.type === 'OPT') as { udpPayloadSize?: number } | undefined
  const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED) | code
  const opt = edns ? [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] } as unknown as Answer] : []
  const whole = encode({ type: 'response', id: query.id, flags, questions: query.questions, answers, authorities, additionals: [...additionals, ...opt] })
  const room = over === 'tcp' ? 65_535 : Math.max(512, edns?.udpPayloadSize ?? 512)
  if (whole.length <= room) return whole
  const lean = encode({ type: 'response', id: query.id, flags, questions: query.questions, answers, additionals: opt })
  if (lean.length <= room) return lean
  // The client asks again over TCP.
  return encode({ type: 'response', id: query.id, flags: flags | TRUNCATED_RESPONSE, questions: query.questions, additionals: opt })
}

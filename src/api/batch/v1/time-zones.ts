// Which names of time zones are known. The runtime's own table is asked, which is laxer than a file system with the IANA's files in it.

/** Names of the IANA without a slash. The runtime knows more of that sort (PST, IST), which say different things in different places. */
const plain = new Set((
  'CET CST6CDT Cuba EET EST EST5EDT Egypt Eire Factory GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST '
  + 'MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu'
).split(' '))
/** How words are written that are not simply capitalized. */
const odd = new Map(
  'ACT ComodRivadavia DeNoronha DumontDUrville EasterIsland GMT GMT0 LHI McMurdo NSW UCT UTC BajaNorte BajaSur au es of'.split(' ').map((word) => [word.toLowerCase(), word]),
)

/** Undefined where a zone of that name can be loaded; otherwise why not. */
export function locationProblem(zone: string): string | undefined {
  const unknown = `unknown time zone ${zone}`
  if (zone === 'Local' || zone === 'UTC' || zone === 'Factory') return undefined
  if (!(zone.includes('/') ? isWrittenRight(zone) : plain.has(zone))) return unknown
  try {
    Intl.DateTimeFormat('en', { timeZone: zone })
    return undefined
  } catch {
    return unknown
  }
}

/** Files have one spelling; the runtime takes any. */
function isWrittenRight(zone: string): boolean {
  const [area = '', ...places] = zone.split('/')
  if (area !== 'US' && !isWord(area)) return false
  return places.every((place) => place === 'Knox_IN' || place.split(/[_+-]/).every((word) => /^\d*$/.test(word) || isWord(word)))
}

const isWord = (word: string): boolean => word === (odd.get(word.toLowerCase()) ?? word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())

/** Why a zone may not stand in a CronJob, one text a reason. */
export function timeZoneProblems(zone: string): string[] {
  if (zone === '') return ['timeZone must be nil or non-empty string']
  if (zone.split('/').some((part) => part === '.' || part === '..' || part.startsWith('-') || !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part))) return [`unknown time zone ${zone}`]
  const found = zone.toLowerCase() === 'local' ? ['timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'] : []
  const problem = locationProblem(zone)
  return problem === undefined ? found : [...found, problem]
}

export const timeZoneProblem = (zone: string): string | undefined => timeZoneProblems(zone)[0]

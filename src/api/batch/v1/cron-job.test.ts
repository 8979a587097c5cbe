import { expect, test } from 'vitest'
import { created, refusals } from '../../testing/written'
import { cronjobs } from './cron-job'
import { scheduleProblem } from './cron-schedule'
import { timeZoneProblems } from './time-zones'

const body = (spec: object): { spec: object } => ({ spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } }, ...spec } })

test.each([
  ['*/5 1-3 1,15 jan-mar ?'], ['@daily'], ['@every 1h30m'], ['@every -1h'], ['@every 0s'], ['1,,2 * * * *'], [', * * * *'], ['*-5 * * * *'], ['TZ=UTC @daily'], ['TZ= * * * * *'],
])('the schedule %s', (schedule) => {
  expect(scheduleProblem(schedule)).toBeUndefined()
})

test.each([
  ['', 'empty spec string'],
  [' ', 'expected exactly 5 fields, found 0: []'],
  ['@every 1', 'failed to parse duration @every 1: time: missing unit in duration "1"'],
  ['@every 1d', 'failed to parse duration @every 1d: time: unknown unit "d" in duration "1d"'],
  ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
  ['@midnight ', 'unrecognized descriptor: @midnight '],
  ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
  ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ['*/5/5 * * * *', 'too many slashes: */5/5'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['TZ=Nowhere * * * * *', 'provided bad location Nowhere: unknown time zone Nowhere'],
  ['TZ=UTC', 'invalid schedule format: runtime error: slice bounds out of range [:-1]'],
])('the schedule "%s" says %s', (schedule, problem) => {
  expect(scheduleProblem(schedule)).toBe(problem)
})

test('zones are spelled as the IANA spells them', () => {
  const known = [
    'UTC', 'EST', 'Etc/GMT+5', 'US/Eastern', 'US/Indiana-Starke', 'America/Argentina/Buenos_Aires', 'America/Port-au-Prince', 'America/Indiana/Knox', 'America/Knox_IN',
    'Antarctica/DumontDUrville', 'Antarctica/McMurdo', 'Africa/Dar_es_Salaam', 'America/Port_of_Spain', 'Australia/ACT', 'Brazil/DeNoronha', 'NZ-CHAT', 'W-SU', 'Etc/Zulu', 'Factory',
  ]
  expect([...known, ...Intl.supportedValuesOf('timeZone')].filter((zone) => timeZoneProblems(zone).length > 0)).toEqual([])
  for (const zone of ['Europe/berlin', 'utc', 'PST', 'Nowhere', 'Europe/', '../x']) expect(timeZoneProblems(zone)).toEqual([`unknown time zone ${zone}`])
  expect(timeZoneProblems('Local')).toHaveLength(1)
  expect(timeZoneProblems('local')).toHaveLength(2)
})

test('a zone and a schedule that do not go together', async () => {
  expect(await refusals(cronjobs, body({ schedule: 'TZ=UTC * * * * *', timeZone: 'x' }))).toEqual([
    'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead', 'spec.timeZone: Invalid value: "x": unknown time zone x',
  ])
})

test('warns of a name that pods cannot have, when it is made', async () => {
  const object = await created(cronjobs, { ...body({}), metadata: { name: 'a.b' } })
  expect(cronjobs.warnings!(object, undefined)).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
  ])
  expect(cronjobs.warnings!(object, object)).toEqual([])
})

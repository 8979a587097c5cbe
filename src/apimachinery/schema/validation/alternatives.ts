import type { JsonSchema } from '../json-schema'
import { Report } from './report'
import { compileCheck, type Check } from './validator'

/** `allOf`, `anyOf`, `oneOf` and `not`. Of alternatives that all fail, the problems of the one that got furthest are told. */
export function alternatives({ allOf = [], anyOf = [], oneOf = [], not }: JsonSchema): Check | undefined {
  if (allOf.length + anyOf.length + oneOf.length === 0 && !not) return undefined
  const [all, any, one] = [allOf.map(compileCheck), anyOf.map(compileCheck), oneOf.map(compileCheck)]
  const refused = not && compileCheck(not)
  return (value, report) => {
    if (any.length > 0) checkAny(any, value, report)
    if (one.length > 0) checkOne(one, value, report)
    if (all.length > 0) {
      let valid = 0
      for (const check of all) {
        const tried = attempt(check, value, report)
        if (tried.problems.length === 0) valid++
        merge(report, tried)
      }
      if (valid !== all.length) report.general(`${quoted(report)} must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`)
    }
    if (refused && attempt(refused, value, report).problems.length === 0) report.general(`${quoted(report)} must not validate the schema (not)`)
    report.matches++
  }
}

const quoted = (report: Report): string => JSON.stringify(report.text())

function attempt(check: Check, value: unknown, { path, depth }: Report): Report {
  const tried = new Report()
  for (let i = 0; i < depth; i++) tried.enter(path[i]!)
  check(value, tried)
  return tried
}

function merge(report: Report, tried: Report): void {
  report.problems.push(...tried.problems)
  report.matches += tried.matches
}

function checkAny(checks: readonly Check[], value: unknown, report: Report): void {
  let best: Report | undefined
  for (const check of checks) {
    const tried = attempt(check, value, report)
    if (tried.problems.length === 0) {
      report.matches += tried.matches
      return
    }
    if (!best || tried.matches > best.matches) best = tried
  }
  report.general(`${quoted(report)} must validate at least one schema (anyOf)`)
  merge(report, best!)
}

function checkOne(checks: readonly Check[], value: unknown, report: Report): void {
  let best: Report | undefined
  let first: Report | undefined
  let valid = 0
  for (const check of checks) {
    const tried = attempt(check, value, report)
    if (tried.problems.length === 0) {
      valid++
      first ??= tried
      best = undefined
    } else if (valid === 0 && (!best || tried.matches > best.matches)) best = tried
  }
  if (valid === 1) {
    report.matches += first!.matches
    return
  }
  report.general(`${quoted(report)} must validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`)
  if (best) merge(report, best)
}

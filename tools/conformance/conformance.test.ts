import { expect, test } from 'vitest'
import { readReport } from './report'
import { focusOn, namesOfClass, readArguments, suiteArguments } from './suite'

const report = `<?xml version="1.0"?><testsuites><testsuite>
  <testcase name="[ReportBeforeSuite]" status="passed" time="0.1"></testcase>
  <testcase name="[It] [sig-a] does &#34;this&#34; &amp; that [Conformance]" status="passed" time="1.5"><system-err>&lt;failure&gt;</system-err></testcase>
  <testcase name="[It] [sig-a] fails [Conformance]" status="failed" time="2"><failure message="expected&#xA;&lt;int&gt;" type="failed">long</failure></testcase>
  <testcase name="[It] [sig-a] expects [Conformance]" status="failed" time="2"><failure message="" type="failed">[FAILED] Expected&#xA;1</failure></testcase>
  <testcase name="[It] [sig-a] hangs [Conformance]" status="timedout" time="3"></testcase>
  <testcase name="[It] [sig-a] another" status="skipped" time="0"><skipped message="skipped"></skipped></testcase>
  <testcase name="[It] [sig-a] asks for what is not there [Conformance]" status="passed" time="0"><skipped message="skipped - no nodes"></skipped></testcase>
</testsuite></testsuites>`

test('a report says which tests ran, and why some failed', () => {
  expect(readReport(report)).toEqual([
    { name: '[sig-a] does "this" & that [Conformance]', passed: true, seconds: 1.5, message: '' },
    { name: '[sig-a] fails [Conformance]', passed: false, seconds: 2, message: 'expected\n<int>' },
    { name: '[sig-a] expects [Conformance]', passed: false, seconds: 2, message: '[FAILED] Expected\n1' },
    { name: '[sig-a] hangs [Conformance]', passed: false, seconds: 3, message: '' },
  ])
})

test('a focus is on the names and on nothing else', () => {
  const names = ['[sig-a] a test (slow) works. [Conformance]', '[sig-a] b [Conformance]']
  const focus = new RegExp(focusOn(names))
  for (const name of names) expect(focus.test(name)).toBe(true)
  for (const other of ['[sig-a] a test (slow) works! [Conformance]', '[sig-a] b [Conformance] more', 'a']) expect(focus.test(other)).toBe(false)
  expect(suiteArguments({ kubeconfig: 'k', focus: 'f', report: 'r' })).toEqual(expect.arrayContaining(['--kubeconfig=k', '--ginkgo.focus=f', '--report-dir=r']))
})

test('a class is looked up in the list by the names of its columns', () => {
  const table = 'sig\tclass\ttest\na\tapi-only\tone\na\tnode\ttwo\na\tapi-only\tthree\n'
  expect(namesOfClass(table, 'api-only')).toEqual(['one', 'three'])
  expect(() => namesOfClass(table, 'none')).toThrow('there is no test of class none; there are: api-only, node')
})

test('arguments say which tests, and whether what passes is written down', () => {
  expect(readArguments([])).toEqual({ all: false, tighten: false })
  expect(readArguments(['--class', 'api-only', 'CRD', '--tighten'])).toEqual({ all: false, class: 'api-only', filter: 'CRD', tighten: true })
  expect(readArguments(['--all']).all).toBe(true)
  for (const wrong of [['--all', '--class', 'x'], ['--class'], ['--what'], ['a', 'b']]) expect(() => readArguments(wrong)).toThrow('npm run conformance -- [FILTER]')
})

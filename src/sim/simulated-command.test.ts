import { expect, test } from 'vitest'
import { simulatedCommand } from './simulated-command'

test.each([
  [['true'], { runMs: 0, exitCode: 0 }],
  [['/bin/false'], { runMs: 0, exitCode: 1 }],
  [['sleep', '1.5'], { runMs: 1500, exitCode: 0 }],
  [['sleep', '1m', '1s'], { runMs: 61_000, exitCode: 0 }],
  [['sleep', 'infinity'], {}],
  [['sleep', '1000000000'], {}],
  [['/bin/sh', '-c', 'exit 3'], { runMs: 0, exitCode: 3 }],
  [['sh', '-c', 'sleep 2; exit 1'], { runMs: 2000, exitCode: 1 }],
  [['sh', '-c', 'sleep 2 && false\n'], { runMs: 2000, exitCode: 1 }],
  [['sh', '-c', 'false && sleep 2'], { runMs: 0, exitCode: 1 }],
  [['sh', '-c', 'false; sleep 2; true'], { runMs: 2000, exitCode: 0 }],
  [['sh', '-c', 'exit 1; sleep 2'], { runMs: 0, exitCode: 1 }],
  [['sh', '-c', 'sleep infinity; exit 1'], {}],
] as const)('%j', (command, outcome) => {
  expect(simulatedCommand(command)).toEqual(outcome)
})

test.each([[[]], [['nginx']], [['sleep']], [['sleep', 'soon']], [['sh']], [['sh', '-c', 'exit $(( $RANDOM / 16384 ))']], [['sh', '-c', 'sleep 1 & wait']], [['sh', '-c', 'true | false']], [['sh', '-c', 'echo hi']]])('%j is not known', (command) => {
  expect(simulatedCommand(command)).toBeUndefined()
})

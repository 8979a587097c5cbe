// Probes, and the handlers that they share with lifecycle hooks.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isHttpHeaderName } from '#apimachinery/names'
import { nonNegative, portNumber, portNumberOrName, report } from '../../field-checks'
import type { GRPCAction, HTTPGetAction, Lifecycle, LifecycleHandler, PodSpec, Probe, SleepAction } from './types'

export function validateLivenessOrStartupProbe(probe: Probe, errors: FieldErrors): void {
  validateProbe(probe, errors)
  if (probe.successThreshold !== 1) errors.at('successThreshold').invalid(probe.successThreshold ?? 0, 'must be 1')
}

export function validateReadinessProbe(probe: Probe, errors: FieldErrors): void {
  validateProbe(probe, errors)
  if (probe.terminationGracePeriodSeconds !== undefined) {
    errors.at('terminationGracePeriodSeconds').invalid(probe.terminationGracePeriodSeconds, 'must not be set for readinessProbes')
  }
}

function validateProbe(probe: Probe, errors: FieldErrors): void {
  validateHandler(probe, undefined, errors)
  nonNegative(errors, 'initialDelaySeconds', probe.initialDelaySeconds)
  nonNegative(errors, 'timeoutSeconds', probe.timeoutSeconds)
  nonNegative(errors, 'periodSeconds', probe.periodSeconds)
  nonNegative(errors, 'successThreshold', probe.successThreshold)
  nonNegative(errors, 'failureThreshold', probe.failureThreshold)
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) errors.at('terminationGracePeriodSeconds').invalid(grace, 'must be greater than 0')
}

export function validateLifecycle(lifecycle: Lifecycle, spec: PodSpec, errors: FieldErrors): void {
  if (lifecycle.postStart) validateHandler(lifecycle.postStart, spec, errors.at('postStart'))
  if (lifecycle.preStop) validateHandler(lifecycle.preStop, spec, errors.at('preStop'))
  if (lifecycle.stopSignal !== undefined) validateStopSignal(lifecycle.stopSignal, spec, errors.at('stopSignal'))
}

type Handler = LifecycleHandler & { grpc?: GRPCAction }

function validateHandler({ exec, httpGet, tcpSocket, grpc, sleep }: Handler, spec: PodSpec | undefined, errors: FieldErrors): void {
  let count = 0
  if (exec && isFirst(count++, 'exec', errors) && !exec.command?.length) errors.at('exec', 'command').required()
  if (httpGet && isFirst(count++, 'httpGet', errors)) validateHttpGet(httpGet, errors.at('httpGet'))
  if (tcpSocket && isFirst(count++, 'tcpSocket', errors)) portNumberOrName(errors.at('tcpSocket'), 'port', tcpSocket.port)
  if (grpc && isFirst(count++, 'grpc', errors)) portNumber(errors.at('grpc'), 'port', grpc.port)
  if (sleep && isFirst(count++, 'sleep', errors) && spec) validateSleep(sleep, spec.terminationGracePeriodSeconds, errors.at('sleep'))
  if (count === 0) errors.required('must specify a handler type')
}

function isFirst(count: number, field: string, errors: FieldErrors): boolean {
  if (count > 0) errors.at(field).forbidden('may not specify more than 1 handler type')
  return count === 0
}

const schemes = ['HTTP', 'HTTPS']

function validateHttpGet({ path, port, scheme, httpHeaders }: HTTPGetAction, errors: FieldErrors): void {
  if (!path) errors.at('path').required()
  portNumberOrName(errors, 'port', port)
  if (!schemes.includes(scheme ?? '')) errors.at('scheme').notSupported(scheme ?? '', schemes)
  if (httpHeaders) for (const { name } of httpHeaders) report(errors, 'httpHeaders', name, isHttpHeaderName(name))
}

function validateSleep({ seconds }: SleepAction, gracePeriod: number, errors: FieldErrors): void {
  if (seconds < 0 || seconds > gracePeriod) errors.invalid(seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)
}

const plain = 'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'
const signals = [
  ...plain.split(' ').map((name) => `SIG${name}`), 'SIGRTMIN', 'SIGRTMAX',
  ...Array.from({ length: 15 }, (_, i) => `SIGRTMIN+${i + 1}`), ...Array.from({ length: 14 }, (_, i) => `SIGRTMAX-${i + 1}`),
].sort()

function validateStopSignal(signal: string, { os }: PodSpec, errors: FieldErrors): void {
  if (!os) return errors.forbidden('may not be set for containers with empty `spec.os.name`')
  const known = os.name === 'windows' ? ['SIGKILL', 'SIGTERM'] : signals
  if (!known.includes(signal)) errors.notSupported(signal, known)
}

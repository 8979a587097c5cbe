import type { FieldErrors } from '#apimachinery/field-errors'
import { descending } from './path-checks'
import type { Container, Volume, VolumeDevice, VolumeMount } from './types'

type Volumes = ReadonlyMap<string, Volume>

export function validateVolumeMounts(container: Container, volumes: Volumes, errors: FieldErrors): void {
  const mounts = container.volumeMounts!
  const devices = container.volumeDevices
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i]!
    const { name, mountPath, subPath, subPathExpr } = mount
    if (!name) errors.at(i, 'name').required()
    if (!volumes.has(name)) errors.at(i, 'name').notFound(name)
    if (!mountPath) errors.at(i, 'mountPath').required()
    for (let j = 0; j < i; j++) {
      if (mounts[j]!.mountPath !== mountPath) continue
      errors.at(i, 'mountPath').invalid(mountPath, 'must be unique')
      break
    }
    if (devices?.some((device) => device.name === name)) errors.at(i, 'name').invalid(name, 'must not already exist in volumeDevices')
    if (devices?.some((device) => device.devicePath === mountPath)) {
      errors.at(i, 'mountPath').invalid(mountPath, 'must not already exist as a path in volumeDevices')
    }
    // The rest is reported at the list, as in the original.
    if (subPath) descending(errors, 'subPath', subPath)
    if (subPathExpr) {
      if (subPath) errors.at(i, 'subPathExpr').invalid(subPathExpr, 'subPathExpr and subPath are mutually exclusive')
      descending(errors, 'subPathExpr', subPathExpr)
    }
    if (mount.mountPropagation !== undefined) validatePropagation(mount.mountPropagation, container, errors.at('mountPropagation'))
    if (mount.recursiveReadOnly !== undefined) validateRecursiveReadOnly(mount, errors.at('recursiveReadOnly'))
  }
}

const propagations = ['Bidirectional', 'HostToContainer', 'None']

function validatePropagation(propagation: string, { securityContext }: Container, errors: FieldErrors): void {
  if (!propagations.includes(propagation)) errors.notSupported(propagation, propagations)
  if (propagation === 'Bidirectional' && !securityContext?.privileged) {
    errors.forbidden('Bidirectional mount propagation is available only to privileged containers')
  }
}

function validateRecursiveReadOnly({ recursiveReadOnly, readOnly, mountPropagation }: VolumeMount, errors: FieldErrors): void {
  if (recursiveReadOnly === 'Disabled') return
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') {
    return errors.notSupported(recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'])
  }
  if (!readOnly) errors.forbidden('may only be specified when readOnly is true')
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    errors.forbidden('may only be specified when mountPropagation is None or not specified')
  }
}

export function validateVolumeDevices(devices: readonly VolumeDevice[], mounts: readonly VolumeMount[] | undefined, volumes: Volumes, errors: FieldErrors): void {
  for (let i = 0; i < devices.length; i++) {
    const { name, devicePath } = devices[i]!
    const volume = volumes.get(name)
    const earlier = devices.slice(0, i)
    if (!name) errors.at(i, 'name').required()
    if (name && earlier.some((device) => device.name === name)) errors.at(i, 'name').invalid(name, 'must be unique')
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      errors.at(i, 'name').invalid(name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode')
    }
    if (!volume) errors.at(i, 'name').notFound(name)
    if (!devicePath) errors.at(i, 'devicePath').required()
    if (devicePath && earlier.some((device) => device.devicePath === devicePath)) errors.at(i, 'devicePath').invalid(devicePath, 'must be unique')
    if (devicePath && devicePath.split('/').includes('..')) errors.at(i, 'devicePath').invalid(devicePath, 'can not contain backsteps (\'..\')')
    if (mounts?.some((mount) => mount.name === name)) errors.at(i, 'name').invalid(name, 'must not already exist in volumeMounts')
    if (mounts?.some((mount) => mount.mountPath === devicePath)) {
      errors.at(i, 'devicePath').invalid(devicePath, 'must not already exist as a path in volumeMounts')
    }
  }
}

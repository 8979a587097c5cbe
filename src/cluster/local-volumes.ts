import { chmod, mkdir, rm } from 'node:fs/promises'
import { storageclasses } from '#api/storage/v1/storage-class'
import type { Component } from '#component-base/component'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import { startController } from '#controller-runtime/manager'
import { localProvisioner, localVolumeProvisioner } from '#controllers/volume-binder/local-provisioner'
import { ensure } from './ensure'

/** On this machine, or in words only, for simulated nodes. */
export type VolumePlace = { nodeName: string; directory: string } | 'simulated'

/** Storage that needs nothing installed: a default class whose volumes are directories of nodes. What people change about the class stays. */
export function localVolumes(place: VolumePlace, { client, informers }: { client: Client; informers: Informers }): Component {
  return {
    name: 'local volumes',
    async start({ clock, log }) {
      await ensure(client, storageclasses, {
        metadata: { name: 'local', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: localProvisioner, volumeBindingMode: 'WaitForFirstConsumer', reclaimPolicy: 'Delete',
      })
      const provisioner = localVolumeProvisioner(place === 'simulated' ? inWords : { ...place, ...onDisk })
      const running = await startController(provisioner, { clientFor: () => client, informers, clock, log })
      return { ready: Promise.resolve(), [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
    },
  }
}

const onDisk = {
  async makeDirectory(path: string): Promise<void> {
    await mkdir(path, { recursive: true })
    // Containers run as anybody.
    await chmod(path, 0o777)
  },
  removeDirectory: (path: string): Promise<void> => rm(path, { recursive: true, force: true }),
}
const inWords = { directory: '/var/lib/navarch/volumes', makeDirectory: async () => undefined, removeDirectory: async () => undefined }

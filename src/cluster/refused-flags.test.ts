import { expect, test } from 'vitest'
import { readFlags } from '#component-base/options/whole'
import { controlPlaneOptions } from './options'
import { refusedFlags } from './refused-flags'

const read = (...argv: string[]) => readFlags('navarch apiserver', controlPlaneOptions, argv, refusedFlags)

test('flags of the original that are not built say why, and what to do instead', () => {
  expect(() => read('--tls-cert-file=a', '--vmodule', 'x=4', '--profiling')).toThrow('navarch apiserver: --tls-cert-file is not supported: put apiserver.crt and apiserver.key into the folder pki of the data directory')
  expect(() => read('--storage-backend', 'etcd2')).toThrow('--storage-backend is not supported: ')
  expect(() => read('--tls-cert-fil=a')).toThrow('unknown flag --tls-cert-fil')
})

test('one that asks for what is done anyway is taken', () => {
  expect(read('--profiling=false', '--allow-privileged', '--storage-backend', 'etcd3', '--watch-cache=true', '--secure-port=1').options).toEqual({ securePort: 1 })
})

test('nothing that is built is refused', () => {
  expect(Object.values(controlPlaneOptions).map(({ flag }) => flag).filter((flag) => refusedFlags[flag])).toEqual([])
})

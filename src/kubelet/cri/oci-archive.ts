import { createHash } from 'node:crypto'

export interface ImageContent {
  /** `registry.k8s.io/pause:navarch`: kept in the archive as the name to import under. */
  name: string
  architecture: string
  /** Path in the image -> content, all owned by root. */
  files: Readonly<Record<string, { content: Uint8Array; mode: number }>>
  /** Symbolic links: path -> target. */
  links?: Readonly<Record<string, string>>
  config: { Entrypoint?: string[]; Cmd?: string[]; Env?: string[]; WorkingDir?: string; User?: string }
}

/** An OCI image archive of one layer; the same content gives the same bytes. */
export function ociArchive({ name, architecture, files, links = {}, config }: ImageContent): Uint8Array {
  const layer = tar([
    ...Object.entries(files).map(([path, { content, mode }]) => ({ path, content, mode })),
    ...Object.entries(links).map(([path, link]) => ({ path, content: new Uint8Array(), mode: 0o777, link })),
  ])
  const blobs: TarEntry[] = []
  const blob = (mediaType: string, content: Uint8Array): { mediaType: string; digest: string; size: number } => {
    const hex = createHash('sha256').update(content).digest('hex')
    blobs.push({ path: `blobs/sha256/${hex}`, content, mode: 0o644 })
    return { mediaType, digest: `sha256:${hex}`, size: content.length }
  }
  const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
  const layerBlob = blob('application/vnd.oci.image.layer.v1.tar', layer)
  const configBlob = blob('application/vnd.oci.image.config.v1+json', json({ architecture, os: 'linux', config, rootfs: { type: 'layers', diff_ids: [layerBlob.digest] }, history: [{ created_by: 'navarch' }] }))
  const manifest = blob('application/vnd.oci.image.manifest.v1+json', json({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: configBlob, layers: [layerBlob] }))
  const index = { schemaVersion: 2, manifests: [{ ...manifest, platform: { architecture, os: 'linux' }, annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1) } }] }
  return tar([{ path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }), mode: 0o644 }, { path: 'index.json', content: json(index), mode: 0o644 }, ...blobs])
}

interface TarEntry { path: string; content: Uint8Array; mode: number; link?: string }

/** ustar: regular files and symbolic links. */
function tar(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { path, content, mode, link } of entries) {
    if (path.length > 99) throw new Error(`tar: the path ${path} is longer than 99 bytes`)
    const header = Buffer.alloc(512)
    const octal = (value: number, at: number, length: number): void => void header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at)
    header.write(path, 0)
    octal(mode, 100, 8)
    octal(0, 108, 8)
    octal(0, 116, 8)
    octal(content.length, 124, 12)
    octal(0, 136, 12)
    header.write(`        ${link === undefined ? '0' : '2'}`, 148)
    if (link !== undefined) header.write(link, 157)
    header.write('ustar\x0000', 257)
    let sum = 0
    for (const byte of header) sum += byte
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    parts.push(header, content, Buffer.alloc((512 - (content.length % 512)) % 512))
  }
  parts.push(Buffer.alloc(1024))
  return Buffer.concat(parts)
}

/** `name[:tag][@digest]`, as docker's references are written; undefined when it is no image name. */
const reference = /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(:[\w][\w.-]{0,127})?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/

/** The name with `:latest` where it has neither tag nor digest. Throws with the original's words. */
export function withDefaultTag(image: string): string {
  const match = reference.exec(image)
  if (!match) {
    const name = image.replace(/@.*$/, '').replace(/:[^/]*$/, '')
    const remote = name.includes('/') ? name.slice(name.indexOf('/') + 1) : `library/${name}`
    throw new Error(`couldn't parse image name "${image}": invalid reference format${remote === remote.toLowerCase() ? '' : `: repository name (${remote}) must be lowercase`}`)
  }
  return match[1] || match[2] ? image : `${image}:latest`
}

/** `docker.io/library/busybox:1` for `busybox:1`: how containerd names what it keeps. */
export function canonicalImage(image: string): string {
  const named = withDefaultTag(image)
  const slash = named.indexOf('/')
  const host = slash < 0 ? '' : named.slice(0, slash)
  if (host !== '' && (host.includes('.') || host.includes(':') || host === 'localhost')) return named
  return slash < 0 ? `docker.io/library/${named}` : `docker.io/${named}`
}

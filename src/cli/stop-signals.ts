/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, for whoever cannot wait. */
export function stopSignal(say: (text: string) => void): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130)
        asked = true
        say(`\nstopping (${signal} again ends it at once)`)
        resolve(signal)
      })
    }
  })
}

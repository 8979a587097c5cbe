/** A module that is imported when it is first asked for: a promise that time, the module ever after. */
export function loaded<M>(load: () => Promise<M>): () => M | Promise<M> {
  let module: M | undefined
  let loading: Promise<M> | undefined
  return () => module ?? (loading ??= load().then((found) => (module = found)))
}

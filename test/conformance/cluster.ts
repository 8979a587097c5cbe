import { afterAll, beforeAll, expect } from 'vitest'
import { parse } from 'yaml'
import { namespaces, serviceaccounts } from '#api/index'
import { type Answer, ApiError, type Call, type Client, connectionOf, createClient, createHttpTransport, type Kubeconfig } from '#client/index'
import { startCluster, type TestCluster, type TestClusterOptions } from '#testing/index'

/** One cluster for the tests of a file, and the administrator's client over TLS: what is said on the wire is what counts here. */
export interface Served {
  readonly cluster: TestCluster
  readonly client: Client
  /** A client of its own connection, with a token in place of the administrator's certificate. */
  withToken(token: string): Promise<Client>
  /** Makes a namespace that no other test uses; pods can be made in it. */
  namespace(labels?: Record<string, string>): Promise<string>
  /** What a path answers: its body, as whatever the test knows it to be. */
  ask<A>(path: string, call?: Partial<Call>): Promise<A>
  answer(path: string, call?: Partial<Call>): Promise<Answer>
}

export function serve(options: TestClusterOptions = { nodes: 0 }): Served {
  let cluster: TestCluster
  let client: Client
  const others: AsyncDisposable[] = []
  let made = 0
  beforeAll(async () => {
    cluster = await startCluster(options)
    client = createClient(createHttpTransport(await connectionOf(parse(cluster.kubeconfig) as Kubeconfig)))
  })
  afterAll(async () => {
    for (const transport of others) await transport[Symbol.asyncDispose]()
    await client?.transport[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
  })
  const answer = (path: string, call: Partial<Call> = {}): Promise<Answer> => client.transport.request({ method: 'GET', path, ...call })
  return {
    get cluster() { return cluster },
    get client() { return client },
    async withToken(token) {
      const { ca, server } = await connectionOf(parse(cluster.kubeconfig) as Kubeconfig)
      const transport = createHttpTransport({ server, ...(ca ? { ca } : {}), token })
      others.push(transport)
      return createClient(transport)
    },
    async namespace(labels = {}) {
      const name = `twin-${++made}`
      await client.create(namespaces, { metadata: { name, labels } })
      await cluster.until(serviceaccounts, `${name}/default`, () => true)
      return name
    },
    ask: async <A>(path: string, call?: Partial<Call>) => (await answer(path, call)).body as A,
    answer,
  }
}

/** The refusal of what must not succeed. */
export async function refusal(attempt: Promise<unknown>): Promise<ApiError> {
  const error = await attempt.then(() => undefined, (why: unknown) => why)
  expect(error, 'was not refused').toBeInstanceOf(ApiError)
  return error as ApiError
}

/** Asks until the answer fits, or throws what was wrong with the last one: for what follows a write soon, but says nothing when it does. */
export async function eventually<A>(look: () => A | Promise<A>): Promise<A> {
  const end = performance.now() + 10_000
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

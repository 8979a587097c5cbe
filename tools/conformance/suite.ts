/** Which tests of the suite are to run. */
export interface Wish {
  /** Every conformance test. */
  readonly all: boolean
  /** Those of a class of the list that lies beside the checkout. */
  readonly class?: string
  /** A regular expression over names. */
  readonly filter?: string
  readonly tighten: boolean
}

const usage = 'npm run conformance -- [FILTER] [--all | --class NAME] [--tighten]'

export function readArguments(args: readonly string[]): Wish {
  const wish: { all: boolean; tighten: boolean; class?: string; filter?: string } = { all: false, tighten: false }
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!
    if (argument === '--all') wish.all = true
    else if (argument === '--tighten') wish.tighten = true
    else if (argument === '--class' && args[i + 1]) wish.class = args[++i]!
    else if (argument.startsWith('-') || wish.filter !== undefined) throw new Error(`${argument} is not understood: ${usage}`)
    else wish.filter = argument
  }
  if (wish.all && wish.class !== undefined) throw new Error(`--all and --class cannot be had together: ${usage}`)
  return wish
}

/** The names of a class, out of a table whose first line names its columns. */
export function namesOfClass(table: string, wanted: string): string[] {
  const [head = '', ...rows] = table.split('\n')
  const columns = head.split('\t')
  const [at, name] = [columns.indexOf('class'), columns.indexOf('test')]
  const names = rows.map((row) => row.split('\t')).flatMap((cells) => (cells[at] === wanted && cells[name] ? [cells[name]] : []))
  if (names.length === 0) throw new Error(`there is no test of class ${wanted}; there are: ${[...new Set(rows.map((row) => row.split('\t')[at]).filter(Boolean))].join(', ')}`)
  return names
}

/** The expression by which the suite finds these names and no others: one name may begin as another does. */
export const focusOn = (names: readonly string[]): string => names.map((name) => `${name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`).join('|')

/** What the suite is started with. It looks after no nodes of its own: those here are simulated. */
export const suiteArguments = ({ kubeconfig, focus, report }: { kubeconfig: string; focus: string; report: string }): string[] => [
  `--kubeconfig=${kubeconfig}`, '--provider=skeleton', `--ginkgo.focus=${focus}`, `--report-dir=${report}`, '--ginkgo.no-color', '--ginkgo.v', '--ginkgo.timeout=4h',
  '--disable-log-dump', '--allowed-not-ready-nodes=-1', '--node-os-distro=debian', '--ginkgo.poll-progress-after=600s',
]

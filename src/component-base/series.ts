/**
 * Metrics that are counted where every microsecond counts: whoever counts asks for a series once, keeps it, and adds to it. `Metrics.source`
 * writes them out when somebody looks.
 */
export interface CounterSeries {
  value: number
}

export class HistogramSeries {
  readonly bounds: readonly number[]
  /** Not added up; the last is what exceeds every bound. */
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number, times = 1): void {
    const { bounds, counts } = this
    let i = 0
    while (i < bounds.length && value > bounds[i]!) i++
    counts[i]! += times
    this.sum += value * times
  }
}

/** One metric with all its series. */
export interface Family<S> {
  /** The series of these values, in the order of the labels; made when it is first asked for. */
  of(...values: readonly string[]): S
  /** In the text form of Prometheus; nothing where there is no series. */
  text(): string
}

export const counterFamily = (name: string, help: string, labels: readonly string[] = []): Family<CounterSeries> =>
  family(name, help, 'counter', labels, () => ({ value: 0 }), ({ value }, shown) => `${name}${braces(shown)} ${value}\n`)

export const gaugeFamily = (name: string, help: string, labels: readonly string[] = []): Family<CounterSeries> =>
  family(name, help, 'gauge', labels, () => ({ value: 0 }), ({ value }, shown) => `${name}${braces(shown)} ${value}\n`)

export const histogramFamily = (name: string, help: string, bounds: readonly number[], labels: readonly string[] = []): Family<HistogramSeries> =>
  family(name, help, 'histogram', labels, () => new HistogramSeries(bounds), ({ counts, sum }, shown) => {
    let text = ''
    let total = 0
    const before = shown === '' ? '' : `${shown},`
    for (let i = 0; i < counts.length; i++) {
      total += counts[i]!
      text += `${name}_bucket{${before}le="${bounds[i] ?? '+Inf'}"} ${total}\n`
    }
    return `${text}${name}_sum${braces(shown)} ${sum}\n${name}_count${braces(shown)} ${total}\n`
  })

const braces = (shown: string): string => (shown === '' ? '' : `{${shown}}`)

function family<S>(name: string, help: string, type: string, labels: readonly string[], make: () => S, write: (series: S, shown: string) => string): Family<S> {
  const all = new Map<string, S>()
  return {
    of(...values) {
      const shown = labels.map((label, i) => `${label}="${escaped(values[i] ?? '')}"`).join(',')
      let series = all.get(shown)
      if (series === undefined) all.set(shown, (series = make()))
      return series
    },
    text() {
      if (all.size === 0) return ''
      let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
      for (const [shown, series] of all) text += write(series, shown)
      return text
    },
  }
}

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

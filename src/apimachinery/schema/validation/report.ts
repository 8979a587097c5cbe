import type { FieldError, FieldErrorType } from '../../field-errors'

/** What is wrong with a value, and whose the fault is: the path of the value that was judged (`spec.ports[0]`). */
export interface Problem extends FieldError {
  readonly owner: readonly (string | number)[]
}

/**
 * Where a validation stands and what it has found. Paths are kept as segments and made into text only when something is wrong.
 * `matches` counts checks as the original does: of alternatives that all fail, the one that got furthest is told.
 */
export class Report {
  problems: Problem[] = []
  matches = 0
  readonly path: (string | number)[] = []
  depth = 0

  enter(segment: string | number): void {
    this.path[this.depth++] = segment
  }
  leave(): void {
    this.depth--
  }

  /** Of the value that is judged, or of a field below it. */
  text(field?: string): string {
    let text = ''
    for (let i = 0; i < this.depth; i++) {
      const segment = this.path[i]!
      text += typeof segment === 'number' ? `[${segment}]` : text === '' ? segment : `.${segment}`
    }
    if (field === undefined) return text
    return text === '' ? field : `${text}.${field}`
  }

  add(type: FieldErrorType, message: string, field = this.text()): void {
    this.problems.push({ type, field: field === '' ? '<nil>' : field, message, owner: this.path.slice(0, this.depth) })
  }

  /** `Invalid value: 11: spec.i in body should be less than or equal to 10` */
  invalid(value: unknown, text: string): void {
    this.add('FieldValueInvalid', `Invalid value: ${shown(value)}: ${this.text()} in body ${text}`)
  }
  /** `Invalid value: "integer": spec.s in body must be of type string: "integer"` */
  wrongType(wanted: string, found: string): void {
    this.add('FieldValueTypeInvalid', `Invalid value: ${JSON.stringify(found)}: ${this.text()} in body must be of type ${wanted}: ${JSON.stringify(found)}`)
  }
  /** About the whole, without a field. */
  general(text: string): void {
    this.add('FieldValueInvalid', `Invalid value: "": ${text}`, '')
  }
}

export const shown = (value: unknown): string => (value === undefined ? '""' : JSON.stringify(value))

/** Why a field was refused: the causes of a Status, in Kubernetes' words. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid'

export interface FieldError {
  readonly type: FieldErrorType
  /** `spec.containers[0].name` */
  readonly field: string
  /** `Invalid value: "a b": must not contain spaces` */
  readonly message: string
}

/** Stands for a value that the message does not repeat: `Invalid value: may not both be set`. */
export const omitted: unique symbol = Symbol('omitted')

/**
 * Collects what is wrong with an object. A validation walks down with `at` and says what it finds; paths are linked
 * segments, made into text only when something is wrong, so that a valid object costs nothing.
 */
export class FieldErrors {
  readonly all: FieldError[]
  private readonly parent: FieldErrors | undefined
  private readonly segment: string | number | undefined
  private readonly bracketed: boolean

  constructor(parent?: FieldErrors, segment?: string | number, bracketed = false) {
    this.parent = parent
    this.segment = segment
    this.bracketed = bracketed
    this.all = parent ? parent.all : []
  }

  /** Down into fields by name and lists by index: `errors.at('spec', 'containers', 0)`. */
  at(...path: (string | number)[]): FieldErrors {
    let here: FieldErrors = this
    for (const segment of path) here = new FieldErrors(here, segment, typeof segment === 'number')
    return here
  }

  /** Down into a map by key: `errors.at('metadata', 'labels').key('app')` reads `metadata.labels[app]`. */
  key(key: string): FieldErrors {
    return new FieldErrors(this, key, true)
  }

  get path(): string {
    const before = this.parent?.path ?? ''
    if (this.segment === undefined) return before
    if (this.bracketed) return `${before}[${this.segment}]`
    return before === '' ? String(this.segment) : `${before}.${this.segment}`
  }

  get any(): boolean {
    return this.all.length > 0
  }

  required(detail = ''): void {
    this.add('FieldValueRequired', 'Required value', detail)
  }
  invalid(value: unknown, detail: string): void {
    this.add('FieldValueInvalid', value === omitted ? 'Invalid value' : `Invalid value: ${show(value)}`, detail)
  }
  notSupported(value: unknown, supported: readonly string[]): void {
    const known = supported.length > 0 ? `supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}` : ''
    this.add('FieldValueNotSupported', `Unsupported value: ${show(value)}`, known)
  }
  forbidden(detail: string): void {
    this.add('FieldValueForbidden', 'Forbidden', detail)
  }
  duplicate(value: unknown, detail = ''): void {
    this.add('FieldValueDuplicate', `Duplicate value: ${show(value)}`, detail)
  }
  notFound(value: unknown, detail = ''): void {
    this.add('FieldValueNotFound', `Not found: ${show(value)}`, detail)
  }
  tooLong(maxLength: number): void {
    this.add('FieldValueTooLong', 'Too long', `may not be more than ${maxLength} bytes`)
  }
  tooMany(actual: number, maxItems: number): void {
    this.add('FieldValueTooMany', `Too many: ${actual}`, `must have at most ${maxItems} items`)
  }
  typeInvalid(value: unknown, detail: string): void {
    this.add('FieldValueTypeInvalid', `Invalid value: ${show(value)}`, detail)
  }
  internal(detail: string): void {
    this.add('InternalError', 'Internal error', detail)
  }

  private add(type: FieldErrorType, head: string, detail: string): void {
    this.all.push({ type, field: this.path, message: detail === '' ? head : `${head}: ${detail}` })
  }
}

/** Strings are quoted as Go's %q does; objects as the JSON that the original prints. */
function show(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  return JSON.stringify(value)
}

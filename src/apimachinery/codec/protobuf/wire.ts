import { booleanKind, doubleKind, int32Kind, int64Kind } from '../../schema/plan'
import { bytesWire, fixed64Wire, varintWire } from './reader'

/** How values of this kind are laid out. */
export const wireOf = (kind: number): number =>
  kind === booleanKind || kind === int32Kind || kind === int64Kind ? varintWire : kind === doubleKind ? fixed64Wire : bytesWire

import type { KubeObject } from '#apimachinery/object'
import { clone, sameData } from '#base/clone'
import type { AdmissionRequest } from '../plugin'

/** A plugin's turn in one round of mutating admission. */
export interface Turn {
  readonly round: number
  /** In the second round only those are asked that want to be asked again, and only because something changed after them. */
  mayAsk(uid: string): boolean
  /** Whom to ask again when the object changes from now on. */
  asked(uid: string): void
  /** The object was changed: whoever was asked before is asked again. */
  changed(): void
  end(): void
}

interface State {
  before: Set<string>
  again: Set<string>
  last: KubeObject | undefined
}

/** Who is asked again about which request. One for each plugin that asks others. */
export function createReinvocation(): { begin(request: AdmissionRequest): Turn } {
  const states = new WeakMap<AdmissionRequest, State>()
  return {
    begin(request) {
      let state = states.get(request)
      if (!state) states.set(request, (state = { before: new Set(), again: new Set(), last: undefined }))
      const mine = state
      const requireAgain = (): void => {
        for (const uid of mine.before) mine.again.add(uid)
        mine.before = new Set()
      }
      // Changed by other plugins meanwhile.
      if (request.round > 0 && mine.last && !sameData(mine.last, request.object)) requireAgain()
      return {
        round: request.round,
        mayAsk: (uid) => request.round === 0 || mine.again.has(uid),
        asked: (uid) => void mine.before.add(uid),
        changed() {
          requireAgain()
          request.again = true
        },
        end() {
          // Only who is asked again will want to know.
          if (request.round === 0 && request.object && mine.before.size > 0) mine.last = clone(request.object)
        },
      }
    },
  }
}

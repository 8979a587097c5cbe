import type { AdmissionPlugin } from './plugin'
import { refuse } from './refuse'

/** Lets everything pass, as every write does that nobody refuses. */
export const alwaysAdmit = (): AdmissionPlugin => ({ name: 'AlwaysAdmit', handles: () => false })

/** Refuses everything: for tests of what happens then. */
export const alwaysDeny = (): AdmissionPlugin => ({
  name: 'AlwaysDeny',
  handles: () => true,
  admit: (request) => {
    throw refuse(request, 'admission control is denying all modifications')
  },
  validate: (request) => {
    throw refuse(request, 'admission control is denying all modifications')
  },
})

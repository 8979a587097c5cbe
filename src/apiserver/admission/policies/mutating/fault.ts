/** Why a mutation comes to nothing. The failure policy says what becomes of the request. */
export class MutationFault extends Error {}

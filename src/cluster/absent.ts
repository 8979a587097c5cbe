/** For `catch`: what is not there holds nothing. */
export function absentIsNone(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT' || error.code === 'ESRCH' || error.code === 'ENOTDIR') return []
  throw error
}

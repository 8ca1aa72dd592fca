/** A row's fingerprint: 8 bytes of key hash, 8 of content hash. A content of 0, 0 is a tombstone. */
export interface Fingerprint {
  readonly key0: number
  readonly key1: number
  readonly content0: number
  readonly content1: number
}

/** The fingerprints of a chunk, four words each, ascending by `key0` as an unsigned number. */
export type Sidecar = Int32Array

export function isTombstone(print: Fingerprint): boolean {
  return print.content0 === 0 && print.content1 === 0
}

/** Where the fingerprint of a key begins, or -1. Hashes are uniform, so the first guess is close. */
export function findPrint(sidecar: Sidecar, key0: number, key1: number): number {
  const rows = sidecar.length / 4
  const wanted = key0 >>> 0
  const at0 = (row: number) => (sidecar[4 * row] as number) >>> 0
  let at = Math.min(rows - 1, Math.floor((wanted / 2 ** 32) * rows))
  while (at > 0 && at0(at - 1) >= wanted) at--
  while (at < rows && at0(at) < wanted) at++
  for (; at < rows && at0(at) === wanted; at++) if (sidecar[4 * at + 1] === key1) return 4 * at
  return -1
}

export function decodeSidecar(text: string): Sidecar {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return new Int32Array(bytes.buffer)
}

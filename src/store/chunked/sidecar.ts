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

export function toSidecar(prints: readonly Fingerprint[]): Sidecar {
  // One number to sort by, the hash above and the index below: the native sort of numbers is by far the fastest.
  const order = Float64Array.from(prints, (print, index) => (print.key0 >>> 0) * 2 ** 21 + index).sort()
  const sidecar = new Int32Array(prints.length * 4)
  for (let i = 0; i < order.length; i++) {
    const print = prints[(order[i] as number) % 2 ** 21] as Fingerprint
    sidecar[4 * i] = print.key0
    sidecar[4 * i + 1] = print.key1
    sidecar[4 * i + 2] = print.content0
    sidecar[4 * i + 3] = print.content1
  }
  return sidecar
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

export function encodeSidecar(sidecar: Sidecar): string {
  const bytes = new Uint8Array(sidecar.buffer)
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) {
    // An array-like as it is: spreading it would make 8192 numbers first.
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(i, i + 8192))
  }
  return btoa(text)
}

export function decodeSidecar(text: string): Sidecar {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return new Int32Array(bytes.buffer)
}

/** A row's fingerprint: 8 bytes of key hash, 8 of content hash. A content of 0, 0 is a tombstone. */
export interface Fingerprint {
  readonly key0: number
  readonly key1: number
  readonly content0: number
  readonly content1: number
}

/** The fingerprints of a chunk, four words each, ascending by `key0` as an unsigned number. */
export interface Sidecar {
  readonly words: Int32Array
  /** Which fingerprint is the first whose `key0`, shifted so far to the right, is the index or more. */
  readonly starts: Uint16Array | Uint32Array
  readonly shift: number
}

export function isTombstone(print: Fingerprint): boolean {
  return print.content0 === 0 && print.content1 === 0
}

/** Makes fingerprints findable: one place to look for every one or two of them. */
export function toSidecar(words: Int32Array): Sidecar {
  const rows = words.length / 4
  const shift = Math.clz32(rows | 2) + 1
  const starts = new (rows < 2 ** 16 ? Uint16Array : Uint32Array)(2 ** (32 - shift) + 1).fill(rows)
  for (let row = rows - 1; row >= 0; row--) starts[(words[4 * row] as number) >>> shift] = row
  for (let at = starts.length - 2; at >= 0; at--) starts[at] = Math.min(starts[at] as number, starts[at + 1] as number)
  return { words, starts, shift }
}

/** Where the words of a key's fingerprint begin, or -1. */
export function findPrint({ words, starts, shift }: Sidecar, key0: number, key1: number): number {
  const bucket = key0 >>> shift
  const end = 4 * (starts[bucket + 1] as number)
  for (let at = 4 * (starts[bucket] as number); at < end; at += 4) {
    if (words[at] === key0 && words[at + 1] === key1) return at
  }
  return -1
}

/** What a cache has to count. */
export function bytesOf({ words, starts }: Sidecar): number {
  return words.byteLength + starts.byteLength
}

export function decodeSidecar(text: string): Sidecar {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return toSidecar(new Int32Array(bytes.buffer))
}

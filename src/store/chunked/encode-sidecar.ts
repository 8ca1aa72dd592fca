import { type Fingerprint, type Sidecar, toSidecar } from './sidecar.ts'

export function orderPrints(prints: readonly Fingerprint[]): Sidecar {
  // One number to sort by, the hash above and the index below: the native sort of numbers is by far the fastest.
  const order = new Float64Array(prints.length)
  for (let i = 0; i < order.length; i++) order[i] = ((prints[i] as Fingerprint).key0 >>> 0) * 2 ** 21 + i
  order.sort()
  const words = new Int32Array(prints.length * 4)
  for (let i = 0; i < order.length; i++) {
    const print = prints[(order[i] as number) % 2 ** 21] as Fingerprint
    words[4 * i] = print.key0
    words[4 * i + 1] = print.key1
    words[4 * i + 2] = print.content0
    words[4 * i + 3] = print.content1
  }
  return toSidecar(words)
}

export function encodeSidecar({ words }: Sidecar): string {
  const bytes = new Uint8Array(words.buffer)
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) {
    // An array-like as it is: spreading it would make 8192 numbers first.
    text += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(i, i + 8192))
  }
  return btoa(text)
}

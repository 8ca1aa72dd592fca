/**
 * 64 bits of a text as 16 hex digits. Not cryptographic: it recognises what was seen before (requests, pages, configs),
 * where a collision costs a false alarm, not data. Two multiplicative lanes with a final mix, as in MurmurHash3.
 */
export function hash64(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return hex(b) + hex(a)
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0')
}

/** A readable beginning, and a hash that tells names apart: no dataset's name becomes a key or a path as it is. */
export async function safeName(dataset: string): Promise<string> {
  // UTF-16, since UTF-8 has one and the same bytes for all lone surrogates.
  const units = Uint16Array.from({ length: dataset.length }, (_, i) => dataset.charCodeAt(i))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', units))
  return `${dataset.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40)}-${hex(hash.subarray(0, 8))}`
}

/** Names what nobody else may have named. Not made of `ports.random`: two writers may have the same seed. */
export function uniqueId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(8)))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

import type { Dataset, Store } from '../../src/store/index.ts'

/** The same store, which also tells what was written to it since it was last asked. */
export function metered(store: Store): { store: Store; takeBytesWritten(): number } {
  const opened: Dataset[] = []
  let taken = 0
  return {
    store: {
      async open(name) {
        const dataset = await store.open(name)
        opened.push(dataset)
        return dataset
      },
      drop: (name) => store.drop(name),
    },
    takeBytesWritten() {
      const total = opened.reduce((sum, dataset) => sum + dataset.usage().bytesWritten, 0)
      const since = total - taken
      taken = total
      return since
    },
  }
}

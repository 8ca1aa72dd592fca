/** Runs in workerd, which is asked for one theme after the other. */
import type { Store } from 'syncline'
import { cloudflareKvStore, type KvNamespace } from 'syncline/adapters/cloudflare-kv'
import { cloudflareR2Store, type R2BucketBinding, r2Heads } from 'syncline/adapters/cloudflare-r2'
import { memoryStore } from 'syncline/adapters/memory'
import type { Outcome, Platform } from '../suite/suite.ts'
import { runTask } from './run-task.ts'
import type { Task } from './task.ts'

interface Env {
  readonly DATA: KvNamespace
  readonly BUCKET: R2BucketBinding
}

// biome-ignore lint/style/noDefaultExport: this is how workerd finds the handler
export default {
  async fetch(request: Request, { DATA, BUCKET }: Env): Promise<Response> {
    const { task, theme } = (await request.json()) as { task: Task; theme: string }
    // There is one namespace for all: a place is a part of the names of datasets.
    const platform: Platform = {
      usual: 'R2',
      mock: async () => () => {}, // The host does it.
      stores: {
        memory: (_, ports) => memoryStore({ ...(ports && { ports }) }),
        'KV, one writer': (place, ports) =>
          below(place, cloudflareKvStore(DATA, { singleWriter: true, ...(ports && { ports }) })),
        'KV, head in R2': (place, ports) =>
          below(place, cloudflareKvStore(DATA, { head: r2Heads(BUCKET), ...(ports && { ports }) })),
        R2: (place, ports) => below(place, cloudflareR2Store(BUCKET, { ...(ports && { ports }) })),
      },
    }
    const outcomes = await runTask(task, platform, theme).catch((error): Outcome[] => [
      { theme, name: 'it runs', failed: String(error?.stack ?? error) },
    ])
    return Response.json(outcomes)
  },
}

function below(place: string, store: Store): Store {
  return { open: (dataset) => store.open(`${place}/${dataset}`), drop: (dataset) => store.drop(`${place}/${dataset}`) }
}

import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { clearInterval, setInterval } from 'node:timers'

/** Where the platform says nothing of changes, as on network shares, they are seen after so long. */
const POLL_MS = 1000

/**
 * Calls `look` when the heads in a folder may have changed: at first, when the platform says so, and when the folder's
 * time, looked at every second, is another. The folder may be made, and made anew, later on. Keeps no process alive.
 */
export function watchFolder(folder: string, look: () => void, pollMs = POLL_MS): () => void {
  let watcher: FSWatcher | undefined
  let known: { inode: number; changedAt: number } | undefined
  let ended = false

  const unwatch = () => {
    watcher?.close()
    watcher = undefined
  }
  const poll = async () => {
    const found = await stat(folder).then(
      ({ ino, mtimeMs }) => ({ inode: ino, changedAt: mtimeMs }),
      () => undefined,
    )
    if (ended || (found?.inode === known?.inode && found?.changedAt === known?.changedAt)) return
    if (found?.inode !== known?.inode) unwatch()
    known = found
    watcher ??= watchHeads(folder, look)?.on('error', unwatch)
    look()
  }

  const timer = setInterval(poll, pollMs).unref()
  void poll()
  return () => {
    ended = true
    clearInterval(timer)
    unwatch()
  }
}

/** `undefined` where the folder is not there, or the platform cannot. */
function watchHeads(folder: string, look: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, (_, name) => {
      if (name === null || name.startsWith('head.')) look()
    })
  } catch {
    return undefined
  }
}

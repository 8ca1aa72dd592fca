import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle, inFolder, start } from './children/child.ts'

/** A mount that is seen by one command and gone with it. Where that is not allowed, `filesystem-faults.test.ts` has to do. */
const own = ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$1"', 'sh']
const mounts = spawnSync('unshare', [...own.slice(0, 3), 'mount -t tmpfs tmpfs /mnt']).status === 0
if (!mounts) process.stdout.write('small disk: not tried, since nothing can be mounted here\n')

test.runIf(mounts)(
  'a real disk of a megabyte that gets full, has room again, and becomes read-only',
  async () => {
    await inFolder(async (dir) => {
      const disk = join(dir, 'disk')
      await mkdir(disk)
      const script = await bundle('small-disk', dir)
      const { done } = start('unshare', [...own, disk, process.execPath, script])
      const said = JSON.parse(await done)
      const n = said.filled[0]
      expect(n).toBeGreaterThan(5)
      expect(said).toEqual({
        filled: [n, 'store_full'],
        full: [n, [0, 'store_full'], expect.stringMatching(/^(held|store_full)$/), said.full[2], n],
        room: [[4, 'none'], 'held', n + 4],
        readOnly: [[0, 'store_unavailable'], 'store_unavailable', n + 4],
        again: [[1, 'none'], 'held', n + 5],
        left: [],
      })
      process.stdout.write(
        `small disk: full after ${n} commits, read-only after ${n + 4}: 0 commits lost, ${n + 5} in the end\n`,
      )
    })
  },
  120_000,
)

import { runSeed } from './seeds'
import type { Result, Task } from './workers'

/** Runs one story after the other, as it is told. */
process.on('message', (task: Task) => {
  void runSeed(task.seed, task.without).then(({ trace: _, ...outcome }) => {
    const result: Result = { ...task, ...outcome }
    process.send?.(result)
  })
})

import { run } from './support/command'
import { root } from './support/small-repository'

/** A process that a shell runs, as npm's does, and that takes over a second to stop. */
async function running(script: string) {
  const command = `"${process.execPath}" -r ./scripts/end-with-parent.cjs -e "$SCRIPT"; true`
  const started = run(root, ['sh', '-c', command], { SCRIPT: `setTimeout(() => {}, 15_000); ${script}` })
  await started.says('running')
  return started
}

const stopping = `
  for (const signal of ['SIGHUP', 'SIGTERM']) {
    process.on(signal, () => {
      console.log(signal)
      setTimeout(() => process.exit(), 1_200)
    })
  }
  console.log('running')`

describe('A process that ends with its parent', () => {
  it.each(['SIGHUP', 'SIGTERM'] as const)(
    'gets %s once if its parent gets it too, and is not cut short',
    async (signal) => {
      const started = await running(stopping)
      process.kill(-started.pid, signal)
      await started.code
      expect(started.output()).toBe(`running\n${signal}\n`)
    },
  )

  it('gets SIGTERM once if its parent alone is gone', async () => {
    const started = await running(stopping)
    process.kill(started.pid, 'SIGKILL')
    await started.code
    expect(started.output()).toBe('running\nSIGTERM\n')
  })

  it('ends at a signal that it does not handle', async () => {
    const started = await running(
      `console.log('running'); process.on('exit', () => console.log('not ended by a signal'))`,
    )
    process.kill(-started.pid, 'SIGTERM')
    await started.code
    expect(started.output()).toBe('running\n')
  })
})

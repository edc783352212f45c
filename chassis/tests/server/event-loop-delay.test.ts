import { EventLoopDelay } from '@tandem/chassis/server/event-loop-delay'
import { afterThisTest, eventually } from '../../testing/temporary'

function busyFor(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

test('the event-loop delay is 0 at first, and shows by how much timers were late', async () => {
  const delay = new EventLoopDelay()
  expect(delay.p99Ms).toBe(0)
  delay.start()
  afterThisTest(() => delay.stop())
  await eventually(() => {
    busyFor(100)
    return delay.p99Ms >= 50
  })
})

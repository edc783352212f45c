import { table } from '../../faults/table'

test('a fault without bad outcomes is shown with the statistical bound that follows', () => {
  const checks = [
    { message: '0 stuck', holds: true, noneOf: 600 },
    { message: 'p99 12 ms, below 250', holds: true },
  ]
  const shown = table([{ name: 'kill', done: '10 kills', figures: ['3 retries', '1 s'], checks, passed: true }])
  expect(shown.split('\n').at(-1)).toBe(
    '| kill | 10 kills | 3 retries; 1 s | 0 stuck (0 of 600: at most 0.50 % at 95 %); p99 12 ms, below 250 | pass |',
  )
})

test('a failed fault shows what did not hold, and no bound', () => {
  const checks = [{ message: '2 stuck', holds: false, noneOf: 600 }]
  const shown = table([{ name: 'kill', done: 'a | b', figures: [], checks, passed: false }])
  expect(shown.split('\n').at(-1)).toBe(String.raw`| kill | a \| b |  | NOT 2 stuck | FAIL |`)
})

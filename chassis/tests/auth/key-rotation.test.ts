import { publishedKeysAt, signingKeyAt } from '@tandem/chassis/auth/key-rotation'

const minutes = 60_000
const [first, second, third] = [{ madeAt: 0 }, { madeAt: 100 * minutes }, { madeAt: 105 * minutes }]
const at = (madeAt: number) => madeAt / minutes

test.each<[keys: [{ madeAt: number }, ...{ madeAt: number }[]], minute: number, signing: number, published: number[]]>([
  [[first], 0, 0, [0]],
  [[first], -60, 0, [0]], // the clock went back
  [[first, second], 100, 0, [0, 100]],
  [[first, second], 114.9, 0, [0, 100]],
  [[first, second], 115, 100, [0, 100]],
  [[first, second], 134.9, 100, [0, 100]],
  [[first, second], 135, 100, [100]],
  [[first, second, third], 119, 100, [0, 100, 105]],
  [[first, second, third], 120, 105, [0, 100, 105]],
  [[first, second, third], 136, 105, [100, 105]],
  [[first, second, third], 140, 105, [105]],
])(
  'of the keys %j at minute %d, that of minute %d signs, and those of %j are published',
  (keys, minute, ...expected) => {
    const now = minute * minutes
    expect([at(signingKeyAt(keys, now).madeAt), publishedKeysAt(keys, now).map(({ madeAt }) => at(madeAt))]).toEqual(
      expected,
    )
  },
)

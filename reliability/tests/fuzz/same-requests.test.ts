import fc from 'fast-check'
import { drawsOf } from '../../fuzz/values'

function drawn(seed: number, number: number): unknown[] {
  const draw = drawsOf(seed, number)
  return [draw(fc.nat), draw(fc.string), draw(fc.uuid)]
}

test('the draws of a request are the same for the same seed and number, and others for another number', () => {
  expect(drawn(7, 3)).toEqual(drawn(7, 3))
  expect(drawn(7, 3)).not.toEqual(drawn(7, 4))
  expect(drawn(7, 3)).not.toEqual(drawn(8, 3))
})

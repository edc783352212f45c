import { readOptions } from '../../bench/options'

test('a whole run has three rounds of 5 seconds and stores up to a million orders', () => {
  expect(readOptions({})).toMatchObject({ rounds: 3, seconds: 5, growth: [1_000, 100_000, 1_000_000], isJson: false })
})

test('what is given outranks --short', () => {
  const options = readOptions({ short: true, rounds: '2', growth: 'none', json: true, picture: 'a.svg' })
  expect(options).toMatchObject({ rounds: 2, seconds: 0.3, growth: [], starts: 1, isJson: true, picture: 'a.svg' })
})

test('--growth is a list of counts', () => {
  expect(readOptions({ growth: '10,200' }).growth).toEqual([10, 200])
})

test.each([
  [{ rounds: '0' }, '--rounds must be an integer from 1 to 99'],
  [{ rounds: '1e1' }, '--rounds must be an integer from 1 to 99'],
  [{ seconds: '601' }, '--seconds must be an integer from 1 to 600'],
  [{ seconds: '' }, '--seconds must be an integer from 1 to 600'],
  [{ growth: '1000,' }, '--growth must be none, or integers from 1 to 10000000'],
  [{ growth: '10000001' }, '--growth must be none, or integers from 1 to 10000000'],
  [{ picture: 'a.png' }, '--picture must name a file that ends in .svg'],
])('refuses %j', (given, message) => {
  expect(() => readOptions(given)).toThrow(message)
})

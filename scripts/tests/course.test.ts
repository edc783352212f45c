import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../..')
const patches = join(root, 'docs/course/patches')
const expected = JSON.parse(readFileSync(join(patches, 'expected.json'), 'utf8')) as Record<
  string,
  { patch: string; tests: Record<string, string[]> }
>
const ofSteps = Object.entries(expected)

test('the course has six steps and three mysteries, and promises something of each patch', () => {
  expect(Object.keys(expected)).toEqual(['1', '2', '3', '4', '5', '6', 'a', 'b', 'c'])
  const promised = ofSteps.map(([, { patch }]) => patch)
  expect(promised).toEqual(readdirSync(patches).filter((file) => file.endsWith('.patch')))
})

test.each(ofSteps)('the patch of step %s applies to the repository as it is', (_step, { patch }) => {
  expect(() =>
    execFileSync('git', ['apply', '--check', join(patches, patch)], { cwd: root, stdio: 'pipe' }),
  ).not.toThrow()
})

test.each(ofSteps)('the tests that step %s turns red exist', (_step, { tests }) => {
  for (const [file, names] of Object.entries(tests)) {
    expect({ file, exists: existsSync(join(root, file)) }).toEqual({ file, exists: true })
    expect(names).not.toEqual([])
  }
})
